"""`agentdesk --help`, beside the interpreter that imports typer and does nothing."""

import subprocess
import sys
import time

ROUNDS = 9
HELP = [sys.executable, "-m", "agentdesk", "--help"]
TYPER = [sys.executable, "-c", "import typer"]


def _seconds(command: list[str]) -> float:
    """The best of some rounds: other work on this machine must not decide."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True, timeout=60)
        best = min(best, time.perf_counter() - started)
    return best


async def run() -> None:
    """Print both and their ratio."""
    typer, ours = _seconds(TYPER), _seconds(HELP)
    print(f"import typer       {typer:.3f} s")
    print(f"agentdesk --help   {ours:.3f} s   {ours / typer:.2f} x")

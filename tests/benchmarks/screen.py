"""The screen: first paint and key-to-paint on a pty, beside a minimal Textual app."""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.terminal.terminal import DESK, Terminal, opened

ROUNDS, KEYS, CALM_S = 5, 40, 0.03
HERE = "tests.benchmarks"
PROGRAMS: dict[str, tuple[Sequence[str], str]] = {
    "minimal Textual app": ((sys.executable, "-m", f"{HERE}.minimal_app"), "Line 19"),
    "virtual list, 100,000 rows": ((sys.executable, "-m", f"{HERE}.list_app"), "Order 30 "),
    "the desk (agentdesk demo)": ((*DESK, "demo"), "ONGOING 2"),
}


async def _measured(command: Sequence[str], ready: str) -> tuple[float, float]:
    """Seconds to the first words on the screen, and from a key to the paint that it causes."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        async with opened(command, home=Path(folder)) as terminal:
            await terminal.wait_until(lambda: terminal.text.strip())
            painted = time.perf_counter() - started
            await terminal.wait_for(ready)
            terminal.press("i")
            await _calm(terminal)
            latencies = [
                await _latency(terminal, "down" if n % 8 < 4 else "up") for n in range(KEYS)
            ]
    return painted, statistics.median(latencies)


async def _latency(terminal: Terminal, key: str) -> float:
    seen = len(terminal.written)
    pressed = time.perf_counter()
    terminal.press(key)
    await terminal.wait_until(lambda: len(terminal.written) > seen)
    seconds = time.perf_counter() - pressed
    await _calm(terminal)
    return seconds


async def _calm(terminal: Terminal) -> None:
    """Until nothing was written for a moment."""
    seen = -1
    while seen != len(terminal.written):
        seen = len(terminal.written)
        await asyncio.sleep(CALM_S)


async def run() -> None:
    """Print medians and their ratios to the minimal app, measured in turns."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, (command, ready) in PROGRAMS.items():
            found[name].append(await _measured(command, ready))
    reference = [statistics.median(x) for x in zip(*found["minimal Textual app"], strict=True)]
    print(f"screen, 140x40 pty, medians of {ROUNDS} rounds")
    print(f"  {'':28}{'first paint':>14}{'ratio':>7}{'key to paint':>15}{'ratio':>7}")
    for name, rounds in found.items():
        paint, key = (statistics.median(x) for x in zip(*rounds, strict=True))
        print(
            f"  {name:28}{paint * 1000:11.0f} ms{paint / reference[0]:7.2f}"
            f"{key * 1000:12.1f} ms{key / reference[1]:7.2f}"
        )

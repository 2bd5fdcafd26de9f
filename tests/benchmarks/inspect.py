"""`agentdesk inspect --json` on a folder beside the standard library reading the same files."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.letters import letters

COUNT = 2_000
ROUNDS = 3
INSPECT = [sys.executable, "-m", "agentdesk", "inspect", "--json"]
REFERENCE = """
import email, email.policy, json, pathlib, sys
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = mail.get_body(("plain", "html"))
    files = [[f.get_filename(), len(f.get_content())] for f in mail.iter_attachments()]
    heads = [str(mail[name]) for name in ("subject", "from", "to", "date", "message-id")]
    print(json.dumps([*heads, body.get_content(), files]))
"""


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - started
    assert done.stdout.count(b"\n") == COUNT
    return seconds


async def run() -> None:
    """Print mails/s of both, the best of three rounds, and the time of a single file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n, raw in enumerate(letters(COUNT, "support@northwind.example")):
            (folder / f"{n:05}.eml").write_bytes(raw)
        commands = {
            "inspect": [*INSPECT, name],
            "reference": [sys.executable, "-c", REFERENCE, name],
        }
        best = dict.fromkeys(commands, float("inf"))
        for _ in range(ROUNDS):
            for key, command in commands.items():
                best[key] = min(best[key], _seconds(command))
        one = [*INSPECT, str(folder / "00000.eml")]
        started = time.perf_counter()
        subprocess.run(one, stdout=subprocess.PIPE, check=True)
        single = time.perf_counter() - started
    ours, theirs = (COUNT / best[key] for key in ("inspect", "reference"))
    print(
        f"inspect {COUNT} mails of 10 KB: {ours:,.0f} mails/s; standard library, parsing "
        f"only: {theirs:,.0f} mails/s; {ours / theirs:.2f}x. "
        f"One file: {single:.2f} s"
    )

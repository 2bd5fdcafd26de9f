"""Mail in: `agentdesk engine` filing a whole mailbox of Dovecot, beside mbsync storing the same one.

Both fetch, both are durable at the end (mbsync with FSync, we with SQLite in synchronous=FULL); we
also parse, link, open an interaction and a work item, and index for search. A start of each program
is included.
"""

import asyncio
import os
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.letters import letters
from tests.mail.dovecot_world import Dovecot, DovecotWorld, unusable
from tests.mail.imap_world import PASSWORD
from tests.terminal.terminal import DESK

COUNT = int(os.environ.get("AGENTDESK_BENCH_MAILS", "10000"))
ROUNDS = 3
PATIENCE_S = 600.0
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")

SETTINGS = """
[database]
url = "sqlite:///desk.db"

[[mail_accounts]]
key = "support"
name = "Support"
address = "{user}"
keyring = false

[mail_accounts.imap]
host = "127.0.0.1"
security = "plain"
port = {port}

[mail_accounts.smtp]
host = "127.0.0.1"
security = "plain"
port = 9
"""

MBSYNC = """
FSync yes

IMAPAccount desk
Host 127.0.0.1
Port {port}
User {user}
Pass "{password}"
SSLType None
AuthMechs LOGIN

IMAPStore far
Account desk

MaildirStore near
Path {folder}/mail/
Inbox {folder}/mail/INBOX
SubFolders Verbatim

Channel desk
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
SyncState {folder}/
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One ingest of ours. CPU in seconds: of the engine, and of the process that reads mail."""

    seconds: float
    peak_mib: float
    engine_cpu_s: float
    reader_cpu_s: float


def whole(world: DovecotWorld, folder: Path) -> Run:
    """From the start of the engine until every mail is filed, queued for routing and searchable."""
    settings = folder / "settings.toml"
    settings.write_text(SETTINGS.format(user=world.server.username, port=world.server.port))
    env = {**os.environ, "AGENTDESK_PASSWORD_SUPPORT": PASSWORD, "HOME": str(folder)}
    started = time.perf_counter()
    command = (*DESK, "engine", "--settings", str(settings))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder, env=env) as engine:
        try:
            _wait_until_filed(folder / "desk.db", engine)
            seconds = time.perf_counter() - started
            readers = _children(engine.pid)
            peak = sum(_peak_mib(pid) for pid in (engine.pid, *readers))
            return Run(seconds, peak, _cpu_s(engine.pid), sum(map(_cpu_s, readers)))
        finally:
            engine.terminate()


def _wait_until_filed(path: Path, engine: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_S
    while _filed(path) < COUNT:
        if engine.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the engine filed {_filed(path)} of {COUNT} mails")
        time.sleep(0.05)


def _filed(path: Path) -> int:
    if not path.exists():
        return 0
    query = (
        "SELECT (SELECT count(*) FROM work_items), (SELECT count(*) FROM message_search_docsize)"
    )
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        try:
            return int(min(db.execute(query).fetchone()))
        except sqlite3.OperationalError:
            return 0


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


def _peak_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def mbsync(world: DovecotWorld, folder: Path) -> float:
    """Seconds of one mbsync of the same mailbox into a Maildir."""
    (folder / "mail").mkdir()
    password = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    server = world.server
    config = MBSYNC.format(port=server.port, user=server.username, password=password, folder=folder)
    (folder / "mbsyncrc").write_text(config)
    started = time.perf_counter()
    command = ["mbsync", "-q", "-c", str(folder / "mbsyncrc"), "desk"]
    subprocess.run(command, check=True, env={**os.environ, "HOME": str(folder)})
    seconds = time.perf_counter() - started
    stored = sum(1 for part in ("new", "cur") for _ in (folder / "mail/INBOX" / part).iterdir())
    assert stored == COUNT, stored
    return seconds


async def run() -> None:
    """Print mails a second of both, and their ratio, the median of three rounds."""
    if unusable() or shutil.which("mbsync") is None:
        print(f"ingest: skipped, {unusable() or 'mbsync is not installed (Debian: isync)'}")
        return
    with tempfile.TemporaryDirectory() as base:
        dovecot = Dovecot(Path(base))
        try:
            dovecot.wait_until_it_listens()
            world = dovecot.world()
            sent = letters(COUNT, world.server.username)
            for raw in sent:
                await world.deliver(raw)
            rounds = [_round(world) for _ in range(ROUNDS)]
        finally:
            dovecot.stop()
    _print(rounds, sum(map(len, sent)) / COUNT / 1024)


def _round(world: DovecotWorld) -> tuple[float, Run]:
    with tempfile.TemporaryDirectory() as near, tempfile.TemporaryDirectory() as ours:
        return mbsync(world, Path(near)), whole(world, Path(ours))


def _print(rounds: list[tuple[float, Run]], kilobytes: float) -> None:
    theirs = statistics.median(seconds for seconds, _ in rounds)
    ours = statistics.median(r.seconds for _, r in rounds)
    middle = sorted((r for _, r in rounds), key=lambda r: r.seconds)[ROUNDS // 2]
    ratio = statistics.median(seconds / r.seconds for seconds, r in rounds)
    print(f"ingest, {COUNT} mails of {kilobytes:.1f} KB from Dovecot, both durable")
    print(f"  mbsync, FSync yes, to Maildir          {COUNT / theirs:8,.0f} mails/s")
    print(f"  agentdesk engine, filed and searchable {COUNT / ours:8,.0f} mails/s")
    print(f"  ratio to mbsync                        {ratio:8.2f}")
    print(f"  peak memory, both processes            {middle.peak_mib:8.0f} MiB")
    cpu = f"{middle.engine_cpu_s:.1f} s engine, {middle.reader_cpu_s:.1f} s reading"
    print(f"  processor time                         {cpu} in {middle.seconds:.1f} s")


if __name__ == "__main__":
    asyncio.run(run())

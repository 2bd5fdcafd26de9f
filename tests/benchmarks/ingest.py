"""Mail in: the whole durable way beside the floor of raw fetch, parse and one transaction."""

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.views import Health
from agentdesk.engine.lines import Line
from agentdesk.engine.receive import receive
from agentdesk.engine.supervisor import Pulse
from agentdesk.mail.account import ImapServer, SmtpServer
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.mime import understand
from agentdesk.mail.smtp import SmtpAccount
from tests.benchmarks.letters import letters
from tests.desks import SUPPORT, desk

COUNT = 2_000
ROUNDS = 3


def _account(server: DemoImapServer) -> ImapAccount:
    return ImapAccount(ImapServer("127.0.0.1", server.port, "plain", SUPPORT), "secret")


async def floor(server: DemoImapServer, folder: Path) -> float:
    """Seconds to fetch, parse and write all mails in one durable transaction, and nothing else."""
    started = time.perf_counter()
    account = _account(server)
    await account.connect()
    await account.select("INBOX")
    uids = [m.uid for m in await account.sizes_since(1)]
    rows = []
    async for batch in account.fetch(uids):
        rows += [(m.uid, m.raw, understand(m.raw).text) for m in batch]
    await account.close()
    with sqlite3.connect(folder / "floor.db") as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE mails (uid INTEGER PRIMARY KEY, raw BLOB, text TEXT)")
        db.executemany("INSERT INTO mails VALUES (?, ?, ?)", rows)
    return time.perf_counter() - started


async def whole(server: DemoImapServer, folder: Path) -> float:
    """Seconds until every mail is stored, filed, queued for routing and searchable."""
    async with desk(f"sqlite:///{folder / 'desk.db'}", clock=SystemClock()) as made:
        smtp = SmtpServer("127.0.0.1", 1, "plain")
        line = Line("support", SUPPORT, lambda: _account(server), lambda: SmtpAccount(smtp))
        idle = asyncio.Event()
        pulse = Pulse("receive", made.clock, lambda: None)
        say = pulse.say

        def watch(health: Health, sentence: str = "") -> None:
            say(health, sentence)
            if health is Health.IDLE:
                idle.set()

        pulse.say = watch  # type: ignore[method-assign]
        started = time.perf_counter()
        task = asyncio.create_task(receive(made, line, "INBOX", pulse))
        await idle.wait()
        seconds = time.perf_counter() - started
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with made.store.read() as tx:
            row = await tx.one(sa.text("SELECT count(*) FROM work_items"))  # type: ignore[arg-type]
        assert row is not None
        assert row[0] == COUNT
        return seconds


async def run() -> None:
    """Print messages a second and their ratio, the median of three rounds."""
    store = MailStore()
    store.add_user(SUPPORT, "secret")
    sent = letters(COUNT, SUPPORT)
    for raw in sent:
        store.deliver(SUPPORT, raw)
    size = sum(map(len, sent)) / COUNT / 1024
    rounds = []
    async with DemoImapServer(store) as server:
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                rounds.append(
                    (await floor(server, Path(folder)), await whole(server, Path(folder)))
                )
    ratio, low, high = sorted((f / w, f, w) for f, w in rounds)[ROUNDS // 2]
    print(f"ingest, {COUNT} mails of {size:.1f} KB, SQLite synchronous=FULL")
    print(f"  floor (fetch, parse, one transaction)  {COUNT / low:8,.0f} mails/s")
    print(f"  whole (stored, filed, searchable)      {COUNT / high:8,.0f} mails/s")
    print(f"  ratio to the floor                     {ratio:8.2f}")

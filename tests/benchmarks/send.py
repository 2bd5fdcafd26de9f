"""Mail out: the whole durable way beside `smtp-source` and bare aiosmtplib, to the same server."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiosmtplib
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.policy import AgentSetup
from agentdesk.domain.views import Delivery, Health
from agentdesk.engine.lines import Line
from agentdesk.engine.send import CONNECTIONS, Sender
from agentdesk.engine.supervisor import Pulse
from agentdesk.engine.wake import Feed
from agentdesk.mail.account import FetchedMail, ImapServer, SmtpServer
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.services import intake, presence
from agentdesk.services.desk import Desk
from agentdesk.storage import mailboxes
from tests.benchmarks.letters import letters
from tests.desks import POLICY, RULES, SETUP, SUPPORT, desk, mail
from tests.mail import postfix_world
from tests.mail.postfix_world import Postfix

COUNT = 200
ROUNDS = 3
SIZE = 10_240
CUSTOMER = "mara.olsen@fjord.example"


async def _queued(made: Desk) -> None:
    """COUNT answers of about 10 KB in as many interactions, ready to be sent."""
    ana = await presence.sign_in(made, "ana")
    now = made.clock.now()
    async with made.store.write() as tx:
        held = await mailboxes.take(tx, "support", "INBOX", made.session, now, RULES.session_grace)
    assert held is not None
    mails = [FetchedMail(n, mail(f"Question {n}"), now) for n in range(1, COUNT + 1)]
    await intake.store(made, held, 1, mails, COUNT + 1)
    await intake.file_stored(made)
    page = await services.views.interactions(made, ana, limit=COUNT)
    body = letters(1, SUPPORT)[0].decode(errors="replace")[:SIZE]
    for row in page.rows:
        await services.offers.assign_to_me(made, ana, row.interaction_id)
        d = await services.drafts.open_reply(made, ana, row.interaction_id, everyone=False)
        content = replace(d.content, body=body)
        d = await services.drafts.save(made, ana, d.id, d.token, content)
        await services.sending.queue(made, ana, d.id, d.token)
    await services.deadlines.run_passed(made)


async def whole(server: SmtpServer, folder: Path) -> float:
    """Seconds from the outbox to "sent", each mail with every commit that makes it exactly once."""
    people = (AgentSetup("ana", "Ana Ruiz", capacity=10 * COUNT), *POLICY.agents[1:])
    rules, setup = (
        replace(RULES, undo_send=timedelta(0)),
        replace(SETUP, policy=replace(POLICY, agents=people)),
    )
    url = f"sqlite:///{folder / 'desk.db'}"
    async with desk(url, clock=SystemClock(), rules=rules, setup=setup) as made:
        await _queued(made)
        imap = ImapServer("127.0.0.1", 1, "plain")
        line = Line("support", SUPPORT, lambda: ImapAccount(imap, ""), lambda: SmtpAccount(server))
        idle = asyncio.Event()
        pulse = Pulse("send", made.clock, lambda: None)
        say = pulse.say

        def watch(health: Health, sentence: str = "") -> None:
            say(health, sentence)
            if health is Health.IDLE:
                idle.set()

        pulse.say = watch  # type: ignore[method-assign]
        sender = Sender(made, line, 1, Feed(made.store))
        started = time.perf_counter()
        task = asyncio.create_task(sender.run(pulse))
        await idle.wait()
        seconds = time.perf_counter() - started
        sender.finish()
        await task
        async with made.store.read() as tx:
            rows = await tx.all(sa.text("SELECT state, count(*) FROM outbox GROUP BY state"))  # type: ignore[arg-type]
        assert [tuple(r) for r in rows] == [(Delivery.SENT.value, COUNT)], rows
        return seconds


async def bare(server: SmtpServer) -> float:
    """Seconds of aiosmtplib on as many reused connections, and nothing else: no database."""
    raw = letters(1, CUSTOMER)[0]

    async def work(count: int) -> None:
        client = aiosmtplib.SMTP(hostname=server.host, port=server.port, start_tls=False)
        await client.connect()
        for _ in range(count):
            await client.sendmail(SUPPORT, [CUSTOMER], raw)
        await client.quit()

    started = time.perf_counter()
    await asyncio.gather(*(work(COUNT // CONNECTIONS) for _ in range(CONNECTIONS)))
    return time.perf_counter() - started


async def source(server: SmtpServer) -> float:
    """Seconds of Postfix's own `smtp-source`, on as many reused connections."""
    words = ["-d", "-s", str(CONNECTIONS), "-m", str(COUNT), "-l", str(SIZE)]
    words += ["-f", SUPPORT, "-t", CUSTOMER, f"{server.host}:{server.port}"]
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec("/usr/sbin/smtp-source", *words)
    if await process.wait():
        raise RuntimeError("smtp-source failed")
    return time.perf_counter() - started


@contextmanager
def _postfix() -> Iterator[SmtpServer]:
    with tempfile.TemporaryDirectory(prefix="agentdesk-postfix-") as folder:
        postfix = Postfix(Path(folder), [CUSTOMER, SUPPORT])
        try:
            yield postfix.server
        finally:
            postfix.stop()


@contextmanager
def _sink() -> Iterator[SmtpServer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    process = subprocess.Popen(["/usr/sbin/smtp-sink", *user, f"127.0.0.1:{port}", "100"])
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield SmtpServer("127.0.0.1", port, "plain")
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


async def _measure(server: SmtpServer, what: str) -> None:
    rounds = []
    for _ in range(ROUNDS):
        async with _folder() as folder:
            rounds.append((await source(server), await bare(server), await whole(server, folder)))
    s, b, w = sorted(rounds, key=lambda r: r[0] / r[2])[ROUNDS // 2]
    print(f"send, {COUNT} mails of 10 KB to {what}, {CONNECTIONS} reused connections")
    print(f"  smtp-source                            {COUNT / s:8,.0f} mails/s")
    print(f"  aiosmtplib alone                       {COUNT / b:8,.0f} mails/s")
    print(f"  whole (SQLite synchronous=FULL)        {COUNT / w:8,.0f} mails/s")
    print(f"  ratio to smtp-source                   {s / w:8.2f}")
    print(f"  ratio to aiosmtplib alone              {b / w:8.2f}")


async def run() -> None:
    """Print mails a second and their ratios, the median of three rounds, for each server."""
    if shutil.which("smtp-source", path="/usr/sbin") is None:
        print("send: skipped, smtp-source is not installed (Debian: postfix)")
        return
    if reason := postfix_world.unusable():
        print(f"send to Postfix: skipped, {reason}")
    else:
        with _postfix() as server:
            await _measure(server, "Postfix")
    with _sink() as server:
        await _measure(server, "smtp-sink")

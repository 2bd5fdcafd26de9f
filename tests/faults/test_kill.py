"""`kill -9` of a whole engine at random instants: nothing is lost, filed twice or sent twice."""

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from itertools import pairwise
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.bootstrap import plan
from agentdesk.bootstrap.opened import open_desk
from agentdesk.demo.faults import Delay, Hold
from agentdesk.domain.actor import Actor
from agentdesk.domain.views import Delivery, StreamEntry
from agentdesk.mail.headers import message_ids, read_headers
from agentdesk.services.desk import Desk
from agentdesk.settings import load
from tests.desks import SUPPORT
from tests.terminal.office import MARA, Office, office
from tests.terminal.terminal import DESK, environment

INCOMING, OUTGOING, KILLS = 300, 20, 8
PATIENCE_S = 60.0


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path / "desk") as made:
        made.write_settings()
        yield made


@asynccontextmanager
async def engine(post: Office) -> AsyncIterator[asyncio.subprocess.Process]:
    """`agentdesk engine` in a process of its own; killed at the end, whatever it does."""
    process = await asyncio.create_subprocess_exec(
        *(*DESK, "engine", "--settings", str(post.folder / "settings.toml")),
        stdout=asyncio.subprocess.DEVNULL,
        cwd=post.folder,
        env=environment(post.folder / "home", **post.secrets),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def run_until(post: Office, query: str, wanted: int) -> None:
    """An engine works until *query* answers *wanted*."""
    async with engine(post) as process, asyncio.timeout(PATIENCE_S):
        while asked(post, query) != wanted:
            assert process.returncode is None
            await asyncio.sleep(0.05)


def asked(post: Office, query: str) -> int:
    """One number from the database, read beside the engine; -1 before there is one."""
    if not post.database.exists():
        return -1
    with closing(sqlite3.connect(f"file:{post.database}?mode=ro", uri=True)) as db:
        try:
            return int(db.execute(query).fetchone()[0])
        except sqlite3.OperationalError:
            return -1


async def killed(post: Office, begun: asyncio.Event, after_s: float) -> None:
    """An engine dies *after_s* seconds after it has *begun* its work."""
    begun.clear()
    async with engine(post) as process:
        async with asyncio.timeout(PATIENCE_S):
            tasks = [asyncio.create_task(w) for w in (begun.wait(), process.wait())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            tasks[1].cancel()
        assert begun.is_set()
        await asyncio.sleep(after_s)  # the instant itself, not a wait for something
        assert process.returncode is None


@asynccontextmanager
async def ana(post: Office) -> AsyncIterator[tuple[Desk, Actor]]:
    """Ana in this process, without an engine."""
    settings = load(post.folder / "settings.toml")
    made = await open_desk(settings.database.url, plan.rules(settings), plan.setup(settings))
    try:
        actor = await services.presence.sign_in(made, "ana")
        yield made, actor
        await services.presence.sign_out(made, actor)
    finally:
        await made.close()


# Receiving


FILED = "SELECT count(*) FROM mail_locations WHERE state = 'filed'"


@pytest.mark.parametrize("seed", [1])
async def test_an_engine_killed_while_it_receives_files_every_mail_once(
    post: Office, seed: int
) -> None:
    chance = random.Random(seed)
    waves = sorted(chance.sample(range(1, INCOMING), KILLS - 1))
    for first, last in pairwise((0, *waves, INCOMING)):
        for n in range(first, last):
            post.write_in(f"Question {n}. " + "What now? " * 200, subject=f"Question {n}")
        await killed(post, post.imap.faults.reached("FETCH"), chance.uniform(0, 0.25))
    await run_until(post, FILED, INCOMING)
    with closing(sqlite3.connect(post.database)) as db:
        subjects = Counter(s for (s,) in db.execute("SELECT subject FROM interactions"))
        messages = db.execute("SELECT count(*), count(DISTINCT header_id) FROM messages").fetchone()
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert subjects == {f"Question {n}": 1 for n in range(INCOMING)}
    assert messages == (INCOMING, INCOMING)


async def test_a_mail_filed_by_an_engine_that_was_killed_is_marked_by_the_next(
    post: Office,
) -> None:
    post.imap.faults.plan("STORE", Hold())
    post.write_in("Read by an engine that died before it could say so.")
    await killed(post, post.imap.faults.reached("STORE"), 0)
    await run_until(post, FILED, 1)
    post.write_in("Read by the next one.")
    async with engine(post), asyncio.timeout(PATIENCE_S):
        box = post.store.mailbox(SUPPORT)
        assert box is not None
        while "\\Seen" not in box.mails[-1].flags:
            await asyncio.sleep(0.05)
        assert "\\Seen" in box.mails[0].flags


# Sending


MOVING = """
SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'unknown')
"""


async def _twenty_answers(post: Office) -> None:
    """Ana answered twenty customers; nothing has gone out yet."""
    for n in range(OUTGOING):
        post.write_in(f"Question {n}.", subject=f"Question {n}")
    await run_until(post, FILED, OUTGOING)
    async with ana(post) as (made, actor):
        page = await services.views.interactions(made, actor, which="queued")
        for row in page.rows:
            await services.offers.assign_to_me(made, actor, row.interaction_id)
            draft = await services.drafts.open_reply(
                made, actor, row.interaction_id, everyone=False
            )
            await services.sending.queue(made, actor, draft.id, draft.token)


async def _answers(post: Office) -> list[StreamEntry]:
    """Every outgoing mail, as Ana sees it."""
    async with ana(post) as (made, actor):
        page = await services.views.interactions(made, actor)
        streams = [
            await services.views.stream(made, actor, row.interaction_id) for row in page.rows
        ]
    return [e for s in streams for e in s.entries if e.delivery is not None]


@pytest.mark.parametrize("seed", [1])
async def test_an_engine_killed_while_it_sends_sends_nothing_twice_and_shows_what_is_unknown(
    post: Office, seed: int
) -> None:
    await _twenty_answers(post)
    chance = random.Random(seed)
    for point in ("MAIL", "DATA", "DOT", "ANSWER"):
        post.smtp.faults.plan(point, Delay(0.02), None)  # widens every phase that a kill may hit
    for _ in range(KILLS):
        if not asked(post, MOVING):
            break
        await killed(post, post.smtp.faults.reached("MAIL"), chance.uniform(0, 0.25))
    await run_until(post, MOVING, 0)
    entries = await _answers(post)
    received = Counter(_id_of(raw) for raw in post.received(MARA))
    states = Counter(e.delivery for e in entries)
    assert len(entries) == OUTGOING
    assert set(states) <= {Delivery.SENT, Delivery.UNKNOWN}
    assert states[Delivery.UNKNOWN] <= KILLS
    assert max(received.values()) == 1
    assert states[Delivery.SENT] <= len(received) <= OUTGOING
    assert all(e.delivery_note for e in entries if e.delivery is Delivery.UNKNOWN)


def _id_of(raw: bytes) -> str:
    return message_ids(read_headers(raw)[0].get("message-id"))[0]

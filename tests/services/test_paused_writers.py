"""A writer who was paused past the lease can never save or send: real processes, stopped and continued."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.draft import Draft
from agentdesk.domain.ids import DraftId
from agentdesk.services.desk import Desk
from agentdesk.storage import feed
from agentdesk.storage.tables import drafts, messages, outbox
from tests.desks import World, desk
from tests.services.test_outbound import person
from tests.services.writer_process import Writing, quick_rules, write

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.services.writer_process"])
LONGEST_S = 60.0


@dataclass
class Paused:
    """Ana's process stands still in the middle of a draft; ben sits here."""

    here: Desk
    ben: Actor
    draft_id: DraftId
    process: BaseProcess
    pipe: Connection

    async def go_on(self) -> dict[str, str]:
        """It goes on, and says what was refused."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGCONT)
        return dict(await _received(self.pipe))

    async def once_the_lease_is_over(self) -> Draft:
        """Ben asks again and again, as his screen does; nobody takes anything over."""
        async with asyncio.timeout(LONGEST_S):
            while True:
                draft = await services.drafts.open(self.here, self.ben, self.draft_id)
                if draft.holder_session == self.ben.session:
                    return draft
                await asyncio.sleep(0.05)


async def _received(pipe: Connection) -> Any:
    assert await asyncio.to_thread(pipe.poll, LONGEST_S), "the process says nothing"
    return pipe.recv()


@asynccontextmanager
async def paused(url: str, then: str) -> AsyncIterator[Paused]:
    async with desk(url, clock=SystemClock(), rules=quick_rules()) as here:
        mara = await person(here)
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=write, args=(Writing(url, mara, 3, then), theirs))
        process.start()
        try:
            draft_id = DraftId(await _received(ours))
            ben = await World(here, here.clock).sign_in("ben")  # type: ignore[arg-type]
            yield Paused(here, ben, draft_id, process, ours)
        finally:
            process.kill()
            await asyncio.to_thread(process.join)


@pytest.mark.parametrize("then", ["save", "send", "discard"])
async def test_nothing_that_a_paused_writer_does_late_counts(url: str, then: str) -> None:
    async with paused(url, then) as it:
        draft = await it.once_the_lease_is_over()
        assert draft.content.body == "saved 2"
        said = replace(draft.content, body="Ben writes on")
        await services.drafts.save(it.here, it.ben, draft.id, draft.token, said)
        refused = await it.go_on()
        assert set(refused.values()) <= {"FencedOff", "DraftLocked"}
        now = await services.drafts.read(it.here, it.ben, draft.id)
        assert (now.content.body, now.files) == ("Ben writes on", ())
        kept = await services.drafts.versions(it.here, it.ben, draft.id)
        assert [(v.agent, v.content.body) for v in kept] == [
            ("Ana Ruiz", "typed when it was too late"),
            ("Ana Ruiz", "saved 2"),
        ]


@pytest.mark.parametrize("then", ["save", "send"])
async def test_what_another_sent_meanwhile_goes_out_once(url: str, then: str) -> None:
    async with paused(url, then) as it:
        draft = await services.drafts.take_over(it.here, it.ben, it.draft_id)
        said = replace(draft.content, body="Ben writes and sends")
        await services.drafts.save(it.here, it.ben, draft.id, draft.token, said)
        await services.sending.queue(it.here, it.ben, draft.id, draft.token)
        refused = await it.go_on()
        assert set(refused.values()) == {"NotFound"}
        async with it.here.store.read() as tx:
            (mail,) = await tx.all(sa.select(messages.c.text))
            assert mail.text.startswith("Ben writes and sends")
            assert len(await tx.all(sa.select(outbox.c.id))) == 1
            assert await tx.all(sa.select(drafts.c.id)) == []


async def test_a_killed_writer_frees_the_draft_and_all_that_was_saved(url: str) -> None:
    async with paused(url, "save") as it:
        it.process.kill()
        draft = await it.once_the_lease_is_over()
        assert draft.content.body == "saved 2"


async def test_saves_are_read_along_through_the_feed(url: str) -> None:
    async with desk(url) as one, desk(url) as other:
        here, there = World(one, one.clock), World(other, other.clock)  # type: ignore[arg-type]
        ana, ben = await here.sign_in("ana"), await there.sign_in("ben")
        draft = await services.outbound.open_for_customer(one, ana, await person(one))
        stop = services.drafts.read_along(other, draft.id)
        changes = feed.follow(other.store)
        try:
            for n in range(3):
                said = replace(draft.content, body=f"text {n}")
                await services.drafts.save(one, ana, draft.id, draft.token, said)
                async with asyncio.timeout(LONGEST_S):
                    while True:
                        change = await anext(changes)
                        seen = await services.drafts.read(other, ben, draft.id)
                        if draft.id in change.drafts and seen.content == said:
                            break
            stop()
            assert not other.store.watched
        finally:
            await changes.aclose()  # type: ignore[attr-defined]

"""*Transfer Email* from the agent's word to the next agent's desk, through the real adapter and a centre
that keeps books of its own; whatever comes in between.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.errors import (
    StaleSegment,
    TargetNotAuthorised,
    TargetUnavailable,
    Transient,
)
from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.transfers import Passed
from agentdesk.domain.ccaas.values import CentreTarget, Kind, TargetKind
from agentdesk.domain.draft import DraftContent
from agentdesk.domain.errors import BadInput, FencedOff, IllegalTransition, NotAllowed
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import QueueSetup
from agentdesk.domain.views import EntryKind
from agentdesk.domain.wrapup import Segment, Sync, WrapUpSource
from agentdesk.services.ccaas import transferring
from agentdesk.storage.rows import load
from agentdesk.storage.tables import wrap_up_segments
from tests.ccaas.offices import Office, office
from tests.ccaas.rooms import KEY
from tests.databases import database

RETURNS = QueueSetup("returns", "Returns", position=60, external=KEY)


@dataclass
class Work:
    """What Ana has in hand, of Claims, at the centre as well."""

    here: Office
    ana: Actor
    ben: Actor
    i: InteractionId

    async def targets(self, search: str = "") -> dict[str, CentreTarget]:
        found = await transferring.targets(self.here.desk, self.ana, self.i, search)
        assert found.unavailable == ""
        return {t.name: t for t in found.targets}

    async def begin(self, name: str = "Returns", note: str = "Call her, please.") -> int:
        target = (await self.targets())[name]
        return await transferring.begin(self.here.desk, self.ana, self.i, target, note)

    async def transfer(self, name: str = "Returns", note: str = "Call her, please.") -> int:
        """Asked for, and everything that is due at once has happened."""
        order = await self.begin(name, note)
        await self.here.quiet()
        return order

    async def passes(self, seconds: float) -> None:
        await self.here.turn(seconds)
        await self.here.quiet()

    async def passed(self) -> Passed | None:
        return await transferring.passed(self.here.desk, self.ana, self.i)

    async def titles(self) -> list[str]:
        page = await services.views.stream(self.here.desk, self.ana, self.i)
        return [e.title for e in page.entries]

    async def used(self, who: Actor) -> int:
        return (await services.presence.status(self.here.desk, who)).used

    async def queue(self) -> str:
        i = await self.here.interaction(self.i)
        assert i.queue_id is not None
        return self.here.desk.in_force.queues[i.queue_id].key


@asynccontextmanager
async def at_work(url: str) -> AsyncIterator[Work]:
    """Ana has accepted a mail of Claims; Ben is there, too."""
    async with office(url, (RETURNS,)) as here:
        ana = await here.desk_of("ana")
        await here.quiet()
        i = await here.arrives()
        await here.quiet()
        (card,) = (await services.views.desktop(here.desk, ana)).inbox
        await services.offers.accept(here.desk, ana, card.work_item_id)
        await here.quiet()
        assert (await here.interaction(i)).owner_id == ana.agent_id
        ben = await here.desk_of("ben")
        await here.quiet()
        yield Work(here, ana, ben, i)


@pytest.fixture
async def each(url: str) -> AsyncIterator[Work]:
    """On each kind of database."""
    async with at_work(url) as work:
        yield work


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[Work]:
    """On one kind: what differs between them is asked by those on each."""
    async with database("sqlite", tmp_path) as url, at_work(url) as work:
        yield work


async def segments(here: Office) -> list[Segment]:
    async with here.desk.store.read() as tx:
        rows = await tx.all(sa.select(wrap_up_segments).order_by(wrap_up_segments.c.id))
    return [load(Segment, row) for row in rows]


async def test_to_a_queue_with_note_draft_and_code_and_the_next_agent_goes_on(each: Work) -> None:
    here, ana, ben = each.here, each.ana, each.ben
    await here.map(Kind.CODE, "issue_resolved", here.room.code("Forwarded"), "Forwarded")
    draft = await services.drafts.open_reply(here.desk, ana, each.i, everyone=False)
    typed = DraftContent("mara.olsen@fjord.example", subject="Re", body="Half of an answer")
    await services.drafts.save(here.desk, ana, draft.id, draft.token, typed)

    await each.transfer("Returns", "Call her, please.")
    view = await services.views.interaction(here.desk, ana, each.i)
    assert (view.transferring_to, view.mine) == ("Returns", True)  # 202 is not "delivered"
    assert await each.passed() is None
    with pytest.raises(FencedOff):
        await services.drafts.save(here.desk, ana, draft.id, draft.token, typed)

    await each.passes(1)
    i = await here.interaction(each.i)
    assert (i.state, i.owner_id, i.transferring_to) == (State.NEW, None, "")
    assert (await each.queue(), await each.used(ana)) == ("returns", 0)
    assert await each.passed() == Passed("Returns")
    page = await services.views.stream(here.desk, ben, each.i)
    (told,) = [e for e in page.entries if e.title.startswith("Transferred from")]
    assert told.title == "Transferred from Ana Ruiz to Returns by Genesys Cloud"
    assert (told.kind, told.actor, told.text) == (EntryKind.NOTE, "Ana Ruiz", "Call her, please.")
    assert told.at == here.desk.clock.now()

    (passed_on,) = await segments(here)
    assert (passed_on.agent_id, passed_on.source) == (ana.agent_id, WrapUpSource.TRANSFER)
    assert passed_on.sync is Sync.CONFIRMED
    conversation = (await here.conversation(each.i)).external_id
    assert conversation is not None
    there = await here.room.centre.snapshot(conversation)
    code = here.room.newest(there, "ana").code
    assert code is not None
    assert (code.code, there.queue) == (here.room.code("Forwarded"), here.room.queue("Returns"))

    (card,) = (await services.views.desktop(here.desk, ben)).inbox
    assert (card.queue, card.note, card.sent_by) == ("Returns", "Call her, please.", "Ana Ruiz")
    await services.offers.accept(here.desk, ben, card.work_item_id)
    await here.quiet()
    mine = await services.drafts.open_reply(here.desk, ben, each.i, everyone=False)
    assert (mine.id, mine.content.body, mine.author_id) == (draft.id, typed.body, ben.agent_id)


async def test_to_an_agent_who_is_asked_in_the_queue_that_it_came_from(work: Work) -> None:
    here, ben = work.here, work.ben
    await work.transfer("Ben Okafor", "Knows you.")
    await work.passes(1)
    assert await work.passed() == Passed("Ben Okafor")
    (card,) = (await services.views.desktop(here.desk, ben)).inbox
    assert (card.queue, card.note, card.sent_by) == ("Claims", "Knows you.", "Ana Ruiz")
    await services.offers.accept(here.desk, ben, card.work_item_id)
    await here.quiet()
    assert (await here.interaction(work.i)).owner_id == ben.agent_id
    assert (await work.used(work.ana), await work.used(ben)) == (0, 1)
    (order,) = await here.orders(Op.TRANSFER)
    assert order.state is OrderState.CONFIRMED


async def test_an_agent_who_does_not_answer_leaves_it_to_the_queue(work: Work) -> None:
    await work.here.room.presence("ana", "Away")
    await work.transfer("Ben Okafor")
    await work.passes(1)
    await work.passes(35)
    i = await work.here.interaction(work.i)
    assert (i.state, i.owner_id, await work.queue()) == (State.NEW, None, "claims")
    assert (await services.views.desktop(work.here.desk, work.ben)).inbox == ()
    assert (await services.presence.status(work.here.desk, work.ben)).presence == "away"


async def test_an_agent_who_goes_after_the_word_was_given_leaves_it_to_the_queue(
    work: Work,
) -> None:
    await work.begin("Ben Okafor")
    await work.here.room.presence("ana", "Away")
    await work.here.room.presence("ben", "Offline")
    await work.here.quiet()
    await work.passes(1)
    i = await work.here.interaction(work.i)
    assert (i.state, i.owner_id, i.transferring_to) == (State.NEW, None, "")
    why = "Ben Okafor could not take it."
    assert await work.passed() == Passed("Ben Okafor", why, "Claims")
    assert f"Not transferred to Ben Okafor: {why} It waits in Claims." in await work.titles()
    assert await work.used(work.ana) == 0


async def test_a_right_that_is_revoked_gives_it_back_with_the_reason(each: Work) -> None:
    here, ana = each.here, each.ana
    order = await each.begin()
    revoked = {"agent": "Ana Ruiz", "right": "blindTransferQueue", "granted": False}
    await here.room.panel("rights", **revoked)
    await here.quiet()
    passed = await transferring.outcome(here.desk, ana, each.i, order)
    assert passed is not None
    assert passed.why.startswith("Genesys Cloud does not let you transfer to Returns")
    assert passed.back_to == ""
    i = await here.interaction(each.i)
    assert (i.state, i.owner_id, i.transferring_to) == (State.WORK_IN_PROGRESS, ana.agent_id, "")
    await services.drafts.open_reply(here.desk, ana, each.i, everyone=False)
    await here.turn(61)
    assert "Returns" not in await each.targets()


async def test_without_a_sign_in_it_is_given_back_with_the_reason(work: Work) -> None:
    await work.begin()
    async with work.here.process("ben") as without:
        await work.here.turn(21)
        await without.engine.settle_down()
    assert (await work.here.interaction(work.i)).transferring_to == ""
    why = "Ana Ruiz is not signed in to Genesys Cloud. Sign in there, then try again."
    assert await work.passed() == Passed("Returns", why)
    assert await work.used(work.ana) == 1


async def test_what_was_picked_is_looked_at_again_when_it_is_submitted(work: Work) -> None:
    here, found = work.here, await work.targets()
    ours = (here.desk, work.ana, work.i)
    await here.room.presence("ben", "Offline")
    await here.turn(61)
    with pytest.raises(TargetUnavailable, match="Ben Okafor takes no work now"):
        await transferring.begin(*ours, found["Ben Okafor"], "")
    gone = replace(found["Returns"], external_id="elsewhere")
    with pytest.raises(TargetNotAuthorised, match="does not let you transfer to Returns any more"):
        await transferring.begin(*ours, gone, "")
    await here.map(Kind.QUEUE, "", here.room.queue("Returns"), "Returns")
    assert list(await work.targets()) == ["Ben Okafor"]
    with pytest.raises(TargetNotAuthorised, match="Nothing here stands for Returns any more"):
        await transferring.begin(*ours, found["Returns"], "")
    at = await here.room.at((await here.conversation(work.i)).external_id or "")
    await here.room.centre.end(at, "past the desk")
    with pytest.raises(StaleSegment, match="is not yours any more at Genesys Cloud"):
        await transferring.begin(*ours, found["Ben Okafor"], "")
    assert await here.orders(Op.TRANSFER) == []


async def test_only_who_has_it_in_hand_passes_it_on(work: Work) -> None:
    here, target = work.here, (await work.targets())["Returns"]
    sue = await here.world.sign_in("sue")
    for actor, words in ((work.ben, "is not yours"), (sue, "routed by Genesys Cloud")):
        with pytest.raises(NotAllowed, match=words):
            await transferring.begin(here.desk, actor, work.i, target, "")
    with pytest.raises(BadInput, match="more than 4,000 characters"):
        await work.begin(note="x" * 4_001)
    await services.handling.hold(here.desk, work.ana, work.i)
    with pytest.raises(IllegalTransition, match="Resume it first"):
        await transferring.targets(here.desk, work.ana, work.i)


async def test_silence_keeps_it_read_only_through_a_restart_until_the_centre_gives_up(
    work: Work,
) -> None:
    here, ana = work.here, work.ana
    await here.room.panel("transfers", lose=1)
    order = await work.begin()
    nowhere = CentreTarget(TargetKind.QUEUE, "", "", available=True)
    async with here.process("ana", "ben") as other:  # the first one died before it did anything
        await other.engine.settle_down()
        assert await transferring.outcome(here.desk, ana, work.i, order, 0.0) is None
        for move in (
            services.drafts.open_reply(here.desk, ana, work.i, everyone=False),
            services.notes.add(here.desk, ana, work.i, "Where is it?"),
            services.handling.hold(here.desk, ana, work.i),
            services.handling.close(here.desk, ana, work.i),
            transferring.begin(here.desk, ana, work.i, nowhere, ""),
        ):
            with pytest.raises(IllegalTransition, match="is on its way to Returns"):
                await move
        (row,) = (await services.views.desktop(here.desk, ana)).ongoing
        assert (row.transferring_to, await work.used(ana)) == ("Returns", 1)
        for name in ("ana", "ben"):
            await here.room.presence(name, "Away")
        await here.turn(31)
        await other.engine.settle_down()
    i = await here.interaction(work.i)
    assert (i.state, i.owner_id, await work.queue()) == (State.NEW, None, "claims")
    assert await work.passed() == Passed("Returns", "It did not reach Returns in time.", "Claims")


async def test_a_centre_that_does_not_answer_is_no_guess_and_changes_nothing(work: Work) -> None:
    here, target = work.here, (await work.targets())["Returns"]
    await here.turn(61)
    await here.room.panel("faults", fail_status=503, fail_count=50)
    found = await transferring.targets(here.desk, work.ana, work.i)
    assert (found.targets, bool(found.unavailable)) == ((), True)
    with pytest.raises(Transient):
        await transferring.begin(here.desk, work.ana, work.i, target, "")
    assert (await here.interaction(work.i)).transferring_to == ""
    await here.room.panel("faults", fail_status=503, fail_count=0)
    await here.turn(61)
    assert "Returns" in await work.targets()


async def test_an_outage_meanwhile_keeps_it_on_its_way_and_transfers_once(work: Work) -> None:
    here = work.here
    await work.begin()
    await here.room.panel("faults", fail_status=503, fail_count=20)
    await here.engine.carry_out_ready()
    assert (await here.interaction(work.i)).transferring_to == "Returns"
    await here.room.panel("faults", fail_status=503, fail_count=0)
    await work.passes(120)
    await work.passes(1)
    assert await work.passed() == Passed("Returns")
    conversation = (await here.conversation(work.i)).external_id
    assert conversation is not None
    assert len((await here.room.centre.snapshot(conversation)).transfers) == 1

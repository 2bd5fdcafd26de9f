"""The whole life of a conversation through the adapter; the wire is held to the vendor's contract."""

from datetime import timedelta

import pytest

from agentdesk.domain.ccaas.errors import (
    CodeNotAllowed,
    StaleSegment,
    TargetUnavailable,
    UnknownThere,
)
from agentdesk.domain.ccaas.values import (
    CentreTarget,
    Outcome,
    SegmentRef,
    SegmentState,
    TargetKind,
    Why,
)
from agentdesk.sandbox.model import TIMEOUT_CODE
from tests.ccaas.rooms import Room


def to_queue(here: Room, name: str = "Returns") -> CentreTarget:
    return CentreTarget(TargetKind.QUEUE, here.queue(name), name, True)


def to_agent(here: Room, name: str = "ben") -> CentreTarget:
    return CentreTarget(TargetKind.AGENT, here.agent(name), name, True)


async def test_it_waits_with_what_it_was_handed_over_with(here: Room) -> None:
    conversation = await here.waiting("Returns", attributes={"case": "CS1"}, number="INT0000007")
    now = await here.centre.snapshot(conversation)
    assert (now.queue, now.waiting, now.segments) == (here.queue("Returns"), True, ())
    assert now.at == here.clock.now()
    assert now.attributes == {
        "case": "CS1",
        "agentdesk.interaction": "INT0000007",
        "agentdesk.key": "key-INT0000007",
    }


async def test_an_urgent_one_is_offered_before_an_older_one(here: Room) -> None:
    older = await here.waiting(priority=4)
    urgent = await here.waiting(priority=1)
    await here.on_queue("dev")
    assert (await here.centre.snapshot(urgent)).current is not None
    assert (await here.centre.snapshot(older)).waiting


async def test_offered_accepted_parked_wrapped_up_and_ended(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.offered("ana")
    offered = await here.segment(at)
    assert (offered.state, offered.agent) == (SegmentState.OFFERED, here.agent("ana"))
    assert offered.expires_in == timedelta(seconds=30)
    await here.centre.accept(at, "1")
    assert (await here.segment(at)).state is SegmentState.CONNECTED
    await here.centre.park(at, parked=True, key="2")
    assert (await here.segment(at)).state is SegmentState.PARKED
    await here.centre.park(at, parked=False, key="3")
    await here.centre.wrap_up(at, here.code("Resolved"), "Sent a new kettle", "4")
    await here.centre.end(at, "5")
    now, segment = await here.centre.snapshot(at.external_id), await here.segment(at)
    assert now.ended_at == here.clock.now()
    assert (segment.state, segment.why) == (SegmentState.ENDED, Why.FINISHED)
    assert segment.code is not None
    assert (segment.code.code, segment.code.notes) == (here.code("Resolved"), "Sent a new kettle")
    assert not segment.owes_code
    assert not segment.code.automatic


async def test_what_is_said_twice_is_said_once(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.offered("ana")
    for _ in range(2):
        await here.centre.accept(at, "1")
    for parked in (True, True, False, False):
        await here.centre.park(at, parked=parked, key="2")
    for _ in range(2):
        await here.centre.wrap_up(at, here.code(), "", "3")
    for _ in range(2):
        await here.centre.transfer(at, to_queue(here), "4")
    assert len((await here.centre.snapshot(at.external_id)).transfers) == 1
    other = await here.offered("ana")
    for _ in range(2):
        await here.centre.reject(other, "5")
        await here.centre.close(other.external_id)
    await here.presence("ana", "Away")
    for _ in range(2):
        await here.centre.tell_reply(other.external_id, here.work(), "6")
    assert (await here.centre.snapshot(other.external_id)).waiting


async def test_a_declined_offer_and_a_missed_one_end_differently(here: Room) -> None:
    await here.on_queue("ana")
    declined = await here.offered("ana")
    await here.on_queue("ben")
    await here.centre.reject(declined, "1")
    missed = await here.at(declined.external_id, "ben")
    await here.turn(12)
    assert (await here.segment(missed)).expires_in == timedelta(seconds=18)
    await here.turn(18)
    assert (await here.segment(declined)).why is Why.REJECTED
    assert (await here.segment(missed)).why is Why.NO_ANSWER


async def test_an_offer_is_withdrawn_when_its_agent_leaves(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.offered("ana")
    await here.presence("ana", "Offline")
    assert (await here.segment(at)).why is Why.NOT_AVAILABLE
    with pytest.raises(StaleSegment):
        await here.centre.accept(at, "1")


async def test_a_late_refusal_never_ends_what_was_accepted(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    with pytest.raises(StaleSegment):
        await here.centre.reject(at, "late")
    assert (await here.segment(at)).state is SegmentState.CONNECTED


async def test_a_code_that_nobody_chose_is_told_as_automatic(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    await here.centre.end(at, "1")
    assert (await here.segment(at)).owes_code
    await here.turn(120)
    segment = await here.segment(at)
    assert segment.code is not None
    assert (segment.code.code, segment.code.automatic) == (TIMEOUT_CODE, True)
    await here.centre.wrap_up(at, here.code("Complaint"), "", "2")
    segment = await here.segment(at)
    assert segment.code is not None
    assert (segment.code.code, segment.code.automatic) == (here.code("Complaint"), False)


async def test_a_code_that_the_queue_does_not_have_is_not_taken(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    allowed = await here.centre.codes(at)
    assert here.code("Resolved") in allowed
    with pytest.raises(CodeNotAllowed, match="map another one"):
        await here.centre.wrap_up(at, "no-such-code", "", "1")


async def test_transferred_to_a_queue_it_waits_there_with_the_same_id(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    await here.centre.transfer(at, to_queue(here), "1")
    now = await here.centre.snapshot(at.external_id)
    assert [(t.outcome, t.by, t.to_queue) for t in now.transfers] == [
        (Outcome.PENDING, here.agent("ana"), here.queue("Returns"))
    ]
    assert (now.queue, now.waiting) == (here.queue("Claims"), False)
    await here.presence("ana", "Away")
    await here.turn(1)
    now = await here.centre.snapshot(at.external_id)
    assert now.transfers[0].outcome is Outcome.COMPLETE
    assert (now.queue, now.waiting) == (here.queue("Returns"), True)
    assert (await here.segment(at)).why is Why.TRANSFERRED
    assert (await here.segment(at)).owes_code


async def test_transferred_to_an_agent_it_is_offered_to_them(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    await here.presence("ben", "Available")
    await here.centre.transfer(at, to_agent(here), "1")
    await here.turn(1)
    theirs = await here.at(at.external_id, "ben")
    await here.centre.accept(theirs, "2")
    now = await here.centre.snapshot(at.external_id)
    assert (now.transfers[0].outcome, now.transfers[0].to_agent) == (
        Outcome.COMPLETE,
        here.agent("ben"),
    )
    assert now.current is not None
    assert now.current.agent == here.agent("ben")


@pytest.mark.parametrize(
    ("presence", "outcome"), [("Offline", Outcome.FAILED), ("Available", Outcome.TIMED_OUT)]
)
async def test_a_transfer_that_nobody_takes_waits_in_its_source_queue(
    here: Room, presence: str, outcome: Outcome
) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    await here.presence("ben", presence)
    await here.centre.transfer(at, to_agent(here), "1")
    await here.presence("ana", "Away")
    await here.turn(1)
    await here.turn(31)
    now = await here.centre.snapshot(at.external_id)
    assert [t.outcome for t in now.transfers] == [outcome]
    assert (now.queue, now.waiting) == (here.queue("Claims"), True)


async def test_a_lost_transfer_is_pending_until_it_times_out(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    await here.panel("transfers", lose=1)
    await here.centre.transfer(at, to_queue(here), "1")
    await here.turn(29)
    assert (await here.centre.snapshot(at.external_id)).transfers[0].outcome is Outcome.PENDING
    await here.turn(1)
    assert (await here.centre.snapshot(at.external_id)).transfers[0].outcome is Outcome.TIMED_OUT


async def test_a_target_that_is_gone_and_one_that_is_oneself_are_unavailable(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    gone = CentreTarget(TargetKind.QUEUE, "no-such-queue", "Old queue", True)
    with pytest.raises(TargetUnavailable, match="Old queue now: choose another target"):
        await here.centre.transfer(at, gone, "1")
    with pytest.raises(TargetUnavailable):
        await here.centre.transfer(at, to_agent(here, "ana"), "2")
    assert (await here.segment(at)).state is SegmentState.CONNECTED


async def test_a_parked_one_comes_back_with_a_reply_and_not_without_room(here: Room) -> None:
    await here.on_queue("dev")
    at = await here.accepted("dev")
    await here.centre.park(at, parked=True, key="1")
    second = await here.accepted("dev")
    with pytest.raises(StaleSegment, match="maximum utilization"):
        await here.centre.park(at, parked=False, key="2")
    await here.centre.tell_reply(at.external_id, here.work(), "3")
    assert (await here.segment(at)).state is SegmentState.PARKED
    await here.centre.end(second, "4")
    assert (await here.segment(at)).state is SegmentState.CONNECTED


async def test_a_reply_to_an_ended_one_waits_again_with_its_first_attributes(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana", number="INT0000042")
    await here.centre.end(at, "1")
    await here.presence("ana", "Away")
    await here.centre.tell_reply(at.external_id, here.work("INT0000042", "Returns"), "2")
    now = await here.centre.snapshot(at.external_id)
    assert (now.waiting, now.queue, now.ended_at) == (True, here.queue("Returns"), None)
    assert now.attributes["agentdesk.key"] == "key-INT0000042"


async def test_only_what_no_agent_has_can_be_closed(
    here: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The live service would tear it down: the adapter looks first, and does not ask."""
    await here.on_queue("ana")
    at = await here.accepted("ana")
    with monkeypatch.context() as asked:
        asked.setattr(here.sandbox.centre, "tear_down", here.sandbox.centre.close)
        with pytest.raises(StaleSegment, match="it ends when they end it"):
            await here.centre.close(at.external_id)
    assert (await here.segment(at)).state is SegmentState.CONNECTED
    await here.presence("ana", "Away")
    await here.centre.transfer(at, to_queue(here), "1")
    await here.centre.close(at.external_id)
    now = await here.centre.snapshot(at.external_id)
    assert now.ended_at is not None
    assert (now.waiting, now.current) == (False, None)


async def test_the_service_describes_a_segment_whose_agent_is_gone(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    await here.centre.end(at, "1")
    here.tokens.signed_in.clear()
    await here.centre.describe(at.external_id, at.segment, {"agentdesk.code": "resolved"})
    assert (await here.segment(at)).attributes == {"agentdesk.code": "resolved"}


async def test_what_is_not_there_is_said_to_be_unknown(here: Room) -> None:
    with pytest.raises(UnknownThere, match="Genesys Cloud does not know this"):
        await here.centre.snapshot("no such? conversation")
    nowhere = SegmentRef("none", "none", "none", here.agent("ana"))
    for command in (
        here.centre.accept(nowhere, "1"),
        here.centre.park(nowhere, parked=True, key="2"),
        here.centre.wrap_up(nowhere, here.code(), "", "3"),
        here.centre.end(nowhere, "4"),
        here.centre.transfer(nowhere, to_queue(here), "5"),
    ):
        with pytest.raises(StaleSegment):
            await command

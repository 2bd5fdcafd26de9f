"""A transfer makes a new task there, and leaves the conversation what it was here."""

import pytest

from agentdesk.domain.ccaas.errors import StaleSegment, TargetUnavailable, Transient
from agentdesk.domain.ccaas.values import (
    CentreTarget,
    Outcome,
    SegmentRef,
    SegmentState,
    TargetKind,
    Why,
)
from tests.ccaas.twilio.offices import ANA, BEN, BILLING, SUPPORT, Office, nothing, office
from tests.ccaas.twilio.taskrouter import refused, sid

TO_BILLING = CentreTarget(TargetKind.QUEUE, BILLING, "Billing", available=True)
TO_BEN = CentreTarget(TargetKind.AGENT, BEN, "Ben Okafor", available=True)


async def _given(here: Office) -> tuple[str, SegmentRef]:
    conversation = await here.submit(7)
    return conversation, await here.taken(conversation)


async def test_it_waits_in_the_other_queue_under_the_id_that_the_desk_knows() -> None:
    async with office() as here:
        conversation, at = await _given(here)
        await here.centre.wrap_up(at, "billing", "", "code")
        await here.centre.transfer(at, TO_BILLING, "pass-1")
        now = await here.snapshot(conversation)
        assert (now.external_id, now.queue, now.waiting) == (conversation, BILLING, True)
        assert now.attributes["agentdesk.key"] == "key-7"
        [left] = now.segments
        assert (left.id, left.agent, left.queue, left.why) == (
            at.segment,
            ANA,
            SUPPORT,
            Why.TRANSFERRED,
        )
        assert left.code is not None
        [transfer] = now.transfers
        assert (transfer.id, transfer.outcome) == ("pass-1", Outcome.COMPLETE)
        assert (transfer.by, transfer.to_queue, transfer.to_agent) == (ANA, BILLING, "")
        assert here.server.status(at.segment) == "completed"
        assert (await here.centre.agent_state(ANA)).used == 0


async def test_it_is_for_one_agent_who_has_room() -> None:
    async with office() as here:
        conversation, at = await _given(here)
        await here.centre.transfer(at, TO_BEN, "pass-1")
        form = here.server.forms[-2]
        assert (form["RoutingTarget"], form["IgnoreCapacity"]) == (BEN, "false")
        ben = await here.taken(conversation, "Ben Okafor", here.newest())
        now = await here.snapshot(conversation)
        assert [s.state for s in now.segments] == [SegmentState.ENDED, SegmentState.CONNECTED]
        assert now.transfers[0].to_agent == BEN
        assert await here.centre.held_by(BEN) == (conversation,)
        await here.centre.end(ben, "end")
        assert (await here.snapshot(conversation)).ended_at is not None


async def test_an_agent_who_is_not_there_is_no_target() -> None:
    async with office() as here:
        conversation, at = await _given(here)
        here.server.be("Ben Okafor", "Lunch")
        with pytest.raises(TargetUnavailable, match="Ben Okafor is not available"):
            await here.centre.transfer(at, TO_BEN, "pass-1")
        gone = CentreTarget(TargetKind.AGENT, sid("WK", "gone"), "Cy Gone", available=True)
        with pytest.raises(TargetUnavailable):
            await here.centre.transfer(at, gone, "pass-1")
        now = await here.snapshot(conversation)
        assert now.transfers == ()
        assert now.current is not None


async def test_the_conversation_goes_on_after_all_earlier_tasks_are_deleted() -> None:
    async with office() as here:
        conversation, at = await _given(here)
        await here.centre.transfer(at, TO_BILLING, "pass-1")
        here.server.delete(conversation)
        middle = here.newest()
        here.clock.turn(60)
        again = await here.taken(conversation, "Ben Okafor", middle)
        to_support = CentreTarget(TargetKind.QUEUE, SUPPORT, "Support", available=True)
        here.server.faults = [nothing] * 6 + [refused(503, 20503, "No service")]
        with pytest.raises(Transient):
            await here.centre.transfer(again, to_support, "pass-2")
        assert len(here.server.tasks) == 2
        async with office() as other:  # a process that remembers nothing
            other.server.tasks, other.server.held = here.server.tasks, here.server.held
            now = (await other.snapshot(conversation)).current
            assert now is not None
            assert now.id == again.segment
        await here.centre.transfer(again, to_support, "pass-2")
        assert here.server.attributes(middle)["agentdesk"]["passing"] == "pass-2"
        here.server.delete(middle)
    async with office() as there:
        there.clock.turn(120)
        there.server.tasks, there.server.held = here.server.tasks, here.server.held
        now = await there.snapshot(conversation)
        assert (now.external_id, now.queue, now.waiting) == (conversation, SUPPORT, True)
        assert [s.agent for s in now.segments] == [ANA, BEN]
        assert [t.id for t in now.transfers] == ["pass-1", "pass-2"]
        last = await there.taken(conversation, "Ana Ruiz", there.newest())
        await there.centre.wrap_up(last, "resolved", "", "code")
        await there.centre.end(last, "end")
        assert (await there.snapshot(conversation)).ended_at is not None


@pytest.mark.parametrize("broken_at", ["mark", "new task", "its answer", "end"])
async def test_one_that_breaks_off_has_not_happened_and_said_again_happens_once(
    broken_at: str,
) -> None:
    async with office() as here:
        conversation, at = await _given(here)
        if broken_at == "its answer":
            here.server.faults = [nothing] * 5 + [_lose_the_next(here)]
        else:
            passed = {"mark": 4, "new task": 5, "end": 7}[broken_at]
            here.server.faults = [nothing] * passed + [refused(503, 20503, "No service")]
        with pytest.raises(Transient):
            await here.centre.transfer(at, TO_BEN, "pass-1")
        now = await here.snapshot(conversation)
        assert now.current is not None
        assert (now.current.id, now.transfers) == (at.segment, ())
        here.server.be("Ben Okafor", "Available" if broken_at != "end" else "Lunch")
        await here.centre.transfer(at, TO_BEN, "pass-1")
        await here.centre.transfer(at, TO_BEN, "pass-1")
        now = await here.snapshot(conversation)
        assert now.waiting
        assert [t.id for t in now.transfers] == ["pass-1"]
        assert len(here.server.tasks) == 2
        assert "passing" not in here.server.attributes(here.newest())["agentdesk"]


async def test_a_task_that_was_changed_meanwhile_is_read_again_first() -> None:
    async with office() as here:
        conversation, at = await _given(here)

        async def meanwhile() -> None:
            here.server.write(conversation, {"vip": "yes"})

        here.server.faults = [nothing] * 3 + [meanwhile]
        with pytest.raises(StaleSegment):
            await here.centre.transfer(at, TO_BILLING, "pass-1")
        assert list(here.server.tasks) == [conversation]


async def test_who_does_not_have_it_cannot_pass_it_on() -> None:
    async with office() as here:
        conversation = await here.submit()
        at = await here.offered(conversation)
        with pytest.raises(StaleSegment):
            await here.centre.transfer(at, TO_BILLING, "pass-1")
        here.server.time_out(at.segment)
        with pytest.raises(StaleSegment):
            await here.centre.transfer(at, TO_BILLING, "pass-1")


async def test_the_targets_are_other_queues_of_the_agent_and_all_other_agents() -> None:
    async with office() as here:
        conversation, at = await _given(here)
        here.server.be("Ben Okafor", "Lunch")
        found = await here.centre.targets(at)
        assert [(t.kind, t.name, t.available) for t in found] == [
            (TargetKind.QUEUE, "Billing", True),
            (TargetKind.AGENT, "Ben Okafor", False),
        ]
        assert found[1].words == "Lunch"
        assert [t.name for t in await here.centre.targets(at, " oka")] == ["Ben Okafor"]


def _lose_the_next(here: Office):
    async def lose() -> None:
        here.server.lost_answers = 1

    return lose

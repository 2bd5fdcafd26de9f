"""A mail's way through TaskRouter: handed over, offered, taken, wrapped up, ended."""

from datetime import timedelta

import pytest

from agentdesk.domain.ccaas.errors import StaleSegment, Transient, UnknownThere, Unsupported
from agentdesk.domain.ccaas.values import SegmentRef, SegmentState, Why
from tests.ccaas.twilio.offices import ANA, SUPPORT, nothing, office, work
from tests.ccaas.twilio.taskrouter import PATIENCE_S, sid


async def test_a_mail_waits_in_its_queue_and_nothing_of_its_text_is_told() -> None:
    async with office() as here:
        task = await here.submit(7, priority=1)
        now = await here.snapshot(task)
        assert (now.external_id, now.queue, now.waiting) == (task, SUPPORT, True)
        assert now.attributes["agentdesk.interaction"] == "7"
        assert now.attributes["agentdesk.key"] == "key-7"
        assert now.attributes["subject"] == "Where is my parcel?"
        form = here.server.forms[0]
        assert (form["RoutingTarget"], form["Priority"], form["Timeout"]) == (
            SUPPORT,
            "4",
            "1209600",
        )
        assert "IgnoreCapacity" not in form


async def test_a_handover_whose_answer_was_lost_is_found_by_its_key() -> None:
    async with office() as here:
        here.server.lost_answers = 1
        with pytest.raises(Transient):
            await here.submit(7)
        task = await here.submit(7)
        assert list(here.server.tasks) == [task]
        assert await here.submit(8) != task


async def test_an_offer_runs_out_after_the_time_of_its_workflow() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.offered(task)
        here.clock.turn(30)
        [segment] = (await here.snapshot(task)).segments
        assert (segment.agent, segment.state) == (ANA, SegmentState.OFFERED)
        assert segment.expires_in == timedelta(seconds=PATIENCE_S - 30)
        here.server.time_out(at.segment)
        now = await here.snapshot(task)
        assert now.waiting
        assert now.segments[0].why is Why.NO_ANSWER


async def test_an_agent_takes_a_mail_once_however_often_it_is_said() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.taken(task)
        await here.centre.accept(at, "accept")
        [segment] = (await here.snapshot(task)).segments
        assert segment.state is SegmentState.CONNECTED
        assert segment.connected_at == here.clock.now()
        assert (await here.centre.agent_state(ANA)).used == 1


async def test_an_offer_that_is_gone_is_not_taken() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.offered(task)
        here.server.time_out(at.segment)
        with pytest.raises(StaleSegment):
            await here.centre.accept(at, "accept")
        await here.centre.reject(at, "reject")  # that it is gone is what was wanted
        other = await here.taken(task, "Ben Okafor")
        with pytest.raises(StaleSegment):
            await here.centre.reject(other, "reject")
        with pytest.raises(StaleSegment):
            await here.centre.accept(SegmentRef(task, sid("WR", "none"), "", ANA), "accept")


async def test_a_declined_mail_waits_again() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.offered(task)
        await here.centre.reject(at, "reject")
        now = await here.snapshot(task)
        assert now.waiting
        assert now.segments[0].why is Why.REJECTED


async def test_a_code_is_kept_at_the_task_and_its_end_names_it() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.taken(task)
        await here.centre.wrap_up(at, "resolved", "Sent a new one", "code")
        await here.centre.wrap_up(at, "resolved", "Sent a new one", "code")
        assert len(here.server.forms) == 3
        [segment] = (await here.snapshot(task)).segments
        assert segment.code is not None
        assert (segment.code.code, segment.code.notes) == ("resolved", "Sent a new one")
        await here.centre.end(at, "end")
        await here.centre.end(at, "end")
        now = await here.snapshot(task)
        assert now.ended_at == here.clock.now()
        assert now.segments[0].why is Why.FINISHED
        assert here.server.tasks[task]["reason"] == "resolved"
        assert (await here.centre.agent_state(ANA)).used == 0


async def test_a_later_code_replaces_an_earlier_one() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.taken(task)
        await here.centre.wrap_up(at, "resolved", "", "one")
        await here.centre.wrap_up(at, "spam", "", "two")
        code = (await here.snapshot(task)).segments[0].code
        assert code is not None
        assert code.code == "spam"


async def test_what_another_program_wrote_is_never_written_over() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.taken(task)
        held = here.server.attributes(task)

        async def meanwhile() -> None:
            here.server.write(task, {**held, "mood": "angry"})

        here.server.faults = [nothing, meanwhile]  # between reading and writing
        await here.centre.wrap_up(at, "resolved", "", "code")
        now = await here.snapshot(task)
        assert now.attributes["mood"] == "angry"
        assert now.segments[0].code is not None


async def test_an_end_by_another_program_frees_the_agent_when_the_desk_ends_it() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.taken(task)
        here.server.wrapping(at.segment)
        [segment] = (await here.snapshot(task)).segments
        assert (segment.state, segment.owes_code) == (SegmentState.ENDED, True)
        await here.centre.wrap_up(at, "resolved", "", "code")
        assert not (await here.snapshot(task)).segments[0].owes_code
        await here.centre.end(at, "end")
        assert here.server.status(at.segment) == "completed"


async def test_the_end_of_a_part_that_is_over_leaves_the_next_agents_alone() -> None:
    async with office() as here:
        task = await here.submit()
        gone = await here.offered(task)
        with pytest.raises(StaleSegment):
            await here.centre.end(gone, "end")
        here.server.time_out(gone.segment)
        at = await here.taken(task, "Ben Okafor")
        await here.centre.end(gone, "end")
        now = (await here.snapshot(task)).current
        assert now is not None
        assert (now.id, now.state) == (at.segment, SegmentState.CONNECTED)


async def test_a_task_that_somebody_took_meanwhile_is_not_closed() -> None:
    async with office() as here:
        task = await here.submit()

        async def taken_meanwhile() -> None:
            here.server.take(here.server.reserve(task, "Ben Okafor"))

        here.server.faults = [nothing, taken_meanwhile]
        with pytest.raises(StaleSegment):
            await here.centre.close(task)
        with pytest.raises(StaleSegment):
            await here.centre.close(task)
        assert (await here.snapshot(task)).current is not None


async def test_a_conversation_that_waits_is_closed_once() -> None:
    async with office() as here:
        task = await here.submit()
        await here.centre.close(task)
        await here.centre.close(task)
        assert (await here.snapshot(task)).ended_at is not None
        here.server.delete(task)
        await here.centre.close(task)


async def test_what_ended_is_remembered_after_its_task_is_deleted() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.taken(task)
        await here.centre.wrap_up(at, "resolved", "", "code")
        await here.centre.end(at, "end")
        here.server.delete(task)
        here.clock.turn(3_600)
        now = await here.snapshot(task)
        assert now.ended_at == here.clock.now() - timedelta(hours=1)
        [segment] = now.segments
        assert (segment.agent, segment.why, segment.id) == (ANA, Why.FINISHED, at.segment)
        assert segment.code is not None
        assert segment.code.code == "resolved"
        await here.centre.end(at, "end")
        with pytest.raises(UnknownThere):
            await here.centre.wrap_up(at, "spam", "", "late")


async def test_a_reply_is_noted_where_somebody_has_the_mail() -> None:
    async with office() as here:
        task = await here.submit()
        await here.taken(task)
        await here.centre.tell_reply(task, work(), "reply-1")
        await here.centre.tell_reply(task, work(), "reply-1")
        assert len(here.server.forms) == 3
        assert here.server.attributes(task)["agentdesk"]["replied_key"] == "reply-1"


async def test_a_reply_to_what_ended_waits_under_the_same_id() -> None:
    async with office() as here:
        task = await here.submit(7)
        at = await here.taken(task)
        await here.centre.end(at, "end")
        await here.centre.tell_reply(task, work(7), "reply-1")
        await here.centre.tell_reply(task, work(7), "reply-1")
        assert len(here.server.tasks) == 2
        now = await here.snapshot(task)
        assert (now.external_id, now.waiting, now.ended_at) == (task, True, None)
        assert now.attributes["agentdesk.key"] == "key-7"
        here.server.delete(task)
        again = await here.taken(task, "Ben Okafor", here.newest())
        assert (await here.snapshot(task)).current is not None
        await here.centre.end(again, "end")
        here.server.delete(here.newest())
        await here.centre.tell_reply(task, work(7), "reply-2")
        assert (await here.snapshot(task)).waiting


async def test_a_segment_is_described_by_the_service() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.taken(task)
        await here.centre.describe(task, at.segment, {"agentdesk.code": "timeout"})
        await here.centre.describe(task, at.segment, {"agentdesk.at": "now"})
        [segment] = (await here.snapshot(task)).segments
        assert segment.attributes == {"agentdesk.code": "timeout", "agentdesk.at": "now"}


async def test_nothing_is_put_aside_there() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.taken(task)
        assert not here.centre.caps.park
        with pytest.raises(Unsupported):
            await here.centre.park(at, parked=True, key="park")


async def test_queries_by_attributes_keep_to_three_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with office() as here:
        monkeypatch.setattr("agentdesk.ccaas.twilio.asking.sleep", sleep)
        for number in range(5):
            await here.submit(number)
    assert slept[:3] == [0.0, 0.0, 0.0]
    assert all(0 < one <= 1.0 for one in slept[3:])
    assert len(slept) == 5

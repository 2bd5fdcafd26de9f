"""Reminders, the word before the end, and the close for silence."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.deadline import Due
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.message import Address
from agentdesk.domain.policy import ScheduleSetup
from agentdesk.domain.reminder import ReminderRule, Reminders
from agentdesk.domain.rules import Rules
from agentdesk.mail.account import NotSent
from agentdesk.mail.mime import understand
from agentdesk.services import outgoing
from agentdesk.services.outgoing import Job
from agentdesk.services.waiting import WHILE_WAITING
from agentdesk.storage import deadlines, interactions, people
from tests.desks import RULES, SUPPORT, World, desk, mail

MARA = "mara.olsen@fjord.example"
TWO_DAYS = timedelta(days=2)


@asynccontextmanager
async def a_desk(url: str, **changes: object) -> AsyncIterator[World]:
    """A desk in UTC whose rules are changed."""
    clock = ManualClock()
    rules: Rules = replace(RULES, zone=UTC, **changes)
    async with desk(url, clock=clock, rules=rules) as made:
        yield World(made, clock)


async def take(world: World) -> list[Job]:
    """Time does its part; what is ready to go out goes out."""
    await services.deadlines.run_passed(world.desk)
    jobs = []
    while (job := await outgoing.claim(world.desk, [1, 2])) is not None:
        await outgoing.mark_maybe_sent(world.desk, job)
        await outgoing.mark_sent(world.desk, job, {})
        jobs.append(job)
    return jobs


async def answer(world: World, actor: Actor, key: InteractionId, **fields: str) -> None:
    """The agent answers; it is on hold then."""
    draft = await services.drafts.open_reply(world.desk, actor, key, everyone=False)
    content = replace(draft.content, **{"body": "Which parcel is it?", **fields})
    draft = await services.drafts.save(world.desk, actor, draft.id, draft.token, content)
    await services.sending.queue(world.desk, actor, draft.id, draft.token)


async def waiting(world: World, **fields: str) -> tuple[Actor, InteractionId, Job]:
    """A customer's mail, answered; the answer has gone out."""
    await world.arrive(mail(message_id="first@fjord.example"))
    actor, key = await world.at_work()
    await answer(world, actor, key, **fields)
    world.clock.turn(10)
    (job,) = await take(world)
    return actor, key, job


async def later(world: World, by: timedelta) -> list[Job]:
    """What goes out when the clock is turned on."""
    world.clock.turn(by.total_seconds())
    return await take(world)


async def titles(world: World, actor: Actor, key: InteractionId) -> list[str]:
    page = await services.views.stream(world.desk, actor, key)
    return [e.title for e in page.entries]


async def state(world: World, key: InteractionId) -> State:
    async with world.desk.store.read() as tx:
        return (await interactions.get(tx, key)).state


async def due_kinds(world: World, key: int) -> set[str]:
    """The kinds of deadline that an interaction on hold has."""
    async with world.desk.store.read() as tx:
        return {k.value for k in WHILE_WAITING if await deadlines.due_at(tx, k, key) is not None}


async def test_a_customer_who_does_not_answer_is_reminded_in_the_thread(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, first = await waiting(world)
        assert await later(world, TWO_DAYS - timedelta(seconds=11)) == []
        (job,) = await later(world, timedelta(seconds=1))
        assert job.recipients == (MARA,)
        assert job.sender == SUPPORT
        letter, answered = understand(job.raw), understand(first.raw)
        assert letter.subject == "Re: Order 5512 damaged"
        assert letter.in_reply_to == (answered.message_id,)
        assert letter.references[-2:] == ("first@fjord.example", answered.message_id)
        assert letter.text.startswith("Hello Mara Olsen,")
        assert '"Order 5512 damaged"' in letter.text
        assert b"\r\nAuto-Submitted: auto-generated\r\n" in job.raw
        assert b"\r\nX-Auto-Response-Suppress: All\r\n" in job.raw
        assert "Reminder 1 of 2 sent to Mara Olsen" in await titles(world, ana, key)


async def test_at_most_two_then_a_word_to_the_owner_then_the_end(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, _ = await waiting(world)
        sent = [len(await later(world, timedelta(days=1))) for _ in range(4)]
        assert sent == [0, 1, 0, 1]
        row = (await services.views.desktop(world.desk, ana)).on_hold[0]
        assert row.unread == 1
        assert await later(world, timedelta(days=1)) == []
        assert await state(world, key) is State.CLOSED_COMPLETE
        told = await titles(world, ana, key)
        assert told.count("It will be closed tomorrow 09:00: no answer from Mara Olsen") == 1
        assert "Wrapped up as Closed due to customer inactivity" in told
        assert await later(world, timedelta(days=40)) == []


async def test_a_persons_answer_ends_the_reminders_and_programs_do_not(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, job = await waiting(world)
        vacation = b"Auto-Submitted: auto-replied\r\n" + mail(
            "I am away.", in_reply_to=job.header_id
        )
        await world.arrive(vacation)
        assert len(await later(world, TWO_DAYS)) == 1
        await world.arrive(mail("It is 5512.", in_reply_to=job.header_id))
        assert await later(world, timedelta(days=40)) == []
        assert await state(world, key) is State.WORK_IN_PROGRESS
        async with world.desk.store.read() as tx:
            assert (await interactions.get(tx, key)).reminders == 0


async def test_an_answer_takes_back_a_reminder_that_has_not_left(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, job = await waiting(world)
        world.clock.turn(TWO_DAYS.total_seconds())
        await services.deadlines.run_passed(world.desk)
        await world.arrive(mail("It is 5512.", in_reply_to=job.header_id))
        assert await take(world) == []
        assert "The reminder is not needed any more" in await titles(world, ana, key)


async def test_what_a_customer_wrote_last_is_never_reminded_of(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, job = await waiting(world)
        await world.arrive(mail("It is 5512.", in_reply_to=job.header_id))
        await services.handling.hold(world.desk, ana, key)
        assert await later(world, timedelta(days=4)) == []


async def test_nothing_is_reminded_of_where_we_never_wrote(url: str) -> None:
    async with a_desk(url) as world:
        await world.arrive(mail())
        ana, key = await world.at_work()
        await services.handling.hold(world.desk, ana, key)
        assert await later(world, timedelta(days=4)) == []
        assert await later(world, timedelta(days=1)) == []
        assert await state(world, key) is State.CLOSED_COMPLETE


async def test_a_new_time_on_hold_has_reminders_of_its_own(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, job = await waiting(world)
        assert len(await later(world, TWO_DAYS)) == 1
        await world.arrive(mail("It is 5512.", in_reply_to=job.header_id))
        await answer(world, ana, key)
        assert len(await later(world, timedelta(seconds=10))) == 1
        assert len(await later(world, TWO_DAYS)) == 1
        assert len(await later(world, TWO_DAYS)) == 1
        assert (await titles(world, ana, key)).count("Reminder 1 of 2 sent to Mara Olsen") == 2


async def test_another_mail_while_on_hold_begins_the_wait_again(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, _ = await waiting(world)
        world.clock.turn(timedelta(days=1).total_seconds())
        await answer(world, ana, key)
        assert len(await later(world, timedelta(seconds=10))) == 1
        assert await later(world, timedelta(days=1)) == []
        assert len(await later(world, timedelta(days=1))) == 1


@pytest.mark.parametrize("fate", ["failed", "unknown"])
async def test_a_mail_that_did_not_arrive_stops_reminders(url: str, fate: str) -> None:
    async with a_desk(url) as world:
        await world.arrive(mail())
        ana, key = await world.at_work()
        await answer(world, ana, key)
        world.clock.turn(10)
        await services.deadlines.run_passed(world.desk)
        job = await outgoing.claim(world.desk, [1])
        assert job is not None
        if fate == "failed":
            await outgoing.mark_failed(world.desk, job, "no such user")
        else:
            await outgoing.mark_maybe_sent(world.desk, job)
            await outgoing.mark_unknown(world.desk, job, "The line broke.")
        assert await later(world, timedelta(days=3)) == []
        stopped = "No reminder is sent: our last mail was not delivered"
        assert (await titles(world, ana, key)).count(stopped) == 1
        await services.sending.send_again(world.desk, ana, job.id)
        assert len(await take(world)) == 1
        assert len(await later(world, TWO_DAYS)) == 1


async def test_a_mail_that_waits_for_its_server_is_not_reminded_of(url: str) -> None:
    async with a_desk(url) as world:
        await world.arrive(mail())
        ana, key = await world.at_work()
        await answer(world, ana, key)
        world.clock.turn(10)
        await services.deadlines.run_passed(world.desk)
        job = await outgoing.claim(world.desk, [1])
        assert job is not None
        await outgoing.mark_not_sent(world.desk, job, NotSent("Come back later.", permanent=False))
        async with world.desk.store.write() as tx:  # the server stays away
            await deadlines.drop(tx, Due.OUTBOX, job.id)
        assert await later(world, TWO_DAYS) == []
        assert "Reminder 1 of 2 sent to Mara Olsen" not in await titles(world, ana, key)


async def test_an_address_that_bounced_is_not_reminded(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, _ = await waiting(world)
        async with world.desk.store.write() as tx:
            await people.mark_bounced(tx, [MARA], world.clock.now())
        assert await later(world, TWO_DAYS) == []
        assert f"No reminder is sent: {MARA} cannot be reached" in await titles(world, ana, key)


async def test_no_reply_addresses_are_not_reminded(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, _ = await waiting(world, to="no-reply@fjord.example")
        assert await later(world, TWO_DAYS) == []
        assert any(t.startswith("No reminder is sent") for t in await titles(world, ana, key))


async def test_whoever_a_mail_was_passed_on_to_is_not_the_customer(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, first = await waiting(world)
        await answer(world, ana, key, to="carrier@parcels.example", subject="Fwd: Order 5512")
        assert len(await later(world, timedelta(seconds=10))) == 1
        (job,) = await later(world, TWO_DAYS)
        assert job.recipients == (MARA,)
        assert understand(job.raw).in_reply_to == (understand(first.raw).message_id,)


async def in_office_hours(world: World) -> None:
    """The support queue is open from nine to five on weekdays."""
    policy = world.desk.policy
    queues = (replace(policy.queues[0], schedule="office"), *policy.queues[1:])
    await world.change_policy(schedules=(ScheduleSetup("office", "Office", "UTC"),), queues=queues)


async def test_a_reminder_waits_for_the_queue_to_open(url: str) -> None:
    async with a_desk(url) as world:
        await in_office_hours(world)
        thursday = datetime(2026, 3, 5, 10, tzinfo=UTC)
        world.clock.turn((thursday - world.clock.now()).total_seconds())
        await waiting(world)
        for _ in range(94):  # until Monday, 08:00
            assert await later(world, timedelta(hours=1)) == []
        assert len(await later(world, timedelta(hours=1))) == 1
        assert world.clock.now() == datetime(2026, 3, 9, 9, 0, 10, tzinfo=UTC)


async def test_without_office_hours_it_goes_at_once(url: str) -> None:
    rule = replace(ReminderRule(), office_hours=False)
    async with a_desk(url, reminders=Reminders(rule)) as world:
        await in_office_hours(world)
        friday = datetime(2026, 3, 6, 16, tzinfo=UTC)
        world.clock.turn((friday - world.clock.now()).total_seconds())
        await waiting(world)
        assert len(await later(world, TWO_DAYS)) == 1


async def test_an_account_has_a_rule_of_its_own(url: str) -> None:
    own = ReminderRule(inbound=timedelta(days=1), most=1, text="{name}, {number}: {agent} asks.")
    async with a_desk(url, reminders=Reminders(accounts={"support": own})) as world:
        await waiting(world)
        (job,) = await later(world, timedelta(days=1))
        assert understand(job.raw).text.strip() == "Mara Olsen, IMS0000001: Ana Ruiz asks."
        assert await later(world, timedelta(days=1)) == []


async def test_a_direction_can_be_left_out(url: str) -> None:
    rule = ReminderRule(inbound=None)
    async with a_desk(url, reminders=Reminders(rule)) as world:
        await waiting(world)
        assert await later(world, timedelta(days=4)) == []


async def test_one_too_many_within_an_hour_waits(url: str) -> None:
    async with a_desk(url, reminders=Reminders(per_hour=2)) as world:
        for n in range(3):
            sender = Address(f"c{n}@fjord.example", f"Customer {n}")
            await world.arrive(mail(sender=sender, subject=f"Order {n}"))
            actor, key = await world.at_work()
            await answer(world, actor, key)
        assert len(await later(world, timedelta(seconds=10))) == 3
        assert len(await later(world, TWO_DAYS)) == 2
        assert len(await later(world, timedelta(minutes=61))) == 1


async def test_a_desk_that_was_shut_closes_what_is_due_and_reminds_nobody_of_it(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, _ = await waiting(world)
        assert await later(world, timedelta(days=20)) == []
        assert await state(world, key) is State.CLOSED_COMPLETE
        assert not any("will be closed" in t for t in await titles(world, ana, key))


async def test_without_notice_it_is_closed_at_its_time(url: str) -> None:
    async with a_desk(url, silence_notice=timedelta(0)) as world:
        ana, key, _ = await waiting(world)
        await later(world, timedelta(days=5))
        assert await state(world, key) is State.CLOSED_COMPLETE
        assert not any("will be closed" in t for t in await titles(world, ana, key))


@pytest.mark.parametrize("how", ["resume", "close", "requeue", "reply"])
async def test_nothing_is_due_once_it_left_on_hold(url: str, how: str) -> None:
    async with a_desk(url) as world:
        ana, key, job = await waiting(world)
        if how == "resume":
            await services.handling.resume(world.desk, ana, key)
        elif how == "close":
            await services.handling.close(world.desk, ana, key)
        elif how == "requeue":
            queue = world.desk.in_force.queue_ids["sales"]
            await services.transferring.to_queue(world.desk, ana, key, queue, "Yours")
        else:
            await world.arrive(mail("It is 5512.", in_reply_to=job.header_id))
        assert await due_kinds(world, key) == set()

"""Mails that go out later: they wait, move, go at once, and stop where the customer was quicker."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.delivery import AfterSend
from agentdesk.domain.draft import Draft
from agentdesk.domain.errors import BadInput, Conflict, NotAllowed, SomethingNew
from agentdesk.domain.ids import InteractionId, OutboxId
from agentdesk.domain.interaction import State
from agentdesk.domain.message import Address
from agentdesk.domain.views import Delivery, WorkRow
from agentdesk.mail.account import NotSent
from agentdesk.services import outgoing
from agentdesk.storage.tables import interactions, outbox
from tests.desks import World, desk, mail

ACCOUNTS = [1, 2]


def later(world: World, hours: float = 24) -> datetime:
    return world.clock.now() + timedelta(hours=hours)


async def written(world: World, text: str = "We look into it.") -> tuple[Actor, Draft]:
    """Mara wrote, Ana's answer is typed."""
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, key = await world.at_work()
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    content = replace(draft.content, body=text)
    return ana, await services.drafts.save(world.desk, ana, draft.id, draft.token, content)


async def scheduled(
    world: World, hours: float = 24, after: AfterSend = AfterSend.USUAL
) -> tuple[Actor, InteractionId, OutboxId]:
    ana, draft = await written(world)
    at = later(world, hours)
    box = await services.sending.queue(
        world.desk, ana, draft.id, draft.token, after=after, send_at=at
    )
    return ana, draft.interaction_id, box


async def row_of(world: World, box: OutboxId) -> sa.Row[tuple[object, ...]]:
    async with world.desk.store.read() as tx:
        found = await tx.one(sa.select(outbox).where(outbox.c.id == box))
    assert found is not None
    return found


async def shown(world: World, actor: Actor) -> WorkRow:
    left = await services.views.desktop(world.desk, actor)
    (row,) = (*left.ongoing, *left.on_hold)
    return row


async def test_a_scheduled_mail_waits_for_its_moment_and_says_so(world: World) -> None:
    ana, key, box = await scheduled(world)
    at = later(world)
    row = await shown(world, ana)
    assert (row.state, row.scheduled_for) == (State.ON_HOLD, at)
    page = await services.views.stream(world.desk, ana, key)
    (entry,) = [e for e in page.entries if e.outbox_id == box]
    assert (entry.delivery, entry.scheduled_for, entry.due_at) == (Delivery.DELAYED, at, at)
    world.clock.turn(23 * 3600)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    world.clock.turn(3600)
    await services.deadlines.run_passed(world.desk)
    job = await outgoing.claim(world.desk, ACCOUNTS)
    assert job is not None
    assert f"\r\nDate: {at:%a, %d %b %Y %H:%M:%S} +0000\r\n".encode() in job.raw
    assert (await shown(world, ana)).scheduled_for is None


async def test_it_goes_after_a_restart_by_whichever_engine_runs(world: World) -> None:
    _, _, box = await scheduled(world)
    world.clock.turn(3 * 24 * 3600)
    async with desk(
        world.desk.store.url.render_as_string(hide_password=False), clock=world.clock
    ) as again:
        await services.deadlines.run_passed(again)
        job = await outgoing.claim(again, ACCOUNTS)
        await services.deadlines.run_passed(world.desk)
        assert job is not None
        assert job.id == box
        assert await outgoing.claim(world.desk, ACCOUNTS) is None


async def test_two_days_of_trying_begin_when_it_was_to_go(world: World) -> None:
    _, _, box = await scheduled(world, hours=24 * 10)
    world.clock.turn(24 * 10 * 3600)
    await services.deadlines.run_passed(world.desk)
    job = await outgoing.claim(world.desk, ACCOUNTS)
    assert job is not None
    await outgoing.mark_not_sent(world.desk, job, NotSent("Busy.", permanent=False))
    assert (await row_of(world, box)).state == Delivery.DEFERRED.value


async def test_it_is_moved_earlier_and_later(world: World) -> None:
    ana, key, box = await scheduled(world)
    for hours in (48, 2):
        at = later(world, hours)
        await services.sending.reschedule(world.desk, ana, box, at)
        assert (await shown(world, ana)).scheduled_for == at
        raw = await services.views.original(world.desk, ana, (await row_of(world, box)).message_id)
        assert f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\r\n".encode() in raw
    world.clock.turn(2 * 3600)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is not None
    with pytest.raises(Conflict, match="already on its way"):
        await services.sending.reschedule(world.desk, ana, box, later(world))


async def test_it_is_sent_now(world: World) -> None:
    ana, _, box = await scheduled(world)
    world.clock.turn(3600)
    await services.sending.send_now(world.desk, ana, box)
    job = await outgoing.claim(world.desk, ACCOUNTS)
    assert job is not None
    now = world.clock.now()
    assert f"Date: {now:%a, %d %b %Y %H:%M:%S} +0000\r\n".encode() in job.raw
    world.clock.turn(24 * 3600)
    await services.deadlines.run_passed(world.desk)
    assert (await row_of(world, box)).state == Delivery.SENDING.value
    with pytest.raises(Conflict, match="already on its way"):
        await services.sending.send_now(world.desk, ana, box)


async def test_others_do_not_move_it(world: World) -> None:
    _, _, box = await scheduled(world)
    ben = await world.sign_in("ben")
    with pytest.raises(NotAllowed):
        await services.sending.send_now(world.desk, ben, box)
    with pytest.raises(NotAllowed):
        await services.sending.reschedule(world.desk, ben, box, later(world))


async def test_a_moment_that_is_past_is_refused(world: World) -> None:
    ana, draft = await written(world)
    with pytest.raises(BadInput, match="is past"):
        await services.sending.queue(
            world.desk, ana, draft.id, draft.token, send_at=later(world, -1)
        )
    box = await services.sending.queue(world.desk, ana, draft.id, draft.token, send_at=later(world))
    with pytest.raises(BadInput, match="is past"):
        await services.sending.reschedule(world.desk, ana, box, world.clock.now())


async def test_a_moment_within_the_undo_delay_leaves_time_to_undo(world: World) -> None:
    ana, draft = await written(world)
    at = world.clock.now() + timedelta(seconds=1)
    await services.sending.queue(world.desk, ana, draft.id, draft.token, send_at=at)
    world.clock.turn(5)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None


async def test_cancelled_it_is_a_draft_again_and_counts_for_nothing(world: World) -> None:
    ana, key, box = await scheduled(world)
    draft = await services.sending.cancel(world.desk, ana, box)
    assert draft.content.body == "We look into it."
    row = await shown(world, ana)
    assert (row.state, row.scheduled_for) == (State.WORK_IN_PROGRESS, None)
    async with world.desk.store.read() as tx:
        i = await tx.one(sa.select(interactions).where(interactions.c.id == key))
    assert i is not None
    assert (i.sent, i.first_response_at) == (0, None)
    world.clock.turn(24 * 3600)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None


async def test_the_first_response_is_when_it_goes(world: World) -> None:
    _, key, _ = await scheduled(world)
    async with world.desk.store.read() as tx:
        i = await tx.one(sa.select(interactions).where(interactions.c.id == key))
    assert i is not None
    assert i.first_response_at == later(world)


async def test_the_customers_mail_stops_it_and_its_text_is_a_draft_again(world: World) -> None:
    ana, key, box = await scheduled(world)
    at = later(world)
    world.clock.turn(3600)
    await world.arrive(mail("Never mind, it works.", in_reply_to="a@fjord.example"))
    assert (await row_of(world, box)).state == Delivery.CANCELED.value
    row = await shown(world, ana)
    assert (row.state, row.unread, row.scheduled_for) == (State.WORK_IN_PROGRESS, 1, None)
    (draft,) = (await services.views.desktop(world.desk, ana)).drafts
    page = await services.views.stream(world.desk, ana, key)
    told = f"Your mail of {at:%a} {at.day} {at:%b %H:%M} was not sent: Mara Olsen wrote in between."
    assert told in [e.title for e in page.entries]
    sue = await world.sign_in("sue")
    page = await services.views.stream(world.desk, sue, key)
    assert told.replace("Your", "The") in [e.title for e in page.entries]
    again = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    assert (again.id, again.content.body) == (draft.draft_id, "We look into it.")
    with pytest.raises(SomethingNew) as stopped:
        await services.sending.queue(world.desk, ana, again.id, again.token)
    (news,) = stopped.value.news
    assert (news.who, news.words, news.incoming) == ("Mara Olsen", "Never mind, it works.", True)
    world.clock.turn(48 * 3600)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None


async def test_a_program_does_not_stop_it(world: World) -> None:
    _, _, box = await scheduled(world)
    away = b"Auto-Submitted: auto-replied\r\n" + mail(
        "I am away.", subject="Re: Order 5512 damaged", in_reply_to="a@fjord.example"
    )
    await world.arrive(away)
    assert (await row_of(world, box)).state == Delivery.DELAYED.value


async def test_a_mail_that_is_only_delayed_for_undo_is_not_stopped(world: World) -> None:
    ana, draft = await written(world)
    box = await services.sending.queue(world.desk, ana, draft.id, draft.token)
    await world.arrive(mail("One more thing.", in_reply_to="a@fjord.example"))
    assert (await row_of(world, box)).state == Delivery.DELAYED.value


async def test_what_already_goes_is_not_stopped(world: World) -> None:
    _, _, box = await scheduled(world)
    world.clock.turn(24 * 3600)
    await services.deadlines.run_passed(world.desk)
    await world.arrive(mail("One more thing.", in_reply_to="a@fjord.example"))
    assert (await row_of(world, box)).state == Delivery.QUEUED.value


async def test_nothing_is_closed_while_a_mail_waits(world: World) -> None:
    ana, key, box = await scheduled(world, after=AfterSend.KEEP)
    with pytest.raises(BadInput, match="goes out later"):
        await services.handling.close(world.desk, ana, key)
    await services.sending.send_now(world.desk, ana, box)
    await services.handling.close(world.desk, ana, key)


async def test_silence_does_not_close_before_the_mail_went(world: World) -> None:
    ana, key, _ = await scheduled(world, hours=24 * 20)
    world.clock.turn(24 * 10 * 3600)
    await services.deadlines.run_passed(world.desk)
    assert (await shown(world, ana)).state is State.ON_HOLD
    closes = (await shown(world, ana)).closes_at
    assert closes is not None
    assert closes >= later(world, 24 * 10) + world.desk.rules.inbound_silence


# What becomes of the interaction


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (AfterSend.USUAL, State.ON_HOLD),
        (AfterSend.HOLD, State.ON_HOLD),
        (AfterSend.KEEP, State.WORK_IN_PROGRESS),
        (AfterSend.CLOSE, State.WRAP_UP),
    ],
)
async def test_the_interaction_goes_where_the_sender_said(
    world: World, after: AfterSend, state: State
) -> None:
    ana, draft = await written(world)
    box = await services.sending.queue(world.desk, ana, draft.id, draft.token, after=after)
    assert (await shown(world, ana)).state is state
    await services.sending.cancel(world.desk, ana, box)
    assert (await shown(world, ana)).state is State.WORK_IN_PROGRESS


async def test_closing_later_is_refused(world: World) -> None:
    ana, draft = await written(world)
    with pytest.raises(BadInput, match="keeps its interaction open"):
        await services.sending.queue(
            world.desk, ana, draft.id, draft.token, after=AfterSend.CLOSE, send_at=later(world)
        )
    assert (await services.drafts.read(world.desk, ana, draft.id)).content == draft.content


async def test_send_and_close_stops_at_what_another_has_typed(world: World) -> None:
    ana, draft = await written(world)
    sue = await world.sign_in("sue")
    theirs = await services.drafts.open_reply(world.desk, sue, draft.interaction_id, everyone=False)
    content = replace(theirs.content, body="Let me answer this.")
    await services.drafts.save(world.desk, sue, theirs.id, theirs.token, content)
    with pytest.raises(BadInput, match="unsent draft"):
        await services.sending.queue(world.desk, ana, draft.id, draft.token, after=AfterSend.CLOSE)
    assert (await shown(world, ana)).state is State.WORK_IN_PROGRESS
    assert (await services.drafts.read(world.desk, ana, draft.id)).content == draft.content


# Something new


async def test_sending_stops_with_what_is_new_and_never_with_our_own_automatic_mail(
    world: World,
) -> None:
    ana, draft = await written(world)
    await world.arrive(mail("First.", in_reply_to="a@fjord.example"))
    lee = Address("lee@pine.example", "Lee\x1b[2J Pine")
    cited = mail("Second.\n\n> old", in_reply_to="a@fjord.example", sender=lee)
    await world.arrive(cited)
    with pytest.raises(SomethingNew, match="2 mails came") as stopped:
        await services.sending.queue(world.desk, ana, draft.id, draft.token)
    assert [(n.who, n.words, n.incoming) for n in stopped.value.news] == [
        ("Mara Olsen", "First.", True),
        ("Lee[2J Pine", "Second.", True),
    ]
    await services.sending.queue(world.desk, ana, draft.id, draft.token, anyway=True)


async def test_what_was_taken_back_is_nothing_new(world: World) -> None:
    ana, draft = await written(world)
    key = draft.interaction_id
    sue = await world.sign_in("sue")
    theirs = await services.drafts.open_reply(world.desk, sue, key, everyone=False)
    box = await services.sending.queue(
        world.desk, sue, theirs.id, theirs.token, after=AfterSend.KEEP
    )
    with pytest.raises(SomethingNew) as stopped:
        await services.sending.queue(world.desk, ana, draft.id, draft.token)
    assert [(n.who, n.incoming) for n in stopped.value.news] == [("Sue Lind", False)]
    await services.sending.cancel(world.desk, sue, box)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)


async def test_at_its_very_moment_it_goes_or_is_stopped_and_never_both(world: World) -> None:
    ana, _, box = await scheduled(world)
    world.clock.turn(24 * 3600)
    await asyncio.gather(
        services.deadlines.run_passed(world.desk),
        world.arrive(mail("Wait.", in_reply_to="a@fjord.example")),
    )
    await services.deadlines.run_passed(world.desk)
    state = Delivery((await row_of(world, box)).state)
    drafts = (await services.views.desktop(world.desk, ana)).drafts
    assert (state, len(drafts)) in ((Delivery.QUEUED, 0), (Delivery.CANCELED, 1))
    assert (await outgoing.claim(world.desk, ACCOUNTS) is None) is (state is Delivery.CANCELED)


async def test_taken_back_while_the_customer_writes_there_is_one_draft(world: World) -> None:
    ana, _, box = await scheduled(world)
    undone, _ = await asyncio.gather(
        services.sending.cancel(world.desk, ana, box),
        world.arrive(mail("Wait.", in_reply_to="a@fjord.example")),
        return_exceptions=True,
    )
    assert isinstance(undone, Draft | Conflict)
    assert (await row_of(world, box)).state == Delivery.CANCELED.value
    assert len((await services.views.desktop(world.desk, ana)).drafts) == 1

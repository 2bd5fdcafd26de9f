"""One email, the whole way: received, offered, answered, answered again, wrapped up."""

import pytest

from agentdesk import services
from agentdesk.domain.draft import DraftContent
from agentdesk.domain.errors import BadInput, CapacityExceeded, NotAllowed, OfferGone, SomethingNew
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Delivery, EntryKind
from agentdesk.services import outgoing
from tests.desks import World, mail


async def test_a_mail_becomes_an_offer_with_a_countdown(world: World) -> None:
    await world.arrive(mail())
    (card,) = await world.inbox()
    assert card.subject == "Order 5512 damaged"
    assert card.customer == "Mara Olsen"
    assert card.preview.startswith("My parcel arrived broken")
    assert card.expires_at is not None
    assert (card.expires_at - world.clock.now()).total_seconds() == 60


async def test_the_whole_way_to_closed_complete(world: World) -> None:
    desk = world.desk
    await world.arrive(mail(message_id="first@fjord.example"))
    ana, key = await world.at_work()
    assert (await services.presence.status(desk, ana)).used == 1
    await services.notes.add(desk, ana, key, "Check the carrier's photo")

    draft = await services.drafts.open_reply(desk, ana, key, everyone=False)
    assert draft.content.subject == "Re: Order 5512 damaged"
    assert "> My parcel arrived broken" in draft.content.body
    assert "mara.olsen@fjord.example" in draft.content.to
    box = await services.sending.queue(desk, ana, draft.id, draft.token)
    view = await services.views.interaction(desk, ana, key)
    assert view.state is State.ON_HOLD
    assert (await services.presence.status(desk, ana)).used == 0

    world.clock.turn(11)
    await services.deadlines.run_passed(desk)
    job = await outgoing.claim(desk, [1, 2])
    assert job is not None
    assert job.id == box
    await outgoing.mark_maybe_sent(desk, job)
    await outgoing.mark_sent(desk, job, {})
    header = job.raw.split(b"Message-ID: <")[1].split(b">")[0].decode()

    await world.arrive(mail("Thank you, photos attached.", in_reply_to=header))
    page = await services.views.stream(desk, ana, key)
    kinds = [e.kind for e in page.entries if e.kind is not EntryKind.CHANGE]
    assert kinds == [EntryKind.MAIL_IN, EntryKind.NOTE, EntryKind.MAIL_OUT, EntryKind.MAIL_IN]
    assert next(e for e in page.entries if e.outbox_id).delivery is Delivery.SENT
    ongoing = (await services.views.desktop(desk, ana)).ongoing
    assert [(r.state, r.unread) for r in ongoing] == [(State.WORK_IN_PROGRESS, 1)]

    await services.handling.mark_read(desk, ana, key, page.entries[-1].seq)
    assert (await services.views.desktop(desk, ana)).ongoing[0].unread == 0
    await services.handling.close(desk, ana, key)
    codes = await services.handling.wrap_up_codes(desk, ana, key)
    assert codes[0].default
    assert "Task created" not in {c.label for c in codes}
    await services.handling.wrap_up(desk, ana, key, codes[1].code_id, "Photos are here")
    assert (await services.views.interaction(desk, ana, key)).state is State.CLOSED_COMPLETE
    assert await services.deadlines.run_passed(desk) is None


async def test_a_wrap_up_that_ran_out_gets_the_default_code(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    await services.handling.close(world.desk, ana, key)
    world.clock.turn(121)
    await services.deadlines.run_passed(world.desk)
    page = await services.views.stream(world.desk, ana, key)
    titles = [e.title for e in page.entries]
    assert "Wrapped up as Issue resolved when the time ran out" in titles


async def test_an_unanswered_offer_goes_to_the_other_agent(world: World) -> None:
    await world.arrive(mail())
    await world.sign_in("ben")
    (card,) = await world.inbox()
    ana = world.actors["ana"]
    world.clock.turn(61)
    await services.deadlines.run_passed(world.desk)
    with pytest.raises(OfferGone):
        await services.offers.accept(world.desk, ana, card.work_item_id)
    assert (await services.presence.status(world.desk, ana)).presence == "away"
    assert [c.work_item_id for c in await world.inbox("ben")] == [card.work_item_id]


async def test_nobody_is_offered_more_than_their_capacity(world: World) -> None:
    await world.arrive(*[mail(subject=f"Question {n}") for n in range(5)])
    inbox = await world.inbox("ben")
    ben = world.actors["ben"]
    assert len(inbox) == 2
    queued = await services.views.interactions(world.desk, ben, which="queued")
    waiting = next(
        r for r in queued.rows if r.interaction_id not in {c.interaction_id for c in inbox}
    )
    with pytest.raises(CapacityExceeded):
        await services.offers.assign_to_me(world.desk, ben, waiting.interaction_id)


async def test_only_the_owner_may_act(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    with pytest.raises(NotAllowed):
        await services.handling.hold(world.desk, ben, key)
    sue = await world.sign_in("sue")
    await services.handling.hold(world.desk, sue, key)


async def test_sending_stops_when_something_new_came(world: World) -> None:
    await world.arrive(mail(message_id="one@fjord.example"))
    ana, key = await world.at_work()
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await world.arrive(mail("Forget it.", in_reply_to="one@fjord.example"))
    with pytest.raises(SomethingNew):
        await services.sending.queue(world.desk, ana, draft.id, draft.token)
    await services.sending.queue(world.desk, ana, draft.id, draft.token, anyway=True)


async def test_an_undone_send_gives_the_draft_back(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    box = await services.sending.queue(world.desk, ana, draft.id, draft.token)
    back = await services.sending.cancel(world.desk, ana, box)
    assert back.content == draft.content
    world.clock.turn(60)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, [1, 2]) is None
    assert (await services.views.interaction(world.desk, ana, key)).state is State.WORK_IN_PROGRESS


async def test_a_close_by_mistake_is_undone(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    await services.handling.close(world.desk, ana, key)
    await services.handling.resume(world.desk, ana, key)
    world.clock.turn(500)
    await services.deadlines.run_passed(world.desk)
    assert (await services.views.interaction(world.desk, ana, key)).state is State.WORK_IN_PROGRESS


async def test_an_unsent_draft_stops_the_close_and_an_untouched_one_goes(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    d = await services.drafts.save(world.desk, ana, d.id, d.token, DraftContent(body="Dear Mara"))
    with pytest.raises(BadInput, match="unsent draft"):
        await services.handling.close(world.desk, ana, key)
    await services.drafts.discard(world.desk, ana, d.id, d.token)
    await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.handling.close(world.desk, ana, key)
    assert (await services.views.desktop(world.desk, ana)).drafts == ()

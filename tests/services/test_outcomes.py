"""One mail, several recipients, several outcomes: nobody gets it twice, nobody is forgotten."""

from datetime import timedelta

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.delivery import Fate, wait_before_retry
from agentdesk.domain.draft import DraftContent
from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Delivery, StreamEntry
from agentdesk.mail.account import NotSent, OutcomeUnknown, Reply
from agentdesk.services import outgoing
from agentdesk.services.outgoing import Job
from tests.desks import World, mail

ACCOUNTS = [1, 2]
MARA, BEN, EVE = "mara.olsen@fjord.example", "ben@fjord.example", "eve@fjord.example"
NO_USER, LATER = Reply(550, "5.1.1 no such user"), Reply(451, "4.7.1 greylisted")


async def claimed(world: World) -> tuple[Actor, InteractionId, Job]:
    """An answer to Mara with Ben in copy and Eve in blind copy, claimed by a sender."""
    await world.arrive(mail())
    ana, key = await world.at_work()
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    content = DraftContent(f"Mara Olsen <{MARA}>", f"Ben <{BEN}>", EVE, "Re: Order", "Sorry.")
    d = await services.drafts.save(world.desk, ana, d.id, d.token, content)
    await services.sending.queue(world.desk, ana, d.id, d.token)
    return ana, key, await due(world, 11)


async def due(world: World, seconds: float) -> Job:
    """The mail that is claimed once this time has gone by."""
    world.clock.turn(seconds)
    await services.deadlines.run_passed(world.desk)
    job = await outgoing.claim(world.desk, ACCOUNTS)
    assert job is not None
    return job


async def entry(world: World, ana: Actor, key: InteractionId) -> StreamEntry:
    page = await services.views.stream(world.desk, ana, key)
    return next(e for e in page.entries if e.outbox_id)


async def test_the_envelope_names_everybody_and_the_identity_of_the_mail(world: World) -> None:
    _, _, job = await claimed(world)
    assert job.recipients == (MARA, BEN, EVE)
    assert f"X-Agentdesk-ID: {job.envid}\r\n".encode() in job.raw
    assert job.raw.count(b"\r") == job.raw.count(b"\n") == job.raw.count(b"\r\n")


async def test_a_recipient_refused_for_good_is_named_and_the_mail_counts_as_sent(
    world: World,
) -> None:
    ana, key, job = await claimed(world)
    await outgoing.mark_maybe_sent(world.desk, job, {BEN: NO_USER})
    await outgoing.mark_sent(world.desk, job, {BEN: NO_USER}, Reply(250, "queued as 5F2"))
    shown = await entry(world, ana, key)
    assert shown.delivery is Delivery.SENT
    assert f"{BEN} was refused: 550 5.1.1 no such user" in shown.delivery_note
    fates = {o.email: o.fate for o in shown.outcomes}
    assert fates == {MARA: Fate.ACCEPTED, BEN: Fate.REFUSED, EVE: Fate.ACCEPTED}
    (row,) = (await services.views.desktop(world.desk, ana)).on_hold
    assert (row.unread, row.undelivered) == (1, 1)
    page = await services.views.stream(world.desk, ana, key)
    await services.handling.mark_read(world.desk, ana, key, page.entries[-1].seq)
    (row,) = (await services.views.desktop(world.desk, ana)).on_hold
    assert (row.unread, row.undelivered) == (0, 0)


async def test_the_refused_can_be_written_to_anew_and_nobody_else(world: World) -> None:
    ana, key, job = await claimed(world)
    await outgoing.mark_sent(world.desk, job, {BEN: NO_USER, EVE: NO_USER})
    draft = await services.sending.edit(world.desk, ana, job.id)
    assert (draft.content.to, draft.content.bcc) == (f"Ben <{BEN}>", EVE)
    assert (await entry(world, ana, key)).delivery is Delivery.SENT
    with pytest.raises(Conflict):
        await services.sending.edit(world.desk, ana, job.id)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    again = await due(world, 11)
    assert again.recipients == (BEN, EVE)
    assert again.header_id != job.header_id


async def test_who_was_put_off_is_tried_again_alone_with_the_same_bytes(world: World) -> None:
    ana, key, job = await claimed(world)
    await outgoing.mark_maybe_sent(world.desk, job, {BEN: LATER})
    await outgoing.mark_sent(world.desk, job, {BEN: LATER})
    shown = await entry(world, ana, key)
    assert shown.delivery is Delivery.DEFERRED
    assert shown.due_at == world.clock.now() + timedelta(minutes=1)
    again = await due(world, 61)
    assert (again.recipients, again.raw) == ((BEN,), job.raw)
    await outgoing.mark_maybe_sent(world.desk, again)
    await outgoing.mark_sent(world.desk, again, {})
    shown = await entry(world, ana, key)
    assert (shown.delivery, shown.delivery_note) == (Delivery.SENT, "")
    assert {o.fate for o in shown.outcomes} == {Fate.ACCEPTED}


async def test_who_was_put_off_for_two_days_is_refused_and_the_others_stay_sent(
    world: World,
) -> None:
    ana, key, job = await claimed(world)
    await outgoing.mark_sent(world.desk, job, {BEN: LATER})
    for _ in range(20):
        world.clock.turn(4 * 3600)
        await services.deadlines.run_passed(world.desk)
        again = await outgoing.claim(world.desk, ACCOUNTS)
        if again is None:
            break
        refusal = NotSent("refused every recipient", permanent=False, recipients={BEN: LATER})
        await outgoing.mark_not_sent(world.desk, again, refusal)
    shown = await entry(world, ana, key)
    assert shown.delivery is Delivery.SENT
    assert "given up after two days" in shown.delivery_note


async def test_mail_refused_for_one_and_put_off_for_the_others_goes_on_for_these(
    world: World,
) -> None:
    _, _, job = await claimed(world)
    replies = {MARA: LATER, BEN: NO_USER, EVE: LATER}
    error = NotSent("refused every recipient", permanent=False, code=451, recipients=replies)
    await outgoing.mark_not_sent(world.desk, job, error)
    again = await due(world, 61)
    assert again.recipients == (MARA, EVE)


async def test_a_crash_after_the_dot_keeps_who_certainly_did_not_get_it(world: World) -> None:
    ana, key, job = await claimed(world)
    await outgoing.mark_maybe_sent(world.desk, job, {BEN: LATER})
    await outgoing.recover(world.desk)
    known = await services.sent_mail.evidence(world.desk, ana, job.id)
    assert known.recipients == (MARA, EVE)
    assert [o.email for o in known.others] == [BEN]
    await services.sending.confirm_sent(world.desk, ana, job.id)
    again = await outgoing.claim(world.desk, ACCOUNTS)
    assert again is not None
    assert again.recipients == (BEN,)
    await outgoing.mark_sent(world.desk, again, {})
    assert (await entry(world, ana, key)).delivery is Delivery.SENT


async def test_sent_again_after_an_unknown_outcome_it_goes_to_everybody_who_may_lack_it(
    world: World,
) -> None:
    ana, _, job = await claimed(world)
    await outgoing.mark_maybe_sent(world.desk, job, {BEN: NO_USER})
    error = OutcomeUnknown("The line broke.", recipients=(MARA, EVE), refused={BEN: NO_USER})
    await outgoing.mark_unknown(world.desk, job, error)
    await services.sending.send_again(world.desk, ana, job.id)
    again = await outgoing.claim(world.desk, ACCOUNTS)
    assert again is not None
    assert again.recipients == (MARA, EVE)


async def test_a_failed_mail_comes_back_as_a_draft_and_is_superseded(world: World) -> None:
    ana, key, job = await claimed(world)
    await outgoing.mark_failed(world.desk, job, "554 refused as spam")
    draft = await services.sending.edit(world.desk, ana, job.id)
    assert draft.content.body == "Sorry."
    assert draft.content.to == f"Mara Olsen <{MARA}>"
    assert (await entry(world, ana, key)).delivery is Delivery.SUPERSEDED
    view = await services.views.interaction(world.desk, ana, key)
    assert (view.state, view.draft_id) == (State.WORK_IN_PROGRESS, draft.id)
    with pytest.raises(Conflict):
        await services.sending.send_again(world.desk, ana, job.id)


async def test_a_waiting_mail_taken_back_is_not_sent_by_itself_any_more(world: World) -> None:
    ana, _, job = await claimed(world)
    await outgoing.defer(world.desk, job, "The server is busy.")
    await services.sending.edit(world.desk, ana, job.id)
    world.clock.turn(3600)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.99])
def test_tries_are_made_after_1_5_15_and_60_minutes_and_then_within_4_hours(chance: float) -> None:
    waits = [wait_before_retry(n, chance) / timedelta(minutes=1) for n in range(1, 12)]
    assert waits[:4] == [1, 5, 15, 60]
    assert all(120 <= wait <= 240 for wait in waits[4:])

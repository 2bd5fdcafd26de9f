"""The outbox: retried, given up, recovered after a crash, never sent twice by itself."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import Conflict, FencedOff
from agentdesk.domain.ids import InteractionId, OutboxId
from agentdesk.domain.views import Delivery
from agentdesk.services import outgoing
from agentdesk.services.outgoing import Job
from agentdesk.storage.tables import outbox as outbox_table
from tests.desks import RULES, World, mail

ACCOUNTS = [1, 2]


async def _queued(world: World) -> tuple[Actor, InteractionId, OutboxId]:
    await world.arrive(mail())
    ana, key = await world.at_work()
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    box = await services.sending.queue(world.desk, ana, d.id, d.token)
    return ana, key, box


async def _claimed(world: World) -> tuple[Actor, InteractionId, Job]:
    ana, key, _ = await _queued(world)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await outgoing.claim(world.desk, ACCOUNTS)
    assert job is not None
    return ana, key, job


async def _delivery(world: World, ana: Actor, key: InteractionId) -> tuple[Delivery | None, str]:
    page = await services.views.stream(world.desk, ana, key)
    (entry,) = [e for e in page.entries if e.outbox_id]
    return entry.delivery, entry.delivery_note


async def test_markdown_goes_out_beside_the_text_and_comes_back_as_our_own(world: World) -> None:
    world.desk = replace(world.desk, rules=replace(RULES, markdown=True))
    await world.arrive(mail())
    ana, key = await world.at_work()
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    said = replace(draft.content, body="It is **on its way**.\n" + draft.content.body)
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await outgoing.claim(world.desk, ACCOUNTS)
    assert job is not None
    assert b"<strong>on its way</strong>" in job.raw
    assert b"multipart/alternative" in job.raw
    before = await services.views.stream(world.desk, ana, key)
    assert [e.text for e in before.entries if e.outbox_id] == [said.body]
    await world.arrive(b"Received: by mx.northwind.example\r\n" + job.raw)
    assert await services.views.stream(world.desk, ana, key) == before


async def test_a_mail_waits_for_the_undo_delay_and_for_one_sender(world: World) -> None:
    await _queued(world)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, [2]) is None
    assert await outgoing.claim(world.desk, ACCOUNTS) is not None
    assert await outgoing.claim(world.desk, ACCOUNTS) is None


async def test_a_deferred_mail_is_tried_again_later_and_given_up_after_two_days(
    world: World,
) -> None:
    ana, key, job = await _claimed(world)
    await outgoing.defer(world.desk, job, "The server is busy.")
    assert await _delivery(world, ana, key) == (Delivery.DEFERRED, "The server is busy.")
    world.clock.turn(59)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    for _ in range(20):
        world.clock.turn(4 * 3600)
        await services.deadlines.run_passed(world.desk)
        again = await outgoing.claim(world.desk, ACCOUNTS)
        if again is None:
            break
        await outgoing.defer(world.desk, again, "The server is busy.")
    delivery, note = await _delivery(world, ana, key)
    assert delivery is Delivery.FAILED
    assert note.startswith("Given up after two days")


async def test_a_failed_mail_is_sent_again_only_by_a_person(world: World) -> None:
    ana, key, job = await _claimed(world)
    await outgoing.mark_failed(world.desk, job, "550 no such user")
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    await services.sending.send_again(world.desk, ana, job.id)
    assert await outgoing.claim(world.desk, ACCOUNTS) is not None
    with pytest.raises(Conflict):
        await services.sending.send_again(world.desk, ana, job.id)
    page = await services.views.stream(world.desk, ana, key)
    assert any("not sent. 550 no such user" in e.title for e in page.entries)


async def test_after_a_crash_before_the_final_dot_the_mail_is_queued_again(world: World) -> None:
    ana, key, job = await _claimed(world)
    assert await outgoing.recover(world.desk) == 1
    assert (await _delivery(world, ana, key))[0] is Delivery.QUEUED
    with pytest.raises(FencedOff):
        await outgoing.mark_maybe_sent(world.desk, job)


async def test_after_a_crash_at_the_final_dot_a_person_decides(world: World) -> None:
    ana, key, job = await _claimed(world)
    await outgoing.mark_maybe_sent(world.desk, job)
    await outgoing.recover(world.desk)
    delivery, note = await _delivery(world, ana, key)
    assert delivery is Delivery.UNKNOWN
    assert "Ask the customer" in note
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    with pytest.raises(FencedOff):
        await outgoing.mark_sent(world.desk, job, {})
    await services.sending.confirm_sent(world.desk, ana, job.id)
    assert (await _delivery(world, ana, key))[0] is Delivery.SENT


async def test_a_living_sender_is_left_alone(world: World) -> None:
    _, _, _ = await _queued(world)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    ben = await world.sign_in("ben")
    window = replace(world.desk, session=ben.session)
    job = await outgoing.claim(window, ACCOUNTS)
    assert job is not None
    assert await outgoing.recover(world.desk) == 0
    await outgoing.mark_maybe_sent(window, job)
    await outgoing.mark_sent(window, job, {})


async def test_undo_comes_too_late_once_the_delay_is_over(world: World) -> None:
    ana, _, box = await _queued(world)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    with pytest.raises(Conflict, match="too late"):
        await services.sending.cancel(world.desk, ana, box)


async def test_the_outgoing_mail_carries_our_identity_and_no_bcc(world: World) -> None:
    _, key, job = await _claimed(world)
    head = job.raw.split(b"\r\n\r\n")[0]
    assert b"Message-ID: <ad." in head
    assert b"X-Agentdesk-ID: IMS0000001." in head
    assert b'From: "Ana Ruiz, Northwind Support"' in head
    assert b"Bcc" not in head
    assert job.recipients == ("mara.olsen@fjord.example",)


async def test_mails_of_one_interaction_go_out_one_after_the_other(world: World) -> None:
    ana, key, _ = await _queued(world)
    second = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.sending.queue(world.desk, ana, second.id, second.token, anyway=True)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    first = await outgoing.claim(world.desk, ACCOUNTS)
    assert first is not None
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    await outgoing.mark_maybe_sent(world.desk, first)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    await outgoing.mark_sent(world.desk, first, {})
    after = await outgoing.claim(world.desk, ACCOUNTS)
    assert after is not None
    assert after.id > first.id


async def test_a_deferred_mail_can_be_tried_at_once(world: World) -> None:
    ana, key, job = await _claimed(world)
    await outgoing.defer(world.desk, job, "The server is busy.")
    await services.sending.send_again(world.desk, ana, job.id)
    again = await outgoing.claim(world.desk, ACCOUNTS)
    assert again is not None
    assert (again.raw, again.header_id) == (job.raw, job.header_id)
    await outgoing.mark_sent(world.desk, again, {})
    world.clock.turn(3600)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None


async def test_a_mail_written_by_the_desk_itself_has_no_draft_to_give_back(world: World) -> None:
    ana, _, job = await _claimed(world)
    async with world.desk.store.write() as tx:
        values = {"agent_id": None, "draft": {}}
        await tx.execute(sa.update(outbox_table).where(outbox_table.c.id == job.id).values(values))
    await outgoing.mark_failed(world.desk, job, "550 no such user")
    with pytest.raises(Conflict, match="by itself"):
        await services.sending.edit(world.desk, ana, job.id)
    await services.sending.send_again(world.desk, ana, job.id)
    again = await outgoing.claim(world.desk, ACCOUNTS)
    assert again is not None
    await outgoing.mark_sent(world.desk, again, {})

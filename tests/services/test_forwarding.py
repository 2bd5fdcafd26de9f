"""Passing a mail on: to third parties, with its files, and without speaking to the customer."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import Draft, DraftKind
from agentdesk.domain.errors import IllegalTransition, NotAllowed, NotFound
from agentdesk.domain.ids import InteractionId, MessageId
from agentdesk.domain.interaction import State
from agentdesk.domain.message import Address
from agentdesk.domain.views import StreamEntry
from agentdesk.mail.compose import File
from agentdesk.mail.mime import understand
from agentdesk.services.outgoing import Job
from agentdesk.storage.tables import interactions
from tests.desks import RULES, World, mail

CARRIER = Address("claims@carrier.example", "Carrier")
PHOTO = File("photo.png", "image/png", b"\x89PNG" + b"x" * 100)
HOSTILE = Address("eve@fjord.example", "Eve\r\nBcc: all@fjord.example\x1b[2J")


async def arrived(world: World, raw: bytes) -> tuple[Actor, InteractionId, MessageId]:
    await world.arrive(raw)
    ana, key = await world.at_work()
    page = await services.views.stream(world.desk, ana, key)
    (got,) = [e.message_id for e in page.entries if e.message_id]
    return ana, key, got


async def addressed(world: World, ana: Actor, draft: Draft) -> Draft:
    content = replace(draft.content, to=str(CARRIER), body=f"Please look.\n{draft.content.body}")
    return await services.drafts.save(world.desk, ana, draft.id, draft.token, content)


async def forwarded(world: World) -> tuple[Actor, InteractionId, Job]:
    """Mara's mail went on to the carrier."""
    ana, key, got = await arrived(world, mail(message_id="a@fjord.example", files=[PHOTO]))
    draft = await services.forwarding.open_forward(world.desk, ana, key, got)
    await addressed(world, ana, draft)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await services.outgoing.claim(world.desk, [1, 2])
    assert job is not None
    return ana, key, job


async def row_of(world: World, key: InteractionId) -> sa.Row[tuple[object, ...]]:
    async with world.desk.store.read() as tx:
        found = await tx.one(sa.select(interactions).where(interactions.c.id == key))
    assert found is not None
    return found


async def entries(world: World, ana: Actor, key: InteractionId) -> list[StreamEntry]:
    return [*(await services.views.stream(world.desk, ana, key)).entries]


async def test_a_forward_shows_what_it_passes_on_and_takes_the_files_along(world: World) -> None:
    ana, key, got = await arrived(world, mail(files=[PHOTO]))
    draft = await services.forwarding.open_forward(world.desk, ana, key, got)
    assert draft.kind is DraftKind.FORWARD
    assert (draft.content.to, draft.in_reply_to) == ("", "")
    assert draft.content.subject == "Fwd: Order 5512 damaged"
    assert draft.content.body == (
        "\n\n-- \nAna Ruiz\nNorthwind\n\n"
        "---------- Forwarded message ---------\n"
        "From: Mara Olsen <mara.olsen@fjord.example>\n"
        "Date: 2026-03-02 09:00 UTC\n"
        "Subject: Order 5512 damaged\n"
        "To: support@northwind.example\n\n"
        "My parcel arrived broken. What now?\n"
    )
    assert [(f.name, f.type, f.size) for f in draft.files] == [("photo.png", "image/png", 104)]


async def test_it_goes_out_whole_and_cites_the_conversation(world: World) -> None:
    _, _, job = await forwarded(world)
    read = understand(job.raw)
    assert [a.email for a in read.to] == [CARRIER.email]
    assert read.in_reply_to == ()
    assert read.references == ("a@fjord.example",)
    assert [a.name for a in read.attachments] == ["photo.png"]
    assert "My parcel arrived broken." in read.latest_text


async def test_a_reply_and_a_forward_are_drafts_of_their_own(world: World) -> None:
    ana, key, got = await arrived(world, mail())
    forward = await services.forwarding.open_forward(world.desk, ana, key, got)
    reply = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    again = await services.forwarding.open_forward(world.desk, ana, key, got)
    assert forward.id == again.id != reply.id
    assert reply.content.to == "Mara Olsen <mara.olsen@fjord.example>"


async def test_a_forward_is_no_first_response_and_holds_nothing(world: World) -> None:
    ana, key, _ = await forwarded(world)
    row = await row_of(world, key)
    assert (row.state, row.first_response_at) == (State.WORK_IN_PROGRESS.value, None)
    reply = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.sending.queue(world.desk, ana, reply.id, reply.token)
    row = await row_of(world, key)
    assert (row.state, row.first_response_at) == (State.ON_HOLD.value, world.clock.now())


async def test_a_third_partys_answer_lands_here_but_is_not_the_customers(world: World) -> None:
    ana, key, job = await forwarded(world)
    reply = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.sending.queue(world.desk, ana, reply.id, reply.token)
    closes = (await services.views.desktop(world.desk, ana)).on_hold[0].closes_at
    answer = mail("We pay for it.", subject="Re: Fwd", sender=CARRIER, in_reply_to=job.header_id)
    await world.arrive(answer)
    (row,) = (await services.views.desktop(world.desk, ana)).on_hold
    assert (row.interaction_id, row.unread, row.closes_at) == (key, 1, closes)
    shown = await entries(world, ana, key)
    assert [e.text for e in shown if e.text][-1] == "We pay for it."
    again = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    assert again.content.to == "Mara Olsen <mara.olsen@fjord.example>"
    await world.arrive(mail("And?", in_reply_to="a@fjord.example"))
    assert (await row_of(world, key)).state == State.WORK_IN_PROGRESS.value


async def test_a_mail_to_third_parties_only_is_no_answer_either(world: World) -> None:
    ana, key, _ = await forwarded(world)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    content = replace(draft.content, to=str(CARRIER))
    await services.drafts.save(world.desk, ana, draft.id, draft.token, content)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    row = await row_of(world, key)
    assert (row.state, row.first_response_at) == (State.WORK_IN_PROGRESS.value, None)


async def test_a_customer_to_whom_a_mail_is_forwarded_stays_the_customer(world: World) -> None:
    ana, key, got = await arrived(world, mail(message_id="a@fjord.example"))
    draft = await services.forwarding.open_forward(world.desk, ana, key, got)
    to = replace(draft.content, to="mara.olsen@fjord.example")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, to)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    await services.handling.hold(world.desk, ana, key)
    await world.arrive(mail("Thanks.", in_reply_to="a@fjord.example"))
    assert (await row_of(world, key)).state == State.WORK_IN_PROGRESS.value


async def test_files_that_are_too_large_are_named_instead(world: World) -> None:
    big = File("film.mov", "video/quicktime", b"f" * 3_000)
    small = replace(RULES, largest_file=2_000, largest_files=2_000)
    ana, key, got = await arrived(world, mail(files=[big, PHOTO]))
    desk = replace(world.desk, rules=small)
    draft = await services.forwarding.open_forward(desk, ana, key, got)
    assert [f.name for f in draft.files] == ["photo.png"]
    assert "\nToo large to be passed on: film.mov (0.0 MiB)\n" in draft.content.body
    await addressed(world, ana, draft)
    await services.sending.queue(desk, ana, draft.id, draft.token)


async def test_a_forwarded_text_may_hold_braces_of_its_own(world: World) -> None:
    ana, key, got = await arrived(world, mail("Your mail says {{customer.name}}."))
    draft = await services.forwarding.open_forward(world.desk, ana, key, got)
    await addressed(world, ana, draft)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)


async def test_a_hostile_header_stays_on_its_line(world: World) -> None:
    ana, key, got = await arrived(world, mail(sender=HOSTILE, subject="Re: x\x1b[2J"))
    draft = await services.forwarding.open_forward(world.desk, ana, key, got)
    (line,) = [x for x in draft.content.body.split("\n") if x.startswith("From:")]
    assert "eve@fjord.example" in line
    assert "\x1b" not in draft.content.body + draft.content.subject
    assert not [x for x in draft.content.body.split("\n") if x.startswith("Bcc")]


async def test_who_may_not_write_here_may_not_forward(world: World) -> None:
    ana, key, got = await arrived(world, mail())
    ben = await world.sign_in("ben")
    with pytest.raises(NotAllowed):
        await services.forwarding.open_forward(world.desk, ben, key, got)
    with pytest.raises(NotFound):
        await services.forwarding.open_forward(world.desk, ana, key, MessageId(999))
    await services.handling.close(world.desk, ana, key)
    with pytest.raises(IllegalTransition, match="Wrap Up"):
        await services.forwarding.open_forward(world.desk, ana, key, got)

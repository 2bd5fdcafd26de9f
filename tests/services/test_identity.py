"""Mails find their conversation by identity, whatever servers and programs did to their ids."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.message import Address, MailKind
from agentdesk.domain.quarantine import Cause
from agentdesk.storage import interactions
from tests.desks import SUPPORT, World, mail
from tests.services.test_filing import streams

EVE = Address("eve@elsewhere.example", "Eve")
LEE = Address("lee@pine.example", "Lee Pine")


async def answered(world: World) -> tuple[bytes, str]:
    """Mara wrote, Ana answered: our mail's bytes and its Message-ID."""
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, key = await world.at_work()
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    content = replace(draft.content, body="We send you a new one tomorrow.\n\nAna")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, content)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await services.outgoing.claim(world.desk, [1, 2])
    assert job is not None
    return job.raw, job.header_id


async def shape(world: World) -> list[tuple[str, int]]:
    """Subject and number of mails of every interaction, newest first."""
    return [(row.subject, len(entries)) for row, entries in await streams(world)]


async def test_nothing_in_the_text_identifies_a_mail(world: World) -> None:
    _, ours = await answered(world)
    async with world.desk.store.read() as tx:
        token = await interactions.token_of(tx, 1)
    quoted = f"> [IMS0000001] Message-ID: <{ours}>\n> support+ad.{token}.1@northwind.example\n\nHm."
    await world.arrive(mail(quoted, subject="Hello", sender=EVE))
    assert await shape(world) == [("Hello", 1), ("Order 5512 damaged", 2)]


async def test_a_token_opens_the_conversation_to_participants_only(world: World) -> None:
    await world.arrive(mail(message_id="a@fjord.example"))
    async with world.desk.store.read() as tx:
        token = await interactions.token_of(tx, 1)
    to = (f"support+ad.{token}.1@northwind.example",)
    await world.arrive(mail("Mine.", subject="by Mara", to=to))
    await world.arrive(mail("Not mine.", subject="by Eve", to=to, sender=EVE))
    assert await shape(world) == [("by Eve", 1), ("Order 5512 damaged", 2)]


async def test_a_rewritten_id_is_learned_from_our_own_mail_coming_back(world: World) -> None:
    raw, ours = await answered(world)
    rewritten = raw.replace(ours.encode(), b"0102-new@eu-west-1.amazonses.com", 1)
    await world.arrive(b"Received: by mx.northwind.example\r\n" + rewritten)
    assert await shape(world) == [("Order 5512 damaged", 2)]
    cited = "0102-new@eu-west-1.amazonses.com"
    await world.arrive(mail("Thanks.", subject="AW: parcel", in_reply_to=cited, sender=LEE))
    assert await shape(world) == [("Order 5512 damaged", 3)]


async def test_outlooks_note_of_the_first_id_names_our_mail(world: World) -> None:
    raw, ours = await answered(world)
    rewritten = raw.replace(ours.encode(), b"AM0PR01@eurprd01.prod.exchangelabs.com", 1)
    unmarked = rewritten.replace(b"X-Agentdesk-ID:", b"X-Other:")
    note = f"X-Microsoft-Original-Message-ID: <{ours}>\r\n".encode()
    await world.arrive(note + unmarked)
    cited = "AM0PR01@eurprd01.prod.exchangelabs.com"
    await world.arrive(mail("Thanks.", in_reply_to=cited, sender=LEE))
    assert await shape(world) == [("Order 5512 damaged", 3)]


async def test_a_customers_mail_is_found_by_both_of_its_ids(world: World) -> None:
    note = b"X-Microsoft-Original-Message-ID: <first@fjord.example>\r\n"
    await world.arrive(note + mail(message_id="second@outlook.example"))
    await world.arrive(mail("More.", in_reply_to="first@fjord.example"))
    await world.arrive(mail("And more.", in_reply_to="second@outlook.example"))
    assert await shape(world) == [("Order 5512 damaged", 3)]


async def test_a_mail_is_not_swallowed_because_it_bears_our_id(world: World) -> None:
    _, ours = await answered(world)
    await world.arrive(mail("Lost?", subject="by Eve", message_id=ours, sender=EVE))
    us = Address(SUPPORT, "Support")
    await world.arrive(mail("Other words.", subject="by us", message_id=ours, sender=us))
    assert [s for s, _ in await shape(world)] == ["by us", "by Eve", "Order 5512 damaged"]


async def test_our_mark_lets_no_stranger_in(world: World) -> None:
    await answered(world)
    marked = b"X-Agentdesk-ID: IMS0000001.1\r\n"
    await world.arrive(marked + mail("Let me in.", subject="by Eve", sender=EVE))
    ((row, (entry,)), _) = await streams(world)
    assert row.subject == "by Eve"
    assert any("no participant" in warning for warning in entry.warnings)


async def test_a_repeated_id_swallows_nothing_and_mixes_nobody_up(world: World) -> None:
    same = "1@localhost.example"
    await world.arrive(
        mail("Broken.", subject="by Mara", message_id=same),
        mail("Lost.", subject="by Lee", message_id=same, sender=LEE),
    )
    await world.arrive(mail("Well?", subject="Re: by Lee", in_reply_to=same, sender=LEE))
    await world.arrive(mail("Well?", subject="Re: by Mara", in_reply_to=same))
    await world.arrive(mail("And I?", subject="by Eve", in_reply_to=same, sender=EVE))
    assert sorted(await shape(world)) == [("by Eve", 1), ("by Lee", 2), ("by Mara", 2)]


@pytest.mark.parametrize(
    "blank", [b"", b"Message-ID:\r\n", b"Message-ID: <>\r\n", b"Message-ID: < >\r\n"]
)
async def test_blank_ids_never_meet(world: World, blank: bytes) -> None:
    head = b"From: mara@fjord.example\r\nTo: support@northwind.example\r\n" + blank
    cited = b"In-Reply-To: <>\r\nReferences: < > <>\r\n"
    await world.arrive(head + b"Subject: one\r\n\r\nx", head + cited + b"Subject: two\r\n\r\ny")
    assert sorted(await shape(world)) == [("one", 1), ("two", 1)]


async def test_a_form_on_our_own_site_brings_a_customer(world: World) -> None:
    form = Address(SUPPORT, "Web form")
    raw = b"Reply-To: Lee Pine <lee@pine.example>\r\n" + mail("Hello?", subject="Form", sender=form)
    await world.arrive(raw)
    ((row, (entry,)),) = await streams(world)
    assert row.customer == "Lee Pine"
    assert entry.mail_kind is MailKind.NORMAL


def looping(n: int) -> bytes:
    hops = b"".join(b"Received: from a by b; hop %d\r\n" % hop for hop in range(26 + n))
    return hops + mail("Round and round.", subject=f"loop {n}")


async def test_a_loop_is_set_aside_before_it_fills_the_desk(world: World) -> None:
    await world.arrive(*[looping(n) for n in range(2)])
    await world.arrive(*[looping(n) for n in range(2, 6)])
    assert len(await shape(world)) == 3
    async with world.desk.store.read() as tx:
        rows = await tx.all(sa.text("SELECT * FROM mail_locations WHERE state = 'quarantined'"))  # type: ignore[arg-type]
    assert [row.cause_kind for row in rows] == [Cause.LOOP.value] * 3
    assert rows[0].cause.startswith("Mail from mara.olsen@fjord.example runs in a loop")
    sue = await world.sign_in("sue")
    outcome = await services.quarantine.retry_now(world.desk, sue, [rows[0].id])
    assert (outcome.changed, outcome.again) == (1, 0)
    assert len(await shape(world)) == 4
    world.clock.turn(3601)
    await world.arrive(looping(9))
    assert len(await shape(world)) == 5

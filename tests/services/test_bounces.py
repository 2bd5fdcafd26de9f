"""A report of a failed delivery is told where the failed mail stands, and moves nothing."""

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.message import MailKind
from agentdesk.domain.views import InteractionRow, StreamEntry
from agentdesk.services.outgoing import Job
from tests.desks import World, mail

MARA = "mara.olsen@fjord.example"
DAEMON = "MAILER-DAEMON@mx.fjord.example"


@dataclass
class Sent:
    """A conversation on hold, and our mail in it."""

    world: World
    ana: Actor
    key: InteractionId
    job: Job
    mark: str

    async def rows(self) -> tuple[InteractionRow, ...]:
        return (await services.views.interactions(self.world.desk, self.ana)).rows

    async def stream(self) -> tuple[StreamEntry, ...]:
        return (await services.views.stream(self.world.desk, self.ana, self.key)).entries

    async def state(self) -> State:
        return (await services.views.interaction(self.world.desk, self.ana, self.key)).state

    async def unread(self) -> int:
        desktop = await services.views.desktop(self.world.desk, self.ana)
        return sum(row.unread for row in (*desktop.ongoing, *desktop.on_hold))

    async def close(self) -> None:
        await services.handling.close(self.world.desk, self.ana, self.key)
        self.world.clock.turn(121)
        await services.deadlines.run_passed(self.world.desk)
        assert await self.state() is State.CLOSED_COMPLETE


async def query(world: World, statement: str) -> list[Any]:
    async with world.desk.store.read() as tx:
        return await tx.all(sa.text(statement))  # type: ignore[arg-type]


async def flagged(world: World) -> set[str]:
    found = await query(world, "SELECT email FROM addresses WHERE bounced_at IS NOT NULL")
    return {row.email for row in found}


@pytest.fixture
async def sent(world: World) -> Sent:
    """Ana has answered Mara; the mail is out and the interaction on hold."""
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, key = await world.at_work()
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await services.outgoing.claim(world.desk, [1, 2])
    assert job is not None
    found = Sent(world, ana, key, job, job.raw.split(b"X-Agentdesk-ID: ")[1].split()[0].decode())
    assert await found.state() is State.ON_HOLD
    return found


def report(
    *,
    envelope: str = "",
    returned: str = "",
    email: str = MARA,
    action: str = "failed",
    status: str = "5.1.1",
    more: str = "",
) -> bytes:
    head = f"Original-Envelope-Id: {envelope}\n" if envelope else ""
    return (
        f"From: Mail Delivery System <{DAEMON}>\nTo: support@northwind.example\nReturn-Path: <>\n"
        "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\n\nYour mail came back.\n--b\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.fjord.example\n{head}\n"
        f"Final-Recipient: rfc822; {email}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; 550 {status} No such user here\n\n{more}"
        f"--b\nContent-Type: text/rfc822-headers\n\nSubject: x\n{returned}\n--b--\n"
    ).encode()


async def test_a_bounce_is_told_where_the_mail_stands_and_moves_nothing(sent: Sent) -> None:
    deadlines = await query(sent.world, "SELECT kind, subject, due_at FROM deadlines ORDER BY kind")
    await sent.world.arrive(report(envelope=sent.mark))
    assert len(await sent.rows()) == 1
    assert await sent.state() is State.ON_HOLD
    assert await sent.unread() == 1
    *_, entry, told = await sent.stream()
    assert entry.mail_kind is MailKind.BOUNCE
    assert told.title == f"{MARA} was not reached: 550 5.1.1 No such user here."
    assert await flagged(sent.world) == {MARA}
    after = await query(sent.world, "SELECT kind, subject, due_at FROM deadlines ORDER BY kind")
    assert after == deadlines
    assert await query(sent.world, "SELECT id FROM drafts") == []


async def test_the_returned_message_id_is_enough(sent: Sent) -> None:
    await sent.world.arrive(report(returned=f"Message-ID: <{sent.job.header_id}>\n"))
    assert len(await sent.rows()) == 1
    assert await flagged(sent.world) == {MARA}


async def test_our_mark_in_the_returned_header_is_enough(sent: Sent) -> None:
    returned = f"Message-ID: <rewritten@ses.example>\nX-Agentdesk-ID: {sent.mark}\n"
    await sent.world.arrive(report(returned=returned))
    assert len(await sent.rows()) == 1
    assert await flagged(sent.world) == {MARA}


async def test_a_report_that_names_no_mail_goes_to_the_last_one_to_this_person(sent: Sent) -> None:
    prose = (
        f"From: {DAEMON}\nTo: support@northwind.example\nSubject: Undeliverable\nReturn-Path: <>\n\n"
        f"Your message could not be delivered to the following recipient:\n\n{MARA}\n"
    ).encode()
    await sent.world.arrive(prose)
    assert len(await sent.rows()) == 1
    assert await sent.unread() == 1
    assert await flagged(sent.world) == set()
    sent.world.clock.turn(8 * 24 * 3600)
    await sent.world.arrive(prose + b"\nagain\n")
    assert len(await sent.rows()) == 2


async def test_a_delay_bothers_nobody_and_flags_nothing(sent: Sent) -> None:
    await sent.world.arrive(report(envelope=sent.mark, action="delayed", status="4.4.1"))
    assert await sent.unread() == 0
    assert await flagged(sent.world) == set()
    *_, told = await sent.stream()
    assert told.title.startswith(f"The mail to {MARA} is delayed: ")
    assert told.title.endswith("The server goes on trying.")


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.7"])
async def test_a_failure_that_may_pass_is_told_without_a_flag(sent: Sent, status: str) -> None:
    await sent.world.arrive(report(envelope=sent.mark, status=status))
    assert await sent.unread() == 1
    assert await flagged(sent.world) == set()


@pytest.mark.parametrize("forged", ["other recipient", "other number", "unknown message"])
async def test_a_forged_report_gets_nowhere(sent: Sent, forged: str) -> None:
    number, _, message = sent.mark.partition(".")
    envelope = {"other number": f"IMS0000099.{message}", "unknown message": f"{number}.99"}
    email = MARA if forged == "other number" else "boss@northwind.example"
    await sent.world.arrive(mail(sender=None, subject="a"), mail(subject="b"))
    before = len(await sent.stream())
    await sent.world.arrive(report(envelope=envelope.get(forged, sent.mark), email=email))
    assert await flagged(sent.world) == set()
    if forged != "other number":  # that one names Mara, to whom we did write
        assert len(await sent.stream()) == before


async def test_all_recipients_are_told_in_one_sentence(sent: Sent) -> None:
    more = "Final-Recipient: rfc822; lee@pine.example\nAction: failed\nStatus: 5.2.2\n\n"
    await sent.world.arrive(report(envelope=sent.mark, more=more))
    *_, told = await sent.stream()
    assert told.title == (
        f"{MARA} was not reached: 550 5.1.1 No such user here; "
        "lee@pine.example was not reached (status 5.2.2)."
    )
    assert await flagged(sent.world) == {MARA}


async def test_what_comes_back_to_a_closed_interaction_opens_nothing(sent: Sent) -> None:
    await sent.close()
    before = await query(sent.world, "SELECT * FROM interactions")
    absent = mail("I am away.", in_reply_to=sent.job.header_id)
    await sent.world.arrive(report(envelope=sent.mark), b"Auto-Submitted: auto-replied\n" + absent)
    assert await query(sent.world, "SELECT * FROM interactions") == before
    kinds = [e.mail_kind for e in await sent.stream() if e.message_id]
    assert kinds[-2:] == [MailKind.BOUNCE, MailKind.AUTO_REPLY]
    assert await query(sent.world, "SELECT * FROM work_items WHERE state = 'queued'") == []


async def test_an_automatic_reply_without_any_id_goes_to_our_last_mail(sent: Sent) -> None:
    await sent.world.arrive(b"Auto-Submitted: auto-replied\n" + mail("Away.", subject="Away"))
    assert len(await sent.rows()) == 1
    assert await sent.state() is State.ON_HOLD
    assert await sent.unread() == 0


async def test_who_writes_again_is_reachable(sent: Sent) -> None:
    await sent.world.arrive(report(envelope=sent.mark))
    await sent.world.arrive(mail("I am here.", in_reply_to="a@fjord.example"))
    assert await flagged(sent.world) == set()
    assert await sent.state() is State.WORK_IN_PROGRESS

"""The automatic acknowledgement: once, to people, and never in a circle. Source: RFC 3834."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.domain.acknowledgement import AcknowledgementCaps
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.interaction import State
from agentdesk.domain.message import Address, MailKind
from agentdesk.domain.views import Delivery, EntryKind, StreamEntry
from agentdesk.mail.mime import understand
from agentdesk.services import outgoing
from agentdesk.services.outgoing import Job
from agentdesk.storage import interactions, people
from tests.databases import database
from tests.desks import RULES, SETUP, SUPPORT, World, desk, mail

TEXT = 'Thank you, {name}. We have your mail "{subject}" as {number}.'
MARA = "mara.olsen@fjord.example"


@asynccontextmanager
async def acknowledging(
    url: str, caps: AcknowledgementCaps | None = None, address: str = SUPPORT, text: str = TEXT
) -> AsyncIterator[World]:
    """A desk whose support account acknowledges."""
    accounts = tuple(replace(a, acknowledgement=text) for a in SETUP.accounts)
    accounts = (replace(accounts[0], address=address), *accounts[1:])
    rules = replace(
        RULES,
        acknowledgement=caps or AcknowledgementCaps(),
        own_addresses=frozenset(a.address for a in accounts),
    )
    clock = ManualClock()
    async with desk(url, clock=clock, rules=rules, setup=replace(SETUP, accounts=accounts)) as made:
        yield World(made, clock)


async def sent(world: World) -> list[Job]:
    """Everything that is ready to go out, taken and told as sent."""
    jobs = []
    while (job := await outgoing.claim(world.desk, [1, 2])) is not None:
        await outgoing.mark_maybe_sent(world.desk, job)
        await outgoing.mark_sent(world.desk, job, {})
        jobs.append(job)
    return jobs


async def mails_of(world: World, number: int) -> list[StreamEntry]:
    """The mails of an interaction, oldest first."""
    ana = world.actors.get("ana") or await world.sign_in("ana")
    page = await services.views.stream(world.desk, ana, number)  # type: ignore[arg-type]
    return [e for e in page.entries if e.message_id]


async def test_a_new_interaction_is_acknowledged_once_with_its_number(url: str) -> None:
    async with acknowledging(url) as world:
        await world.arrive(mail(message_id="a@fjord.example"))
        (job,) = await sent(world)
        assert job.recipients == (MARA,)
        assert job.sender == SUPPORT
        letter = understand(job.raw)
        assert letter.subject == "Auto: Order 5512 damaged"
        assert letter.text.strip() == (
            'Thank you, Mara Olsen. We have your mail "Order 5512 damaged" as IMS0000001.'
        )
        assert letter.in_reply_to == ("a@fjord.example",)
        assert letter.references == ("a@fjord.example",)
        assert b"\r\nAuto-Submitted: auto-replied\r\n" in job.raw
        assert b"\r\nX-Auto-Response-Suppress: All\r\n" in job.raw
        assert await sent(world) == []


async def test_it_stands_in_the_stream_as_ours_and_is_no_answer(url: str) -> None:
    async with acknowledging(url) as world:
        await world.arrive(mail())
        ana, key = await world.at_work()
        first, answer = await mails_of(world, key)
        assert (answer.kind, answer.mail_kind) == (EntryKind.MAIL_OUT, MailKind.AUTO_REPLY)
        assert answer.delivery is Delivery.QUEUED
        assert answer.text.startswith("Thank you, Mara Olsen.")
        assert not answer.own
        view = await services.views.interaction(world.desk, ana, key)
        assert view.state is State.WORK_IN_PROGRESS
        async with world.desk.store.read() as tx:
            i = await interactions.get(tx, key)
        assert (i.sent, i.first_response_at, i.held_at) == (0, None, None)
        draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
        assert "> My parcel arrived broken" in draft.content.body
        await services.drafts.discard(world.desk, ana, draft.id, draft.token)
        await services.handling.close(world.desk, ana, key)


@pytest.mark.parametrize("mark", ["Re", "AW", "RE"])
async def test_a_persons_answer_to_it_is_an_answer_and_is_not_acknowledged(
    url: str, mark: str
) -> None:
    async with acknowledging(url) as world:
        await world.arrive(mail())
        (job,) = await sent(world)
        ana, key = await world.at_work()
        await services.handling.hold(world.desk, ana, key)
        subject = f"{mark}: {understand(job.raw).subject}"
        await world.arrive(mail("One more photo.", in_reply_to=job.header_id, subject=subject))
        mails = await mails_of(world, key)
        assert [e.mail_kind for e in mails][-1] is MailKind.NORMAL
        assert len(mails) == 3
        view = await services.views.interaction(world.desk, ana, key)
        assert view.state is State.WORK_IN_PROGRESS
        assert await sent(world) == []


async def test_it_is_off_unless_the_account_has_a_text(url: str) -> None:
    async with acknowledging(url, text="") as world:
        await world.arrive(mail())
        assert await sent(world) == []


HEADS = {
    "automatic": b"Auto-Submitted: auto-generated\r\n",
    "auto-reply": b"Auto-Submitted: auto-replied\r\n",
    "list": b"List-Id: <news.fjord.example>\r\n",
    "bulk": b"Precedence: bulk\r\n",
    "asks for silence": b"X-Auto-Response-Suppress: All\r\n",
    "null sender": b"Return-Path: <>\r\n",
    "another desk": b"X-Agentdesk-ID: IMS0000009.4\r\n",
    "loop": b"Received: by mx.example; Mon, 2 Mar 2026 09:00:00 +0000\r\n" * 30,
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
async def test_no_program_and_no_list_is_answered(url: str, head: bytes) -> None:
    async with acknowledging(url) as world:
        await world.arrive(head + mail())
        assert await sent(world) == []


@pytest.mark.parametrize(
    "sender",
    ["no-reply@fjord.example", "mailer-daemon@fjord.example", SUPPORT, "sales@northwind.example"],
)
async def test_no_machine_and_not_ourselves_are_answered(url: str, sender: str) -> None:
    async with acknowledging(url) as world:
        await world.arrive(mail(sender=Address(sender, "Somebody")))
        assert await sent(world) == []


async def test_mail_that_is_not_addressed_to_us_is_not_answered(url: str) -> None:
    async with acknowledging(url) as world:
        await world.arrive(mail(to=["undisclosed@fjord.example"]))
        assert await sent(world) == []


async def test_an_address_that_bounced_is_left_alone(url: str) -> None:
    async with acknowledging(url) as world:
        await world.arrive(mail())
        assert len(await sent(world)) == 1
        async with world.desk.store.write() as tx:
            await people.mark_bounced(tx, [MARA], world.clock.now())
        await world.arrive(mail(subject="Another question"))
        assert await sent(world) == []


async def test_a_sender_that_the_server_could_not_verify_is_not_answered(tmp_path: Path) -> None:
    async with database("sqlite", tmp_path) as url, acknowledging(url) as world:
        setup = replace(
            SETUP,
            accounts=(replace(SETUP.accounts[0], acknowledgement=TEXT, authserv_id="mx.example"),),
        )
        await services.configuration.apply(world.desk, setup)
        forged = b"Authentication-Results: mx.example; dmarc=fail header.from=fjord.example\r\n"
        await world.arrive(forged + mail())
        assert await sent(world) == []
        await world.arrive(forged.replace(b"fail", b"pass") + mail())
        assert len(await sent(world)) == 1


async def test_old_mail_of_a_full_mailbox_is_never_acknowledged(url: str) -> None:
    async with acknowledging(url) as world:
        world.arrival_delay = timedelta(hours=2)
        await world.arrive(*[mail(subject=f"Question {n}") for n in range(5)])
        assert await sent(world) == []
        world.arrival_delay = timedelta(minutes=59)
        await world.arrive(mail(subject="A fresh one"))
        assert len(await sent(world)) == 1


async def test_one_sender_gets_so_many_a_day_and_the_next_day_again(url: str) -> None:
    async with acknowledging(url, AcknowledgementCaps(per_sender_per_day=2)) as world:
        await world.arrive(*[mail(subject=f"Question {n}") for n in range(5)])
        await world.arrive(mail(subject="Question 6"), mail(sender=Address("lee@pine.example")))
        assert [j.recipients for j in await sent(world)] == [
            (MARA,),
            (MARA,),
            ("lee@pine.example",),
        ]
        world.clock.turn(24 * 3600 + 1)
        await world.arrive(mail(subject="Question 7"))
        assert len(await sent(world)) == 1


async def test_what_continues_a_closed_interaction_is_not_acknowledged_again(url: str) -> None:
    async with acknowledging(url) as world:
        await world.arrive(mail(message_id="a@fjord.example"))
        ana, key = await world.at_work()
        await services.handling.close(world.desk, ana, key)
        world.clock.turn(121)
        await services.deadlines.run_passed(world.desk)
        assert len(await sent(world)) == 1
        await world.arrive(mail("Again broken.", in_reply_to="a@fjord.example"))
        view = await services.views.interaction(world.desk, ana, key + 1)  # type: ignore[arg-type]
        assert view.parent == "IMS0000001"
        assert await sent(world) == []


async def test_over_the_hourly_cap_nothing_is_sent_and_supervisors_are_told(url: str) -> None:
    async with acknowledging(url, AcknowledgementCaps(per_hour=3)) as world:
        sue = await world.sign_in("sue")
        board = await services.board.board(world.desk, sue)
        assert board.warning == ""
        many = [mail(sender=Address(f"c{n}@fjord.example")) for n in range(6)]
        await world.arrive(*many[:4])
        await world.arrive(*many[4:])
        assert len(await sent(world)) == 3
        board = await services.board.board(world.desk, sue)
        assert board.warning == (
            "3 acknowledgements went out within an hour, so no more are sent for now. "
            "Look for a mail loop."
        )
        world.clock.turn(3601)
        board = await services.board.board(world.desk, sue)
        assert board.warning == ""
        await world.arrive(mail(sender=Address("c9@fjord.example")))
        assert len(await sent(world)) == 1


async def test_braces_in_a_mail_stay_words(url: str) -> None:
    async with acknowledging(url) as world:
        odd = Address("a@fjord.example", "{subject} {0.__class__}")
        await world.arrive(mail(sender=odd, subject="{number} {name}"))
        (job,) = await sent(world)
        assert understand(job.raw).text.strip() == (
            'Thank you, {subject} {0.__class__}. We have your mail "{number} {name}" as IMS0000001.'
        )


async def test_a_sender_who_cannot_be_written_to_is_filed_all_the_same(url: str) -> None:
    async with acknowledging(url) as world:
        raw = mail().replace(MARA.encode(), b"a.." + b"x" * 200 + b"@-.example")
        await world.arrive(raw, mail(subject="One behind it"))
        ana = await world.sign_in("ana")
        assert len((await services.views.interactions(world.desk, ana)).rows) == 2
        assert (MARA,) in [job.recipients for job in await sent(world)]


async def test_two_desks_that_acknowledge_stop_after_one_mail(tmp_path: Path) -> None:
    """Each hands the other's mail in as it came, also where a server on the way removes its marks."""
    (tmp_path / "b").mkdir()
    other = "help@pine.example"
    async with (
        database("sqlite", tmp_path) as first,
        database("sqlite", tmp_path / "b") as second,
        acknowledging(first) as here,
        acknowledging(second, address=other) as there,
    ):
        await here.arrive(mail(sender=Address(other, "Pine"), to=[SUPPORT]))
        (job,) = await sent(here)
        assert job.recipients == (other,)
        await there.arrive(job.raw)
        assert await sent(there) == []


async def test_desks_whose_marks_are_removed_on_the_way_stop_at_the_cap(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    other = "help@pine.example"
    caps = AcknowledgementCaps(per_sender_per_day=3)
    async with (
        database("sqlite", tmp_path) as first,
        database("sqlite", tmp_path / "b") as second,
        acknowledging(first, caps) as here,
        acknowledging(second, caps, address=other) as there,
    ):
        await here.arrive(mail(sender=Address(other, "Pine"), to=[SUPPORT]))
        count, desks = 0, [there, here]
        while jobs := await sent(desks[1]):
            assert count < 20, "the two write to each other for ever"
            count += len(jobs)
            await desks[0].arrive(*[_stripped(job.raw) for job in jobs])
            desks.reverse()
        assert 0 < count <= 2 * caps.per_sender_per_day


def _stripped(raw: bytes) -> bytes:
    """Without everything that says who sent it and to what it answers."""
    head, _, body = raw.partition(b"\r\n\r\n")
    marks = (b"auto-submitted", b"x-", b"in-reply-to", b"references", b"message-id")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(marks)]
    return b"\r\n".join(kept) + b"\r\n\r\n" + body

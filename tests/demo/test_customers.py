"""Simulated customers write and answer as people with mail programs do."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agentdesk.demo import customers
from agentdesk.demo.customers import WaitingRoom
from agentdesk.demo.mailers import Written
from agentdesk.demo.mailers import build as build_as
from agentdesk.demo.mailstore import Mailbox
from agentdesk.demo.people import CAMILLE, DESK, MARA, PRANKSTER
from agentdesk.demo.postmaster import HOST, checked
from agentdesk.demo.talks import Mood, Opening, Talk, answer, mood, openings_of
from agentdesk.demo.world import DemoWorld
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.message import Address, MailKind, ParsedMail, Verdict
from agentdesk.mail.account import Envelope, SmtpServer
from agentdesk.mail.compose import Outgoing, attribution, build, quote_original, reply_subject
from agentdesk.mail.mime import understand
from agentdesk.mail.smtp import SmtpAccount

OURS = frozenset(m.address for m in DESK)
SAID = "Hello, thank you for your mail. We look into it today."


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "RETRY_S", 0.02)


class Inboxes:
    """The desk's mailboxes, read as they fill."""

    def __init__(self, world: DemoWorld) -> None:
        self._world = world
        self._boxes: list[Mailbox] = [
            box for m in DESK if (box := world.store.mailbox(m.address)) is not None
        ]
        self._news = asyncio.Event()
        for box in self._boxes:
            box.watchers.add(self._news.set)
        self._smtp = SmtpAccount(
            SmtpServer("127.0.0.1", world.smtp_port, "plain", DESK[0].address),
            world.passwords[DESK[0].address],
        )
        self.sent: dict[str, ParsedMail] = {}

    def mails(self) -> list[ParsedMail]:
        """Everything that arrived."""
        raws = [mail.raw for box in self._boxes for mail in box.mails]
        return [understand(raw, own_addresses=OURS) for raw in raws]

    async def until(self, count: int, *, answers: bool = False) -> list[ParsedMail]:
        """Wait for *count* mails, or for so many that answer ours."""
        async with asyncio.timeout(60):
            while True:
                self._news.clear()
                found = [
                    m for m in self.mails() if not answers or set(m.in_reply_to) & {*self.sent}
                ]
                if len(found) >= count:
                    return found
                await self._news.wait()

    async def reply(self, mail: ParsedMail) -> None:
        """Answer as the desk does."""
        key = f"ad.abcdefghijklmnopqrstuv.{len(self.sent) + 1}@northwind.example"
        quoted = quote_original(mail.text, attribution(mail.sender, mail.date))
        letter = Outgoing(
            sender=Address(DESK[0].address, "Ana Ruiz, Northwind Outdoor Support"),
            to=(mail.sender,),
            subject=reply_subject(mail.subject),
            text=f"{SAID}\n\n-- \nAna Ruiz\n\n{quoted}",
            message_id=key,
            date=SystemClock().now(),
            in_reply_to=mail.message_id,
            references=(*mail.references, mail.message_id),
            headers=(("X-Agentdesk-ID", f"IMS0000001.{len(self.sent) + 1}"),),
        )
        self.sent[key] = mail
        envelope = Envelope(DESK[0].address, (mail.sender.email,))
        await self._smtp.submit(envelope, build(letter), before_final_dot=_nothing)

    async def close(self) -> None:
        await self._smtp.close()


async def _nothing(refused: object) -> None:
    pass


@asynccontextmanager
async def living(speed: float = 400.0) -> AsyncIterator[tuple[DemoWorld, Inboxes]]:
    async with DemoWorld(1, speed, SystemClock()) as world:
        inboxes = Inboxes(world)
        world.begin()
        try:
            yield world, inboxes
        finally:
            await inboxes.close()


async def test_customers_write_about_many_things_in_many_languages() -> None:
    async with living() as (_, inboxes):
        answered: set[str] = set()
        mails: list[ParsedMail] = []
        while len(mails) < 13:
            for mail in await inboxes.until(len(answered) + 1):
                if mail.message_id not in answered:
                    answered.add(mail.message_id)
                    await inboxes.reply(mail)
            mails = [m for m in inboxes.mails() if not m.in_reply_to]
    assert all(m.text and m.subject and "@" in m.sender.email for m in mails)
    assert any(a.type == "image/png" for m in mails for a in m.attachments)
    assert len({m.sender.email for m in mails}) > 6
    texts = " ".join(m.text for m in mails)
    assert any("\u0600" < c < "\u06ff" or "\u0590" < c < "\u05ff" for c in texts)
    assert all(m.kind in (MailKind.NORMAL, MailKind.LIST) for m in mails)


async def test_customers_answer_what_the_desk_writes_in_the_same_thread() -> None:
    async with living() as (_, inboxes):
        for mail in await inboxes.until(6):
            await inboxes.reply(mail)
        answers = await inboxes.until(3, answers=True)
        for mail in answers:
            asked = inboxes.sent[mail.in_reply_to[0]]
            assert mail.sender.email == asked.sender.email
            assert mail.in_reply_to[0] in mail.references
            assert asked.message_id in mail.references
            if mail.kind is MailKind.NORMAL:
                assert SAID in mail.text
                assert SAID not in mail.latest_text
                assert mail.latest_text


async def test_whoever_is_answered_again_comes_to_an_end() -> None:
    async with living(2000.0) as (_, inboxes):
        seen: set[str] = set()
        thanked = False
        while not thanked:
            for mail in await inboxes.until(len(seen) + 1):
                if mail.message_id not in seen:
                    seen.add(mail.message_id)
                    await inboxes.reply(mail)
                thanked = thanked or len(set(mail.references) & {*inboxes.sent}) >= 2


async def test_a_customer_whom_the_desk_writes_to_first_answers_too() -> None:
    async with living() as (_, inboxes):
        text = "We have a question about your order."
        for n in range(9):
            await inboxes.reply(
                ParsedMail(f"Your order {n}", MARA.address, text, (), message_id=f"{n}@x.example")
            )
        answers = await inboxes.until(1, answers=True)
    assert answers[0].sender.email == MARA.email
    assert answers[0].subject.startswith(("Re: Your order", "Automatic reply: Your order"))


async def test_a_lost_connection_is_made_again() -> None:
    async with living() as (world, inboxes):
        mails = await inboxes.until(6)
        world.imap.drop_connections()
        world.smtp.drop_connections()
        for mail in mails:
            await inboxes.reply(mail)
        world.imap.drop_connections()
        assert await inboxes.until(2, answers=True)


async def test_closing_leaves_nobody_behind() -> None:
    before = asyncio.all_tasks()
    async with living() as (world, inboxes):
        await inboxes.until(1)
        assert world.imap.connections
    assert world.imap.connections == 0
    assert asyncio.all_tasks() == before


async def test_a_world_may_close_before_anybody_wrote() -> None:
    before = asyncio.all_tasks()
    async with DemoWorld(1, 1.0, SystemClock()) as world:
        world.begin()
    assert asyncio.all_tasks() == before


async def test_an_idle_desk_is_not_flooded() -> None:
    room = WaitingRoom(2, patience_s=3600)
    now = asyncio.get_running_loop().time()
    talks = [Talk(MARA, None, waiting_since=now) for _ in range(2)]
    for talk in talks:
        await room.has_room()
        room.add(talk)
    waiting = asyncio.create_task(room.has_room())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    talks[0].waiting_since = None
    room.hear()
    await waiting


async def test_who_waited_too_long_leaves_the_room() -> None:
    room = WaitingRoom(1, patience_s=10)
    room.add(Talk(MARA, None, waiting_since=asyncio.get_running_loop().time() - 10.1))
    await room.has_room()


def first(seed: int, count: int = 60) -> list[Opening]:
    return list(itertools.islice(openings_of(seed), count))


def test_the_same_seed_makes_the_same_mails() -> None:
    assert [o.text for o in first(1)] == [o.text for o in first(1)]
    assert [o.text for o in first(1)] != [o.text for o in first(2)]


def test_no_mail_shows_an_unfilled_blank() -> None:
    for opening in first(3, 200):
        plain = opening.talk.person != PRANKSTER
        assert not plain or "{" not in opening.subject + opening.text


def test_the_prank_arrives_as_harmless_text() -> None:
    prank = next(o for o in first(1) if o.subject.startswith("Re: [/order]"))
    assert "\x1b" in prank.subject
    assert "\u202e" in prank.text
    sender, to = PRANKSTER.address, DESK[0].sender
    written = Written(sender, to, prank.subject, prank.text, "1@x.example", SystemClock().now())
    read = understand(build_as(PRANKSTER.mailer, written))
    assert read.subject.startswith("Re: [/order]")
    assert (read.subject + read.text.replace("\n", "")).isprintable()


def test_an_impostor_is_warned_about_and_a_customer_is_verified() -> None:
    impostor = next(o for o in first(1) if o.claims)
    assert impostor.claims is not None
    raws = [
        build_as(
            MARA.mailer,
            Written(sender, DESK[0].sender, "Hi", "Hello.", "1@x.example", SystemClock().now()),
        )
        for sender in (impostor.claims, MARA.address)
    ]
    own = frozenset(mailbox.address for mailbox in DESK)
    forged = checked(PRANKSTER.email, raws[0])
    read = understand(forged, own_addresses=own, authserv_id=HOST)
    assert read.auth.verdict is Verdict.FAIL
    assert any("northwind.example" in w for w in read.warnings)
    honest = understand(checked(MARA.email, raws[1]), own_addresses=own, authserv_id=HOST)
    assert honest.auth.verdict is Verdict.PASS
    assert honest.warnings == ()


@pytest.mark.parametrize("turns", [0, 1, 5])
def test_nobody_answers_after_saying_thanks(turns: int) -> None:
    rng = random.Random(1)
    talk = Talk(CAMILLE, None, turns)
    assert answer(talk, Mood.THANKS, rng).endswith("Camille")
    assert {mood(talk, rng) for _ in range(20)} == {Mood.NOTHING}


def test_an_automatic_reply_is_sent_once_in_a_conversation() -> None:
    rng = random.Random(1)
    talk = Talk(MARA, None)
    assert Mood.AWAY in {mood(talk, rng) for _ in range(200)}
    assert "out of the office" in answer(talk, Mood.AWAY, rng)
    assert Mood.AWAY not in {mood(talk, rng) for _ in range(200)}

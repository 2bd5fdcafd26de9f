"""The send loop: two at once, in order within an interaction, and no outcome is ever forgotten."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from agentdesk import services
from agentdesk.demo.faults import Drop, Faults, Hold, Say
from agentdesk.demo.smtp_server import DemoSmtpServer
from agentdesk.domain.case import NewCase
from agentdesk.domain.errors import LoginRefused, ServerUnreachable, StorageProblem
from agentdesk.domain.views import Delivery, EntryKind
from agentdesk.engine import send
from agentdesk.engine.lines import Line
from agentdesk.engine.send import Sender
from agentdesk.engine.supervisor import Pulse
from agentdesk.engine.wake import Feed
from agentdesk.mail.account import ImapServer, SmtpServer
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.services import outgoing
from tests.desks import SUPPORT, World, mail

SOON = 30.0


@dataclass
class Post:
    """A submission server, and what it took in order."""

    smtp: DemoSmtpServer
    faults: Faults
    got: list[bytes]

    def sender(self, world: World) -> Sender:
        imap = ImapServer("127.0.0.1", 1, "plain")
        smtp = SmtpServer("127.0.0.1", self.smtp.port, "plain", SUPPORT, timeout=SOON)
        line = Line(
            "support",
            SUPPORT,
            lambda: ImapAccount(imap, ""),
            lambda: SmtpAccount(smtp, "secret"),
        )
        return Sender(world.desk, line, 1, Feed(world.desk.store))


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    got: list[bytes] = []

    async def on_mail(sender: str, recipients: list[str], raw: bytes) -> None:
        got.append(raw)

    faults = Faults()
    async with DemoSmtpServer(on_mail, users={SUPPORT: "secret"}, faults=faults) as smtp:
        yield Post(smtp, faults, got)


async def queued(world: World, count: int) -> None:
    """Answers in as many interactions, ready to be sent."""
    await world.arrive(*(mail(f"Question {n}") for n in range(count)))
    ana = await world.sign_in("ana")
    for row in (await services.views.interactions(world.desk, ana)).rows:
        await services.offers.assign_to_me(world.desk, ana, row.interaction_id)
        d = await services.drafts.open_reply(world.desk, ana, row.interaction_id, everyone=False)
        await services.sending.queue(world.desk, ana, d.id, d.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)


async def states(world: World) -> list[Delivery]:
    """Where every outgoing mail is."""
    ana = world.actors["ana"]
    found = []
    for row in (await services.views.interactions(world.desk, ana)).rows:
        page = await services.views.stream(world.desk, ana, row.interaction_id)
        found += [e.delivery for e in page.entries if e.delivery is not None]
    return found


async def all_are(world: World, wanted: Delivery) -> None:
    async with asyncio.timeout(SOON):
        while set(await states(world)) != {wanted}:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(world: World, sender: Sender) -> AsyncIterator["asyncio.Task[None]"]:
    """The loop at work; ended softly."""
    task = asyncio.create_task(sender.run(Pulse("send", world.clock, lambda: None)))
    try:
        yield task
    finally:
        sender.finish()
        await asyncio.wait({task}, timeout=SOON)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_two_mails_are_handed_in_at_once_and_never_three(world: World, post: Post) -> None:
    await queued(world, 3)
    held = Hold()
    post.faults.plan("ANSWER", held, 2)
    async with running(world, post.sender(world)):
        async with asyncio.timeout(SOON):
            while len(post.got) < 2:
                await asyncio.sleep(0.01)
        assert sorted(await states(world)) == ["maybe_sent", "maybe_sent", "queued"]
        held.until.set()
        await all_are(world, Delivery.SENT)
    assert (len(post.got), post.smtp.connected) == (3, 2)
    assert post.smtp.clients == set()  # both said goodbye


async def test_a_mail_out_of_a_case_reaches_its_customer_and_says_where_it_belongs(
    world: World, post: Post
) -> None:
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, key = await world.at_work()
    case = await services.cases.create(world.desk, ana, key, NewCase("Broken parcel"))
    d = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    await services.sending.queue(world.desk, ana, d.id, d.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)

    async def delivery() -> Delivery | None:
        page = await services.cases.stream(world.desk, ana, case)
        return next(e.delivery for e in page.entries if e.outbox_id)

    async with running(world, post.sender(world)), asyncio.timeout(SOON):
        while await delivery() is not Delivery.SENT:
            await asyncio.sleep(0.01)
    (raw,) = post.got
    out = email.message_from_bytes(raw, policy=email.policy.default)
    assert out["To"] == "Mara Olsen <mara.olsen@fjord.example>"
    assert out["Subject"] == "Re: Broken parcel"
    assert out["In-Reply-To"] == out["References"] == "<a@fjord.example>"
    assert out["X-Agentdesk-ID"].startswith("CS0000001.")
    cited = out["Message-ID"].strip("<>")
    await world.arrive(mail("Thank you", subject="Hello", in_reply_to=cited))
    page = await services.cases.stream(world.desk, ana, case)
    assert [e.text for e in page.entries if e.kind is EntryKind.MAIL_IN][-1] == "Thank you"


async def test_an_outcome_is_written_however_long_the_database_refuses(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(world, 1)
    real, refusals = outgoing.mark_sent, [1, 2]

    async def full(*args: Any, **kwargs: Any) -> None:
        if refusals:
            refusals.pop()
            raise StorageProblem("The disk is full. Free some space on it; nothing was lost.")
        await real(*args, **kwargs)

    monkeypatch.setattr(outgoing, "mark_sent", full)
    monkeypatch.setattr(send, "FIRST_WAIT_S", 0.001)
    async with running(world, post.sender(world)):
        await all_are(world, Delivery.SENT)
    assert len(post.got) == 1


async def test_a_mark_that_cannot_be_written_calls_the_mail_off_and_keeps_it_ready(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await queued(world, 1)

    async def full(*args: Any, **kwargs: Any) -> None:
        raise StorageProblem("The disk is full. Free some space on it; nothing was lost.")

    monkeypatch.setattr(outgoing, "mark_maybe_sent", full)
    async with running(world, post.sender(world)) as task:
        await asyncio.wait({task}, timeout=SOON)
        assert isinstance(task.exception(), StorageProblem)
    assert await states(world) == [Delivery.QUEUED]
    assert post.got == []


@pytest.mark.parametrize("point", ["MAIL", "DOT"])
async def test_a_defect_of_ours_leaves_no_mail_in_a_state_that_nobody_ends(
    world: World, post: Post, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    await queued(world, 1)
    real = SmtpAccount.submit

    async def broken(self: SmtpAccount, *args: Any, before_final_dot: Any, **kw: Any) -> None:
        if point == "DOT":
            await before_final_dot({})
        raise ValueError("a defect")

    monkeypatch.setattr(SmtpAccount, "submit", broken)
    wanted = Delivery.DEFERRED if point == "MAIL" else Delivery.UNKNOWN
    async with running(world, post.sender(world)):
        await all_are(world, wanted)
    monkeypatch.setattr(SmtpAccount, "submit", real)


async def test_a_refused_login_stops_the_account_and_fails_no_mail(
    world: World, post: Post
) -> None:
    await queued(world, 2)
    post.faults.plan("AUTH", Say("535 5.7.8 Bad credentials"), None)
    async with running(world, post.sender(world)) as task:
        await asyncio.wait({task}, timeout=SOON)
        assert isinstance(task.exception(), LoginRefused)
    assert set(await states(world)) <= {Delivery.DEFERRED, Delivery.QUEUED}


async def test_a_server_that_is_away_is_named_and_the_mail_waits(world: World, post: Post) -> None:
    await queued(world, 1)
    post.faults.plan("CONNECT", Drop(), None)
    async with running(world, post.sender(world)) as task:
        await asyncio.wait({task}, timeout=SOON)
        assert isinstance(task.exception(), ServerUnreachable)
    assert await states(world) == [Delivery.DEFERRED]

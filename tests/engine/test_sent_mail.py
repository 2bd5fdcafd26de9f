"""The mailbox for sent mail: copies exactly once, mails of unknown outcome found there or asked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from agentdesk import services
from agentdesk.demo.faults import Drop, Faults, Say
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.domain.actor import Actor
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import Delivery, StreamEntry
from agentdesk.engine.lines import Line
from agentdesk.engine.sent_mail import SentMail
from agentdesk.engine.wake import Feed
from agentdesk.mail.account import ImapServer, SmtpServer
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.services import outgoing
from agentdesk.services.outgoing import Job
from agentdesk.storage import messages
from agentdesk.storage.tables import message_aliases
from tests.desks import SUPPORT, World, mail


@dataclass
class Post:
    """A mail server with a mailbox for sent mail."""

    store: MailStore
    faults: Faults
    imap: DemoImapServer

    def sent(self) -> list[bytes]:
        box = self.store.mailbox(SUPPORT, "Sent")
        return [m.raw for m in box.mails] if box else []

    def loop(self, world: World, sent_mailbox: str = "", files_sent: bool = False) -> SentMail:
        """The loop of the support account, as one engine has it."""
        imap = ImapServer("127.0.0.1", self.imap.port, "plain", SUPPORT)
        smtp = SmtpServer("127.0.0.1", 1, "plain")
        line = Line(
            "support",
            SUPPORT,
            lambda: ImapAccount(imap, "secret"),
            lambda: SmtpAccount(smtp),
            sent_mailbox=sent_mailbox,
            files_sent=files_sent,
        )
        return SentMail(world.desk, line, 1, Feed(world.desk.store))


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    store = MailStore()
    store.add_user(SUPPORT, "secret")
    faults = Faults()
    async with DemoImapServer(store, faults=faults) as imap:
        yield Post(store, faults, imap)


async def claimed(world: World) -> tuple[Actor, InteractionId, Job]:
    await world.arrive(mail())
    ana, key = await world.at_work()
    d = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.sending.queue(world.desk, ana, d.id, d.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await outgoing.claim(world.desk, [1])
    assert job is not None
    return ana, key, job


async def unknown(
    world: World, noted: tuple[int, int] = (0, 0)
) -> tuple[Actor, InteractionId, Job]:
    ana, key, job = await claimed(world)
    await outgoing.mark_maybe_sent(world.desk, job, {}, noted)
    await outgoing.mark_unknown(world.desk, job, "The line broke after the last byte.")
    return ana, key, job


async def entry(world: World, ana: Actor, key: InteractionId) -> StreamEntry:
    page = await services.views.stream(world.desk, ana, key)
    return next(e for e in page.entries if e.outbox_id)


# -- copies ----------------------------------------------------------------------------------


async def test_a_copy_of_a_sent_mail_is_filed_once_whoever_looks(world: World, post: Post) -> None:
    _, _, job = await claimed(world)
    await outgoing.mark_sent(world.desk, job, {})
    one, two = post.loop(world, "Sent"), post.loop(world, "Sent")
    await one.step()
    await two.step()
    assert post.sent() == [job.raw]


async def test_a_copy_that_a_dead_process_filed_is_not_filed_again(
    world: World, post: Post
) -> None:
    _, _, job = await claimed(world)
    await outgoing.mark_sent(world.desk, job, {})
    assert await services.sent_mail.claim(world.desk, 1) is not None  # and then it dies
    post.store.deliver(SUPPORT, job.raw, "Sent")
    await post.loop(world, "Sent").step()
    world.clock.turn(3600)
    await post.loop(world, "Sent").step()
    assert post.sent() == [job.raw]


@pytest.mark.parametrize(
    ("point", "fault"), [("APPEND", Drop()), ("APPEND", Say("NO [OVERQUOTA] full"))]
)
async def test_a_copy_that_could_not_be_filed_is_filed_later(
    world: World, post: Post, point: str, fault: Drop | Say
) -> None:
    _, _, job = await claimed(world)
    await outgoing.mark_sent(world.desk, job, {})
    post.faults.plan(point, fault)
    due = await post.loop(world, "Sent").step()
    assert post.sent() == []
    assert due is not None
    world.clock.turn((due - world.clock.now()).total_seconds())
    assert await post.loop(world, "Sent").step() is None
    assert post.sent() == [job.raw]


async def test_no_copy_is_made_where_the_server_files_sent_mail_itself(
    world: World, post: Post
) -> None:
    _, _, job = await claimed(world)
    await outgoing.mark_sent(world.desk, job, {})
    assert await post.loop(world, "", files_sent=True).step() is None
    assert post.sent() == []


# -- unknown outcomes ------------------------------------------------------------------------


async def test_an_unknown_mail_found_among_the_sent_ones_was_sent(world: World, post: Post) -> None:
    ana, key, job = await unknown(world)
    post.store.deliver(SUPPORT, job.raw, "Sent")
    await post.loop(world).step()
    assert (await entry(world, ana, key)).delivery is Delivery.UNKNOWN
    world.clock.turn(31)
    await post.loop(world).step()
    assert (await entry(world, ana, key)).delivery is Delivery.SENT
    page = await services.views.stream(world.desk, ana, key)
    assert any("Found in Sent: the mail was sent." in e.title for e in page.entries)


@pytest.mark.parametrize("kept", ["X-Agentdesk-ID", "X-Microsoft-Original-Message-ID"])
async def test_a_mail_whose_identity_the_server_replaced_is_known_by_what_it_kept(
    world: World, post: Post, kept: str
) -> None:
    ana, key, job = await unknown(world)
    rewritten = job.raw.replace(job.header_id.encode(), b"AM0PR01@outlook.example", 1)
    if kept != "X-Agentdesk-ID":
        old = f"{kept}: <{job.header_id}>\r\nX-Other".encode()
        rewritten = rewritten.replace(b"X-Agentdesk-ID", old, 1)
    post.store.deliver(SUPPORT, rewritten, "Sent")
    world.clock.turn(31)
    await post.loop(world).step()
    assert (await entry(world, ana, key)).delivery is Delivery.SENT
    async with world.desk.store.read() as tx:
        (alias,) = await tx.all(message_aliases.select())
        mail_row = await messages.get(tx, alias.message_id)
    assert (alias.header_id, mail_row.header_id) == ("AM0PR01@outlook.example", job.header_id)


async def test_a_mail_with_a_longer_number_is_not_mistaken_for_it(world: World, post: Post) -> None:
    ana, key, job = await unknown(world)
    other = job.raw.replace(job.header_id.encode(), b"x@outlook.example", 1)
    longer = other.replace(job.envid.encode(), job.envid.encode() + b"7", 1)
    post.store.deliver(SUPPORT, longer, "Sent")
    world.clock.turn(31)
    await post.loop(world).step()
    assert (await entry(world, ana, key)).delivery is Delivery.UNKNOWN


async def test_not_found_after_four_looks_the_question_stays_with_a_person(
    world: World, post: Post
) -> None:
    ana, key, job = await unknown(world)
    start = world.clock.now()
    looked = []
    for _ in range(8):
        due = await post.loop(world).step()
        if due is None:
            break
        world.clock.turn((due - world.clock.now()).total_seconds())
        looked.append((world.clock.now() - start).total_seconds())
    assert looked == [30, 120, 600, 1800]
    assert (await entry(world, ana, key)).delivery is Delivery.UNKNOWN
    known = await services.sent_mail.evidence(world.desk, ana, job.id)
    assert [look.words for look in known.looks] == ["Not found in Sent."] * 4
    assert known.next_look is None
    assert "proves nothing" in known.worth
    assert known.what == "The line broke after the last byte."
    (row,) = (await services.views.desktop(world.desk, ana)).on_hold
    assert (row.unread, row.undelivered) == (1, 1)


async def test_where_the_server_files_sent_mail_absence_speaks(world: World, post: Post) -> None:
    ana, _, job = await unknown(world)
    world.clock.turn(31)
    await post.loop(world, files_sent=True).step()
    known = await services.sent_mail.evidence(world.desk, ana, job.id)
    assert "probably not sent" in known.worth


async def test_a_mailbox_that_cannot_be_reached_is_no_look(world: World, post: Post) -> None:
    ana, key, job = await unknown(world)
    post.store.deliver(SUPPORT, job.raw, "Sent")
    post.faults.plan("LOGIN", Drop())
    world.clock.turn(31)
    due = await post.loop(world).step()
    assert due is not None
    (look,) = (await services.sent_mail.evidence(world.desk, ana, job.id)).looks
    assert look.words.startswith("The sent mails could not be looked at")
    world.clock.turn((due - world.clock.now()).total_seconds())
    await post.loop(world).step()
    assert (await entry(world, ana, key)).delivery is Delivery.SENT


async def test_what_lay_there_before_is_not_looked_at(world: World, post: Post) -> None:
    """The place is noted beforehand, so that a large mailbox costs no search over years."""
    for n in range(3):
        post.store.deliver(SUPPORT, mail(f"Earlier {n}"), "Sent")
    loop = post.loop(world)
    assert loop.noted() == (0, 0)
    await loop.step()
    noted = loop.noted()
    assert noted[1] == 4
    ana, key, job = await unknown(world, noted)
    post.store.deliver(SUPPORT, job.raw, "Sent")
    world.clock.turn(31)
    await post.loop(world).step()
    assert (await entry(world, ana, key)).delivery is Delivery.SENT


async def test_an_answer_that_cites_an_unknown_mail_proves_that_it_was_sent(world: World) -> None:
    ana, key, job = await unknown(world)
    await world.arrive(mail("Thank you.", in_reply_to=job.header_id))
    assert (await entry(world, ana, key)).delivery is Delivery.SENT
    page = await services.views.stream(world.desk, ana, key)
    assert any("Proved by what came back" in e.title for e in page.entries)


async def test_an_answer_to_a_later_mail_of_the_thread_proves_nothing_about_an_unknown_one(
    world: World,
) -> None:
    """Its References name every mail of the thread, also those that never went out."""
    ana, key, job = await unknown(world)
    later = mail("Thank you.", in_reply_to="a-later-one@northwind.example")
    both = f"<{job.header_id}> <a-later-one@northwind.example>".encode()
    await world.arrive(later.replace(b"References: <", b"References: " + both + b" <", 1))
    assert (await entry(world, ana, key)).delivery is Delivery.UNKNOWN

"""The engine on real loopback servers: from a customer's mail to the answer in their mailbox."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.bootstrap.opened import RunningDesk, start
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import Mailbox, MailStore
from agentdesk.demo.smtp_server import DemoSmtpServer, deliver_to
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Delivery, Health
from agentdesk.engine.lines import Line
from agentdesk.mail.account import ImapServer, SmtpServer
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.services.desk import Desk
from tests.desks import RULES, SUPPORT, desk, mail

CUSTOMER = "mara.olsen@fjord.example"


@dataclass
class Post:
    """A mail world and the lines of the support account to it."""

    store: MailStore
    imap: DemoImapServer
    smtp: DemoSmtpServer

    def line(self, password: str = "secret") -> Line:
        imap = ImapServer("127.0.0.1", self.imap.port, "plain", SUPPORT)
        smtp = SmtpServer("127.0.0.1", self.smtp.port, "plain", SUPPORT)
        return Line(
            "support",
            SUPPORT,
            lambda: ImapAccount(imap, password),
            lambda: SmtpAccount(smtp, password),
            sent_mailbox="Sent",
        )

    def received(self, user: str) -> list[bytes]:
        box = self.store.mailbox(user)
        return [m.raw for m in box.mails] if box else []


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    store = MailStore()
    store.add_user(SUPPORT, "secret")
    store.add_user(CUSTOMER, "secret")
    async with (
        DemoImapServer(store) as imap,
        DemoSmtpServer(deliver_to(store), users={SUPPORT: "secret"}) as smtp,
    ):
        yield Post(store, imap, smtp)


@asynccontextmanager
async def running(
    url: str, post: Post, login: str | None = "ana", **line: str
) -> AsyncIterator[RunningDesk]:
    rules = replace(RULES, undo_send=timedelta(0))
    async with desk(url, clock=SystemClock(), rules=rules) as made:
        opened = await start(made, [post.line(**line)], login)
        try:
            yield opened
        finally:
            await opened.close()


async def until(
    opened: RunningDesk, found: Callable[[], Awaitable[bool]], seconds: float = 20
) -> None:
    """Ask again at each change of the feed until it is true."""
    feed = opened.feed()
    waiting: asyncio.Task[object] | None = None
    async with asyncio.timeout(seconds):
        while not await found():
            waiting = waiting or asyncio.ensure_future(anext(feed))
            done, _ = await asyncio.wait({waiting}, timeout=0.5)
            waiting = None if done else waiting
    if waiting:
        waiting.cancel()


async def _inbox(desk: Desk, opened: RunningDesk) -> bool:
    return bool((await services.views.desktop(desk, opened.actor)).inbox)


async def _filled(box: Mailbox | None) -> bool:
    return box is not None and len(box) == 1


async def test_from_the_mailbox_to_the_answer_and_back(url: str, post: Post) -> None:
    async with running(url, post) as opened:
        made, ana = opened.desk, opened.actor
        post.store.deliver(SUPPORT, mail(message_id="first@fjord.example"))
        await until(opened, lambda: _inbox(made, opened))
        (card,) = (await services.views.desktop(made, ana)).inbox
        key = await services.offers.accept(made, ana, card.work_item_id)
        draft = await services.drafts.open_reply(made, ana, key, everyone=False)
        await services.sending.queue(made, ana, draft.id, draft.token)

        async def sent() -> bool:
            page = await services.views.stream(made, ana, key)
            return any(e.delivery is Delivery.SENT for e in page.entries)

        await until(opened, sent)
        (answer,) = post.received(CUSTOMER)
        copies = post.store.mailbox(SUPPORT, "Sent")
        await until(opened, lambda: _filled(copies))
        header = answer.split(b"Message-ID: <")[1].split(b">")[0].decode()
        assert b"In-Reply-To: <first@fjord.example>" in answer
        post.store.deliver(SUPPORT, mail("Thank you.", in_reply_to=header))

        async def answered() -> bool:
            view = await services.views.interaction(made, ana, key)
            return view.state is State.WORK_IN_PROGRESS

        await until(opened, answered)
        page = await services.views.stream(made, ana, key)
        assert page.entries[-2].text.strip().startswith("Thank you.") or any(
            e.text.startswith("Thank you.") for e in page.entries
        )
        box = post.store.mailbox(SUPPORT)
        assert box is not None

        async def marked() -> bool:
            return all("\\Seen" in m.flags for m in box.mails)

        await until(opened, marked)


async def test_a_dropped_connection_is_made_again_and_loses_nothing(url: str, post: Post) -> None:
    async with running(url, post) as opened:

        async def listening() -> bool:
            return all(h.health is Health.IDLE for h in opened.health())

        await until(opened, listening)
        post.imap.drop_connections()
        post.store.deliver(SUPPORT, mail())
        await until(opened, lambda: _inbox(opened.desk, opened))
        assert all(h.health is Health.IDLE or h.health is Health.BUSY for h in opened.health())


async def test_refused_credentials_stop_and_tell_what_to_do(url: str, post: Post) -> None:
    async with running(url, post, password="wrong") as opened:

        async def stopped() -> bool:
            return any(h.health is Health.STOPPED for h in opened.health())

        await until(opened, stopped)
        (sick,) = [h for h in opened.health() if h.health is Health.STOPPED]
        assert sick.name == SUPPORT
        assert "password" in sick.sentence.lower()


async def test_two_engines_on_one_database_file_no_mail_twice(tmp_path: Path, post: Post) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    async with running(url, post) as one, running(url, post, login="ben") as two:
        for n in range(30):
            post.store.deliver(SUPPORT, mail(subject=f"Question {n}"))

        async def all_there() -> bool:
            page = await services.views.interactions(one.desk, one.actor)
            return len(page.rows) >= 30

        await until(two, all_there)
        page = await services.views.interactions(one.desk, one.actor)
        assert len({r.subject for r in page.rows}) == len(page.rows) == 30


async def test_the_engine_ends_within_two_seconds(url: str, post: Post) -> None:
    async with running(url, post) as opened:
        post.store.deliver(SUPPORT, mail())
        async with asyncio.timeout(2):
            await opened.close()
        assert not [t for t in asyncio.all_tasks() if "receive" in t.get_name()]

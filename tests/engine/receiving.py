"""What receiving promises on any IMAP server: in test_receive on ours, in test_receive_dovecot on Dovecot."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from agentdesk.bootstrap.opened import RunningDesk, start
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.setup import DeskSetup, MailboxSetup
from agentdesk.domain.views import Health
from agentdesk.engine import reader, supervisor
from agentdesk.engine.lines import Line
from agentdesk.mail.account import FetchedMail, SmtpServer
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.services.desk import Desk
from agentdesk.storage import blobs
from agentdesk.storage.tables import interactions, mail_locations, mailboxes
from tests.desks import SETUP, desk
from tests.engine.test_end_to_end import until
from tests.mail.imap_world import MailWorld, mail
from tests.mail.test_imap_contract import HOSTILE
from tests.mail.wire_proxy import WireProxy

MIB = 1024 * 1024


@dataclass
class Post:
    """A mail server behind a network, and the account that is read there."""

    world: MailWorld
    proxy: WireProxy

    def line(self, **more: object) -> Line:
        server = replace(self.world.server, port=self.proxy.port)
        smtp = SmtpServer("127.0.0.1", 1, "plain")
        made = Line(
            "support",
            self.world.server.username,
            lambda: ImapAccount(server, self.world.password),
            lambda: SmtpAccount(smtp, ""),
        )
        return replace(made, **more)  # type: ignore[arg-type]

    async def there(self, mailbox: str = "INBOX") -> list[FetchedMail]:
        """What lies in a mailbox of the server, seen without changing it."""
        account = ImapAccount(self.world.server, self.world.password)
        await account.connect()
        try:
            await account.select(mailbox, readonly=True)
            uids = await account.uids_since(1)
            return [m async for batch in account.fetch(uids) for m in batch]
        finally:
            await account.close()


@asynccontextmanager
async def reading(
    url: str, post: Post, setup: DeskSetup = SETUP, **line: object
) -> AsyncIterator[RunningDesk]:
    """A desk whose engine reads the mailbox."""
    async with desk(url, clock=SystemClock(), setup=setup) as made:
        opened = await start(made, [post.line(**line)], "ana")
        try:
            yield opened
        finally:
            await opened.close()


@dataclass(frozen=True)
class Books:
    """What the database says: mails by state, subjects of interactions, rows set aside."""

    states: Counter[str]
    subjects: Counter[str]
    aside: list[tuple[str, str]]
    unsettled: int

    @property
    def done(self) -> int:
        return self.states["filed"] + self.states["quarantined"]


async def books(made: Desk) -> Books:
    m = mail_locations.c
    current = m.uidvalidity == mailboxes.c.uidvalidity
    joined = mail_locations.join(mailboxes, mailboxes.c.id == m.mailbox_id)
    columns = (m.state, m.cause_kind, m.cause, m.settled)
    async with made.store.read() as tx:
        rows = await tx.all(sa.select(*columns).select_from(joined).where(current))
        subjects = await tx.all(sa.select(interactions.c.subject))
    return Books(
        Counter(r.state for r in rows),
        Counter(r.subject for r in subjects),
        [(r.cause_kind, r.cause) for r in rows if r.state == "quarantined"],
        sum(r.state == "filed" and not r.settled for r in rows),
    )


def done(opened: RunningDesk, count: int) -> Callable[[], Awaitable[bool]]:
    """So many mails are filed or set aside, and nothing else waits."""

    async def enough() -> bool:
        found = await books(opened.desk)
        return found.done == count == found.states.total()

    return enough


def settled(opened: RunningDesk, count: int) -> Callable[[], Awaitable[bool]]:
    async def enough() -> bool:
        found = await books(opened.desk)
        return found.states["filed"] == count and not found.unsettled

    return enough


def idle(opened: RunningDesk) -> Callable[[], Awaitable[bool]]:
    async def all_idle() -> bool:
        return all(h.health is Health.IDLE for h in opened.health())

    return all_idle


async def stored(made: Desk) -> list[bytes]:
    """The bytes of every mail, as the database has them."""
    async with made.store.read() as tx:
        rows = await tx.all(sa.select(mail_locations.c.sha256).order_by(mail_locations.c.uid))
        found = await blobs.get_many(tx, [r.sha256 for r in rows])
    return [found[r.sha256] for r in rows]


async def ask_again(made: Desk) -> None:
    """What a retry in the quarantine writes."""
    values = {"state": "wanted", "attempts": 0}
    aside = sa.update(mail_locations).where(mail_locations.c.state == "quarantined")
    async with made.store.write() as tx:
        await tx.execute(aside.values(values))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(reader, "SWEEP_S", 0.4)


COMMANDS = ["LOGIN", "CAPABILITY", "SELECT", "NOOP", "UID SEARCH", "RFC822.SIZE", "BODY.PEEK[]"]


class ReceivingContract:
    """Subclasses give the fixture `world`."""

    @pytest.fixture
    async def post(self, world: MailWorld) -> AsyncIterator[Post]:
        async with WireProxy(world.server.port) as proxy:
            yield Post(world, proxy)

    async def test_hostile_and_large_mails_are_kept_byte_for_byte(
        self, url: str, post: Post
    ) -> None:
        large = mail("Photos", ("x" * 70 + "\r\n") * 90_000)
        raws = [*HOSTILE, large, mail("behind")]
        for raw in raws:
            await post.world.deliver(raw)
        async with reading(url, post) as opened:
            await until(opened, done(opened, len(raws)))
            assert await stored(opened.desk) == raws
            found = await books(opened.desk)
            assert found.states == {"filed": len(raws)}
            assert {"Photos", "behind", "5* hotel * deal"} <= set(found.subjects)

    async def test_a_thousand_mails_are_filed_once_each(self, url: str, post: Post) -> None:
        await post.world.fill(1_000)
        async with reading(url, post) as opened:
            await until(opened, done(opened, 1_000), 60)
            subjects = (await books(opened.desk)).subjects
            assert len(subjects) == subjects.total() == 1_000

    @pytest.mark.parametrize("after", [0, 40])
    @pytest.mark.parametrize("command", [*COMMANDS, "UID STORE", "IDLE"])
    async def test_a_line_cut_at_any_command_loses_nothing_and_repeats_nothing(
        self, url: str, post: Post, command: str, after: int
    ) -> None:
        await post.world.fill(7)
        post.proxy.cut_at, post.proxy.after = command.encode(), after
        async with reading(url, post) as opened:
            await until(opened, settled(opened, 7))
            await until(opened, idle(opened))
            assert post.proxy.cuts == 1
            assert set((await books(opened.desk)).subjects.values()) == {1}
        assert all("\\Seen" in m.flags for m in await post.there())

    async def test_a_line_that_dies_while_idling_is_made_again(self, url: str, post: Post) -> None:
        async with reading(url, post) as opened:
            await post.world.idling()
            await post.world.cut()
            await post.world.deliver(mail())
            await until(opened, done(opened, 1))

    async def test_new_numbers_file_nothing_twice_and_download_only_what_is_unknown(
        self, url: str, post: Post
    ) -> None:
        await post.world.deliver(mail("gone soon"))
        for raw in _a_mailbox():
            await post.world.deliver(raw)
        async with reading(url, post) as opened:
            await until(opened, settled(opened, 35))
        async with removing(post) as account:
            await account.move([1], "Archive")
        await post.world.renumber()
        for subject in ("new", "newer"):
            await post.world.deliver(mail(subject))
        before = post.proxy.received
        async with reading(url, post) as opened:
            await until(opened, settled(opened, 36))
            subjects = (await books(opened.desk)).subjects
            assert {"new", "newer"} <= set(subjects)
            assert len(subjects) == subjects.total() == 37
        assert post.proxy.received - before < 20 * 20_000  # thirty mails of 20 KB were not fetched

    @pytest.mark.parametrize("command", ["UID SEARCH", "HEADER.FIELDS", "BODY.PEEK[]", "IDLE"])
    async def test_new_numbers_survive_a_line_that_is_cut_while_they_are_taken_over(
        self, url: str, post: Post, command: str
    ) -> None:
        for raw in _a_mailbox():
            await post.world.deliver(raw)
        async with reading(url, post) as opened:
            await until(opened, settled(opened, 34))
        await post.world.renumber()
        await post.world.deliver(mail("new"))
        post.proxy.cut_at, post.proxy.after = command.encode(), 300
        async with reading(url, post) as opened:
            await until(opened, settled(opened, 35))
            await until(opened, idle(opened))
            subjects = (await books(opened.desk)).subjects
            assert len(subjects) == subjects.total() == 35
        assert post.proxy.cuts == 1

    async def test_a_mail_that_is_too_large_is_set_aside_until_the_limit_allows_it(
        self, url: str, post: Post
    ) -> None:
        large = mail("Photos", ("x" * 70 + "\r\n") * 25_000)
        for raw in (mail("one"), large, mail("two")):
            await post.world.deliver(raw)
        async with reading(url, post, largest_mail=MIB) as opened:
            await until(opened, done(opened, 3))
            found = await books(opened.desk)
            assert set(found.subjects) == {"one", "two"}
            [(kind, why)] = found.aside
            assert kind == "too_large"
            assert "1.7 MiB" in why
            assert large[: 64 * 1024] in await stored(opened.desk)
        async with reading(url, post, largest_mail=2 * MIB) as opened:
            await until(opened, idle(opened))
            await ask_again(opened.desk)
            await until(opened, settled(opened, 3))
            assert set((await books(opened.desk)).subjects) == {"one", "two", "Photos"}
            assert large in await stored(opened.desk)

    async def test_a_mail_that_breaks_every_connection_is_set_aside_after_three(
        self, url: str, post: Post
    ) -> None:
        for number in range(5):
            await post.world.deliver(mail(f"Order {number}"))
        post.proxy.poison = 3
        async with reading(url, post) as opened:
            await until(opened, done(opened, 5), 40)
            found = await books(opened.desk)
            assert set(found.subjects) == {f"Order {n}" for n in (0, 1, 3, 4)}
            assert [kind for kind, _ in found.aside] == ["download"]
            assert post.proxy.cuts == 4  # the batch, then three times alone
            post.proxy.poison = 0
            await ask_again(opened.desk)
            await until(opened, settled(opened, 5))

    async def test_mail_that_nobody_announces_is_found_by_the_sweep_and_that_is_told(
        self, url: str, post: Post
    ) -> None:
        post.proxy.deaf = True
        async with reading(url, post) as opened:

            def told() -> bool:
                return any(h.sentence == reader.SAYS_NOTHING for h in opened.health())

            for number in range(30):  # one that comes between two waits is announced after all
                await until(opened, idle(opened))
                if told():
                    break
                await post.world.deliver(mail(f"Order {number}"))
                await until(opened, settled(opened, number + 1))
            assert told()

    @pytest.mark.parametrize("after_filing", ["mark", "move", "leave"])
    async def test_filed_mail_is_marked_moved_or_left(
        self, url: str, post: Post, after_filing: str
    ) -> None:
        await post.world.fill(3)
        move_to = "Done" if after_filing == "move" else ""
        async with reading(url, post, after_filing=after_filing, move_to=move_to) as opened:
            await until(opened, done(opened, 3))
            await until(opened, idle(opened))
        here = [sorted(m.flags - {"\\Recent"}) for m in await post.there()]
        assert here == {"mark": [["\\Seen"]] * 3, "move": [], "leave": [[]] * 3}[after_filing]
        if move_to:
            assert len(await post.there("Done")) == 3

    async def test_several_mailboxes_are_read_each_for_its_queue(
        self, url: str, post: Post
    ) -> None:
        support, sales = SETUP.accounts
        both = replace(support, mailboxes=(MailboxSetup("Orders", "sales"),))
        await post.world.deliver(mail("one"))
        await post.world.deliver(mail("two"), "Orders")
        setup = replace(SETUP, accounts=(both, sales))
        async with reading(url, post, setup, mailboxes=("INBOX", "Orders")) as opened:
            await until(opened, settled(opened, 2))
            names = [h.name for h in opened.health()]
            user = post.world.server.username
            assert {f"{user} INBOX", f"{user} Orders"} <= set(names)
            await post.world.deliver(mail("three"), "Orders")
            await until(opened, settled(opened, 3))

    async def test_two_engines_on_one_mailbox_file_no_mail_twice(
        self, url: str, post: Post
    ) -> None:
        async with reading(url, post) as one, reading(url, post) as two:
            await post.world.fill(40)
            await until(two, done(two, 40))
            await until(one, idle(one))
            subjects = (await books(one.desk)).subjects
            assert len(subjects) == subjects.total() == 40


@asynccontextmanager
async def removing(post: Post) -> AsyncIterator[ImapAccount]:
    """Another mail program on the same mailbox."""
    account = ImapAccount(post.world.server, post.world.password)
    await account.connect()
    await account.select("INBOX")
    yield account
    await account.close()


def _a_mailbox() -> list[bytes]:
    """Mails of 20 KB with Message-IDs, two that share one, and two without."""
    body = ("y" * 70 + "\r\n") * 280
    usual = [mail(f"Order {n}", body) for n in range(30)]
    shared = [
        b"Message-ID: <same@x.example>\r\nSubject: twin %d\r\n\r\nhello\r\n" % n for n in (1, 2)
    ]
    blank = [b"Subject: blank %d\r\n\r\nhello\r\n" % n for n in (1, 2)]
    return [*usual, *shared, *blank]

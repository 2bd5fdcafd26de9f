"""The demo's mail servers, as other programs meet them: imaplib and smtplib from a thread."""

import asyncio
import imaplib
import smtplib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from agentdesk.demo.faults import Delay, Drop, Faults, Hold, Say
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.demo.smtp_server import DemoSmtpServer, deliver_to

USER, PASSWORD = "support@example.org", 'cor"rect \\horse'
QUOTED = '"cor\\"rect \\\\horse"'
RAW = b"From: Mara <mara@example.com>\r\nSubject: Order\r\n 5512\r\n\r\n.dot\r\nbody\r\n"
T = TypeVar("T")


@dataclass
class Post:
    """Both servers on one store."""

    store: MailStore
    imap: DemoImapServer
    smtp: DemoSmtpServer

    async def read(self, work: Callable[[imaplib.IMAP4], T]) -> T:
        """Run *work* with a logged-in imaplib client on INBOX, in a thread."""

        def session() -> T:
            with imaplib.IMAP4(self.imap.host, self.imap.port, timeout=5) as client:
                client._simple_command("LOGIN", USER, QUOTED)
                client.state = "AUTH"
                client.select()
                return work(client)

        return await asyncio.to_thread(session)

    async def send(self, sender: str, recipients: list[str], raw: bytes = RAW) -> object:
        """Send by smtplib, in a thread."""

        def session() -> object:
            with smtplib.SMTP(self.smtp.host, self.smtp.port, timeout=5) as client:
                client.login(USER, PASSWORD)
                return client.sendmail(sender, recipients, raw)

        return await asyncio.to_thread(session)


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    store = MailStore()
    store.add_user(USER, PASSWORD)
    store.add_user("mara@example.com", "mara")
    async with (
        DemoImapServer(store) as imap,
        DemoSmtpServer(deliver_to(store), users={USER: PASSWORD}) as smtp,
    ):
        yield Post(store, imap, smtp)


# -- IMAP ------------------------------------------------------------------------------------


async def test_another_client_reads_the_exact_bytes(post: Post) -> None:
    post.imap.deliver(USER, RAW)
    kind, data = await post.read(lambda client: client.uid("FETCH", "1", "(BODY.PEEK[] UID)"))
    assert kind == "OK"
    assert data[0][1] == RAW


async def test_parts_of_a_mail_can_be_fetched(post: Post) -> None:
    post.imap.deliver(USER, RAW)
    head, _, text = RAW.partition(b"\r\n\r\n")
    asked = {
        "BODY.PEEK[HEADER]": head + b"\r\n\r\n",
        "BODY.PEEK[TEXT]": text,
        "BODY.PEEK[]<5.10>": RAW[5:15],
        "RFC822.HEADER": head + b"\r\n\r\n",
    }
    for item, expected in asked.items():
        _, data = await post.read(lambda client, item=item: client.fetch("1", f"({item})"))
        assert data[0][1] == expected
    _, data = await post.read(lambda client: client.fetch("1:*", "ALL"))
    assert b"RFC822.SIZE %d" % len(RAW) in data[0]


async def test_reading_marks_as_seen_and_peeking_does_not(post: Post) -> None:
    post.imap.deliver(USER, RAW)
    await post.read(lambda client: client.fetch("1", "(BODY.PEEK[])"))
    assert (await post.read(lambda client: client.search(None, "UNSEEN")))[1] == [b"1"]
    await post.read(lambda client: client.fetch("1", "(BODY[])"))
    assert (await post.read(lambda client: client.search(None, "UNSEEN")))[1] == [b""]


async def test_flags_are_added_removed_and_replaced(post: Post) -> None:
    post.imap.deliver(USER, RAW)
    inbox = post.store.mailbox(USER)
    assert inbox is not None
    for how, flags, expected in [
        ("+FLAGS", r"(\Seen \Flagged)", {"\\Seen", "\\Flagged"}),
        ("-FLAGS.SILENT", r"(\Seen)", {"\\Flagged"}),
        ("FLAGS", r"\Answered", {"\\Answered"}),
    ]:
        await post.read(lambda client, how=how, flags=flags: client.store("1", how, flags))
        assert inbox.mails[0].flags == expected


async def test_mails_are_found_by_header_over_folded_lines(post: Post) -> None:
    post.imap.deliver(USER, RAW)
    post.imap.deliver(USER, b"Subject: other\r\n\r\nOrder 5512\r\n")
    for criteria, hits in [
        ('HEADER Subject "order 5512"', b"1"),
        ("ALL", b"1 2"),
        ("UID 2:*", b"2"),
        ("1 SEEN", b""),
        ('HEADER X-None ""', b""),
    ]:
        _, data = await post.read(lambda client, c=criteria: client.uid("SEARCH", c))
        assert data == [hits]


async def test_copy_and_expunge_work_as_other_clients_expect(post: Post) -> None:
    for _ in range(3):
        post.imap.deliver(USER, RAW)

    def work(client: imaplib.IMAP4) -> list[bytes | None]:
        client.copy("1:2", "Archive")
        client.store("1,3", "+FLAGS", r"\Deleted")
        return client.expunge()[1]

    assert await post.read(work) == [b"3", b"1"]
    archive, inbox = post.store.mailbox(USER, "Archive"), post.store.mailbox(USER)
    assert archive is not None
    assert inbox is not None
    assert (archive.uids, inbox.uids) == ([1, 2], [2])


async def test_mailboxes_are_listed_with_their_roles(post: Post) -> None:
    _, data = await post.read(lambda client: client.list())
    assert b'(\\HasNoChildren \\Sent) "/" "Sent"' in data
    _, data = await post.read(lambda client: client.list('""', "I%"))
    assert data == [b'(\\HasNoChildren) "/" "INBOX"']


async def test_status_counts_without_selecting(post: Post) -> None:
    post.imap.deliver(USER, RAW, "Junk")
    _, data = await post.read(lambda client: client.status("Junk", "(MESSAGES UNSEEN UIDNEXT)"))
    assert data == [b'"Junk" (MESSAGES 1 UNSEEN 1 UIDNEXT 2)']


async def test_nonsense_is_answered_and_the_connection_goes_on(post: Post) -> None:
    def work(client: imaplib.IMAP4) -> list[str]:
        replies = []
        for name, words in [
            ("FETCH", ("x", "(FLAGS)")),
            ("FETCH", ("1:*", "(NOTHING)")),
            ("STORE", ("1", "TAGS", "(a)")),
            ("SELECT", ()),
            ("NOOP", ()),
        ]:
            try:
                replies.append(client._simple_command(name, *words)[0])
            except client.error:
                replies.append("BAD")
        return replies

    post.imap.deliver(USER, RAW)
    assert await post.read(work) == ["BAD", "BAD", "BAD", "BAD", "OK"]


async def test_one_user_sees_nothing_of_another(post: Post) -> None:
    post.store.deliver("mara@example.com", RAW)
    assert (await post.read(lambda client: client.search(None, "ALL")))[1] == [b""]


async def test_renumbered_mailbox_has_the_same_mails_under_other_uids(post: Post) -> None:
    post.imap.deliver(USER, RAW)
    inbox = post.store.mailbox(USER)
    assert inbox is not None
    before = (inbox.uidvalidity, inbox.uids)
    post.imap.renumber(USER)
    assert inbox.uidvalidity > before[0]
    assert not set(inbox.uids) & set(before[1])
    assert [mail.raw for mail in inbox.mails] == [RAW]


# -- SMTP ------------------------------------------------------------------------------------


async def test_mail_reaches_the_mailboxes_of_its_recipients_in_any_case(post: Post) -> None:
    refused = await post.send("Mara@Example.COM", ["SUPPORT@example.org", "mara@example.com"])
    assert refused == {}
    for user in (USER, "mara@example.com"):
        inbox = post.store.mailbox(user)
        assert inbox is not None
        assert [mail.raw for mail in inbox.mails] == [RAW]


async def test_same_recipient_twice_gets_one_copy_and_strangers_none(post: Post) -> None:
    await post.send("mara@example.com", [USER, USER.upper(), "stranger@example.net"])
    inbox = post.store.mailbox(USER)
    assert inbox is not None
    assert len(inbox) == 1


async def test_wrong_password_is_answered_at_once(post: Post) -> None:
    def session() -> None:
        with smtplib.SMTP(post.smtp.host, post.smtp.port, timeout=5) as client:
            client.login(USER, "wrong")

    with pytest.raises(smtplib.SMTPAuthenticationError):
        await asyncio.to_thread(session)


async def test_mail_without_login_is_refused(post: Post) -> None:
    def session() -> None:
        with smtplib.SMTP(post.smtp.host, post.smtp.port, timeout=5) as client:
            client.sendmail("mara@example.com", [USER], RAW)

    with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
        await asyncio.to_thread(session)


# -- faults ----------------------------------------------------------------------------------


async def test_faults_strike_as_often_as_planned_and_then_no_more() -> None:
    faults = Faults()
    faults.plan("FETCH", None)
    faults.plan("FETCH", Say("NO"), times=2)
    struck = [await faults.take("FETCH") for _ in range(4)]
    assert struck == [None, Say("NO"), Say("NO"), None]


async def test_standing_fault_strikes_until_cleared_and_only_where_it_applies() -> None:
    faults = Faults()
    faults.plan("RCPT mara@example.com", Drop(), times=None)
    assert await faults.take("RCPT", "mara@example.com") == Drop()
    assert await faults.take("RCPT", "bob@example.com") is None
    faults.clear()
    assert await faults.take("RCPT", "mara@example.com") is None


async def test_held_point_goes_on_when_it_is_let_go() -> None:
    faults = Faults()
    gate = Hold()
    faults.plan("DATA", gate)
    waiting = asyncio.create_task(faults.take("DATA"))
    await faults.reached("DATA").wait()
    assert not waiting.done()
    gate.until.set()
    assert await waiting is None
    faults.plan("DATA", Delay(0.001))
    assert await faults.take("DATA") is None

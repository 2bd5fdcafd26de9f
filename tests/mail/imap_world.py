"""Mail servers for the IMAP tests, as the tests see them, and plausible mails."""

import asyncio
from typing import Protocol

from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.mail.account import FetchedMail, ImapServer
from agentdesk.mail.imap import ImapAccount

SOON = 5.0  # seconds: a test that waits so long has failed
USER, PASSWORD = "support@example.org", 'cor"rect \\horse'
ANY_SCRIPT = 'Entwürfe & "日本"'


class MailWorld(Protocol):
    """A server with one user."""

    server: ImapServer
    password: str

    async def deliver(self, raw: bytes, mailbox: str = "INBOX") -> None:
        """A new mail."""

    async def renumber(self) -> None:
        """Give INBOX a new UIDVALIDITY."""

    async def fill(self, count: int) -> None:
        """Many small mails in INBOX, fast."""

    async def cut(self) -> None:
        """End every client's connection without a word."""

    async def idling(self) -> None:
        """Return once a client is idling."""


def mail(subject: str = "Order 5512 damaged", body: str = "My parcel arrived broken.") -> bytes:
    """A plausible mail."""
    return (
        f"From: Mara Olsen <mara@example.com>\r\nTo: support@example.org\r\n"
        f"Subject: {subject}\r\nMessage-ID: <{abs(hash((subject, body)))}@example.com>\r\n\r\n"
        f"{body}\r\n"
    ).encode()


async def all_mails(account: ImapAccount, uids: list[int]) -> list[FetchedMail]:
    """Everything a fetch yields."""
    return [mail async for batch in account.fetch(uids) for mail in batch]


class DemoWorld:
    """Our server with one user."""

    def __init__(self, demo: DemoImapServer) -> None:
        self.demo = demo
        self.faults = demo.faults
        self.server = ImapServer(demo.host, demo.port, "plain", USER, timeout=SOON)
        self.password = PASSWORD

    async def deliver(self, raw: bytes, mailbox: str = "INBOX") -> None:
        self.demo.deliver(USER, raw, mailbox)

    async def renumber(self) -> None:
        self.demo.renumber(USER)

    async def fill(self, count: int) -> None:
        for number in range(count):
            self.demo.deliver(USER, mail(f"Newsletter {number}"))

    async def cut(self) -> None:
        self.demo.drop_connections()

    async def idling(self) -> None:
        await asyncio.wait_for(self.faults.reached("IDLING").wait(), SOON)

"""A mail world in the test's own process, and the settings of a desk on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agentdesk.demo.faults import Faults
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.demo.smtp_server import DemoSmtpServer, deliver_to
from agentdesk.engine.lines import Line
from agentdesk.mail.account import ImapServer, SmtpServer
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from tests.desks import SUPPORT, mail

MARA = "mara.olsen@fjord.example"
PASSWORD = "a-word-for-tests"

SETTINGS = """\
[desk]
name = "Northwind"
undo_send_s = {undo_send_s}

[database]
url = "sqlite:///desk.db"

[[mail_accounts]]
key = "support"
name = "Northwind Support"
address = "{address}"
password_env = "TEST_PASSWORD"
keyring = false

[mail_accounts.imap]
host = "127.0.0.1"
port = {imap}
security = "plain"

[mail_accounts.smtp]
host = "127.0.0.1"
port = {smtp}
security = "plain"

[[agents]]
login = "ana"
name = "Ana Ruiz"
email = "ana@northwind.example"

[wrap_up]
duration_s = {wrap_up_s}
"""


@dataclass
class Office:
    """Two mailboxes on loopback servers, and the folder of a desk that reads one of them."""

    folder: Path
    store: MailStore
    imap: DemoImapServer
    smtp: DemoSmtpServer

    @property
    def database(self) -> Path:
        """Where the desk keeps everything."""
        return self.folder / "desk.db"

    @property
    def secrets(self) -> dict[str, str]:
        """The environment that holds the desk's password."""
        return {"TEST_PASSWORD": PASSWORD}

    def write_settings(self, *, undo_send_s: int = 0, wrap_up_s: int = 120) -> Path:
        """A settings.toml for these servers."""
        path = self.folder / "settings.toml"
        self.folder.mkdir(parents=True, exist_ok=True)
        ports = {"imap": self.imap.port, "smtp": self.smtp.port}
        text = SETTINGS.format(
            address=SUPPORT, undo_send_s=undo_send_s, wrap_up_s=wrap_up_s, **ports
        )
        path.write_text(text, encoding="utf-8")
        return path

    def line(self, password: str = PASSWORD) -> Line:
        """How an engine in this process reaches the servers."""
        imap = ImapServer("127.0.0.1", self.imap.port, "plain", SUPPORT)
        smtp = SmtpServer("127.0.0.1", self.smtp.port, "plain", SUPPORT)
        return Line(
            "support",
            SUPPORT,
            lambda: ImapAccount(imap, password),
            lambda: SmtpAccount(smtp, password),
        )

    def write_in(self, text: str, subject: str = "Order 5512 damaged", **more: str) -> None:
        """Mara's mail to the desk."""
        self.store.deliver(SUPPORT, mail(text, subject=subject, **more))  # type: ignore[arg-type]

    def received(self, user: str = MARA) -> list[bytes]:
        """The mails in somebody's mailbox, oldest first."""
        box = self.store.mailbox(user)
        return [each.raw for each in box.mails] if box else []


@asynccontextmanager
async def office(folder: Path, faults: Faults | None = None) -> AsyncIterator[Office]:
    """Open servers; *faults* are those of SMTP."""
    store = MailStore()
    for user in (SUPPORT, MARA):
        store.add_user(user, PASSWORD)
    async with (
        DemoImapServer(store) as imap,
        DemoSmtpServer(deliver_to(store), users={SUPPORT: PASSWORD}, faults=faults) as smtp,
    ):
        yield Office(folder, store, imap, smtp)

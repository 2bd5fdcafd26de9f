"""Two mailboxes on loopback servers, a settings file for a desk on them, and what reached whom."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agentdesk.demo.faults import Faults
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import Mailbox, MailStore
from agentdesk.demo.smtp_server import DemoSmtpServer
from tests.desks import SUPPORT
from tests.faults.post import id_of
from tests.terminal.office import PASSWORD
from tests.terminal.terminal import environment

SALES = "sales@northwind.example"
DESKS = (SUPPORT, SALES)
FILED = "Archive"

HEAD = """\
[desk]
name = "Northwind"
undo_send_s = 0

[database]
url = "{url}"

[[agents]]
login = "ana"
name = "Ana Ruiz"
email = "ana@northwind.example"
capacity = 50

[[agents]]
login = "sue"
name = "Sue Lind"
email = "sue@northwind.example"
role = "supervisor"
"""
ACCOUNT = """
[[mail_accounts]]
key = "{key}"
name = "Northwind"
address = "{address}"
password_env = "TEST_PASSWORD"
keyring = false
sent_mailbox = "{sent}"

[mail_accounts.imap]
host = "127.0.0.1"
port = {imap}
security = "plain"
after_filing = "{after}"
{move}

[mail_accounts.smtp]
host = "127.0.0.1"
port = {smtp}
security = "plain"
"""


@dataclass(frozen=True, slots=True)
class Handed:
    """A mail that a submission server took, for one recipient."""

    header_id: str
    recipient: str
    raw: bytes = field(repr=False)


@dataclass
class World:
    """The servers, and what the books need to know of them."""

    folder: Path
    url: str
    after_filing: str
    copies: str
    """Sent mail: "none" are kept, the "server" files them, or the "desk" does."""
    store: MailStore
    imap: DemoImapServer
    smtp: DemoSmtpServer
    came: list[tuple[str, str, str]] = field(default_factory=list)
    """Every mail that ever lay in a mailbox of ours: address, SHA-256, kind."""
    handed: list[Handed] = field(default_factory=list)
    raws: dict[str, bytes] = field(default_factory=dict, repr=False)
    """The bytes of what came, by SHA-256."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """The addresses whose mailboxes are read."""
        return DESKS

    def deliver(self, desk: str, raw: bytes, kind: str) -> None:
        """A mail reaches a mailbox."""
        sha = hashlib.sha256(raw).hexdigest()
        self.came.append((desk, sha, kind))
        self.raws[sha] = raw
        self.store.deliver(desk, raw)

    async def take(self, sender: str, recipients: list[str], raw: bytes) -> None:
        """The submission server owns a mail now."""
        key = id_of(raw)
        self.handed += [Handed(key, who.lower(), raw) for who in recipients]
        if self.copies == "server" and sender in DESKS:
            self.store.deliver(sender, raw, "Sent")

    def box(self, desk: str, name: str = "INBOX") -> Mailbox:
        """A mailbox on the server."""
        return self.store.create(desk, name)

    def sent_copies(self) -> Counter[str]:
        """Message-IDs of the copies in the mailboxes for sent mail."""
        return Counter(id_of(m.raw) for desk in DESKS for m in self.box(desk, "Sent").mails)

    def ours(self) -> list[bytes]:
        """What the desk has sent, each once."""
        return list({h.header_id: h.raw for h in self.handed}.values())

    @property
    def environment(self) -> dict[str, str]:
        """What an engine of this desk has in its environment."""
        return environment(self.folder / "home", TEST_PASSWORD=PASSWORD)

    def write_settings(self) -> Path:
        """The settings.toml of a desk on these servers."""
        path = self.folder / "settings.toml"
        move = f'move_to = "{FILED}"' if self.after_filing == "move" else ""
        accounts = [
            ACCOUNT.format(
                key=address.partition("@")[0],
                address=address,
                sent="Sent" if self.copies == "desk" else "",
                imap=self.imap.port,
                smtp=self.smtp.port,
                after=self.after_filing,
                move=move,
            )
            for address in DESKS
        ]
        path.write_text(HEAD.format(url=self.url) + "".join(accounts), encoding="utf-8")
        return path


@asynccontextmanager
async def world(folder: Path, url: str, after_filing: str, copies: str) -> AsyncIterator[World]:
    """Open servers and an empty desk's settings."""
    store = MailStore()
    for user in DESKS:
        store.add_user(user, PASSWORD)
    imap = DemoImapServer(store, faults=Faults())

    async def take(sender: str, recipients: list[str], raw: bytes) -> None:
        await made.take(sender, recipients, raw)

    smtp = DemoSmtpServer(take, users=dict.fromkeys(DESKS, PASSWORD), faults=Faults())
    made = World(folder, url, after_filing, copies, store, imap, smtp)
    async with imap, smtp:
        made.write_settings()
        yield made

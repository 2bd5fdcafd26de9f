"""The mail account as the desk needs it: endpoints, plain values, outcomes and the port.

Nothing here opens a connection. `mail.imap` implements the port, `mail.smtp` sends.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from agentdesk.domain.errors import BadInput, MailProblem
from agentdesk.domain.quarantine import Cause

LARGEST_MAIL = 500 * 1024 * 1024
Security = Literal["tls", "starttls", "plain"]
Password = str | Callable[[], Awaitable[str]]
"""The password, or how to fetch it when a connection is made. Never logged, never in a repr."""


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """OAuth2 access tokens in place of a password: the login is XOAUTH2.

    `fetch("")` gives one that is good for some minutes, `fetch(refused)` another one than the
    server has just refused. It raises `LoginRefused`, such as `SignInNeeded`, where a person must
    act, and `ServerUnreachable` where trying again may help.
    """

    fetch: Callable[[str], Awaitable[str]] = field(repr=False)


Credential = Password | AccessTokens
"""What an account logs in with."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a mail server listens. `timeout` in seconds, for connecting and for each answer.

    `ca_file` is trusted in place of the system's certificates. Raises `BadInput` for an unusable
    value and for security "plain" on anything but this machine.
    """

    host: str
    port: int = 0
    security: Security = "tls"
    username: str = ""
    timeout: float = 30.0
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if self.security not in ("tls", "starttls", "plain"):
            raise BadInput(f"Security {self.security!r} is unknown: use tls or starttls.")
        if not self.host or any(c.isspace() or not c.isprintable() for c in self.host):
            raise BadInput(f"{self.host!r} is not a host name: check the mail server's address.")
        if not 0 < self.port < 65536:
            raise BadInput(f"Port {self.port} does not exist: use a number from 1 to 65535.")
        if any(c in self.username for c in "\r\n\0"):
            raise BadInput("The user name of the mail account contains a line break: remove it.")
        if self.security == "plain" and not is_loopback(self.host):
            raise BadInput(
                f"Mail to {self.host} would travel unencrypted: set security to tls or starttls."
            )

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ImapServer(Endpoint):
    """Where mail is read."""

    port: int = 993


@dataclass(frozen=True, slots=True)
class SmtpServer(Endpoint):
    """Where mail is handed in. An empty `username` sends without logging in."""

    port: int = 465


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine, judged without asking the network."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


async def reveal(password: Password) -> str:
    """The password itself, fetched if it was given as a callable."""
    return password if isinstance(password, str) else await password()


@dataclass(frozen=True, slots=True)
class MailboxStatus:
    """A mailbox when it was selected. UIDs mean something only within one `uidvalidity`."""

    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True)
class RemoteMail:
    """A mail on the server that is not fetched yet; `size` in bytes, as the server states it.

    A size of 0 is unknown. `message_id`: bare, empty where it has none or was not asked for.
    """

    uid: int
    size: int
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """A mail's exact bytes. `internal_date`: when the server received it, aware.

    With a `cause` the mail is not whole: TOO_LARGE, `raw` is its beginning; DOWNLOAD, the server
    would not hand it out, in the words of `why`, and `raw` is empty. `size` is what the server
    states, in bytes, where it was asked.
    """

    uid: int
    raw: bytes = field(repr=False)
    internal_date: datetime | None = None
    flags: frozenset[str] = frozenset()
    size: int = 0
    cause: Cause | None = None
    why: str = ""


class MailAccount(Protocol):
    """One connection to one account, for one task at a time.

    Every method but `close` may raise `ConnectionLost`; then, and after a cancelled or timed-out
    call, the connection is gone and `connect` starts afresh. Other failures are subclasses of
    `domain.errors.MailProblem`.
    """

    idle_refused: bool
    """Whether the server announced IDLE, but would not do it."""

    async def connect(self) -> None:
        """Connect and log in. Raises ServerUnreachable, CertificateRefused, LoginRefused."""
        ...

    async def select(self, mailbox: str, readonly: bool = False) -> MailboxStatus:
        """Open *mailbox*: what the calls below refer to."""
        ...

    async def uids_since(self, first_uid: int) -> list[int]:
        """The UIDs there are now from *first_uid* on, ascending."""
        ...

    async def describe(self, uids: Collection[int]) -> list[RemoteMail]:
        """Size and Message-ID of those of *uids* that exist, ascending."""
        ...

    def fetch(
        self, uids: Collection[int], largest: int = LARGEST_MAIL
    ) -> AsyncIterator[list[FetchedMail]]:
        """The mails by batches, ascending, each at most 50 mails and 4 MiB (or one larger mail).

        Of mails of more than *largest* bytes only the beginning comes. Mails that vanished are left
        out; those that the server will not hand out come with a cause.
        """
        ...

    async def wait_for_change(self, max_seconds: float) -> bool:
        """Wait until the mailbox changes, at most *max_seconds* and 9 minutes; whether it did."""
        ...

    def nudge(self) -> None:
        """End `wait_for_change` as if something had changed."""
        ...

    async def mark_seen(self, uids: Collection[int]) -> None:
        """Flag the mails as read."""
        ...

    @property
    def moves_at_once(self) -> bool:
        """Whether a move that is cut short leaves no copy behind (RFC 6851)."""
        ...

    async def move(self, uids: Collection[int], mailbox: str, again: Collection[int] = ()) -> None:
        """Move the mails to *mailbox*, which is made if it is missing.

        *again*: those for which a move may have been cut short; they are not copied twice.
        """
        ...

    async def append(self, mailbox: str, raw: bytes, flags: Iterable[str] = ()) -> int | None:
        """Store *raw* in *mailbox*; its UID there, if the server tells."""
        ...

    async def find_message_id(
        self, mailbox: str, header: str, value: str, first_uid: int = 1
    ) -> list[int]:
        """UIDs >= *first_uid* in *mailbox* whose *header* contains *value*.

        Leaves *mailbox* selected, read-only.
        """
        ...

    async def special_use(self) -> dict[str, str]:
        """Mailbox names by their role, such as {"\\\\Sent": "Sent Items"}. Source: RFC 6154."""
        ...

    async def close(self) -> None:
        """Log out and disconnect. Never raises."""
        ...


class Reply(NamedTuple):
    """What an SMTP server said: its code and its words."""

    code: int
    text: str

    @property
    def permanent(self) -> bool:
        """Whether trying again is useless."""
        return self.code >= 500


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, apart from what the mail's headers say. An empty sender marks a bounce.

    `envid` comes back in delivery reports where the server supports them (RFC 3461).
    """

    sender: str
    recipients: tuple[str, ...]
    envid: str = ""

    def __post_init__(self) -> None:
        if not self.recipients:
            raise BadInput("The mail has no recipient: add one.")
        for address in (self.sender, *self.recipients):
            if any(c in "<>" or c.isspace() or not c.isprintable() for c in address):
                raise BadInput(f"{address!r} is not a mail address: correct it.")
        if not all(self.recipients):
            raise BadInput("One recipient of the mail is empty: remove it.")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The server took the mail: for `accepted`, not for those in `refused`."""

    reply: Reply
    accepted: tuple[str, ...]
    refused: Mapping[str, Reply] = field(default_factory=dict)


class NotSent(MailProblem):
    """The server certainly does not have the mail.

    `permanent`: trying again is useless (5xx). `code` is None where no server answered.
    `recipients` maps each refused recipient to its reply; empty if the mail as a whole failed.
    """

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool,
        code: int | None = None,
        recipients: Mapping[str, Reply] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.code = code
        self.recipients = dict(recipients or {})


class OutcomeUnknown(MailProblem):
    """The connection ended after the final dot and before the answer: the mail may be out.

    `recipients` are those who may have got it, `refused` those who certainly have not.
    """

    code: None = None

    def __init__(
        self, sentence: str, *, recipients: Collection[str], refused: Mapping[str, Reply]
    ) -> None:
        super().__init__(sentence)
        self.recipients = tuple(recipients)
        self.refused = dict(refused)

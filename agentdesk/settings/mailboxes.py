"""The sections [mail] and [[mail_accounts]]: which mailboxes are read, and how mail is handed in."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from agentdesk.domain.acknowledgement import VARIABLES
from agentdesk.domain.blanks import unknown_blanks
from agentdesk.settings.reminders import AccountReminders
from agentdesk.settings.section import (
    Address,
    File,
    Host,
    Key,
    Port,
    Section,
    Text,
    Variable,
    WebAddress,
    is_loopback,
    refuse,
)

Security = Literal["tls", "starttls", "plain"]
IMAP_PORTS = {"tls": 993, "starttls": 143, "plain": 143}
SMTP_PORTS = {"tls": 465, "starttls": 587, "plain": 25}
FILES_SENT_ITSELF = ("gmail.com", "googlemail.com", "office365.com", "outlook.com")
"""Servers under these names keep copies of sent mail by themselves."""


def _imap_port(data: dict[str, Any]) -> int:
    return IMAP_PORTS[data.get("security", "tls")]


def _smtp_port(data: dict[str, Any]) -> int:
    return SMTP_PORTS[data.get("security", "tls")]


class _Server(Section):
    host: Host
    """The mail server's name."""
    security: Security = "tls"
    """tls from the first byte; starttls; plain only for a server on this machine."""

    @model_validator(mode="after")
    def _encrypted_unless_here(self) -> Self:
        if self.security == "plain" and not is_loopback(self.host):
            refuse(
                f'is "plain", but {self.host} is another machine; use tls or starttls',
                key="security",
            )
        return self


class Mail(Section):
    """What holds for the mail of every account."""

    largest_mail_mib: int = Field(default=50, ge=1, le=500)
    """Mails larger than this are not downloaded but set aside, in MiB."""
    largest_file_mib: int = Field(default=25, ge=1, le=150)
    """A file that is attached may be no larger than this, in MiB."""
    largest_files_mib: int = Field(default=25, ge=1, le=150)
    """The files of one mail together may be no larger than this, in MiB."""

    @model_validator(mode="after")
    def _holds_its_largest_file(self) -> Self:
        if self.largest_files_mib < self.largest_file_mib:
            refuse("is smaller than largest_file_mib", key="largest_files_mib")
        return self


class ReadMailbox(Section):
    """A further mailbox that is read, beside the account's `mailbox`."""

    name: Text
    """The mailbox's name on the server."""
    queue: str = ""
    """The queue for new mail found there; empty takes the queue of the address or the account."""


class OtherAddress(Section):
    """A further address of an account, with a queue, a name or a signature of its own."""

    address: Address
    """An address that ends in this account's mailboxes; mail to it is mail to us."""
    queue: str = ""
    """The queue for new mail to it; empty takes the queue of the account."""
    name: str = ""
    """The sender's name in mail from it; empty takes the name of the account."""
    signature: str = ""
    """Text below mail from it, in the place of the account's signature; empty takes that one."""
    sends: bool = True
    """Whether mail may be written from it: the server that sends must allow it."""


class Imap(_Server):
    """Where mail is read."""

    port: Port = Field(default_factory=_imap_port)
    """993 for tls, 143 for starttls and plain, unless given."""
    username: str = ""
    """The login; empty takes the account's address."""
    mailbox: Text = "INBOX"
    """The mailbox that is read."""
    mailboxes: tuple[ReadMailbox, ...] = ()
    """Further mailboxes that are read, as tables [[mail_accounts.imap.mailboxes]]."""
    after_filing: Literal["mark", "move", "leave"] = "mark"
    """What happens to a mail on the server once it is stored: mark it read, move it, or leave it."""
    move_to: str = ""
    """The mailbox that filed mail is moved to, for after_filing = "move"; it is made if it is
    missing."""

    @model_validator(mode="after")
    def _knows_where_to_move(self) -> Self:
        if self.after_filing == "move" and not self.move_to:
            refuse('is missing; after_filing = "move" needs a mailbox to move to', key="move_to")
        if self.after_filing != "move" and self.move_to:
            refuse('is only used with after_filing = "move"; remove one of them', key="move_to")
        if self.move_to and one_spelling(self.move_to) in map(one_spelling, self.read):
            refuse("is a mailbox that is read; name another one", key="move_to")
        return self

    @property
    def read(self) -> tuple[str, ...]:
        """Every mailbox that is read, the account's own first."""
        return (self.mailbox, *(m.name for m in self.mailboxes))


def one_spelling(mailbox: str) -> str:
    """INBOX is one mailbox in any case, other names are not. Source: RFC 3501, section 5.1."""
    return "INBOX" if mailbox.upper() == "INBOX" else mailbox


class Smtp(_Server):
    """Where mail is handed in to be sent."""

    port: Port = Field(default_factory=_smtp_port)
    """465 for tls, 587 for starttls, 25 for plain, unless given."""
    username: str | None = None
    """The login; not given takes the one of [mail_accounts.imap]; "" sends without logging in."""
    password_env: Variable = ""
    """The environment variable with the password for sending, where it is another one; empty, with
    another login: the account's variable and _SMTP."""


class SignIn(Section):
    """How the account signs in by OAuth2, for auth = "microsoft" or "google"."""

    client_id: str = ""
    """The application's id, from your own registration with the provider."""
    tenant: Text = "organizations"
    """Microsoft: the organisation's domain or id; "organizations" is any, "consumers" is outlook.com,
    "common" is both."""
    client_secret_env: Variable = ""
    """Google: the environment variable with the client secret; empty: AGENTDESK_CLIENT_SECRET_ and the
    key. It is needed only while signing in."""
    authority: WebAddress = ""
    """The login server, for national clouds and servers of your own; empty takes the provider's."""
    resource: WebAddress = "https://outlook.office.com"
    """Microsoft: the mail service whose rights are asked for; another one in national clouds."""


AUTHORITIES = {
    "microsoft": "https://login.microsoftonline.com",
    "google": "https://accounts.google.com",
}


def _acknowledgement(text: str) -> str:
    if unknown := unknown_blanks(text, VARIABLES):
        known = " and ".join(f"{{{v}}}" for v in VARIABLES)
        refuse(f"names {{{unknown[0]}}}, which is unknown; {known} are filled in")
    return text


class MailAccount(Section):
    """A mailbox that customers write to."""

    key: Key
    """A short name of your choice; keep it, stored mail refers to it."""
    name: Text
    """The sender's name that customers see."""
    address: Address
    """The address that customers write to; answers come from the one that a customer wrote to."""
    aliases: tuple[Address, ...] = ()
    """Other addresses that end in this mailbox; mail to them is mail to us, and may be answered from
    them."""
    addresses: tuple[OtherAddress, ...] = ()
    """Addresses with more to say than that, as tables [[mail_accounts.addresses]]."""
    queue: str = ""
    """The queue for new mail; empty takes the default queue."""
    signature: str = ""
    """Text below every answer from this account, above the agent's own signature."""
    auth: Literal["password", "microsoft", "google"] = "password"
    """How the account logs in: with a password (also an app password), or signed in by OAuth2."""
    sign_in: SignIn = Field(default_factory=SignIn)
    """The table [mail_accounts.sign_in]."""
    acknowledgement: Annotated[str, AfterValidator(_acknowledgement)] = ""
    """Text sent by itself when a mail opens an interaction; it may name {number}, {subject} and
    {name}. Empty sends nothing."""
    reminders: AccountReminders = Field(default_factory=AccountReminders)
    """The table [mail_accounts.reminders]."""
    imap: Imap
    """The table [mail_accounts.imap]."""
    smtp: Smtp
    """The table [mail_accounts.smtp]."""
    password_env: Variable = ""
    """The environment variable with the password; empty: AGENTDESK_PASSWORD_ and the key."""
    keyring: bool = True
    """Look for the password in the system's keyring when the variable is not set."""
    ca_file: File | None = None
    """A file with the certificate to trust instead of the system's, for a server of your own."""
    sent_mailbox: str = ""
    """The mailbox for copies of sent mail; empty where the server files them itself."""
    authserv_id: str = ""
    """The server whose Authentication-Results are trusted, as it names itself there; empty: none."""

    @model_validator(mode="after")
    def _fits_its_auth(self) -> Self:
        given = self.sign_in.model_fields_set
        if self.auth == "password":
            if self.sign_in != SignIn():
                refuse('is only used with auth = "microsoft" or "google"', key="sign_in")
            return self
        if not self.sign_in.client_id.strip():
            refuse(
                f'has no client_id, which auth = "{self.auth}" needs; register an application of '
                "your own with the provider",
                key="sign_in",
            )
        if self.password_env or self.smtp.password_env:
            refuse(f'is not used with auth = "{self.auth}"; remove it', key="password_env")
        foreign = {"client_secret_env"} if self.auth == "microsoft" else {"tenant", "resource"}
        if wrong := sorted(given & foreign):
            refuse(f'has {wrong[0]}, which auth = "{self.auth}" does not use', key="sign_in")
        return self

    @property
    def imap_username(self) -> str:
        """Who logs in to read."""
        return self.imap.username or self.address

    @property
    def smtp_username(self) -> str:
        """Who logs in to send; empty sends without logging in."""
        return self.imap_username if self.smtp.username is None else self.smtp.username

    @property
    def files_sent_itself(self) -> bool:
        """Whether the provider is known to file sent mail, so that a copy would be a second one."""
        host = self.smtp.host.lower()
        return any(host == name or host.endswith(f".{name}") for name in FILES_SENT_ITSELF)

    @property
    def others(self) -> tuple[str, ...]:
        """Every address beside the account's own, in lower case."""
        return tuple(a.lower() for a in (*self.aliases, *(o.address for o in self.addresses)))

    @property
    def own(self) -> frozenset[str]:
        """Every address that is ours, in lower case."""
        return frozenset((self.address.lower(), *self.others))

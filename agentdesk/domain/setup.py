"""Who and what this desk is made of, as settings define it and storage keeps it."""

from dataclasses import dataclass, field

from agentdesk.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class MailboxSetup:
    """A mailbox that is read; an empty `queue` takes that of the address or the account."""

    name: str
    queue: str = ""


@dataclass(frozen=True, slots=True)
class IdentitySetup:
    """As whom a mail may be written: an address of ours in lower case, the name that customers see and
    the text below. Empty `name` and `signature` take those of the account."""

    address: str
    name: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class MailAccountSetup:
    """A mail address of the desk; `queue` is the key of the queue that its mail goes to.

    `authserv_id`, lower case, names the server whose Authentication-Results count; empty: none do.
    `acknowledgement` is sent by itself when a mail opens an interaction; empty: nothing is.
    `mailboxes` are read beside `mailbox`, `aliases` are all its other addresses; `identities` are
    those of them that mail may be written from, beside the account's own.
    """

    key: str
    name: str
    address: str
    queue: str
    mailbox: str = "INBOX"
    aliases: tuple[str, ...] = ()
    signature: str = ""
    authserv_id: str = ""
    mailboxes: tuple[MailboxSetup, ...] = ()
    acknowledgement: str = ""
    identities: tuple[IdentitySetup, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeSetup:
    """A wrap-up code. `automatic` ones are not offered to agents."""

    key: str
    label: str
    default: bool = False
    automatic: bool = False


RESOLVED = CodeSetup("issue_resolved", "Issue resolved", default=True)
TASK_CREATED = CodeSetup("task_created", "Task created", automatic=True)
INACTIVITY = CodeSetup("inactivity", "Closed due to customer inactivity", automatic=True)


@dataclass(frozen=True, slots=True)
class DeskSetup:
    """Everything that `services.configuration.apply` writes."""

    policy: Policy = field(default=Policy())
    accounts: tuple[MailAccountSetup, ...] = ()
    codes: tuple[CodeSetup, ...] = (RESOLVED, TASK_CREATED, INACTIVITY)

"""Who and what this desk is made of, as settings define it and storage keeps it."""

from dataclasses import dataclass

from agentdesk.domain.actor import Role


@dataclass(frozen=True, slots=True)
class AgentSetup:
    """A person who signs in as `login`. `capacity` in units of work; `groups` make them eligible."""

    login: str
    name: str
    email: str = ""
    role: Role = Role.AGENT
    capacity: int = 4
    groups: frozenset[str] = frozenset()
    signature: str = ""


@dataclass(frozen=True, slots=True)
class PoolSetup:
    """Groups that become eligible after an item has waited `after_s` seconds. No group: everybody."""

    groups: frozenset[str] = frozenset()
    after_s: int = 0


@dataclass(frozen=True, slots=True)
class QueueSetup:
    """A queue. Lower `position` is served first; `accept_timeout_s` None: offers do not time out."""

    key: str
    name: str
    position: int = 100
    rule: str = "most_capacity"
    pools: tuple[PoolSetup, ...] = (PoolSetup(),)
    accept_timeout_s: int | None = 60
    auto_accept: bool = False
    target_wait_s: int = 600
    size: int = 1


@dataclass(frozen=True, slots=True)
class MailboxSetup:
    """A mailbox that is read; an empty `queue` takes that of the address or the account."""

    name: str
    queue: str = ""


@dataclass(frozen=True, slots=True)
class MailAccountSetup:
    """A mail address of the desk; `queue` is the key of the queue that its mail goes to.

    `authserv_id`, lower case, names the server whose Authentication-Results count; empty: none do.
    `acknowledgement` is sent by itself when a mail opens an interaction; empty: nothing is.
    `mailboxes` are read beside `mailbox`, `aliases` are all its other addresses.
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

    agents: tuple[AgentSetup, ...] = ()
    queues: tuple[QueueSetup, ...] = ()
    accounts: tuple[MailAccountSetup, ...] = ()
    codes: tuple[CodeSetup, ...] = (RESOLVED, TASK_CREATED, INACTIVITY)

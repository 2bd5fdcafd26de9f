"""Read models: what a screen shows, frozen. All text in them is safe for a terminal.

They carry no rows, sessions or sockets. Times are UTC and aware; the screen turns them local.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from agentdesk.domain.case_views import CaseRow
from agentdesk.domain.ccaas.views import CentreSide, CentreUse
from agentdesk.domain.delivery import Outcome
from agentdesk.domain.draft import DraftKind
from agentdesk.domain.ids import (
    AccountId,
    AgentId,
    CaseId,
    CodeId,
    CustomerId,
    DraftId,
    InteractionId,
    MessageId,
    OutboxId,
    SegmentId,
    ThreadId,
    WorkItemId,
)
from agentdesk.domain.interaction import State
from agentdesk.domain.link_views import EntryLink
from agentdesk.domain.message import UNCHECKED, Attachment, Authentication, MailKind, Span
from agentdesk.domain.wrapup import Sync

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows in order. `first` and `last` are opaque keyset cursors of the outer rows; None where
    the list ends on that side.
    """

    rows: tuple[T, ...]
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class InboxCard:
    """An offer to this agent. `expires_at` is None where offers do not time out.

    `note` is what `sent_by`, who handed it on, says to the next. `reason` is why this agent comes
    first (`answered last`), empty where none does. `skills` are asked for, with their level.
    `can_reject`: whether its queue lets it be rejected. `centre`: the contact centre that offers it.
    `asked`: it is being told of an answer (`accepting`, `rejecting`).
    """

    work_item_id: WorkItemId
    interaction_id: InteractionId
    number: str
    subject: str
    customer: str
    queue: str
    priority: int
    preview: str
    offered_at: datetime
    expires_at: datetime | None
    account: str = ""
    vip: bool = False
    queued_at: datetime | None = None
    note: str = ""
    sent_by: str = ""
    reason: str = ""
    skills: tuple[str, ...] = ()
    can_reject: bool = True
    centre: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One of the agent's open interactions: Ongoing, On Hold or in Wrap Up.

    `undelivered`: mails of it that failed, whose outcome is unknown, or that some refused unseen.
    `taken_at`: since when it is this agent's; `wrote_at`: the customer's last mail; `closes_at`: what
    is on hold is closed then, unless somebody writes; `scheduled_for`: a mail of it goes out then.
    `given`: it was, or may have been, given without asking, and
    `opens` a tab by itself when it comes; `note` is what `sent_by`, who handed it on, says.
    `reminders` of `most_reminders` were sent while it is on hold, the next one at `reminds_at`;
    `closing`: its owner was told that it is closed soon. `snoozed_until` a date, or `until_reply`.
    `transferring_to`: a contact centre is passing it on there.
    """

    interaction_id: InteractionId
    number: str
    subject: str
    customer: str
    state: State
    unread: int
    changed_at: datetime
    held_at: datetime | None = None
    wrap_opened_at: datetime | None = None
    wrap_due_at: datetime | None = None
    undelivered: int = 0
    taken_at: datetime | None = None
    wrote_at: datetime | None = None
    closes_at: datetime | None = None
    scheduled_for: datetime | None = None
    given: bool = False
    opens: bool = False
    note: str = ""
    sent_by: str = ""
    reminders: int = 0
    most_reminders: int = 0
    reminds_at: datetime | None = None
    closing: bool = False
    snoozed_until: datetime | None = None
    until_reply: bool = False
    transferring_to: str = ""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An unsent mail. `author` began it; `writer` writes in it now, empty where nobody does.

    `owner` has its interaction, where that is not this agent: their draft joined, or they sent.
    """

    draft_id: DraftId
    thread_id: ThreadId
    number: str
    subject: str
    to: str
    updated_at: datetime
    kind: DraftKind = DraftKind.REPLY
    author: str = ""
    writer: str = ""
    owner: str = ""
    mine: bool = True
    touched: bool = True


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A note that mentions this agent, who has not seen it. `words` is the line of the note, `seq` the
    note's place in the stream.
    """

    mention_id: int
    thread_id: ThreadId
    number: str
    subject: str
    by: str
    words: str
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class Desktop:
    """Everything in the left pane, read in one go. `cases` are this agent's that are worked on, and those
    that they watch in which something is new.
    """

    inbox: tuple[InboxCard, ...]
    ongoing: tuple[WorkRow, ...]
    on_hold: tuple[WorkRow, ...]
    drafts: tuple[DraftRow, ...]
    mentions: tuple[MentionRow, ...] = ()
    cases: tuple[CaseRow, ...] = ()


class EntryKind(StrEnum):
    """What one line of the activity stream is."""

    MAIL_IN = "mail_in"
    MAIL_OUT = "mail_out"
    NOTE = "note"
    CHANGE = "change"


class Delivery(StrEnum):
    """How far an outgoing mail is."""

    DELAYED = "delayed"
    QUEUED = "queued"
    SENDING = "sending"
    MAYBE_SENT = "maybe_sent"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELED = "canceled"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One activity. `text` is whole; `latest` are the spans to show, the rest folds.

    `title` is the one-line head (`Mara Olsen → support@…`), `delivery` only for MAIL_OUT,
    `due_at` while an undo is possible or the next try is due, `scheduled_for` while a mail waits
    for the moment that somebody chose; `outcomes` where recipients fared differently.
    `bounce_action` is what a delivery report says of the mail (RFC 3464 §2.3.3: failed, delayed),
    empty for other kinds. `mentions` are colleagues named in a note. `number` names the interaction
    where the stream is of a person or account. `link`: the line is about the place of a mail.
    Entries are ordered by `seq`.
    """

    seq: int
    at: datetime
    kind: EntryKind
    actor: str
    title: str
    text: str = ""
    latest: tuple[Span, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    message_id: MessageId | None = None
    outbox_id: OutboxId | None = None
    delivery: Delivery | None = None
    delivery_note: str = ""
    due_at: datetime | None = None
    scheduled_for: datetime | None = None
    outcomes: tuple[Outcome, ...] = ()
    warnings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    auth: Authentication = UNCHECKED
    mail_kind: MailKind = MailKind.NORMAL
    bounce_action: str = ""
    mentions: tuple[Span, ...] = ()
    own: bool = False
    number: str = ""
    link: EntryLink | None = None


@dataclass(frozen=True, slots=True)
class StreamPage:
    """The newest entries, oldest first. `read_through` is the last seq that this agent has seen;
    `earlier` tells whether older ones exist.
    """

    entries: tuple[StreamEntry, ...]
    read_through: int
    earlier: bool


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """Another record of the same customer."""

    number: str
    subject: str
    state: str
    at: datetime
    thread_id: ThreadId | None = None


@dataclass(frozen=True, slots=True)
class BouncedAddress:
    """An address that a server refused for good, and when."""

    email: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """The right pane: who is writing. `bounced` are the customer's addresses that take no mail.

    `duplicates` counts records that may be the same person. `time_zone` is a name or empty.
    """

    name: str
    email: str
    kind: str
    account: str
    vip: bool
    language: str
    notes: str
    open_count: int
    related: tuple[RelatedRow, ...]
    bounced: tuple[BouncedAddress, ...] = ()
    customer_id: CustomerId | None = None
    account_id: AccountId | None = None
    time_zone: str = ""
    tags: tuple[str, ...] = ()
    duplicates: int = 0


@dataclass(frozen=True, slots=True)
class WrapUpView:
    """A running wrap-up of this interaction."""

    opened_at: datetime
    due_at: datetime
    default_code: CodeId


@dataclass(frozen=True, slots=True)
class InteractionView:
    """The head of an interaction tab. `mine`: this agent owns it. `number_of_case` is empty or CS…
    `snoozed`: on hold until a date or an answer, by its agent's wish. `parent_id` and `case_id` are
    what `parent` and `number_of_case` name. `centre`: the side of the contact centre that routes it;
    while that is passing it on, `transferring_to` names to whom, and nobody writes in it.
    """

    interaction_id: InteractionId
    number: str
    subject: str
    state: State
    direction: str
    owner: str
    mine: bool
    queue: str
    priority: int
    opened_at: datetime
    parent: str
    number_of_case: str
    customer: CustomerCard
    wrap_up: WrapUpView | None
    draft_id: DraftId | None
    version: int
    snoozed: bool = False
    parent_id: InteractionId | None = None
    case_id: CaseId | None = None
    centre: CentreSide | None = None
    transferring_to: str = ""

    @property
    def thread_id(self) -> ThreadId:
        """What its tab shows."""
        return self.interaction_id


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Work that an agent may take from its queue. `target_at`: it should be accepted by then."""

    work_item_id: WorkItemId
    interaction_id: InteractionId
    number: str
    subject: str
    customer: str
    vip: bool
    queue: str
    priority: int
    queued_at: datetime
    target_at: datetime | None = None
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrapUpRow:
    """One handling of an agent in the list of their wrap-ups: running (`due_at`), or how it ended.

    `by`: `chosen`, `timed out`, `case`, `silence` or `passed on`. `seconds` is how long it took. `centre`
    routed it: `sync` says whether it has the code, `external_code` what it calls its own, `differs` whether
    two agents chose different ones.
    """

    segment_id: SegmentId
    interaction_id: InteractionId
    number: str
    subject: str
    customer: str
    opened_at: datetime
    due_at: datetime | None
    code: str = ""
    notes: str = ""
    by: str = ""
    seconds: float | None = None
    submitted_at: datetime | None = None
    centre: str = ""
    sync: Sync = Sync.LOCAL
    external_code: str = ""
    differs: bool = False


@dataclass(frozen=True, slots=True)
class CodeChoice:
    """A wrap-up code that an agent may choose."""

    code_id: CodeId
    label: str
    default: bool
    key: str = ""


@dataclass(frozen=True, slots=True)
class RejectChoice:
    """A reason to reject an offer; `key` goes back to the service."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class PresenceChoice:
    """A presence that an agent may choose. `work`: new work is offered in it, of the channels that
    `takes` names. `colour` is one of `domain.policy.PRESENCE_COLOURS`.
    """

    key: str
    label: str
    work: bool
    colour: str = ""
    takes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """An open tab and where it was left. `top` is the seq of the first visible entry (0: the end)."""

    thread_id: ThreadId
    number: str
    top: int = 0


@dataclass(frozen=True, slots=True)
class Workspace:
    """What an agent finds again after a restart."""

    tabs: tuple[Tab, ...] = ()
    active: ThreadId | None = None


@dataclass(frozen=True, slots=True)
class ChannelUse:
    """Capacity of one channel: in use, and how much there is. None: only the total bounds it."""

    name: str
    used: int
    capacity: int | None


@dataclass(frozen=True, slots=True)
class AgentStatus:
    """The title bar. `used` of `capacity` as routing counts it, and the same by channel.

    `override_until`: the capacity is a supervisor's word, which holds until then. `centres`: how the
    agent stands at the contact centres that know them.
    """

    agent_id: AgentId
    name: str
    role: str
    presence: str
    presence_label: str
    works: bool
    used: int
    capacity: int
    colour: str = ""
    since: datetime | None = None
    channels: tuple[ChannelUse, ...] = ()
    override_until: datetime | None = None
    centres: tuple[CentreUse, ...] = ()


@dataclass(frozen=True, slots=True)
class InteractionRow:
    """A line in a list of interactions."""

    interaction_id: InteractionId
    number: str
    subject: str
    customer: str
    state: State
    owner: str
    queue: str
    changed_at: datetime


class Health(StrEnum):
    """How a loop of the engine is."""

    IDLE = "idle"
    BUSY = "busy"
    RETRYING = "retrying"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LoopHealth:
    """One loop: `sentence` says what is wrong and what to do; empty when all is well.

    `short`: the trouble in two words, where `health` does not tell it, such as "needs sign-in".
    """

    name: str
    health: Health
    sentence: str = ""
    since: datetime | None = None
    short: str = ""

    @property
    def words(self) -> str:
        """For the status line."""
        return self.short or self.health.value

"""What screens show of contact centres, frozen. Text of a centre in them is safe for a terminal."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ids import InteractionId, SegmentId
from agentdesk.domain.interaction import State
from agentdesk.domain.wrapup import Sync


@dataclass(frozen=True, slots=True)
class CentreStatus:
    """One centre as an administrator sees it. `listening`: some process hears its events.

    `skew_ms`: its clock less ours. `unknown_event`: a kind that this program does not know. Of
    `agents` that are mapped, `signed_in` have a sign-in in this process. `waiting`: orders that wait
    for a person; `imported_at` None: its catalogue was never read.
    """

    key: str
    name: str
    listening: bool = False
    heard_at: datetime | None = None
    read_at: datetime | None = None
    imported_at: datetime | None = None
    skew_ms: int = 0
    unknown_event: str = ""
    agents: int = 0
    signed_in: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class MappingRow:
    """Something of ours, of theirs, or both. The side that is missing has an empty key and name.

    `both_ways`: theirs means ours, too; several of ours may be one of theirs. `gone`: the centre does
    not have it any more.
    """

    centre: str
    centre_name: str
    kind: Kind
    local: str = ""
    local_name: str = ""
    external_id: str = ""
    external_name: str = ""
    detail: str = ""
    both_ways: bool = False
    gone: bool = False

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from others."""
        return self.centre, self.kind.value, self.local, self.external_id


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order that waits for a person. `error` is why, as a sentence."""

    order_id: int
    centre_name: str
    op: Op
    state: OrderState
    interaction_id: InteractionId | None
    number: str
    subject: str
    agent: str
    error: str
    created_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A wrap-up about whose code a person should know. `theirs` is the name of the centre's code."""

    segment_id: SegmentId
    interaction_id: InteractionId
    number: str
    subject: str
    agent: str
    centre_name: str
    ours: str
    theirs: str
    sync: Sync
    differs: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class CentreSide:
    """The centre's side of one interaction: who routes it, and what it does there now.

    `trouble` is why it stands still, as a sentence. `parks`: it puts aside what is on hold.
    """

    name: str
    words: str = ""
    trouble: str = ""
    parks: bool = True


@dataclass(frozen=True, slots=True)
class CentreUse:
    """An agent at a centre, as it was last read. `signed_in`: this process may act for them there."""

    key: str
    name: str
    presence: str = ""
    used: int = 0
    capacity: int = 0
    parked: int = 0
    on_queue: bool = False
    responding: bool = True
    known: bool = False
    signed_in: bool = True


ON_ITS_WAY = {
    Op.SUBMIT: "handing over…",
    Op.ACCEPT: "accepting…",
    Op.REJECT: "rejecting…",
    Op.TRANSFER: "transferring…",
    Op.WRAP_UP: "code awaiting confirmation",
    Op.END: "ending…",
    Op.PARK: "parking…",
    Op.UNPARK: "taking up again…",
    Op.REPLY: "telling of the reply…",
}
"""What is told of an interaction while an order is on its way; the first of several."""


def side_words(
    ops: Collection[Op], state: State, sync: Sync, *, handed_over: bool, parks: bool
) -> str:
    """What goes on there, in a few words; nothing where it stands as it does here."""
    for op, words in ON_ITS_WAY.items():
        if op in ops:
            return words
    if state.closed:
        return CODE_WORDS[sync]
    if not handed_over:
        return "not handed over"
    return "parked there" if state is State.ON_HOLD and parks else ""


CODE_WORDS = {
    Sync.LOCAL: "",
    Sync.AWAITING: "code awaiting confirmation",
    Sync.CONFIRMED: "code confirmed",
    Sync.ATTRIBUTE: "code beside the conversation",
    Sync.PARKED: "code waits for an administrator",
    Sync.GIVEN_UP: "code not sent",
}
"""Whether the centre has the code."""


def code_words(sync: Sync, *, differs: bool) -> str:
    """How a wrap-up stands at its centre; nothing where none has to do with it."""
    if differs:
        return "differs"
    return CODE_WORDS[sync].removeprefix("code ")


def needs(row: OrderRow) -> str:
    """What an order waits for, in a sentence or two."""
    why = row.error or "It was not carried out."
    if row.state is OrderState.DEAD:
        return f"{why} It was tried for a day. Retry it once that is mended, or discard it."
    return f"{why} It goes on by itself once that is mended."


MEANS = {
    Op.SUBMIT: "{} never offers this to an agent: assign it here or move it to a queue of ours.",
    Op.REPLY: "{} is not told that the customer wrote.",
    Op.ACCEPT: "{} does not learn that the offer was taken.",
    Op.REJECT: "{} lets the offer run out.",
    Op.PARK: "It is on hold here only: at {} it goes on using capacity.",
    Op.UNPARK: "It is worked on here while {} has it parked.",
    Op.WRAP_UP: "The code stays here; {} never gets it.",
    Op.END: "{} keeps this conversation open until it is ended there.",
    Op.TRANSFER: "{} is not asked again to pass it on.",
    Op.PRESENCE: "{} keeps the agent's presence as it is there.",
}


def discard_means(op: Op, centre_name: str) -> str:
    """What giving up an order brings about."""
    return MEANS[op].format(centre_name)


def review_words(row: ReviewRow) -> str:
    """Why a person should look at this code."""
    if row.differs:
        return (
            f"{row.agent or 'Nobody'} chose {row.ours or 'no code'} here, {row.centre_name} has "
            f"{row.theirs or 'another code'}. Reports of both sides differ."
        )
    return (
        f"{row.ours or 'The code'} was written beside the conversation, because "
        f"{row.agent or 'its agent'} was not signed in to {row.centre_name}. Give it there by hand "
        "where its reports need it."
    )

"""What a centre is, has and says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from agentdesk.domain.ids import InteractionId


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of centre can do. `park`: put aside what waits for a customer. `native_wrap_up`: codes
    of its own, acknowledged by reading them again. `keeps_id`: a transferred conversation is the same
    one. `agents_sign_in`: agents act under a token of their own.
    """

    park: bool
    agent_transfer: bool
    native_wrap_up: bool
    keeps_id: bool
    agents_sign_in: bool


class Kind(StrEnum):
    """What a centre has that stands for something of ours."""

    QUEUE = "queue"
    AGENT = "agent"
    PRESENCE = "presence"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class CentreRecord:
    """Something that a centre has. `detail` tells it from its like: an address, a queue's codes."""

    kind: Kind
    external_id: str
    name: str
    detail: str = ""


class SegmentState(StrEnum):
    """Where an agent's part in a conversation stands."""

    OFFERED = "offered"
    CONNECTED = "connected"
    PARKED = "parked"
    ENDED = "ended"


class Why(StrEnum):
    """How a segment ended. `NO_ANSWER`: an offer ran out; `NOT_AVAILABLE`: it was withdrawn."""

    TRANSFERRED = "transferred"
    REJECTED = "rejected"
    NO_ANSWER = "no_answer"
    NOT_AVAILABLE = "not_available"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class RemoteCode:
    """A wrap-up code on a segment. `automatic`: the centre wrote it when nobody did."""

    code: str
    notes: str = ""
    at: datetime | None = None
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """An agent's part in a conversation. `communication` is a second name that some centres want.

    `expires_in`: how long an offer is still good, from the moment of the snapshot. `owes_code`: the
    centre waits for a wrap-up code.
    """

    id: str
    agent: str
    queue: str
    state: SegmentState
    communication: str = ""
    expires_in: timedelta | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    why: Why | None = None
    code: RemoteCode | None = None
    owes_code: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Offered, connected or parked."""
        return self.state is not SegmentState.ENDED


class Outcome(StrEnum):
    """What became of a transfer."""

    PENDING = "pending"
    COMPLETE = "complete"
    FAILED = "failed"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class RemoteTransfer:
    """A transfer as the centre tells of it; one of `to_queue` and `to_agent` is empty."""

    id: str
    outcome: Outcome
    issued_at: datetime
    by: str
    to_queue: str = ""
    to_agent: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A conversation as the centre has it at one moment, *at* by the centre's clock.

    `queue` is where it waits, or came from last; `waiting`: in a queue, and nobody is asked.
    `segments` in the order in which they began, `transfers` the oldest first. `attributes` are those
    that it was handed over with.
    """

    external_id: str
    at: datetime
    queue: str
    waiting: bool
    segments: tuple[Segment, ...] = ()
    transfers: tuple[RemoteTransfer, ...] = ()
    ended_at: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def current(self) -> Segment | None:
        """The newest part that has not ended."""
        return next((s for s in reversed(self.segments) if s.open), None)

    def segment(self, segment_id: str) -> Segment | None:
        """The part with this id."""
        return next((s for s in self.segments if s.id == segment_id), None)


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """A customer's mail, as a centre is told of it: nothing of what it says but its subject."""

    interaction_id: InteractionId
    number: str
    queue: str
    subject: str
    from_name: str
    from_address: str
    to_address: str
    priority: int = 3
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """The part of a conversation that an agent acts on, all by ids of the centre."""

    external_id: str
    segment: str
    communication: str
    agent: str


class TargetKind(StrEnum):
    """Where work may be transferred to."""

    QUEUE = "queue"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class CentreTarget:
    """Somewhere that the centre lets this agent transfer to. `words` say how it stands there, such as
    `On queue, idle`; `used` of `capacity` where it tells them (0: it does not).
    """

    kind: TargetKind
    external_id: str
    name: str
    available: bool
    words: str = ""
    waiting: int = 0
    used: int = 0
    capacity: int = 0


@dataclass(frozen=True, slots=True)
class AgentState:
    """An agent at the centre. `presence` is its id there; `on_queue`: work is offered; `responding`:
    did not let an offer run out. `used` of `capacity` conversations; parked ones do not count.
    """

    agent: str
    presence: str
    on_queue: bool
    responding: bool
    capacity: int
    used: int
    parked: int = 0
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """Something happened at the centre: what is to be read again. Nothing in it is believed.

    `gap`: something may have been missed, so everything is read again. `unknown` names a kind of event
    that this program does not know. `skew`: the centre's clock less ours, where it is told.
    """

    conversation: str = ""
    agent: str = ""
    gap: bool = False
    catalogue: bool = False
    unknown: str = ""
    skew: timedelta | None = None

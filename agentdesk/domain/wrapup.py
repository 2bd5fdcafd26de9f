"""Wrap-up: codes, segments and the countdown. Source: docs/architecture.md, *Wrap-up*."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agentdesk.domain.ids import AgentId, CodeId, InteractionId, SegmentId


class WrapUpSource(StrEnum):
    """Who chose the code."""

    AGENT = "agent"
    TIMEOUT = "timeout"
    CASE = "case"
    INACTIVITY = "inactivity"
    TRANSFER = "transfer"


class Sync(StrEnum):
    """Whether the contact centre has the code. `LOCAL`: none routed it. `AWAITING`: said, and not yet
    acknowledged. `ATTRIBUTE`: written beside the conversation, because its agent was gone. `PARKED`:
    waits for a person, such as for a mapping.
    """

    LOCAL = ""
    AWAITING = "awaiting"
    CONFIRMED = "confirmed"
    ATTRIBUTE = "attribute_only"
    PARKED = "parked"
    GIVEN_UP = "given_up"


class Pace(StrEnum):
    """The colour of a countdown by what is left: the tui maps it to a theme variable."""

    CALM = "calm"
    SOON = "soon"
    LATE = "late"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Code:
    """A wrap-up code. Exactly one active code is the default; `source` marks the automatic ones."""

    id: CodeId
    key: str
    label: str
    default: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """One handling by one agent, and how it ended. `due_at` is None for automatic codes.

    With work of a contact centre: `external_segment` is its id of this handling, `external_code` the
    code that it has; `review`: two agents' codes differ, or it stands only beside the conversation, and a
    person should look.
    """

    id: SegmentId
    interaction_id: InteractionId
    agent_id: AgentId | None
    opened_at: datetime
    due_at: datetime | None
    code_id: CodeId | None = None
    notes: str = ""
    source: WrapUpSource | None = None
    submitted_at: datetime | None = None
    timed_out: bool = False
    seconds: float | None = None
    sync: Sync = Sync.LOCAL
    external_segment: str = ""
    external_code: str = ""
    confirmed_at: datetime | None = None
    review: bool = False
    version: int = 0


def pace(now: datetime, opened_at: datetime, due_at: datetime) -> Pace:
    """Green above half of the time, yellow above a quarter, orange until it is over, then red.

    Source: research on the reference product, timer colours 100–50–25–0 %.
    """
    total = (due_at - opened_at).total_seconds()
    left = (due_at - now).total_seconds()
    if left <= 0 or total <= 0:
        return Pace.OVER
    share = left / total
    if share > 0.5:
        return Pace.CALM
    return Pace.SOON if share > 0.25 else Pace.LATE

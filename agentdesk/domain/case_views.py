"""Read models of cases: what a screen shows, frozen. All text in them is safe for a terminal.

Times are UTC and aware; the screen turns them local.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agentdesk.domain.case import CaseState
from agentdesk.domain.ids import AgentId, CaseId, ThreadId


class Target(StrEnum):
    """What a service level asks for."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"

    @property
    def label(self) -> str:
        """As people read it: `first response`."""
        return self.value.replace("_", " ")


class TargetMood(StrEnum):
    """How a target stands. Paused ones wait for the customer; business time does not pass."""

    RUNNING = "running"
    WARNING = "warning"
    MISSED = "missed"
    PAUSED = "paused"
    MET = "met"


@dataclass(frozen=True, slots=True)
class TargetView:
    """A service level of a case. `due_at` None while paused or over; `left_s` business seconds, below
    zero once missed; `target_s` all of them.
    """

    kind: Target
    mood: TargetMood
    due_at: datetime | None
    left_s: float
    target_s: int


@dataclass(frozen=True, slots=True)
class RelatedThread:
    """Another record around a case. `how`: `from` (an interaction that it grew out of), `related`,
    `parent`, `child`, `merged` (into this one), `merged_into`.
    """

    thread_id: ThreadId
    number: str
    subject: str
    state: str
    how: str


@dataclass(frozen=True, slots=True)
class EffortView:
    """Seconds that agents worked: on the interactions it grew out of, and on the case itself."""

    intake_s: float = 0.0
    resolution_s: float = 0.0


@dataclass(frozen=True, slots=True)
class EffortRow:
    """What an agent, or a queue, took in a period: `name` is empty for nobody and for no queue.

    `interactions` and `cases` were worked on; the seconds on those that ended in the period count.
    """

    name: str
    interactions: int
    cases: int
    effort: EffortView


@dataclass(frozen=True, slots=True)
class EffortReport:
    """Intake and resolution between two moments, told apart, per agent and per queue."""

    since: datetime
    until: datetime
    agents: tuple[EffortRow, ...]
    queues: tuple[EffortRow, ...]


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who follows a case."""

    agent_id: AgentId
    name: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A line in a list of cases. `next_target` is the one that ends first."""

    case_id: CaseId
    number: str
    subject: str
    customer: str
    state: CaseState
    owner: str
    group: str
    priority: int
    changed_at: datetime
    unread: int = 0
    due_at: datetime | None = None
    next_target: TargetView | None = None

    @property
    def thread_id(self) -> ThreadId:
        """What its tab shows."""
        return self.case_id


@dataclass(frozen=True, slots=True)
class CaseChoice:
    """A key with its label: a category, a group or a code of resolution."""

    key: str
    label: str

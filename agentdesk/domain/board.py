"""Read models of the supervisor's side: queues, agents and work items, frozen and safe to show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agentdesk.domain.capacity import Limits
from agentdesk.domain.ccaas.views import CentreUse
from agentdesk.domain.ids import AgentId, InteractionId, QueueId, WorkItemId
from agentdesk.domain.policy import Policy, PresenceSetup
from agentdesk.domain.work import WorkState


@dataclass(frozen=True, slots=True)
class QueueTile:
    """One queue on the wallboard. Waits in seconds of business time, counts since midnight in the
    desk's zone.

    `service_level` is the share (0 to 1) of what was accepted within the target; None before
    anything was accepted. `goal` is the share that it should reach. `trend` is the number of waiting
    items at the end of each quarter of an hour of the last four hours, oldest first. `open`: within
    its business hours; `opens_at` tells when, where it is not. `centre`: who routes it instead of us.
    """

    queue_id: QueueId
    name: str
    waiting: int
    offered_now: int
    attention: int
    longest_s: float
    average_s: float
    target_s: float
    service_level: float | None
    goal: float
    arrived: int = 0
    offered: int = 0
    accepted: int = 0
    rejected: int = 0
    timed_out: int = 0
    abandoned: int = 0
    available: int = 0
    busy: int = 0
    used: int = 0
    capacity: int = 0
    warn_waiting: int = 0
    trend: tuple[int, ...] = ()
    open: bool = True
    opens_at: datetime | None = None
    centre: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """One piece of work that an agent has: an offer, Work in Progress, On Hold or Wrap Up."""

    interaction_id: InteractionId
    number: str
    subject: str
    customer: str
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One agent as a supervisor sees them. `override_until`: a capacity for a while ends then.

    `colour` is that of the presence (`domain.policy.PRESENCE_COLOURS`); `available`: takes work and
    has room. `centres`: how they stand at the contact centres that know them.
    """

    agent_id: AgentId
    name: str
    presence: str
    presence_label: str
    colour: str
    works: bool
    presence_since: datetime | None
    used: int
    capacity: int
    override_until: datetime | None
    on_hold: int
    last_assigned_at: datetime | None
    groups: tuple[str, ...] = ()
    skills: Mapping[str, int] = field(default_factory=dict)
    last_seen_at: datetime | None = None
    centres: tuple[CentreUse, ...] = ()

    @property
    def available(self) -> bool:
        """Takes work and has room for some."""
        return self.works and self.used < self.capacity


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """Cases that somebody still works on: all, those that miss a service level or due date soon, and
    those that missed one. None counts twice.
    """

    open: int = 0
    near: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """The wallboard in one read. `warning` is a sentence where something is held back."""

    at: datetime
    queues: tuple[QueueTile, ...]
    agents: tuple[AgentLine, ...]
    received: int
    closed: int
    warning: str = ""
    cases: CaseFigures = field(default=CaseFigures())


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One work item in the supervisor's list. `waited_s` counts business time. `centre`: who routes it
    instead of us.
    """

    work_item_id: WorkItemId
    interaction_id: InteractionId
    number: str
    subject: str
    customer: str
    vip: bool
    queue: str
    state: WorkState
    priority: int
    size: int
    queued_at: datetime
    waited_s: float
    target_at: datetime | None
    agent: str
    needs_attention: bool
    offers: int
    version: int
    centre: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures over time for the live charts: bucket starts, and per queue name the counts.

    `handle_s` is the average handling of what was handled in the bucket; None where nothing was.
    """

    starts: tuple[datetime, ...]
    arrivals: Mapping[str, tuple[int, ...]]
    backlog: Mapping[str, tuple[int, ...]]
    handle_s: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one agent gets an item or does not."""

    agent_id: AgentId
    agent: str
    why: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an item is where it is. `sentence` says it in one line; `at` is None for a decision that
    was computed just now, else when it was made. Agents who were passed over come after the chosen.
    """

    number: str
    subject: str
    queue: str
    sentence: str
    at: datetime | None
    reasons: tuple[Reason, ...]
    past: tuple["Explanation", ...] = ()


@dataclass(frozen=True, slots=True)
class TargetAgent:
    """An agent whom work may go to now. `why_not` is empty, or the sentence why not."""

    agent_id: AgentId
    name: str
    presence_label: str
    colour: str
    used: int
    capacity: int
    matching_skills: int
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class TargetQueue:
    """A queue that work may go to: how many wait there, how many agents are available for it."""

    queue_id: QueueId
    name: str
    waiting: int
    available: int
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Targets:
    """Where work may go."""

    agents: tuple[TargetAgent, ...]
    queues: tuple[TargetQueue, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One of several items that a supervisor's word did not reach, and why."""

    number: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Undo:
    """How one item was before a supervisor's word; goes back to `steering.undo`.

    `work_item_id` and `version` are those of the item as the word left it, the rest is from before.
    """

    work_item_id: WorkItemId
    version: int
    queue_id: QueueId
    priority: int
    state: WorkState
    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Steered:
    """What became of a word over several items. `undo` is empty where there is no way back."""

    done: int
    refused: tuple[Refusal, ...] = ()
    undo: tuple[Undo, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """An agent with what decides whether they can take something now."""

    line: AgentLine
    login: str
    presence: PresenceSetup | None
    limits: Limits
    used: Mapping[str, int]

    def takes(self, channel: str) -> bool:
        """Whether work of *channel* is offered to them at all."""
        return self.presence is not None and self.presence.takes(channel)

    def has_room(self, channel: str) -> bool:
        """Whether they can take one more."""
        return self.limits.free(channel, self.used) > 0


@dataclass(frozen=True, slots=True)
class Known:
    """A person with the facts that they were made of."""

    facts: tuple[Any, ...]
    person: Person


@dataclass(slots=True)
class People:
    """Agents as a process saw them last: of hundreds, few differ from one second to the next."""

    _policy: Policy | None = None
    _known: dict[AgentId, Known] = field(default_factory=dict)

    def of(self, policy: Policy) -> dict[AgentId, Known]:
        """Those that were made under *policy*."""
        if policy is not self._policy:
            self._policy, self._known = policy, {}
        return self._known

"""What routing looks at and what it answers: plain values, made by `services.routing`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from agentdesk.domain.capacity import Limits
from agentdesk.domain.ids import AgentId, QueueId, WorkItemId
from agentdesk.domain.policy import AutoAccept, PresenceSetup, Rule, SkillNeed, Sort
from agentdesk.domain.work import Preferred

NEVER = datetime.min.replace(tzinfo=UTC)
USUAL_ORDER = 100
"""The order of a queue for a group that names none."""


@dataclass(frozen=True, slots=True)
class AgentSeat:
    """An agent as routing sees them.

    `used` counts pending offers, Work in Progress and Wrap Up by channel. `ramp_s`: at least this
    many seconds between two offers, 0 for no limit, so that an agent who returns is filled
    gradually.
    """

    id: AgentId
    name: str
    presence: PresenceSetup
    limits: Limits
    used: Mapping[str, int] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    skills: Mapping[str, int] = field(default_factory=dict)
    last_assigned_at: datetime | None = None
    last_offered_at: datetime | None = None
    ramp_s: float = 0.0
    presence_since: datetime | None = None

    def free(self, channel: str) -> int:
        """Room for work of *channel*; negative where a person assigned more than fits."""
        return self.limits.free(channel, self.used)

    @property
    def idle_since(self) -> datetime:
        """When they last got work or an offer: without offers, who rejects would stay first."""
        return max(self.last_assigned_at or NEVER, self.last_offered_at or NEVER)

    @property
    def rests_until(self) -> datetime:
        """Before this moment the ramp allows no further offer."""
        if self.ramp_s <= 0 or self.last_offered_at is None:
            return NEVER
        return self.last_offered_at + timedelta(seconds=self.ramp_s)


@dataclass(frozen=True, slots=True)
class Pool:
    """Groups whose members may be asked once an item has waited `after_s` seconds; none: everybody.

    `rule` None: that of the queue.
    """

    groups: frozenset[str] = frozenset()
    after_s: float = 0.0
    rule: Rule | None = None

    def holds(self, seat: AgentSeat) -> bool:
        """Whether the agent belongs to it."""
        return not self.groups or not self.groups.isdisjoint(seat.groups)


@dataclass(frozen=True, slots=True)
class QueueRules:
    """A queue. Lower `position` goes first; equal ones with equal sorts are considered together.

    Without a pool nothing is ever assigned. `accept_timeout_s` None: offers do not time out.
    `orders`: how early the members of a group serve it, 100 where a group names no order.
    """

    id: QueueId
    name: str
    position: int = 100
    rule: Rule = Rule.MOST_CAPACITY
    pools: tuple[Pool, ...] = ()
    accept_timeout_s: float | None = None
    auto_accept: AutoAccept = AutoAccept.NO
    sort: tuple[Sort, ...] = (Sort.PRIORITY, Sort.OLDEST)
    orders: Mapping[str, int] = field(default_factory=dict)

    def tier(self, seat: AgentSeat) -> int:
        """In which round the agent serves it: the lowest order of their groups that may serve it."""
        if not self.orders:
            return USUAL_ORDER
        groups = seat.groups
        if all(pool.groups for pool in self.pools):
            groups = groups & frozenset().union(*(pool.groups for pool in self.pools))
        return min((self.orders.get(g, USUAL_ORDER) for g in groups), default=USUAL_ORDER)


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """A queued work item. Priority 1 is the most urgent. `size`, at least 1, is what it takes.

    `passed` are never asked again, those in `rests` not before the moment that stands there;
    `refused` says why, for people. Pools open by the time since `counted_from`: a queue that was
    closed over night did not wait then. None: since `queued_at`.
    """

    work_item_id: WorkItemId
    queue_id: QueueId
    queued_at: datetime
    priority: int = 3
    size: int = 1
    passed: frozenset[AgentId] = frozenset()
    rests: Mapping[AgentId, datetime] = field(default_factory=dict)
    channel: str = "email"
    needs: tuple[SkillNeed, ...] = ()
    preferred: tuple[Preferred, ...] = ()
    vip: bool = False
    target_at: datetime | None = None
    counted_from: datetime | None = None
    refused: Mapping[AgentId, str] = field(default_factory=dict)

    def opens(self, pool: Pool) -> datetime:
        """When *pool* opens for it."""
        return (self.counted_from or self.queued_at) + timedelta(seconds=pool.after_s)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a decision depends on. A queue that is not in it (closed, external) is not routed.

    `skills` are names by key and `zone` is the reader's time zone: only sentences depend on them.
    """

    now: datetime
    agents: tuple[AgentSeat, ...]
    queues: tuple[QueueRules, ...]
    items: tuple[WaitingItem, ...]
    skills: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent, and why they were chosen or passed over.

    `kind` is what keeps them away in the words of a summary; empty if nothing does.
    """

    agent_id: AgentId
    reason: str
    kind: str = ""


OUTSIDER = "is in no group that serves this queue"


@dataclass(frozen=True, slots=True)
class Decision:
    """To whom an item goes, or that nobody can take it (`agent_id` None, only from `explain`).

    `at` is later than all that the snapshot knows (as far as clocks agree to a second) and than the
    decision before: stored as `last_offered_at`, it keeps *last assigned* in turn across runs.
    """

    item: WaitingItem
    agent_id: AgentId | None
    at: datetime
    reason: str
    auto_accept: AutoAccept = AutoAccept.NO
    accept_timeout: timedelta | None = None
    candidates: tuple[Candidate, ...] = ()

    def why(self, agent_id: AgentId) -> str:
        """Why this agent was chosen or passed over: the answer to "why not Ana?"."""
        return next((c.reason for c in self.candidates if c.agent_id == agent_id), OUTSIDER)

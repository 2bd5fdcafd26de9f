"""Routing: who is asked next, as a pure function of a snapshot.

Items take their turn by queue order, then by the sort of their queue. An item looks through the
pools of its queue that its waiting time has opened, earliest pool first, and the queue's rule picks
among the agents whom no check keeps away. Nothing is written here: committing a decision is a claim
that may fail. Source: docs/architecture.md, *Routing*.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import islice
from math import ceil

from agentdesk.domain.ids import AgentId, QueueId, WorkItemId
from agentdesk.domain.policy import Rule, Sort

NEVER = datetime.min.replace(tzinfo=UTC)
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
OUTSIDER = "not in a group of this queue"


@dataclass(frozen=True, slots=True)
class AgentSeat:
    """An agent as routing sees them.

    `works`: the presence receives new work. `used` counts pending offers, Work in Progress and Wrap
    Up. `ramp_s`: at least this many seconds between two offers, 0 for no limit, so that an agent
    who returns is filled gradually.
    """

    id: AgentId
    name: str
    works: bool
    capacity: int
    used: int
    groups: frozenset[str] = frozenset()
    last_assigned_at: datetime | None = None
    last_offered_at: datetime | None = None
    ramp_s: float = 0.0

    @property
    def free(self) -> int:
        """Capacity left; negative where a person assigned more than fits."""
        return self.capacity - self.used

    @property
    def idle_since(self) -> datetime:
        """When they last got work or an offer: without offers, who rejects would stay first."""
        return max(self.last_assigned_at or NEVER, self.last_offered_at or NEVER)

    @property
    def rests_until(self) -> datetime | None:
        """Before this moment the ramp allows no further offer; None without one."""
        if self.ramp_s <= 0 or self.last_offered_at is None:
            return None
        return self.last_offered_at + timedelta(seconds=self.ramp_s)


@dataclass(frozen=True, slots=True)
class Pool:
    """Groups whose members may be asked once an item has waited `after_s` seconds."""

    groups: frozenset[str]
    after_s: float = 0.0

    def opens_at(self, queued_at: datetime) -> datetime:
        """When it opens for an item queued at *queued_at*."""
        return queued_at + timedelta(seconds=self.after_s)


@dataclass(frozen=True, slots=True)
class QueueRules:
    """A queue. Lower `order` goes first; equal orders with equal sorts are considered together.

    Without a pool nothing is ever assigned. `accept_timeout_s` None: offers do not time out.
    """

    id: QueueId
    name: str
    order: int = 100
    rule: Rule = Rule.MOST_CAPACITY
    pools: tuple[Pool, ...] = ()
    accept_timeout_s: float | None = None
    auto_accept: bool = False
    sort: tuple[Sort, ...] = (Sort.PRIORITY, Sort.OLDEST)


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """A queued work item. Priority 1 is the most urgent. `passed` are never asked again.

    It is not decided before `not_before`. `size`, at least 1, is the capacity that it takes.
    """

    work_item_id: WorkItemId
    queue_id: QueueId
    queued_at: datetime
    priority: int = 3
    size: int = 1
    passed: frozenset[AgentId] = frozenset()
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a decision depends on. A queue that is not in it (closed, external) is not routed."""

    now: datetime
    agents: tuple[AgentSeat, ...]
    queues: tuple[QueueRules, ...]
    items: tuple[WaitingItem, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of the queue, and why they were chosen or passed over."""

    agent_id: AgentId
    reason: str


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
    auto_accept: bool = False
    accept_timeout: timedelta | None = None
    candidates: tuple[Candidate, ...] = ()

    def why(self, agent_id: AgentId) -> str:
        """Why this agent was chosen or passed over: the answer to "why not Ana?"."""
        return next((c.reason for c in self.candidates if c.agent_id == agent_id), OUTSIDER)


@dataclass(frozen=True, slots=True)
class Ask:
    """An item at its turn. `pools` by opening, of which the first `opened` are open to it now."""

    now: datetime
    item: WaitingItem
    queue: QueueRules
    pools: tuple[Pool, ...]
    opened: int

    def place(self, seat: AgentSeat) -> int | None:
        """The first pool that holds the agent, open or not; None for an outsider."""
        for place, pool in enumerate(self.pools):
            if not pool.groups.isdisjoint(seat.groups):
                return place
        return None

    def until(self, moment: datetime) -> str:
        """`in 30 s`, rounded up."""
        return f"in {ceil((moment - self.now).total_seconds())} s"


def _item_held_back(ask: Ask, _: AgentSeat) -> str | None:
    held_until = ask.item.not_before or NEVER
    return f"the item is held back: {ask.until(held_until)}" if held_until > ask.now else None


def _outside_the_pools(ask: Ask, seat: AgentSeat) -> str | None:
    place = ask.place(seat)
    if place is None:
        return OUTSIDER
    if place < ask.opened:
        return None
    return f"{OUTSIDER} yet: {ask.until(ask.pools[place].opens_at(ask.item.queued_at))}"


def _not_available(_: Ask, seat: AgentSeat) -> str | None:
    return None if seat.works else "not available"


def _rejected_before(ask: Ask, seat: AgentSeat) -> str | None:
    return "rejected it before" if seat.id in ask.item.passed else None


def _no_room(ask: Ask, seat: AgentSeat) -> str | None:
    if ask.item.size <= seat.free:
        return None
    if seat.free <= 0:
        return f"at capacity {seat.used}/{seat.capacity}"
    return f"needs {ask.item.size}, has {seat.free} of {seat.capacity} free"


def _filled_gradually(ask: Ask, seat: AgentSeat) -> str | None:
    rests_until = seat.rests_until or NEVER
    return f"filled gradually: {ask.until(rests_until)}" if rests_until > ask.now else None


CHECKS = (
    _item_held_back,
    _outside_the_pools,
    _not_available,
    _rejected_before,
    _no_room,
    _filled_gradually,
)
"""What may keep an agent from an item, asked in this order; people read the first reason given."""

LASTING = frozenset({_not_available, _filled_gradually})
"""They look at the agent only and hold to the end of a run, so that nobody is met in vain twice."""


def decide(
    snapshot: Snapshot, *, limit: int | None = None, with_candidates: bool = True
) -> tuple[Decision, ...]:
    """Who gets what now, in the order of the decisions; only items that somebody can take.

    Each decision counts in the capacity that the next one sees. At most *limit* decisions.
    Candidates cost a sentence for each member of the queue: leave them out for large snapshots and
    ask `explain` for single items.
    """
    return tuple(islice(_Run(snapshot).decisions(with_candidates), limit))


def explain(snapshot: Snapshot, item: WaitingItem, after: Iterable[Decision] = ()) -> Decision:
    """What would become of *item* if it were its turn, once the decisions *after* were made.

    With the decisions of a run before its own, this is its decision with all candidates.
    """
    run = _Run(snapshot)
    for earlier in after:
        if earlier.agent_id is not None:
            run.give(earlier.item, earlier.agent_id)
    if item.queue_id not in run.queues:
        return Decision(item, None, snapshot.now, "its queue is not routed here")
    ask = run.ask(item)
    return run.decision(ask, run.pick(ask), with_candidates=True)


def next_wake(snapshot: Snapshot) -> datetime | None:
    """When time alone could change a decision: a back-off or ramp ends, a pool opens. None: never."""
    queues = {queue.id: queue for queue in snapshot.queues}
    routed = [item for item in snapshot.items if item.queue_id in queues]
    moments = [m for item in routed for m in _turning_points(item, queues[item.queue_id])]
    moments += [a.rests_until for a in snapshot.agents if routed and a.works and a.rests_until]
    return min((moment for moment in moments if moment > snapshot.now), default=None)


def _turning_points(item: WaitingItem, queue: QueueRules) -> Iterator[datetime]:
    held_until = item.not_before or NEVER
    yield held_until
    openings = (pool.opens_at(item.queued_at) for pool in queue.pools)
    yield from (moment for moment in openings if moment > held_until)


class _Bench:
    """The members of a pool by free capacity, and among equals who is idle for the longest.

    Seats only fill up and only become less idle during a run, so an entry that is out of date lies
    too far in front, never too far behind: it is put in its place when it is met.
    """

    def __init__(self, seats: Iterable[AgentSeat]) -> None:
        self._levels: dict[int, list[tuple[datetime, AgentId, AgentSeat]]] = {}
        for seat in seats:
            self._add(seat)

    def pick(self, ask: Ask, seats: dict[AgentId, AgentSeat]) -> AgentSeat | None:
        """The best member, as *seats* are now, whom no check keeps from the item."""
        picked = None
        aside: list[AgentSeat] = []
        while picked is None and (seat := self._take(ask, seats)):
            failed = next((check for check in CHECKS if check(ask, seat)), None)
            picked = None if failed else seat
            if failed not in LASTING:
                aside.append(seat)
        for seat in aside:
            self._add(seat)
        return picked

    def _take(self, ask: Ask, seats: dict[AgentId, AgentSeat]) -> AgentSeat | None:
        while level := self._best_level(ask):
            _, agent_id, seat = heappop(self._levels[level])
            if seat is seats[agent_id]:
                return seat
            self._add(seats[agent_id])
        return None

    def _add(self, seat: AgentSeat) -> None:
        if seat.free > 0:
            heappush(self._levels.setdefault(seat.free, []), (seat.idle_since, seat.id, seat))

    def _best_level(self, ask: Ask) -> int | None:
        levels = [free for free, heap in self._levels.items() if heap and free >= ask.item.size]
        if ask.queue.rule is Rule.MOST_CAPACITY or not levels:
            return max(levels, default=None)
        return min(levels, key=lambda free: self._levels[free][0][:2])


class _Run:
    """The seats as they fill up while one snapshot is decided."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.queues = {queue.id: queue for queue in snapshot.queues}
        self._now = snapshot.now
        self._items = [item for item in snapshot.items if item.queue_id in self.queues]
        self._seats = {seat.id: seat for seat in snapshot.agents}
        self._benches: dict[frozenset[str], _Bench] = {}
        latest = max((seat.idle_since for seat in snapshot.agents), default=NEVER)
        self._moment = max(snapshot.now, min(latest, snapshot.now + SECOND) + MICROSECOND)

    def decisions(self, with_candidates: bool) -> Iterator[Decision]:
        """Item by item; an item that nobody can take keeps none behind it waiting."""
        for item in sorted(self._items, key=lambda item: _turn(item, self.queues[item.queue_id])):
            ask = self.ask(item)
            if seat := self.pick(ask):
                yield self.decision(ask, seat, with_candidates)
                self.give(item, seat.id)

    def ask(self, item: WaitingItem) -> Ask:
        """The item at its turn; to one that is held back no pool is open."""
        queue = self.queues[item.queue_id]
        pools = tuple(sorted(queue.pools, key=lambda pool: pool.after_s))
        opened = [p.after_s <= 0 or p.opens_at(item.queued_at) <= self._now for p in pools]
        held = item.not_before is not None and item.not_before > self._now
        return Ask(self._now, item, queue, pools, 0 if held else sum(opened))

    def pick(self, ask: Ask) -> AgentSeat | None:
        """Whom the item goes to: the rule's choice in the earliest open pool that has anybody."""
        for pool in ask.pools[: ask.opened]:
            if pool.groups not in self._benches:
                members = (s for s in self._seats.values() if not pool.groups.isdisjoint(s.groups))
                self._benches[pool.groups] = _Bench(members)
            if seat := self._benches[pool.groups].pick(ask, self._seats):
                return seat
        return None

    def give(self, item: WaitingItem, agent_id: AgentId) -> None:
        """The item takes its part of the agent's capacity; nobody looks more idle by it."""
        seat = self._seats[agent_id]
        at = max(self._moment, seat.last_offered_at or NEVER)
        self._seats[agent_id] = replace(seat, used=seat.used + item.size, last_offered_at=at)
        self._moment += MICROSECOND

    def decision(self, ask: Ask, seat: AgentSeat | None, with_candidates: bool) -> Decision:
        """What becomes of the item, in words."""
        queue, timeout = ask.queue, ask.queue.accept_timeout_s
        return Decision(
            ask.item,
            seat.id if seat else None,
            self._moment,
            _compared(ask, seat, seat) if seat else "nobody can take it now",
            queue.auto_accept,
            None if timeout is None or queue.auto_accept else timedelta(seconds=timeout),
            tuple(self._candidates(ask, seat)) if with_candidates else (),
        )

    def _candidates(self, ask: Ask, winner: AgentSeat | None) -> Iterator[Candidate]:
        for seat in self._seats.values():
            if ask.place(seat) is not None:
                reasons = (reason for check in CHECKS if (reason := check(ask, seat)))
                yield Candidate(seat.id, next(reasons, "") or _compared(ask, seat, winner or seat))


def _turn(item: WaitingItem, queue: QueueRules) -> tuple[object, ...]:
    since = item.queued_at.timestamp()
    keys = {Sort.PRIORITY: item.priority, Sort.OLDEST: since, Sort.NEWEST: -since}
    return (queue.order, queue.sort, *(keys[s] for s in queue.sort), since, item.work_item_id)


def _compared(ask: Ask, seat: AgentSeat, winner: AgentSeat) -> str:
    """Why the chosen one, or somebody else who could take the item, did or did not get it."""
    if seat is winner:
        return f"chosen by {ask.queue.rule.replace('_', ' ')}: {seat.free} of {seat.capacity} free"
    if ask.place(seat) != ask.place(winner):
        return f"{winner.name} is in an earlier pool"
    if ask.queue.rule is Rule.MOST_CAPACITY and seat.free < winner.free:
        return f"less free capacity: {seat.free}, {winner.name} has {winner.free}"
    if seat.idle_since > winner.idle_since:
        return f"had new work more recently than {winner.name}"
    return f"equal to {winner.name}, who is listed first"

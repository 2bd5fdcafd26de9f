"""Routing: who is asked next, as a pure function of a snapshot.

Agents serve queues in rounds: first the pairs of an agent and a queue whose order is lowest, then
the next. In a round items take their turn by the position of their queue, then by its sort. An item
goes to the first of the agents that it prefers, else it looks through the pools of its queue that
its waiting time has opened, earliest first, and the rule picks among the agents whom no check keeps
away. Nothing is written here: committing a decision is a claim that may fail. Source:
docs/routing.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from agentdesk.domain.benches import Benches, Shape
from agentdesk.domain.eligibility import Ask, may_be_asked, obstacle, why_after, why_chosen
from agentdesk.domain.ids import AgentId
from agentdesk.domain.policy import AutoAccept, Sort
from agentdesk.domain.snapshot import (
    NEVER,
    AgentSeat,
    Candidate,
    Decision,
    QueueRules,
    Snapshot,
    WaitingItem,
)

SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
LATEST = float("inf")


def decide(
    snapshot: Snapshot, *, limit: int | None = None, with_candidates: bool = True
) -> tuple[Decision, ...]:
    """Who gets what now, in the order of the decisions; only items that somebody can take.

    Each decision counts in the capacity that the next one sees. At most *limit* decisions.
    Candidates cost a brief sentence for each member of the queue.
    """
    return tuple(islice(_Run(snapshot).decisions(with_candidates), limit))


def explain(snapshot: Snapshot, item: WaitingItem, after: Iterable[Decision] = ()) -> Decision:
    """What would become of *item* if it were its turn, once the decisions *after* were made, with
    every agent of the desk as a candidate.
    """
    run = _Run(snapshot)
    for earlier in after:
        if earlier.agent_id is not None:
            run.give(earlier.item, earlier.agent_id)
    if item.queue_id not in run.queues:
        return Decision(item, None, snapshot.now, "its queue is not routed now")
    turn = run.turn(item)
    return run.decision(turn.ask, run.pick(turn), snapshot.agents)


def next_wake(snapshot: Snapshot) -> datetime | None:
    """When time alone could change a decision: a rest or ramp ends, a pool opens. None: never."""
    queues = {queue.id: queue for queue in snapshot.queues}
    routed = [item for item in snapshot.items if item.queue_id in queues]
    moments = [m for item in routed for m in _turning_points(item, queues[item.queue_id])]
    moments += [a.rests_until for a in snapshot.agents if routed and a.presence.work]
    return min((moment for moment in moments if moment > snapshot.now), default=None)


def passed_by_all(snapshot: Snapshot) -> tuple[WaitingItem, ...]:
    """Items that somebody let pass and that nobody who is at work is left for.

    Who is busy, or joins later, is left: they will be asked by themselves.
    """
    run = _Run(snapshot)
    refused = (item for item in snapshot.items if item.passed or item.rests)
    routed = (run.turn(item) for item in refused if item.queue_id in run.queues)
    return tuple(turn.item for turn in routed if not run.anybody_left(turn))


def _turning_points(item: WaitingItem, queue: QueueRules) -> Iterator[datetime]:
    yield from item.rests.values()
    yield from (item.opens(pool) for pool in queue.pools if pool.after_s > 0)


@dataclass(frozen=True, slots=True)
class _Turn:
    """An item, the bench that serves it, and who may not be asked now."""

    ask: Ask
    shape: Shape
    barred: frozenset[AgentId]

    @property
    def item(self) -> WaitingItem:
        return self.ask.item


class _Run:
    """One snapshot while it is decided."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.queues = {queue.id: _by_opening(queue) for queue in snapshot.queues}
        self._benches = Benches(snapshot)
        self._shapes: dict[tuple[object, ...], Shape] = {}
        self._hopeless: dict[tuple[Shape, int, int], int] = {}
        latest = max((seat.idle_since for seat in snapshot.agents), default=NEVER)
        near = min(latest, snapshot.now + SECOND) + MICROSECOND
        self._moment = max(snapshot.now, near)

    def decisions(self, with_candidates: bool) -> Iterator[Decision]:
        """Round by round, item by item; one that nobody can take keeps none behind it waiting."""
        items = [item for item in self._snapshot.items if item.queue_id in self.queues]
        items.sort(key=lambda item: _order(item, self.queues[item.queue_id]))
        waiting = [self.turn(item, brief=True) for item in items]
        for tier in self._tiers():
            left = []
            for turn in waiting:
                if seat := self._pick_in(tier, turn):
                    seats = self._benches.seats.values() if with_candidates else ()
                    yield self.decision(turn.ask, seat, self._members(turn.ask, seats))
                    self.give(turn.item, seat.id)
                else:
                    left.append(turn)
            waiting = left

    def _tiers(self) -> list[int]:
        return sorted({t for queue in self.queues.values() for t in self._benches.tiers(queue)})

    @staticmethod
    def _members(ask: Ask, seats: Iterable[AgentSeat]) -> Iterator[AgentSeat]:
        return (seat for seat in seats if ask.place(seat) is not None)

    def turn(self, item: WaitingItem, *, brief: bool = False) -> _Turn:
        """The item at its turn."""
        queue, now = self.queues[item.queue_id], self._snapshot.now
        opened = sum(p.after_s <= 0 or item.opens(p) <= now for p in queue.pools)
        key = (queue.id, item.channel, item.needs)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = Shape(queue, item.channel, item.needs)
        barred = item.passed
        if item.rests:
            barred |= {agent for agent, until in item.rests.items() if until > now}
        return _Turn(Ask(self._snapshot, item, queue, opened, brief), shape, barred)

    def anybody_left(self, turn: _Turn) -> bool:
        """Whether somebody at work may still be asked, now or once there is room."""
        return not self._benches.at_work(turn.shape) <= turn.barred

    def pick(self, turn: _Turn) -> AgentSeat | None:
        """Whom the item goes to."""
        picks = (self._pick_in(tier, turn) for tier in sorted(self._benches.tiers(turn.ask.queue)))
        return next((seat for seat in picks if seat), None)

    def _pick_in(self, tier: int, turn: _Turn) -> AgentSeat | None:
        """The best of one round. What nobody can take now, nobody can to the end of the run."""
        key, size = (turn.shape, turn.ask.opened, tier), turn.item.size
        if self._hopeless.get(key, LATEST) <= size:
            return None
        if tier not in self._benches.tiers(turn.ask.queue):
            return None
        seat = self._preferred(tier, turn) or self._from_pools(tier, turn)
        if seat is None and not turn.barred:
            self._hopeless[key] = size
        return seat

    def _preferred(self, tier: int, turn: _Turn) -> AgentSeat | None:
        for preferred in turn.item.preferred:
            seat = self._benches.seats.get(preferred.agent_id)
            if seat and turn.ask.queue.tier(seat) == tier and may_be_asked(turn.ask, seat):
                return seat
        return None

    def _from_pools(self, tier: int, turn: _Turn) -> AgentSeat | None:
        for pool in turn.ask.queue.pools[: turn.ask.opened]:
            who = self._benches.pick(turn.shape, pool, tier, turn.item.size, turn.barred)
            if who is not None:
                return self._benches.seats[who]
        return None

    def give(self, item: WaitingItem, agent_id: AgentId) -> None:
        """The item takes its part of the agent's capacity; nobody looks more idle by it."""
        seat = self._benches.seats[agent_id]
        at = max(self._moment, seat.last_offered_at or NEVER)
        used = {**seat.used, item.channel: seat.used.get(item.channel, 0) + item.size}
        self._benches.put(replace(seat, used=used, last_offered_at=at))
        self._moment += MICROSECOND

    def decision(self, ask: Ask, seat: AgentSeat | None, about: Iterable[AgentSeat]) -> Decision:
        """What becomes of the item, in words, and what each of the agents *about* reads."""
        queue, timeout = ask.queue, ask.queue.accept_timeout_s
        asked = timeout is not None and queue.auto_accept is AutoAccept.NO
        now = (self._benches.seats[other.id] for other in about)
        return Decision(
            ask.item,
            seat.id if seat else None,
            self._moment,
            why_chosen(ask, seat) if seat else "nobody can take it now",
            queue.auto_accept,
            timedelta(seconds=timeout) if asked and timeout is not None else None,
            tuple(_candidate(ask, other, seat) for other in now),
        )


def _by_opening(queue: QueueRules) -> QueueRules:
    return replace(queue, pools=tuple(sorted(queue.pools, key=lambda pool: pool.after_s)))


def _candidate(ask: Ask, seat: AgentSeat, winner: AgentSeat | None) -> Candidate:
    if (found := obstacle(ask, seat)) is not None:
        kind, reason = found
        return Candidate(seat.id, reason, kind)
    if winner is None or seat is winner:
        return Candidate(seat.id, why_chosen(ask, seat))
    return Candidate(seat.id, why_after(ask, seat, winner))


def _order(item: WaitingItem, queue: QueueRules) -> tuple[object, ...]:
    since = item.queued_at.timestamp()
    keys = {
        Sort.PRIORITY: item.priority,
        Sort.OLDEST: since,
        Sort.NEWEST: -since,
        Sort.SERVICE_LEVEL: item.target_at.timestamp() if item.target_at else LATEST,
        Sort.VIP: not item.vip,
    }
    wanted = (keys[sort] for sort in queue.sort)
    return (queue.position, queue.sort, *wanted, since, item.work_item_id)

"""What routing looks at: rows of one moment, and the snapshot that a thread makes of them.

Rows are read in pages, so that the screen of the same process is drawn in between.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.policy import PresenceSetup, QueueSetup
from agentdesk.domain.snapshot import AgentSeat, Pool, QueueRules, Snapshot, WaitingItem
from agentdesk.domain.work import WorkItem
from agentdesk.services import capacity
from agentdesk.services.desk import Desk
from agentdesk.services.qualifying import calendar_of
from agentdesk.storage import decisions, work
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.policies import InForce
from agentdesk.storage.store import Transaction
from agentdesk.storage.work import Place, Used

WINDOW = 10_000
"""So many items are decided about together: first those that wait for the longest."""
REST = timedelta(seconds=60)
"""Who let an item pass is not asked again for so long, even where the reason would allow it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows of one moment, by the policy that held then."""

    now: datetime
    in_force: InForce
    agents: Sequence[Any]
    used: Mapping[AgentId, Used]
    items: Sequence[Any] = ()
    refusals: Sequence[Any] = ()
    held: Sequence[Any] = ()

    @property
    def rest(self) -> Place | None:
        """Where further items begin, if there may be any."""
        if len(self.items) < WINDOW:
            return None
        return (self.items[-1].queued_at, self.items[-1].id)


@dataclass(frozen=True, slots=True)
class Floor:
    """The snapshot of what was seen; `versions` of its items, and when a closed queue opens."""

    snapshot: Snapshot
    versions: Mapping[int, int]
    opens_at: datetime | None
    held: frozenset[int] = field(default_factory=frozenset)


async def at_the_desk(desk: Desk, tx: Transaction) -> Seen:
    """The agents, without any items."""
    used = await work.loads(tx, capacity.uses(desk))
    return Seen(desk.clock.now(), desk.in_force, await desk_rows.all_agents(tx), used)


async def look(desk: Desk, after: Place | None = None) -> Seen | None:
    """What is known now; None when nothing waits or nobody has room, so that only news can help."""
    async with desk.store.read() as tx:
        if not await work.any_queued(tx):
            return None
        seen = await at_the_desk(desk, tx)
        if not any(_has_room(desk, row, seen) for row in seen.agents):
            return None
        items: list[Any] = []
        while len(items) < WINDOW and (page := await work.queued(tx, after)):
            items += page
            after = (page[-1].queued_at, page[-1].id)
        refused = await decisions.recent_refusals(tx, seen.now - REST)
        held = await decisions.refusals_of_held(tx, seen.now)
    return Seen(seen.now, seen.in_force, seen.agents, seen.used, items, refused, held)


def _has_room(desk: Desk, row: Any, seen: Seen) -> bool:
    seat = seat_of(desk, row, seen)
    channels = [channel.key for channel in desk.policy.channels]
    return any(seat.presence.takes(c) and seat.free(c) > 0 for c in channels)


def floor(desk: Desk, seen: Seen) -> Floor:
    """The snapshot. A queue that is closed now is not in it. Pure computation, for a thread."""
    queues = seen.in_force.queues
    closed = {key: opens(desk, q, seen.now) for key, q in queues.items()}
    open_now = {key: q for key, q in queues.items() if closed[key] == seen.now}
    rests = _rests(seen)
    items = [work.made(row) for row in seen.items]
    snapshot = Snapshot(
        seen.now,
        tuple(seat_of(desk, row, seen) for row in seen.agents),
        tuple(rules_of(seen.in_force, key, queue) for key, queue in open_now.items()),
        tuple(waiting(desk, w, seen, rests.get(w.id, {})) for w in items),
    )
    waited_for = {w.queue_id for w in items} - open_now.keys()
    openings = [at for key in waited_for if (at := closed.get(key)) is not None]
    return Floor(
        snapshot,
        {w.id: w.version for w in items},
        min(openings, default=None),
        frozenset(w.id for w in items if w.not_before is not None),
    )


def opens(desk: Desk, queue: QueueSetup, now: datetime) -> datetime | None:
    """*now* for a queue that is open, else when it opens next; None if it never does."""
    return calendar_of(desk, queue).opens_at(now)


def _rests(seen: Seen) -> dict[int, dict[AgentId, datetime]]:
    """Until when whoever let an item pass is not asked for it again."""
    rests: dict[int, dict[AgentId, datetime]] = {}
    until = [(row, row.at + REST) for row in seen.refusals]
    until += [(row, row.not_before) for row in seen.held]
    for row, at in until:
        of_item = rests.setdefault(row.work_item_id, {})
        of_item[AgentId(row.agent_id)] = max(at, of_item.get(AgentId(row.agent_id), at))
    return rests


def seat_of(desk: Desk, row: Any, seen: Seen) -> AgentSeat:
    """An agent, from their row and the policy."""
    agent = seen.in_force.agents.get(AgentId(row.id))
    nowhere = PresenceSetup(row.presence, row.presence or "Offline", False)
    return AgentSeat(
        AgentId(row.id),
        row.name,
        seen.in_force.policy.presence(row.presence) or nowhere,
        capacity.limits_of(desk, row),
        seen.used.get(AgentId(row.id), {}),
        agent.groups if agent else frozenset(),
        agent.skills if agent else {},
        row.last_assigned_at,
        row.last_offered_at,
        seen.in_force.policy.options.ramp_s,
        row.presence_since,
    )


def rules_of(in_force: InForce, queue_id: QueueId, queue: QueueSetup) -> QueueRules:
    """A queue, from the policy."""
    groups = in_force.policy.groups
    return QueueRules(
        queue_id,
        queue.name,
        queue.position,
        queue.rule,
        tuple(Pool(p.groups, p.after_s, p.rule) for p in queue.pools),
        queue.accept_timeout_s,
        queue.auto_accept,
        queue.sort,
        {g.key: g.queue_orders[queue.key] for g in groups if queue.key in g.queue_orders},
    )


def waiting(
    desk: Desk,
    w: WorkItem,
    seen: Seen,
    rests: Mapping[AgentId, datetime],
    refused: Mapping[AgentId, str] | None = None,
) -> WaitingItem:
    """An item, from its row. Time counts only while its queue is open."""
    queue, counted_from = seen.in_force.queues.get(w.queue_id), None
    if queue is not None and queue.schedule:
        waited = calendar_of(desk, queue).between(w.queued_at, seen.now)
        counted_from = seen.now - timedelta(seconds=waited)
    return WaitingItem(
        w.id,
        w.queue_id,
        w.queued_at,
        w.priority,
        w.size,
        w.passed,
        rests,
        w.channel,
        w.needs,
        w.preferred,
        w.vip,
        w.target_at,
        counted_from,
        refused or {},
    )


def rests_of(rows: Iterable[Any], w: WorkItem) -> dict[AgentId, datetime]:
    """Until when those who let one item pass are not asked again, from all its refusals."""
    rests = {AgentId(row.agent_id): row.at + REST for row in rows}
    held = w.not_before
    return {a: max(at, held) if held else at for a, at in rests.items()}

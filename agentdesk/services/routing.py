"""Committing what routing decides: offers by compare-and-set claims, so that no two engines give
one item twice or exceed a capacity.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.errors import Conflict, IllegalTransition
from agentdesk.domain.event import SYSTEM
from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.policy import PresenceSetup, QueueSetup
from agentdesk.domain.routing import decide, next_wake
from agentdesk.domain.snapshot import (
    AgentSeat,
    Decision,
    Pool,
    QueueRules,
    Snapshot,
    WaitingItem,
)
from agentdesk.domain.work import WorkItem
from agentdesk.services import capacity, offers
from agentdesk.services.desk import Desk
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import work
from agentdesk.storage.store import Transaction
from agentdesk.storage.work import Used

BATCH = 50
REST = timedelta(seconds=60)
"""Who let an item pass is not asked again for so long, even where the reason would allow it."""


async def route(desk: Desk) -> datetime | None:
    """Offer what can be offered now; returns when time alone could change a decision."""
    while True:
        seen = await _look(desk)
        if seen is None:
            return None
        chosen, wake = await asyncio.to_thread(_decide, desk, seen)
        claimed = [await _commit(desk, decision) for decision in chosen]
        if len(chosen) < BATCH or not any(claimed):
            return wake


@dataclass(frozen=True, slots=True)
class _Seen:
    """Rows of one moment, not yet turned into a snapshot: that is work for a thread."""

    now: datetime
    agents: Sequence[Any]
    used: dict[AgentId, Used]
    items: Sequence[Any]
    resting: Sequence[Any]


async def _look(desk: Desk) -> _Seen | None:
    """What is known now; None when nothing waits or nobody has room, so that only news can help."""
    now = desk.clock.now()
    async with desk.store.read() as tx:
        if not await work.any_queued(tx):
            return None
        agents, used = await desk_rows.all_agents(tx), await work.loads(tx, capacity.uses(desk))
        if not any(_has_room(desk, row, used) for row in agents):
            return None
        items = await work.queued(tx)
        resting = await work.recent_refusals(tx, now - REST)
    return _Seen(now, agents, used, items, resting)


def _has_room(desk: Desk, row: Any, used: dict[AgentId, Used]) -> bool:
    seat = _seat(desk, row, used)
    channels = [channel.key for channel in desk.policy.channels]
    return any(seat.presence.takes(c) and seat.free(c) > 0 for c in channels)


def _decide(desk: Desk, seen: _Seen) -> tuple[tuple[Decision, ...], datetime | None]:
    """The decisions, and when time alone could change them. Pure computation."""
    rests: dict[int, dict[AgentId, datetime]] = {}
    for row in seen.resting:
        rests.setdefault(row.work_item_id, {})[AgentId(row.agent_id)] = row.at + REST
    items = [work.made(row) for row in seen.items]
    held = [w.not_before for w in items if w.not_before and w.not_before > seen.now]
    snapshot = Snapshot(
        seen.now,
        tuple(_seat(desk, row, seen.used) for row in seen.agents),
        tuple(_rules(desk, key, queue) for key, queue in desk.in_force.queues.items()),
        tuple(_waiting(w, rests) for w in items if w.not_before not in held),
    )
    wakes = [m for m in (next_wake(snapshot), *held) if m is not None]
    return decide(snapshot, limit=BATCH), min(wakes, default=None)


def _seat(desk: Desk, row: Any, used: dict[AgentId, Used]) -> AgentSeat:
    agent = desk.in_force.agents.get(AgentId(row.id))
    nowhere = PresenceSetup(row.presence, row.presence or "Offline", False)
    return AgentSeat(
        AgentId(row.id),
        row.name,
        desk.policy.presence(row.presence) or nowhere,
        capacity.limits_of(desk, row),
        used.get(AgentId(row.id), {}),
        agent.groups if agent else frozenset(),
        agent.skills if agent else {},
        row.last_assigned_at,
        row.last_offered_at,
        desk.policy.options.ramp_s,
        row.presence_since,
    )


def _rules(desk: Desk, queue_id: QueueId, queue: QueueSetup) -> QueueRules:
    orders = {
        g.key: g.queue_orders[queue.key] for g in desk.policy.groups if queue.key in g.queue_orders
    }
    return QueueRules(
        queue_id,
        queue.name,
        queue.position,
        queue.rule,
        tuple(Pool(p.groups, p.after_s, p.rule) for p in queue.pools),
        queue.accept_timeout_s,
        queue.auto_accept,
        queue.sort,
        orders,
    )


def _waiting(w: WorkItem, rests: dict[int, dict[AgentId, datetime]]) -> WaitingItem:
    return WaitingItem(
        w.id,
        w.queue_id,
        w.queued_at,
        w.priority,
        w.size,
        w.passed,
        rests.get(w.id, {}),
        w.channel,
        w.needs,
        w.preferred,
        w.vip,
        w.target_at,
    )


async def _commit(desk: Desk, decision: Decision) -> bool:
    """Claim one decision; somebody else's faster claim is no error, the next round sees it."""
    try:
        async with desk.store.write() as tx:
            return await _claim(desk, tx, decision)
    except (Conflict, IllegalTransition):
        return False


async def _claim(desk: Desk, tx: Transaction, decision: Decision) -> bool:
    """Check again what may have changed since the snapshot, then offer or give."""
    assert decision.agent_id is not None
    item = await work.get(tx, decision.item.work_item_id)
    row = await desk_rows.agent(tx, decision.agent_id)
    presence = desk.policy.presence(row.presence)
    used = await capacity.in_use(desk, tx, decision.agent_id)
    free = capacity.limits_of(desk, row).free(item.channel, used)
    fits = item.size <= free and decision.agent_id not in item.passed
    if presence is None or not presence.takes(item.channel) or not fits:
        return False
    candidates = [asdict(c) for c in decision.candidates]
    await work.add_decision(tx, item, decision.agent_id, candidates, desk.clock.now())
    await offers.make(desk, tx, item, row, SYSTEM, decision.reason)
    return True

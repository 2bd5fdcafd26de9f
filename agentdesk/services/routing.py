"""Committing what routing decides: offers by compare-and-set claims, so that no two engines give
one item twice or exceed a capacity.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from agentdesk.domain import work as works
from agentdesk.domain.errors import Conflict, IllegalTransition
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import AgentId, WorkItemId
from agentdesk.domain.routing import decide, next_wake, passed_by_all
from agentdesk.domain.snapshot import Candidate, Decision
from agentdesk.domain.work import WorkItem, WorkState
from agentdesk.services import capacity, offers
from agentdesk.services.desk import Desk
from agentdesk.services.looking import Floor, Seen, floor, look, opens
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import interactions, work
from agentdesk.storage.store import Transaction

BATCH = 50


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done about what was seen. `passed`: items that everybody at work let pass."""

    seen: Seen
    floor: Floor
    decisions: tuple[Decision, ...]
    passed: tuple[WorkItemId, ...]
    wake: datetime | None


async def route(desk: Desk) -> datetime | None:
    """Offer what can be offered now; returns when time alone could change a decision."""
    wakes: list[datetime] = []
    after = None
    while (seen := await look(desk, after)) is not None:
        plan = await asyncio.to_thread(_plan, desk, seen)
        wakes += [plan.wake] if plan.wake else []
        claimed = [await _commit(desk, plan, decision) for decision in plan.decisions]
        for work_item_id in plan.passed:
            await _attempt(desk, partial(_hold_back, desk, plan=plan, work_item_id=work_item_id))
        if len(plan.decisions) == BATCH and any(claimed):
            wakes, after = [], None
        elif (after := seen.rest) is None:
            break
    return min(wakes, default=None)


def _plan(desk: Desk, seen: Seen) -> _Plan:
    """The decisions, and when time alone could change them. Pure computation."""
    found = floor(desk, seen)
    decisions = decide(found.snapshot, limit=BATCH)
    decided = {d.item.work_item_id for d in decisions} | found.held
    passed = [w.work_item_id for w in passed_by_all(found.snapshot)]
    moments = [m for m in (next_wake(found.snapshot), found.opens_at) if m is not None]
    left = tuple(key for key in passed if key not in decided)
    return _Plan(seen, found, decisions, left, min(moments, default=None))


async def _commit(desk: Desk, plan: _Plan, decision: Decision) -> bool:
    """Claim one decision."""
    return await _attempt(desk, lambda tx: _claim(desk, tx, plan, decision))


async def _attempt(desk: Desk, step: Callable[[Transaction], Awaitable[bool]]) -> bool:
    """Do it; that somebody else was faster is no error, the next round sees it."""
    try:
        async with desk.store.write() as tx:
            return await step(tx)
    except (Conflict, IllegalTransition):
        return False


async def _claim(desk: Desk, tx: Transaction, plan: _Plan, decision: Decision) -> bool:
    """Check again what may have changed since the snapshot, then offer or give.

    The item's version stands for its queue, skills and who passed; that of the policy for groups
    and rules.
    """
    assert decision.agent_id is not None
    item = await _as_seen(desk, tx, plan, decision.item.work_item_id)
    if item is None or not _open(desk, item):
        return False
    row = await desk_rows.agent(tx, decision.agent_id)
    used = await capacity.in_use(desk, tx, decision.agent_id)
    if capacity.why_not(desk, row, used, item.channel, item.size) or _rests(desk, row):
        return False
    await remember(desk, tx, item, decision.agent_id, decision.reason, decision.candidates)
    await offers.make(desk, tx, item, row, SYSTEM, decision.reason)
    await desk_rows.change_agent(tx, decision.agent_id, last_offered_at=decision.at)
    return True


async def _as_seen(
    desk: Desk, tx: Transaction, plan: _Plan, work_item_id: WorkItemId
) -> WorkItem | None:
    """The item, locked after its interaction, if nothing about it changed since the snapshot."""
    await interactions.get(tx, await work.interaction_of(tx, work_item_id))
    item = await work.get(tx, work_item_id)
    same = plan.floor.versions[item.id] == item.version and item.state is WorkState.QUEUED
    return item if same and desk.in_force.version == plan.seen.in_force.version else None


def _open(desk: Desk, item: WorkItem) -> bool:
    queue, now = desk.in_force.queues.get(item.queue_id), desk.clock.now()
    return queue is not None and opens(desk, queue, now) == now


def _rests(desk: Desk, row: Any) -> bool:
    """Whether somebody else's offer was so short ago that the agent is to be left alone."""
    ramp = timedelta(seconds=desk.policy.options.ramp_s)
    offered_at: datetime | None = row.last_offered_at
    return bool(ramp and offered_at and offered_at + ramp > desk.clock.now())


async def _hold_back(desk: Desk, tx: Transaction, plan: _Plan, work_item_id: WorkItemId) -> bool:
    """Everybody at work let it pass: a person should look, and it is offered again later."""
    item = await _as_seen(desk, tx, plan, work_item_id)
    if item is None:
        return False
    now = desk.clock.now()
    await work.save(tx, works.hold_back(item, now))
    about = (Record.WORK_ITEM, item.id, Happened.NEEDS_ATTENTION)
    said = {"interaction": item.interaction_id}
    tx.record(Event(now, SYSTEM, *about, said, shown=False))
    return True


async def remember(
    desk: Desk,
    tx: Transaction,
    item: WorkItem,
    agent_id: AgentId | None,
    reason: str,
    candidates: Sequence[Candidate] = (),
) -> None:
    """Keep a decision about *item*, a person's too, and why each of the others was passed over."""
    kept = _by_reason(c for c in candidates if c.agent_id != agent_id)
    await work.add_decision(tx, item, agent_id, kept, desk.clock.now(), reason)


def _by_reason(candidates: Iterable[Candidate]) -> Mapping[str, list[int]]:
    """Agents by the reason that they share: of a thousand most read one of a few."""
    found: dict[str, list[int]] = {}
    for candidate in candidates:
        found.setdefault(candidate.reason, []).append(candidate.agent_id)
    return found

"""What is kept of decisions and refusals, for routing and for whoever asks why."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ids import AgentId, WorkItemId
from agentdesk.domain.work import WorkState
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    agents,
    decisions,
    interactions,
    queues,
    refusals,
    work_items,
)

COLUMNS = (refusals.c.work_item_id, refusals.c.agent_id, refusals.c.at, refusals.c.reason)


async def recent_refusals(tx: Transaction, since: datetime) -> list[sa.Row[Any]]:
    """Who let which item pass since a moment."""
    return await tx.all(sa.select(*COLUMNS).where(refusals.c.at > since))


async def refusals_of_held(tx: Transaction, now: datetime) -> list[sa.Row[Any]]:
    """Who let the items pass that everybody let pass, and that are held back now."""
    w = work_items.c
    held = (w.state == WorkState.QUEUED.value) & (w.not_before > now)
    joined = work_items.join(refusals, refusals.c.work_item_id == w.id)
    return await tx.all(sa.select(*COLUMNS, w.not_before).select_from(joined).where(held))


async def refusals_of(tx: Transaction, ids: Collection[int]) -> list[sa.Row[Any]]:
    """Who let some items pass, and why, the oldest first."""
    these = refusals.c.work_item_id.in_(ids)
    return await tx.all(sa.select(*COLUMNS).where(these).order_by(refusals.c.id))


async def newest(tx: Transaction, work_item_id: WorkItemId, limit: int) -> list[sa.Row[Any]]:
    """The last decisions about an item, the newest first."""
    mine = sa.select(decisions).where(decisions.c.work_item_id == work_item_id)
    return await tx.all(mine.order_by(decisions.c.id.desc()).limit(limit))


async def about(tx: Transaction, ids: Collection[int]) -> dict[int, sa.Row[Any]]:
    """Number, subject, who routes it, and queue of some work items."""
    joined = work_items.join(interactions, interactions.c.id == work_items.c.interaction_id).join(
        queues, queues.c.id == work_items.c.queue_id
    )
    columns = (
        work_items.c.id,
        interactions.c.number,
        interactions.c.subject,
        interactions.c.routing_source,
        queues.c.name.label("queue"),
    )
    query = sa.select(*columns).select_from(joined).where(work_items.c.id.in_(ids))
    return {row.id: row for row in await tx.all(query)}


async def names(tx: Transaction) -> dict[AgentId, str]:
    """Everybody who is or was an agent, by id."""
    return {AgentId(r.id): r.name for r in await tx.all(sa.select(agents.c.id, agents.c.name))}

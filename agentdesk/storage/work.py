"""Work items: the queue, offers and what each agent's capacity is used for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import Conflict, OfferGone
from agentdesk.domain.ids import AgentId, InteractionId, WorkItemId
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import SkillNeed
from agentdesk.domain.work import LogEntry, Preferred, WorkItem, WorkState
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    agents,
    ccaas_conversations,
    decisions,
    interactions,
    refusals,
    work_items,
    work_log,
)

c = ccaas_conversations.c
ROUTED_HERE = ~sa.exists().where(c.interaction_id == work_items.c.interaction_id)
"""Work that no contact centre routes."""

WAITING = (WorkState.QUEUED.value, WorkState.OFFERED.value)
Uses = Mapping[str, tuple[str, ...]]
"""The states of an interaction that use capacity, by channel."""

Place = tuple[datetime, int]
"""Where a page of waiting work ends: since when the last item waits, and its id."""

BUSY = (State.WORK_IN_PROGRESS.value, State.WRAP_UP.value)


async def get(tx: Transaction, work_item_id: WorkItemId) -> WorkItem:
    """One work item, locked until the end of a write. Raises `OfferGone`."""
    query = sa.select(work_items).where(work_items.c.id == work_item_id)
    row = await tx.one(query.with_for_update())
    if row is None:
        raise OfferGone("This work item does not exist any more.")
    return made(row)


async def interaction_of(tx: Transaction, work_item_id: WorkItemId) -> InteractionId:
    """Whose agent is searched: it is locked before its work item. Raises `OfferGone`."""
    query = sa.select(work_items.c.interaction_id).where(work_items.c.id == work_item_id)
    row = await tx.one(query)
    if row is None:
        raise OfferGone("This work item does not exist any more.")
    return InteractionId(row.interaction_id)


async def newest_of(tx: Transaction, interaction_id: InteractionId) -> WorkItem | None:
    """The last search for an agent, whether it goes on or ended."""
    same = work_items.c.interaction_id == interaction_id
    row = await tx.one(sa.select(work_items).where(same).order_by(work_items.c.id.desc()).limit(1))
    return made(row) if row else None


async def waiting_for(tx: Transaction, interaction_id: InteractionId) -> WorkItem | None:
    """The queued or offered work item of an interaction."""
    live = (work_items.c.interaction_id == interaction_id) & work_items.c.state.in_(WAITING)
    row = await tx.one(sa.select(work_items).where(live).with_for_update())
    return made(row) if row else None


async def insert(tx: Transaction, items: Collection[WorkItem]) -> None:
    """New work items."""
    await tx.insert(work_items, [_row(w) for w in items])


async def save(tx: Transaction, w: WorkItem) -> WorkItem:
    """Write a changed work item. Raises `Conflict` when another engine was first."""
    values = _row(replace(w, version=w.version + 1))
    same = (work_items.c.id == w.id) & (work_items.c.version == w.version)
    done = await tx.execute(sa.update(work_items).where(same).values(values))
    if done.rowcount != 1:
        raise Conflict("This work was given to somebody else at this moment.")
    return replace(w, version=w.version + 1)


async def queued(
    tx: Transaction, after: Place | None = None, limit: int = 500
) -> list[sa.Row[Any]]:
    """A page of what we find an agent for, the longest waiting first; `made` reads a row."""
    w = work_items.c
    query = sa.select(work_items).where(w.state == WorkState.QUEUED.value, ROUTED_HERE)
    if after is not None:
        query = query.where(sa.tuple_(w.queued_at, w.id) > sa.tuple_(*_place(after)))
    return await tx.all(query.order_by(w.queued_at, w.id).limit(limit))


def _place(after: Place) -> tuple[sa.BindParameter[Any], ...]:
    at, key = after
    return sa.literal(at, work_items.c.queued_at.type), sa.literal(key)


def made(row: sa.Row[Any]) -> WorkItem:
    """A work item from its row."""
    values = dict(row._mapping)
    values["needs"] = tuple(SkillNeed(*need) for need in row.needs)
    values["preferred"] = tuple(Preferred(AgentId(who), why) for who, why in row.preferred)
    return load(WorkItem, values)


def _row(w: WorkItem) -> dict[str, Any]:
    needs = [[n.skill, n.level, n.mandatory] for n in w.needs]
    return {**dump(w), "needs": needs, "preferred": [[p.agent_id, p.why] for p in w.preferred]}


async def any_queued(tx: Transaction) -> bool:
    """Whether anything waits for an agent whom we find."""
    waits = work_items.c.state == WorkState.QUEUED.value
    query = sa.select(work_items.c.id).where(waits, ROUTED_HERE)
    return await tx.one(query.limit(1)) is not None


async def offered_to(tx: Transaction, agent_id: AgentId) -> list[WorkItem]:
    """Offers that an agent has not answered, locked until the end of a write."""
    mine = (work_items.c.agent_id == agent_id) & (work_items.c.state == WorkState.OFFERED.value)
    query = sa.select(work_items).where(mine).order_by(work_items.c.id)
    return [made(r) for r in await tx.all(query.with_for_update())]


Used = dict[str, int]
"""Capacity in use by channel."""


async def loads(tx: Transaction, uses: Uses) -> dict[AgentId, Used]:
    """Capacity in use of every agent: pending offers, and records in the states that use it."""
    found: dict[AgentId, Used] = {}
    for r in await tx.all(_loads(_key(uses))):
        found.setdefault(AgentId(r.agent_id), {})[r.channel] = int(r.used)
    return found


async def load_of(tx: Transaction, uses: Uses, agent_id: AgentId) -> Used:
    """Capacity in use of one agent, who is locked until the end of a write."""
    await tx.one(sa.select(agents.c.id).where(agents.c.id == agent_id).with_for_update())
    query = _loads(_key(uses), one=True)
    return {r.channel: int(r.used) for r in await tx.all(query, {"agent_id": agent_id})}


def _key(uses: Uses) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(uses.items())


@lru_cache(16)
def _loads(uses: tuple[tuple[str, tuple[str, ...]], ...], *, one: bool = False) -> sa.Select[Any]:
    """Made once: it is asked at every decision and by every board."""
    offers = sa.select(work_items.c.agent_id, work_items.c.channel, work_items.c.size).where(
        work_items.c.state == WorkState.OFFERED.value, work_items.c.agent_id.is_not(None)
    )
    owned = interactions.c.owner_id.is_not(None) & interactions.c.state.in_(BUSY)
    idle = [
        (interactions.c.channel == channel) & interactions.c.state.not_in(states)
        for channel, states in uses
        if set(states) != set(BUSY)
    ]
    columns = (interactions.c.owner_id.label("agent_id"), interactions.c.channel)
    held = sa.select(*columns, interactions.c.size).where(owned, *(~i for i in idle))
    if one:
        agent = sa.bindparam("agent_id", type_=work_items.c.agent_id.type)
        offers = offers.where(work_items.c.agent_id == agent)
        held = held.where(interactions.c.owner_id == agent)
    both = sa.union_all(offers, held).subquery()
    used = sa.func.sum(both.c.size).label("used")
    keys = (both.c.agent_id, both.c.channel)
    return sa.select(*keys, used).group_by(*keys)


async def add_refusal(
    tx: Transaction, w: WorkItem, agent_id: AgentId, reason: str, at: datetime, *, timed_out: bool
) -> None:
    """Remember that an agent rejected an offer, or let it time out."""
    row = {
        "id": await tx.new_id(refusals),
        "work_item_id": w.id,
        "agent_id": agent_id,
        "reason": reason,
        "timed_out": timed_out,
        "at": at,
    }
    await tx.insert(refusals, [row])


async def add_decision(
    tx: Transaction,
    w: WorkItem,
    agent_id: AgentId | None,
    candidates: Any,
    at: datetime,
    reason: str = "",
) -> None:
    """Remember who was considered, and why each was passed over; *candidates* is JSON."""
    row = {"id": await tx.new_id(decisions), "work_item_id": w.id, "agent_id": agent_id}
    await tx.insert(decisions, [{**row, "candidates": candidates, "at": at, "reason": reason}])


async def log(tx: Transaction, entries: Sequence[LogEntry]) -> None:
    """Append to the log of work."""
    if entries:
        ids = await tx.new_ids(work_log, len(entries))
        rows = [{"id": key, **dump(e)} for key, e in zip(ids, entries, strict=True)]
        await tx.insert(work_log, rows)

"""Wrap-up segments: one per handling."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import AgentId, InteractionId
from agentdesk.domain.wrapup import Segment
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import customers, interactions, wrap_up_codes
from agentdesk.storage.tables import wrap_up_segments as segments

c = segments.c
SHOWN = (
    segments.join(interactions, interactions.c.id == c.interaction_id)
    .join(customers, customers.c.id == interactions.c.customer_id)
    .outerjoin(wrap_up_codes, wrap_up_codes.c.id == c.code_id)
)
COLUMNS = (
    *segments.c,
    interactions.c.number,
    interactions.c.subject,
    interactions.c.routing_source,
    customers.c.name.label("customer"),
    wrap_up_codes.c.label.label("code"),
)


async def running(tx: Transaction, interaction_id: InteractionId) -> Segment:
    """The unfinished segment of an interaction. Raises `NotFound`."""
    same = (segments.c.interaction_id == interaction_id) & segments.c.submitted_at.is_(None)
    query = sa.select(segments).where(same).order_by(segments.c.id.desc()).limit(1)
    row = await tx.one(query)
    if row is None:
        raise NotFound("No wrap-up is running for this interaction.")
    return load(Segment, row)


async def find(tx: Transaction, segment_id: int) -> Segment | None:
    """One segment, not locked."""
    row = await tx.one(sa.select(segments).where(c.id == segment_id))
    return load(Segment, row) if row else None


async def of_parts(
    tx: Transaction, interaction_id: InteractionId, parts: Collection[str]
) -> list[Segment]:
    """The finished segments whose handling a contact centre knows by one of these ids."""
    mine = (c.interaction_id == interaction_id) & c.submitted_at.is_not(None)
    query = sa.select(segments).where(mine, c.external_segment.in_(parts)).order_by(c.id)
    return [load(Segment, row) for row in await tx.all(query.with_for_update())]


async def insert(tx: Transaction, s: Segment) -> None:
    """A new segment."""
    await tx.insert(segments, [dump(s)])


async def save(tx: Transaction, s: Segment) -> None:
    """Write a changed segment."""
    values = dump(replace(s, version=s.version + 1))
    await tx.execute(sa.update(segments).where(segments.c.id == s.id).values(values))


async def change(tx: Transaction, segment_id: int, **values: Any) -> None:
    """Write some columns of a segment."""
    same = c.id == segment_id
    await tx.execute(sa.update(segments).where(same).values(version=c.version + 1, **values))


async def delete(tx: Transaction, s: Segment) -> None:
    """Remove a segment whose handling goes on."""
    await tx.execute(sa.delete(segments).where(segments.c.id == s.id))


Where = Sequence[sa.ColumnElement[bool]]


async def running_of(tx: Transaction, agent_id: AgentId, where: Where) -> list[sa.Row[Any]]:
    """The unfinished segments of an agent with what a list shows, the next to end first."""
    mine = (c.agent_id == agent_id) & c.submitted_at.is_(None)
    query = sa.select(*COLUMNS).select_from(SHOWN).where(mine, *where)
    return await tx.all(query.order_by(c.due_at, c.id))


async def finished_of(
    tx: Transaction,
    agent_id: AgentId,
    where: Where,
    *,
    after: tuple[datetime, int] | None,
    before: tuple[datetime, int] | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """An agent's finished segments, the newest first, from a keyset position on."""
    mine = (c.agent_id == agent_id) & c.submitted_at.is_not(None)
    query = sa.select(*COLUMNS).select_from(SHOWN).where(mine, *where)
    place = sa.tuple_(c.submitted_at, c.id)
    if after is not None:
        query = query.where(place < _position(after))
    if before is not None:
        query = query.where(place > _position(before)).order_by(c.submitted_at, c.id).limit(limit)
        return list(reversed(await tx.all(query)))
    return await tx.all(query.order_by(c.submitted_at.desc(), c.id.desc()).limit(limit))


def _position(at: tuple[datetime, int]) -> Any:
    return sa.tuple_(sa.literal(at[0], c.submitted_at.type), sa.literal(at[1]))

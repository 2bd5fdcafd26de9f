"""Wrap-up segments: one per handling."""

from dataclasses import replace

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.wrapup import Segment
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import wrap_up_segments as segments


async def running(tx: Transaction, interaction_id: InteractionId) -> Segment:
    """The unfinished segment of an interaction. Raises `NotFound`."""
    same = (segments.c.interaction_id == interaction_id) & segments.c.submitted_at.is_(None)
    query = sa.select(segments).where(same).order_by(segments.c.id.desc()).limit(1)
    row = await tx.one(query)
    if row is None:
        raise NotFound("No wrap-up is running for this interaction.")
    return load(Segment, row)


async def insert(tx: Transaction, s: Segment) -> None:
    """A new segment."""
    await tx.insert(segments, [dump(s)])


async def save(tx: Transaction, s: Segment) -> None:
    """Write a changed segment."""
    values = dump(replace(s, version=s.version + 1))
    await tx.execute(sa.update(segments).where(segments.c.id == s.id).values(values))


async def delete(tx: Transaction, s: Segment) -> None:
    """Remove a segment whose handling goes on."""
    await tx.execute(sa.delete(segments).where(segments.c.id == s.id))

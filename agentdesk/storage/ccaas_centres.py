"""Centres as processes share them: who listens, and what was heard last."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.interaction import CLOSED
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.rows import load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import ccaas_centres as centres
from agentdesk.storage.tables import ccaas_conversations as conversations
from agentdesk.storage.tables import interactions

AT_ONCE = 500


async def ensure(tx: Transaction, key: str, name: str) -> None:
    """The centre has a row."""
    await tx.insert_new(centres, [{"key": key, "name": name, "active": True}])


async def take(
    tx: Transaction, key: str, name: str, owner: str, now: datetime, lease: timedelta
) -> bool:
    """Lease the listening to a centre to *owner*; False while another process has it.

    The lease only saves requests: whoever reads again comes to the same.
    """
    await ensure(tx, key, name)
    row = await tx.one(sa.select(centres).where(centres.c.key == key).with_for_update())
    assert row is not None
    if row.lease_owner not in ("", owner) and row.lease_until and row.lease_until > now:
        return False
    await change(tx, key, name=name, active=True, lease_owner=owner, lease_until=now + lease)
    return True


async def release(tx: Transaction, owner: str) -> None:
    """Give back every centre that *owner* listens to."""
    mine = centres.c.lease_owner == owner
    await tx.execute(sa.update(centres).where(mine).values(lease_owner="", lease_until=None))


async def change(tx: Transaction, key: str, **values: Any) -> None:
    """Write some columns."""
    await tx.execute(sa.update(centres).where(centres.c.key == key).values(**values))


# What is to be read again


async def mark(tx: Transaction, key: str, external_ids: Collection[str]) -> set[str]:
    """These conversations are to be read again; returns those that are known here."""
    known: set[str] = set()
    ids = sorted(external_ids)
    for start in range(0, len(ids), AT_ONCE):
        some = conversations.c.external_id.in_(ids[start : start + AT_ONCE])
        here = (conversations.c.centre == key) & some
        await _mark(tx, here)
        rows = await tx.all(sa.select(conversations.c.external_id).where(here))
        known |= {row.external_id for row in rows}
    return known


async def known(tx: Transaction, key: str, external_ids: Collection[str]) -> set[str]:
    """Which of these conversations are somebody's here."""
    here = (conversations.c.centre == key) & conversations.c.external_id.in_(external_ids)
    return {r.external_id for r in await tx.all(sa.select(conversations.c.external_id).where(here))}


async def mark_interaction(tx: Transaction, interaction_id: int) -> None:
    """The conversation of an interaction is to be read again."""
    await _mark(tx, conversations.c.interaction_id == interaction_id)


async def mark_open(tx: Transaction, key: str) -> None:
    """Every conversation of the centre whose interaction is open is to be read again."""
    closed = [state.value for state in CLOSED]
    open_ones = sa.select(interactions.c.id).where(interactions.c.state.not_in(closed))
    mine = (conversations.c.centre == key) & conversations.c.external_id.is_not(None)
    mine &= ~conversations.c.again
    await _mark(tx, mine & conversations.c.interaction_id.in_(open_ones))


async def mark_strayed(
    tx: Transaction, key: str, agent_id: int, external_ids: Collection[str]
) -> set[str]:
    """Of what the centre says an agent has, that which is another's here is to be read again.

    Returns what is not known here at all.
    """
    held = (conversations.c.centre == key) & conversations.c.external_id.in_(external_ids)
    theirs = sa.select(interactions.c.id).where(interactions.c.owner_id == agent_id)
    await _mark(tx, held & conversations.c.interaction_id.not_in(theirs))
    rows = await tx.all(sa.select(conversations.c.external_id).where(held))
    return set(external_ids) - {row.external_id for row in rows}


async def _mark(tx: Transaction, which: sa.ColumnElement[bool]) -> None:
    """Version moves along: whoever has begun to read before this sees that it is not enough."""
    values = {"again": True, "version": conversations.c.version + 1}
    await tx.execute(sa.update(conversations).where(which).values(values))


async def marked(
    tx: Transaction, key: str, limit: int, among: Collection[str] | None = None
) -> list[Conversation]:
    """What is to be read again, of these or of all, the longest unseen first."""
    again = (conversations.c.centre == key) & conversations.c.again
    again &= conversations.c.external_id.is_not(None)
    if among is not None:
        again &= conversations.c.external_id.in_(sorted(among)[:AT_ONCE])
    order = (conversations.c.seen_at.is_not(None), conversations.c.seen_at)
    query = sa.select(conversations).where(again).order_by(*order).limit(limit)
    return [load(Conversation, row) for row in await tx.all(query)]

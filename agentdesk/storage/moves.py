"""Mails that people moved to other records, and what was moved, so that it can be put back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.domain.event import Happened, Record
from agentdesk.domain.views import Delivery
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    events,
    message_aliases,
    message_moves,
    messages,
    outbox,
    participants,
)

UNDER_WAY = tuple(
    s.value for s in (Delivery.DELAYED, Delivery.QUEUED, Delivery.SENDING, Delivery.MAYBE_SENT)
)
m = messages.c


async def mails(tx: Transaction, message_ids: Collection[int]) -> list[sa.Row[Any]]:
    """These messages with what moving needs, locked in a fixed order."""
    query = sa.select(*_COLUMNS).where(m.id.in_(set(message_ids))).order_by(m.id)
    return await tx.all(query.with_for_update())


_COLUMNS = (
    *(m.id, m.interaction_id, m.case_id, m.header_id, m.refs, m.direction, m.kind, m.sender),
    *(m.sender_name, m.recipients, m.subject, m.at, m.move_id),
)


def lying_in(record: Record, thread_id: int) -> sa.ColumnElement[bool]:
    """The condition for messages of one record."""
    return (m.case_id if record is Record.CASE else m.interaction_id) == thread_id


async def after(
    tx: Transaction, record: Record, thread_id: int, first: int
) -> list[tuple[int, set[str], set[str]]]:
    """The messages of a record from *first* on: id, what each is known by, what each cites."""
    mine = lying_in(record, thread_id) & (m.id >= first)
    rows = await tx.all(sa.select(m.id, m.header_id, m.refs).where(mine).order_by(m.id))
    alias = message_aliases.c
    joined = message_aliases.join(messages, m.id == alias.message_id)
    also = sa.select(alias.message_id, alias.header_id).select_from(joined).where(mine)
    names: dict[int, set[str]] = {}
    for row in await tx.all(also):
        names.setdefault(row.message_id, set()).add(row.header_id)
    return [(r.id, {r.header_id, *names.get(r.id, ())}, {*r.refs}) for r in rows]


async def put(tx: Transaction, message_ids: Collection[int], to: Record, thread_id: int) -> None:
    """Messages, and the rows of the outbox that carry them, lie in another record."""
    in_case, some = to is Record.CASE, set(message_ids)
    values = {
        "interaction_id": None if in_case else thread_id,
        "case_id": thread_id if in_case else None,
    }
    await tx.execute(sa.update(messages).where(m.id.in_(some)).values(values))
    carried = sa.update(outbox).where(outbox.c.message_id.in_(some))
    await tx.execute(carried.values(thread_id=thread_id, record=to.value))


async def mark(tx: Transaction, message_ids: Collection[int], move_id: int | None) -> None:
    """By which move they lie where they lie; None: by none."""
    some = m.id.in_(set(message_ids))
    await tx.execute(sa.update(messages).where(some).values(move_id=move_id))


async def under_way(tx: Transaction, message_ids: Collection[int]) -> bool:
    """Whether one of these is still to go out, so that it can be taken back, or goes just now."""
    mine = outbox.c.message_id.in_(set(message_ids)) & outbox.c.state.in_(UNDER_WAY)
    return await tx.one(sa.select(outbox.c.id).where(mine).limit(1)) is not None


async def anything_left(tx: Transaction, record: Record, thread_id: int) -> bool:
    """Whether a record holds a mail, or a note that somebody wrote."""
    if await tx.one(sa.select(m.id).where(lying_in(record, thread_id)).limit(1)) is not None:
        return True
    return await noted(tx, record, thread_id)


async def noted(tx: Transaction, record: Record, thread_id: int) -> bool:
    """Whether somebody wrote a note in a record."""
    same = (events.c.record == record.value) & (events.c.record_id == thread_id)
    note = same & (events.c.type == Happened.NOTE_ADDED.value)
    return await tx.one(sa.select(events.c.seq).where(note).limit(1)) is not None


async def new_key(tx: Transaction) -> int:
    """The number of a move to come."""
    return await tx.new_id(message_moves)


async def keep(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Remember a move."""
    await tx.insert(message_moves, [dict(row)])


async def get(tx: Transaction, move_id: int) -> sa.Row[Any]:
    """A move, locked. Raises `NotFound`."""
    query = sa.select(message_moves).where(message_moves.c.id == move_id)
    row = await tx.one(query.with_for_update())
    if row is None:
        raise NotFound("This move is not known.")
    return row


async def of(tx: Transaction, move_id: int | None) -> sa.Row[Any] | None:
    """A move, not locked; None without one."""
    if move_id is None:
        return None
    return await tx.one(sa.select(message_moves).where(message_moves.c.id == move_id))


async def mark_undone(tx: Transaction, move_id: int, at: datetime) -> None:
    """It holds no more."""
    same = message_moves.c.id == move_id
    await tx.execute(sa.update(message_moves).where(same).values(undone_at=at))


async def drop_participants(tx: Transaction, thread_id: int, emails: Collection[str]) -> None:
    """These addresses take no part in a record any more."""
    p = participants.c
    gone = (p.thread_id == thread_id) & p.email.in_(set(emails))
    await tx.execute(sa.delete(participants).where(gone))

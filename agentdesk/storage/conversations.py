"""The conversation of an interaction or a case: which records it lies in, and their events."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.domain.event import Record
from agentdesk.storage import cases as case_rows
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import cases, customers, events, interactions

Places = dict[str, list[int]]
"""The ids of the records that a conversation lies in, by kind."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a conversation is about."""

    record: Record
    number: str
    subject: str
    customer: str
    description: str = ""


async def subject_of(tx: Transaction, thread_id: int) -> Subject:
    """Raises `NotFound`."""
    i, k = interactions, cases
    query = sa.select(i.c.number, i.c.subject, customers.c.name).where(i.c.id == thread_id)
    row = await tx.one(query.join_from(i, customers, customers.c.id == i.c.customer_id))
    if row is not None:
        return Subject(Record.INTERACTION, row.number, row.subject, row.name)
    about = (k.c.number, k.c.subject, k.c.description, customers.c.name)
    joined = sa.select(*about).join_from(k, customers, customers.c.id == k.c.customer_id)
    row = await tx.one(joined.where(k.c.id == thread_id))
    if row is None:
        raise NotFound("This conversation does not exist.")
    return Subject(Record.CASE, row.number, row.subject, row.name, row.description)


async def places_of(tx: Transaction, record: Record, thread_id: int) -> Places:
    """An interaction lies in itself; a case also in what it grew out of, and what was merged into it."""
    if record is Record.INTERACTION:
        return {Record.INTERACTION.value: [thread_id]}
    family = [*await case_rows.family(tx, thread_id)]
    there = await case_rows.conversations_of(tx, family)
    return {Record.CASE.value: [*family], Record.INTERACTION.value: there}


async def oldest(
    tx: Transaction, places: Places, types: Iterable[str], limit: int
) -> list[sa.Row[Any]]:
    """The first *limit* events of these types, oldest first."""
    query = _query(places, types).order_by(events.c.seq)
    return await tx.all(query.limit(limit))


async def newest(
    tx: Transaction, places: Places, types: Iterable[str], limit: int, *, after: int = 0
) -> list[sa.Row[Any]]:
    """The last *limit* events of these types behind the event *after*, oldest first."""
    query = _query(places, types).where(events.c.seq > after).order_by(events.c.seq.desc())
    return list(reversed(await tx.all(query.limit(limit))))


def _query(places: Places, types: Iterable[str]) -> sa.Select[Any]:
    inside = [
        (events.c.record == record) & events.c.record_id.in_(ids)
        for record, ids in places.items()
        if ids
    ]
    return sa.select(events).where(sa.or_(*inside), events.c.type.in_(list(types)))

"""What links mails to records: records around others, letters to weigh, decisions that were made."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from agentdesk.domain.case import Case
from agentdesk.domain.event import Happened
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.ladder import Link
from agentdesk.domain.message import MailKind
from agentdesk.storage.cases import NOT_CLOSED_STATES
from agentdesk.storage.interactions import OPEN_STATES
from agentdesk.storage.rows import load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    case_relations,
    cases,
    events,
    interactions,
    link_decisions,
    messages,
)

LATEST: Final = 5
"""So many letters of a conversation are weighed, beside the first."""

LONGEST: Final = 20_000
"""Characters of a letter that are read."""

MOST_AT_ONCE: Final = 2_000
"""Open records of the senders of a batch that are looked at, the newest first."""

PROGRAMS = sorted(k.value for k in (MailKind.BOUNCE, MailKind.AUTO_REPLY, MailKind.LOOP))


async def cases_around(tx: Transaction, case_ids: Collection[int]) -> set[int]:
    """Cases that are related to these, their parents and their parts."""
    if not case_ids:
        return set()
    c, r, some = cases.c, case_relations.c, set(case_ids)
    parts = sa.select(c.id).where(c.parent_id.in_(some))
    parents = sa.select(c.parent_id).where(c.id.in_(some) & c.parent_id.is_not(None))
    related = sa.select(r.other_id).where(r.case_id.in_(some))
    also = sa.select(r.case_id).where(r.other_id.in_(some))
    return {row[0] for row in await tx.all(sa.union(parts, parents, related, also))}


async def interactions_of(tx: Transaction, case_ids: Collection[int]) -> set[int]:
    """Open interactions that are linked to these cases."""
    i = interactions.c
    mine = i.case_id.in_(set(case_ids)) & i.state.in_(OPEN_STATES)
    return {r.id for r in await tx.all(sa.select(i.id).where(mine))} if case_ids else set()


async def open_interactions(tx: Transaction, customers: Collection[int]) -> list[Interaction]:
    """Open interactions of these customers, the newest first, not locked."""
    i = interactions.c
    mine = i.customer_id.in_(set(customers)) & i.state.in_(OPEN_STATES)
    query = sa.select(interactions).where(mine).order_by(i.id.desc()).limit(MOST_AT_ONCE)
    return [load(Interaction, r) for r in await tx.all(query)] if customers else []


async def open_cases(tx: Transaction, customers: Collection[int]) -> list[Case]:
    """Cases of these customers that are not closed, the newest first, not locked."""
    c = cases.c
    mine = c.customer_id.in_(set(customers)) & c.state.in_(NOT_CLOSED_STATES)
    query = sa.select(cases).where(mine).order_by(c.id.desc()).limit(MOST_AT_ONCE)
    return [load(Case, r) for r in await tx.all(query)] if customers else []


async def talks_of(tx: Transaction, case_ids: Collection[int]) -> list[tuple[int, int]]:
    """Case and interaction, for each interaction that one of these cases grew out of."""
    i = interactions.c
    query = sa.select(i.case_id, i.id).where(i.case_id.in_(set(case_ids)))
    return [(r.case_id, r.id) for r in await tx.all(query)] if case_ids else []


async def heads(
    tx: Transaction, interaction_ids: Collection[int], case_ids: Collection[int]
) -> dict[int, sa.Row[Any]]:
    """Subject and description of these threads."""
    i, c, found = interactions.c, cases.c, list[sa.Row[Any]]()
    if interaction_ids:
        blank = sa.literal("").label("description")
        found += await tx.all(sa.select(i.id, i.subject, blank).where(i.id.in_(interaction_ids)))
    if case_ids:
        found += await tx.all(sa.select(c.id, c.subject, c.description).where(c.id.in_(case_ids)))
    return {row.id: row for row in found}


async def letters(
    tx: Transaction, interaction_ids: Collection[int], case_ids: Collection[int]
) -> list[sa.Row[Any]]:
    """The first and the latest letters of these threads, oldest first; none that a program wrote."""
    m = messages.c
    found: list[sa.Row[Any]] = []
    for column, ids in ((m.interaction_id, interaction_ids), (m.case_id, case_ids)):
        if ids:
            found += await tx.all(_letters(column, ids))
    return sorted(found, key=lambda row: row.id)


def _letters(column: sa.ColumnElement[Any], ids: Collection[int]) -> sa.Select[Any]:
    m = messages.c
    latest = sa.func.row_number().over(partition_by=column, order_by=m.id.desc())
    first = sa.func.row_number().over(partition_by=column, order_by=m.id)
    mine = column.in_(set(ids)) & m.kind.not_in(PROGRAMS)
    ranked = sa.select(m.id, latest.label("latest"), first.label("first")).where(mine).subquery()
    some = (ranked.c.latest <= LATEST) | (ranked.c.first == 1)
    text = sa.func.substr(m.text, 1, LONGEST).label("text")
    columns = (m.id, m.interaction_id, m.case_id, m.sender, m.sender_name, m.subject, m.at)
    wanted = m.id.in_(sa.select(ranked.c.id).where(some))
    return sa.select(*columns, text, m.latest).where(wanted)


def decision_row(
    message_id: int, link: Link, at: datetime, matcher: str, threshold: float
) -> dict[str, Any]:
    """A decision as it is stored."""
    weighed = [
        {"kind": c.record.kind.value, "id": c.record.id, "number": c.record.number}
        | {"score": round(c.score, 4), "words": c.words}
        for c in link.considered
    ]
    return {
        "message_id": message_id,
        "at": at,
        "rung": link.rung.value,
        "reason": link.reason,
        "matcher": matcher,
        "threshold": threshold,
        "candidates": weighed,
        "proposed_id": link.proposal.id if link.proposal else None,
    }


async def keep(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """New decisions."""
    await tx.insert(link_decisions, list(rows))


async def decision(tx: Transaction, message_id: int) -> sa.Row[Any] | None:
    """Why a message was filed where it was, if that was more than a plain append."""
    same = link_decisions.c.message_id == message_id
    return await tx.one(sa.select(link_decisions).where(same))


async def answer_proposal(tx: Transaction, message_id: int) -> None:
    """Nothing is proposed any more."""
    same = link_decisions.c.message_id == message_id
    await tx.execute(sa.update(link_decisions).where(same).values(proposed_id=None))


async def named(tx: Transaction, thread_ids: Collection[int]) -> dict[int, sa.Row[Any]]:
    """Threads by id: record, number, subject, state."""
    found: dict[int, sa.Row[Any]] = {}
    for record, table in (("interaction", interactions), ("case", cases)):
        t = table.c
        columns = (t.id, sa.literal(record).label("record"), t.number, t.subject, t.state)
        rows = await tx.all(sa.select(*columns).where(t.id.in_(set(thread_ids))))
        found |= {row.id: row for row in rows}
    return found


async def received(tx: Transaction, record: str, thread_id: int, message_id: int) -> dict[str, Any]:
    """What was said when a mail came into a record; empty where it is not known."""
    e = events.c
    same = (e.record == record) & (e.record_id == thread_id) & (e.message_id == message_id)
    query = sa.select(e.data).where(same & (e.type == Happened.MAIL_RECEIVED.value))
    row = await tx.one(query.limit(1))
    return dict(row.data) if row is not None else {}


async def unread_of(tx: Transaction, thread_ids: Collection[int]) -> dict[int, int]:
    """The unread marks of the owners of these threads."""
    found: dict[int, int] = {}
    for table in (interactions, cases):
        t = table.c
        rows = await tx.all(sa.select(t.id, t.unread).where(t.id.in_(set(thread_ids))))
        found |= {row.id: row.unread for row in rows}
    return found


async def notices_since(tx: Transaction, since: datetime) -> int:
    """How many of the newest mails are notices to agents, which belong to no record."""
    m = messages.c
    newest = sa.select(m.id).order_by(m.id.desc()).limit(MOST_AT_ONCE).subquery()
    nowhere = m.interaction_id.is_(None) & m.case_id.is_(None) & (m.at >= since)
    query = sa.select(sa.func.count()).select_from(messages)
    row = await tx.one(query.where(nowhere & m.id.in_(sa.select(newest.c.id))))
    return int(row[0]) if row else 0

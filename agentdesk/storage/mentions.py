"""Who was mentioned in which note, until they have seen it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ids import AgentId, ThreadId
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import cases, events, interactions, mentions

m = mentions.c
SHOWN_LIMIT = 100
THREADS = ("interaction", "case")
NOTE_SEQ = (
    sa.select(sa.func.max(events.c.seq))
    .where(
        events.c.record.in_(THREADS),
        events.c.record_id == m.thread_id,
        events.c.type == "note_added",
        events.c.at == m.at,
    )
    .scalar_subquery()
    .label("seq")
)
"""The note itself: events get their numbers only when the transaction ends."""


async def add(
    tx: Transaction,
    agents: Sequence[tuple[AgentId, str]],
    thread_id: ThreadId,
    by: str,
    at: datetime,
) -> None:
    """Agents, each with the words around, were mentioned in a note of *at*."""
    ids = await tx.new_ids(mentions, len(agents)) if agents else []
    same = {"thread_id": thread_id, "by": by, "at": at}
    rows = [
        {"id": key, "agent_id": agent, "words": words, **same}
        for key, (agent, words) in zip(ids, agents, strict=True)
    ]
    await tx.insert(mentions, rows)


async def unseen(tx: Transaction, agent_id: AgentId) -> list[sa.Row[Any]]:
    """Mentions that an agent has not seen, the newest first, with the number of the note's event."""
    i, k = interactions.c, cases.c
    joined = mentions.outerjoin(interactions, i.id == m.thread_id)
    joined = joined.outerjoin(cases, k.id == m.thread_id)
    number = sa.func.coalesce(i.number, k.number).label("number")
    subject = sa.func.coalesce(i.subject, k.subject).label("subject")
    record = sa.case((k.id.is_not(None), "case"), else_="interaction").label("record")
    columns = (*m, record, number, subject, NOTE_SEQ)
    mine = (m.agent_id == agent_id) & m.seen_at.is_(None)
    query = sa.select(*columns).select_from(joined).where(mine)
    return await tx.all(query.order_by(m.id.desc()).limit(SHOWN_LIMIT))


async def see(tx: Transaction, agent_id: AgentId, mention_id: int, now: datetime) -> bool:
    """The agent looks at the note; whether that is news."""
    return await _see(tx, (m.id == mention_id) & (m.agent_id == agent_id), now)


async def see_through(
    tx: Transaction, agent_id: AgentId, thread_id: ThreadId, seq: int, now: datetime
) -> bool:
    """The agent has read that stream up to the event *seq*; whether a mention was in it."""
    there = events.c.record.in_(THREADS) & (events.c.record_id == thread_id)
    last = sa.select(sa.func.max(events.c.at)).where(there, events.c.seq <= seq).scalar_subquery()
    mine = (m.agent_id == agent_id) & (m.thread_id == thread_id)
    return await _see(tx, mine & (m.at <= last), now)


async def _see(tx: Transaction, which: sa.ColumnElement[bool], now: datetime) -> bool:
    unseen = which & m.seen_at.is_(None)
    done = await tx.execute(sa.update(mentions).where(unseen).values(seen_at=now))
    return bool(done.rowcount)

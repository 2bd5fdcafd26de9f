"""Kept summaries of conversations, and what agents think of them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import SummaryId
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import agents, summaries, summary_votes

s = summaries.c
SAID = ("issue", "done", "next_steps")
_ERASED = sa.and_(*(s[name] == "" for name in SAID))


async def insert(tx: Transaction, row: Mapping[str, Any]) -> SummaryId:
    """Keep one; older ones of the conversation stay, with their votes."""
    key = await tx.new_id(summaries)
    await tx.insert(summaries, [{"id": key, **row}])
    return SummaryId(key)


async def newest(tx: Transaction, thread_id: int, agent_id: int) -> sa.Row[Any] | None:
    """The last one of a conversation, with the name of who asked for it and the agent's own vote."""
    mine = (summary_votes.c.summary_id == s.id) & (summary_votes.c.agent_id == agent_id)
    joined = summaries.outerjoin(agents, agents.c.id == s.agent_id).outerjoin(summary_votes, mine)
    columns = (*s, agents.c.name.label("asked_by"), summary_votes.c.helpful)
    query = sa.select(*columns).select_from(joined).where(s.thread_id == thread_id, ~_ERASED)
    return await tx.one(query.order_by(s.id.desc()).limit(1))


async def get(tx: Transaction, summary_id: int) -> sa.Row[Any]:
    """One of them. Raises `NotFound`, also for one whose person was erased."""
    row = await tx.one(sa.select(summaries).where(s.id == summary_id, ~_ERASED))
    if row is None:
        raise NotFound("This summary does not exist any more.")
    return row


async def vote(
    tx: Transaction, summary_id: int, agent_id: int, helpful: bool | None, now: datetime
) -> None:
    """What an agent thinks of one; None takes it back."""
    if helpful is None:
        v = summary_votes.c
        mine = (v.summary_id == summary_id) & (v.agent_id == agent_id)
        await tx.execute(sa.delete(summary_votes).where(mine))
        return
    row = {"summary_id": summary_id, "agent_id": agent_id, "helpful": helpful, "at": now}
    await tx.put(summary_votes, row)


async def empty(tx: Transaction, thread_ids: Collection[int]) -> None:
    """They say nothing any more; that they were made, by whom and at what cost, stays."""
    values = dict.fromkeys(SAID, "")
    await tx.execute(sa.update(summaries).where(s.thread_id.in_(thread_ids)).values(**values))

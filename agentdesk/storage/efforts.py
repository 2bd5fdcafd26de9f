"""How long agents worked: a row for each stretch that an interaction (intake) or a case (resolution)
lay in one agent's hands. Rows are only appended.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.event import Record
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import agents, efforts, queues

e = efforts.c


async def add(
    tx: Transaction,
    at: datetime,
    record: Record,
    thread_id: int,
    seconds: float,
    *,
    case_id: int | None,
    agent_id: int | None,
    queue_id: int | None,
) -> None:
    """A stretch that ended at *at*."""
    row = {"id": await tx.new_id(efforts), "at": at, "record": record.value, "seconds": seconds}
    whose = {"case_id": case_id, "agent_id": agent_id, "queue_id": queue_id}
    await tx.insert(efforts, [{**row, **whose, "thread_id": thread_id}])


async def belong_to(tx: Transaction, interaction_id: int, case_id: int | None) -> None:
    """What was spent on an interaction counts for the case that it is part of."""
    same = (e.thread_id == interaction_id) & (e.record == Record.INTERACTION.value)
    await tx.execute(sa.update(efforts).where(same).values(case_id=case_id))


async def of_cases(tx: Transaction, case_ids: Collection[int]) -> dict[str, float]:
    """Seconds by kind of record, of these cases and the interactions that they grew out of."""
    total = sa.func.sum(e.seconds).label("seconds")
    query = sa.select(e.record, total).where(e.case_id.in_(case_ids)).group_by(e.record)
    return {r.record: float(r.seconds) for r in await tx.all(query)}


async def by_agent(tx: Transaction, since: datetime, until: datetime) -> list[sa.Row[Any]]:
    """agent_id, name, record, threads, seconds of what ended in a period; by name."""
    joined = efforts.outerjoin(agents, agents.c.id == e.agent_id)
    return await _summed(tx, joined, (e.agent_id, agents.c.name), since, until)


async def by_queue(tx: Transaction, since: datetime, until: datetime) -> list[sa.Row[Any]]:
    """queue_id, name, record, threads, seconds of what ended in a period; by name."""
    joined = efforts.outerjoin(queues, queues.c.id == e.queue_id)
    return await _summed(tx, joined, (e.queue_id, queues.c.name), since, until)


async def _summed(
    tx: Transaction, joined: Any, whose: tuple[Any, ...], since: datetime, until: datetime
) -> list[sa.Row[Any]]:
    total = sa.func.sum(e.seconds).label("seconds")
    threads = sa.func.count(sa.distinct(e.thread_id)).label("threads")
    query = sa.select(*whose, e.record, threads, total).select_from(joined)
    query = query.where(e.at >= since, e.at < until).group_by(*whose, e.record)
    return await tx.all(query.order_by(whose[1], whose[0], e.record))

"""Cases as screens show them: heads, and the records around them."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import agents, cases, customers, interactions

k, i = cases.c, interactions.c
NAMED = cases.join(customers, customers.c.id == k.customer_id).outerjoin(
    agents, agents.c.id == k.owner_id
)


async def head(tx: Transaction, case_id: int) -> sa.Row[Any] | None:
    """One case with the names that its tab shows: owner, merged_number."""
    taken_over = cases.alias("taken_over")
    joined = cases.outerjoin(agents, agents.c.id == k.owner_id)
    joined = joined.outerjoin(taken_over, taken_over.c.id == k.merged_into)
    columns = (
        *cases.c,
        agents.c.name.label("owner"),
        taken_over.c.number.label("merged_number"),
    )
    return await tx.one(sa.select(*columns).select_from(joined).where(k.id == case_id))


async def grown_from(tx: Transaction, case_ids: Collection[int], limit: int) -> list[sa.Row[Any]]:
    """The interactions that these cases grew out of, the newest first: id, number, subject, state."""
    columns = (i.id, i.number, i.subject, i.state)
    query = sa.select(*columns).where(i.case_id.in_(case_ids)).order_by(i.id.desc()).limit(limit)
    return await tx.all(query)


async def by_ids(tx: Transaction, ids: Collection[int]) -> list[sa.Row[Any]]:
    """Some cases, in order of their ids."""
    query = sa.select(cases).where(k.id.in_(ids)).order_by(k.id)
    return await tx.all(query) if ids else []


async def children(tx: Transaction, case_id: int, limit: int) -> list[sa.Row[Any]]:
    """The cases that are part of this one, the newest first."""
    query = sa.select(cases).where(k.parent_id == case_id).order_by(k.id.desc()).limit(limit)
    return await tx.all(query)

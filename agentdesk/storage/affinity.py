"""Who knows a customer: the agents of their latest conversations and of their open cases."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import accounts, cases, customers, interactions

RECENT = 20
"""So many of the newest conversations are looked at: what a sender of thousands costs stays small."""
MOST_CASES = 1_000


async def last_of_customers(tx: Transaction, ids: Collection[int]) -> dict[int, sa.Row[Any]]:
    """The newest conversation of each customer that an agent has or had: owner_id, changed_at."""
    return await _last(tx, customers, interactions.c.customer_id, ids)


async def last_of_accounts(tx: Transaction, ids: Collection[int]) -> dict[int, sa.Row[Any]]:
    """The newest conversation with any contact of each account: owner_id, changed_at."""
    return await _last(tx, accounts, interactions.c.account_id, ids)


async def _last(
    tx: Transaction, table: sa.Table, column: sa.Column[Any], ids: Collection[int]
) -> dict[int, sa.Row[Any]]:
    if not ids:
        return {}
    newest = sa.select(interactions.c.id, interactions.c.owner_id).where(column == table.c.id)
    newest = newest.order_by(interactions.c.id.desc()).limit(RECENT).correlate(table)
    recent = newest.subquery()
    owned = sa.select(sa.func.max(recent.c.id)).where(recent.c.owner_id.is_not(None))
    last = sa.select(table.c.id, owned.correlate(table).scalar_subquery().label("last"))
    found = last.where(table.c.id.in_(set(ids))).subquery()
    columns = (found.c.id.label("whose"), interactions.c.owner_id, interactions.c.changed_at)
    joined = found.join(interactions, interactions.c.id == found.c.last)
    return {r.whose: r for r in await tx.all(sa.select(*columns).select_from(joined))}


async def open_cases(tx: Transaction, ids: Collection[int]) -> dict[int, list[sa.Row[Any]]]:
    """Open cases of these customers that somebody owns, the newest first: number, owner_id."""
    columns = (cases.c.customer_id, cases.c.number, cases.c.owner_id)
    owned = cases.c.owner_id.is_not(None) & cases.c.closed_at.is_(None)
    query = sa.select(*columns).where(owned & cases.c.customer_id.in_(set(ids)))
    found: dict[int, list[sa.Row[Any]]] = {}
    for r in await tx.all(query.order_by(cases.c.id.desc()).limit(MOST_CASES)) if ids else []:
        found.setdefault(r.customer_id, []).append(r)
    return found

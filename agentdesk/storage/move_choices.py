"""What a person is shown before a mail is moved: records that it may go to, moves that can be undone."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.storage.cases import NOT_CLOSED_STATES
from agentdesk.storage.interactions import OPEN_STATES
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    cases,
    customers,
    interactions,
    link_decisions,
    message_moves,
)

i, k = interactions.c, cases.c


async def proposed_among(tx: Transaction, message_ids: Collection[int]) -> set[int]:
    """Those of these mails for which a record is still proposed."""
    d = link_decisions.c
    open_ones = d.message_id.in_(set(message_ids)) & d.proposed_id.is_not(None)
    rows = await tx.all(sa.select(d.message_id).where(open_ones)) if message_ids else []
    return {r.message_id for r in rows}


async def weighed(tx: Transaction, message_id: int) -> list[dict[str, Any]]:
    """The candidates of the decision about a mail, with `id` and `score`; none without one."""
    d = link_decisions.c
    row = await tx.one(sa.select(d.candidates).where(d.message_id == message_id))
    return list(row.candidates) if row else []


async def not_undone(tx: Transaction, move_ids: Collection[int]) -> set[int]:
    """Those of these moves that still hold."""
    m = message_moves.c
    holding = m.id.in_(set(move_ids)) & m.undone_at.is_(None)
    rows = await tx.all(sa.select(m.id).where(holding)) if move_ids else []
    return {r.id for r in rows}


async def last_move(tx: Transaction, agent_id: int, since: datetime) -> int | None:
    """The newest move of an agent that still holds, not older than *since*."""
    m = message_moves.c
    mine = (m.agent_id == agent_id) & m.undone_at.is_(None) & (m.at >= since)
    row = await tx.one(sa.select(m.id).where(mine).order_by(m.id.desc()).limit(1))
    return int(row.id) if row else None


async def threads(
    tx: Transaction, interaction_ids: Collection[int], case_ids: Collection[int]
) -> dict[int, sa.Row[Any]]:
    """Interactions and cases by id: id, record, number, subject, state, customer, customer_id,
    account_id, merged_into.
    """
    found: list[sa.Row[Any]] = []
    if interaction_ids:
        found += await tx.all(_interactions().where(i.id.in_(set(interaction_ids))))
    if case_ids:
        found += await tx.all(_cases().where(k.id.in_(set(case_ids))))
    return {r.id: r for r in found}


async def open_of_customer(tx: Transaction, customer_id: int, limit: int) -> list[sa.Row[Any]]:
    """A customer's open cases, then their open interactions, each the newest first."""
    talks = _interactions().where((i.customer_id == customer_id) & i.state.in_(OPEN_STATES))
    some = _cases().where((k.customer_id == customer_id) & k.state.in_(NOT_CLOSED_STATES))
    return [
        *await tx.all(some.order_by(k.id.desc()).limit(limit)),
        *await tx.all(talks.order_by(i.id.desc()).limit(limit)),
    ]


async def open_by_name(tx: Transaction, words: str, limit: int) -> list[sa.Row[Any]]:
    """Open cases and interactions whose number, subject or customer begins with *words*, newest first."""
    typed = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    begins, holds = f"{typed}%", f"%{typed}%"
    found = []
    for query, c, states in (
        (_cases(), k, NOT_CLOSED_STATES),
        (_interactions(), i, OPEN_STATES),
    ):
        named = c.number.ilike(begins, escape="\\") | customers.c.name.ilike(begins, escape="\\")
        like = named | c.subject.ilike(holds, escape="\\")
        newest = query.where(c.state.in_(states) & like).order_by(c.id.desc()).limit(limit)
        found += await tx.all(newest)
    return found[:limit]


def _interactions() -> sa.Select[Any]:
    joined = interactions.join(customers, customers.c.id == i.customer_id)
    columns = (i.id, i.number, i.subject, i.state, i.customer_id, i.account_id)
    kind, nobody = sa.literal("interaction").label("record"), sa.null().label("merged_into")
    customer = customers.c.name.label("customer")
    return sa.select(*columns, kind, nobody, customer).select_from(joined)


def _cases() -> sa.Select[Any]:
    joined = cases.join(customers, customers.c.id == k.customer_id)
    columns = (k.id, k.number, k.subject, k.state, k.customer_id, k.account_id, k.merged_into)
    customer = customers.c.name.label("customer")
    return sa.select(*columns, sa.literal("case").label("record"), customer).select_from(joined)

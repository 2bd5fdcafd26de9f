"""What a program answered by itself: counted, so that caps hold."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import auto_answers, interactions


async def add(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Remember answers."""
    await tx.insert(auto_answers, rows)


async def to_senders(tx: Transaction, emails: Collection[str], since: datetime) -> dict[str, int]:
    """How many each address got since then; addresses without any are left out."""
    count = sa.func.count().label("n")
    same = auto_answers.c.email.in_(set(emails)) & (auto_answers.c.at >= since)
    query = sa.select(auto_answers.c.email, count).where(same).group_by(auto_answers.c.email)
    return {r.email: r.n for r in await tx.all(query)} if emails else {}


async def in_thread(tx: Transaction, interaction_id: int) -> int:
    """How many went out in an interaction and in those that it continues."""
    up = sa.select(interactions.c.id, interactions.c.parent_id)
    chain = up.where(interactions.c.id == interaction_id).cte("thread", recursive=True)
    parents = up.join(chain, interactions.c.id == chain.c.parent_id)
    thread = chain.union(parents)
    query = sa.select(sa.func.count()).where(
        auto_answers.c.interaction_id.in_(sa.select(thread.c.id))
    )
    row = await tx.one(query)
    return int(row[0]) if row else 0


async def count_since(tx: Transaction, since: datetime) -> int:
    """How many went out since then, to anybody."""
    row = await tx.one(sa.select(sa.func.count()).where(auto_answers.c.at >= since))
    return int(row[0]) if row else 0

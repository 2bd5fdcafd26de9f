"""What a program mailed by itself: counted, so that caps hold."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.views import Delivery
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import auto_answers, interactions, outbox


class Kind(StrEnum):
    """Why a program mailed by itself."""

    ACKNOWLEDGEMENT = "acknowledgement"
    REMINDER = "reminder"


async def add(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Remember what was mailed."""
    await tx.insert(auto_answers, rows)


async def to_addresses(tx: Transaction, emails: Collection[str], since: datetime) -> dict[str, int]:
    """How many each address got since then; addresses without any are left out."""
    count = sa.func.count().label("n")
    same = auto_answers.c.email.in_(set(emails)) & (auto_answers.c.at >= since)
    query = sa.select(auto_answers.c.email, count).where(same).group_by(auto_answers.c.email)
    return {r.email: r.n for r in await tx.all(query)} if emails else {}


async def in_thread(tx: Transaction, kind: Kind, interaction_id: int) -> int:
    """How many of a kind went out in an interaction and in those that it continues."""
    up = sa.select(interactions.c.id, interactions.c.parent_id)
    chain = up.where(interactions.c.id == interaction_id).cte("thread", recursive=True)
    parents = up.join(chain, interactions.c.id == chain.c.parent_id)
    thread = chain.union(parents)
    here = auto_answers.c.interaction_id.in_(sa.select(thread.c.id))
    row = await tx.one(sa.select(sa.func.count()).where(here & _of(kind)))
    return int(row[0]) if row else 0


async def count_since(tx: Transaction, kind: Kind, since: datetime) -> int:
    """How many of a kind went out since then, to anybody."""
    row = await tx.one(sa.select(sa.func.count()).where((auto_answers.c.at >= since) & _of(kind)))
    return int(row[0]) if row else 0


def _of(kind: Kind) -> sa.ColumnElement[bool]:
    return auto_answers.c.kind == kind.value


async def unsent(tx: Transaction, kind: Kind, interaction_id: int) -> list[sa.Row[Any]]:
    """The outbox rows of this kind and interaction that nobody has begun to send, locked.

    One that is locked already is on its way and left out.
    """
    waiting = outbox.c.state.in_([Delivery.QUEUED.value, Delivery.DEFERRED.value])
    mine = sa.select(auto_answers.c.outbox_id).where(
        _of(kind) & (auto_answers.c.interaction_id == interaction_id)
    )
    query = sa.select(outbox).where(outbox.c.id.in_(mine) & waiting)
    return await tx.all(query.with_for_update(skip_locked=True))

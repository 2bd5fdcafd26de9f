"""The supervisor's list of work items: keyset pages along one index, however many wait.

Every order is a key of numbers. What has no target comes after what has one, so a list in the order
of targets is read along two stretches of the index; of several states, each has its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ids import QueueId
from agentdesk.domain.work import WorkState
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import agents, customers, interactions, queues, work_items

w, i, c = work_items.c, interactions.c, customers.c
QUEUED, OFFERED = WorkState.QUEUED.value, WorkState.OFFERED.value
STATES = {"waiting": (QUEUED,), "offered": (OFFERED,), "attention": (QUEUED, OFFERED)}
BOTH = (QUEUED, OFFERED)
Key = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """Along `columns`, then by id; `stretches` are the conditions under which none of them is null."""

    columns: tuple[sa.ColumnElement[Any], ...]
    stretches: tuple[sa.ColumnElement[bool], ...]


ORDERS = {
    "waited": (Order((w.queued_at,), ()),),
    "priority": (Order((w.priority, w.queued_at), ()),),
    "target": (
        Order((w.target_at,), (w.target_at.is_not(None),)),
        Order((w.queued_at,), (w.target_at.is_(None),)),
    ),
}


def key_of(row: Any, order: str) -> Key:
    """Where a row stands in *order*: the stretch first."""
    if order == "priority":
        return (0, row.priority, row.queued, row.id)
    if order == "waited":
        return (0, row.queued, row.id)
    return (1, row.queued, row.id) if row.target is None else (0, row.target, row.id)


async def page(
    tx: Transaction,
    *,
    which: str,
    order: str,
    where: Sequence[sa.ColumnElement[bool]],
    after: Key | None,
    before: Key | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Up to *limit* rows beyond a place, in order."""
    found: list[sa.Row[Any]] = []
    if which == "attention":
        where = [*where, w.needs_attention]
    for stretch, along in enumerate(ORDERS[order]):
        if (after and after[0] > stretch) or (before and before[0] < stretch):
            continue
        place, backwards = _place(after, stretch), _place(before, stretch)
        for state in STATES.get(which, BOTH):
            conditions = [w.state == state, *along.stretches, *where]
            query = _query(along, conditions, place, backwards, before is not None)
            found += await tx.all(query.limit(limit))
    ranked = sorted(found, key=lambda row: key_of(row, order))
    return ranked[-limit:] if before is not None else ranked[:limit]


def _place(key: Key | None, stretch: int) -> Key | None:
    """The place within a stretch; None where the whole stretch lies beyond it."""
    return key[1:] if key is not None and key[0] == stretch else None


def _query(
    along: Order,
    conditions: Sequence[sa.ColumnElement[bool]],
    after: Key | None,
    before: Key | None,
    backwards: bool,
) -> sa.Select[Any]:
    columns = (*(sa.type_coerce(column, sa.BigInteger) for column in along.columns), w.id)
    query = _rows().where(*conditions)
    if after is not None:
        query = query.where(sa.tuple_(*columns) > sa.tuple_(*map(sa.literal, after)))
    if before is not None:
        query = query.where(sa.tuple_(*columns) < sa.tuple_(*map(sa.literal, before)))
    return query.order_by(*(col.desc() if backwards else col for col in columns))


def _rows() -> sa.Select[Any]:
    joined = (
        work_items.join(interactions, i.id == w.interaction_id)
        .join(customers, c.id == i.customer_id)
        .join(queues, queues.c.id == w.queue_id)
        .outerjoin(agents, agents.c.id == w.agent_id)
    )
    columns = (w.id, w.interaction_id, w.queue_id, w.state, w.priority, w.size, w.queued_at)
    more = (w.target_at, w.needs_attention, w.offers, w.version, w.vip, i.number, i.subject)
    return sa.select(
        i.routing_source,
        *columns,
        *more,
        c.name.label("customer"),
        queues.c.name.label("queue"),
        agents.c.name.label("agent"),
        sa.type_coerce(w.queued_at, sa.BigInteger).label("queued"),
        sa.type_coerce(w.target_at, sa.BigInteger).label("target"),
    ).select_from(joined)


def of_queue(queue_id: QueueId) -> sa.ColumnElement[bool]:
    """Only what waits there."""
    return w.queue_id == queue_id


async def counts(tx: Transaction, queue_id: QueueId | None, most: int) -> dict[str, int]:
    """How many each list holds, by name; counted to *most*."""
    found = {}
    of = [] if queue_id is None else [w.queue_id == queue_id]
    for which in ("waiting", "offered", "attention"):
        more = [w.needs_attention] if which == "attention" else []
        some = sa.select(w.id).where(w.state.in_(STATES[which]), *of, *more).limit(most).subquery()
        row = await tx.one(sa.select(sa.func.count()).select_from(some))
        found[which] = int(row[0]) if row else 0
    return found

"""Work that waits in some queues, as agents pick it: the most urgent and longest waiting first."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ccaas.source import OWN_ROUTING
from agentdesk.domain.ids import QueueId
from agentdesk.domain.work import WorkState
from agentdesk.storage import lists
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import customers, interactions, queues, work_items

w = work_items.c
SHOWN = (
    work_items.join(interactions, interactions.c.id == w.interaction_id)
    .join(customers, customers.c.id == interactions.c.customer_id)
    .join(queues, queues.c.id == w.queue_id)
)
COLUMNS = (
    w.id,
    w.interaction_id,
    interactions.c.number,
    interactions.c.subject,
    customers.c.name.label("customer"),
    w.vip,
    queues.c.name.label("queue"),
    w.priority,
    w.queued_at,
    w.target_at,
    w.needs,
)
PLACE = (w.priority, w.queued_at, w.id)
Place = tuple[int, datetime, int]


async def page(
    tx: Transaction,
    among: Collection[QueueId],
    search: str,
    *,
    after: Place | None,
    before: Place | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """What waits in the queues *among* and is routed here, from a keyset position on."""
    waiting = (w.state == WorkState.QUEUED.value) & w.queue_id.in_(among)
    waiting &= interactions.c.routing_source == OWN_ROUTING
    query = sa.select(*COLUMNS).select_from(SHOWN).where(waiting)
    if search.strip():
        words = f"%{search.strip()}%"
        query = query.where(lists.mentions(search) | interactions.c.subject.ilike(words))
    if after is not None:
        query = query.where(sa.tuple_(*PLACE) > _literal(after))
    if before is not None:
        query = query.where(sa.tuple_(*PLACE) < _literal(before))
        backwards = query.order_by(*(column.desc() for column in PLACE)).limit(limit)
        return list(reversed(await tx.all(backwards)))
    return await tx.all(query.order_by(*PLACE).limit(limit))


def _literal(at: Place) -> Any:
    return sa.tuple_(sa.literal(at[0]), sa.literal(at[1], w.queued_at.type), sa.literal(at[2]))

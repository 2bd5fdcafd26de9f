"""Orders to contact centres: kept with the change that wants them, claimed by one process at a time."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ccaas.orders import LIVE, WAITS_FOR_A_PERSON, Op, Order, OrderState
from agentdesk.domain.errors import FencedOff, NotFound
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import ccaas_orders as orders

_UNFINISHED = [state.value for state in LIVE | WAITS_FOR_A_PERSON]
_LIVE = [state.value for state in LIVE]


async def insert(tx: Transaction, *made: Order) -> None:
    """New orders."""
    await tx.insert(orders, [dump(order) for order in made])


async def get(tx: Transaction, order_id: int) -> Order:
    """One order, locked until the end of a write. Raises `NotFound`."""
    row = await tx.one(sa.select(orders).where(orders.c.id == order_id).with_for_update())
    if row is None:
        raise NotFound("This order to the contact centre is not there any more.")
    return load(Order, row)


async def live_of(tx: Transaction, interaction_id: int) -> list[Order]:
    """What is still on its way for an interaction, in the order of its turn; locked until the end of a
    write.
    """
    mine = (orders.c.interaction_id == interaction_id) & orders.c.state.in_(_LIVE)
    return await _locked(tx, mine)


async def wanted_of(tx: Transaction, interaction_id: int) -> frozenset[Op]:
    """What is still wanted for an interaction, on its way or waiting for a person; not locked."""
    mine = (orders.c.interaction_id == interaction_id) & orders.c.state.in_(_UNFINISHED)
    rows = await tx.all(sa.select(orders.c.op).where(mine).distinct())
    return frozenset(Op(row.op) for row in rows)


async def newest_about(tx: Transaction, interaction_id: int, op: Op, segment: str) -> Order | None:
    """The last order of its kind about this part of a conversation, however it ended."""
    same = (orders.c.interaction_id == interaction_id) & (orders.c.op == op.value)
    mine = sa.select(orders).where(same, orders.c.segment == segment)
    row = await tx.one(mine.order_by(orders.c.id.desc()).limit(1))
    return load(Order, row) if row else None


async def live_of_agent(tx: Transaction, agent_id: int) -> list[Order]:
    """What is on its way for an agent and no interaction; locked until the end of a write."""
    mine = (orders.c.agent_id == agent_id) & orders.c.interaction_id.is_(None)
    live = mine & orders.c.state.in_(_LIVE)
    return await _locked(tx, live)


async def unfinished_of(tx: Transaction, interaction_id: int) -> list[Order]:
    """What is on its way for an interaction or waits for a person, in the order of its turn; locked."""
    states = [state.value for state in LIVE | WAITS_FOR_A_PERSON]
    mine = (orders.c.interaction_id == interaction_id) & orders.c.state.in_(states)
    return await _locked(tx, mine)


async def _locked(tx: Transaction, which: sa.ColumnElement[bool]) -> list[Order]:
    rows = await tx.all(sa.select(orders).where(which).order_by(orders.c.id).with_for_update())
    return [load(Order, row) for row in rows]


async def newest(tx: Transaction, interaction_id: int, op: Op) -> Order | None:
    """The last order of this kind for an interaction, however it stands; locked until the end of a
    write.
    """
    mine = (orders.c.interaction_id == interaction_id) & (orders.c.op == op.value)
    query = sa.select(orders).where(mine).order_by(orders.c.id.desc()).limit(1)
    row = await tx.one(query.with_for_update())
    return load(Order, row) if row else None


async def live_ops(tx: Transaction, interaction_ids: Collection[int]) -> dict[int, frozenset[Op]]:
    """What is on its way for each of these interactions, as lists show it; not locked."""
    if not interaction_ids:
        return {}
    mine = orders.c.interaction_id.in_(set(interaction_ids)) & orders.c.state.in_(_LIVE)
    rows = await tx.all(sa.select(orders.c.interaction_id, orders.c.op).where(mine))
    found: dict[int, frozenset[Op]] = {}
    for row in rows:
        found[row.interaction_id] = found.get(row.interaction_id, frozenset()) | {Op(row.op)}
    return found


async def change(tx: Transaction, order_id: int, now: datetime, **values: Any) -> None:
    """Write some columns."""
    same = orders.c.id == order_id
    await tx.execute(sa.update(orders).where(same).values(changed_at=now, **values))


async def change_fenced(tx: Transaction, order: Order, now: datetime, **values: Any) -> None:
    """Write some columns if the process that claimed *order* as it is still has it. Raises `FencedOff`."""
    mine = (orders.c.id == order.id) & (orders.c.epoch == order.epoch)
    held = orders.c.state == OrderState.IN_FLIGHT.value
    done = await tx.execute(sa.update(orders).where(mine & held).values(changed_at=now, **values))
    if done.rowcount != 1:
        raise FencedOff("Another agentdesk carries out this order now.")

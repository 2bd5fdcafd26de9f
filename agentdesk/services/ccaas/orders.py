"""Orders to contact centres: placed in the transaction that wants them, carried out by the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from agentdesk.domain.ccaas.orders import Op, Order, OrderState, idempotency_key
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, InteractionId
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_orders
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import ccaas_orders as order_table


@dataclass(frozen=True, slots=True)
class Wish:
    """What an order is about; see `Order`."""

    centre: str
    op: Op
    interaction_id: InteractionId | None = None
    agent_id: AgentId | None = None
    segment: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


async def place(
    desk: Desk,
    tx: Transaction,
    centre: str,
    op: Op,
    *,
    interaction_id: InteractionId | None = None,
    agent_id: AgentId | None = None,
    segment: str = "",
    payload: Mapping[str, Any] | None = None,
    by: By = SYSTEM,
) -> Order:
    """A new order, which the engine hears of when the transaction commits."""
    wish = Wish(centre, op, interaction_id, agent_id, segment, payload or {})
    (order,) = await place_all(desk, tx, [wish], by)
    return order


async def place_all(
    desk: Desk, tx: Transaction, wishes: Sequence[Wish], by: By = SYSTEM
) -> list[Order]:
    """New orders in this order, written together."""
    now = desk.clock.now()
    ids = await tx.new_ids(order_table, len(wishes))
    made = [_order(serial, wish, now) for serial, wish in zip(sorted(ids), wishes, strict=True)]
    await ccaas_orders.insert(tx, *made)
    for order in made:
        changed(desk, tx, order, by)
    return made


def _order(serial: int, w: Wish, now: datetime) -> Order:
    subject = f"i{w.interaction_id}" if w.interaction_id else f"a{w.agent_id}"
    key = idempotency_key(w.centre, subject, w.segment, w.op, serial)
    about = (w.interaction_id, w.agent_id, w.segment, w.payload)
    return Order(serial, w.centre, w.op, key, now, now, now, *about)


async def withdraw(desk: Desk, tx: Transaction, order: Order, why: str) -> None:
    """It is not wanted any more, or was overtaken."""
    now = desk.clock.now()
    values = {"state": OrderState.WITHDRAWN.value, "error": why}
    await ccaas_orders.change(tx, order.id, now, **values)
    changed(desk, tx, replace(order, state=OrderState.WITHDRAWN), SYSTEM)


def changed(desk: Desk, tx: Transaction, order: Order, by: By) -> None:
    """Let everybody know; also the screens that show the interaction or the agent."""
    said = {"op": order.op.value, "state": order.state.value}
    about = (Record.CENTRE, order.id, Happened.ORDER_CHANGED)
    now = desk.clock.now()
    tx.record(Event(now, by, *about, said, shown=False))
    if order.interaction_id is not None:
        about = (Record.INTERACTION, order.interaction_id, Happened.ORDER_CHANGED)
        tx.record(Event(now, by, *about, said, shown=False))
    elif order.agent_id is not None:
        about = (Record.AGENT, order.agent_id, Happened.ORDER_CHANGED)
        tx.record(Event(now, by, *about, said, shown=False))

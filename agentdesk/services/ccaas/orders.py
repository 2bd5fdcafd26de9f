"""Orders to contact centres: placed in the transaction that wants them, carried out by the engine."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agentdesk.domain.ccaas.orders import Op, Order, OrderState, idempotency_key
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, InteractionId
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_orders
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import ccaas_orders as order_table


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
    now, serial = desk.clock.now(), await tx.new_id(order_table)
    subject = f"i{interaction_id}" if interaction_id else f"a{agent_id}"
    order = Order(
        serial,
        centre,
        op,
        idempotency_key(centre, subject, segment, op, serial),
        now,
        now,
        now,
        interaction_id,
        agent_id,
        segment,
        payload or {},
    )
    await ccaas_orders.insert(tx, order)
    changed(desk, tx, order, by)
    return order


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

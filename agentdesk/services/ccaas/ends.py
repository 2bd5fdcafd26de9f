"""How an order ends, waits, or goes on: the one place that writes it, and tells everybody.

Source: docs/ccaas.md, *Orders*.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.event import SYSTEM, By
from agentdesk.domain.text import safe
from agentdesk.domain.wrapup import Sync
from agentdesk.services.ccaas import orders, wrapups
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_claims, ccaas_orders
from agentdesk.storage.store import Transaction

FREE: Final[Mapping[str, Any]] = {"lease_owner": "", "lease_until": None}
MOMENTARY: Final = frozenset({Op.ACCEPT, Op.REJECT, Op.TRANSFER})
"""A person asked for it just now: what cannot be done is refused with its reason and never waits."""


def waits_or_refused(order: Order) -> OrderState:
    """What becomes of an order that the centre, or something missing, keeps from being carried out."""
    return OrderState.REFUSED if order.op in MOMENTARY else OrderState.PARKED


async def end(desk: Desk, tx: Transaction, order: Order, state: OrderState, why: str) -> None:
    """It is over, or waits for a person. Raises `FencedOff` where another process carries it out."""
    values = {"state": state.value, **FREE}
    error = safe(why, multiline=False)
    await write(desk, tx, order, **values, error=error, payload=dict(order.payload))
    ended = replace(order, state=state, error=error)
    orders.changed(desk, tx, ended, SYSTEM)
    if order.op is Op.WRAP_UP:
        if state in (OrderState.PARKED, OrderState.DEAD):
            await wrapups.stands(desk, tx, ended, Sync.PARKED)
        elif order.interaction_id is not None:
            await _free_the_end(desk, tx, order.interaction_id)


async def _free_the_end(desk: Desk, tx: Transaction, interaction_id: int) -> None:
    """An END that the centre wanted a code for first."""
    waits = await ccaas_claims.of_interaction(tx, interaction_id, OrderState.PARKED)
    for order in waits:
        if order.op is Op.END:
            await resume(desk, tx, order)


async def again(desk: Desk, tx: Transaction, order: Order, wait_s: float, why: str) -> None:
    """Its turn comes again in *wait_s* seconds. Raises `FencedOff`."""
    due = desk.clock.now() + timedelta(seconds=wait_s)
    values: dict[str, Any] = {"state": OrderState.PENDING.value, **FREE}
    error = safe(why, multiline=False)
    values |= {"due_at": due, "error": error, "payload": dict(order.payload)}
    await write(desk, tx, order, **values)
    orders.changed(desk, tx, replace(order, state=OrderState.PENDING, error=error), SYSTEM)


async def write(desk: Desk, tx: Transaction, order: Order, **values: Any) -> None:
    """One that is carried out is fenced; others are locked by whoever read them."""
    now = desk.clock.now()
    if order.state is OrderState.IN_FLIGHT:
        await ccaas_orders.change_fenced(tx, order, now, **values)
    else:
        await ccaas_orders.change(tx, order.id, now, **values)


async def resume(desk: Desk, tx: Transaction, order: Order, by: By = SYSTEM) -> None:
    """What waits for a person is tried again at once, and for a day; the order is locked."""
    now = desk.clock.now()
    payload = {**order.payload, "since": now.isoformat()}
    values = {"state": OrderState.PENDING.value, "due_at": now, "error": "", "payload": payload}
    await ccaas_orders.change(tx, order.id, now, **values)
    going = replace(order, state=OrderState.PENDING)
    orders.changed(desk, tx, going, by)
    await wrapups.stands(desk, tx, going, Sync.AWAITING)


async def resume_all(
    desk: Desk, tx: Transaction, centre: str, agents: Collection[int] | None = None
) -> int:
    """What waits for a person at *centre* is tried again, that of *agents* or all; how many orders."""
    waiting = await ccaas_claims.parked(tx, centre, agents)
    for order in waiting:
        await resume(desk, tx, order)
    return len(waiting)

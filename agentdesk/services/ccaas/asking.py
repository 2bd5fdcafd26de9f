"""Waiting for what becomes of an order, for as long as a person at the screen does."""

import asyncio

from agentdesk.domain.ccaas.orders import Order
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_orders

LOOK_S = 0.25
"""Other processes are not heard here: they are looked for."""


async def outcome(desk: Desk, order_id: int, patience_s: float = 5.0) -> Order:
    """The order once it ended, or as it is after *patience_s* seconds. Raises `NotFound`."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience_s
    with desk.store.listening() as woken:
        while True:
            woken.clear()
            async with desk.store.read() as tx:
                order = await ccaas_orders.get(tx, order_id)
            left = until - loop.time()
            if not order.state.live or left <= 0:
                return order
            try:
                await asyncio.wait_for(woken.wait(), min(left, LOOK_S))
            except TimeoutError:
                continue

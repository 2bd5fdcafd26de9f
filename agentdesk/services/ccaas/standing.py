"""Orders to contact centres that stand still: of dead processes, without a sign-in, waiting for a person."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Final

from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.event import SYSTEM
from agentdesk.services.ccaas import ends, orders
from agentdesk.services.ccaas.ends import FREE, MOMENTARY
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_centres, ccaas_claims, ccaas_orders
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.ccaas_claims import Hands
from agentdesk.storage.store import Transaction

UNHEARD_S: Final = 5.0
"""A SUBMIT of unknown outcome waits at least so long: the centre may tell of it meanwhile."""
PATIENCE: Final = {True: timedelta(seconds=20), False: timedelta(seconds=60)}
"""How long an order waits for a process that has the sign-in, by whether it is momentary."""


async def recover(desk: Desk, centre: str) -> int:
    """After a crash: what processes had in hand that are gone is tried again, with a look first."""
    async with desk.store.read() as tx:
        if not await ccaas_claims.in_hand(tx, centre):
            return 0
    async with desk.store.write() as tx:
        alive = [row.id for row in await desk_rows.unended_sessions(tx)]
        left = await ccaas_claims.left_behind(tx, centre, alive, desk.clock.now())
        for order in left:
            await _put_back(desk, tx, order)
    return len(left)


async def give_back(desk: Desk, centre: str) -> int:
    """What this process had in hand when it was stopped."""
    async with desk.store.write() as tx:
        mine = await ccaas_claims.held_by(tx, centre, desk.session)
        for order in mine:
            await _put_back(desk, tx, order)
    return len(mine)


async def _put_back(desk: Desk, tx: Transaction, order: Order) -> None:
    wait = UNHEARD_S if order.op is Op.SUBMIT else 0.0
    due = desk.clock.now() + timedelta(seconds=wait)
    values = {"state": OrderState.PENDING.value, "due_at": due, "epoch": order.epoch + 1, **FREE}
    await ccaas_orders.change(tx, order.id, desk.clock.now(), **values)
    orders.changed(desk, tx, replace(order, state=OrderState.PENDING), SYSTEM)


async def park_unserved(desk: Desk, able: Hands) -> int:
    """What needs the sign-in of an agent and found nobody who has it: refused, or it waits for them."""
    now, count = desk.clock.now(), 0
    since = now - min(PATIENCE.values())
    async with desk.store.read() as tx:
        if not await ccaas_claims.any_unserved(tx, able, since):
            return 0
    async with desk.store.write() as tx:
        for order in await ccaas_claims.unserved(tx, able, since):
            if order.due_at <= now - PATIENCE[order.op in MOMENTARY]:
                await ends.end(
                    desk, tx, order, ends.waits_or_refused(order), await _absent(desk, tx, order)
                )
                if order.interaction_id is not None:
                    await ccaas_centres.mark_interaction(tx, order.interaction_id)
                count += 1
    return count


async def _absent(desk: Desk, tx: Transaction, order: Order) -> str:
    row = await desk_rows.agent_as_is(tx, order.agent_id or 0)
    name, centre = row.name if row else "The agent", desk.rules.centres[order.centre].name
    then = "Sign in there, then try again."
    if order.op not in MOMENTARY:
        then = "It goes on once they sign in there."
    return f"{name} is not signed in to {centre}. {then}"


async def go_on(desk: Desk, centre: str, agents: Collection[int] | None = None) -> int:
    """What waits for a person is tried again, that of *agents* or all: something was mended."""
    async with desk.store.write() as tx:
        return await ends.resume_all(desk, tx, centre, agents)

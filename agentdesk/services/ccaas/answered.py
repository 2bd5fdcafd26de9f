"""What became of an agent's answer to an offer of a contact centre, for the screen that waits for it."""

from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.ids import InteractionId
from agentdesk.services.ccaas import asking, sides
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_orders

PATIENCE_S = 5.0
"""So long the screen waits; the order goes on without it."""


async def accepted(desk: Desk, actor: Actor, interaction_id: InteractionId) -> str:
    """Empty once the interaction is the actor's, else the sentence that says why it is not (yet).

    Waits for at most `PATIENCE_S` seconds for the actor's order on its way.
    """
    async with desk.store.read() as tx:
        found = await ccaas_orders.newest(tx, interaction_id, Op.ACCEPT)
    if found is None or found.agent_id != actor.agent_id:
        return ""
    order = await asking.outcome(desk, found.id, PATIENCE_S)
    return "" if order.state is OrderState.CONFIRMED else _why(desk, order)


def _why(desk: Desk, order: Order) -> str:
    name = sides.name_of(desk, order.centre)
    if order.state.live:
        return f"{name} has not answered yet. The card stays until it does."
    return order.error or f"{name} took the offer back."

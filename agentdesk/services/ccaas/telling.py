"""What happens here is told to the contact centre that routes the work: orders are placed in the same
transaction. Nothing is told of what the desk routes itself.
"""

from datetime import datetime

from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.ccaas.source import OWN_ROUTING
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.errors import IllegalTransition
from agentdesk.domain.event import By
from agentdesk.domain.ids import AgentId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address
from agentdesk.domain.wrapup import Segment
from agentdesk.services.ccaas import handover, orders, sides, wrapups
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_conversations, ccaas_orders, ccaas_records, messages
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction


def external(i: Interaction) -> bool:
    """Whether a contact centre routes it."""
    return i.routing_source != OWN_ROUTING


def must_route_here(desk: Desk, i: Interaction, instead: str = "Do it there.") -> None:
    """Raises `IllegalTransition` for what a contact centre routes; *instead* says what to do."""
    if external(i):
        name = sides.name_of(desk, i.routing_source)
        raise IllegalTransition(f"{i.number} is routed by {name}. {instead}")


async def replied(
    desk: Desk,
    tx: Transaction,
    i: Interaction,
    writer: Address | None = None,
    *,
    due_at: datetime | None = None,
) -> None:
    """The customer of *i* wrote again: what is parked there comes back, what ended waits again.

    What is still to be handed over, or told of a mail already, needs no second word. Without a
    *writer*, whoever wrote last. *due_at*: not before then.
    """
    if not external(i):
        return
    waits = await ccaas_orders.live_of(tx, i.id)
    if any(_untried(o) and o.op in (Op.SUBMIT, Op.REPLY) for o in waits):
        return
    account = await desk_rows.account(tx, i.mail_account_id)
    payload = handover.told(desk, i, writer or await _writer(tx, i), account.address)
    about = {"interaction_id": i.id, "payload": payload}
    order = await orders.place(desk, tx, i.routing_source, Op.REPLY, **about)  # type: ignore[arg-type]
    if due_at is not None:
        await ccaas_orders.change(tx, order.id, desk.clock.now(), due_at=due_at)


async def _writer(tx: Transaction, i: Interaction) -> Address:
    row = (await messages.last_inbound(tx, [i.id])).get(i.id)
    return Address(row.sender, row.sender_name) if row is not None else Address("")


async def held(desk: Desk, tx: Transaction, i: Interaction, by: By) -> None:
    """It is On Hold here: parked there, where the centre can do that."""
    centre = desk.centres.get(i.routing_source)
    if external(i) and (centre is None or centre.caps.park):
        await _park(desk, tx, i, Op.PARK, by)


async def resumed(desk: Desk, tx: Transaction, i: Interaction, by: By) -> None:
    """Its owner takes it up again, before the customer wrote."""
    centre = desk.centres.get(i.routing_source)
    if external(i) and (centre is None or centre.caps.park):
        await _park(desk, tx, i, Op.UNPARK, by)


async def _park(desk: Desk, tx: Transaction, i: Interaction, op: Op, by: By) -> None:
    """One that takes back another which was never tried stands for neither."""
    opposite = Op.UNPARK if op is Op.PARK else Op.PARK
    for order in await ccaas_orders.live_of(tx, i.id):
        if order.op is opposite and _untried(order):
            return await orders.withdraw(desk, tx, order, "Taken back before it was tried")
    conversation = await ccaas_conversations.get(tx, i.id)
    if conversation is not None and conversation.segment and i.owner_id is not None:
        whose = {"interaction_id": i.id, "agent_id": i.owner_id, "segment": conversation.segment}
        await orders.place(desk, tx, i.routing_source, op, by=by, **whose)  # type: ignore[arg-type]


def _untried(order: Order) -> bool:
    return order.state is OrderState.PENDING and not order.attempts


async def ended(
    desk: Desk, tx: Transaction, before: Interaction, after: Interaction, segment: Segment | None
) -> None:
    """A handling ended here, with its code in *segment* (None: without one): said and ended there."""
    if external(before):
        await wrapups.ended(desk, tx, before, after, segment)


async def presence(desk: Desk, tx: Transaction, agent_id: AgentId, key: str, by: By) -> None:
    """An agent's presence changed here: every centre that knows them is told; the newest counts."""
    agent = desk.in_force.agents.get(agent_id)
    if agent is None:
        return
    for centre in desk.rules.centres:
        if not await ccaas_records.external(tx, centre, Kind.AGENT, agent.login):
            continue
        for order in await ccaas_orders.live_of_agent(tx, agent_id):
            if order.centre == centre and order.op is Op.PRESENCE and _untried(order):
                await orders.withdraw(desk, tx, order, "A newer presence counts")
        payload = {"presence": key}
        await orders.place(desk, tx, centre, Op.PRESENCE, agent_id=agent_id, payload=payload, by=by)

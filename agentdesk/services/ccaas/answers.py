"""An agent's answer to an offer of a contact centre: the centre is asked, and says what became of it."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.errors import IllegalTransition
from agentdesk.domain.event import By
from agentdesk.domain.work import WorkItem
from agentdesk.services.ccaas import orders, sides
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_conversations, ccaas_orders
from agentdesk.storage.store import Transaction

ASKED: Final[Mapping[Op, str]] = {Op.ACCEPT: "accepting", Op.REJECT: "rejecting"}
"""What a card says of the answer that is on its way."""


async def accept(desk: Desk, tx: Transaction, actor: Actor, item: WorkItem) -> bool:
    """Whether a contact centre made this offer: then it is asked, and the offer stands until it says."""
    return await _answer(desk, tx, actor, item, Op.ACCEPT, {})


async def reject(desk: Desk, tx: Transaction, actor: Actor, item: WorkItem, reason: str) -> bool:
    """The same for a rejection; *reason* is kept for the refusal."""
    return await _answer(desk, tx, actor, item, Op.REJECT, {"reason": reason})


async def asked(tx: Transaction, ids: Collection[int]) -> dict[int, str]:
    """What the card of each of these interactions says while its centre is being told of an answer."""
    found = await ccaas_orders.live_ops(tx, ids)
    words = {key: next((ASKED[op] for op in ops if op in ASKED), "") for key, ops in found.items()}
    return {key: word for key, word in words.items() if word}


async def _answer(
    desk: Desk, tx: Transaction, actor: Actor, item: WorkItem, op: Op, payload: Mapping[str, Any]
) -> bool:
    conversation = await ccaas_conversations.get(tx, item.interaction_id)
    if conversation is None:
        return False
    for order in await ccaas_orders.live_of(tx, item.interaction_id):
        if order.op in ASKED and order.segment == conversation.segment:
            name = sides.name_of(desk, conversation.centre)
            raise IllegalTransition(f"{name} is being asked already. Wait a moment.")
    await orders.place(
        desk,
        tx,
        conversation.centre,
        op,
        interaction_id=item.interaction_id,
        agent_id=actor.agent_id,
        segment=conversation.segment,
        payload=payload,
        by=By.actor(actor),
    )
    return True

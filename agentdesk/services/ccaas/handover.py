"""Handing work over: a mail on a queue that a contact centre routes becomes a conversation there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agentdesk.domain.ccaas.orders import Op, Order
from agentdesk.domain.ccaas.values import WorkRequest
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address
from agentdesk.domain.text import safe
from agentdesk.services.ccaas import orders
from agentdesk.services.ccaas.orders import Wish
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_conversations
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction

INTERACTION: Final = "agentdesk.interaction"
KEY: Final = "agentdesk.key"
"""Attributes by which a conversation that we asked for is known again."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A new interaction that a centre routes; the mail names the conversation *claim*, or none."""

    interaction: Interaction
    writer: Address
    to_address: str
    claim: str = ""


async def hand_over(desk: Desk, tx: Transaction, handed: Sequence[Handed]) -> None:
    """One `executemany` a table; nothing for a desk that routes by itself."""
    if not handed:
        return
    made = [h.interaction for h in handed]
    await ccaas_conversations.insert(tx, [Conversation(i.id, i.routing_source) for i in made])
    wishes = [
        Wish(
            h.interaction.routing_source,
            Op.SUBMIT,
            interaction_id=h.interaction.id,
            payload=told(desk, h.interaction, h.writer, h.to_address) | {"claim": h.claim},
        )
        for h in handed
    ]
    await orders.place_all(desk, tx, wishes)


def told(desk: Desk, i: Interaction, writer: Address, to_address: str) -> dict[str, Any]:
    """What a centre is told of a mail: the payload of SUBMIT and REPLY; `queue` is our key of it."""
    queue = desk.in_force.queues.get(i.queue_id) if i.queue_id is not None else None
    return {
        "number": i.number,
        "queue": queue.key if queue else "",
        "subject": safe(i.subject, multiline=False),
        "from_name": safe(writer.name, multiline=False),
        "from_address": writer.email,
        "to_address": to_address,
        "priority": i.priority,
    }


def request(order: Order, queue: str) -> WorkRequest:
    """What a SUBMIT or REPLY says to the centre; *queue* is the centre's id of the payload's queue."""
    said: Mapping[str, Any] = order.payload
    assert order.interaction_id is not None
    marks = {INTERACTION: str(order.interaction_id)}
    return WorkRequest(
        InteractionId(order.interaction_id),
        said["number"],
        queue,
        said["subject"],
        said["from_name"],
        said["from_address"],
        said["to_address"],
        said["priority"],
        marks | ({KEY: order.key} if order.op is Op.SUBMIT else {}),
    )

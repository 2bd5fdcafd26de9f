"""What a contact centre is told when a handling ends: its code, then its end."""

from dataclasses import dataclass

from agentdesk.domain.ccaas.errors import CodeNotMapped
from agentdesk.domain.ccaas.orders import Order
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.wrapup import Segment, Sync
from agentdesk.services import sessions
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_records
from agentdesk.storage.store import Transaction


async def ended(
    desk: Desk, tx: Transaction, before: Interaction, after: Interaction, segment: Segment | None
) -> None:
    """A handling ended: its code is said there, then its end. Only of what a centre routes."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A code by the centre's id, and the notes that go with it."""

    code: str
    notes: str


async def resolve(desk: Desk, tx: Transaction, order: Order) -> Sent:
    """What a WRAP_UP says to the centre. Raises `CodeNotMapped`."""
    rules, ours = desk.rules.centres[order.centre], str(order.payload["code"])
    for key in (ours, rules.fallback_code):
        found = await ccaas_records.external(tx, order.centre, Kind.CODE, key) if key else None
        if found:
            return Sent(found, str(order.payload.get("notes", "")))
    raise CodeNotMapped(f"{rules.name} has no code that stands for {ours!r}: map it.")


def attributes(order: Order, sent: Sent) -> dict[str, str]:
    """The code as it is written beside a conversation."""
    return {"agentdesk.code": str(order.payload["code"]), "agentdesk.notes": sent.notes}


async def left_alone(desk: Desk, tx: Transaction, order: Order) -> bool:
    """Whether an automatic code has nobody who could say it."""
    agent = order.agent_id
    live = agent is not None and bool(await sessions.live_of(desk, tx, agent))
    return bool(order.payload.get("automatic")) and not live


async def attributed(desk: Desk, tx: Transaction, order: Order) -> None:
    """The code stands beside the conversation."""


async def stands(desk: Desk, tx: Transaction, order: Order, sync: Sync) -> None:
    """How far the centre has the code of an order."""

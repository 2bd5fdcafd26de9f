"""How handlings end at the centre that routes them: the code is said, then the agent's part is ended.

Source: docs/ccaas.md, *Wrap-up codes*.
"""

from dataclasses import dataclass
from typing import Any

from agentdesk.domain.ccaas.errors import CodeNotMapped
from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.wrapup import Code, Segment, Sync, WrapUpSource
from agentdesk.services import sessions
from agentdesk.services.ccaas import orders
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_conversations, ccaas_orders, ccaas_records, wrapups
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction

CODE, NOTES = "agentdesk.code", "agentdesk.notes"
"""Attributes that bear a code where no agent could give it."""
MOVES_ON = frozenset({Sync.AWAITING, Sync.PARKED})


@dataclass(frozen=True, slots=True)
class Sent:
    """What a centre is told: its id of the code, and the notes."""

    code: str
    notes: str


async def ended(
    desk: Desk, tx: Transaction, before: Interaction, after: Interaction, segment: Segment | None
) -> None:
    """A handling ended here: its code, where *segment* has one, and the end are on their way there.

    What was never handed over is not handed over any more.
    """
    conversation = await ccaas_conversations.get(tx, before.id)
    if conversation is None or await _never_there(desk, tx, before):
        return
    part, centre = conversation.segment, conversation.centre
    agent = before.owner_id if part else None
    if segment is not None and agent is not None:
        await say(desk, tx, centre, segment, part)
    where = part if agent is not None else ""
    ids: dict[str, Any] = {"interaction_id": after.id, "agent_id": agent, "segment": where}
    await orders.place(desk, tx, centre, Op.END, **ids)


async def _never_there(desk: Desk, tx: Transaction, i: Interaction) -> bool:
    for order in await ccaas_orders.unfinished_of(tx, i.id):
        if order.op is Op.SUBMIT and not order.attempts and order.state is not OrderState.IN_FLIGHT:
            await orders.withdraw(desk, tx, order, "It ended here before it was handed over")
            return True
    return False


async def say(
    desk: Desk, tx: Transaction, centre: str, s: Segment, part: str, *, insist: bool = False
) -> None:
    """Place the order for the code of a segment. *insist*: also over another that is there."""
    code = await code_of(tx, s)
    if code is None:
        return
    await wrapups.change(
        tx, s.id, sync=Sync.AWAITING.value, external_segment=part, external_code=""
    )
    payload: dict[str, Any] = {"segment": s.id, "code": code.key, "notes": s.notes}
    payload |= {"automatic": is_automatic(s)} | ({"insist": True} if insist else {})
    ids: dict[str, Any] = {"interaction_id": s.interaction_id, "agent_id": s.agent_id}
    await orders.place(desk, tx, centre, Op.WRAP_UP, **ids, segment=part, payload=payload)


async def code_of(tx: Transaction, s: Segment) -> Code | None:
    """The code of a segment, where settings still have it."""
    return next((c for c in await desk_rows.codes(tx) if c.id == s.code_id), None)


async def meant(tx: Transaction, centre: str, external_code: str) -> Code | None:
    """The code of ours that one of theirs means."""
    key = await ccaas_records.local(tx, centre, Kind.CODE, external_code)
    return next((c for c in await desk_rows.codes(tx) if c.key == key), None)


def is_automatic(s: Segment) -> bool:
    """Whether the desk chose the code."""
    return s.source is not WrapUpSource.AGENT


async def resolve(desk: Desk, tx: Transaction, order: Order) -> Sent:
    """What our code is called at the centre, else the fallback, whose notes name ours; in a write.

    Remembers what is sent, to know it again. Raises `CodeNotMapped`.
    """
    key, notes = str(order.payload["code"]), str(order.payload.get("notes", ""))
    code = await ccaas_records.external(tx, order.centre, Kind.CODE, key)
    if code is None:
        label = await _label(tx, key)
        code = await _fallback(desk, tx, order.centre)
        if code is None:
            raise CodeNotMapped(_unmapped(desk, order.centre, key, label))
        notes = f"{label}. {notes}".strip()
    if segment := segment_of(order):
        await wrapups.change(tx, segment, external_code=code)
    return Sent(code, notes)


async def _fallback(desk: Desk, tx: Transaction, centre: str) -> str | None:
    rules = desk.rules.centres.get(centre)
    if rules is None or not rules.fallback_code:
        return None
    return await ccaas_records.external(tx, centre, Kind.CODE, rules.fallback_code)


async def _label(tx: Transaction, key: str) -> str:
    return next((c.label for c in await desk_rows.codes(tx) if c.key == key), key)


def _unmapped(desk: Desk, centre: str, key: str, label: str) -> str:
    rules = desk.rules.centres.get(centre)
    name = rules.name if rules else centre
    return (
        f"The wrap-up code {label} stands for none of {name}. Map it on the screen of contact centres, "
        f"or with agentdesk ccaas map {centre} code {key} THEIRS."
    )


def segment_of(order: Order) -> int:
    """Our wrap-up that an order is about; 0: none."""
    return int(order.payload.get("segment") or 0) if order.op is Op.WRAP_UP else 0


async def left_alone(desk: Desk, tx: Transaction, order: Order) -> bool:
    """Whether nobody will give this automatic code: its agent has no desk open anywhere. One that a person
    wants given waits for them.
    """
    wanted = order.payload.get("automatic") and not order.payload.get("insist")
    if order.op is not Op.WRAP_UP or not wanted:
        return False
    agent = order.agent_id
    return agent is None or not await sessions.live_of(desk, tx, agent)


def attributes(order: Order, sent: Sent) -> dict[str, str]:
    """What is written beside the conversation in place of a code."""
    return {CODE: sent.code, NOTES: sent.notes}


async def attributed(desk: Desk, tx: Transaction, order: Order) -> None:
    """The code stands beside the conversation; an administrator looks whether that will do."""
    await stands(desk, tx, order, Sync.ATTRIBUTE, review=True)


async def stands(
    desk: Desk, tx: Transaction, order: Order, sync: Sync, *, review: bool = False
) -> None:
    """A wrap-up follows the order that tells of it; one whose code is there already does not."""
    if not segment_of(order):
        return
    s = await wrapups.find(tx, segment_of(order))
    if s is not None and s.sync in MOVES_ON:
        await wrapups.change(tx, s.id, sync=sync.value, review=review)

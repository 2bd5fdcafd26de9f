"""What was heard of a contact centre: what is to be read again, and conversations that nobody here knows.

Events are hints. Nothing in them is believed: what they name is read, and the desk brought to that.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import Heard, Snapshot
from agentdesk.domain.ccaas.verdicts import KEY
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.text import safe
from agentdesk.services.ccaas import carrying, orders
from agentdesk.services.desk import Desk
from agentdesk.storage import (
    ccaas_centres,
    ccaas_claims,
    ccaas_conversations,
    ccaas_orders,
    interactions,
)
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction

LEASE: Final = timedelta(seconds=30)


async def take(desk: Desk, centre: str) -> bool:
    """Whether this process is the one that listens to the centre, for the next half minute."""
    name, now = desk.rules.centres[centre].name, desk.clock.now()
    async with desk.store.write() as tx:
        return await ccaas_centres.take(tx, centre, name, desk.session, now, LEASE)


async def release(desk: Desk) -> None:
    """Let others listen."""
    async with desk.store.write() as tx:
        await ccaas_centres.release(tx, desk.session)


async def heard(desk: Desk, centre: str, ids: Collection[str], last: Heard) -> set[str]:
    """These conversations are to be read again, in one transaction; returns those unknown here.

    *last* tells the skew, and what kind of event is not known.
    """
    values: dict[str, object] = {"heard_at": desk.clock.now()}
    if last.skew is not None:
        values["skew_ms"] = round(last.skew / timedelta(milliseconds=1))
    if last.unknown:
        values["unknown_event"] = safe(last.unknown, multiline=False)[:200]
    async with desk.store.write() as tx:
        await ccaas_centres.ensure(tx, centre, desk.rules.centres[centre].name)
        await ccaas_centres.change(tx, centre, **values)
        return set(ids) - await ccaas_centres.mark(tx, centre, ids)


async def ask_again(desk: Desk, tx: Transaction, interaction_id: int) -> None:
    """The handler of `Due.CENTRE`: its conversation is read again now, by whoever listens."""
    await ccaas_centres.mark_interaction(tx, interaction_id)
    about = (Record.CENTRE, 0, Happened.CENTRE_CHANGED)
    tx.record(Event(desk.clock.now(), SYSTEM, *about, {"what": "again"}, shown=False))


async def everything(desk: Desk, centre: str) -> None:
    """Something may have been missed: all that is open is read again."""
    async with desk.store.write() as tx:
        await ccaas_centres.mark_open(tx, centre)
        await ccaas_centres.change(tx, centre, read_at=desk.clock.now())


async def to_read(
    desk: Desk, centre: str, limit: int, fresh: Collection[str] = ()
) -> list[Conversation]:
    """What is to be read again: first what was just heard of, then the longest unseen."""
    async with desk.store.read() as tx:
        found = await ccaas_centres.marked(tx, centre, limit, fresh) if fresh else []
        return found or await ccaas_centres.marked(tx, centre, limit)


async def conversation_of(desk: Desk, interaction_id: int) -> str:
    """What the centre calls an interaction; empty while it was not handed over."""
    async with desk.store.read() as tx:
        row = (await ccaas_conversations.get_many(tx, [interaction_id])).get(interaction_id)
    return (row.external_id if row else None) or ""


async def read(desk: Desk, was: Conversation, snapshot: Snapshot) -> None:
    """Bring the desk to a snapshot that was taken after *was*; what was marked since stays marked."""
    async with desk.store.write() as tx:
        i = await interactions.get(tx, was.interaction_id)
        row = await ccaas_conversations.get(tx, i.id)
        if row is None or row.external_id != snapshot.external_id:
            return
        if row.again and row.version == was.version:
            await ccaas_conversations.save(tx, row, again=False)
        await carrying.settle(desk, tx, i.id, snapshot)


async def unknown(desk: Desk, centre: str, ids: Collection[str]) -> set[str]:
    """Which of these conversations nobody here knows."""
    async with desk.store.read() as tx:
        return set(ids) - await ccaas_centres.known(tx, centre, ids)


async def is_gone(desk: Desk, was: Conversation) -> None:
    """The centre does not know the conversation any more: it has ended there."""
    async with desk.store.read() as tx:
        row = (await ccaas_conversations.get_many(tx, [was.interaction_id])).get(was.interaction_id)
    at = (row.seen_at if row else None) or desk.clock.now()
    gone = Snapshot(was.external_id or "", at, queue="", waiting=False, ended_at=at)
    await read(desk, was, gone)


async def is_trouble(desk: Desk, was: Conversation, why: str) -> None:
    """It could not be read, and reading it again at once would not help."""
    async with desk.store.write() as tx:
        i = await interactions.get(tx, was.interaction_id)
        row = await ccaas_conversations.get(tx, i.id)
        if row is not None and row.external_id == was.external_id:
            said = safe(why, multiline=False)
            await ccaas_conversations.save(tx, row, again=False, trouble=said)


class Whose(StrEnum):
    """What a conversation that nobody here knew turned out to be."""

    STRANGERS = "strangers"
    OURS = "ours"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Adopted:
    """Whose a conversation is, and the interaction that it belongs to."""

    whose: Whose
    interaction_id: InteractionId | None = None


async def adopt(desk: Desk, centre: str, snapshot: Snapshot) -> Adopted:
    """A conversation that carries the key of an order of ours is that order's, whose answer was lost.

    Where the interaction has another one by now, it is a duplicate that nobody shall be offered.
    """
    key = snapshot.attributes.get(KEY, "")
    async with desk.store.write() as tx:
        order = await ccaas_claims.by_key(tx, centre, key) if key else None
        if order is None or order.op is not Op.SUBMIT or order.interaction_id is None:
            return Adopted(Whose.STRANGERS)
        i = await interactions.get(tx, order.interaction_id)
        row = await ccaas_conversations.get(tx, i.id)
        if row is None:
            return Adopted(Whose.STRANGERS)
        if row.external_id not in (None, snapshot.external_id):
            return Adopted(Whose.DUPLICATE, i.id)
        if row.external_id is None:
            await ccaas_conversations.save(tx, row, external_id=snapshot.external_id, trouble="")
        await _submitted(desk, tx, order.id)
        await carrying.settle(desk, tx, i.id, snapshot)
        return Adopted(Whose.OURS, i.id)


async def _submitted(desk: Desk, tx: Transaction, order_id: int) -> None:
    """Its SUBMIT has arrived; who has it in hand at this moment finds that out by themselves."""
    order = await ccaas_orders.get(tx, order_id)
    if order.state in (OrderState.IN_FLIGHT, OrderState.CONFIRMED):
        return
    values = {"state": OrderState.CONFIRMED.value, "error": ""}
    await ccaas_orders.change(tx, order.id, desk.clock.now(), **values)
    orders.changed(desk, tx, replace(order, state=OrderState.CONFIRMED), SYSTEM)

"""What waits for a person at a centre: tried again, given up, decided.

Source: docs/ccaas.md, *Wrap-up codes*.
"""

from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.orders import WAITS_FOR_A_PERSON, Order
from agentdesk.domain.errors import BadInput, Conflict
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import SegmentId
from agentdesk.domain.wrapup import Segment, Sync, WrapUpSource
from agentdesk.services.ccaas import ends, orders, wrapups
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_conversations, ccaas_orders, interactions
from agentdesk.storage import wrapups as wrapup_rows
from agentdesk.storage.store import Transaction


async def retry(desk: Desk, actor: Actor, order_id: int) -> None:
    """Try an order again now. Raises `NotAllowed`, `NotFound`, `Conflict` where it waits for nobody."""
    actor.must_administer()
    async with desk.store.write() as tx:
        order = await _waiting(tx, order_id)
        await ends.resume(desk, tx, order, By.actor(actor))


async def discard(desk: Desk, actor: Actor, order_id: int) -> None:
    """Give an order up: the centre is never told. Raises as `retry`."""
    actor.must_administer()
    async with desk.store.write() as tx:
        order = await _waiting(tx, order_id)
        await orders.withdraw(desk, tx, order, f"Given up by {actor.name}")
        await wrapups.stands(desk, tx, order, Sync.GIVEN_UP)


async def _waiting(tx: Transaction, order_id: int) -> Order:
    order = await ccaas_orders.get(tx, order_id)
    if order.state not in WAITS_FOR_A_PERSON:
        raise Conflict("This no longer waits for anybody.")
    return order


async def decide(desk: Desk, actor: Actor, segment_id: SegmentId, *, theirs: bool) -> None:
    """Which of two agents' codes counts: the centre's, which becomes ours, or ours, which is sent again.

    One that stands only beside the conversation is left so, or given once its agent is signed in there.

    Raises `NotAllowed`, `Conflict` where that is decided, `BadInput` where theirs means none of ours.
    """
    actor.must_administer()
    async with desk.store.write() as tx:
        s = await _to_review(tx, segment_id)
        conversation = await ccaas_conversations.get(tx, s.interaction_id)
        assert conversation is not None
        await wrapup_rows.change(tx, s.id, review=False)
        beside = s.sync is Sync.ATTRIBUTE
        if theirs and not beside:
            await _take(tx, conversation.centre, s)
        elif not theirs:
            await wrapups.say(desk, tx, conversation.centre, s, s.external_segment, insist=True)
        decided = await wrapup_rows.find(tx, segment_id)
        code = await wrapups.code_of(tx, decided) if decided else None
        data = {"centre": conversation.centre, "code": code.label if code else ""}
        about = (Record.INTERACTION, s.interaction_id, Happened.CODE_DECIDED)
        tx.record(Event(desk.clock.now(), By.actor(actor), *about, data, shown=not beside))


async def _to_review(tx: Transaction, segment_id: SegmentId) -> Segment:
    """Locked through its interaction."""
    found = await wrapup_rows.find(tx, segment_id)
    if found is not None:
        await interactions.get(tx, found.interaction_id)
        found = await wrapup_rows.find(tx, segment_id)
    if found is None or not found.review:
        raise Conflict("Which code counts is decided already.")
    return found


async def _take(tx: Transaction, centre: str, s: Segment) -> None:
    code = await wrapups.meant(tx, centre, s.external_code)
    if code is None:
        raise BadInput("That code means none of ours. Map it first.")
    await wrapup_rows.change(tx, s.id, code_id=code.id, source=WrapUpSource.AGENT.value)

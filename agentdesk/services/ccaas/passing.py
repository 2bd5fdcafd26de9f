"""The desk follows what a centre said of a transfer: it went, it came back, or it failed on its way."""

from typing import Final

from agentdesk.domain import interaction as moves
from agentdesk.domain.ccaas import transfers
from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.ccaas.transfers import Became
from agentdesk.domain.ccaas.values import Snapshot
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, QueueId, SegmentId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.wrapup import Code, Segment, Sync, WrapUpSource
from agentdesk.services import returning
from agentdesk.services.ccaas import orders
from agentdesk.services.ccaas.sides import name_of
from agentdesk.services.desk import Desk
from agentdesk.services.draft_locks import name_of as agent_name
from agentdesk.services.searching import queue_name
from agentdesk.storage import ccaas_orders, interactions, wrapups
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import wrap_up_segments

PASSED_ON: Final = "passed_on"
"""The key of our code that a handling ends with which was passed on; without it the default one."""

GIVEN_UP = "It was given up."


async def settled(
    desk: Desk, tx: Transaction, i: Interaction, conversation: Conversation, snapshot: Snapshot
) -> Interaction:
    """*i*, which is being transferred, as *snapshot* says it stands; as it was while the centre says
    nothing. Where it went or failed, its owner and their capacity are free in this transaction; the
    conversation is left to settling. An order that came to nothing is known by its state.
    """
    order = await ccaas_orders.newest(tx, i.id, Op.TRANSFER)
    if order is None:
        return await interactions.save(tx, moves.end_transfer(i, desk.clock.now()))
    match transfers.became(snapshot, order):
        case Became.ARRIVED:
            return await _arrived(desk, tx, i, order, snapshot)
        case Became.FAILED:
            return await _failed(desk, tx, i, order, snapshot)
        case Became.REFUSED:
            return await _restored(desk, tx, i, order, transfers.why(snapshot, order))
        case Became.ELSEWHERE:
            why = f"{name_of(desk, i.routing_source)} moved or ended it meanwhile."
            return await _restored(desk, tx, i, order, why)
        case Became.NOT_BEGUN if order.state not in STILL_COUNTS:
            await _take_back(desk, tx, order)
            return await _restored(desk, tx, i, order, order.error or GIVEN_UP)
    return i


STILL_COUNTS = frozenset({OrderState.PENDING, OrderState.IN_FLIGHT, OrderState.CONFIRMED})


async def _arrived(
    desk: Desk, tx: Transaction, i: Interaction, order: Order, snapshot: Snapshot
) -> Interaction:
    """To the target's queue; what is for one agent goes to its own, and the centre's offer to them."""
    by = By("agent", agent_name(desk, i.owner_id), i.owner_id)
    said = order.payload
    queue_id = desk.in_force.queue_ids.get(said["queue"], _source(i))
    await _let_go(desk, tx, i, order, queue_id, by, snapshot)
    data = {"from": by.name, "to": said["name"], "note": said["note"]}
    _happened(desk, tx, i, order, Happened.TRANSFERRED, by, data)
    return await interactions.get(tx, i.id)


async def _failed(
    desk: Desk, tx: Transaction, i: Interaction, order: Order, snapshot: Snapshot
) -> Interaction:
    """Into the queue that it came from, to nobody: never back to who passed it on by itself."""
    await _let_go(desk, tx, i, order, _source(i), SYSTEM, snapshot)
    why, back_to = transfers.why(snapshot, order), queue_name(desk, i.queue_id)
    data = {"to": order.payload["name"], "why": why, "back_to": back_to}
    _happened(desk, tx, i, order, Happened.TRANSFER_FAILED, SYSTEM, data)
    return await interactions.get(tx, i.id)


async def _restored(
    desk: Desk, tx: Transaction, i: Interaction, order: Order, why: str
) -> Interaction:
    """As if it had never been tried; settling does what else the centre says."""
    after = await interactions.save(tx, moves.end_transfer(i, desk.clock.now()))
    data = {"to": order.payload["name"], "why": why, "back_to": ""}
    _happened(desk, tx, i, order, Happened.TRANSFER_FAILED, SYSTEM, data)
    return after


async def _take_back(desk: Desk, tx: Transaction, order: Order) -> None:
    """What waited for a person is not carried out once nobody waits for it any more."""
    if order.state in (OrderState.PARKED, OrderState.DEAD):
        await orders.withdraw(desk, tx, order, order.error)


def _source(i: Interaction) -> QueueId:
    assert i.queue_id is not None, "what a centre routes came out of a queue"
    return i.queue_id


async def _let_go(
    desk: Desk,
    tx: Transaction,
    i: Interaction,
    order: Order,
    queue_id: QueueId,
    by: By,
    snapshot: Snapshot,
) -> None:
    """No owner, no capacity, and a new search with the note; the draft goes along."""
    ended = moves.end_transfer(i, desk.clock.now())
    await returning.give_back(desk, tx, ended, queue_id, by, order.payload["note"])
    await _wrap_up(desk, tx, i, order, snapshot)


def _happened(
    desk: Desk,
    tx: Transaction,
    i: Interaction,
    order: Order,
    what: Happened,
    by: By,
    data: dict[str, str],
) -> None:
    said = {**data, "centre": name_of(desk, i.routing_source), "order": order.id}
    tx.record(Event(desk.clock.now(), by, Record.INTERACTION, i.id, what, said))


# What the handling that was passed on owes


async def _wrap_up(
    desk: Desk, tx: Transaction, i: Interaction, order: Order, snapshot: Snapshot
) -> None:
    """Some queues want a code of a part that was passed on; until it is there, its agent gets no work."""
    ours = snapshot.segment(order.segment)
    if ours is None or not ours.owes_code or ours.code is not None or order.agent_id is None:
        return
    codes = await desk_rows.codes(tx)
    code = next((c for c in codes if c.key == PASSED_ON), None)
    code = code or next((c for c in codes if c.default), None)
    if code is None:
        return
    segment = await _segment(desk, tx, i, order, order.agent_id, code)
    payload = {"segment": segment, "code": code.key, "notes": "", "automatic": True}
    whose = {"interaction_id": i.id, "agent_id": order.agent_id, "segment": order.segment}
    await orders.place(desk, tx, order.centre, Op.WRAP_UP, payload=payload, **whose)  # type: ignore[arg-type]


async def _segment(
    desk: Desk, tx: Transaction, i: Interaction, order: Order, agent_id: AgentId, code: Code
) -> SegmentId:
    now, key = desk.clock.now(), SegmentId(await tx.new_id(wrap_up_segments))
    began = i.worked_since or order.created_at
    await wrapups.insert(
        tx,
        Segment(
            key,
            i.id,
            agent_id,
            began,
            None,
            code_id=code.id,
            source=WrapUpSource.TRANSFER,
            submitted_at=now,
            seconds=(now - began).total_seconds(),
            sync=Sync.AWAITING,
            external_segment=order.segment,
        ),
    )
    return key

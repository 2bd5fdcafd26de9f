"""The search for an agent: begun, moved to another queue, overdue, and ended without one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from agentdesk.domain import work as works
from agentdesk.domain.deadline import Due
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, InteractionId, QueueId, WorkItemId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.policy import Overflow
from agentdesk.domain.work import CancelReason, WorkItem, WorkState
from agentdesk.services import qualifying, tally
from agentdesk.services.ccaas import telling
from agentdesk.services.desk import Desk
from agentdesk.storage import deadlines, interactions, work
from agentdesk.storage.store import Transaction

LOOK_AGAIN = timedelta(seconds=30)
"""What ran out of time while it is offered is looked at again after the offer, or so long after."""


async def begin(tx: Transaction, items: Sequence[WorkItem]) -> None:
    """Write new work items, with the moment at which each waited for too long."""
    await work.insert(tx, items)
    overdue = [(w.id, w.overdue_at) for w in items if w.overdue_at is not None]
    await deadlines.add(tx, Due.WAIT, overdue)


async def again(
    desk: Desk,
    tx: Transaction,
    i: Interaction,
    queue_id: QueueId,
    by: By,
    *,
    after: WorkItem | None = None,
    returns_from: AgentId | None = None,
    note: str = "",
    **extra: Any,
) -> WorkItem:
    """A new search for an agent, in a queue; *i* is saved with what the rules say of it there.

    It goes on *after* another one, if named: nobody loses their place, and who passed is not asked.
    *extra* columns of the interaction are written with it.
    """
    since = after.queued_at if after else None
    made = await qualifying.requeued(
        desk, tx, i, queue_id, since=since, returns_from=returns_from, note=note
    )
    if after is not None:
        made = replace(made, passed=after.passed, note=after.note)
    await interactions.save(tx, qualifying.as_queued(i, made), **extra)
    await begin(tx, [made])
    happened(desk, tx, made, Happened.OPENED, by)
    return made


async def move(
    desk: Desk, tx: Transaction, item: WorkItem, queue_id: QueueId, by: By, *, why: str = ""
) -> WorkItem:
    """Queued or Offered → the end of this search and a new one in another queue.

    Nobody loses their place: the time of the first queueing stays. The interaction is locked first.
    """
    i = await interactions.get(tx, item.interaction_id)
    await cancel(tx, item, CancelReason.MOVED)
    made = await again(desk, tx, i, queue_id, by, after=item)
    names = (queue_name(desk, item.queue_id), queue_name(desk, queue_id))
    data = {"from": names[0], "to": names[1], "why": why}
    about = (Record.INTERACTION, i.id, Happened.QUEUE_CHANGED)
    tx.record(Event(desk.clock.now(), by, *about, data))
    await tally.moved(desk, tx, item, made)
    return made


async def cancel(tx: Transaction, item: WorkItem, reason: CancelReason) -> WorkItem:
    """Queued or Offered → Canceled. Raises `IllegalTransition` once accepted."""
    done = await work.save(tx, works.cancel(item, reason))
    await stop_clocks(tx, item)
    return done


async def stop_clocks(tx: Transaction, item: WorkItem) -> None:
    """Nothing happens to this work item by time alone any more."""
    await deadlines.drop(tx, Due.OFFER, item.id)
    await deadlines.drop(tx, Due.WAIT, item.id)


async def close(desk: Desk, tx: Transaction, interaction_id: InteractionId) -> None:
    """The conversation ends: nobody needs to be found for it any more."""
    item = await work.waiting_for(tx, interaction_id)
    if item is not None:
        await cancel(tx, item, CancelReason.CLOSED)
        await tally.abandoned(desk, tx, item)


async def overdue(desk: Desk, tx: Transaction, work_item_id: int) -> None:
    """It waited for as long as its queue allows: attention, another queue, or the end of the search;
    for what a contact centre routes only attention. What is offered just now has its answer first.
    """
    key = WorkItemId(work_item_id)
    i = await interactions.get(tx, await work.interaction_of(tx, key))
    item = await work.get(tx, key)
    now = desk.clock.now()
    if item.state is WorkState.OFFERED:
        await deadlines.put(tx, Due.WAIT, item.id, item.expires_at or now + LOOK_AGAIN)
        return
    queue = desk.in_force.queues.get(item.queue_id)
    if item.state is not WorkState.QUEUED or queue is None:
        return
    target = desk.in_force.queue_ids.get(queue.overflow_queue)
    to_a_centre = target is not None and desk.in_force.queues[target].external
    stays = telling.external(i) or to_a_centre
    then = Overflow.ATTENTION if stays else queue.overflow
    said = {"queue": queue.name, "then": then.value}
    happened(desk, tx, item, Happened.WAITED_TOO_LONG, SYSTEM, said, shown_on_interaction=True)
    if then is Overflow.CANCEL:
        await cancel(tx, item, CancelReason.TIMED_OUT)
        await tally.abandoned(desk, tx, item)
    elif then is Overflow.MOVE and target is not None and target != item.queue_id:
        await move(desk, tx, item, target, SYSTEM, why="waited too long")
    else:
        await work.save(tx, replace(item, needs_attention=True))


def queue_name(desk: Desk, queue_id: QueueId | None) -> str:
    """As people call it; one that settings dropped has none."""
    queue = desk.in_force.queues.get(queue_id) if queue_id is not None else None
    return queue.name if queue else "a queue that is gone"


def happened(
    desk: Desk,
    tx: Transaction,
    item: WorkItem,
    what: Happened,
    by: By,
    data: Mapping[str, Any] | None = None,
    *,
    shown_on_interaction: bool = False,
) -> None:
    """Record what became of a work item; also in the stream of its interaction, where asked."""
    now, said = desk.clock.now(), dict(data or {})
    about = {"interaction": item.interaction_id}
    tx.record(Event(now, by, Record.WORK_ITEM, item.id, what, about | said, shown=False))
    if shown_on_interaction:
        tx.record(Event(now, by, Record.INTERACTION, item.interaction_id, what, said))

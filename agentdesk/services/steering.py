"""Steering: what supervisors do with work items, also with many at once, and the way back.

Each item is a transaction of its own: one that cannot be moved is reported and stops no other.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.board import Refusal, Steered, Targets, Undo
from agentdesk.domain.errors import (
    BadInput,
    CapacityExceeded,
    Conflict,
    DeskError,
    IllegalTransition,
    NotFound,
    StorageProblem,
)
from agentdesk.domain.event import By, Happened
from agentdesk.domain.ids import AgentId, QueueId, WorkItemId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.work import CancelReason, WorkItem, WorkState
from agentdesk.services import (
    capacity,
    destinations,
    explaining,
    offers,
    rechecking,
    returning,
    routing,
    searching,
    tally,
)
from agentdesk.services.ccaas import sides, telling
from agentdesk.services.desk import Desk
from agentdesk.services.searching import happened, queue_name
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import interactions, work
from agentdesk.storage.store import Transaction

MOST = 1_000
PRIORITIES = range(1, 6)
Word = Callable[[Transaction, Interaction, WorkItem], Awaitable[Undo | None]]
"""What is done with one item; the way back, or None where there is none."""


async def targets(desk: Desk, actor: Actor, work_item_ids: Sequence[WorkItemId]) -> Targets:
    """Where these work items may go; with several, who could take the first of them."""
    actor.must_supervise()
    if not work_item_ids:
        raise BadInput("Choose some work first.")
    async with desk.store.read() as tx:
        item = await work.get(tx, work_item_ids[0])
        i = await interactions.get(tx, item.interaction_id)
        return await destinations.find(desk, tx, i, item.needs, item.size)


async def assign(
    desk: Desk, actor: Actor, work_item_ids: Sequence[WorkItemId], agent_id: AgentId
) -> Steered:
    """Offer waiting work to one agent, who must be available and have room for it."""

    async def word(tx: Transaction, i: Interaction, item: WorkItem) -> Undo | None:
        telling.must_route_here(desk, i)
        if item.agent_id == agent_id:
            raise IllegalTransition("They have it already.")
        _must_wait(item)
        if item.state is WorkState.OFFERED:
            item = await offers.withdraw(desk, tx, item, By.actor(actor))
        used = await capacity.in_use(desk, tx, agent_id)
        row = await desk_rows.agent(tx, agent_id)
        why_not = capacity.why_not(desk, row, used, item.channel, item.size)
        if why_not:
            raise CapacityExceeded(f"{row.name} cannot take it now: {why_not}.")
        why = f"assigned by {actor.name}"
        others = await explaining.candidates(desk, tx, item)
        await routing.remember(desk, tx, item, agent_id, why, others)
        made = await offers.make(desk, tx, item, row, By.actor(actor), why)
        return _way_back(made, item) if made.state is WorkState.OFFERED else None

    return await _each(desk, actor, work_item_ids, word)


async def requeue(desk: Desk, actor: Actor, work_item_ids: Sequence[WorkItemId]) -> Steered:
    """Take work from whoever has it, or is asked for it, and let its queue find somebody else."""
    by = By.actor(actor)

    async def word(tx: Transaction, i: Interaction, item: WorkItem) -> Undo | None:
        telling.must_route_here(desk, i)
        if item.state is WorkState.QUEUED:
            raise IllegalTransition("It waits in its queue already.")
        if item.state is WorkState.OFFERED:
            back = await offers.withdraw(desk, tx, item, by)
            _say_requeued(desk, tx, back, by, "")
            return None
        if i.state not in (State.WORK_IN_PROGRESS, State.ON_HOLD) or i.owner_id is None:
            raise IllegalTransition(f"It is {i.state.label}.")
        newest = await work.newest_of(tx, i.id)
        if newest is None or newest.id != item.id:
            raise Conflict("Another search for an agent came after this one. Read it again.")
        owner = await desk_rows.agent_as_is(tx, i.owner_id)
        note = f"Requeued by {actor.name}"
        made = await returning.give_back(desk, tx, i, item.queue_id, by, note)
        _say_requeued(desk, tx, made, by, owner.name if owner else "")
        return _way_back(made, replace(item, agent_id=i.owner_id))

    return await _each(desk, actor, work_item_ids, word)


async def move(
    desk: Desk, actor: Actor, work_item_ids: Sequence[WorkItemId], queue_id: QueueId
) -> Steered:
    """Waiting work goes to another queue; its waiting time stays."""
    actor.must_supervise()
    queue = desk.in_force.queues.get(queue_id)
    if queue is None:
        raise NotFound("This queue does not exist any more.")

    async def word(tx: Transaction, i: Interaction, item: WorkItem) -> Undo | None:
        telling.must_route_here(desk, i)
        _must_wait(item)
        if queue.external:
            raise IllegalTransition(sides.takes_no_other(desk, queue))
        if item.queue_id == queue_id:
            raise IllegalTransition(f"It is in {queue.name} already.")
        if item.channel != queue.channel:
            raise IllegalTransition(f"{queue.name} takes other work.")
        made = await _move(desk, tx, actor, item, queue_id)
        return _way_back(made, item)

    return await _each(desk, actor, work_item_ids, word)


async def _move(
    desk: Desk, tx: Transaction, actor: Actor, item: WorkItem, queue_id: QueueId
) -> WorkItem:
    by = By.actor(actor)
    if item.state is WorkState.OFFERED:
        item = await offers.withdraw(desk, tx, item, by)
    return await searching.move(desk, tx, item, queue_id, by)


async def set_priority(
    desk: Desk, actor: Actor, work_item_ids: Sequence[WorkItemId], priority: int
) -> Steered:
    """Waiting work becomes more or less urgent, 1 (most) to 5."""
    if priority not in PRIORITIES:
        raise BadInput("A priority is a number from 1, the most urgent, to 5.")

    async def word(tx: Transaction, i: Interaction, item: WorkItem) -> Undo | None:
        _must_wait(item)
        if item.priority == priority:
            raise IllegalTransition(f"It has priority {priority} already.")
        made = await _prioritise(desk, tx, actor, i, item, priority)
        ended = await rechecking.recheck(desk, tx, [i.id])
        return None if ended else _way_back(made, item)

    return await _each(desk, actor, work_item_ids, word)


async def _prioritise(
    desk: Desk, tx: Transaction, actor: Actor, i: Interaction, item: WorkItem, priority: int
) -> WorkItem:
    made = await work.save(tx, replace(item, priority=priority))
    await interactions.save(tx, replace(i, priority=priority))
    said = {"from": item.priority, "to": priority}
    _say(desk, tx, made, Happened.PRIORITY_CHANGED, By.actor(actor), said)
    return made


async def cancel(desk: Desk, actor: Actor, work_item_ids: Sequence[WorkItemId]) -> Steered:
    """Nobody is searched any more: the interaction stays New, and can be assigned by hand."""
    by = By.actor(actor)

    async def word(tx: Transaction, i: Interaction, item: WorkItem) -> Undo | None:
        telling.must_route_here(desk, i)
        _must_wait(item)
        if item.state is WorkState.OFFERED:
            item = await offers.withdraw(desk, tx, item, by)
        made = await searching.cancel(tx, item, CancelReason.BY_HAND)
        await tally.abandoned(desk, tx, item)
        said = {"from": queue_name(desk, item.queue_id)}
        _say(desk, tx, made, Happened.WORK_CANCELED, by, said)
        return _way_back(made, item)

    return await _each(desk, actor, work_item_ids, word)


async def undo(desk: Desk, actor: Actor, steered: Steered) -> Steered:
    """Take a word back, item by item; what somebody changed since stays as it is."""
    before = {u.work_item_id: u for u in steered.undo}

    async def word(tx: Transaction, i: Interaction, item: WorkItem) -> Undo | None:
        was = before[item.id]
        if item.version != was.version:
            raise Conflict("It was changed since.")
        await _take_back(desk, tx, actor, i, item, was)
        return None

    return await _each(desk, actor, list(before), word)


async def _take_back(
    desk: Desk, tx: Transaction, actor: Actor, i: Interaction, item: WorkItem, was: Undo
) -> None:
    by = By.actor(actor)
    if item.state is WorkState.CANCELED:
        if i.state is not State.NEW or await work.waiting_for(tx, i.id) is not None:
            raise Conflict("Somebody looks after it already.")
        item = await searching.again(desk, tx, i, was.queue_id, by, after=item)
        await tally.arrived(desk, tx, item)
        _say_requeued(desk, tx, item, by, "")
    elif was.state is WorkState.ACCEPTED and was.agent_id is not None:
        await _give_again(desk, tx, item, was.agent_id, by)
    elif item.state is WorkState.OFFERED and not telling.external(i):
        _say_requeued(desk, tx, await offers.withdraw(desk, tx, item, by), by, "")
    if item.queue_id != was.queue_id:
        await _move(desk, tx, actor, item, was.queue_id)
    elif item.priority != was.priority:
        await _prioritise(desk, tx, actor, i, item, was.priority)


async def _give_again(
    desk: Desk, tx: Transaction, item: WorkItem, agent_id: AgentId, by: By
) -> None:
    """Who had it has it again, if they have room."""
    row = await desk_rows.agent(tx, agent_id)
    used = await capacity.in_use(desk, tx, agent_id)
    full = capacity.no_room(desk, capacity.limits_of(desk, row), used, item.channel, item.size)
    if full:
        raise CapacityExceeded(f"{row.name} has {full}.")
    await offers.give_at_once(desk, tx, item, agent_id, by)


def _must_wait(item: WorkItem) -> None:
    if item.state is WorkState.ACCEPTED:
        raise IllegalTransition("An agent has it. Requeue it first.")
    if item.state is WorkState.CANCELED:
        raise IllegalTransition(f"Its search ended: {item.cancel_reason}.")


def _way_back(after: WorkItem, before: WorkItem) -> Undo:
    place = (before.queue_id, before.priority, before.state)
    return Undo(after.id, after.version, *place, before.agent_id)


def _say_requeued(desk: Desk, tx: Transaction, item: WorkItem, by: By, owner: str) -> None:
    said = {"from": owner, "to": queue_name(desk, item.queue_id)}
    _say(desk, tx, item, Happened.REQUEUED, by, said)


def _say(
    desk: Desk, tx: Transaction, item: WorkItem, what: Happened, by: By, said: Mapping[str, Any]
) -> None:
    happened(desk, tx, item, what, by, said, shown_on_interaction=True)


async def _each(
    desk: Desk, actor: Actor, work_item_ids: Sequence[WorkItemId], word: Word
) -> Steered:
    """Say *word* over every item, in a transaction each, its interaction locked first."""
    actor.must_supervise()
    if len(work_item_ids) > MOST:
        raise BadInput(f"At most {MOST:,} at once. Choose fewer.")
    done, refused, ways_back = 0, [], []
    for key in dict.fromkeys(work_item_ids):
        number = ""
        try:
            async with desk.store.write() as tx:
                i = await interactions.get(tx, await work.interaction_of(tx, key))
                number = i.number
                way_back = await word(tx, i, await work.get(tx, key))
        except StorageProblem:
            raise
        except DeskError as error:
            refused.append(Refusal(number or "A work item", str(error)))
        else:
            done += 1
            ways_back += [way_back] if way_back else []
    return Steered(done, tuple(refused), tuple(ways_back))

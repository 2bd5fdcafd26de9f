"""Transfer: the agent who has an interaction passes it on, to an agent or to a queue, with a note.

The sender's capacity is freed and the receiver's taken in one transaction.
"""

from agentdesk.domain.actor import Actor
from agentdesk.domain.board import Targets
from agentdesk.domain.errors import BadInput, CapacityExceeded, IllegalTransition, NotFound
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, InteractionId, QueueId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.text import safe
from agentdesk.domain.work import WorkItem
from agentdesk.services import capacity, destinations, explaining, offers, returning, routing
from agentdesk.services.ccaas import sides, telling
from agentdesk.services.desk import Desk
from agentdesk.services.handling import owned
from agentdesk.services.searching import queue_name
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import work
from agentdesk.storage.store import Transaction

LONGEST_NOTE = 4_000
PASSED_ON = "passed it on"


async def targets(desk: Desk, actor: Actor, interaction_id: InteractionId) -> Targets:
    """Where this interaction may go. Raises what `to_agent` raises where it may go nowhere."""
    async with desk.store.read() as tx:
        i = await _transferable(desk, tx, actor, interaction_id)
        last = await work.newest_of(tx, interaction_id)
        return await destinations.find(desk, tx, i, last.needs if last else (), i.size)


async def to_agent(
    desk: Desk, actor: Actor, interaction_id: InteractionId, agent_id: AgentId, note: str
) -> None:
    """Offer it to one agent, who has the queue's time to accept; refused, it goes to its queue.

    Raises `CapacityExceeded` where that agent is not available or has no room, `IllegalTransition`
    where the interaction cannot be passed on, `NotAllowed` where it is not the actor's.
    """
    words = checked_note(note)
    async with desk.store.write() as tx:
        before = await _transferable(desk, tx, actor, interaction_id)
        if before.owner_id == agent_id:
            raise BadInput("They have it already. Choose somebody else.")
        if before.queue_id is None:
            raise BadInput(f"{before.number} came from no queue. Transfer it to a queue.")
        item = await _passed_on(desk, tx, actor, before, before.queue_id, words, agent_id)
        used = await capacity.in_use(desk, tx, agent_id)
        row = await desk_rows.agent(tx, agent_id)
        why_not = capacity.why_not(desk, row, used, item.channel, item.size)
        if why_not:
            raise CapacityExceeded(f"{row.name} cannot take it now: {why_not}.")
        why = f"transferred by {actor.name}"
        others = await explaining.candidates(desk, tx, item)
        await routing.remember(desk, tx, item, agent_id, why, others)
        await _transferred(desk, tx, actor, before, row.name, words)
        await offers.make(desk, tx, item, row, By.actor(actor), why)


async def to_queue(
    desk: Desk, actor: Actor, interaction_id: InteractionId, queue_id: QueueId, note: str
) -> None:
    """Give it to a queue, whose rules find the next agent. Raises as `to_agent` does."""
    words = checked_note(note)
    async with desk.store.write() as tx:
        before = await _transferable(desk, tx, actor, interaction_id)
        queue = desk.in_force.queues.get(queue_id)
        if queue is None:
            raise NotFound("This queue does not exist any more.")
        if queue.channel != before.channel:
            raise BadInput(f"{queue.name} takes other work. Choose another queue.")
        if queue.external:
            raise BadInput(sides.takes_no_other(desk, queue))
        await _passed_on(desk, tx, actor, before, queue_id, words)
        await _transferred(desk, tx, actor, before, queue.name, words)


async def _transferable(
    desk: Desk, tx: Transaction, actor: Actor, key: InteractionId
) -> Interaction:
    i = await owned(tx, actor, key)
    telling.must_route_here(desk, i, "Transfer it there.")
    if i.state is State.NEW:
        raise IllegalTransition(f"{i.number} waits in a queue. Nobody has it yet.")
    if i.state not in (State.WORK_IN_PROGRESS, State.ON_HOLD):
        raise IllegalTransition(f"{i.number} is {i.state.label}. It cannot be transferred.")
    return i


def checked_note(text: str) -> str:
    """What is said to the next agent, safe to show. Raises `BadInput` where it is too long."""
    words = safe(text).strip()
    if len(words) > LONGEST_NOTE:
        raise BadInput(f"This note has more than {LONGEST_NOTE:,} characters. Shorten it.")
    return words


async def _passed_on(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    before: Interaction,
    queue_id: QueueId,
    note: str,
    agent_id: AgentId | None = None,
) -> WorkItem:
    """The search for the next agent; who had it is not asked at once again."""
    item = await returning.give_back(desk, tx, before, queue_id, By.actor(actor), note)
    if before.owner_id is not None and before.owner_id != agent_id:
        now = desk.clock.now()
        await work.add_refusal(tx, item, before.owner_id, PASSED_ON, now, timed_out=False)
    return item


async def _transferred(
    desk: Desk, tx: Transaction, actor: Actor, before: Interaction, to: str, note: str
) -> None:
    owner = await desk_rows.agent_as_is(tx, before.owner_id or 0)
    giver = owner.name if owner else queue_name(desk, before.queue_id)
    data = {"from": giver, "to": to, "note": note}
    about = (Record.INTERACTION, before.id, Happened.TRANSFERRED)
    tx.record(Event(desk.clock.now(), By.actor(actor), *about, data))

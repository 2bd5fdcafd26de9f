"""Work that goes back to a queue: given back, transferred, or left behind by an agent who went."""

from agentdesk.domain import interaction as moves
from agentdesk.domain.deadline import Due
from agentdesk.domain.event import SYSTEM, By
from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.interaction import Direction, Interaction, State
from agentdesk.domain.work import WorkItem
from agentdesk.services import searching, tally, waiting
from agentdesk.services.ccaas import telling
from agentdesk.services.desk import Desk
from agentdesk.services.handling import changed
from agentdesk.storage import deadlines, interactions
from agentdesk.storage import drafts as draft_rows
from agentdesk.storage.store import Transaction


async def give_back(
    desk: Desk, tx: Transaction, before: Interaction, queue_id: QueueId, by: By, note: str = ""
) -> WorkItem:
    """Work in Progress or On Hold → New in a queue; the agent's capacity is free from now on.

    *note* is for the next agent. Drafts that nobody wrote in go.
    """
    await tally.handled(desk, tx, before)
    after = moves.be_requeued(before, queue_id, desk.clock.now())
    await waiting.end(desk, tx, before)
    await _let_go_of_drafts(tx, before)
    changed(desk, tx, before, after, by)
    item = await searching.again(
        desk, tx, after, queue_id, by, returns_from=before.owner_id, note=note, unread=0
    )
    await tally.arrived(desk, tx, item)
    return item


async def _let_go_of_drafts(tx: Transaction, i: Interaction) -> None:
    """What was typed stays for the next agent, and its writer's token ends; the rest is removed."""
    for draft in await draft_rows.of_thread(tx, i.id):
        if draft.touched:
            await draft_rows.release(tx, draft)
        else:
            await draft_rows.delete(tx, draft.id)
            await deadlines.drop(tx, Due.DRAFT, draft.id)


async def give_back_all(desk: Desk, tx: Transaction, agent_id: AgentId, why: str) -> None:
    """What an agent was working on goes to its queues; those that look for the last agent prefer them.

    What is on hold waits for a customer and stays, as does what somebody is writing in just now, and
    what was written first and never sent: no customer waits for it. What a contact centre routes is
    given to others there.
    """
    now = desk.clock.now()
    for before in await interactions.owned_in(tx, agent_id, State.WORK_IN_PROGRESS):
        found = await draft_rows.of_thread(tx, before.id)
        written = any(d.lease_until is not None and d.lease_until > now for d in found)
        unsent = before.direction is Direction.OUTBOUND and not before.sent
        routed_here = not telling.external(before)
        if before.queue_id is not None and routed_here and not written and not unsent:
            await give_back(desk, tx, before, before.queue_id, SYSTEM, why)

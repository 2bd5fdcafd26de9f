"""Waiting work whose record has changed: the search ends when it is no longer work of its channel."""

from collections.abc import Collection

from agentdesk.domain.event import SYSTEM, Happened
from agentdesk.domain.facts import Facts
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.qualification import Criteria
from agentdesk.domain.work import CancelReason, WorkItem, WorkState
from agentdesk.services import matters, offers, qualifying, searching, tally
from agentdesk.services.ccaas import telling
from agentdesk.services.desk import Desk
from agentdesk.storage import interactions, work
from agentdesk.storage.store import Transaction


async def recheck(
    desk: Desk, tx: Transaction, ids: Collection[InteractionId]
) -> tuple[WorkItem, ...]:
    """End the search for what is no longer work of its channel; returns the ended work items. What a
    contact centre routes is left to it.

    What is work of another channel is searched for there. Call it where facts have changed, in the
    transaction that changed them; where no channel has a condition, nothing is read.
    """
    what = qualifying.criteria(desk)
    if not what.channels_ask:
        return ()
    records = await interactions.get_many(tx, ids)
    there = await matters.of_interactions(tx, records, what.headers)
    ended = []
    for i in records:
        if telling.external(i):
            continue
        facts = there[i.id].facts(what.fields)
        item = await work.waiting_for(tx, i.id)
        if item is not None and not what.meets(facts, item.channel):
            ended.append(await _end(desk, tx, item))
            await _search_elsewhere(desk, tx, what, i, item, facts)
    return tuple(ended)


async def _end(desk: Desk, tx: Transaction, item: WorkItem) -> WorkItem:
    if item.state is WorkState.OFFERED:
        item = await offers.withdraw(desk, tx, item, SYSTEM)
    done = await searching.cancel(tx, item, CancelReason.DISQUALIFIED)
    await tally.abandoned(desk, tx, item)
    said = {"why": CancelReason.DISQUALIFIED.value}
    searching.happened(desk, tx, done, Happened.WORK_CANCELED, SYSTEM, said)
    return done


async def _search_elsewhere(
    desk: Desk, tx: Transaction, what: Criteria, i: Interaction, item: WorkItem, facts: Facts
) -> None:
    """Another channel takes it, if one does. Its priority stays, and since when it waits."""
    if not what.meets_any(facts):
        return
    named = desk.in_force.queues.get(item.queue_id)
    queue = what.qualify(facts, named, i.priority).queue
    if queue is not None and queue.external:
        queue = None
    queue_id = desk.in_force.queue_ids[queue.key] if queue else item.queue_id
    made = await searching.again(desk, tx, i, queue_id, SYSTEM, after=item)
    await tally.arrived(desk, tx, made)

"""The desk is brought to where a contact centre has a conversation, in one transaction with whatever
read it. Only this moves an interaction because of the centre.
"""

from collections.abc import Mapping
from datetime import timedelta

from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.settling import Here, Unknown, over, settle
from agentdesk.domain.ccaas.values import Kind, Snapshot
from agentdesk.domain.deadline import Due
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.text import safe
from agentdesk.services.ccaas import confirming, sides, steps, transferring
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_conversations, ccaas_orders, ccaas_records, deadlines, work
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction

SUPERSEDED = timedelta(minutes=1)
"""A snapshot that is older than the last one by less was overtaken; by more, and their clock was set."""
READ_AGAIN = timedelta(seconds=60)
"""What is closed here and open there is looked at again after so long."""


async def apply(
    desk: Desk,
    tx: Transaction,
    interaction: Interaction,
    conversation: Conversation,
    there: Snapshot,
) -> Interaction:
    """Settle one interaction, which the caller has locked; its conversation was read after that.

    Returns it as it is now. A snapshot that was overtaken by a newer one changes nothing.
    """
    if overtaken(conversation, there):
        return interaction
    name = sides.name_of(desk, conversation.centre)
    if conversation.seen_at is None:
        by, about = By("system", name), (Record.INTERACTION, interaction.id, Happened.HANDED_OVER)
        tx.record(Event(desk.clock.now(), by, *about, {"centre": name}))
    i, trouble = interaction, ""
    if i.transferring_to:
        i = await transferring.settled(desk, tx, i, conversation, there)
    if not i.transferring_to:
        i, trouble = await _settle(desk, tx, i, conversation, there)
    i = await confirming.settle_codes(desk, tx, i, conversation, there)
    await _remember(desk, tx, i, there, trouble)
    return i


def overtaken(conversation: Conversation, there: Snapshot) -> bool:
    """Whether a newer snapshot was applied before."""
    last = conversation.seen_at
    return last is not None and timedelta(0) < last - there.at < SUPERSEDED


async def _settle(
    desk: Desk, tx: Transaction, i: Interaction, conversation: Conversation, there: Snapshot
) -> tuple[Interaction, str]:
    """The interaction as it is now, and what of theirs stands for nothing here, as a sentence."""
    here = await _here(desk, tx, i, conversation, there)
    in_flight = await ccaas_orders.wanted_of(tx, i.id)
    trouble = ""
    move = steps.Move(desk, tx, i, conversation, there, sides.name_of(desk, conversation.centre))
    for step in settle(here, there, in_flight):
        if isinstance(step, Unknown):
            trouble = trouble or await _unknown(tx, move, step)
        else:
            await steps.do(move, step)
    await _look_again(desk, tx, move.i, there, in_flight)
    return move.i, trouble


async def _here(
    desk: Desk, tx: Transaction, i: Interaction, conversation: Conversation, there: Snapshot
) -> Here:
    item = await work.waiting_for(tx, i.id)
    centre = desk.centres.get(conversation.centre)
    return Here(
        i.state,
        i.owner_id,
        item.state if item is not None else None,
        item.agent_id if item is not None else None,
        conversation.segment,
        await _queue_there(desk, tx, i),
        await _agents(desk, tx, conversation.centre, there),
        await _queues(desk, tx, conversation.centre, there),
        centre is None or centre.caps.park,
    )


async def _queue_there(desk: Desk, tx: Transaction, i: Interaction) -> str:
    queue = desk.in_force.queues.get(i.queue_id) if i.queue_id is not None else None
    if queue is None:
        return ""
    return await ccaas_records.external(tx, i.routing_source, Kind.QUEUE, queue.key) or ""


async def _agents(
    desk: Desk, tx: Transaction, centre: str, there: Snapshot
) -> Mapping[str, AgentId]:
    """Only who has it, or is asked, now."""
    now = there.current
    login = (
        await ccaas_records.local(tx, centre, Kind.AGENT, now.agent) if now is not None else None
    )
    agent_id = desk.in_force.agent_ids.get(login) if login else None
    return {now.agent: agent_id} if now is not None and agent_id is not None else {}


async def _queues(
    desk: Desk, tx: Transaction, centre: str, there: Snapshot
) -> Mapping[str, QueueId]:
    now = there.current
    found = {}
    for queue in {there.queue, now.queue if now is not None else ""} - {""}:
        key = await ccaas_records.local(tx, centre, Kind.QUEUE, queue)
        if key in desk.in_force.queue_ids:
            found[queue] = desk.in_force.queue_ids[key]
    return found


async def _unknown(tx: Transaction, move: steps.Move, what: Unknown) -> str:
    record = await ccaas_records.get(tx, move.conversation.centre, what.kind, what.external_id)
    called = safe(record.name if record else what.external_id, multiline=False)
    do = f"Say whom it means: agentdesk ccaas map {move.conversation.centre}."
    if what.kind is Kind.AGENT:
        return f"{move.centre} gave it to {called}, who is nobody here. {do}"
    return f"{move.centre} has it in {called}, which is no queue here. {do.replace('whom', 'what')}"


async def _look_again(
    desk: Desk, tx: Transaction, i: Interaction, there: Snapshot, in_flight: frozenset[Op]
) -> None:
    """What is closed here and still open there is looked at until it is not."""
    if i.state.closed and not over(there) and Op.END not in in_flight:
        now = there.current
        after = (now.expires_in if now is not None else None) or READ_AGAIN
        at = desk.clock.now() + after + steps.AFTER_AN_OFFER
        await deadlines.put(tx, Due.CENTRE, i.id, at)


async def _remember(
    desk: Desk, tx: Transaction, i: Interaction, there: Snapshot, trouble: str
) -> None:
    """The part that counts now; one that has ended counts until its handling is closed here."""
    row = await ccaas_conversations.get(tx, i.id)
    assert row is not None
    now = there.current
    segment, communication = (now.id, now.communication) if now is not None else ("", "")
    if now is None and i.state is not State.NEW:
        segment, communication = row.segment, row.communication
    values = {"segment": segment, "communication": communication, "trouble": trouble}
    changes = {k: v for k, v in values.items() if v != getattr(row, k)}
    if changes or row.seen_at != there.at:
        await ccaas_conversations.save(tx, row, seen_at=there.at, **changes)
    if "trouble" in changes:
        about = (Record.INTERACTION, i.id, Happened.ORDER_CHANGED)
        by = By("system", sides.name_of(desk, row.centre))
        tx.record(Event(desk.clock.now(), by, *about, {"trouble": trouble}, shown=False))

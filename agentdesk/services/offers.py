"""Offers: made by routing or a person, answered by agents, ended by time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from agentdesk.domain import interaction as moves
from agentdesk.domain import work as works
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.deadline import Due
from agentdesk.domain.errors import BadInput, NotAllowed
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, InteractionId, QueueId, WorkItemId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.policy import AutoAccept, PresenceSetup, QueueSetup, RejectReason
from agentdesk.domain.views import RejectChoice
from agentdesk.domain.work import WorkItem, WorkState
from agentdesk.services import capacity, presence, tally
from agentdesk.services.ccaas import answers, telling
from agentdesk.services.desk import Desk
from agentdesk.services.searching import happened, stop_clocks
from agentdesk.storage import ccaas_conversations, deadlines, interactions, work
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import drafts as draft_rows
from agentdesk.storage.store import Transaction


async def make(
    desk: Desk, tx: Transaction, item: WorkItem, agent: Any, by: By, why: str
) -> WorkItem:
    """Offer *item* to the agent of this row, or give it at once where its queue accepts by itself.

    Presence and capacity were checked before, in this transaction. Raises `IllegalTransition` when
    the item does not wait any more, `Conflict` when somebody else was first.
    """
    now = desk.clock.now()
    agent_id = AgentId(agent.id)
    queue = desk.in_force.queues.get(item.queue_id)
    seconds = queue.accept_timeout_s if queue else None
    offered = works.offer(item, agent_id, now, timeout(seconds))
    await desk_rows.change_agent(tx, agent_id, last_offered_at=now)
    if queue is not None and queue.auto_accept is not AutoAccept.NO:
        item = await work.save(tx, works.accept(offered, agent_id, now))
        await _taken(desk, tx, item, by)
        return item
    item = await work.save(tx, offered)
    if item.expires_at:
        await deadlines.put(tx, Due.OFFER, item.id, item.expires_at)
    happened(desk, tx, item, Happened.OFFERED, by, {"agent": agent.name, "why": why})
    await tally.offered(desk, tx, item, agent_id)
    return item


async def accept(desk: Desk, actor: Actor, work_item_id: WorkItemId) -> InteractionId:
    """Take an offer: the interaction is the actor's, Work in Progress. Raises `OfferGone`."""
    async with desk.store.write() as tx:
        before = await _locked(tx, work_item_id)
        works.accept(before, actor.agent_id, desk.clock.now())
        if not await answers.accept(desk, tx, actor, before):
            await accepted(desk, tx, before, actor.agent_id, By.actor(actor))
        return before.interaction_id


async def accepted(
    desk: Desk, tx: Transaction, before: WorkItem, agent_id: AgentId, by: By
) -> None:
    """Offered → Accepted: the interaction is the agent's who was asked. Raises `OfferGone`."""
    item = await work.save(tx, works.accept(before, agent_id, desk.clock.now()))
    happened(desk, tx, item, Happened.OFFER_ACCEPTED, by)
    await _taken(desk, tx, item, by)


async def _locked(tx: Transaction, work_item_id: WorkItemId) -> WorkItem:
    """The work item, after its interaction: everybody locks them in this order."""
    await interactions.get(tx, await work.interaction_of(tx, work_item_id))
    return await work.get(tx, work_item_id)


async def _taken(desk: Desk, tx: Transaction, item: WorkItem, by: By) -> None:
    """The search is over: the interaction is the agent's who accepted its work item."""
    assert item.agent_id is not None
    await stop_clocks(tx, item)
    await give(desk, tx, item.interaction_id, item.agent_id, by)
    await tally.accepted(desk, tx, item, item.agent_id)


async def give(
    desk: Desk, tx: Transaction, interaction_id: InteractionId, agent_id: AgentId, by: By
) -> Interaction:
    """The interaction goes to an agent whose capacity was checked before."""
    now = desk.clock.now()
    before = await interactions.get(tx, interaction_id)
    after = await interactions.save(tx, moves.be_assigned(before, agent_id, now))
    row = await desk_rows.agent(tx, agent_id)
    await desk_rows.change_agent(tx, agent_id, last_assigned_at=now)
    await _hand_on_drafts(desk, tx, interaction_id, agent_id)
    data = {"from": before.state.value, "to": after.state.value, "owner": row.name}
    about = (Record.INTERACTION, interaction_id)
    tx.record(Event(now, by, *about, Happened.OWNER_CHANGED, data))
    tx.record(
        Event(now, by, Record.AGENT, agent_id, Happened.OWNER_CHANGED, {"took": after.number})
    )
    return after


async def give_at_once(
    desk: Desk, tx: Transaction, item: WorkItem, agent_id: AgentId, by: By
) -> None:
    """Waiting work is an agent's without asking; capacity was checked before."""
    item = await work.save(tx, works.assign(item, agent_id, desk.clock.now()))
    await _taken(desk, tx, item, by)


async def _hand_on_drafts(
    desk: Desk, tx: Transaction, interaction_id: InteractionId, agent_id: AgentId
) -> None:
    """What an earlier owner typed and did not send goes along, unless the new one has their own."""
    found = await draft_rows.of_thread(tx, interaction_id)
    if any(d.author_id == agent_id for d in found):
        return
    now = desk.clock.now()
    left = [d for d in found if d.touched and not (d.lease_until and d.lease_until > now)]
    for draft in left[:1]:
        await draft_rows.save(tx, replace(draft, author_id=agent_id))
        said = {"interaction": interaction_id, "holder": ""}
        about = (Record.DRAFT, draft.id, Happened.DRAFT_LOCKED)
        tx.record(Event(now, SYSTEM, *about, said, shown=False))


async def reject_reasons(
    desk: Desk, actor: Actor, work_item_id: WorkItemId
) -> tuple[RejectChoice, ...]:
    """The reasons to choose from. Raises `NotAllowed` where the queue lets nobody reject."""
    async with desk.store.read() as tx:
        item = await work.get(tx, work_item_id)
    return tuple(RejectChoice(r.key, r.label) for r in _reasons(desk, item))


def _reasons(desk: Desk, item: WorkItem) -> tuple[RejectReason, ...]:
    queue = desk.in_force.queues.get(item.queue_id)
    if queue is not None and not queue.allow_reject:
        raise NotAllowed(f"Work of {queue.name} cannot be rejected. Accept it, or let it pass.")
    reasons = desk.policy.reject_reasons
    return tuple(r for r in reasons if not r.channels or item.channel in r.channels)


async def reject(desk: Desk, actor: Actor, work_item_id: WorkItemId, reason_key: str) -> None:
    """Give an offer back with a reason.

    Raises `OfferGone`, `BadInput` for a reason that this kind of work does not have, `NotAllowed`
    where the queue lets nobody reject.
    """
    async with desk.store.write() as tx:
        before = await _locked(tx, work_item_id)
        reason = next((r for r in _reasons(desk, before) if r.key == reason_key), None)
        if reason is None:
            raise BadInput("Choose a reason for rejecting this.")
        back = works.reject(before, actor.agent_id, reassignable=reason.reassignable)
        if not await answers.reject(desk, tx, actor, before, reason.label):
            await rejected(desk, tx, back, actor.agent_id, reason.label, By.actor(actor))


async def rejected(
    desk: Desk, tx: Transaction, back: WorkItem, agent_id: AgentId, reason: str, by: By
) -> None:
    """An agent said no, so *back* is as `works.reject` makes it."""
    item, now = await work.save(tx, back), desk.clock.now()
    await deadlines.drop(tx, Due.OFFER, item.id)
    await work.add_refusal(tx, item, agent_id, reason, now, timed_out=False)
    await tally.rejected(desk, tx, item, agent_id)
    happened(desk, tx, item, Happened.OFFER_REJECTED, by, {"reason": reason})


async def ran_out(desk: Desk, tx: Transaction, work_item_id: int) -> None:
    """An offer was not answered in time: back to the queue, and the agent's presence changes."""
    before = await _locked(tx, WorkItemId(work_item_id))
    if before.state is not WorkState.OFFERED or before.agent_id is None:
        return
    await missed(desk, tx, before, before.agent_id, SYSTEM)
    queue = desk.in_force.queues.get(before.queue_id)
    becomes = (queue.timeout_presence if queue else "") or desk.policy.options.timeout_presence
    if becomes:
        why = "did not answer an offer"
        await presence.change(desk, tx, before.agent_id, becomes, SYSTEM, why=why)


async def missed(desk: Desk, tx: Transaction, before: WorkItem, agent_id: AgentId, by: By) -> None:
    """Offered → Queued after silence."""
    item = await work.save(tx, works.time_out(before))
    await work.add_refusal(tx, item, agent_id, "timed out", desk.clock.now(), timed_out=True)
    await tally.timed_out(desk, tx, item, agent_id)
    name = (await desk_rows.agent(tx, agent_id)).name
    happened(desk, tx, item, Happened.OFFER_TIMED_OUT, by, {"agent": name})


async def lock_those_of(tx: Transaction, agent_id: AgentId) -> None:
    """Lock the agent's pending offers until the end of a write."""
    await work.offered_to(tx, agent_id)


async def withdraw_all(
    desk: Desk, tx: Transaction, agent_id: AgentId, now_in: PresenceSetup | None
) -> None:
    """Pending offers of which the agent's new presence takes none go back without blame. Those of a
    contact centre are its own to withdraw.
    """
    items = await work.offered_to(tx, agent_id)
    theirs = await ccaas_conversations.get_many(tx, [w.interaction_id for w in items])
    for item in items:
        takes = now_in is not None and now_in.takes(item.channel)
        if not takes and item.interaction_id not in theirs:
            await withdraw(desk, tx, item, SYSTEM)


async def withdraw(desk: Desk, tx: Transaction, item: WorkItem, by: By) -> WorkItem:
    """Offered → Queued without blame."""
    row = await desk_rows.agent(tx, item.agent_id or 0)
    back = await work.save(tx, works.withdraw(item))
    await deadlines.drop(tx, Due.OFFER, item.id)
    happened(desk, tx, back, Happened.OFFER_WITHDRAWN, by, {"agent": row.name})
    return back


async def assign_to_me(desk: Desk, actor: Actor, interaction_id: InteractionId) -> None:
    """Take a New interaction without waiting for an offer.

    Raises `NotAllowed` where its queue does not let this agent, `CapacityExceeded`, or
    `IllegalTransition` when somebody has it already.
    """
    by = By.actor(actor)
    async with desk.store.write() as tx:
        i = await interactions.get(tx, interaction_id)
        moves.be_assigned(i, actor.agent_id, desk.clock.now())
        telling.must_route_here(desk, i, "Wait for its offer.")
        item = await work.waiting_for(tx, interaction_id)
        _must_be_allowed_to_pick(desk, actor, item.queue_id if item else i.queue_id)
        if item is None or item.agent_id != actor.agent_id:
            await capacity.check_own_room(desk, tx, actor.agent_id, i.channel, i.size)
        if item is None:
            await give(desk, tx, interaction_id, actor.agent_id, by)
            return
        if item.state is WorkState.OFFERED and item.agent_id != actor.agent_id:
            item = await withdraw(desk, tx, item, by)
        await give_at_once(desk, tx, item, actor.agent_id, by)


def _must_be_allowed_to_pick(desk: Desk, actor: Actor, queue_id: QueueId | None) -> None:
    queue = desk.in_force.queues.get(queue_id) if queue_id else None
    if actor.role is not Role.AGENT or queue is None:
        return
    if not queue.pick:
        raise NotAllowed(f"Work of {queue.name} is given out by the desk. Wait for an offer.")
    if not serves(desk, actor.agent_id, queue):
        raise NotAllowed(f"You are in no group that serves {queue.name}. Ask a supervisor.")


def serves(desk: Desk, agent_id: AgentId, queue: QueueSetup) -> bool:
    """Whether the agent is, sooner or later, eligible for work of *queue*."""
    agent = desk.in_force.agents.get(agent_id)
    return agent is not None and any(not p.groups or p.groups & agent.groups for p in queue.pools)


def timeout(seconds: int | None) -> timedelta | None:
    """A queue's time to accept."""
    return timedelta(seconds=seconds) if seconds else None

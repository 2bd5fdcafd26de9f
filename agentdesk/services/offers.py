"""Offers: made by routing, answered by agents, ended by time."""

from datetime import timedelta

from agentdesk.domain import interaction as moves
from agentdesk.domain import work as works
from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.errors import BadInput, CapacityExceeded
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, InteractionId, WorkItemId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.views import RejectChoice
from agentdesk.domain.work import CancelReason, WorkItem, WorkState
from agentdesk.services import capacity, presence
from agentdesk.services.desk import Desk
from agentdesk.storage import deadlines, interactions, work
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction


async def accept(desk: Desk, actor: Actor, work_item_id: WorkItemId) -> InteractionId:
    """Take an offer: the interaction is the actor's, Work in Progress. Raises `OfferGone`."""
    async with desk.store.write() as tx:
        item = works.accept(await work.get(tx, work_item_id), actor.agent_id)
        await work.save(tx, item)
        await deadlines.drop(tx, Due.OFFER, item.id)
        _happened(desk, tx, item, Happened.OFFER_ACCEPTED, By.actor(actor))
        await give(desk, tx, item.interaction_id, actor.agent_id, By.actor(actor))
        return item.interaction_id


async def give(
    desk: Desk, tx: Transaction, interaction_id: InteractionId, agent_id: AgentId, by: By
) -> Interaction:
    """The interaction goes to an agent whose capacity was checked before."""
    now = desk.clock.now()
    before = await interactions.get(tx, interaction_id)
    after = await interactions.save(tx, moves.be_assigned(before, agent_id, now))
    row = await desk_rows.agent(tx, agent_id)
    await desk_rows.change_agent(tx, agent_id, last_assigned_at=now)
    data = {"from": before.state.value, "to": after.state.value, "owner": row.name}
    about = (Record.INTERACTION, interaction_id)
    tx.record(Event(now, by, *about, Happened.OWNER_CHANGED, data))
    tx.record(
        Event(now, by, Record.AGENT, agent_id, Happened.OWNER_CHANGED, {"took": after.number})
    )
    return after


async def reject_reasons(desk: Desk, actor: Actor) -> tuple[RejectChoice, ...]:
    """The reasons to choose from."""
    return tuple(RejectChoice(r.key, r.label) for r in desk.policy.reject_reasons)


async def reject(desk: Desk, actor: Actor, work_item_id: WorkItemId, reason_key: str) -> None:
    """Give an offer back with a reason. Raises `OfferGone`, or `BadInput` for an unknown reason."""
    reason = next((r for r in desk.policy.reject_reasons if r.key == reason_key), None)
    if reason is None:
        raise BadInput("Choose a reason for rejecting this.")
    async with desk.store.write() as tx:
        before = await work.get(tx, work_item_id)
        item = works.reject(before, actor.agent_id, reassignable=reason.reassignable)
        await work.save(tx, item)
        await deadlines.drop(tx, Due.OFFER, item.id)
        now = desk.clock.now()
        await work.add_refusal(tx, item, actor.agent_id, reason.label, now, timed_out=False)
        data = {"reason": reason.label}
        _happened(desk, tx, item, Happened.OFFER_REJECTED, By.actor(actor), data)


async def ran_out(desk: Desk, tx: Transaction, work_item_id: int) -> None:
    """An offer was not answered in time: back to the queue, and the agent's presence changes."""
    before = await work.get(tx, WorkItemId(work_item_id))
    if before.state is not WorkState.OFFERED or before.agent_id is None:
        return
    now = desk.clock.now()
    item = await work.save(tx, works.time_out(before, now))
    await work.add_refusal(tx, item, before.agent_id, "timed out", now, timed_out=True)
    name = (await desk_rows.agent(tx, before.agent_id)).name
    _happened(desk, tx, item, Happened.OFFER_TIMED_OUT, SYSTEM, {"agent": name})
    if desk.policy.options.timeout_presence:
        await presence.change(
            desk, tx, before.agent_id, desk.policy.options.timeout_presence, SYSTEM
        )


async def withdraw_all(desk: Desk, tx: Transaction, agent_id: AgentId) -> None:
    """The agent takes no work now: pending offers go back without blame."""
    for item in await work.offered_to(tx, agent_id):
        await work.save(tx, works.withdraw(item))
        await deadlines.drop(tx, Due.OFFER, item.id)
        _happened(desk, tx, item, Happened.OFFER_WITHDRAWN, SYSTEM)


async def assign_to_me(desk: Desk, actor: Actor, interaction_id: InteractionId) -> None:
    """Take a New interaction without waiting for an offer.

    Raises `CapacityExceeded`, or `IllegalTransition` when somebody has it already.
    """
    async with desk.store.write() as tx:
        i = await interactions.get(tx, interaction_id)
        moves.be_assigned(i, actor.agent_id, desk.clock.now())
        await _check_room(desk, tx, actor.agent_id, i)
        await close_search(tx, interaction_id, actor.agent_id)
        await give(desk, tx, interaction_id, actor.agent_id, By.actor(actor))


async def _check_room(desk: Desk, tx: Transaction, agent_id: AgentId, i: Interaction) -> None:
    row = await desk_rows.agent(tx, agent_id)
    used = await capacity.in_use(desk, tx, agent_id)
    limits = capacity.limits_of(desk, row)
    if i.size > limits.free(i.channel, used):
        raise CapacityExceeded(
            f"You are at {sum(used.values())} of {limits.total}. "
            "Put something on hold or close it first."
        )


async def close_search(
    tx: Transaction, interaction_id: InteractionId, agent_id: AgentId | None
) -> None:
    """Nobody needs to be found any more: assigned to *agent_id*, or closed when None."""
    item = await work.waiting_for(tx, interaction_id)
    if item is None:
        return
    done = works.assign(item, agent_id) if agent_id else works.cancel(item, CancelReason.CLOSED)
    await work.save(tx, done)
    await deadlines.drop(tx, Due.OFFER, item.id)


def timeout(seconds: int | None) -> timedelta | None:
    """A queue's time to accept."""
    return timedelta(seconds=seconds) if seconds else None


def _happened(
    desk: Desk,
    tx: Transaction,
    item: WorkItem,
    what: Happened,
    by: By,
    data: dict[str, str] | None = None,
) -> None:
    now = desk.clock.now()
    said = {"interaction": item.interaction_id, **(data or {})}
    tx.record(Event(now, by, Record.WORK_ITEM, item.id, what, said, shown=False))

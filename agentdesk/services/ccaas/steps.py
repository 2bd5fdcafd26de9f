"""One step of settling each: the moves of the desk, done because a contact centre did them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from agentdesk.domain import interaction as moves
from agentdesk.domain import work as works
from agentdesk.domain.ccaas import settling as s
from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.values import Snapshot, Why
from agentdesk.domain.deadline import Due
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import AgentId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.work import WorkItem, WorkState
from agentdesk.services import handling, offers, returning, routing, searching, tally
from agentdesk.services.ccaas import orders, telling
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_orders, deadlines, interactions, waiting, work
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction

AFTER_AN_OFFER: Final = timedelta(seconds=2)
"""An offer that ran out is looked at so long after its end, in case that nothing is heard of it."""
HAND_OVER_AFTER: Final = timedelta(minutes=1)
"""What a centre ends again and again before anybody had it goes round no faster than this."""


@dataclass(slots=True)
class Move:
    """What is settled: `i` as it is now, `centre` as people call it."""

    desk: Desk
    tx: Transaction
    i: Interaction
    conversation: Conversation
    there: Snapshot
    centre: str

    @property
    def by(self) -> By:
        """Who does it."""
        return By("system", self.centre)

    async def read_again(self) -> None:
        """After a move of others on the same interaction."""
        self.i = await interactions.get(self.tx, self.i.id)

    async def item(self) -> WorkItem:
        """The work item that waits, or a new one."""
        found = await work.waiting_for(self.tx, self.i.id)
        return found if found is not None else await _search(self)

    def decided(self, what: str, data: Mapping[str, Any], *, shown: bool = True) -> None:
        """The stream says what the centre overrode."""
        about = (Record.INTERACTION, self.i.id, Happened.CENTRE_DECIDED)
        said = {"centre": self.centre, "what": what, **data}
        self.tx.record(Event(self.desk.clock.now(), self.by, *about, said, shown=shown))


async def do(m: Move, step: s.Step) -> None:
    """Do one step."""
    await _DO[type(step)](m, step)


async def _search(m: Move) -> WorkItem:
    assert m.i.queue_id is not None
    made = await searching.again(m.desk, m.tx, m.i, m.i.queue_id, m.by)
    await tally.arrived(m.desk, m.tx, made)
    await m.read_again()
    return made


async def _search_for(m: Move, step: s.Search) -> None:
    await _search(m)


async def _end_offer(m: Move, step: s.EndOffer) -> None:
    item = await m.item()
    if item.state is not WorkState.OFFERED or item.agent_id is None:
        return
    if step.why is Why.REJECTED:
        back = works.reject(item, item.agent_id, reassignable=True)
        reason = await _reason(m)
        await offers.rejected(m.desk, m.tx, back, item.agent_id, reason, m.by)
    elif step.why is Why.NO_ANSWER:
        await offers.missed(m.desk, m.tx, item, item.agent_id, m.by)
    else:
        await offers.withdraw(m.desk, m.tx, item, m.by)
    await deadlines.drop(m.tx, Due.CENTRE, m.i.id)


async def _reason(m: Move) -> str:
    """What was chosen here, if it was rejected here."""
    segment = m.conversation.segment
    order = await ccaas_orders.newest_about(m.tx, m.i.id, Op.REJECT, segment)
    return str(order.payload.get("reason", "")) if order else f"declined at {m.centre}"


async def _offer(m: Move, step: s.Offer) -> None:
    now, item = m.desk.clock.now(), await m.item()
    row = await desk_rows.agent(m.tx, step.agent)
    why = f"chosen by {m.centre}"
    await routing.remember(m.desk, m.tx, item, step.agent, why)
    item = await work.save(m.tx, works.offer(item, step.agent, now, step.expires_in))
    await desk_rows.change_agent(m.tx, step.agent, last_offered_at=now)
    if item.expires_at is not None:
        await deadlines.put(m.tx, Due.CENTRE, m.i.id, item.expires_at + AFTER_AN_OFFER)
    said = {"agent": row.name, "why": why}
    searching.happened(m.desk, m.tx, item, Happened.OFFERED, m.by, said)
    await tally.offered(m.desk, m.tx, item, step.agent)


async def _take(m: Move, step: s.Take) -> None:
    """The centre says who has it: their capacity here is not asked."""
    item = await work.waiting_for(m.tx, m.i.id)
    await deadlines.drop(m.tx, Due.CENTRE, m.i.id)
    by = await _agent(m, step.agent)
    if item is None:
        await offers.give(m.desk, m.tx, m.i.id, step.agent, by)
    elif item.state is WorkState.OFFERED and item.agent_id == step.agent:
        await offers.accepted(m.desk, m.tx, item, step.agent, by)
    else:
        await offers.give_at_once(m.desk, m.tx, item, step.agent, by)
    await m.read_again()


async def _agent(m: Move, agent_id: AgentId) -> By:
    return By("agent", (await desk_rows.agent(m.tx, agent_id)).name, agent_id)


async def _take_away(m: Move, step: s.TakeAway) -> None:
    """Its owner's capacity is free; what they wrote goes along."""
    queue_id = step.queue or m.i.queue_id
    assert queue_id is not None
    owner = await desk_rows.agent_as_is(m.tx, m.i.owner_id or 0)
    to = (await desk_rows.agent(m.tx, step.to)).name if step.to is not None else ""
    data = {"from": owner.name if owner else "", "to": to}
    m.decided("owner", data | {"queue": searching.queue_name(m.desk, queue_id)})
    if m.i.state is State.WRAP_UP:
        m.i = await handling.take_up_again(m.desk, m.tx, m.i, m.by, tell=False)
    await returning.give_back(m.desk, m.tx, m.i, queue_id, m.by)
    await m.read_again()


async def _to_queue(m: Move, step: s.ToQueue) -> None:
    names = [searching.queue_name(m.desk, q) for q in (m.i.queue_id, step.queue)]
    waits = m.i.state is State.NEW
    m.decided("queue", {"from": names[0], "to": names[1]}, shown=not waits)
    if waits:
        await searching.move(m.desk, m.tx, await m.item(), step.queue, m.by)
        await m.read_again()
    else:
        now = m.desk.clock.now()
        m.i = await interactions.save(m.tx, replace(m.i, queue_id=step.queue, changed_at=now))


async def _hold(m: Move, step: s.Hold) -> None:
    """Its customer is reminded, and silence closes it, only where we had the last word: a reply for
    which there is no room waits there, too.
    """
    m.decided("capacity", {"to": State.ON_HOLD.value})
    before = m.i
    if await waiting.ours_is_the_last_word(m.tx, before.id):
        m.i = await handling.put_on_hold(m.desk, m.tx, before, m.by, tell=False)
        return
    held = moves.be_put_on_hold(before, m.desk.clock.now())
    m.i = await interactions.save(m.tx, held)
    handling.changed(m.desk, m.tx, before, m.i, m.by)


async def _resume(m: Move, step: s.Resume) -> None:
    m.decided("capacity", {"to": State.WORK_IN_PROGRESS.value})
    m.i = await handling.take_up_again(m.desk, m.tx, m.i, m.by, tell=False)


async def _wrap_up(m: Move, step: s.WrapUp) -> None:
    m.decided("end", {"to": State.WRAP_UP.value})
    m.i = await handling.begin_countdown(m.desk, m.tx, m.i, m.by)


async def _hand_over_again(m: Move, step: s.HandOverAgain) -> None:
    """A person sees that it came round; the stream says so once."""
    item = await m.item()
    if not item.needs_attention:
        m.decided("end", {"to": State.NEW.value})
        await work.save(m.tx, replace(item, needs_attention=True))
    at = m.desk.clock.now() + HAND_OVER_AFTER
    await telling.replied(m.desk, m.tx, m.i, due_at=at)


async def _end(m: Move, step: s.End) -> None:
    whose = {"agent_id": step.agent, "segment": step.segment}
    centre = m.conversation.centre
    await orders.place(m.desk, m.tx, centre, Op.END, interaction_id=m.i.id, **whose)  # type: ignore[arg-type]


_DO: Final[Mapping[type[Any], Callable[[Move, Any], Awaitable[None]]]] = {
    s.Search: _search_for,
    s.EndOffer: _end_offer,
    s.Offer: _offer,
    s.Take: _take,
    s.TakeAway: _take_away,
    s.ToQueue: _to_queue,
    s.Hold: _hold,
    s.Resume: _resume,
    s.WrapUp: _wrap_up,
    s.HandOverAgain: _hand_over_again,
    s.End: _end,
}

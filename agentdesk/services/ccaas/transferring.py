"""Transfer of what a contact centre routes: the centre says where to, and what became of it.

Until it says so nobody writes in the interaction. `settled` brings the desk to its word. Source:
docs/ccaas.md, *Transfer*.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from agentdesk.ccaas.port import ContactCentre
from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas import transfers
from agentdesk.domain.ccaas.errors import (
    CentreProblem,
    SignInMissing,
    StaleSegment,
    TargetNotAuthorised,
    TargetUnavailable,
    Transient,
)
from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.transfers import Choices, Passed
from agentdesk.domain.ccaas.values import (
    CentreTarget,
    Kind,
    Segment,
    SegmentRef,
    SegmentState,
    Snapshot,
    TargetKind,
)
from agentdesk.domain.errors import IllegalTransition, NotAllowed, NotFound
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.text import safe
from agentdesk.services import draft_locks
from agentdesk.services.ccaas import orders
from agentdesk.services.ccaas.passing import settled
from agentdesk.services.desk import Desk
from agentdesk.services.threads import must_own
from agentdesk.services.transferring import checked_note
from agentdesk.storage import ccaas_conversations, ccaas_records, events, interactions
from agentdesk.storage import drafts as draft_rows
from agentdesk.storage.store import Transaction

__all__ = ["begin", "outcome", "passed", "settled", "targets"]

PATIENCE_S: Final = 5.0
"""So long an agent waits for a centre, in seconds."""
LOOK_S: Final = 0.25
"""Other processes are not heard while an outcome is waited for: they are looked for."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Place:
    """An agent's part in what they want to transfer, here and there."""

    i: Interaction
    centre: ContactCentre
    at: SegmentRef


async def targets(
    desk: Desk, actor: Actor, interaction_id: InteractionId, search: str = ""
) -> Choices:
    """Where the centre lets *actor* transfer this now, as far as it is mapped here; *search*: part of a
    name. What it does not answer is not guessed. Raises what `begin` raises of the interaction.
    """
    async with desk.store.read() as tx:
        place = await _place(desk, tx, actor, interaction_id)
    try:
        found = await _in_time(place.centre, place.centre.targets(place.at, search))
    except CentreProblem as error:
        return Choices(place.centre.name, unavailable=str(error))
    async with desk.store.read() as tx:
        ours = await _ours(desk, tx, place)
    known = (_told(t) for t in found if (t.kind, t.external_id) in ours)
    return Choices(place.centre.name, tuple(known))


def _told(target: CentreTarget) -> CentreTarget:
    """As it may be shown: names are another program's words."""
    name, words = safe(target.name, multiline=False), safe(target.words, multiline=False)
    return replace(target, name=name, words=words)


async def _ours(desk: Desk, tx: Transaction, place: _Place) -> dict[tuple[TargetKind, str], str]:
    """What targets of the centre mean here: queues that it routes, and other agents."""
    key, i = place.centre.key, place.i
    queues = await ccaas_records.meanings(tx, key, Kind.QUEUE)
    agents = await ccaas_records.meanings(tx, key, Kind.AGENT)
    routed = {
        q.key
        for queue_id, q in desk.in_force.queues.items()
        if q.external == key and q.channel == i.channel and queue_id != i.queue_id
    }
    people = {login for login, agent in desk.in_force.agent_ids.items() if agent != i.owner_id}
    return {(TargetKind.QUEUE, x): local for x, local in queues.items() if local in routed} | {
        (TargetKind.AGENT, x): local for x, local in agents.items() if local in people
    }


async def _in_time(centre: ContactCentre, asked: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await asked
    except TimeoutError:
        silent = f"{centre.name} has not answered for {PATIENCE_S:.0f} seconds. Try again."
        raise Transient(silent) from None


# The order


async def begin(
    desk: Desk, actor: Actor, interaction_id: InteractionId, target: CentreTarget, note: str
) -> int:
    """Ask the centre to pass it on, with a *note* for the next agent; the id of the order. From now on
    nobody writes in it, and no undo takes it back.

    Raises `NotAllowed` but for its owner, `IllegalTransition` where it is not being worked on here,
    `StaleSegment` where not there, `TargetNotAuthorised`, `TargetUnavailable`, `BadInput`, and `Transient`
    where the centre does not answer: then nothing was asked of it.
    """
    words = checked_note(note)
    async with desk.store.read() as tx:
        place = await _place(desk, tx, actor, interaction_id)
    centre, at = place.centre, place.at
    there = await _in_time(centre, centre.snapshot(at.external_id))
    _must_be_worked_on(place, there.segment(at.segment))
    chosen = _offered(centre, target, await _in_time(centre, centre.targets(at)))
    async with desk.store.write() as tx:
        now = await _place(desk, tx, actor, interaction_id)
        if now.at != at:
            raise _stale(place)
        return await _ask(desk, tx, actor, now, chosen, words, there)


def _must_be_worked_on(place: _Place, part: Segment | None) -> None:
    """Raises `StaleSegment` where somebody was first, or it is parked there."""
    if part is None or part.agent != place.at.agent or not part.open:
        raise _stale(place)
    if part.state is not SegmentState.CONNECTED:
        raise StaleSegment(
            f"{place.i.number} is {part.state.value} at {place.centre.name}. Wait until it is "
            "worked on there, too."
        )


def _stale(place: _Place) -> StaleSegment:
    return StaleSegment(f"{place.i.number} is not yours any more at {place.centre.name}.")


def _offered(
    centre: ContactCentre, wanted: CentreTarget, found: tuple[CentreTarget, ...]
) -> CentreTarget:
    """The target as it is now. Raises `TargetNotAuthorised`, `TargetUnavailable`."""
    same = (t for t in found if (t.kind, t.external_id) == (wanted.kind, wanted.external_id))
    if (now := next(same, None)) is None:
        raise TargetNotAuthorised(
            f"{centre.name} does not let you transfer to {wanted.name} any more. Choose another."
        )
    now = _told(now)
    if not now.available:
        how = f": {now.words}" if now.words else ""
        raise TargetUnavailable(f"{now.name} takes no work now{how}. Choose another.")
    return now


async def _ask(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    place: _Place,
    to: CentreTarget,
    note: str,
    there: Snapshot,
) -> int:
    local = (await _ours(desk, tx, place)).get((to.kind, to.external_id))
    if local is None:
        raise TargetNotAuthorised(f"Nothing here stands for {to.name} any more. Choose another.")
    i, centre, by = place.i, place.centre, By.actor(actor)
    await _stop_writing(desk, tx, i, by)
    await interactions.save(tx, moves.begin_transfer(i, to.name, desk.clock.now()))
    order = await orders.place(
        desk,
        tx,
        centre.key,
        Op.TRANSFER,
        interaction_id=i.id,
        agent_id=actor.agent_id,
        segment=place.at.segment,
        payload=transfers.wish(to, local if to.kind is TargetKind.QUEUE else "", note, there),
        by=by,
    )
    data = {"centre": centre.name, "to": to.name, "note": note, "order": order.id}
    about = (Record.INTERACTION, i.id, Happened.TRANSFER_BEGUN)
    tx.record(Event(desk.clock.now(), by, *about, data))
    return order.id


async def _stop_writing(desk: Desk, tx: Transaction, i: Interaction, by: By) -> None:
    """What is written stays with the interaction; whoever writes it now saves no more."""
    for draft in await draft_rows.of_thread(tx, i.id):
        if draft.holder_session:
            free = await draft_rows.release(tx, draft)
            draft_locks.happened(desk, tx, free, by, Happened.DRAFT_LOCKED, {"holder": ""})


# Who may, and where it stands there


async def _place(desk: Desk, tx: Transaction, actor: Actor, key: InteractionId) -> _Place:
    """Locked until the end of a write. Raises `NotAllowed`, `IllegalTransition`, `NotFound`."""
    i = await interactions.get(tx, key)
    must_own(actor, i)
    centre = desk.centres.get(i.routing_source)
    if centre is None:
        raise NotFound(
            f"The contact centre that routes {i.number} is not in the settings. Ask an admin."
        )
    _must_be_transferable(actor, i, centre)
    conversation = await ccaas_conversations.get(tx, key)
    if conversation is None or conversation.external_id is None or not conversation.segment:
        raise IllegalTransition(f"{centre.name} does not have {i.number} with you yet. Try again.")
    ref = (conversation.external_id, conversation.segment, conversation.communication)
    return _Place(i, centre, SegmentRef(*ref, await _agent_there(desk, tx, actor, centre)))


def _must_be_transferable(actor: Actor, i: Interaction, centre: ContactCentre) -> None:
    """A centre passes on what its own agent has in hand, on their word alone."""
    if i.owner_id != actor.agent_id:
        raise NotAllowed(
            f"{i.number} is routed by {centre.name}. Only who has it transfers it here; a "
            "supervisor does it there."
        )
    if i.transferring_to:
        raise IllegalTransition(moves.still_transferring(i))
    if i.state is State.ON_HOLD:
        raise IllegalTransition(f"{i.number} is On Hold. Resume it first, then transfer it.")
    if i.state is not State.WORK_IN_PROGRESS:
        raise IllegalTransition(f"{i.number} is {i.state.label}. It cannot be transferred.")


async def _agent_there(desk: Desk, tx: Transaction, actor: Actor, centre: ContactCentre) -> str:
    me = desk.in_force.agents.get(actor.agent_id)
    mapped = me and await ccaas_records.external(tx, centre.key, Kind.AGENT, me.login)
    if not mapped:
        raise SignInMissing(f"Nobody at {centre.name} stands for you. Ask an admin to map you.")
    return mapped


# The outcome


async def passed(
    desk: Desk, actor: Actor, interaction_id: InteractionId, order_id: int | None = None
) -> Passed | None:
    """How the transfer of an order ended, or the newest one; None while the centre has not said."""
    types = (h.value for h in ENDED)
    async with desk.store.read() as tx:
        rows = await events.of_types(tx, Record.INTERACTION.value, interaction_id, types)
    mine = [r for r in rows if order_id is None or r.data.get("order") == order_id]
    if not mine:
        return None
    to, data = str(mine[-1].data["to"]), mine[-1].data
    return Passed(to, str(data.get("why", "")), str(data.get("back_to", "")))


ENDED = (Happened.TRANSFERRED, Happened.TRANSFER_FAILED)


async def outcome(
    desk: Desk,
    actor: Actor,
    interaction_id: InteractionId,
    order_id: int,
    patience_s: float = PATIENCE_S,
) -> Passed | None:
    """How it ended, as soon as that is known; None where the centre is silent for *patience_s*."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience_s
    with desk.store.listening() as woken:
        while True:
            woken.clear()
            how = await passed(desk, actor, interaction_id, order_id)
            left = until - loop.time()
            if how is not None or left <= 0:
                return how
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), min(left, LOOK_S))

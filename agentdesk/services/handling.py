"""What the owner of an interaction does with it: hold, close, wrap up."""

from dataclasses import dataclass, replace
from datetime import datetime

from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.errors import BadInput, NotFound
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import CodeId, InteractionId, SegmentId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.setup import INACTIVITY, CodeSetup
from agentdesk.domain.text import safe
from agentdesk.domain.views import CodeChoice
from agentdesk.domain.wrapup import Code, Segment, WrapUpSource
from agentdesk.services import tally, waiting
from agentdesk.services.ccaas import telling
from agentdesk.services.desk import Desk
from agentdesk.services.notes import record_seen
from agentdesk.services.threads import must_own
from agentdesk.storage import (
    deadlines,
    desk_states,
    drafts,
    interactions,
    mentions,
    outbox,
    wrapups,
)
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import wrap_up_segments


async def owned(tx: Transaction, actor: Actor, interaction_id: InteractionId) -> Interaction:
    """The interaction, if *actor* owns it or supervises. Raises `NotAllowed`."""
    i = await interactions.get(tx, interaction_id)
    must_own(actor, i)
    return i


def changed(desk: Desk, tx: Transaction, before: Interaction, after: Interaction, by: By) -> None:
    """Record a change of state, also for the owner whose capacity it moves."""
    now = desk.clock.now()
    data = {"from": before.state.value, "to": after.state.value}
    tx.record(Event(now, by, Record.INTERACTION, after.id, Happened.STATE_CHANGED, data))
    if before.capacity_used != after.capacity_used and before.owner_id is not None:
        said = {"interaction": after.number}
        tx.record(Event(now, by, Record.AGENT, before.owner_id, Happened.STATE_CHANGED, said))


def owner_changed(
    desk: Desk, tx: Transaction, before: Interaction | None, after: Interaction, actor: Actor
) -> None:
    """Record that *actor* has the interaction now, for both whose capacity it moves.

    *before* is None for a new one, whose stream says already who opened it.
    """
    now, by = desk.clock.now(), By.actor(actor)
    took = {"took": after.number}
    tx.record(Event(now, by, Record.AGENT, actor.agent_id, Happened.OWNER_CHANGED, took))
    if before is None:
        return
    data = {"from": before.state.value, "to": after.state.value, "owner": actor.name}
    tx.record(Event(now, by, Record.INTERACTION, after.id, Happened.OWNER_CHANGED, data))
    if before.owner_id is not None:
        gave = {"gave": after.number, "to": actor.name}
        tx.record(Event(now, by, Record.AGENT, before.owner_id, Happened.OWNER_CHANGED, gave))


async def hold(desk: Desk, actor: Actor, interaction_id: InteractionId) -> None:
    """Work in Progress → On Hold: capacity is released, the customer's answer is waited for."""
    async with desk.store.write() as tx:
        before = await owned(tx, actor, interaction_id)
        await put_on_hold(desk, tx, before, By.actor(actor))


async def put_on_hold(
    desk: Desk, tx: Transaction, before: Interaction, by: By, *, tell: bool = True
) -> Interaction:
    """The move itself, inside a transaction. A contact centre is told, unless it says so: *tell*."""
    now = desk.clock.now()
    after = await interactions.save(tx, moves.be_put_on_hold(before, now))
    await waiting.begin(desk, tx, after)
    changed(desk, tx, before, after, by)
    if tell:
        await telling.held(desk, tx, after, by)
    return after


async def resume(desk: Desk, actor: Actor, interaction_id: InteractionId) -> None:
    """On Hold or Wrap Up → Work in Progress by its owner: undo of a hold or a close."""
    async with desk.store.write() as tx:
        before = await owned(tx, actor, interaction_id)
        await take_up_again(desk, tx, before, By.actor(actor))


async def take_up_again(
    desk: Desk, tx: Transaction, before: Interaction, by: By, *, tell: bool = True
) -> Interaction:
    """The move itself, inside a transaction; *tell* as in `put_on_hold`."""
    after = await interactions.save(tx, moves.be_resumed(before, desk.clock.now()))
    await waiting.end(desk, tx, before)
    if before.state is State.WRAP_UP:
        await stop_wrap_up(tx, before)
    elif tell:
        await telling.resumed(desk, tx, after, by)
    changed(desk, tx, before, after, by)
    return after


async def mark_read(
    desk: Desk, actor: Actor, interaction_id: InteractionId, through_seq: int
) -> None:
    """The actor has seen the stream up to this event; the owner's unread mark goes, and mentions in it."""
    async with desk.store.write() as tx:
        if through_seq <= await desk_states.read_through(tx, actor.agent_id, interaction_id):
            return
        i = await interactions.get(tx, interaction_id)
        await desk_states.mark_read(tx, actor.agent_id, interaction_id, through_seq)
        if i.owner_id == actor.agent_id:
            await interactions.set_unread(tx, interaction_id, 0)
        now = desk.clock.now()
        await mentions.see_through(tx, actor.agent_id, interaction_id, through_seq, now)
        record_seen(desk, tx, actor)


async def close(desk: Desk, actor: Actor, interaction_id: InteractionId) -> None:
    """Work in Progress or On Hold → Wrap Up: the countdown starts.

    Raises `BadInput` while a draft that somebody has written in is unsent; others are removed.
    """
    async with desk.store.write() as tx:
        before = await owned(tx, actor, interaction_id)
        await begin_wrap_up(desk, tx, before, By.actor(actor))


async def begin_wrap_up(desk: Desk, tx: Transaction, before: Interaction, by: By) -> Interaction:
    """The move itself, inside a transaction. Raises `BadInput` while a mail of it is still to go out."""
    await _clear_drafts(tx, before)
    if await outbox.scheduled_of(tx, [before.id]):
        raise BadInput(
            f"A mail of {before.number} goes out later. Send it now or take it back before you close."
        )
    return await begin_countdown(desk, tx, before, by)


async def begin_countdown(desk: Desk, tx: Transaction, before: Interaction, by: By) -> Interaction:
    """Work in Progress or On Hold → Wrap Up, whatever is still written in it."""
    now = desk.clock.now()
    after = await interactions.save(tx, moves.be_closed(before, now))
    due = now + desk.rules.wrap_up
    segment_id = SegmentId(await tx.new_id(wrap_up_segments))
    await wrapups.insert(tx, Segment(segment_id, after.id, after.owner_id, now, due))
    await deadlines.put(tx, Due.WRAP_UP, after.id, due)
    await waiting.end(desk, tx, before)
    changed(desk, tx, before, after, by)
    return after


async def _clear_drafts(tx: Transaction, i: Interaction) -> None:
    for draft in await drafts.of_thread(tx, i.id):
        if draft.touched:
            raise BadInput(f"{i.number} has an unsent draft. Send or discard it first.")
        await drafts.delete(tx, draft.id)
        await deadlines.drop(tx, Due.DRAFT, draft.id)


async def wrap_up_codes(
    desk: Desk, actor: Actor, interaction_id: InteractionId
) -> tuple[CodeChoice, ...]:
    """The codes that an agent may choose for this interaction, the default first."""
    async with desk.store.read() as tx:
        codes = await desk_rows.codes(tx)
    return tuple(CodeChoice(c.id, c.label, c.default, c.key) for c in codes if not c.automatic)


async def wrap_up(
    desk: Desk, actor: Actor, interaction_id: InteractionId, code_id: CodeId, notes: str
) -> None:
    """Wrap Up → Closed Complete with the chosen code."""
    async with desk.store.write() as tx:
        before = await owned(tx, actor, interaction_id)
        code = next((c for c in await desk_rows.codes(tx) if c.id == code_id), None)
        if code is None or code.automatic:
            raise BadInput("Choose one of the wrap-up codes.")
        await _finish(desk, tx, before, code, WrapUpSource.AGENT, safe(notes), By.actor(actor))


async def wrap_up_ran_out(desk: Desk, tx: Transaction, interaction_id: int) -> None:
    """The countdown ended: the default code, marked as timed out."""
    before = await interactions.get(tx, interaction_id)
    if before.state is State.WRAP_UP:
        code = next((c for c in await desk_rows.codes(tx) if c.default), None)
        if code is None:
            raise NotFound("Settings name no default wrap-up code. Mark one with default = true.")
        await _finish(desk, tx, before, code, WrapUpSource.TIMEOUT, "", SYSTEM)


async def _finish(
    desk: Desk,
    tx: Transaction,
    before: Interaction,
    code: Code,
    source: WrapUpSource,
    notes: str,
    by: By,
) -> None:
    after = moves.be_wrapped_up(before, desk.clock.now())
    await end(desk, tx, before, after, Ending(code.label, code, source, notes), by)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a handling ended: the code, None where settings no longer have the one that it is `label`led
    after, and who chose it.
    """

    label: str
    code: Code | None
    source: WrapUpSource
    notes: str = ""


async def ending(tx: Transaction, setup: CodeSetup, source: WrapUpSource) -> Ending:
    """One that the desk itself chooses."""
    code = next((c for c in await desk_rows.codes(tx) if c.key == setup.key), None)
    return Ending(code.label if code else setup.label, code, source)


async def end(
    desk: Desk, tx: Transaction, before: Interaction, after: Interaction, how: Ending, by: By
) -> Interaction:
    """*before* becomes *after*, which is closed: its segment, the log of work and what the stream says.

    A running wrap-up ends with it.
    """
    now = desk.clock.now()
    await waiting.end(desk, tx, before)
    await tally.handled(desk, tx, before)
    after = await interactions.save(tx, after, unread=0)
    segment = await _keep_segment(tx, before, how, now)
    timed_out = how.source is WrapUpSource.TIMEOUT
    data = {"code": how.label, "notes": how.notes, "timed_out": timed_out}
    tx.record(Event(now, by, Record.INTERACTION, before.id, Happened.WRAPPED_UP, data))
    changed(desk, tx, before, after, by)
    await telling.ended(desk, tx, before, after, segment)
    return after


async def _keep_segment(
    tx: Transaction, before: Interaction, how: Ending, now: datetime
) -> Segment | None:
    """The segment of a handling that ends, as it is stored now; None where there is no code for it."""
    if before.state is State.WRAP_UP:
        await deadlines.drop(tx, Due.WRAP_UP, before.id)
        segment = await wrapups.running(tx, before.id)
        if how.code is None:
            await wrapups.delete(tx, segment)
            return None
        segment = _submitted(segment, how.code, how.source, how.notes, now)
        await wrapups.save(tx, segment)
        return replace(segment, version=segment.version + 1)
    if how.code is None:
        return None
    segment_id = SegmentId(await tx.new_id(wrap_up_segments))
    blank = Segment(segment_id, before.id, before.owner_id, now, None)
    segment = _submitted(blank, how.code, how.source, how.notes, now)
    await wrapups.insert(tx, segment)
    return segment


def _submitted(s: Segment, code: Code, source: WrapUpSource, notes: str, now: datetime) -> Segment:
    return replace(
        s,
        code_id=code.id,
        notes=notes,
        source=source,
        submitted_at=now,
        timed_out=source is WrapUpSource.TIMEOUT,
        seconds=(now - s.opened_at).total_seconds(),
    )


async def close_for_silence(desk: Desk, tx: Transaction, interaction_id: int) -> None:
    """No customer answer for the whole period: Closed Complete, with the code for it."""
    before = await interactions.get(tx, interaction_id)
    if not waiting.waits(before) or await waiting.still_unsent(desk, tx, before):
        return
    after = moves.close_for_silence(before, desk.clock.now())
    how = await ending(tx, INACTIVITY, WrapUpSource.INACTIVITY)
    await end(desk, tx, before, after, how, SYSTEM)


async def stop_wrap_up(tx: Transaction, i: Interaction) -> None:
    """The customer wrote during the countdown: it stops, the handling goes on."""
    await deadlines.drop(tx, Due.WRAP_UP, i.id)
    await wrapups.delete(tx, await wrapups.running(tx, i.id))

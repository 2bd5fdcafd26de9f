"""What becomes of the records between which mails are moved: made, heard, emptied, and as before."""

from collections.abc import Mapping, Sequence
from typing import Any

from agentdesk.domain import case as case_moves
from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import Case
from agentdesk.domain.deadline import Due
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import InteractionId, interaction_number
from agentdesk.domain.interaction import Direction, Interaction, State
from agentdesk.domain.message import Address
from agentdesk.domain.moved import remembered, restored
from agentdesk.domain.moving import Place
from agentdesk.domain.work import WorkState
from agentdesk.services import cases_inside, offers, searching, tally, waiting
from agentdesk.services.batch import NO_SUBJECT
from agentdesk.services.cases_inside import Opening
from agentdesk.services.ccaas import telling
from agentdesk.services.desk import Desk
from agentdesk.services.handling import changed, stop_wrap_up
from agentdesk.services.threads import Thread
from agentdesk.services.tokens import new_token
from agentdesk.storage import cases, deadlines, drafts, interactions, people, work
from agentdesk.storage import moves as stored
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import interactions as interaction_table


async def make(
    desk: Desk, tx: Transaction, actor: Actor, source: Thread, mails: Sequence[Any], place: Place
) -> Thread:
    """A record of its own for *mails*: an interaction that the actor works on, or a case of theirs."""
    subject = mails[0].subject or source.subject or NO_SUBJECT
    if place is Place.NEW_CASE:
        opening = Opening(
            subject,
            source.customer_id,
            source.mail_account_id,
            f"Split from {source.number}",
            account_id=source.account_id,
            queue_id=source.queue_id,
            owner_id=actor.agent_id or None,
            opened_by=actor.agent_id or None,
        )
        return await cases_inside.open_case(desk, tx, By.actor(actor), opening)
    return await _make_interaction(desk, tx, actor, source, subject, mails)


async def _make_interaction(
    desk: Desk, tx: Transaction, actor: Actor, source: Thread, subject: str, mails: Sequence[Any]
) -> Interaction:
    now = desk.clock.now()
    key = InteractionId(await tx.new_id(interaction_table))
    senders = [r.sender for r in mails if r.direction == "inbound"]
    person = (await people.by_addresses(tx, senders[:1])).get(senders[0]) if senders else None
    i = Interaction(
        id=key,
        number=interaction_number(key),
        direction=Direction.INBOUND,
        state=State.WORK_IN_PROGRESS,
        customer_id=person.customer_id if person else source.customer_id,
        subject=subject,
        mail_account_id=source.mail_account_id,
        opened_at=now,
        changed_at=now,
        queue_id=source.queue_id,
        owner_id=actor.agent_id or None,
        account_id=person.account_id if person else source.account_id,
    )
    await interactions.insert(tx, [(i, new_token(), subject)])
    by, what = By.actor(actor), {"why": f"Split from {source.number}"}
    tx.record(Event(now, by, Record.INTERACTION, i.id, Happened.OPENED, what))
    took = {"took": i.number}
    if actor.agent_id:
        tx.record(Event(now, by, Record.AGENT, actor.agent_id, Happened.OWNER_CHANGED, took))
    return i


async def hear(desk: Desk, tx: Transaction, target: Thread, mail: Any) -> Thread:
    """The customer's words stand in *target* now: it moves as if they had come there."""
    who = mail.sender_name or mail.sender
    if isinstance(target, Case):
        return await cases_inside.heard_from_customer(desk, tx, target, who, mail.subject)
    after = moves.take_a_reply(target, desk.clock.now())
    if target.state is State.WRAP_UP:
        await stop_wrap_up(tx, target)
    if target.state is State.ON_HOLD:
        await waiting.end(desk, tx, target)
    more = interaction_table.c.unread + 1
    after = await interactions.save(tx, after, unread=more, preview=mail.subject)
    if after.state is not target.state:
        changed(desk, tx, target, after, By("customer", who, target.customer_id))
    await telling.replied(desk, tx, target, Address(mail.sender, mail.sender_name))
    return after


async def leave(desk: Desk, tx: Transaction, source: Thread, by: By) -> dict[str, Any] | None:
    """An open interaction in which nothing is left is abandoned; returns how it stood before."""
    if isinstance(source, Case) or source.state.closed:
        return None
    written = [d for d in await drafts.of_thread(tx, source.id) if d.touched]
    if written or await stored.anything_left(tx, Record.INTERACTION, source.id):
        return None
    for draft in await drafts.of_thread(tx, source.id):
        await drafts.delete(tx, draft.id)
        await deadlines.drop(tx, Due.DRAFT, draft.id)
    return remembered(source) | {"version": (await _abandon(desk, tx, source, by)).version}


async def _abandon(desk: Desk, tx: Transaction, before: Interaction, by: By) -> Interaction:
    if before.state is State.NEW:
        item = await work.waiting_for(tx, before.id)
        if item is not None and item.state is WorkState.OFFERED:
            await offers.withdraw(desk, tx, item, by)
        await searching.close(desk, tx, before.id)
    if before.state is State.WRAP_UP:
        await stop_wrap_up(tx, before)
    await waiting.end(desk, tx, before)
    await tally.handled(desk, tx, before)
    after = moves.be_emptied(before, desk.clock.now())
    after = await interactions.save(tx, after, unread=0)
    changed(desk, tx, before, after, by)
    await telling.ended(desk, tx, before, after, None)
    return after


async def used(tx: Transaction, made: Thread) -> bool:
    """Whether somebody wrote something in a record that was made for a mail."""
    record = Record.CASE if isinstance(made, Case) else Record.INTERACTION
    written = any(d.touched for d in await drafts.of_thread(tx, made.id))
    return written or await stored.noted(tx, record, made.id)


async def forget(
    desk: Desk, tx: Transaction, target: Thread, made: Mapping[str, Any], by: By
) -> None:
    """The mails are gone again: a record that was made for them closes; another one stands as before,
    unless somebody did something with it since.
    """
    if made["made"]:
        await _close_made(desk, tx, target, by)
    elif target.version == made["version"] and not target.state.closed:
        await _as_before(desk, tx, target, made["before"], by)


async def _close_made(desk: Desk, tx: Transaction, target: Thread, by: By) -> None:
    if target.state.closed:
        return
    if isinstance(target, Interaction):
        await leave(desk, tx, target, by)
        return
    after = case_moves.be_emptied(target, desk.clock.now())
    after = await cases.save(tx, after)
    await cases_inside.moved(desk, tx, target, after, by)


async def _as_before(
    desk: Desk, tx: Transaction, target: Thread, before: Mapping[str, Any], by: By
) -> None:
    now = desk.clock.now()
    if isinstance(target, Case):
        back = restored(target, before, now)
        if back.state is not target.state:
            after = await cases.save(tx, back)
            await cases_inside.moved(desk, tx, target, after, by)
    elif before["state"] == State.ON_HOLD.value and target.state is not State.ON_HOLD:
        await _held_again(desk, tx, target, before, by)


async def _held_again(
    desk: Desk, tx: Transaction, i: Interaction, before: Mapping[str, Any], by: By
) -> None:
    after = await interactions.save(tx, restored(i, before, desk.clock.now()))
    await waiting.begin(desk, tx, after)
    if after.snoozed_until is not None:
        await deadlines.put(tx, Due.SNOOZE, after.id, after.snoozed_until)
    changed(desk, tx, i, after, by)
    await telling.held(desk, tx, after, by)


async def take_up(
    desk: Desk, tx: Transaction, source: Thread, emptied: Mapping[str, Any] | None, by: By
) -> None:
    """What was emptied has its mails again: it stands as before, or is searched an agent for anew.

    A wrap-up that was stopped does not run again.
    """
    if emptied is None or isinstance(source, Case) or not source.state.closed:
        return
    before = {k: v for k, v in emptied.items() if k != "version"}
    now = desk.clock.now()
    await telling.replied(desk, tx, source)
    if before["state"] == State.ON_HOLD.value:
        return await _held_again(desk, tx, source, before, by)
    if before["state"] == State.NEW.value and source.queue_id is not None:
        back = restored(source, before, now)
        await searching.again(desk, tx, back, source.queue_id, by)
        changed(desk, tx, source, back, by)
        return
    after = restored(source, before | {"state": State.WORK_IN_PROGRESS.value}, now)
    after = await interactions.save(tx, after)
    changed(desk, tx, source, after, by)

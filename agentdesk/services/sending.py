"""The way out: a draft becomes an outbox row, and the row becomes a mail exactly once.

States: delayed (undo is possible) → queued → sending → maybe_sent → sent, or deferred, failed,
unknown; superseded once a person wrote it anew. Source: docs/architecture.md, *The one way out*.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.delivery import AfterSend, Fate, Outcome, Outcomes, fates, still_open
from agentdesk.domain.draft import Draft, DraftContent, Recipients
from agentdesk.domain.errors import BadInput, Conflict, IllegalTransition, SomethingNew
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import DraftId, InteractionId, MessageId, OutboxId
from agentdesk.domain.interaction import WRITABLE, Interaction, State
from agentdesk.domain.message import Address
from agentdesk.domain.template import refuse_leftovers
from agentdesk.domain.text import safe
from agentdesk.domain.views import Delivery
from agentdesk.mail.fields import wire_address
from agentdesk.services import draft_locks, draft_versions, letters, waiting
from agentdesk.services import drafts as draft_service
from agentdesk.services.desk import Desk
from agentdesk.services.handling import (
    begin_wrap_up,
    owned,
    owner_changed,
    put_on_hold,
    take_up_again,
)
from agentdesk.services.outgoing import move, telling, touched
from agentdesk.storage import blobs, deadlines, drafts, events, interactions, messages, outbox
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import drafts as draft_table
from agentdesk.storage.tables import outbox as outbox_table


async def queue(
    desk: Desk,
    actor: Actor,
    draft_id: DraftId,
    token: int,
    *,
    anyway: bool = False,
    after: AfterSend = AfterSend.USUAL,
    send_at: datetime | None = None,
) -> OutboxId:
    """Send a draft after the undo delay, or at *send_at*.

    Raises `SomethingNew` when mail came or went since the draft began (unless *anyway*), `BadInput`
    for recipients or an empty mail, `FencedOff` when the draft was taken over.
    """
    async with desk.store.write() as tx:
        before, draft = await draft_locks.with_interaction(tx, draft_id)
        draft_locks.must_hold(actor, draft, token)
        draft_service.may_write(desk, actor, before, draft)
        if before.state not in WRITABLE:
            raise IllegalTransition(f"{before.number} is {before.state.label}. Nothing was sent.")
        if send_at is not None:
            send_at = _ahead(desk, send_at)
        recipients = letters.check_recipients(draft)
        refuse_leftovers(draft.content.subject, draft.content.body, theirs=before.subject)
        draft_service.check_sizes(desk.rules, draft.files)
        if not anyway:
            await _stop_at_news(tx, draft)
        box = await _put_in_outbox(desk, tx, actor, before, draft, recipients, send_at)
        await _answered(desk, tx, actor, before, draft.content.subject, after)
        return box


async def _stop_at_news(tx: Transaction, draft: Draft) -> None:
    newest = await events.last_seq(tx, "interaction", draft.interaction_id, draft_service.MAIL)
    if newest > draft.base_seq:
        raise SomethingNew("Something new came into this conversation. Read it before you send.")


async def _put_in_outbox(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    i: Interaction,
    draft: Draft,
    to: Recipients,
    send_at: datetime | None,
) -> OutboxId:
    letter = await letters.write(desk, tx, actor, i, draft, to)
    box = OutboxId(await tx.new_id(outbox_table))
    now = desk.clock.now()
    sha = await blobs.put_one(tx, letter.raw)
    await messages.insert(tx, [letters.message_row(letter, sha, actor, i, draft, to, now)])
    due = max(send_at or now, now + desk.rules.undo_send)
    row = {
        "id": box,
        "mail_account_id": i.mail_account_id,
        "interaction_id": i.id,
        "message_id": letter.message_id,
        "agent_id": actor.agent_id,
        "state": Delivery.DELAYED.value,
        "recipients": list(dict.fromkeys(wire_address(a.email) for a in _everybody(to))),
        "draft": drafts.values(draft) | {"updated_at": None, "lease_until": None, "kept_at": None},
        "header_id": letter.header_id,
        "created_at": now,
        "changed_at": now,
        "due_at": due,
        "scheduled_for": send_at,
    }
    await outbox.insert(tx, row)
    await deadlines.put(tx, Due.OUTBOX, box, due)
    await drafts.delete(tx, draft.id, versions=False)
    await deadlines.drop(tx, Due.DRAFT, draft.id)
    people = [(i.id, a.email) for a in (*to.to, *to.cc)]
    await interactions.add_participants(tx, people)
    tx.record(_mail_event(desk, actor, i.id, letter.message_id, box))
    return box


def _everybody(to: Recipients) -> tuple[Address, ...]:
    return (*to.to, *to.cc, *to.bcc)


def _mail_event(
    desk: Desk, actor: Actor, i: InteractionId, message: MessageId, box: OutboxId
) -> Event:
    by = By.actor(actor)
    about = (Record.INTERACTION, i, Happened.MAIL_QUEUED)
    return Event(desk.clock.now(), by, *about, message_id=message, outbox_id=box)


async def _answered(
    desk: Desk, tx: Transaction, actor: Actor, before: Interaction, subject: str, then: AfterSend
) -> None:
    now, by = desk.clock.now(), By.actor(actor)
    subject = safe(subject, multiline=False)
    after = moves.be_answered(before, actor.agent_id, now, subject=subject)
    after = await interactions.save(tx, after)
    if after.owner_id != before.owner_id:
        owner_changed(desk, tx, before, after, actor)
    if then is AfterSend.CLOSE:
        await begin_wrap_up(desk, tx, after, by)
        return
    usual = then is AfterSend.USUAL and desk.rules.hold_after_send
    if (usual or then is AfterSend.HOLD) and after.state is State.WORK_IN_PROGRESS:
        await put_on_hold(desk, tx, after, by)
    elif waiting.waits(after):
        await waiting.begin(desk, tx, after)


async def ready(desk: Desk, tx: Transaction, outbox_id: int) -> None:
    """The delay is over (undo, schedule or retry): the send loop may take it."""
    row = await outbox.get(tx, outbox_id)
    if row.state in (Delivery.DELAYED.value, Delivery.DEFERRED.value):
        await move(desk, tx, row, Delivery.QUEUED, SYSTEM)
        if row.state == Delivery.DELAYED.value and row.scheduled_for is not None:
            await waiting.begin_again(desk, tx, row.interaction_id)
        if row.draft:
            await drafts.forget_versions(tx, row.draft["id"])


async def cancel(desk: Desk, actor: Actor, outbox_id: OutboxId) -> Draft:
    """Undo a send while it is delayed: the draft is back. Raises `Conflict` once it is too late."""
    async with desk.store.write() as tx:
        row = await outbox.get(tx, outbox_id)
        before = await owned(tx, actor, InteractionId(row.interaction_id))
        if row.state != Delivery.DELAYED.value:
            raise Conflict("It is too late: this mail is already on its way.")
        if before.state.closed:
            raise Conflict(f"It is too late: {before.number} is closed.")
        _must_have_a_draft(row)
        await move(desk, tx, row, Delivery.CANCELED, By.actor(actor), "Sending was undone")
        await deadlines.drop(tx, Due.OUTBOX, outbox_id)
        before = await interactions.save(tx, moves.take_back_a_mail(before, desk.clock.now()))
        return await _restored(desk, tx, actor, before, row)


def _must_have_a_draft(row: Any) -> None:
    if not row.draft:
        raise Conflict("agentdesk wrote this mail by itself: there is no draft of it to give back.")


async def reschedule(desk: Desk, actor: Actor, outbox_id: OutboxId, send_at: datetime) -> None:
    """A mail that waits goes out at *send_at* instead. Raises `Conflict` once it is too late."""
    async with desk.store.write() as tx:
        row = await _waiting(tx, actor, outbox_id)
        await _schedule(desk, tx, row, By.actor(actor), _ahead(desk, send_at))


async def send_now(desk: Desk, actor: Actor, outbox_id: OutboxId) -> None:
    """A mail that waits for its moment goes out at once. Raises `Conflict` once it is too late."""
    async with desk.store.write() as tx:
        row = await _waiting(tx, actor, outbox_id)
        await _schedule(desk, tx, row, By.actor(actor), None)


async def _waiting(tx: Transaction, actor: Actor, outbox_id: OutboxId) -> Any:
    """The row of a mail that can still be stopped."""
    row = await outbox.get(tx, outbox_id)
    await owned(tx, actor, InteractionId(row.interaction_id))
    if row.state != Delivery.DELAYED.value:
        raise Conflict("It is too late: this mail is already on its way.")
    return row


def _ahead(desk: Desk, send_at: datetime) -> datetime:
    if send_at <= desk.clock.now():
        raise BadInput("The moment for sending is past. Name a later one.")
    return send_at


async def _schedule(
    desk: Desk, tx: Transaction, row: Any, by: By, send_at: datetime | None
) -> None:
    now = desk.clock.now()
    due = send_at or now
    await outbox.change(tx, row.id, now, due_at=due, scheduled_for=send_at)
    await deadlines.put(tx, Due.OUTBOX, row.id, due)
    touched(desk, tx, row, by, "")


async def edit(desk: Desk, actor: Actor, outbox_id: OutboxId) -> Draft:
    """Give back a mail that failed or waits for another try, to whom it did not reach.

    Sent again it is another mail with an identity of its own. Raises `Conflict` where it is too late.
    """
    async with desk.store.write() as tx:
        row = await outbox.get(tx, outbox_id)
        before = await owned(tx, actor, InteractionId(row.interaction_id))
        outcomes = outbox.outcomes_of(row)
        missed = _missed(row, outcomes)
        if not missed:
            raise Conflict("This mail is not waiting for a decision.")
        if before.state.closed:
            raise Conflict(f"{before.number} is closed. The mail can only be sent again as it is.")
        _must_have_a_draft(row)
        reached = bool(fates(outcomes, Fate.ACCEPTED))
        await _withdraw(desk, tx, actor, row, outcomes, missed)
        only = frozenset(missed) if reached else None
        return await _restored(desk, tx, actor, before, row, only)


def _missed(row: Any, outcomes: Outcomes) -> tuple[str, ...]:
    """Who has not got a mail that nobody is handing in now."""
    refused = tuple(o.email for o in fates(outcomes, Fate.REFUSED))
    if row.state == Delivery.SENT.value:
        return refused
    if row.state in (Delivery.FAILED.value, Delivery.DEFERRED.value):
        return tuple(dict.fromkeys((*refused, *still_open(row.recipients, outcomes))))
    return ()


async def _withdraw(
    desk: Desk, tx: Transaction, actor: Actor, row: Any, outcomes: Outcomes, missed: Iterable[str]
) -> None:
    gone = {
        r: replace(outcomes.get(r) or Outcome(r, Fate.WITHDRAWN), fate=Fate.WITHDRAWN)
        for r in missed
    }
    kept = outbox.outcome_values({**outcomes, **gone})
    reached = bool(fates(outcomes, Fate.ACCEPTED))
    state = Delivery.SENT if reached else Delivery.SUPERSEDED
    who = f" for {', '.join(gone)}" if reached else ""
    why = f"Taken back to be written anew{who}"
    await move(desk, tx, row, state, By.actor(actor), why, outcomes=kept, note="")
    await deadlines.drop(tx, Due.OUTBOX, row.id)
    if reached and row.state != Delivery.SENT.value:
        await deadlines.put(tx, Due.COPY, row.id, desk.clock.now())


async def _restored(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    before: Interaction,
    row: Any,
    only: frozenset[str] | None = None,
) -> Draft:
    """The draft that *row* was made from; to *only* these envelope addresses if named."""
    if before.state in (State.ON_HOLD, State.WRAP_UP):
        await take_up_again(desk, tx, before, By.actor(actor))
    now = desk.clock.now()
    kept = drafts.made({**row.draft, "updated_at": now, "lease_until": None})
    draft = replace(
        kept,
        id=DraftId(await tx.new_id(draft_table)),
        content=kept.content if only is None else _to_only(kept.content, only),
        base_seq=await events.last_seq(tx, "interaction", row.interaction_id, draft_service.MAIL),
        author_id=actor.agent_id,
        holder_id=actor.agent_id,
        holder_session=actor.session,
        lease_until=now + desk.rules.lock_lease,
    )
    await drafts.insert(tx, draft)
    await drafts.move_versions(tx, kept.id, draft.id)
    await draft_versions.keep(desk, tx, draft, actor.agent_id, kept.content, "as it was sent")
    await deadlines.put(tx, Due.DRAFT, draft.id, now + desk.rules.draft_silence)
    return draft


def _to_only(content: DraftContent, only: frozenset[str]) -> DraftContent:
    """The same letter to fewer; somebody always stands in To."""
    to, cc, bcc = (
        ", ".join(
            letters.as_typed(a)
            for a in letters.typed_addresses(field)
            if wire_address(a.email) in only
        )
        for field in (content.to, content.cc, content.bcc)
    )
    if not to:
        to, cc, bcc = (cc, "", bcc) if cc else (bcc, "", "")
    return replace(content, to=to, cc=cc, bcc=bcc)


async def send_again(desk: Desk, actor: Actor, outbox_id: OutboxId) -> None:
    """A person decided: hand the same mail in once more, now, for those who did not get it.

    For a failed or deferred mail, one that some refused, or one whose outcome is unknown.
    """
    async with desk.store.write() as tx:
        row = await outbox.get(tx, outbox_id)
        await owned(tx, actor, InteractionId(row.interaction_id))
        outcomes = outbox.outcomes_of(row)
        if row.state != Delivery.UNKNOWN.value:
            if not _missed(row, outcomes):
                raise Conflict("This mail is not waiting for a decision.")
            outcomes = {k: o for k, o in outcomes.items() if o.fate is not Fate.REFUSED}
        await _forget_deadlines(tx, outbox_id)
        values = {"outcomes": outbox.outcome_values(outcomes), "attempts": 0}
        by, why = By.actor(actor), "Sent once more by hand"
        now = desk.clock.now()
        await move(desk, tx, row, Delivery.QUEUED, by, why, created_at=now, **values)
        await waiting.begin_again(desk, tx, row.interaction_id)


async def confirm_sent(desk: Desk, actor: Actor, outbox_id: OutboxId) -> None:
    """A person knows that a mail of unknown outcome arrived."""
    async with desk.store.write() as tx:
        row = await outbox.get(tx, outbox_id)
        await owned(tx, actor, InteractionId(row.interaction_id))
        if row.state != Delivery.UNKNOWN.value:
            raise Conflict("This mail is not waiting for a decision.")
        await was_sent(desk, tx, row, By.actor(actor), "Confirmed as arrived by hand")


async def was_sent(desk: Desk, tx: Transaction, row: Any, by: By, why: str) -> None:
    """A mail of unknown outcome did go out; whom the server had put off is still to get it."""
    known = outbox.outcomes_of(row)
    maybe = (r for r in row.recipients if r not in known)
    outcomes = known | {r: Outcome(r, Fate.ACCEPTED) for r in maybe}
    await _forget_deadlines(tx, row.id)
    state = Delivery.QUEUED if fates(outcomes, Fate.DEFERRED) else Delivery.SENT
    kept = outbox.outcome_values(outcomes)
    await move(desk, tx, row, state, by, why, outcomes=kept, note=telling(outcomes))
    if state is Delivery.SENT:
        await deadlines.put(tx, Due.COPY, row.id, desk.clock.now())
    await waiting.begin_again(desk, tx, row.interaction_id)


async def _forget_deadlines(tx: Transaction, outbox_id: int) -> None:
    for kind in (Due.OUTBOX, Due.LOOK):
        await deadlines.drop(tx, kind, outbox_id)

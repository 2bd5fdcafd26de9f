"""The way out: a draft becomes an outbox row, and the row becomes a mail exactly once.

States: delayed (undo is possible) → queued → sending → maybe_sent → sent, or deferred, failed,
unknown; superseded once a person wrote it anew. Source: docs/architecture.md, *The one way out*.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.delivery import AfterSend, Fate, Outcome, Outcomes, fates, still_open
from agentdesk.domain.draft import Draft, DraftKind, Recipients
from agentdesk.domain.errors import BadInput, Conflict
from agentdesk.domain.event import SYSTEM, By, Event, Happened
from agentdesk.domain.ids import DraftId, OutboxId
from agentdesk.domain.views import Delivery
from agentdesk.mail.fields import wire_address
from agentdesk.services import answering, draft_locks, letters, restoring, scheduling, threads
from agentdesk.services import drafts as draft_service
from agentdesk.services.answering import Mail
from agentdesk.services.desk import Desk
from agentdesk.services.news import stop_at_news
from agentdesk.services.outgoing import move, telling
from agentdesk.services.threads import Thread
from agentdesk.storage import blobs, deadlines, drafts, interactions, messages, outbox
from agentdesk.storage.conversations import Places
from agentdesk.storage.store import Transaction
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
        before, draft = await draft_locks.with_thread(tx, draft_id)
        draft_locks.must_hold(actor, draft, token)
        draft_service.may_write(desk, actor, before, draft)
        threads.must_be_writable(before, "Nothing was sent.")
        answering.must_be_possible(before, after, scheduled=send_at is not None)
        if send_at is not None:
            send_at = _ahead(desk, send_at)
        recipients = letters.check(draft, before)
        draft_service.check_sizes(desk.rules, draft.files)
        places = await threads.conversation(tx, before)
        if not anyway:
            await stop_at_news(tx, draft, places)
        answers = await _is_for_the_customer(tx, draft, recipients, places)
        box, leaves = await _put_in_outbox(desk, tx, actor, before, draft, recipients, send_at)
        mail = Mail(draft.content.subject, answers, leaves)
        await answering.went(desk, tx, actor, before, mail, after)
        return box


async def _is_for_the_customer(
    tx: Transaction, draft: Draft, to: Recipients, places: Places
) -> bool:
    """Whether it answers: a mail that is passed on does not, nor does one to third parties only."""
    thirds = await threads.third_parties(tx, places)
    return draft.kind is not DraftKind.FORWARD and any(a.email not in thirds for a in to.everybody)


async def _put_in_outbox(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    thread: Thread,
    draft: Draft,
    to: Recipients,
    send_at: datetime | None,
) -> tuple[OutboxId, datetime]:
    """The mail's row, and when it goes out as its writer means it."""
    now = desk.clock.now()
    leaves = send_at or now
    letter = await letters.write(desk, tx, actor, thread, draft, to, leaves)
    box = OutboxId(await tx.new_id(outbox_table))
    sha = await blobs.put_one(tx, letter.raw)
    await messages.insert(tx, [letters.message_row(letter, sha, actor, thread, draft, to, now)])
    due = max(leaves, now + desk.rules.undo_send)
    row = {
        "id": box,
        "mail_account_id": letter.mail_account_id,
        "thread_id": thread.id,
        "record": threads.record_of(thread).value,
        "message_id": letter.message_id,
        "agent_id": actor.agent_id,
        "state": Delivery.DELAYED.value,
        "recipients": list(dict.fromkeys(wire_address(a.email) for a in to.everybody)),
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
    people = [(thread.id, a.email) for a in (*to.to, *to.cc)]
    await interactions.add_participants(tx, people, third=draft.kind is DraftKind.FORWARD)
    by, about = By.actor(actor), (*threads.about(thread), Happened.MAIL_QUEUED)
    tx.record(Event(now, by, *about, message_id=letter.message_id, outbox_id=box))
    return box, leaves


async def ready(desk: Desk, tx: Transaction, outbox_id: int) -> None:
    """The delay is over (undo, schedule or retry): the send loop may take it."""
    thread = await threads.get(tx, *await outbox.home_of(tx, outbox_id))
    row = await outbox.get(tx, outbox_id)
    if row.state in (Delivery.DELAYED.value, Delivery.DEFERRED.value):
        await move(desk, tx, row, Delivery.QUEUED, SYSTEM)
        if row.state == Delivery.DELAYED.value and row.scheduled_for is not None:
            await answering.left(desk, tx, thread)
        if row.draft:
            await drafts.forget_versions(tx, row.draft["id"])


async def _locked(
    desk: Desk, tx: Transaction, actor: Actor, outbox_id: OutboxId
) -> tuple[Thread, Any]:
    """A mail and its thread, in the order in which everybody locks them: a mail that comes in holds
    the thread while it stops what was to go out. Raises `NotAllowed`, `NotFound`."""
    before = await threads.get(tx, *await outbox.home_of(tx, outbox_id))
    threads.must_work_on(desk, actor, before)
    return before, await outbox.get(tx, outbox_id)


async def cancel(desk: Desk, actor: Actor, outbox_id: OutboxId) -> Draft:
    """Undo a send while it is delayed: the draft is back. Raises `Conflict` once it is too late."""
    async with desk.store.write() as tx:
        before, row = await _locked(desk, tx, actor, outbox_id)
        if row.state != Delivery.DELAYED.value:
            raise Conflict("It is too late: this mail is already on its way.")
        if before.state.closed:
            raise Conflict(f"It is too late: {before.number} is closed.")
        restoring.must_have_a_draft(row)
        await move(desk, tx, row, Delivery.CANCELED, By.actor(actor), "Sending was undone")
        await deadlines.drop(tx, Due.OUTBOX, outbox_id)
        await answering.taken_back(desk, tx, before, row, By.actor(actor))
        return await restoring.restored(desk, tx, row, actor)


async def reschedule(desk: Desk, actor: Actor, outbox_id: OutboxId, send_at: datetime) -> None:
    """A mail that waits goes out at *send_at* instead. Raises `Conflict` once it is too late."""
    async with desk.store.write() as tx:
        row = await _waiting(desk, tx, actor, outbox_id)
        await scheduling.move_to(desk, tx, row, By.actor(actor), _ahead(desk, send_at))
        await answering.waits_anew(desk, tx, row)


async def send_now(desk: Desk, actor: Actor, outbox_id: OutboxId) -> None:
    """A mail that waits for its moment goes out at once. Raises `Conflict` once it is too late."""
    async with desk.store.write() as tx:
        row = await _waiting(desk, tx, actor, outbox_id)
        await scheduling.let_go(desk, tx, row)
        await ready(desk, tx, row.id)


async def _waiting(desk: Desk, tx: Transaction, actor: Actor, outbox_id: OutboxId) -> Any:
    """The row of a mail that can still be stopped."""
    _, row = await _locked(desk, tx, actor, outbox_id)
    if row.state != Delivery.DELAYED.value:
        raise Conflict("It is too late: this mail is already on its way.")
    return row


def _ahead(desk: Desk, send_at: datetime) -> datetime:
    if send_at <= desk.clock.now():
        raise BadInput("The moment for sending is past. Name a later one.")
    return send_at


async def edit(desk: Desk, actor: Actor, outbox_id: OutboxId) -> Draft:
    """Give back a mail that failed or waits for another try, to whom it did not reach.

    Sent again it is another mail with an identity of its own. Raises `Conflict` where it is too late.
    """
    async with desk.store.write() as tx:
        before, row = await _locked(desk, tx, actor, outbox_id)
        outcomes = outbox.outcomes_of(row)
        missed = _missed(row, outcomes)
        if not missed:
            raise Conflict("This mail is not waiting for a decision.")
        if before.state.closed:
            raise Conflict(f"{before.number} is closed. The mail can only be sent again as it is.")
        restoring.must_have_a_draft(row)
        reached = bool(fates(outcomes, Fate.ACCEPTED))
        await _withdraw(desk, tx, actor, row, outcomes, missed)
        await answering.taken_up(desk, tx, before, By.actor(actor))
        only = frozenset(missed) if reached else None
        return await restoring.restored(desk, tx, row, actor, only)


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


async def send_again(desk: Desk, actor: Actor, outbox_id: OutboxId) -> None:
    """A person decided: hand the same mail in once more, now, for those who did not get it.

    For a failed or deferred mail, one that some refused, or one whose outcome is unknown.
    """
    async with desk.store.write() as tx:
        _, row = await _locked(desk, tx, actor, outbox_id)
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
        await answering.waits_anew(desk, tx, row)


async def confirm_sent(desk: Desk, actor: Actor, outbox_id: OutboxId) -> None:
    """A person knows that a mail of unknown outcome arrived."""
    async with desk.store.write() as tx:
        _, row = await _locked(desk, tx, actor, outbox_id)
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
    await answering.waits_anew(desk, tx, row)


async def _forget_deadlines(tx: Transaction, outbox_id: int) -> None:
    for kind in (Due.OUTBOX, Due.LOOK):
        await deadlines.drop(tx, kind, outbox_id)

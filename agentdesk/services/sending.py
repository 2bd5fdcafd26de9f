"""The way out: a draft becomes an outbox row, and the row becomes a mail exactly once.

States: delayed (undo is possible) → queued → sending → maybe_sent → sent, or deferred, failed,
unknown; superseded once a person wrote it anew. Source: docs/architecture.md, *The one way out*.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.delivery import AfterSend, Fate, Outcome, Outcomes, fates, still_open
from agentdesk.domain.draft import Draft, DraftKind, Recipients
from agentdesk.domain.errors import BadInput, Conflict, IllegalTransition
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import DraftId, InteractionId, OutboxId
from agentdesk.domain.interaction import WRITABLE, Interaction, State
from agentdesk.domain.text import safe
from agentdesk.domain.views import Delivery
from agentdesk.mail.fields import wire_address
from agentdesk.services import draft_locks, letters, restoring, scheduling, waiting
from agentdesk.services import drafts as draft_service
from agentdesk.services.desk import Desk
from agentdesk.services.handling import (
    begin_wrap_up,
    owned,
    owner_changed,
    put_on_hold,
    take_up_again,
)
from agentdesk.services.news import stop_at_news
from agentdesk.services.outgoing import move, telling
from agentdesk.storage import blobs, deadlines, drafts, interactions, messages, outbox
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
        before, draft = await draft_locks.with_interaction(tx, draft_id)
        draft_locks.must_hold(actor, draft, token)
        draft_service.may_write(desk, actor, before, draft)
        if before.state not in WRITABLE:
            raise IllegalTransition(f"{before.number} is {before.state.label}. Nothing was sent.")
        if send_at is not None:
            send_at = _ahead(desk, send_at)
        recipients = letters.check(draft, before)
        draft_service.check_sizes(desk.rules, draft.files)
        if not anyway:
            await stop_at_news(tx, draft)
        answers = await _is_for_the_customer(tx, draft, recipients)
        box, leaves = await _put_in_outbox(desk, tx, actor, before, draft, recipients, send_at)
        after_it = _then(desk, after, answers=answers, send_at=send_at)
        await _went(desk, tx, actor, before, draft.content.subject, leaves, answers=answers)
        await _go_on(desk, tx, actor, draft.interaction_id, after_it, answers=answers)
        return box


def _then(desk: Desk, after: AfterSend, *, answers: bool, send_at: datetime | None) -> AfterSend:
    """What is meant by the usual. Raises `BadInput` where it cannot be."""
    if after is AfterSend.CLOSE and send_at is not None:
        raise BadInput(
            "A mail that goes out later keeps its interaction open. Close it afterwards."
        )
    if after is not AfterSend.USUAL:
        return after
    return AfterSend.HOLD if answers and desk.rules.hold_after_send else AfterSend.KEEP


async def _is_for_the_customer(tx: Transaction, draft: Draft, to: Recipients) -> bool:
    """Whether it answers: a mail that is passed on does not, nor does one to third parties only."""
    thirds = await interactions.third_parties_of(tx, [draft.interaction_id])
    others = {email for _, email in thirds}
    return draft.kind is not DraftKind.FORWARD and any(a.email not in others for a in to.everybody)


async def _put_in_outbox(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    i: Interaction,
    draft: Draft,
    to: Recipients,
    send_at: datetime | None,
) -> tuple[OutboxId, datetime]:
    """The mail's row, and when it goes out as its writer means it."""
    now = desk.clock.now()
    leaves = send_at or now
    letter = await letters.write(desk, tx, actor, i, draft, to, leaves)
    box = OutboxId(await tx.new_id(outbox_table))
    sha = await blobs.put_one(tx, letter.raw)
    await messages.insert(tx, [letters.message_row(letter, sha, actor, i, draft, to, now)])
    due = max(leaves, now + desk.rules.undo_send)
    row = {
        "id": box,
        "mail_account_id": letter.mail_account_id,
        "thread_id": i.id,
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
    people = [(i.id, a.email) for a in (*to.to, *to.cc)]
    await interactions.add_participants(tx, people, third=draft.kind is DraftKind.FORWARD)
    by, about = By.actor(actor), (Record.INTERACTION, i.id, Happened.MAIL_QUEUED)
    tx.record(Event(now, by, *about, message_id=letter.message_id, outbox_id=box))
    return box, leaves


async def _went(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    before: Interaction,
    subject: str,
    leaves: datetime,
    *,
    answers: bool,
) -> None:
    """The mail counts, as an answer if it was one."""
    after = moves.be_answered(
        before,
        actor.agent_id,
        desk.clock.now(),
        subject=safe(subject, multiline=False),
        answers=answers,
        leaves=leaves,
    )
    after = await interactions.save(tx, after)
    if after.owner_id != before.owner_id:
        owner_changed(desk, tx, before, after, actor)


async def _go_on(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    interaction_id: InteractionId,
    then: AfterSend,
    *,
    answers: bool,
) -> None:
    """What becomes of the interaction; who waits for its customer waits from an answer on."""
    by = By.actor(actor)
    i = await interactions.get(tx, interaction_id)
    if then is AfterSend.CLOSE:
        await begin_wrap_up(desk, tx, i, by)
    elif then is AfterSend.HOLD and i.state is State.WORK_IN_PROGRESS:
        await put_on_hold(desk, tx, i, by)
    elif answers and waiting.waits(i):
        await waiting.begin(desk, tx, i)


async def ready(desk: Desk, tx: Transaction, outbox_id: int) -> None:
    """The delay is over (undo, schedule or retry): the send loop may take it."""
    await interactions.get(tx, (await outbox.home_of(tx, outbox_id))[1])
    row = await outbox.get(tx, outbox_id)
    if row.state in (Delivery.DELAYED.value, Delivery.DEFERRED.value):
        await move(desk, tx, row, Delivery.QUEUED, SYSTEM)
        if row.state == Delivery.DELAYED.value and row.scheduled_for is not None:
            await waiting.begin_again(desk, tx, row.thread_id)
        if row.draft:
            await drafts.forget_versions(tx, row.draft["id"])


async def _locked(tx: Transaction, actor: Actor, outbox_id: OutboxId) -> tuple[Interaction, Any]:
    """A mail and its interaction, in the order in which everybody locks them: a mail that comes in
    holds the interaction while it stops what was to go out. Raises `NotAllowed`, `NotFound`."""
    interaction_id = InteractionId((await outbox.home_of(tx, outbox_id))[1])
    before = await owned(tx, actor, interaction_id)
    return before, await outbox.get(tx, outbox_id)


async def cancel(desk: Desk, actor: Actor, outbox_id: OutboxId) -> Draft:
    """Undo a send while it is delayed: the draft is back. Raises `Conflict` once it is too late."""
    async with desk.store.write() as tx:
        before, row = await _locked(tx, actor, outbox_id)
        if row.state != Delivery.DELAYED.value:
            raise Conflict("It is too late: this mail is already on its way.")
        if before.state.closed:
            raise Conflict(f"It is too late: {before.number} is closed.")
        restoring.must_have_a_draft(row)
        await move(desk, tx, row, Delivery.CANCELED, By.actor(actor), "Sending was undone")
        await deadlines.drop(tx, Due.OUTBOX, outbox_id)
        before = await interactions.save(tx, moves.take_back_a_mail(before, desk.clock.now()))
        return await _given_back(desk, tx, actor, before, row)


async def reschedule(desk: Desk, actor: Actor, outbox_id: OutboxId, send_at: datetime) -> None:
    """A mail that waits goes out at *send_at* instead. Raises `Conflict` once it is too late."""
    async with desk.store.write() as tx:
        row = await _waiting(tx, actor, outbox_id)
        await scheduling.move_to(desk, tx, row, By.actor(actor), _ahead(desk, send_at))
        await waiting.begin_again(desk, tx, row.thread_id)


async def send_now(desk: Desk, actor: Actor, outbox_id: OutboxId) -> None:
    """A mail that waits for its moment goes out at once. Raises `Conflict` once it is too late."""
    async with desk.store.write() as tx:
        row = await _waiting(tx, actor, outbox_id)
        await scheduling.let_go(desk, tx, row)
        await ready(desk, tx, row.id)


async def _waiting(tx: Transaction, actor: Actor, outbox_id: OutboxId) -> Any:
    """The row of a mail that can still be stopped."""
    _, row = await _locked(tx, actor, outbox_id)
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
        before, row = await _locked(tx, actor, outbox_id)
        outcomes = outbox.outcomes_of(row)
        missed = _missed(row, outcomes)
        if not missed:
            raise Conflict("This mail is not waiting for a decision.")
        if before.state.closed:
            raise Conflict(f"{before.number} is closed. The mail can only be sent again as it is.")
        restoring.must_have_a_draft(row)
        reached = bool(fates(outcomes, Fate.ACCEPTED))
        await _withdraw(desk, tx, actor, row, outcomes, missed)
        only = frozenset(missed) if reached else None
        return await _given_back(desk, tx, actor, before, row, only)


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


async def _given_back(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    before: Interaction,
    row: Any,
    only: Collection[str] | None = None,
) -> Draft:
    if before.state in (State.ON_HOLD, State.WRAP_UP):
        await take_up_again(desk, tx, before, By.actor(actor))
    return await restoring.restored(desk, tx, row, actor, only)


async def send_again(desk: Desk, actor: Actor, outbox_id: OutboxId) -> None:
    """A person decided: hand the same mail in once more, now, for those who did not get it.

    For a failed or deferred mail, one that some refused, or one whose outcome is unknown.
    """
    async with desk.store.write() as tx:
        _, row = await _locked(tx, actor, outbox_id)
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
        await waiting.begin_again(desk, tx, row.thread_id)


async def confirm_sent(desk: Desk, actor: Actor, outbox_id: OutboxId) -> None:
    """A person knows that a mail of unknown outcome arrived."""
    async with desk.store.write() as tx:
        _, row = await _locked(tx, actor, outbox_id)
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
    await waiting.begin_again(desk, tx, row.thread_id)


async def _forget_deadlines(tx: Transaction, outbox_id: int) -> None:
    for kind in (Due.OUTBOX, Due.LOOK):
        await deadlines.drop(tx, kind, outbox_id)

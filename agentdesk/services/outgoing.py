"""What the engine does with the outbox: claim, and tell how it went, under a fencing epoch."""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agentdesk.domain.deadline import Due
from agentdesk.domain.delivery import (
    GIVE_UP,
    LOOKS,
    Fate,
    Outcome,
    Outcomes,
    fates,
    identity,
    still_open,
    wait_before_retry,
)
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import OutboxId
from agentdesk.domain.text import safe
from agentdesk.domain.views import Delivery
from agentdesk.mail.account import NotSent, OutcomeUnknown, Reply
from agentdesk.services import threads
from agentdesk.services.desk import Desk
from agentdesk.storage import blobs, deadlines, messages, outbox
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed mail. `epoch` fences every later word about it.

    `since` is when it was to go out first; `recipients` are those who have no final outcome yet;
    `outcomes` those of everybody so far.
    """

    id: OutboxId
    epoch: int
    mail_account_id: int
    header_id: str
    envid: str
    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)
    attempts: int
    since: datetime
    outcomes: Outcomes


async def claim(desk: Desk, accounts: Collection[int]) -> Job | None:
    """The next mail to send from these accounts; None when nothing waits."""
    async with desk.store.read() as tx:
        if not await outbox.waiting(tx, accounts):
            return None
    async with desk.store.write() as tx:
        row = await outbox.claim(tx, accounts, desk.session, desk.clock.now())
        if row is None:
            return None
        mail = await messages.get(tx, row.message_id)
        raw = await blobs.get(tx, mail.sha256)
        touched(desk, tx, row, SYSTEM, "")
        outcomes = outbox.outcomes_of(row)
        number = await threads.number_of(tx, Record(row.record), row.thread_id)
        return Job(
            OutboxId(row.id),
            row.epoch,
            row.mail_account_id,
            row.header_id,
            identity(number, row.message_id),
            mail.sender,
            still_open(dict.fromkeys(row.recipients), outcomes),
            raw,
            row.attempts,
            max(row.created_at, row.scheduled_for or row.created_at),
            outcomes,
        )


async def mark_maybe_sent(
    desk: Desk,
    job: Job,
    refused: Mapping[str, Reply] | None = None,
    noted: tuple[int, int] = (0, 0),
) -> None:
    """Written just before the final dot. Raises `FencedOff` when another engine took over.

    *refused*: who certainly does not get it; everybody else of the job may have it from now on.
    *noted*: UIDVALIDITY and UIDNEXT of the mailbox for sent mail at some moment before.
    """
    kept = {k: o for k, o in job.outcomes.items() if k not in job.recipients}
    outcomes = kept | _from_replies(refused or {})
    await _settle(
        desk,
        job,
        Delivery.MAYBE_SENT,
        "",
        outcomes=outcomes,
        sent_uidvalidity=noted[0],
        sent_uidnext=noted[1],
    )


async def mark_sent(
    desk: Desk, job: Job, refused: Mapping[str, Reply], reply: Reply | None = None
) -> None:
    """The server took it for everybody but *refused*; who shall wait is tried again alone."""
    said = reply or Reply(0, "")
    taken = (r for r in job.recipients if r not in refused)
    accepted = {r: Outcome(r, Fate.ACCEPTED, said.code, said.text) for r in taken}
    await _conclude(desk, job, accepted | _from_replies(refused), "")


async def mark_not_sent(desk: Desk, job: Job, error: NotSent) -> None:
    """The server does not have it: refused for good, or worth another try, by recipient."""
    fate = Fate.REFUSED if error.permanent else Fate.DEFERRED
    whole = {r: Outcome(r, fate, error.code or 0, str(error)) for r in job.recipients}
    await _conclude(desk, job, whole | _from_replies(error.recipients), str(error))


async def mark_failed(desk: Desk, job: Job, why: str) -> None:
    """It can never be sent: a person must look."""
    await mark_not_sent(desk, job, NotSent(why, permanent=True))


async def defer(desk: Desk, job: Job, why: str, *, patient: bool = False) -> None:
    """Not sent, and worth trying again later; after two days it failed, unless *patient*."""
    error = NotSent(why, permanent=False)
    whole = {r: Outcome(r, Fate.DEFERRED, 0, str(error)) for r in job.recipients}
    await _conclude(desk, job, whole, why, patient=patient)


async def put_back(desk: Desk, job: Job) -> None:
    """Not sent for a reason of our own: ready for the next sender."""
    await _settle(desk, job, Delivery.QUEUED, "", outcomes=job.outcomes)


async def mark_unknown(desk: Desk, job: Job, error: OutcomeUnknown | str) -> None:
    """Nobody can tell whether it went out: it is never sent again without a person saying so."""
    now = desk.clock.now()
    async with desk.store.write() as tx:
        why = safe(str(error), multiline=False)
        values = {"state": Delivery.UNKNOWN.value, "note": why, "due_at": None, "looks": 0}
        await outbox.change_fenced(tx, job.id, job.epoch, now, **values)
        row = await outbox.get(tx, job.id)
        await _become_unknown(desk, tx, row, why)


async def _become_unknown(desk: Desk, tx: Transaction, row: Any, why: str) -> None:
    await deadlines.put(tx, Due.LOOK, row.id, desk.clock.now() + LOOKS[0])
    await threads.add_unread(tx, Record(row.record), row.thread_id)
    touched(desk, tx, row, SYSTEM, f"Nobody knows whether the mail was sent. {why}")


def _from_replies(replies: Mapping[str, Reply]) -> dict[str, Outcome]:
    return {
        who: Outcome(who, Fate.REFUSED if r.permanent else Fate.DEFERRED, r.code, r.text)
        for who, r in replies.items()
    }


async def _conclude(
    desk: Desk, job: Job, new: Outcomes, why: str, *, patient: bool = False
) -> None:
    """The end of one try: sent, failed, or to be tried again for those who were put off."""
    now = desk.clock.now()
    outcomes = {**job.outcomes, **new}
    waiting = fates(outcomes, Fate.DEFERRED)
    if waiting and not patient and now - job.since > GIVE_UP:
        why = f"Given up after two days. {why}"
        outcomes |= {
            o.email: Outcome(o.email, Fate.REFUSED, o.code, f"given up after two days: {o.words}")
            for o in waiting
        }
        waiting = ()
    note = telling(outcomes) if fates(outcomes, Fate.ACCEPTED) else why
    if waiting:
        due = now + wait_before_retry(job.attempts, random.random())
        await _settle(desk, job, Delivery.DEFERRED, note, due, outcomes=outcomes)
    else:
        state = Delivery.SENT if fates(outcomes, Fate.ACCEPTED) else Delivery.FAILED
        await _settle(desk, job, state, note, outcomes=outcomes)


def telling(outcomes: Outcomes) -> str:
    """Who has not got a mail that others have; empty where everybody has."""
    lines = [f"{o.email} was refused: {o.said}" for o in fates(outcomes, Fate.REFUSED)]
    lines += [f"{o.email} has to wait: {o.said}" for o in fates(outcomes, Fate.DEFERRED)]
    return "; ".join(lines)


async def _settle(
    desk: Desk,
    job: Job,
    state: Delivery,
    note: str,
    due: datetime | None = None,
    *,
    outcomes: Outcomes,
    **values: Any,
) -> None:
    now = desk.clock.now()
    note = safe(note, multiline=False)
    kept = outbox.outcome_values(outcomes)
    async with desk.store.write() as tx:
        values |= {"state": state.value, "note": note, "due_at": due, "outcomes": kept}
        await outbox.change_fenced(tx, job.id, job.epoch, now, **values)
        row = await outbox.get(tx, job.id)
        if due is not None:
            await deadlines.put(tx, Due.OUTBOX, job.id, due)
        if state is Delivery.SENT:
            await deadlines.put(tx, Due.COPY, job.id, now)
        needs_a_person = state is Delivery.FAILED or (state is Delivery.SENT and note)
        if needs_a_person:
            await threads.add_unread(tx, Record(row.record), row.thread_id)
        touched(desk, tx, row, SYSTEM, _sentence(state, note))


def _sentence(state: Delivery, note: str) -> str:
    match state:
        case Delivery.FAILED:
            return f"The mail was not sent. {note}"
        case Delivery.SENT if note:
            return note
    return ""


async def recover(desk: Desk) -> int:
    """After a crash: what was being sent by sessions that are gone. Returns how many were touched.

    Before the final dot the mail is queued again; after it the outcome is unknown.
    """
    async with desk.store.read() as tx:
        if not await outbox.in_flight(tx):
            return 0
    async with desk.store.write() as tx:
        alive = {s.id for s in await desk_rows.unended_sessions(tx)}
        rows = [r for r in await outbox.in_flight(tx) if r.lease_owner not in alive]
        for row in rows:
            await _recover(desk, tx, row)
    return len(rows)


async def _recover(desk: Desk, tx: Transaction, row: Any) -> None:
    epoch = row.epoch + 1
    if row.state == Delivery.SENDING.value:
        await move(desk, tx, row, Delivery.QUEUED, SYSTEM, epoch=epoch)
        return
    why = "agentdesk stopped at the moment of sending. Ask the customer, or look in Sent."
    values = {"state": Delivery.UNKNOWN.value, "note": why, "epoch": epoch, "looks": 0}
    await outbox.change(tx, row.id, desk.clock.now(), due_at=None, **values)
    await _become_unknown(desk, tx, await outbox.get(tx, row.id), why)


async def move(
    desk: Desk, tx: Transaction, row: Any, state: Delivery, by: By, why: str = "", **values: Any
) -> None:
    """Another state for *row*, told in the stream where there is a sentence."""
    now = desk.clock.now()
    values = {"state": state.value, "note": why, "due_at": None} | values
    await outbox.change(tx, row.id, now, **values)
    touched(desk, tx, row, by, why, state)


def touched(
    desk: Desk,
    tx: Transaction,
    row: Any,
    by: By,
    why: str,
    state: Delivery | None = None,
    *,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Tell everybody that a delivery moved; with a sentence it is an entry of the stream."""
    about = (Record(row.record), row.thread_id, Happened.DELIVERY_CHANGED)
    said = {"why": why, "outbox": row.id, "state": state.value if state else row.state}
    said |= data or {}
    tx.record(Event(desk.clock.now(), by, *about, said, shown=bool(why)))

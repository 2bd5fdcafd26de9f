"""What the engine does with the outbox: claim, and tell how it went, under a fencing epoch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.deadline import Due
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import OutboxId
from agentdesk.domain.text import safe
from agentdesk.domain.views import Delivery
from agentdesk.services.desk import Desk
from agentdesk.storage import blobs, deadlines, messages, outbox
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction

RETRIES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 120, 240))
GIVE_UP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed mail. `epoch` fences every later word about it."""

    id: OutboxId
    epoch: int
    mail_account_id: int
    header_id: str
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    attempts: int
    created_at: datetime


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
        to = tuple(row.recipients)
        return Job(
            OutboxId(row.id),
            row.epoch,
            row.mail_account_id,
            row.header_id,
            mail.sender,
            to,
            raw,
            row.attempts,
            row.created_at,
        )


async def mark_maybe_sent(desk: Desk, job: Job) -> None:
    """Written just before the final dot. Raises `FencedOff` when another engine took over."""
    await _settle(desk, job, Delivery.MAYBE_SENT, "")


async def mark_sent(desk: Desk, job: Job, refused: dict[str, str]) -> None:
    """The server took it; recipients that it refused are named in the stream."""
    note = "; ".join(f"{who} was refused: {why}" for who, why in refused.items())
    await _settle(desk, job, Delivery.SENT, note)


async def mark_failed(desk: Desk, job: Job, why: str) -> None:
    """The server refused it for good: a person must look."""
    await _settle(desk, job, Delivery.FAILED, why)


async def mark_unknown(desk: Desk, job: Job, why: str) -> None:
    """Nobody can tell whether it went out: it is never sent again without a person saying so."""
    await _settle(desk, job, Delivery.UNKNOWN, why)


async def defer(desk: Desk, job: Job, why: str) -> None:
    """Not sent, and worth trying again later; after two days it failed."""
    now = desk.clock.now()
    if now - job.created_at > GIVE_UP:
        await mark_failed(desk, job, f"Given up after two days. {why}")
        return
    wait = RETRIES[min(job.attempts, len(RETRIES)) - 1]
    await _settle(desk, job, Delivery.DEFERRED, why, due=now + wait)


async def _settle(
    desk: Desk, job: Job, state: Delivery, note: str, due: datetime | None = None
) -> None:
    now = desk.clock.now()
    async with desk.store.write() as tx:
        values = {"state": state.value, "note": safe(note), "due_at": due}
        await outbox.change_fenced(tx, job.id, job.epoch, now, **values)
        if due is not None:
            await deadlines.put(tx, Due.OUTBOX, job.id, due)
        touched(desk, tx, await outbox.get(tx, job.id), SYSTEM, _telling(state, note))


def _telling(state: Delivery, note: str) -> str:
    match state:
        case Delivery.FAILED:
            return f"The mail was not sent. {note}"
        case Delivery.UNKNOWN:
            return f"Nobody knows whether the mail was sent. {note}"
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
    await outbox.change(tx, row.id, desk.clock.now(), epoch=row.epoch + 1)
    if row.state == Delivery.SENDING.value:
        await move(desk, tx, row, Delivery.QUEUED, SYSTEM)
        return
    note = "agentdesk stopped at the moment of sending. Ask the customer, or look in Sent."
    await move(desk, tx, row, Delivery.UNKNOWN, SYSTEM, _telling(Delivery.UNKNOWN, note))


async def move(
    desk: Desk, tx: Transaction, row: Any, state: Delivery, by: By, why: str = ""
) -> None:
    now = desk.clock.now()
    await outbox.change(tx, row.id, now, state=state.value, note=why, due_at=None)
    touched(desk, tx, row, by, why)


def touched(desk: Desk, tx: Transaction, row: Any, by: By, why: str) -> None:
    about = (Record.INTERACTION, row.interaction_id, Happened.DELIVERY_CHANGED)
    data = {"why": why, "outbox": row.id, "state": row.state}
    tx.record(Event(desk.clock.now(), by, *about, data, shown=bool(why)))

"""The way in: raw bytes are stored first, then understood and filed, batch by batch."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from agentdesk.domain.errors import Conflict, DeskError, StorageProblem
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.message import ParsedMail
from agentdesk.domain.quarantine import Cause
from agentdesk.mail.account import FetchedMail
from agentdesk.mail.reading import Order, Unread
from agentdesk.services import advising, filing, renumbering
from agentdesk.services.desk import Desk
from agentdesk.storage import blobs, mailboxes
from agentdesk.storage.mailboxes import Located, Mailbox

BATCH = 200
BATCH_BYTES = 8 * 1024 * 1024
READ_AHEAD = 2
ATTEMPTS = 3
log = logging.getLogger(__name__)


async def store(
    desk: Desk, mailbox: Mailbox, uidvalidity: int, mails: Sequence[FetchedMail], next_uid: int
) -> None:
    """Keep raw mails, where they lie, and the cursor, in one transaction.

    Every mail below *next_uid* must be stored, gone from the server, or set aside. Raises
    `FencedOff` when another process reads the mailbox now.
    """
    packed = await asyncio.to_thread(lambda: [blobs.pack(m.raw) for m in mails])
    now = desk.clock.now()
    rows = [
        {"mailbox_id": mailbox.id, "uidvalidity": uidvalidity, "uid": m.uid, "stored_at": now}
        | {"sha256": p.sha256, "internal_date": m.internal_date, "size": m.size or p.size}
        | {"message_id": None, "settled": False}
        | _state(m)
        for m, p in zip(mails, packed, strict=True)
    ]
    async with desk.store.write() as tx:
        gone = await blobs.erased(tx, [p.sha256 for p in packed])
        await blobs.put(tx, [p for p in packed if p.sha256 not in gone])
        rows = [r | FILED_BEFORE if r["sha256"] in gone else r for r in rows]
        if mailbox.remap_below:
            rows = await renumbering.carry_over(tx, mailbox, rows)
        if rows:
            await mailboxes.add_locations(tx, rows)
        await mailboxes.move_cursor(tx, mailbox, uidvalidity, next_uid)
        said = Event(now, SYSTEM, Record.MAILBOX, mailbox.id, Happened.MAIL_RECEIVED, shown=False)
        if rows:
            tx.record(said)


FILED_BEFORE = {"state": "filed", "cause": "", "cause_kind": "", "attempts": 0}
"""A mail that was filed and erased: it stays so, wherever the server shows it again."""


async def tell_stopped(desk: Desk, mailbox: Mailbox, why: str) -> None:
    """Record that the mailbox is not read until a person acts."""
    about = (Record.MAILBOX, mailbox.id, Happened.READING_STOPPED, {"why": why})
    async with desk.store.write() as tx:
        tx.record(Event(desk.clock.now(), SYSTEM, *about, shown=False))


def _state(m: FetchedMail) -> dict[str, Any]:
    """What happens next to a mail: it is filed, fetched once more, or set aside."""
    if m.cause is None:
        return {"state": "stored", "cause": "", "cause_kind": "", "attempts": 0}
    if m.cause is Cause.DOWNLOAD:
        state, why, attempts = "wanted", m.why, 1
    else:
        state, why, attempts = "quarantined", too_large(m.size), 0
    return {"state": state, "cause": why, "cause_kind": m.cause.value, "attempts": attempts}


def too_large(size: int) -> str:
    """Why a mail of *size* bytes was set aside."""
    said = f"This mail has {size / 1024 / 1024:,.1f} MiB, more than largest_mail_mib allows."
    return f"{said} Only its beginning was fetched."


async def file_stored(desk: Desk) -> int:
    """File every stored mail; returns how many were filed or set aside.

    Mails whose reading or filing failed are tried again at once, until they are set aside.
    """
    done = 0
    async with desk.filing:
        while passed := await _pass(desk):
            done += passed
    return done


async def _pass(desk: Desk) -> int:
    """Every mail that is stored now, once."""
    done = 0
    async with aclosing(_batches(desk)) as batches:
        async for batch in batches:
            done += await _file(desk, batch)
    return done


@dataclass(frozen=True, slots=True)
class _Read:
    """A stored mail and what became of reading it."""

    located: Located
    mail: ParsedMail | None
    kind: Cause = Cause.PARSE
    why: str = ""
    final: bool = False


async def _batches(desk: Desk) -> AsyncGenerator[list[_Read], None]:
    """Stored mails, read; some batches are read ahead of the one that is filed."""
    ahead: asyncio.Queue[list[_Read] | Exception] = asyncio.Queue(READ_AHEAD)

    async def read() -> None:
        batch = await _next_batch(desk, 0)
        while batch:
            await ahead.put(batch)
            batch = await _next_batch(desk, batch[-1].located.id)
        await ahead.put([])

    async def tell() -> None:
        try:
            await read()
        except Exception as error:
            await ahead.put(error)

    reading = asyncio.create_task(tell())
    try:
        while batch := await ahead.get():
            if isinstance(batch, Exception):
                raise batch
            yield batch
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _next_batch(desk: Desk, after_id: int) -> list[_Read]:
    async with desk.store.read() as tx:
        waiting = await mailboxes.unfiled(tx, after_id, BATCH, BATCH_BYTES)
        raws = await blobs.get_many(tx, [w.sha256 for w in waiting]) if waiting else {}
    there = [w for w in waiting if w.sha256 in raws]
    own = desk.rules.own_addresses
    orders = [Order(raws[w.sha256], own, w.authserv_id) for w in there]
    outcomes = await desk.reader.read(orders) if orders else []
    read = {w.id: _read(w, o) for w, o in zip(there, outcomes, strict=True)}
    return [read.get(w.id) or _bytes_missing(w) for w in waiting]


def _read(located: Located, outcome: ParsedMail | Unread) -> _Read:
    if isinstance(outcome, Unread):
        return _Read(located, None, Cause.PARSE, outcome.why, outcome.final)
    return _Read(located, outcome)


def _bytes_missing(located: Located) -> _Read:
    why = "Its bytes are missing in the database."
    return _Read(located, None, Cause.STORAGE, why, final=True)


async def _file(desk: Desk, batch: Sequence[_Read]) -> int:
    good = [r for r in batch if r.mail is not None]
    for r in batch:
        if r.mail is None:
            await _set_aside(desk, r.located, r.kind, r.why, final=r.final)
    try:
        await _file_together(desk, good)
    except (StorageProblem, Conflict):
        raise
    except Exception:
        log.exception("a batch of %d mails could not be filed, trying one by one", len(good))
        await _file_singly(desk, good)
    return len(batch)


async def _file_together(desk: Desk, good: Sequence[_Read]) -> None:
    if not good:
        return
    advice = await advising.ask_ahead(desk, [(r.located, r.mail) for r in good if r.mail])
    async with desk.store.write() as tx:
        still = await mailboxes.claim_unfiled(tx, [r.located.id for r in good])
        pairs = [(r.located, r.mail) for r in good if r.located.id in still and r.mail]
        await filing.file_batch(desk, tx, pairs, advice)


async def _file_singly(desk: Desk, good: Sequence[_Read]) -> None:
    for r in good:
        try:
            await _file_together(desk, [r])
        except (StorageProblem, Conflict):
            raise
        except Exception as error:
            log.exception("mail %s could not be filed", r.located.sha256)
            said = str(error) if isinstance(error, DeskError) else type(error).__name__
            await _set_aside(desk, r.located, Cause.FILING, f"Filing it failed: {said}")


async def _set_aside(
    desk: Desk, located: Located, kind: Cause, why: str, *, final: bool = False
) -> None:
    """Count a failure; after three, or at once when *final*, the mail is quarantined."""
    async with desk.store.write() as tx:
        if final or located.attempts + 1 >= ATTEMPTS:
            await mailboxes.quarantine(tx, located.id, kind, why)
            said = {"mailbox": located.mailbox_id, "cause": kind.value, "why": why}
            about = (Record.MAIL, located.id, Happened.MAIL_SET_ASIDE, said)
            tx.record(Event(desk.clock.now(), SYSTEM, *about, shown=False))
        else:
            await mailboxes.count_attempt(tx, located.id, why)

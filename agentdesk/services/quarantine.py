"""What supervisors do with mails that were set aside: try again, release, discard, restore, export.

Every move is recorded as an event of the mail itself (`Record.MAIL`), so that its history can be
read and verified. What the quarantine shows is in `services.set_aside`.
"""

import asyncio
import logging
import zlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import (
    Conflict,
    DeskError,
    NotAllowed,
    NotFound,
    StorageProblem,
    Unfileable,
)
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import LocationId
from agentdesk.domain.message import ParsedMail
from agentdesk.domain.quarantine import Choice, Outcome, Place
from agentdesk.mail import unreadable
from agentdesk.services import filing, intake
from agentdesk.services.desk import Desk
from agentdesk.services.set_aside import cause_of, file_name
from agentdesk.storage import blobs
from agentdesk.storage import quarantine as held_mails
from agentdesk.storage.mailboxes import Located
from agentdesk.storage.quarantine import Held
from agentdesk.storage.store import Transaction

BATCH = 50
log = logging.getLogger(__name__)

Do = Callable[[Desk, Actor, Sequence[LocationId]], Awaitable[Outcome]]


async def retry(desk: Desk, actor: Actor, ids: Sequence[LocationId]) -> Outcome:
    """Set aside → to be read and filed once more, with three new attempts.

    A mail that was never downloaded whole is asked for again from its server. Raises `NotAllowed`,
    `NotFound`, `Conflict`.
    """
    actor.must_supervise()
    async with desk.store.write() as tx:
        held = await _held(tx, ids, {Place.ASIDE})
        asked = [h for h in held if _on_server_only(h)]
        stored = [h for h in held if h not in asked]
        await held_mails.put_state(tx, [h.id for h in stored], "stored", attempts=0)
        await held_mails.put_state(tx, [h.id for h in asked], Place.ASKED.value, attempts=0)
        for h in held:
            _say(desk, tx, actor, h, Happened.MAIL_RETRIED, {"asked": h in asked})
    return Outcome(changed=len(stored), asked=len(asked))


def _on_server_only(h: Held) -> bool:
    return not h.whole or cause_of(h.cause_kind, h.kept).left_on_server


async def retry_now(desk: Desk, actor: Actor, ids: Sequence[LocationId]) -> Outcome:
    """`retry`, then file what waits, and see what became of each mail."""
    outcome = await retry(desk, actor, ids)
    await intake.file_stored(desk)
    async with desk.store.read() as tx:
        states = await held_mails.states(tx, ids)
        numbers = await held_mails.interactions_of(tx, ids)
        again = [i for i, state in states.items() if state == Place.ASIDE.value]
        row = await held_mails.one(tx, again[0]) if again else None
    return Outcome(
        changed=outcome.changed - len(again),
        asked=outcome.asked,
        again=len(again),
        why=row.cause if row else "",
        numbers=tuple(number for _, number in numbers.values()),
    )


async def discard(desk: Desk, actor: Actor, ids: Sequence[LocationId]) -> Outcome:
    """Set aside → discarded: nobody is bothered with it again, and nothing is deleted.

    Raises `NotAllowed`, `NotFound`, `Conflict`.
    """
    moves = {Place.ASIDE, Place.ASKED}
    return await _move(desk, actor, ids, moves, Place.DISCARDED, Happened.MAIL_DISCARDED)


async def restore(desk: Desk, actor: Actor, ids: Sequence[LocationId]) -> Outcome:
    """Discarded, or asked for again → set aside, as it was. Raises as `discard`."""
    moves = {Place.DISCARDED, Place.ASKED}
    return await _move(desk, actor, ids, moves, Place.ASIDE, Happened.MAIL_RESTORED)


async def _move(
    desk: Desk,
    actor: Actor,
    ids: Sequence[LocationId],
    places: Collection[Place],
    to: Place,
    what: Happened,
) -> Outcome:
    actor.must_supervise()
    async with desk.store.write() as tx:
        held = await _held(tx, ids, places)
        await held_mails.put_state(tx, [h.id for h in held], to.value)
        for h in held:
            _say(desk, tx, actor, h, what, {"from": h.place.value})
    return Outcome(changed=len(held))


@dataclass(frozen=True, slots=True)
class _Read:
    """A mail as plain text, and the bytes to keep for it where there were none."""

    held: Held
    mail: ParsedMail
    stand_in: bytes = b""


async def release(desk: Desk, actor: Actor, ids: Sequence[LocationId]) -> Outcome:
    """Set aside → filed as an interaction with the text that can be read, so that it can be answered.

    Raises `NotAllowed`, `NotFound`, `Conflict`, and `Unfileable` when even that fails.
    """
    actor.must_supervise()
    readings = {r.held.id: r for r in await _read_all(desk, ids)}
    try:
        return await _file(desk, actor, ids, readings)
    except DeskError:
        raise
    except Exception as error:  # it was set aside because something failed on it
        log.exception("released mails %s could not be filed", list(ids))
        said = f"Filing it failed: {type(error).__name__}. It stays set aside; export it instead."
        raise Unfileable(said) from error


RELEASED_FROM = frozenset({Place.ASIDE, Place.ASKED})


async def _read_all(desk: Desk, ids: Sequence[LocationId]) -> list[_Read]:
    async with desk.store.read() as tx:
        held = await held_mails.hold(tx, ids, RELEASED_FROM, lock=False)
        raws = [await blobs.beginning(tx, h.sha256, unreadable.READ_BYTES) for h in held]
    own = desk.rules.own_addresses
    return await asyncio.to_thread(
        lambda: [_read(h, raw or b"", own) for h, raw in zip(held, raws, strict=True)]
    )


def _read(held: Held, raw: bytes, own: frozenset[str]) -> _Read:
    mail = unreadable.as_text(raw, size=max(held.kept, held.size), own_addresses=own)
    if not _on_server_only(held):
        return _Read(held, mail)
    where = f"It was never downloaded whole. It lies on the mail server as number {held.uid}."
    mail = replace(mail, warnings=(*mail.warnings, where))
    if raw:
        return _Read(held, mail)
    # without bytes of its own it would pass for every other mail without bytes
    place = f"{held.mailbox_id} {held.uidvalidity} {held.uid}"
    return _Read(held, mail, f"X-Agentdesk-Not-Downloaded: {place}\r\n\r\n".encode())


async def _file(
    desk: Desk, actor: Actor, ids: Sequence[LocationId], readings: dict[int, _Read]
) -> Outcome:
    async with desk.store.write() as tx:
        held = [h for h in await _held(tx, ids, RELEASED_FROM) if h.id in readings]
        pairs = [await _located(tx, h, readings[h.id]) for h in held]
        await filing.file_batch(desk, tx, pairs)
        filed = await held_mails.interactions_of(tx, [h.id for h in held])
        for h in held:
            interaction_id, number = filed.get(h.id, (0, ""))
            said = {"cause": h.cause_kind, "interaction": number}
            _say(desk, tx, actor, h, Happened.MAIL_RELEASED, said)
            if interaction_id:
                why = f"{actor.name} released this mail from the quarantine"
                about = (Record.INTERACTION, interaction_id, Happened.MAIL_RELEASED, {"why": why})
                tx.record(Event(desk.clock.now(), By.actor(actor), *about))
    return Outcome(changed=len(held), numbers=tuple(number for _, number in filed.values()))


async def _located(tx: Transaction, h: Held, reading: _Read) -> tuple[Located, ParsedMail]:
    address = h.sha256
    if reading.stand_in:
        address = await blobs.put_one(tx, reading.stand_in)
        await held_mails.put_content(tx, h.id, address)
    located = Located(
        id=h.id,
        mailbox_id=h.mailbox_id,
        mail_account_id=h.mail_account_id,
        uidvalidity=h.uidvalidity,
        uid=h.uid,
        sha256=address,
        internal_date=h.internal_date,
        attempts=h.attempts,
        queue_id=h.queue_id,
    )
    return located, reading.mail


async def original(desk: Desk, actor: Actor, location_id: LocationId) -> tuple[str, bytes]:
    """A safe file name for the mail, and its bytes as they came; the export is recorded.

    Raises `NotAllowed`, `NotFound` also where no byte of it was downloaded, `StorageProblem`.
    """
    actor.must_supervise()
    async with desk.store.write() as tx:
        (held,) = await _held(tx, [location_id], set(Place))
        try:
            raw = await blobs.get(tx, held.sha256)
        except zlib.error as error:
            said = "The stored bytes of this mail are damaged. Restore the database from a backup."
            raise StorageProblem(said) from error
        if not raw and _on_server_only(held):
            raise NotFound("This mail was not downloaded yet. Try it again first.")
        _say(desk, tx, actor, held, Happened.MAIL_EXPORTED, {"bytes": len(raw)})
    head = await asyncio.to_thread(unreadable.head, raw[: unreadable.READ_BYTES])
    return file_name(location_id, head.subject), raw


async def run(
    desk: Desk, actor: Actor, do: Do, which: Choice | Sequence[LocationId]
) -> AsyncGenerator[Outcome, None]:
    """Do it to all of *which*, each few in a transaction; yields what became of all so far.

    A few that fail are counted and the rest goes on. Raises `NotAllowed`, `NotFound`,
    `StorageProblem`.
    """
    actor.must_supervise()
    done, at_once = Outcome(), 1 if do is release else BATCH
    async for ids in _batches(desk, which, at_once):
        try:
            done += await do(desk, actor, ids)
        except (NotAllowed, NotFound, StorageProblem):
            raise
        except DeskError as error:
            done += Outcome(failed=len(ids), why=str(error))
        yield done


async def _batches(
    desk: Desk, which: Choice | Sequence[LocationId], at_once: int
) -> AsyncIterator[Sequence[LocationId]]:
    if not isinstance(which, Choice):
        for start in range(0, len(which), at_once):
            yield which[start : start + at_once]
        return
    below: int | None = None
    while True:
        async with desk.store.read() as tx:
            ids = await held_mails.next_ids(tx, which, below, at_once)
        if not ids:
            return
        yield [LocationId(i) for i in ids]
        below = ids[-1]


async def _held(
    tx: Transaction, ids: Sequence[LocationId], places: Collection[Place]
) -> list[Held]:
    """Those of *ids* that stand in *places*. Raises `NotFound` for unknown ones, else `Conflict`."""
    held = await held_mails.hold(tx, ids, places)
    if held:
        return held
    states = await held_mails.states(tx, ids)
    if not states:
        raise NotFound(f"No mail with the number {ids[0] if ids else 0} was set aside.")
    raise Conflict(_elsewhere(ids[0], states.get(ids[0], "")))


def _elsewhere(location_id: LocationId, state: str) -> str:
    if state in {place.value for place in Place}:
        return f"Mail {location_id} is {SAID[Place(state)]}."
    return f"Mail {location_id} is not set aside: it was filed, or waits to be."


SAID = {
    Place.ASIDE: "set aside already",
    Place.ASKED: "asked for from its server already",
    Place.DISCARDED: "discarded. Restore it first",
}


def _say(
    desk: Desk, tx: Transaction, actor: Actor, h: Held, what: Happened, data: Mapping[str, object]
) -> None:
    by, about = By.actor(actor), (Record.MAIL, h.id, what)
    tx.record(Event(desk.clock.now(), by, *about, {"mailbox": h.mailbox_id, **data}, shown=False))

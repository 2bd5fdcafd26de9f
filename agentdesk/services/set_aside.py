"""What the quarantine shows: pages of mails set aside, one of them whole, and how many there are."""

import asyncio
from collections.abc import Sequence
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import NotFound
from agentdesk.domain.event import Happened, Record
from agentdesk.domain.ids import LocationId
from agentdesk.domain.quarantine import (
    BADGE_MOST,
    Cause,
    Choice,
    Counts,
    Place,
    SetAside,
    SetAsideMail,
    Step,
)
from agentdesk.domain.text import safe
from agentdesk.domain.views import Page
from agentdesk.mail import unreadable
from agentdesk.mail.names import safe_name
from agentdesk.services.desk import Desk
from agentdesk.storage import blobs, events
from agentdesk.storage import quarantine as held_mails

HEAD_BYTES = 16 * 1024


async def page(
    desk: Desk,
    actor: Actor,
    choice: Choice,
    *,
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[SetAside]:
    """A page of the quarantine, newest first. Raises `NotAllowed`."""
    actor.must_supervise()
    async with desk.store.read() as tx:
        rows = await held_mails.page(
            tx, choice, after=_key(after), before=_key(before), limit=limit + 1
        )
    more = len(rows) > limit
    kept = rows[:limit] if before is None else rows[-limit:]
    if not kept:
        return Page(())
    lines = await asyncio.to_thread(lambda: tuple(_line(r) for r in kept))
    first, last = str(kept[0].id), str(kept[-1].id)
    above, below = (after is not None, more) if before is None else (more, True)
    return Page(lines, before=first if above else None, after=last if below else None)


def _key(cursor: str | None) -> int | None:
    return None if cursor is None else int(cursor)


def _line(r: Any) -> SetAside:
    head = unreadable.head(blobs.unpacked_beginning(r.head or b"", HEAD_BYTES))
    cause = cause_of(r.cause_kind, r.kept)
    return SetAside(
        location_id=LocationId(r.id),
        place=Place(r.state),
        account=r.address,
        mailbox=safe(r.mailbox, multiline=False),
        uid=r.uid,
        at=r.internal_date or r.stored_at,
        size=max(r.size, r.kept),
        cause=cause,
        why=safe(r.cause, multiline=False),
        attempts=r.attempts,
        left_on_server=cause.left_on_server or r.head is None,
        sender=head.sender[:200],
        subject=head.subject[:500],
    )


def cause_of(kind: str, kept: int) -> Cause:
    """The typed cause of a row; rows from before there were kinds tell by what was kept of them."""
    if kind in set(Cause):
        return Cause(kind)
    return Cause.PARSE if kept else Cause.DOWNLOAD


def file_name(location_id: LocationId, subject: str) -> str:
    """A safe name for the mail as a file: its subject and its number."""
    stem = subject[:NAME_CHARS].strip() or "mail"
    return safe_name(f"{stem} {location_id}.eml") or f"mail {location_id}.eml"


NAME_CHARS = 60


async def mail(desk: Desk, actor: Actor, location_id: LocationId) -> SetAsideMail:
    """One mail of the quarantine, whole as far as it can be shown. Raises `NotAllowed`, `NotFound`."""
    actor.must_supervise()
    async with desk.store.read() as tx:
        row = await held_mails.one(tx, location_id)
        if row is None:
            raise NotFound(f"No mail with the number {location_id} was set aside.")
        if row.state not in set(Place):
            raise NotFound(f"Mail {location_id} is not set aside: it was filed, or waits to be.")
        raw = await blobs.beginning(tx, row.sha256, unreadable.READ_BYTES)
        happened = await events.newest_of(tx, Record.MAIL.value, location_id, HISTORY)
    return await asyncio.to_thread(_whole, row, raw or b"", happened)


HISTORY = 50


def _whole(row: Any, raw: bytes, happened: list[Any]) -> SetAsideMail:
    text, text_cut = unreadable.readable(raw)
    source, source_cut = unreadable.source(raw)
    cut = text_cut or source_cut or max(row.size, row.kept) > len(raw)
    steps = tuple(Step(r.at, _sentence(r)) for r in reversed(happened))
    return SetAsideMail(_line(row), unreadable.fields(raw), text, source, cut, steps)


def _sentence(event: Any) -> str:
    who = safe(event.actor_name, multiline=False)
    match event.type:
        case Happened.MAIL_SET_ASIDE.value:
            return f"Set aside: {safe(str(event.data.get('why', '')), multiline=False)}"
        case Happened.MAIL_RETRIED.value if event.data.get("asked"):
            return f"Asked for again from its server by {who}"
        case Happened.MAIL_RETRIED.value:
            return f"Tried again by {who}"
        case Happened.MAIL_DISCARDED.value:
            return f"Discarded by {who}"
        case Happened.MAIL_RESTORED.value:
            return f"Taken back by {who}"
        case Happened.MAIL_EXPORTED.value:
            return f"Exported by {who}"
    return f"{event.type.replace('_', ' ').capitalize()} by {who}"


async def known(desk: Desk, actor: Actor, ids: Sequence[LocationId]) -> frozenset[LocationId]:
    """Which of *ids* are numbers of mails at all, wherever they stand. Raises `NotAllowed`."""
    actor.must_supervise()
    async with desk.store.read() as tx:
        return frozenset(LocationId(i) for i in await held_mails.states(tx, ids))


async def counts(desk: Desk, actor: Actor) -> Counts:
    """How many mails stand where, and why; counting ends at `MOST_COUNTED`. Raises `NotAllowed`."""
    actor.must_supervise()
    async with desk.store.read() as tx:
        places = {place: await held_mails.count(tx, place) for place in Place}
        kinds = await held_mails.causes(tx)
    found: dict[Cause, int] = {}
    for kind, n in kinds.items():
        cause = cause_of(kind, 1)
        found[cause] = found.get(cause, 0) + n
    return Counts(places, found)


async def waiting(desk: Desk, actor: Actor) -> int:
    """How many mails are set aside, for a badge: never more than `BADGE_MOST`. Raises `NotAllowed`."""
    actor.must_supervise()
    async with desk.store.read() as tx:
        return await held_mails.count(tx, Place.ASIDE, BADGE_MOST)

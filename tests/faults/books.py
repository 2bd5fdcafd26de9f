"""The books of a run: what the servers and the database say must be one story.

Each function gives sentences about what is wrong; none is what everybody hopes for.
"""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.deadline import Due
from agentdesk.domain.delivery import Fate
from agentdesk.domain.errors import Unparseable
from agentdesk.mail.mime import understand
from agentdesk.storage import blobs, events
from agentdesk.storage.outbox import outcomes_of
from agentdesk.storage.schema import open_store
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    chain_heads,
    deadlines,
    interactions,
    mail_accounts,
    mail_locations,
    mailboxes,
    messages,
    outbox,
)
from tests.faults.agent import REFUSED
from tests.faults.world import FILED, World

DONE = {"filed", "quarantined", "discarded"}
ENDED = {"sent", "unknown", "failed", "canceled", "superseded"}
FORGOTTEN = timedelta(seconds=3)


@dataclass
class Books:
    """Everything that there is to compare."""

    world: World
    queued: Collection[int]
    locations: list[Any]
    messages: list[Any]
    outbox: list[Any]
    deadlines: list[Any]
    interactions: int
    broken_chains: list[tuple[str, int, int]]
    integrity: str


async def open_books(world: World, queued: Collection[int]) -> Books:
    """Read the database."""
    store = await open_store(world.url)
    try:
        async with store.read() as tx:
            broken = await _broken_chains(tx)
            said = "ok"
            if store.sqlite:
                said = str((await tx.one(sa.text("PRAGMA integrity_check")))[0])  # type: ignore[index]
            return Books(
                world,
                queued,
                await _locations(tx),
                await tx.all(sa.select(messages).order_by(messages.c.id)),
                await tx.all(sa.select(outbox).order_by(outbox.c.id)),
                await tx.all(sa.select(deadlines)),
                len(await tx.all(sa.select(interactions.c.id))),
                broken,
                said,
            )
    finally:
        await store.close()


async def _locations(tx: Transaction) -> list[Any]:
    joined = mail_locations.join(mailboxes, mailboxes.c.id == mail_locations.c.mailbox_id)
    joined = joined.join(mail_accounts, mail_accounts.c.id == mailboxes.c.mail_account_id)
    query = sa.select(mail_locations, mail_accounts.c.address).select_from(joined)
    return await tx.all(query.order_by(mail_locations.c.id))


async def _broken_chains(tx: Transaction) -> list[tuple[str, int, int]]:
    found = []
    for head in await tx.all(sa.select(chain_heads)):
        seq = await events.first_broken_link(tx, head.record, head.record_id)
        if seq is not None:
            found.append((head.record, head.record_id, seq))
    return found


async def unfinished(tx: Transaction, world: World) -> list[str]:
    """What an engine still has to do; the books count once this is empty."""
    locations = await _locations(tx)
    known = _by_address(locations)
    found = []
    for address in world.accounts:
        box = world.box(address)
        for mail in box.mails:
            row = known.get((address, box.uidvalidity, mail.uid))
            if row is None:
                found.append(f"UID {mail.uid} of {address} was not fetched.")
            elif row.state == "filed" and not row.settled and world.after_filing != "leave":
                found.append(f"{_where(row)} is filed, but not settled on the server.")
    found += [f"{_where(r)} is {r.state}: {r.cause}" for r in locations if r.state not in DONE]
    moving = await tx.all(sa.select(outbox).where(outbox.c.state.not_in(ENDED)))
    found += [f"{_mail(r)} is {r.state}: {r.note}" for r in moving]
    passed = await tx.all(sa.select(deadlines).where(deadlines.c.due_at < datetime.now(UTC)))
    return found + [f"The deadline {r.kind} of {r.subject} has passed." for r in passed]


def _by_address(locations: list[Any]) -> dict[tuple[str, int, int], Any]:
    """Locations by mailbox address, UIDVALIDITY and UID."""
    return {(r.address, r.uidvalidity, r.uid): r for r in locations}


def set_aside(books: Books) -> list[int]:
    """Mails in quarantine."""
    return [r.id for r in books.locations if r.state == "quarantined"]


def breaches(books: Books) -> list[str]:
    """Every broken promise."""
    return [sentence for check in CHECKS for sentence in check(books)]


# On the way in


def _every_mail_is_filed_once_or_set_aside(books: Books) -> Iterator[str]:
    rows, inbound = defaultdict(list), Counter(m.sha256 for m in _inbound(books))
    for row in books.locations:
        rows[row.sha256].append(row)
    texts = {m.id: m for m in books.messages}
    for sha, kinds in _contents(books.world).items():
        filed = [r for r in rows[sha] if r.state == "filed"]
        aside = [r for r in rows[sha] if r.state == "quarantined"]
        own = [r for r in filed if r.message_id in texts and _is_outbound(texts[r.message_id])]
        what = f"{'/'.join(sorted(kinds))} mail {sha[:12]}"
        if inbound[sha] > 1:
            yield f"{what} was filed {inbound[sha]} times."
        if not filed and not aside:
            yield f"{what} was lost: it is neither filed nor set aside."
        if filed and not inbound[sha] and not own:
            yield f"{what} is called filed, but there is no message of it."
        if own and kinds != {"echo"}:
            yield f"{what} was taken for our own message {own[0].message_id}, and nobody reads it."
        if {r.message_id for r in filed} > {r.message_id for r in filed if r.message_id in texts}:
            yield f"{what} is filed as a message that does not exist."


def _what_can_be_read_is_not_set_aside(books: Books) -> Iterator[str]:
    for row in books.locations:
        if row.state != "quarantined" or row.sha256 not in books.world.raws:
            continue
        with contextlib.suppress(Unparseable):
            understand(books.world.raws[row.sha256])
            yield f"{_where(row)} can be read, but stays set aside after another try: {row.cause}"


def _contents(world: World) -> dict[str, set[str]]:
    found = defaultdict(set)
    for _, sha, kind in world.came:
        found[sha].add(kind)
    return found


def _is_outbound(message: Any) -> bool:
    return bool(message.direction == "outbound")


def _inbound(books: Books) -> list[Any]:
    return [m for m in books.messages if not _is_outbound(m)]


def _every_message_is_of_a_mail(books: Books) -> Iterator[str]:
    came = _contents(books.world)
    filed = {r.message_id for r in books.locations if r.state == "filed"}
    sent = {r.message_id for r in books.outbox}
    for m in books.messages:
        if _is_outbound(m):
            if m.id not in sent:
                yield f"Message {m.id} went out, but it never was in the outbox."
        elif m.sha256 not in came:
            yield f"Message {m.id} is of bytes that no server had: {m.subject!r}."
        elif m.id not in filed:
            yield f"Message {m.id} was filed, but no location says so: {m.subject!r}."


def _no_interaction_is_empty(books: Books) -> Iterator[str]:
    full = {m.interaction_id for m in books.messages if m.interaction_id}
    if books.interactions != len(full):
        yield f"{books.interactions} interactions hold mails of only {len(full)}."


def _no_mail_vanished_from_the_server(books: Books) -> Iterator[str]:
    names = ("INBOX", FILED)
    there = Counter(
        blobs.sha256(m.raw)
        for address in books.world.accounts
        for name in names
        for m in books.world.box(address, name).mails
    )
    came = Counter(sha for _, sha, _ in books.world.came)
    for sha, count in (came - there).items():
        yield f"{count} copies of mail {sha[:12]} vanished from the server."


def _what_is_filed_is_marked(books: Books) -> Iterator[str]:
    known = _by_address(books.locations)
    for address in books.world.accounts:
        box = books.world.box(address)
        for mail in box.mails:
            row = known.get((address, box.uidvalidity, mail.uid))
            filed = row is not None and row.state == "filed"
            if books.world.after_filing == "mark" and filed and "\\Seen" not in mail.flags:
                yield f"{_where(row)} is filed, but not marked as read."
            gone = "\\Deleted" in mail.flags  # where the server can expunge only everything
            if books.world.after_filing == "move" and filed and not gone:
                yield f"{_where(row)} is filed, but was not moved."
            if books.world.after_filing == "leave" and "\\Seen" in mail.flags:
                yield f"UID {mail.uid} was marked, although it shall be left alone."


# On the way out


def _every_answer_went_out_once_or_is_told(books: Books) -> Iterator[str]:
    reached = Counter((h.header_id, h.recipient) for h in books.world.handed)
    missing = set(books.queued) - {r.id for r in books.outbox}
    if missing:
        yield f"Queued answers are gone: {sorted(missing)}."
    for row in books.outbox:
        counts = {who: reached[row.header_id, who.lower()] for who in row.recipients}
        if max(counts.values()) > 1:
            yield f"{_mail(row)} went out more than once: {counts}."
        if row.state == "failed" and max(counts.values()):
            yield f"{_mail(row)} is failed, but it went out: {counts}. {row.note}"
        if row.state in ("failed", "unknown") and not row.note:
            yield f"{_mail(row)} is {row.state}, and nothing says why."
        if row.state == "sent":
            yield from _reached_everybody(row, counts)
    ours = {r.header_id for r in books.outbox}
    for header_id in {h.header_id for h in books.world.handed} - ours:
        yield f"A mail went out that nobody queued: {header_id}."


def _reached_everybody(row: Any, counts: dict[str, int]) -> Iterator[str]:
    known = outcomes_of(row)
    for who, count in counts.items():
        accepted = who not in known or known[who].fate is Fate.ACCEPTED
        if accepted and not count:
            yield f"{_mail(row)} is sent, but {who} never got it and nothing says so."
        if not accepted and count:
            yield f"{_mail(row)} reached {who}, who is told to be {known[who].fate}."
        if count and who == REFUSED:
            yield f"{_mail(row)} reached {who}, who is refused."


def _sent_mail_has_its_copy(books: Books) -> Iterator[str]:
    if books.world.copies != "desk":
        return
    copies = books.world.sent_copies()
    waiting = {d.subject for d in books.deadlines if d.kind == Due.COPY.value}
    for row in books.outbox:
        if row.state == "sent" and not copies[row.header_id] and row.id not in waiting:
            yield f"{_mail(row)} is sent, but there is no copy of it, and nobody will file one."


def _one_copy_of_what_was_sent(books: Books) -> Iterator[str]:
    for header_id, count in books.world.sent_copies().items():
        if count > 1:
            yield f"{count} copies of {header_id} lie among the sent mails."


def _bytes_are_as_queued(books: Books) -> Iterator[str]:
    queued = {m.header_id: m.sha256 for m in books.messages if _is_outbound(m)}
    for h in books.world.handed:
        if queued.get(h.header_id) != blobs.sha256(h.raw):
            yield f"{h.header_id} went out with other bytes than were queued."


# All of it


def _nothing_hangs(books: Books) -> Iterator[str]:
    late = datetime.now(UTC) - FORGOTTEN
    for row in books.deadlines:
        if row.due_at < late:
            yield f"The deadline {row.kind} of {row.subject} passed and was forgotten."
        if row.kind == Due.OUTBOX.value:
            yield f"A deadline of outbox row {row.subject} is left over."


def _chains_and_database_are_whole(books: Books) -> Iterator[str]:
    for record, key, seq in books.broken_chains:
        yield f"The events of {record} {key} are broken at {seq}."
    if books.integrity != "ok":
        yield f"The database is damaged: {books.integrity}"


def _where(row: Any) -> str:
    return f"Location {row.id} ({row.address} {row.uidvalidity}/{row.uid}, {row.sha256[:12]})"


def _mail(row: Any) -> str:
    return f"Outbox row {row.id} ({row.header_id}, {row.attempts} attempts)"


CHECKS: tuple[Callable[[Books], Iterator[str]], ...] = (
    _every_mail_is_filed_once_or_set_aside,
    _what_can_be_read_is_not_set_aside,
    _every_message_is_of_a_mail,
    _no_interaction_is_empty,
    _no_mail_vanished_from_the_server,
    _what_is_filed_is_marked,
    _every_answer_went_out_once_or_is_told,
    _sent_mail_has_its_copy,
    _one_copy_of_what_was_sent,
    _bytes_are_as_queued,
    _nothing_hangs,
    _chains_and_database_are_whole,
)

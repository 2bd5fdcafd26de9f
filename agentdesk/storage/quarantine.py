"""Mails set aside: pages, counts and moves. Everything is bounded; nothing counts a whole history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.quarantine import MOST_COUNTED, Choice, Place
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    blob_chunks,
    blobs,
    interactions,
    mail_accounts,
    mail_locations,
    mailboxes,
    messages,
)

m = mail_locations.c
PACKED_HEAD = 4 * 1024
"""Compressed bytes of each mail that a list reads to name its writer and subject."""

PLACES = [place.value for place in Place]
HEAD = sa.func.substr(blob_chunks.c.data, 1, PACKED_HEAD, type_=sa.LargeBinary).label("head")
JOINED = (
    mail_locations.join(mailboxes, mailboxes.c.id == m.mailbox_id)
    .join(mail_accounts, mail_accounts.c.id == mailboxes.c.mail_account_id)
    .join(blobs, blobs.c.sha256 == m.sha256)
    .outerjoin(blob_chunks, (blob_chunks.c.sha256 == m.sha256) & (blob_chunks.c.n == 0))
)
LISTED = sa.select(
    m.id,
    m.state,
    mail_accounts.c.address,
    mailboxes.c.name.label("mailbox"),
    m.uid,
    m.stored_at,
    m.internal_date,
    m.size,
    blobs.c.size.label("kept"),
    m.cause,
    m.cause_kind,
    m.attempts,
    m.sha256,
    HEAD,
).select_from(JOINED)


async def page(
    tx: Transaction, choice: Choice, *, after: int | None, before: int | None, limit: int
) -> list[sa.Row[Any]]:
    """Rows of *choice*, newest first: the *limit* ones below id *after*, or above id *before*."""
    query = LISTED.where(_chosen(choice))
    if before is not None:
        above = await tx.all(query.where(m.id > before).order_by(m.id).limit(limit))
        return above[::-1]
    if after is not None:
        query = query.where(m.id < after)
    return await tx.all(query.order_by(m.id.desc()).limit(limit))


async def one(tx: Transaction, location_id: int) -> sa.Row[Any] | None:
    """The row of one mail, wherever it stands now."""
    return await tx.one(LISTED.where(m.id == location_id))


async def next_ids(tx: Transaction, choice: Choice, below: int | None, limit: int) -> list[int]:
    """The newest *limit* ids of *choice* below an id."""
    query = sa.select(m.id).where(_chosen(choice))
    if below is not None:
        query = query.where(m.id < below)
    return [r.id for r in await tx.all(query.order_by(m.id.desc()).limit(limit))]


def _chosen(choice: Choice) -> sa.ColumnElement[bool]:
    here = m.state == choice.place.value
    return here if choice.cause is None else here & (m.cause_kind == choice.cause.value)


async def count(tx: Transaction, place: Place, most: int = MOST_COUNTED) -> int:
    """How many mails stand there; counting ends at *most*."""
    some = sa.select(m.id).where(m.state == place.value).limit(most).subquery()
    row = await tx.one(sa.select(sa.func.count()).select_from(some))
    return int(row[0]) if row else 0


async def causes(tx: Transaction) -> dict[str, int]:
    """How many of the newest mails set aside have each cause."""
    aside = sa.select(m.cause_kind).where(m.state == Place.ASIDE.value)
    some = aside.order_by(m.id.desc()).limit(MOST_COUNTED).subquery()
    query = sa.select(some.c.cause_kind, sa.func.count().label("n")).group_by(some.c.cause_kind)
    return {r.cause_kind: r.n for r in await tx.all(query)}


@dataclass(frozen=True, slots=True)
class Held:
    """A mail whose row this transaction holds. `whole`: its bytes are in the database.

    `size` in bytes is what the server said of the mail (0: nothing), `kept` what was downloaded.
    """

    id: int
    place: Place
    mailbox_id: int
    mail_account_id: int
    uidvalidity: int
    uid: int
    sha256: str
    internal_date: datetime | None
    attempts: int
    size: int
    kept: int
    cause_kind: str
    queue_id: int | None
    whole: bool


async def hold(
    tx: Transaction, ids: Collection[int], places: Collection[Place], *, lock: bool = True
) -> list[Held]:
    """Those of *ids* that stand in one of *places*, oldest first; locked until the commit."""
    joined = mail_locations.join(mailboxes, mailboxes.c.id == m.mailbox_id)
    joined = joined.join(blobs, blobs.c.sha256 == m.sha256)
    bytes_there = sa.exists().where((blob_chunks.c.sha256 == m.sha256) & (blob_chunks.c.n == 0))
    query = (
        sa.select(
            mail_locations,
            mailboxes.c.mail_account_id,
            mailboxes.c.queue_id,
            blobs.c.size.label("kept"),
            bytes_there.label("whole"),
        )
        .select_from(joined)
        .where(m.id.in_(set(ids)) & m.state.in_([p.value for p in places]))
        .order_by(m.id)
    )
    if lock:
        query = query.with_for_update(of=mail_locations)
    return [_held(r) for r in await tx.all(query)]


def _held(r: sa.Row[Any]) -> Held:
    return Held(
        r.id,
        Place(r.state),
        r.mailbox_id,
        r.mail_account_id,
        r.uidvalidity,
        r.uid,
        r.sha256,
        r.internal_date,
        r.attempts,
        r.size,
        r.kept,
        r.cause_kind,
        r.queue_id,
        bool(r.whole),
    )


async def put_state(tx: Transaction, ids: Collection[int], state: str, **more: Any) -> None:
    """These mails stand in *state* from now on; other columns by name."""
    if ids:
        await tx.execute(
            sa.update(mail_locations).where(m.id.in_(set(ids))).values(state=state, **more)
        )


async def put_content(tx: Transaction, location_id: int, address: str) -> None:
    """The mail's bytes are those under *address*."""
    same = m.id == location_id
    await tx.execute(sa.update(mail_locations).where(same).values(sha256=address))


async def states(tx: Transaction, ids: Collection[int]) -> dict[int, str]:
    """Where each of *ids* stands; unknown ones are left out."""
    query = sa.select(m.id, m.state).where(m.id.in_(set(ids)))
    return {r.id: r.state for r in await tx.all(query)}


async def interactions_of(tx: Transaction, ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Id and number of the interaction that each of these mails was filed in."""
    joined = mail_locations.join(messages, messages.c.id == m.message_id)
    joined = joined.join(interactions, interactions.c.id == messages.c.interaction_id)
    columns = (m.id.label("location"), interactions.c.id, interactions.c.number)
    query = sa.select(*columns).select_from(joined).where(m.id.in_(set(ids)))
    return {r.location: (r.id, r.number) for r in await tx.all(query)}

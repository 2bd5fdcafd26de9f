"""Mailboxes on servers: cursors, leases, and every mail that they ever handed over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, takewhile
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import FencedOff, NotFound
from agentdesk.domain.quarantine import Cause
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import blobs, mail_accounts, mail_locations, mailboxes

WANTED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox with its cursor: everything below `next_uid` is stored. `epoch` fences readers.

    Mails below `remap_below` were there when the server numbered them anew: known ones are recognised.
    """

    id: int
    mail_account_id: int
    account_key: str
    name: str
    uidvalidity: int
    next_uid: int
    epoch: int
    remap_below: int = 0


@dataclass(frozen=True, slots=True)
class Located:
    """One mail on a server. `queue_id`: the queue of its mailbox, where that has one of its own.

    States: stored (waits to be filed), filed, quarantined, wanted (is to be fetched once more).
    `authserv_id` is its account's: the server whose checks of the sender are trusted. `cause_kind`:
    why it was set aside before a person had it tried again. `size` in bytes, as the server says.
    """

    id: int
    mailbox_id: int
    mail_account_id: int
    uidvalidity: int
    uid: int
    sha256: str
    internal_date: datetime | None
    attempts: int
    authserv_id: str = ""
    queue_id: int | None = None
    cause_kind: str = ""
    size: int = 0


async def take(
    tx: Transaction, account_key: str, name: str, owner: str, now: datetime, lease: timedelta
) -> Mailbox | None:
    """Lease a mailbox of the account to *owner*; None while another process holds it.

    The lease only saves connections: correctness comes from unique keys. Raises `NotFound` for a
    mailbox that the settings do not name any more.
    """
    joined = mailboxes.join(mail_accounts, mail_accounts.c.id == mailboxes.c.mail_account_id)
    query = sa.select(mailboxes, mail_accounts.c.key).select_from(joined)
    same = (mail_accounts.c.key == account_key) & (mailboxes.c.name == name) & mailboxes.c.active
    row = await tx.one(query.where(same).with_for_update(of=mailboxes))
    if row is None:
        raise NotFound(f"The settings do not name the mailbox {name} any more: it is not read.")
    if row.lease_owner not in ("", owner) and row.lease_until and row.lease_until > now:
        return None
    epoch = row.lease_epoch + (row.lease_owner != owner)
    values = {"lease_owner": owner, "lease_until": now + lease, "lease_epoch": epoch}
    await tx.execute(sa.update(mailboxes).where(mailboxes.c.id == row.id).values(values))
    return Mailbox(
        row.id,
        row.mail_account_id,
        row.key,
        row.name,
        row.uidvalidity,
        row.next_uid,
        epoch,
        row.remap_below,
    )


async def release(tx: Transaction, owner: str) -> None:
    """Give back every mailbox that *owner* reads."""
    mine = mailboxes.c.lease_owner == owner
    await tx.execute(sa.update(mailboxes).where(mine).values(lease_owner="", lease_until=None))


async def move_cursor(tx: Transaction, mailbox: Mailbox, uidvalidity: int, next_uid: int) -> None:
    """Everything below *next_uid* is stored. Raises `FencedOff` when the lease went elsewhere."""
    same = (mailboxes.c.id == mailbox.id) & (mailboxes.c.lease_epoch == mailbox.epoch)
    values = {"uidvalidity": uidvalidity, "next_uid": next_uid}
    done = await tx.execute(sa.update(mailboxes).where(same).values(values))
    if done.rowcount != 1:
        raise FencedOff("Another agentdesk reads this mailbox now.")


async def add_locations(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Remember where mails lie; those that are known are left alone."""
    ids = await tx.new_ids(mail_locations, len(rows))
    numbered = [{"id": n, **row} for n, row in zip(ids, rows, strict=True)]
    await tx.insert_new(mail_locations, numbered)


async def unfiled(tx: Transaction, after_id: int, limit: int, most_bytes: int) -> list[Located]:
    """Stored mails behind *after_id* that wait to be filed, oldest first.

    At most *limit*, and *most_bytes* of raw mail together, but at least one.
    """
    joined = mail_locations.join(mailboxes, mailboxes.c.id == mail_locations.c.mailbox_id)
    joined = joined.join(mail_accounts, mail_accounts.c.id == mailboxes.c.mail_account_id)
    joined = joined.outerjoin(blobs, blobs.c.sha256 == mail_locations.c.sha256)
    of_account = (mailboxes.c.mail_account_id, mailboxes.c.queue_id, mail_accounts.c.authserv_id)
    columns = (mail_locations, *of_account, blobs.c.size.label("bytes"))
    ahead = (mail_locations.c.state == "stored") & (mail_locations.c.id > after_id)
    query = sa.select(*columns).select_from(joined).where(ahead).order_by(mail_locations.c.id)
    rows = await tx.all(query.limit(limit))
    totals = accumulate(row.bytes or 0 for row in rows)
    fitting = sum(1 for _ in takewhile(lambda total: total <= most_bytes, totals))
    return [_located(r) for r in rows[: max(1, fitting)]]


async def claim_unfiled(tx: Transaction, ids: Collection[int]) -> set[int]:
    """Which of these still wait to be filed; locked, those that others file now left out."""
    waiting = mail_locations.c.id.in_(ids) & (mail_locations.c.state == "stored")
    query = sa.select(mail_locations.c.id).where(waiting)
    return {r.id for r in await tx.all(query.with_for_update(skip_locked=True))}


def _located(r: sa.Row[Any]) -> Located:
    return Located(
        r.id,
        r.mailbox_id,
        r.mail_account_id,
        r.uidvalidity,
        r.uid,
        r.sha256,
        r.internal_date,
        r.attempts,
        getattr(r, "authserv_id", ""),
        getattr(r, "queue_id", None),
        r.cause_kind,
        r.size,
    )


async def messages_of(tx: Transaction, addresses: Collection[str]) -> dict[str, int]:
    """Which message each content was filed as already, wherever it lay."""
    done = (mail_locations.c.state == "filed") & mail_locations.c.message_id.is_not(None)
    query = sa.select(mail_locations.c.sha256, mail_locations.c.message_id)
    rows = await tx.all(query.where(done & mail_locations.c.sha256.in_(set(addresses))))
    return {r.sha256: r.message_id for r in rows}


async def mark_filed(tx: Transaction, pairs: Sequence[tuple[int, int | None]]) -> None:
    """These locations are filed, each as this message."""
    await _mark(tx, [{"i": i, "s": "filed", "c": "", "k": "", "m": m} for i, m in pairs])


async def quarantine(tx: Transaction, location_id: int, kind: Cause, why: str) -> None:
    """Set a mail aside with the reason; it can be read, retried and released."""
    values = {"i": location_id, "s": "quarantined", "c": why, "k": kind.value, "m": None}
    await _mark(tx, [values])


async def count_attempt(tx: Transaction, location_id: int, cause: str) -> None:
    """Filing failed once more."""
    same = mail_locations.c.id == location_id
    values = {"attempts": mail_locations.c.attempts + 1, "cause": cause}
    await tx.execute(sa.update(mail_locations).where(same).values(values))


async def _mark(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    if rows:
        statement = (
            sa.update(mail_locations)
            .where(mail_locations.c.id == sa.bindparam("i"))
            .values(
                state=sa.bindparam("s"),
                cause=sa.bindparam("c"),
                cause_kind=sa.bindparam("k"),
                message_id=sa.bindparam("m"),
            )
        )
        await tx.execute(statement, rows)


async def quarantined_count(tx: Transaction) -> int:
    """How many mails are set aside."""
    query = sa.select(sa.func.count()).where(mail_locations.c.state == "quarantined")
    row = await tx.one(query)
    return int(row[0]) if row else 0


async def wanted(tx: Transaction, mailbox: Mailbox, *, asked_only: bool) -> list[Located]:
    """Mails that are to be fetched once more; *asked_only*: those that a person just asked for."""
    m = mail_locations.c
    here = (m.mailbox_id == mailbox.id) & (m.state == "wanted")
    if asked_only:
        here &= m.attempts == 0
    columns = (mail_locations, sa.literal(mailbox.mail_account_id).label("mail_account_id"))
    rows = await tx.all(sa.select(*columns).where(here).order_by(m.uid).limit(WANTED_AT_ONCE))
    return [_located(r) for r in rows]


async def anything_asked_for(tx: Transaction, mailbox: Mailbox) -> bool:
    """Whether a mail of the mailbox waits to be fetched because a person asked for it."""
    m = mail_locations.c
    asked = (m.state == "wanted") & (m.attempts == 0) & (m.mailbox_id == mailbox.id)
    return await tx.one(sa.select(m.id).where(asked).limit(1)) is not None


async def put_content(tx: Transaction, location_id: int, **values: Any) -> bool:
    """What fetching a wanted mail brought; whether it was still wanted."""
    same = (mail_locations.c.id == location_id) & (mail_locations.c.state == "wanted")
    done = await tx.execute(sa.update(mail_locations).where(same).values(**values))
    return bool(done.rowcount)


async def unsettled(tx: Transaction, mailbox: Mailbox, uidvalidity: int) -> list[tuple[int, bool]]:
    """UIDs of filed mails that were not marked or moved on the server yet, lowest first.

    With each, whether a move of it was begun before.
    """
    m = mail_locations.c
    here = (m.mailbox_id == mailbox.id) & (m.settled == sa.false()) & (m.state == "filed")
    query = sa.select(m.uid, m.attempts).where(here & (m.uidvalidity == uidvalidity))
    return [(r.uid, r.attempts > 0) for r in await tx.all(query.order_by(m.uid))]


async def begin_moves(
    tx: Transaction, mailbox: Mailbox, uidvalidity: int, uids: Collection[int]
) -> None:
    """These filed mails are about to be moved: a crash must not move them twice."""
    m = mail_locations.c
    same = (m.mailbox_id == mailbox.id) & (m.uidvalidity == uidvalidity) & m.uid.in_(uids)
    await tx.execute(sa.update(mail_locations).where(same).values(attempts=1))


async def settle(
    tx: Transaction, mailbox: Mailbox, uidvalidity: int, uids: Collection[int]
) -> None:
    """These mails are marked or moved on the server."""
    m = mail_locations.c
    same = (m.mailbox_id == mailbox.id) & (m.uidvalidity == uidvalidity) & m.uid.in_(uids)
    await tx.execute(sa.update(mail_locations).where(same).values(settled=True))

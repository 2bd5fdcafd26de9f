"""The event table: appended hash-chained per record, read as stream and tailed as feed."""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from agentdesk.domain.event import Event
from agentdesk.storage.tables import EPOCH, MICROSECOND, chain_heads, events

if TYPE_CHECKING:
    from agentdesk.storage.store import Transaction

Head = tuple[str, int]
START = "0" * 64
ERASED = {"erased": True}
"""What stands in place of an event's data that was erased."""


async def append(tx: "Transaction") -> None:
    """Write what the transaction recorded: one read of chain heads, two executemany."""
    if not tx.events:
        return
    happened, tx.events = tx.events, []
    heads = await _heads(tx, {(e.record.value, e.record_id) for e in happened})
    rows = [_chained(e, heads) for e in happened]
    await tx.insert(events, rows)
    await _save_heads(tx, heads)
    if tx.dialect == "postgresql":
        await tx.execute(sa.text("SELECT pg_notify('agentdesk', '')"))


async def _heads(tx: "Transaction", keys: set[Head]) -> dict[Head, tuple[int, str]]:
    """The ends of these chains, locked; a new chain begins here, so that two cannot."""
    wanted = sorted(keys)
    await tx.insert_new(chain_heads, [_head_row(key, (0, START)) for key in wanted])
    found = await tx.all(_at(wanted).with_for_update())
    return {(row.record, row.record_id): (row.length, row.hash) for row in found}


def _at(keys: Sequence[Head]) -> sa.Select[Any]:
    pair = sa.tuple_(chain_heads.c.record, chain_heads.c.record_id)
    order = (chain_heads.c.record, chain_heads.c.record_id)
    return sa.select(chain_heads).where(pair.in_(keys)).order_by(*order)


def _chained(event: Event, heads: dict[Head, tuple[int, str]]) -> dict[str, Any]:
    row = {
        "at": event.at,
        "actor_kind": event.by.kind,
        "actor_id": event.by.id,
        "actor_name": event.by.name,
        "record": event.record.value,
        "record_id": event.record_id,
        "type": event.type.value,
        "data": dict(event.data),
        "message_id": event.message_id,
        "outbox_id": event.outbox_id,
        "shown": event.shown,
        "salt": new_salt(),
        "digest": "",
    }
    key = (event.record.value, event.record_id)
    length, previous = heads[key]
    row["hash"] = link_hash(previous, row)
    heads[key] = (length + 1, str(row["hash"]))
    return row


def link_hash(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of one link: of the one before it and everything that the event says.

    What may be personal stands in it only as a salted digest, so that it can be erased and the chain
    still be verified; links of before that have no salt, and hold it in the clear.
    """
    said = {k: v for k, v in row.items() if k not in ("hash", "seq", "txid", "salt", "digest")}
    said["at"] = (row["at"] - EPOCH) // MICROSECOND
    if row["salt"] or row["digest"]:
        said["content"] = row["digest"] or content_digest(row)
        del said["data"], said["actor_name"]
    return hashlib.sha256(f"{previous}{_canonical(said)}".encode()).hexdigest()


def content_digest(row: Mapping[str, Any]) -> str:
    """What stands in a link for an event's data and who caused it. Without the salt nobody can find
    out by guessing what it was.
    """
    said = _canonical([row["actor_name"], row["data"]])
    return hashlib.sha256(f"{row['salt']}{said}".encode()).hexdigest()


def new_salt() -> str:
    """128 bits that nobody can guess."""
    return secrets.token_urlsafe(16)


def _canonical(said: Any) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


async def _save_heads(tx: "Transaction", heads: dict[Head, tuple[int, str]]) -> None:
    same = (chain_heads.c.record == sa.bindparam("r")) & (
        chain_heads.c.record_id == sa.bindparam("i")
    )
    values: dict[str, Any] = {"length": sa.bindparam("n"), "hash": sa.bindparam("h")}
    rows = [{"r": k[0], "i": k[1], "n": v[0], "h": v[1]} for k, v in heads.items()]
    await tx.execute(sa.update(chain_heads).where(same).values(values), rows)


def _head_row(key: Head, value: tuple[int, str]) -> dict[str, Any]:
    return {"record": key[0], "record_id": key[1], "length": value[0], "hash": value[1]}


async def first_broken_link(tx: "Transaction", record: str, record_id: int) -> int | None:
    """The seq of the first event of a record that was altered or removed; None when all is whole.

    -1 means that the newest events are missing.
    """
    previous, count = START, 0
    for row in await of_record(tx, record, record_id):
        values = {c.name: row._mapping[c.name] for c in events.c}
        emptied = row.data == ERASED and not row.actor_name and not row.salt
        if link_hash(previous, values) != row.hash or (row.digest and not emptied):
            return int(row.seq)
        previous, count = row.hash, count + 1
    head = await tx.one(_at([(record, record_id)]))
    return None if head is None or (head.length, head.hash) == (count, previous) else -1


async def of_record(tx: "Transaction", record: str, record_id: int) -> Sequence[sa.Row[Any]]:
    """Every event of one record, oldest first."""
    same = (events.c.record == record) & (events.c.record_id == record_id)
    return await tx.all(sa.select(events).where(same).order_by(events.c.seq))


async def of_types(
    tx: "Transaction", record: str, record_id: int, types: Iterable[str]
) -> list[sa.Row[Any]]:
    """The events of these types of one record, oldest first."""
    same = (events.c.record == record) & (events.c.record_id == record_id)
    query = sa.select(events).where(same, events.c.type.in_(list(types)))
    return await tx.all(query.order_by(events.c.seq))


async def since(
    tx: "Transaction", record: str, record_id: int, types: Iterable[str], seq: int, limit: int
) -> list[sa.Row[Any]]:
    """The newest *limit* events of these types of one record behind *seq*, oldest first."""
    same = (events.c.record == record) & (events.c.record_id == record_id) & (events.c.seq > seq)
    query = sa.select(events).where(same, events.c.type.in_(list(types)))
    return list(reversed(await tx.all(query.order_by(events.c.seq.desc()).limit(limit))))


async def of_delivery(
    tx: "Transaction", record: str, thread_id: int, outbox_id: int
) -> list[sa.Row[Any]]:
    """What happened to one outgoing mail of an interaction or a case, oldest first."""
    same = (events.c.record == record) & (events.c.record_id == thread_id)
    query = sa.select(events).where(same & (events.c.type == "delivery_changed"))
    rows = await tx.all(query.order_by(events.c.seq))
    return [r for r in rows if r.data.get("outbox") == outbox_id]


async def newest(
    tx: "Transaction", record: str, record_id: int, *, before: int | None, limit: int
) -> list[sa.Row[Any]]:
    """The newest *limit* shown events of a record below seq *before*, newest first."""
    same = (events.c.record == record) & (events.c.record_id == record_id) & events.c.shown
    if before is not None:
        same &= events.c.seq < before
    return await tx.all(sa.select(events).where(same).order_by(events.c.seq.desc()).limit(limit))


async def newest_among(
    tx: "Transaction",
    records: Mapping[str, Collection[int]],
    *,
    before: int | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """The newest *limit* shown events of all these records, ids by kind, below seq *before*, newest
    first. Each record is read from its own end, so that what lies behind does not matter.
    """
    found: list[sa.Row[Any]] = []
    for record, ids in records.items():
        for key in ids:
            found += await newest(tx, record, key, before=before, limit=limit)
    return sorted(found, key=lambda row: row.seq, reverse=True)[:limit]


async def newest_of(
    tx: "Transaction", record: str, record_id: int, limit: int
) -> list[sa.Row[Any]]:
    """The newest *limit* events of one record, shown or not, newest first."""
    same = (events.c.record == record) & (events.c.record_id == record_id)
    return await tx.all(sa.select(events).where(same).order_by(events.c.seq.desc()).limit(limit))


async def newest_each(
    tx: "Transaction", record: str, ids: Iterable[int], types: Iterable[str]
) -> list[sa.Row[Any]]:
    """The newest event of these types of each of these records."""
    wanted = set(ids)
    if not wanted:
        return []
    same = (events.c.record == record) & events.c.record_id.in_(wanted)
    last = sa.select(sa.func.max(events.c.seq)).where(same & events.c.type.in_(list(types)))
    return await tx.all(
        sa.select(events).where(events.c.seq.in_(last.group_by(events.c.record_id)))
    )


async def last_seq(
    tx: "Transaction", record: str, record_id: int, types: Iterable[str] | None = None
) -> int:
    """The newest seq of a record (of these types); 0 where there is none."""
    same = (events.c.record == record) & (events.c.record_id == record_id)
    if types is not None:
        same &= events.c.type.in_(list(types))
    row = await tx.one(sa.select(sa.func.max(events.c.seq)).where(same))
    return int(row[0] or 0) if row else 0


TAIL = 500
"""So many events are told at once."""


async def tail(tx: "Transaction", cursor: tuple[int, int], limit: int = TAIL) -> list[sa.Row[Any]]:
    """What events after *cursor* (txid, seq) are about: seq, txid, record, record_id, type, outbox_id.

    They come in an order to which nothing is ever added in front.
    On PostgreSQL only transactions below the oldest running one count, so that a reader never passes
    a lower number that is not committed yet.
    """
    pair = sa.tuple_(events.c.txid, events.c.seq)
    ahead = pair > sa.tuple_(*map(sa.literal, cursor))
    if tx.dialect == "postgresql":
        settled = sa.text("events.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        ahead = sa.and_(ahead, settled)
    order = (events.c.txid, events.c.seq)
    about = (events.c.record, events.c.record_id, events.c.type, events.c.outbox_id)
    query = sa.select(events.c.seq, events.c.txid, *about).where(ahead)
    return await tx.all(query.order_by(*order).limit(limit))


async def end(tx: "Transaction") -> tuple[int, int]:
    """The cursor behind everything that is settled now."""
    where = sa.true()
    if tx.dialect == "postgresql":
        where = sa.text("events.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")  # type: ignore[assignment]
    last = sa.select(events.c.txid, events.c.seq).where(where)
    row = await tx.one(last.order_by(events.c.txid.desc(), events.c.seq.desc()).limit(1))
    return (row.txid, row.seq) if row else (0, 0)

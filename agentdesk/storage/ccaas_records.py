"""What centres have, and what stands for what."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ccaas.mappings import Known, Said
from agentdesk.domain.ccaas.values import CentreRecord, Kind
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import ccaas_centres as centres
from agentdesk.storage.tables import ccaas_mappings as mappings
from agentdesk.storage.tables import ccaas_records as records


async def external(tx: Transaction, centre: str, kind: Kind, local: str) -> str | None:
    """What *local* (the key of a queue, presence or code, an agent's login) is called there, if that is
    said and still there.
    """
    m, r = mappings.c, records.c
    same = (m.centre == centre) & (m.kind == kind.value) & (m.local == local)
    there = (r.centre == m.centre) & (r.kind == m.kind) & (r.external_id == m.external_id)
    query = sa.select(m.external_id).select_from(mappings.join(records, there))
    row = await tx.one(query.where(same & r.active))
    return row.external_id if row else None


async def local(tx: Transaction, centre: str, kind: Kind, external_id: str) -> str | None:
    """The key of what one of theirs means here, if that is said."""
    known = await get(tx, centre, kind, external_id)
    return known.local or None if known else None


async def get(tx: Transaction, centre: str, kind: Kind, external_id: str) -> Known | None:
    """What is kept of one of theirs."""
    row = await tx.one(sa.select(records).where(_record(centre, kind, external_id)))
    return load(Known, row) if row else None


async def all_of(tx: Transaction, centre: str) -> list[Known]:
    """What a centre has and had, by kind and name."""
    query = sa.select(records).where(records.c.centre == centre)
    found = await tx.all(query.order_by(records.c.kind, records.c.name, records.c.external_id))
    return [load(Known, row) for row in found]


async def said_of(tx: Transaction, centre: str) -> list[Said]:
    """What ours are called there."""
    query = sa.select(mappings).where(mappings.c.centre == centre)
    return [load(Said, row) for row in await tx.all(query.order_by(*mappings.primary_key))]


async def imported_at(tx: Transaction, centre: str) -> datetime | None:
    """When what it has was read last."""
    row = await tx.one(sa.select(centres.c.imported_at).where(centres.c.key == centre))
    return row.imported_at if row else None


async def be_imported(tx: Transaction, centre: str, name: str, now: datetime) -> None:
    """Everything that is there was read at *now*."""
    await tx.insert_new(centres, [{"key": centre, "name": name, "active": True}])
    same = centres.c.key == centre
    await tx.execute(sa.update(centres).where(same).values(name=name, imported_at=now))
    seen = (records.c.centre == centre) & records.c.active
    await tx.execute(sa.update(records).where(seen).values(seen_at=now))


async def add(tx: Transaction, centre: str, new: Collection[CentreRecord], now: datetime) -> None:
    """What a centre did not have before."""
    also = {"centre": centre, "local": "", "active": True, "seen_at": now}
    await tx.insert(records, [{**dump(r), **also} for r in new])


async def change(tx: Transaction, centre: str, kind: Kind, external_id: str, **values: Any) -> None:
    """Write some columns of one of theirs."""
    same = _record(centre, kind, external_id)
    await tx.execute(sa.update(records).where(same).values(values))


async def say(
    tx: Transaction, centre: str, kind: Kind, local: str, external_id: str, now: datetime, by: str
) -> None:
    """From now on *local* is called so there; an empty id: it stands for nothing, as a person wants."""
    key = {"centre": centre, "kind": kind.value, "local": local}
    await tx.put(mappings, {**key, "external_id": external_id, "at": now, "by": by})


async def mean_nothing(tx: Transaction, centre: str, kind: Kind, local: str) -> bool:
    """None of theirs means *local* any more; whether one did."""
    same = (
        (records.c.centre == centre) & (records.c.kind == kind.value) & (records.c.local == local)
    )
    return (await tx.execute(sa.update(records).where(same).values(local=""))).rowcount > 0


async def meanings(tx: Transaction, centre: str, kind: Kind) -> dict[str, str]:
    """The keys of what all of theirs mean here, by their ids; without those that are not there any more."""
    r = records.c
    said = (r.centre == centre) & (r.kind == kind.value) & (r.local != "") & r.active
    rows = await tx.all(sa.select(r.external_id, r.local).where(said))
    return {row.external_id: row.local for row in rows}


def _record(centre: str, kind: Kind, external_id: str) -> sa.ColumnElement[bool]:
    r = records.c
    return (r.centre == centre) & (r.kind == kind.value) & (r.external_id == external_id)

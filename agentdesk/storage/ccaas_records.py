"""What centres have, and what stands for what."""

import sqlalchemy as sa

from agentdesk.domain.ccaas.values import Kind
from agentdesk.storage.store import Transaction
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
    r = records.c
    same = (r.centre == centre) & (r.kind == kind.value) & (r.external_id == external_id)
    row = await tx.one(sa.select(r.local).where(same & (r.local != "")))
    return row.local if row else None


async def meanings(tx: Transaction, centre: str, kind: Kind) -> dict[str, str]:
    """The keys of what all of theirs mean here, by their ids; without those that are not there any more."""
    r = records.c
    said = (r.centre == centre) & (r.kind == kind.value) & (r.local != "") & r.active
    rows = await tx.all(sa.select(r.external_id, r.local).where(said))
    return {row.external_id: row.local for row in rows}

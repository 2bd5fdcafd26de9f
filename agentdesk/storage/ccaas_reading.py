"""What the screens of contact centres show, page by page."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ccaas.orders import LIVE, WAITS_FOR_A_PERSON
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    agents,
    ccaas_agents,
    ccaas_centres,
    ccaas_conversations,
    ccaas_mappings,
    ccaas_orders,
    ccaas_records,
    interactions,
    wrap_up_codes,
    wrap_up_segments,
)

r, m, o, s = ccaas_records.c, ccaas_mappings.c, ccaas_orders.c, wrap_up_segments.c
Names = tuple[str, ...]
"""A place in a list that is ordered by names."""

THERE = (r.centre == m.centre) & (r.kind == m.kind) & (r.external_id == m.external_id)
SAID = m.external_id != ""
"""A row without an id says that a person took a mapping back."""

WAITS = o.state.in_([state.value for state in WAITS_FOR_A_PERSON])


async def centres(tx: Transaction, keys: Collection[str]) -> dict[str, sa.Row[Any]]:
    """How these centres were last, by key."""
    query = sa.select(ccaas_centres).where(ccaas_centres.c.key.in_(keys))
    return {row.key: row for row in await tx.all(query)}


async def waiting_counts(tx: Transaction) -> dict[str, int]:
    """How many orders wait for a person, by centre."""
    query = sa.select(o.centre, sa.func.count().label("n")).where(WAITS).group_by(o.centre)
    return {row.centre: row.n for row in await tx.all(query)}


async def mapped_to(tx: Transaction, kind: str, centre: str = "") -> list[sa.Row[Any]]:
    """What of ours has a name there, of one kind: centre, local and external id."""
    where = [m.kind == kind, SAID, *([m.centre == centre] if centre else [])]
    return await tx.all(sa.select(m.centre, m.local, m.external_id).where(*where))


async def records_of(tx: Transaction, centre: str, kind: str, words: str, limit: int) -> list[Any]:
    """What a centre has of one kind and is still there, by name; *words* begin it or are inside."""
    mine = (r.centre == centre) & (r.kind == kind) & r.active
    like = f"%{words.strip()}%"
    found = r.name.ilike(like) | r.detail.ilike(like) if words.strip() else sa.true()
    query = sa.select(ccaas_records).where(mine, found)
    return await tx.all(query.order_by(r.name, r.external_id).limit(limit))


async def unmapped(
    tx: Transaction,
    keys: Collection[str],
    kind: str,
    *,
    after: Names | None,
    before: Names | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Records of theirs that mean nothing here, and by whose name nothing of ours goes."""
    named = sa.exists().where(THERE).correlate(ccaas_records)
    where = [r.centre.in_(keys), r.active, r.local == "", ~named]
    query = sa.select(ccaas_records).where(*where, *([r.kind == kind] if kind else []))
    return await _page(tx, query, (r.centre, r.kind, r.name, r.external_id), after, before, limit)


async def mapped(
    tx: Transaction,
    keys: Collection[str],
    kind: str,
    *,
    after: Names | None,
    before: Names | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """What of ours has a name there, with the record that it names."""
    columns = (*m, r.name, r.detail, r.active, r.local.label("means"))
    joined = ccaas_mappings.outerjoin(ccaas_records, THERE)
    where = [m.centre.in_(keys), SAID, *([m.kind == kind] if kind else [])]
    query = sa.select(*columns).select_from(joined).where(*where)
    return await _page(tx, query, (m.centre, m.kind, m.local), after, before, limit)


async def waiting(
    tx: Transaction, keys: Collection[str], *, after: int | None, before: int | None, limit: int
) -> list[sa.Row[Any]]:
    """Orders that wait for a person, the newest first."""
    joined = ccaas_orders.outerjoin(interactions, interactions.c.id == o.interaction_id)
    joined = joined.outerjoin(agents, agents.c.id == o.agent_id)
    columns = (*o, interactions.c.number, interactions.c.subject, agents.c.name.label("agent"))
    query = sa.select(*columns).select_from(joined).where(WAITS, o.centre.in_(keys))
    return await _newest(tx, query, o.id, after, before, limit)


async def to_review(
    tx: Transaction, *, after: int | None, before: int | None, limit: int
) -> list[sa.Row[Any]]:
    """Wrap-ups whose code differs there, or was written beside the conversation; newest first."""
    joined = wrap_up_segments.join(interactions, interactions.c.id == s.interaction_id)
    joined = joined.join(
        ccaas_conversations, ccaas_conversations.c.interaction_id == s.interaction_id
    )
    joined = joined.outerjoin(agents, agents.c.id == s.agent_id)
    joined = joined.outerjoin(wrap_up_codes, wrap_up_codes.c.id == s.code_id)
    there = (r.centre == ccaas_conversations.c.centre) & (r.kind == "code")
    joined = joined.outerjoin(ccaas_records, there & (r.external_id == s.external_code))
    columns = (
        *s,
        interactions.c.number,
        interactions.c.subject,
        agents.c.name.label("agent"),
        wrap_up_codes.c.label.label("ours"),
        r.name.label("theirs"),
        ccaas_conversations.c.centre,
    )
    query = sa.select(*columns).select_from(joined).where(s.review)
    return await _newest(tx, query, s.id, after, before, limit)


async def newest_sync(tx: Transaction, interaction_id: int) -> str:
    """How the code of an interaction's last handling stands."""
    query = sa.select(s.sync).where(s.interaction_id == interaction_id)
    row = await tx.one(query.order_by(s.id.desc()).limit(1))
    return row.sync if row else ""


async def trouble_of(tx: Transaction, interaction_id: int) -> str:
    """Why the first order that is not carried out yet is not; empty where none says why."""
    undone = o.state.in_([state.value for state in LIVE | WAITS_FOR_A_PERSON])
    mine = (o.interaction_id == interaction_id) & (o.error != "") & undone
    row = await tx.one(sa.select(o.error).where(mine).order_by(o.id).limit(1))
    return row.error if row else ""


async def code_names(
    tx: Transaction, codes: Collection[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    """What centres call these codes of theirs, each a centre and an id; known ones only."""
    ids = {external_id for _, external_id in codes if external_id}
    if not ids:
        return {}
    query = sa.select(r.centre, r.external_id, r.name)
    found = await tx.all(query.where(r.kind == "code", r.external_id.in_(ids)))
    return {(row.centre, row.external_id): row.name for row in found}


async def agents_there(tx: Transaction, agent_id: int | None = None) -> list[sa.Row[Any]]:
    """How agents stand at centres, as last read, with the names of their presences there."""
    a = ccaas_agents.c
    there = (r.centre == a.centre) & (r.kind == "presence") & (r.external_id == a.presence)
    joined = ccaas_agents.outerjoin(ccaas_records, there)
    query = sa.select(*a, r.name.label("label")).select_from(joined)
    return await tx.all(query.where(a.agent_id == agent_id) if agent_id is not None else query)


async def _page(
    tx: Transaction,
    query: sa.Select[Any],
    columns: Sequence[sa.ColumnElement[Any]],
    after: Names | None,
    before: Names | None,
    limit: int,
) -> list[sa.Row[Any]]:
    key = sa.tuple_(*columns)
    if after is not None:
        query = query.where(key > sa.tuple_(*map(sa.literal, after)))
    if before is not None:
        below = query.where(key < sa.tuple_(*map(sa.literal, before)))
        found = await tx.all(below.order_by(*(c.desc() for c in columns)).limit(limit))
        return list(reversed(found))
    return await tx.all(query.order_by(*columns).limit(limit))


async def _newest(
    tx: Transaction,
    query: sa.Select[Any],
    key: sa.ColumnElement[Any],
    after: int | None,
    before: int | None,
    limit: int,
) -> list[sa.Row[Any]]:
    if after is not None:
        query = query.where(key < after)
    if before is not None:
        found = await tx.all(query.where(key > before).order_by(key).limit(limit))
        return list(reversed(found))
    return await tx.all(query.order_by(key.desc()).limit(limit))

"""Drafts, kept while they are typed."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.draft import Draft, DraftContent, DraftFile, DraftKind, DraftVersion
from agentdesk.domain.errors import NotFound
from agentdesk.domain.event import Record
from agentdesk.domain.ids import AgentId, DraftId, ThreadId, thread
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import agents, draft_versions, drafts


def values(d: Draft) -> dict[str, Any]:
    """Column values of a draft."""
    files = [asdict(f) for f in d.files]
    return {**dump(d), "content": asdict(d.content), "files": files}


def made(row: Any) -> Draft:
    """A draft from column values; those kept with a mail may be from before forwarding."""
    mapping = {"forward_of": None, **(row._mapping if isinstance(row, sa.Row) else row)}
    mapping["content"] = DraftContent(**mapping["content"])
    mapping.setdefault("kind", DraftKind.REPLY.value)  # kept in an outbox before there were kinds
    mapping.setdefault("kept_at", None)
    mapping.setdefault("record", Record.INTERACTION.value)  # and before cases took mail
    if "interaction_id" in mapping:
        mapping["thread_id"] = mapping["interaction_id"]
    mapping["files"] = tuple(DraftFile(**f) for f in mapping["files"])
    return load(Draft, mapping)


async def get(tx: Transaction, draft_id: DraftId) -> Draft:
    """One draft, locked until the end of a write. Raises `NotFound`."""
    row = await tx.one(sa.select(drafts).where(drafts.c.id == draft_id).with_for_update())
    if row is None:
        raise NotFound("This draft was sent or discarded.")
    return made(row)


async def of_thread(
    tx: Transaction, thread_id: ThreadId, author: AgentId | None = None
) -> list[Draft]:
    """The drafts of a thread, newest first; of one author if named."""
    same = drafts.c.thread_id == thread_id
    if author is not None:
        same &= drafts.c.author_id == author
    query = sa.select(drafts).where(same).order_by(drafts.c.updated_at.desc())
    return [made(r) for r in await tx.all(query)]


async def insert(tx: Transaction, d: Draft) -> None:
    """A new draft."""
    await tx.insert(drafts, [values(d)])


async def save(tx: Transaction, d: Draft) -> Draft:
    """Write a changed draft."""
    changed = replace(d, version=d.version + 1)
    await tx.execute(sa.update(drafts).where(drafts.c.id == d.id).values(values(changed)))
    return changed


async def release(tx: Transaction, d: Draft) -> Draft:
    """End whoever writes it: their token saves and sends no more."""
    free = replace(d, holder_id=None, holder_session="", lease_until=None, token=d.token + 1)
    return await save(tx, free)


async def move(tx: Transaction, d: Draft, record: Record, thread_id: ThreadId) -> Draft:
    """It is written on in another thread. Whoever writes it reads it again there: their token ends."""
    return await release(tx, replace(d, record=record, thread_id=thread_id))


async def home_of(tx: Transaction, draft_id: DraftId) -> tuple[Record, ThreadId]:
    """Where a draft is written, not locked. Raises `NotFound`."""
    columns = (drafts.c.record, drafts.c.thread_id)
    row = await tx.one(sa.select(*columns).where(drafts.c.id == draft_id))
    if row is None:
        raise NotFound("This draft was sent or discarded.")
    return Record(row.record), thread(row.record, row.thread_id)


async def typed(tx: Transaction, ids: Collection[int]) -> dict[int, int]:
    """The version of each of these drafts that is there."""
    query = sa.select(drafts.c.id, drafts.c.version).where(drafts.c.id.in_(ids))
    return {r.id: r.version for r in await tx.all(query)}


async def delete(tx: Transaction, draft_id: DraftId, *, versions: bool = True) -> None:
    """Remove a draft; without its *versions* where it may come back."""
    await tx.execute(sa.delete(drafts).where(drafts.c.id == draft_id))
    if versions:
        await forget_versions(tx, draft_id)


v = draft_versions.c


async def versions_of(tx: Transaction, draft_id: DraftId) -> tuple[DraftVersion, ...]:
    """What a draft said before, the newest first."""
    return tuple(_version(r) for r in await tx.all(_versions(draft_id)))


async def version(tx: Transaction, draft_id: DraftId, version_id: int) -> DraftVersion:
    """One of them. Raises `NotFound`."""
    row = await tx.one(_versions(draft_id).where(v.id == version_id))
    if row is None:
        raise NotFound("This version is not kept any more. Choose another one.")
    return _version(row)


def _versions(draft_id: DraftId) -> sa.Select[Any]:
    joined = draft_versions.outerjoin(agents, agents.c.id == v.agent_id)
    columns = (v.id, v.agent_id, v.at, v.content, v.reason, agents.c.name)
    query = sa.select(*columns).select_from(joined).where(v.draft_id == draft_id)
    return query.order_by(v.id.desc())


def _version(r: sa.Row[Any]) -> DraftVersion:
    return DraftVersion(
        r.id, r.name or "Somebody", r.at, DraftContent(**r.content), r.reason, r.agent_id
    )


async def add_version(
    tx: Transaction,
    draft_id: DraftId,
    agent_id: AgentId,
    at: datetime,
    content: DraftContent,
    reason: str,
) -> DraftVersion:
    """Keep what an agent wrote; the answer does not name them."""
    key = await tx.new_id(draft_versions)
    row = {"id": key, "draft_id": draft_id, "agent_id": agent_id, "at": at, "reason": reason}
    await tx.insert(draft_versions, [{**row, "content": asdict(content)}])
    return DraftVersion(key, "", at, content, reason, agent_id)


async def drop_versions(tx: Transaction, ids: Collection[int]) -> None:
    """Thin out."""
    if ids:
        await tx.execute(sa.delete(draft_versions).where(v.id.in_(ids)))


async def forget_versions(tx: Transaction, draft_id: int) -> None:
    """The draft is gone for good."""
    await tx.execute(sa.delete(draft_versions).where(v.draft_id == draft_id))


async def move_versions(tx: Transaction, draft_id: int, to: DraftId) -> None:
    """A draft came back under another id."""
    same = v.draft_id == draft_id
    await tx.execute(sa.update(draft_versions).where(same).values(draft_id=to))

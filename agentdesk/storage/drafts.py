"""Drafts, kept while they are typed."""

from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.draft import Draft, DraftContent, DraftFile, DraftKind
from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import AgentId, DraftId, InteractionId
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import drafts


def values(d: Draft) -> dict[str, Any]:
    """Column values of a draft."""
    files = [asdict(f) for f in d.files]
    return {**dump(d), "content": asdict(d.content), "files": files}


def made(row: Any) -> Draft:
    """A draft from column values."""
    mapping = dict(row._mapping if isinstance(row, sa.Row) else row)
    mapping["content"] = DraftContent(**mapping["content"])
    mapping.setdefault("kind", DraftKind.REPLY.value)  # kept in an outbox before there were kinds
    mapping["files"] = tuple(DraftFile(**f) for f in mapping["files"])
    return load(Draft, mapping)


async def get(tx: Transaction, draft_id: DraftId) -> Draft:
    """One draft, locked until the end of a write. Raises `NotFound`."""
    row = await tx.one(sa.select(drafts).where(drafts.c.id == draft_id).with_for_update())
    if row is None:
        raise NotFound("This draft was sent or discarded.")
    return made(row)


async def of_interaction(
    tx: Transaction, interaction_id: InteractionId, author: AgentId | None = None
) -> list[Draft]:
    """The drafts of an interaction, newest first; of one author if named."""
    same = drafts.c.interaction_id == interaction_id
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


async def delete(tx: Transaction, draft_id: DraftId) -> None:
    """Remove a draft."""
    await tx.execute(sa.delete(drafts).where(drafts.c.id == draft_id))

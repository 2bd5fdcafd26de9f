"""The centre's side of interactions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import InteractionId
from agentdesk.storage.forgetting import few
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import ccaas_conversations as conversations
from agentdesk.storage.tables import ccaas_orders as orders

PERSONAL = ("subject", "from_name", "from_address", "notes", "note")
"""What an order may say of a customer, or quote."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A row. `external_id` is None until it was handed over; `segment` is the part that is offered,
    worked on or parked now, by the centre's id; `trouble`: why it stands still, as a sentence.
    """

    interaction_id: InteractionId
    centre: str
    external_id: str | None = None
    segment: str = ""
    communication: str = ""
    again: bool = False
    seen_at: datetime | None = None
    trouble: str = ""
    version: int = 0


async def insert(tx: Transaction, made: Collection[Conversation]) -> None:
    """New ones, with their interactions."""
    await tx.insert(conversations, [dump(c) for c in made])


async def get(tx: Transaction, interaction_id: int) -> Conversation | None:
    """Of one interaction, locked until the end of a write, after its interaction."""
    same = conversations.c.interaction_id == interaction_id
    row = await tx.one(sa.select(conversations).where(same).with_for_update())
    return load(Conversation, row) if row else None


async def get_many(tx: Transaction, ids: Collection[int]) -> dict[int, Conversation]:
    """Of several interactions, not locked."""
    if not ids:
        return {}
    mine = conversations.c.interaction_id.in_(set(ids))
    rows = await tx.all(sa.select(conversations).where(mine))
    return {row.interaction_id: load(Conversation, row) for row in rows}


async def by_external(tx: Transaction, centre: str, external_id: str) -> Conversation | None:
    """The one with this id at this centre, not locked."""
    same = (conversations.c.centre == centre) & (conversations.c.external_id == external_id)
    row = await tx.one(sa.select(conversations).where(same))
    return load(Conversation, row) if row else None


async def save(tx: Transaction, c: Conversation, **changes: Any) -> None:
    """Write some columns. Raises `Conflict` when another process was first."""
    same = (conversations.c.interaction_id == c.interaction_id) & (
        conversations.c.version == c.version
    )
    values = {**changes, "version": c.version + 1}
    done = await tx.execute(sa.update(conversations).where(same).values(values))
    if done.rowcount != 1:
        raise Conflict("Somebody else read this conversation at the same moment.")


async def forget(tx: Transaction, interaction_ids: Collection[int]) -> None:
    """What orders about these interactions say of a person goes; the centre was told it long ago."""
    for some in few(interaction_ids):
        mine = sa.select(orders.c.id, orders.c.payload).where(orders.c.interaction_id.in_(some))
        for row in await tx.all(mine):
            said = {k: "" if k in PERSONAL else v for k, v in row.payload.items()}
            same = orders.c.id == row.id
            await tx.execute(sa.update(orders).where(same).values(payload=said))

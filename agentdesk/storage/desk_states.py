"""What an agent finds again: tabs, positions, and how far each stream was read."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import desk_states, read_marks


async def get(tx: Transaction, agent_id: int, key: str) -> Any:
    """A kept value; None where there is none."""
    same = (desk_states.c.agent_id == agent_id) & (desk_states.c.key == key)
    row = await tx.one(sa.select(desk_states.c.value).where(same))
    return row.value if row else None


async def put(tx: Transaction, agent_id: int, key: str, value: Mapping[str, Any]) -> None:
    """Keep a value."""
    await tx.put(desk_states, {"agent_id": agent_id, "key": key, "value": dict(value)})


async def read_through(tx: Transaction, agent_id: int, *thread_ids: int) -> int:
    """The last seq that the agent has seen of these streams, which are shown as one; 0 before the
    first."""
    same = (read_marks.c.agent_id == agent_id) & read_marks.c.thread_id.in_(thread_ids)
    row = await tx.one(sa.select(sa.func.max(read_marks.c.seq)).where(same))
    return int(row[0] or 0) if row else 0


async def mark_read(tx: Transaction, agent_id: int, thread_id: int, seq: int) -> None:
    """The agent has seen the stream up to *seq*."""
    row = {"agent_id": agent_id, "thread_id": thread_id, "seq": seq}
    await tx.put(read_marks, row)

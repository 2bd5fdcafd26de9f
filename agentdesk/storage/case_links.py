"""Who follows a case, and which cases belong together."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ids import AgentId
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import agents, case_relations, case_watchers

w, r = case_watchers.c, case_relations.c


async def watch(tx: Transaction, case_id: int, agent_id: int) -> bool:
    """This agent follows the case from now on; False where they do already."""
    if await watches(tx, case_id, agent_id):
        return False
    await tx.insert_new(case_watchers, [{"case_id": case_id, "agent_id": agent_id, "unread": 0}])
    return True


async def unwatch(tx: Transaction, case_id: int, agent_id: int) -> bool:
    """This agent follows it no more; False where they did not."""
    same = (w.case_id == case_id) & (w.agent_id == agent_id)
    return (await tx.execute(sa.delete(case_watchers).where(same))).rowcount == 1


async def watches(tx: Transaction, case_id: int, agent_id: int) -> bool:
    """Whether this agent follows the case."""
    same = (w.case_id == case_id) & (w.agent_id == agent_id)
    return await tx.one(sa.select(w.case_id).where(same)) is not None


async def watchers(tx: Transaction, case_id: int) -> list[sa.Row[Any]]:
    """Who follows a case: agent_id, name; by name."""
    joined = case_watchers.join(agents, agents.c.id == w.agent_id)
    query = sa.select(w.agent_id, agents.c.name).select_from(joined)
    return await tx.all(query.where(w.case_id == case_id).order_by(agents.c.name, w.agent_id))


async def add_unread(tx: Transaction, case_id: int, but: AgentId | None = None) -> None:
    """One more thing for everybody who follows the case, *but* who owns it, who has a mark anyway."""
    same = (w.case_id == case_id) & (w.agent_id != (but or 0))
    await tx.execute(sa.update(case_watchers).where(same).values(unread=w.unread + 1))


async def see(tx: Transaction, case_id: int, agent_id: int) -> None:
    """This agent has seen what there is."""
    same = (w.case_id == case_id) & (w.agent_id == agent_id)
    await tx.execute(sa.update(case_watchers).where(same).values(unread=0))


async def move_watchers(tx: Transaction, case_id: int, to: int) -> None:
    """Who follows one case follows another one, too."""
    rows = await tx.all(sa.select(w.agent_id).where(w.case_id == case_id))
    made = [{"case_id": to, "agent_id": row.agent_id, "unread": 0} for row in rows]
    await tx.insert_new(case_watchers, made)


def _pair(one: int, other: int) -> dict[str, int]:
    return {"case_id": min(one, other), "other_id": max(one, other)}


async def relate(tx: Transaction, one: int, other: int) -> bool:
    """The two belong together; False where they do already."""
    if other in await related(tx, [one]):
        return False
    await tx.insert_new(case_relations, [_pair(one, other)])
    return True


async def part(tx: Transaction, one: int, other: int) -> bool:
    """They do no more; False where they did not."""
    pair = _pair(one, other)
    same = (r.case_id == pair["case_id"]) & (r.other_id == pair["other_id"])
    return (await tx.execute(sa.delete(case_relations).where(same))).rowcount == 1


async def related(tx: Transaction, case_ids: Collection[int]) -> list[int]:
    """The cases that were related to these by hand."""
    found = await tx.all(
        sa.select(r.other_id)
        .where(r.case_id.in_(case_ids))
        .union(sa.select(r.case_id).where(r.other_id.in_(case_ids)))
    )
    return sorted({row[0] for row in found} - {*case_ids})

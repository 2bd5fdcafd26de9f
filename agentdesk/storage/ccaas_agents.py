"""How agents stand at centres, as it was last read."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ccaas.values import AgentState, Kind
from agentdesk.domain.ids import AgentId
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import agents, ccaas_agents
from agentdesk.storage.tables import ccaas_mappings as mappings


async def mapped(tx: Transaction, centre: str) -> dict[AgentId, str]:
    """The agents of the desk that the centre knows, with what it calls them."""
    m = mappings.c
    joined = agents.join(mappings, m.local == agents.c.login)
    query = sa.select(agents.c.id, m.external_id).select_from(joined)
    here = (m.centre == centre) & (m.kind == Kind.AGENT.value) & agents.c.active
    return {AgentId(r.id): r.external_id for r in await tx.all(query.where(here))}


async def get(tx: Transaction, centre: str, agent_id: int) -> sa.Row[Any] | None:
    """How an agent stood when it was last read."""
    same = (ccaas_agents.c.centre == centre) & (ccaas_agents.c.agent_id == agent_id)
    return await tx.one(sa.select(ccaas_agents).where(same))


async def put(
    tx: Transaction, centre: str, agent_id: int, state: AgentState, now: datetime, version: int
) -> None:
    """What was read of an agent; *version* grows with every change of it."""
    row = {"agent_id": agent_id, "centre": centre, "version": version, "at": now}
    of = ("presence", "on_queue", "responding", "capacity", "used", "parked")
    await tx.put(ccaas_agents, row | {name: getattr(state, name) for name in of})

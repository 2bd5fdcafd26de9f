"""How much work an agent may have, and how much of it is in use now."""

from typing import Any

from agentdesk.domain.capacity import Limits, Override, limits
from agentdesk.domain.ids import AgentId
from agentdesk.services.desk import Desk
from agentdesk.storage import work
from agentdesk.storage.store import Transaction
from agentdesk.storage.work import Used, Uses


def uses(desk: Desk) -> Uses:
    """The states of an interaction that use capacity, by channel."""
    return {channel.key: channel.uses for channel in desk.policy.channels}


def override_of(desk: Desk, row: Any) -> Override | None:
    """The capacity that a supervisor gave the agent of this row for a while, while it holds."""
    if row.override_capacity is None or row.override_until is None:
        return None
    override = Override(row.override_capacity, row.override_until)
    return override if override.holds(desk.clock.now()) else None


def limits_of(desk: Desk, row: Any) -> Limits:
    """What the agent of this row may have now."""
    agent = desk.in_force.agents.get(AgentId(row.id))
    return limits(desk.policy, agent, override_of(desk, row))


async def in_use(desk: Desk, tx: Transaction, agent_id: AgentId) -> Used:
    """Capacity in use of one agent by channel; the agent is locked until the end of a write."""
    return await work.load_of(tx, uses(desk), agent_id)

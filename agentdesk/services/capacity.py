"""How much work an agent may have, and how much of it is in use now."""

from typing import Any

from agentdesk.domain.capacity import Limits, Override, limits
from agentdesk.domain.errors import CapacityExceeded
from agentdesk.domain.ids import AgentId
from agentdesk.services.desk import Desk
from agentdesk.storage import desk as desk_rows
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


def usual_limits_of(desk: Desk, agent_id: AgentId) -> Limits:
    """What the agent may have when no supervisor says otherwise."""
    return limits(desk.policy, desk.in_force.agents.get(agent_id), None)


async def in_use(desk: Desk, tx: Transaction, agent_id: AgentId) -> Used:
    """Capacity in use of one agent by channel; the agent is locked until the end of a write."""
    return await work.load_of(tx, uses(desk), agent_id)


async def check_own_room(
    desk: Desk, tx: Transaction, agent_id: AgentId, channel: str, size: int
) -> None:
    """Raises `CapacityExceeded` where work of this size is too much for the one who asks for it."""
    row = await desk_rows.agent(tx, agent_id)
    used = await in_use(desk, tx, agent_id)
    full = no_room(desk, limits_of(desk, row), used, channel, size)
    if full:
        raise CapacityExceeded(f"You have {full}. Put something on hold or close it first.")


def no_room(desk: Desk, has: Limits, used: Used, channel: str, size: int) -> str:
    """`4 of 4 in use`, or that of the channel where that is the tighter bound; empty with room."""
    if size <= has.free(channel, used):
        return ""
    total = sum(used.values())
    if total + size > has.total:
        return f"{total} of {has.total} in use"
    name = desk.policy.channel(channel).name
    return f"{used.get(channel, 0)} of {has.channels[channel]} of {name} in use"


async def at_work(desk: Desk, tx: Transaction, agent_id: AgentId | None) -> bool:
    """Whether somebody owns it who is there to work, with or without room for more."""
    if agent_id is None:
        return False
    row = await desk_rows.agent(tx, agent_id)
    presence = desk.policy.presence(row.presence)
    return presence is not None and presence.work


def why_not(desk: Desk, row: Any, used: Used, channel: str, size: int) -> str:
    """Why the agent of this row cannot be given such work now, in a few words; empty if they can."""
    if AgentId(row.id) not in desk.in_force.agents:
        return "not in the settings any more"
    presence = desk.policy.presence(row.presence)
    if presence is None or not presence.takes(channel):
        name = desk.policy.channel(channel).name
        label = presence.label if presence else "Offline"
        return f"{label}, no {name}" if presence and presence.work else label
    return no_room(desk, limits_of(desk, row), used, channel, size)

"""Where work may go: agents who could take it now, and queues; the others with the reason."""

from collections.abc import Sequence
from typing import Any

from agentdesk.domain.board import TargetAgent, TargetQueue, Targets
from agentdesk.domain.ids import AgentId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.policy import QueueSetup, SkillNeed
from agentdesk.services import capacity
from agentdesk.services.ccaas import sides
from agentdesk.services.desk import Desk
from agentdesk.services.offers import serves
from agentdesk.services.presence import colour_of
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import figures, work
from agentdesk.storage.store import Transaction
from agentdesk.storage.work import Used


async def find(
    desk: Desk, tx: Transaction, i: Interaction, needs: Sequence[SkillNeed], size: int
) -> Targets:
    """Agents but the owner, those who can take *i* first, and the queues of its kind of work."""
    used = await work.loads(tx, capacity.uses(desk))
    rows = await desk_rows.all_agents(tx)
    waiting = await figures.queued(tx)
    agents = [
        _agent(desk, row, used.get(AgentId(row.id), {}), i.channel, size, needs)
        for row in rows
        if row.id != i.owner_id
    ]
    able = {a.agent_id for a in agents if not a.why_not}
    queues = [
        TargetQueue(
            queue_id,
            queue.name,
            waiting.get(queue_id, 0),
            sum(serves(desk, agent_id, queue) for agent_id in able),
            _why_not(desk, queue, i.channel),
        )
        for queue_id, queue in desk.in_force.queues.items()
    ]
    order = sorted(agents, key=lambda a: (bool(a.why_not), -a.matching_skills, a.used, a.name))
    return Targets(tuple(order), tuple(sorted(queues, key=lambda q: (bool(q.why_not), q.name))))


def _why_not(desk: Desk, queue: QueueSetup, channel: str) -> str:
    if queue.external:
        return f"routed by {sides.name_of(desk, queue.external)}"
    if queue.channel == channel:
        return ""
    return f"takes {desk.policy.channel(queue.channel).name} only"


def _agent(
    desk: Desk, row: Any, used: Used, channel: str, size: int, needs: Sequence[SkillNeed]
) -> TargetAgent:
    presence = desk.policy.presence(row.presence)
    setup = desk.in_force.agents.get(AgentId(row.id))
    skills = setup.skills if setup else {}
    return TargetAgent(
        AgentId(row.id),
        row.name,
        presence.label if presence else "Offline",
        colour_of(desk, presence),
        sum(used.values()),
        capacity.limits_of(desk, row).total,
        sum(skills.get(n.skill, 0) >= n.level for n in needs),
        capacity.why_not(desk, row, used, channel, size),
    )

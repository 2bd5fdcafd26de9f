"""What pickers offer: categories, groups, codes of resolution, and who may have a case."""

from agentdesk.domain.actor import Actor
from agentdesk.domain.case_views import CaseChoice, Watcher
from agentdesk.services.desk import Desk


async def categories(desk: Desk, actor: Actor) -> tuple[CaseChoice, ...]:
    """What a case may be about."""
    return desk.rules.cases.categories


async def codes(desk: Desk, actor: Actor) -> tuple[CaseChoice, ...]:
    """How a case may be resolved."""
    return desk.rules.cases.codes


async def groups(desk: Desk, actor: Actor) -> tuple[CaseChoice, ...]:
    """The teams that a case may be given to."""
    return tuple(CaseChoice(g.key, g.name) for g in desk.policy.groups)


async def agents(desk: Desk, actor: Actor, group: str = "") -> tuple[Watcher, ...]:
    """Whom a case may be given to, by name: the members of *group*, or everybody."""
    found = [
        Watcher(agent_id, a.name)
        for agent_id, a in desk.in_force.agents.items()
        if not group or group in a.groups
    ]
    return tuple(sorted(found, key=lambda a: a.name.casefold()))

"""What of the routing policy is allowed but looks wrong: said by `agentdesk check`, by an import and
on the admin screen, never refused, because a team is built step by step.
"""

from collections.abc import Iterator, Sequence

from agentdesk.domain.actor import Role
from agentdesk.domain.capacity import limits
from agentdesk.domain.policy import AgentSetup, Policy, QueueSetup, SkillNeed
from agentdesk.settings.policy import policy_of
from agentdesk.settings.problems import Trouble
from agentdesk.settings.queues import Queue
from agentdesk.settings.routing import RoutingSettings

NOT_ELSEWHERE = (
    "rule",
    "groups",
    "pools",
    "sort",
    "skills",
    "affinity",
    "accept_timeout_s",
    "auto_accept",
)
"""Keys of a queue that only our own routing goes by."""


def warnings(settings: RoutingSettings) -> Iterator[Trouble]:
    """What a person should look at: agents, then queues, then the skills that rules ask for."""
    policy = policy_of(settings)
    yield from _agents(settings, policy)
    for i, external in enumerate(settings.queues):
        yield from _elsewhere(i, external)
    for i, queue in enumerate(policy.queues):
        if reason := unserved(policy, queue):
            yield Trouble(("queues", i), f'"{queue.key}" can be served by nobody: {reason}')
    for i, rule in enumerate(policy.work_rules):
        lacking = [n for n in rule.skills if n.mandatory and not _knowing(policy.agents, [n])]
        if policy.agents and lacking:
            words = f"asks for {_spoken(lacking)}, which nobody has"
            yield Trouble(("work_rules", i, "skills"), words)


def _elsewhere(i: int, queue: Queue) -> Iterator[Trouble]:
    """What a queue says that a contact centre decides."""
    said = [key for key in NOT_ELSEWHERE if key in queue.model_fields_set]
    if queue.external and said:
        count = "does" if len(said) == 1 else "do"
        words = (
            f'says {_listed(said, "and")}, which {count} not count: "{queue.external}" routes it'
        )
        yield Trouble(("queues", i), words)


def _agents(s: RoutingSettings, policy: Policy) -> Iterator[Trouble]:
    if not s.agents:
        yield Trouble(("agents",), "is empty, so nobody can sign in; add an [[agents]] table")
    elif all(a.role is Role.AGENT for a in s.agents):
        words = 'has no supervisor; give one agent role = "supervisor" to see and move all work'
        yield Trouble(("agents",), words)
    for i, agent in enumerate(policy.agents):
        if limits(policy, agent, None).total == 0:
            yield Trouble(
                ("agents", i, "capacity"), f"is 0, so {agent.login} is never offered work"
            )


def unserved(policy: Policy, queue: QueueSetup) -> str:
    """Why work of *queue* can never be offered; empty if it can, or while there are no agents."""
    if queue.external:
        return ""
    schedule = next((p for p in policy.schedules if p.key == queue.schedule), None)
    if schedule is not None and not schedule.hours:
        return f'its schedule "{schedule.key}" is never open'
    if not queue.pools:
        return "" if queue.pick else "it has no pool, and pick = false lets nobody take its work"
    taking = [p for p in policy.presences if p.takes(queue.channel)]
    if not taking:
        return f'no presence takes work of its channel "{queue.channel}"'
    return _without(policy, queue) if policy.agents else ""


def _without(policy: Policy, queue: QueueSetup) -> str:
    """What the agents of its pools lack, asked one after the other."""
    everyone = any(not pool.groups for pool in queue.pools)
    groups = frozenset(g for pool in queue.pools for g in pool.groups)
    able = [a for a in policy.agents if everyone or a.groups & groups]
    if not able:
        return f"nobody is in {_listed(sorted(groups))}"
    needs = [n for n in queue.skills if n.mandatory]
    able = _knowing(able, needs)
    if not able:
        return f"nobody in its groups has {_spoken(needs)}"
    size = queue.size or policy.channel(queue.channel).size
    able = [a for a in able if limits(policy, a, None).free(queue.channel, {}) >= size]
    if not able:
        return f"its work takes {size}, and nobody who could do it has that much capacity"
    if not any(_may_take(policy, agent, queue.channel) for agent in able):
        return "nobody who could do it may choose a presence that takes its work"
    return ""


def _knowing(agents: Sequence[AgentSetup], needs: Sequence[SkillNeed]) -> list[AgentSetup]:
    return [a for a in agents if all(a.skills.get(n.skill, 0) >= n.level for n in needs)]


def _may_take(policy: Policy, agent: AgentSetup, channel: str) -> bool:
    return any(
        p.takes(channel) and (not p.groups or agent.groups & p.groups) for p in policy.presences
    )


def _spoken(needs: Sequence[SkillNeed]) -> str:
    return _listed([f"{n.skill} at level {n.level}" for n in needs], "and")


def _listed(words: Sequence[str], link: str = "or") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {link} {words[-1]}"

"""Who serves which queue, as the policy says it; whether they can at this moment is another thing."""

from collections.abc import Mapping

from agentdesk.domain.policy import AgentSetup, Policy, QueueSetup


def serves(agent: AgentSetup, queue: QueueSetup) -> bool:
    """Whether any pool of the queue takes the agent in, and they have the skills that it always asks."""
    pooled = any(not pool.groups or pool.groups & agent.groups for pool in queue.pools)
    needed = (need for need in queue.skills if need.mandatory)
    return pooled and all(agent.skills.get(n.skill, 0) >= n.level for n in needed)


class Staffing:
    """Who serves which queue, worked out once for each policy."""

    def __init__(self) -> None:
        self._policy: Policy | None = None
        self._staff: dict[str, frozenset[str]] = {}

    def of(self, policy: Policy) -> Mapping[str, frozenset[str]]:
        """The logins of who serves each queue, by its key."""
        if policy is not self._policy:
            self._policy = policy
            self._staff = {
                queue.key: frozenset(a.login for a in policy.agents if serves(a, queue))
                for queue in policy.queues
            }
        return self._staff

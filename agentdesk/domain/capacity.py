"""Capacity: how much an agent may have at once, and what is left. Source: docs/routing.md, *Capacity*."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agentdesk.domain.policy import AgentSetup, Policy

UNLIMITED = 1_000_000
"""Stands for no bound, so that sums and comparisons need no special case."""


@dataclass(frozen=True, slots=True)
class Override:
    """A supervisor's word for a while: `capacity` over all channels until `until`."""

    capacity: int
    until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it still counts."""
        return now < self.until


@dataclass(frozen=True, slots=True)
class Limits:
    """What one agent may have: `total` over all channels, and of each channel."""

    total: int
    channels: Mapping[str, int] = field(default_factory=dict)

    def free(self, channel: str, used: Mapping[str, int]) -> int:
        """Room for work of *channel*, given what is in use; negative where a person gave too much."""
        of_channel = self.channels.get(channel, self.total) - used.get(channel, 0)
        return min(self.total - sum(used.values()), of_channel)


def limits(policy: Policy, agent: AgentSetup | None, override: Override | None) -> Limits:
    """What the agent may have; *override* is None where none holds now.

    Total: the override, else the agent's own, else the largest of their groups, else no bound. The
    universal capacity caps all but the override. Of a channel: the agent's own, else the largest of
    their groups, else the channel's. Nobody (an agent who was removed) may have nothing.
    """
    if agent is None:
        return Limits(0)
    groups = [g for g in policy.groups if g.key in agent.groups]
    own = agent.capacity
    if own is None:
        own = max((g.capacity for g in groups if g.capacity is not None), default=UNLIMITED)
    total = min(own, policy.options.universal_capacity or UNLIMITED)
    channels = {}
    for channel in policy.channels:
        of_groups = [
            g.channel_capacity[channel.key] for g in groups if channel.key in g.channel_capacity
        ]
        usual = UNLIMITED if channel.capacity is None else channel.capacity
        bound = agent.channel_capacity.get(channel.key, max(of_groups, default=usual))
        if bound < UNLIMITED:
            channels[channel.key] = bound
    return Limits(override.capacity if override else total, channels)

"""The sections [[agents]], [[groups]] and [[presences]]: who works here, and when."""

from typing import Annotated

from pydantic import Field

from agentdesk.domain import policy
from agentdesk.domain.actor import Role
from agentdesk.settings.section import Address, Key, Section, Text


class Group(Section):
    """A team. Without any [[groups]], the names that agents list are the groups."""

    key: Key
    """A short name that agents and queues refer to."""
    name: Text
    """The name on the screen."""


class Agent(Section):
    """Somebody who answers customers."""

    login: Key
    """The name given to `agentdesk run --as`; keep it, history refers to it."""
    name: Text
    """The name on the screen and in the activity stream."""
    email: Address
    """The agent's own address, for mail from the desk to the agent."""
    role: Role = Role.AGENT
    """agent; supervisor also sees the queues and reassigns; admin also changes the desk."""
    capacity: Annotated[int, Field(ge=0, le=1000)] = 4
    """How much work at once: the sizes of offers, Work in Progress and Wrap Up add up to this."""
    groups: tuple[Key, ...] = ()
    """The groups the agent belongs to."""
    signature: str = ""
    """Text below the agent's answers."""


class Presence(Section):
    """A state that an agent may choose."""

    key: Key
    """A short name; keep it, history refers to it."""
    label: Text
    """The name on the screen."""
    work: bool
    """Whether new work is offered in it."""


PRESENCES = tuple(
    Presence(key=presence.key, label=presence.label, work=presence.work)
    for presence in policy.PRESENCES
)

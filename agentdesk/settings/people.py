"""The sections [[agents]], [[groups]], [[skills]] and [[presences]]: who works here, and when."""

from typing import Annotated, Literal

from pydantic import Field

from agentdesk.domain import policy
from agentdesk.domain.actor import Role
from agentdesk.settings.section import Address, Key, Numbers, Orders, Section, Text, no_numbers

USUAL_CAPACITY = 4


class Group(Section):
    """A team. Without any [[groups]], the names that agents list are the groups."""

    key: Key
    """A short name that agents and queues refer to."""
    name: Text
    """The name on the screen."""
    capacity: int | None = Field(default=None, ge=0, le=1000)
    """How much work at once, for members without a capacity of their own; of several groups the
    largest."""
    channel_capacity: Numbers = Field(default_factory=no_numbers)
    """The same for single channels, such as { email = 3 }."""
    queue_orders: Orders = Field(default_factory=no_numbers)
    """Queues that its members serve first or last, such as { billing = 10 }; those not named
    count as 100."""


class Skill(Section):
    """Something that an agent can know, and that work can ask for."""

    key: Key
    """A short name that agents, queues and work rules refer to."""
    name: Text
    """The name on the screen."""
    levels: Annotated[int, Field(ge=1, le=100)] = 5
    """The highest level; 1 is the lowest."""


class Agent(Section):
    """Somebody who answers customers."""

    login: Key
    """The name given to `agentdesk run --as`; keep it, history refers to it."""
    name: Text
    """The name on the screen and in the activity stream."""
    email: Address = ""
    """The agent's own address, for mail from the desk to the agent."""
    role: Role = Role.AGENT
    """agent; supervisor also sees the queues and reassigns; admin also changes the desk."""
    capacity: int | None = Field(default=None, ge=0, le=1000)
    """How much work at once: the sizes of offers, Work in Progress and Wrap Up add up to this. Not
    given: the largest of the agent's groups, and 4 where they say nothing."""
    channel_capacity: Numbers = Field(default_factory=no_numbers)
    """The same for single channels, such as { email = 3 }."""
    groups: tuple[Key, ...] = ()
    """The groups the agent belongs to."""
    skills: Numbers = Field(default_factory=no_numbers)
    """What the agent knows, and how well, such as { german = 3 }."""
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
    channels: tuple[Key, ...] = ()
    """The channels whose work is offered in it; empty is all."""
    colour: Literal["", "green", "yellow", "orange", "red", "blue", "violet", "grey"] = ""
    """Its colour; empty is green with work, grey for offline, else yellow."""
    groups: tuple[Key, ...] = ()
    """Only members of these groups may choose it; empty is everyone."""


PRESENCES = tuple(
    Presence(key=presence.key, label=presence.label, work=presence.work)
    for presence in policy.PRESENCES
)

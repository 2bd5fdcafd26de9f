"""The sections on how work reaches agents, as one frozen value that is valid by itself.

settings.toml has them beside others (`agentdesk.settings.root`); an import and the admin screen have
only them (`agentdesk.settings.document`).
"""

from collections.abc import Iterator
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from agentdesk.settings import routing_rules
from agentdesk.settings.people import PRESENCES, Agent, Group, Presence, Skill
from agentdesk.settings.problems import Trouble
from agentdesk.settings.queues import Queue
from agentdesk.settings.section import Section
from agentdesk.settings.work import (
    CHANNELS,
    REJECT_REASONS,
    AccountTeam,
    Channel,
    RejectReason,
    Routing,
    Schedule,
    WorkRule,
)

QUEUES = (Queue(key="support", name="Support", default=True),)


class RoutingSettings(Section):
    """Everything that defines the routing policy, valid as a whole."""

    agents: tuple[Agent, ...] = ()
    """Who answers customers."""
    groups: tuple[Group, ...] = ()
    """Teams; without any, the names that agents list are the groups."""
    skills: tuple[Skill, ...] = ()
    """What agents know and work asks for."""
    schedules: tuple[Schedule, ...] = ()
    """Business hours."""
    channels: tuple[Channel, ...] = CHANNELS
    """Kinds of work; giving any replaces the usual one, email."""
    presences: tuple[Presence, ...] = PRESENCES
    """The states that agents choose from; giving any replaces the usual ones."""
    queues: tuple[Queue, ...] = QUEUES
    """Where new interactions wait; giving any replaces the usual one, support."""
    work_rules: tuple[WorkRule, ...] = ()
    """What new work is given."""
    account_teams: tuple[AccountTeam, ...] = ()
    """Who looks after an account."""
    reject_reasons: tuple[RejectReason, ...] = REJECT_REASONS
    """Why offers may be rejected; giving any replaces the usual ones."""
    routing: Routing = Field(default_factory=Routing)
    """How work is offered to agents."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if troubles := tuple(self._troubles()):
            words = "; ".join(f"{t.name}: {t.words}" for t in troubles)
            raise PydanticCustomError("rules", "{words}", {"words": words, "troubles": troubles})
        return self

    def _troubles(self) -> Iterator[Trouble]:
        yield from routing_rules.troubles(self)

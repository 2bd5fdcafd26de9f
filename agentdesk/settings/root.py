"""Everything that settings.toml holds, as one frozen value."""

from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from agentdesk.settings import rules
from agentdesk.settings.acknowledgement import Acknowledgement
from agentdesk.settings.desk import Database, Desk
from agentdesk.settings.mailboxes import Mail, MailAccount
from agentdesk.settings.people import PRESENCES, Agent, Group, Presence
from agentdesk.settings.section import Section
from agentdesk.settings.work import (
    REJECT_REASONS,
    Inactivity,
    Queue,
    RejectReason,
    Routing,
    WrapUp,
)

QUEUES = (Queue(key="support", name="Support", default=True),)


class Settings(Section):
    """The whole of settings.toml, valid as a whole. Made by `agentdesk.settings.load`."""

    desk: Desk = Field(default_factory=Desk)
    """How the desk looks and behaves for its agents."""
    database: Database = Field(default_factory=Database)
    """Where everything is stored."""
    mail: Mail = Field(default_factory=Mail)
    """What holds for the mail of every account."""
    mail_accounts: tuple[MailAccount, ...] = ()
    """The mailboxes that customers write to."""
    acknowledgement: Acknowledgement = Field(default_factory=Acknowledgement)
    """How often a program may answer."""
    agents: tuple[Agent, ...] = ()
    """Who answers customers."""
    groups: tuple[Group, ...] = ()
    """Teams; without any, the names that agents list are the groups."""
    queues: tuple[Queue, ...] = QUEUES
    """Where new interactions wait; giving any replaces the usual one, support."""
    wrap_up: WrapUp = Field(default_factory=WrapUp)
    """What happens between Close and Closed."""
    reject_reasons: tuple[RejectReason, ...] = REJECT_REASONS
    """Why offers may be rejected; giving any replaces the usual ones."""
    presences: tuple[Presence, ...] = PRESENCES
    """The states that agents choose from; giving any replaces the usual ones."""
    inactivity: Inactivity = Field(default_factory=Inactivity)
    """When silence ends an interaction."""
    routing: Routing = Field(default_factory=Routing)
    """How work is offered to agents."""

    @property
    def default_queue(self) -> Queue:
        """Where mail goes whose account names no queue."""
        return next((q for q in self.queues if q.default), self.queues[0])

    def queue_of(self, account: MailAccount) -> Queue:
        """Where new mail of *account* waits."""
        return next((q for q in self.queues if q.key == account.queue), self.default_queue)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if troubles := tuple(rules.troubles(self)):
            words = "; ".join(f"{t.name}: {t.words}" for t in troubles)
            raise PydanticCustomError("rules", "{words}", {"words": words, "troubles": troubles})
        return self

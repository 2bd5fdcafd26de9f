"""What every use-case works on: the database, the time, the rules, who reads mail and who advises."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from agentdesk.ai.assistant import Assistant
from agentdesk.ai.extractive import Extractive
from agentdesk.ai.keywords import Keywords
from agentdesk.ai.matcher import Matcher
from agentdesk.ccaas.port import ContactCentre
from agentdesk.domain.board import People
from agentdesk.domain.clock import Clock
from agentdesk.domain.figures import Figures
from agentdesk.domain.policy import Policy
from agentdesk.domain.rules import Rules
from agentdesk.domain.staffing import Staffing
from agentdesk.mail.reading import MailReader, ThreadReader
from agentdesk.storage.policies import InForce
from agentdesk.storage.store import Store


@dataclass(slots=True)
class PolicyShelf:
    """Where a process keeps the policy that holds; `services.configuration` puts it there."""

    in_force: InForce = field(default_factory=InForce)


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk. `session` is this process's own id, unique among all that ever ran.

    `filing` is held by the task of this process that files stored mail, so that none is read twice.
    `assistant` is None where the settings want nobody to summarise. `centres`: the contact centres of
    the settings, by key.
    """

    store: Store
    clock: Clock
    rules: Rules
    session: str
    reader: MailReader = field(default_factory=ThreadReader)
    filing: asyncio.Lock = field(default_factory=asyncio.Lock)
    shelf: PolicyShelf = field(default_factory=PolicyShelf)
    figures: Figures = field(default_factory=Figures)
    staffing: Staffing = field(default_factory=Staffing)
    people: People = field(default_factory=People)
    assistant: Assistant | None = field(default_factory=Extractive)
    matcher: Matcher = field(default_factory=Keywords)
    centres: Mapping[str, ContactCentre] = field(default_factory=dict)

    @property
    def in_force(self) -> InForce:
        """The routing policy that holds, with the ids of its queues and agents."""
        return self.shelf.in_force

    @property
    def policy(self) -> Policy:
        """How work reaches agents."""
        return self.shelf.in_force.policy

    async def close(self) -> None:
        """Give back the reader, the lines to contact centres and the database."""
        await self.reader.close()
        for centre in self.centres.values():
            await centre.disconnect()
        await self.store.close()

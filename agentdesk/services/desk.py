"""What every use-case works on: the database, the time, the rules and who reads mail."""

import asyncio
from dataclasses import dataclass, field

from agentdesk.domain.clock import Clock
from agentdesk.domain.rules import Rules
from agentdesk.mail.reading import MailReader, ThreadReader
from agentdesk.storage.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk. `session` is this process's own id, unique among all that ever ran.

    `filing` is held by the task of this process that files stored mail, so that none is read twice.
    """

    store: Store
    clock: Clock
    rules: Rules
    session: str
    reader: MailReader = field(default_factory=ThreadReader)
    filing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def close(self) -> None:
        """Give back the reader and the database."""
        await self.reader.close()
        await self.store.close()

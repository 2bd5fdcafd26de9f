"""Between the engine and the screen: change feed and health become messages.

The engine never touches a widget. It is read here, and a burst of changes becomes one message.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from textual.message import Message

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import DeskError
from agentdesk.domain.feed import Change
from agentdesk.domain.views import LoopHealth
from agentdesk.tui.messages import HealthChanged, RecordsChanged

if TYPE_CHECKING:
    from agentdesk.services.desk import Desk
    from agentdesk.signin.agents import AgentSignIns
    from agentdesk.signin.tokens import Tokens

GATHER_S = 0.03
"""Changes within this time become one message: below what an eye notices."""

HEALTH_S = 1.0
FEED_RETRY_S = 2.0


class OpenedDesk(Protocol):
    """A running desk: storage, engine and the signed-in agent. `close` stops all of it."""

    @property
    def desk(self) -> "Desk":
        """What every service call takes first."""
        ...

    @property
    def actor(self) -> Actor:
        """Who sits here."""
        ...

    def feed(self) -> AsyncIterator[Change]:
        """Every committed change, this process's and others', from now on."""
        ...

    def health(self) -> tuple[LoopHealth, ...]:
        """How the loops of the engine are at this moment."""
        ...

    def retry(self) -> None:
        """Try again at once what waits for a person or a pause."""
        ...

    @property
    def sign_ins(self) -> "tuple[Tokens, ...]":
        """The mail accounts that this person may sign in to."""
        ...

    @property
    def centre_sign_ins(self) -> "Mapping[str, AgentSignIns]":
        """The contact centres whose agents sign in, by their keys."""
        ...

    async def close(self, *, deliberate: bool = False) -> None:
        """Stop the engine and close the database; safe to call twice.

        *deliberate*: the agent meant to leave, and is offline at once.
        """
        ...


OpenDesk = Callable[[], Awaitable[OpenedDesk]]
Post = Callable[[Message], object]


class Bridge:
    """Reads one opened desk and posts `RecordsChanged` and `HealthChanged`."""

    def __init__(self, opened: OpenedDesk, post: Post) -> None:
        self._opened = opened
        self._post = post
        self._pending: Change | None = None
        self._flush: asyncio.TimerHandle | None = None
        self._loops: tuple[LoopHealth, ...] | None = None

    async def run(self) -> None:
        """Read until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read_feed())
                group.create_task(self._watch_health())
        finally:
            if self._flush is not None:
                self._flush.cancel()

    async def _read_feed(self) -> None:
        """A feed that breaks is read again; the gap is covered by reading everything offered."""
        while True:
            with suppress(DeskError):
                async for change in self._opened.feed():
                    self.gather(change)
            await asyncio.sleep(FEED_RETRY_S)
            self.gather(Change(offers=True))

    def gather(self, change: Change) -> None:
        """Add *change* to what is posted next."""
        self._pending = change if self._pending is None else self._pending | change
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(GATHER_S, self.flush)

    def flush(self) -> None:
        """Post what was gathered."""
        self._flush = None
        if (change := self._pending) is not None:
            self._pending = None
            self._post(RecordsChanged(change))

    async def _watch_health(self) -> None:
        while True:
            loops = self._opened.health()
            if loops != self._loops:
                self._loops = loops
                self._post(HealthChanged(loops))
            await asyncio.sleep(HEALTH_S)

"""One follower of the feed per process, and everybody who wants to hear of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from agentdesk.domain.feed import Change
from agentdesk.storage import feed
from agentdesk.storage.store import Store

About = Callable[[Change], bool]
"""Whether a change concerns somebody."""


def anything(change: Change) -> bool:
    """Every change."""
    return True


class Listener:
    """Collects changes until somebody asks: a burst is one change."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._pending: Change | None = None
        self._set = asyncio.Event()

    def hear(self, change: Change) -> None:
        """Merge a change with those not asked for yet; what is of no concern is dropped."""
        if change.last_seq and not self._about(change):
            return
        self._pending = change if self._pending is None else self._pending | change
        self._set.set()

    async def changed(self, timeout: float | None = None) -> Change | None:
        """What changed since the last call; None after *timeout* seconds without any."""
        try:
            await asyncio.wait_for(self._set.wait(), timeout)
        except TimeoutError:
            return None
        self._set.clear()
        change, self._pending = self._pending, None
        return change


class Feed:
    """Follows the database and fans out. `run` is a supervised loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._listeners: set[Listener] = set()

    async def run(self) -> None:
        """Follow for ever; every listener is woken at the start, because something may be missed."""
        self._tell(Change())
        async for change in feed.follow(self._store):
            self._tell(change)

    def _tell(self, change: Change) -> None:
        for listener in self._listeners:
            listener.hear(change)

    @contextmanager
    def listening(self, about: About = anything) -> Iterator[Listener]:
        """A listener for as long as the context lasts, woken by what it is about."""
        listener = Listener(about)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def changes(self) -> AsyncIterator[Change]:
        """Every change from now on, merged while the reader is busy."""
        with self.listening() as listener:
            while True:
                change = await listener.changed()
                if change is not None:
                    yield change

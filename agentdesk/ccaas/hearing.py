"""What was heard and not yet taken: one entry for each conversation and agent, however often it changed."""

import asyncio

from agentdesk.domain.ccaas.values import Heard

MOST = 10_000  # more than this at once is a gap: everything is read again anyway
UNKNOWN_MOST = 100


class Hearing:
    """A queue that merges. What is put while it is full ends in one gap."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], Heard] = {}
        self._gap = self._catalogue = False
        self._unknown: set[str] = set()
        self._end: Exception | None = None
        self._some = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting) + self._gap + self._catalogue + len(self._unknown)

    def put(self, heard: Heard) -> None:
        """Take in; never waits."""
        self._gap, self._catalogue = self._gap or heard.gap, self._catalogue or heard.catalogue
        if heard.unknown and len(self._unknown) < UNKNOWN_MOST:
            self._unknown.add(heard.unknown)
        key = (heard.conversation, heard.agent)
        if any(key) and key not in self._waiting:
            mixed = heard.gap or heard.catalogue or heard.unknown
            self._waiting[key] = Heard(*key, skew=heard.skew) if mixed else heard
        if len(self._waiting) > MOST:
            self._waiting.clear()
            self._gap = True
        if len(self):
            self._some.set()

    def end(self, error: Exception) -> None:
        """Nothing more comes: who takes is told why, once what was heard is taken."""
        self._end = error
        self._some.set()

    async def take(self) -> Heard:
        """The next, gaps first; waits for one. Raises what it ended with."""
        while not len(self):
            if self._end is not None:
                raise self._end
            self._some.clear()
            await self._some.wait()
        if self._gap or self._catalogue:
            heard = Heard(gap=self._gap, catalogue=self._catalogue)
            self._gap = self._catalogue = False
            return heard
        if self._unknown:
            return Heard(unknown=self._unknown.pop())
        return self._waiting.pop(next(iter(self._waiting)))

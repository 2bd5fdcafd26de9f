"""A bucket for each sign-in: never more requests in a minute than the centre allows it."""

import asyncio
from collections.abc import Callable
from time import monotonic

from agentdesk.ccaas.answers import AGAIN
from agentdesk.domain.ccaas.errors import RateLimited

PATIENCE_S = 5.0  # a longer wait is the caller's: it has other things to do


class Bucket:
    """Gives out turns. In any 60 s there are at most *per_minute*: a sixth at once, the others evenly."""

    def __init__(self, per_minute: int, seconds: Callable[[], float] = monotonic) -> None:
        self._size = max(1.0, per_minute / 6)
        self._rate = max(1.0, per_minute - self._size) / 60
        self._seconds = seconds
        self._left, self._seen = self._size, seconds()
        self._closed_until = 0.0

    def close_for(self, wait: float) -> None:
        """The centre said that it was too much: nobody's turn before that."""
        self._closed_until = max(self._closed_until, self._seconds() + wait)

    async def turn(self, centre: str) -> None:
        """Wait for a turn. Raises `RateLimited` at once where that is longer than 5 s away."""
        wait = self._wait()
        if wait > PATIENCE_S:
            raise RateLimited(f"{centre} is asked as often as it allows: {AGAIN}.", wait)
        self._left -= 1
        if wait > 0:
            await asyncio.sleep(wait)

    def _wait(self) -> float:
        now = self._seconds()
        self._left = min(self._size, self._left + (now - self._seen) * self._rate)
        self._seen = now
        return max((1 - self._left) / self._rate, self._closed_until - now, 0.0)

"""Time, in one way: `clock.now()`, always UTC and aware."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Two implementations: the system's, and the one that a test turns."""

    def now(self) -> datetime:
        """The current moment, UTC, aware."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current moment, UTC, aware."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is turned."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """The moment last set."""
        return self._now

    def turn(self, seconds: float) -> datetime:
        """Move forward by *seconds*; returns the new moment."""
        self._now += timedelta(seconds=seconds)
        return self._now

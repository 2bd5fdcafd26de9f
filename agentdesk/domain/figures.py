"""Figures of work: what the log of work says of each quarter of an hour, and what follows from it.

A quarter that is over does not change any more, so it is counted once and kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from agentdesk.domain.ids import QueueId
from agentdesk.domain.work import Logged

QUARTER = timedelta(minutes=15)
SETTLED = 2 * QUARTER
"""Entries of a transaction that commits late are still found: so far back is read again."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tally:
    """What happened in one queue. `moved`: to another one; `within`: accepted within the target;
    `handled_s`: in all.
    """

    arrived: int = 0
    offered: int = 0
    accepted: int = 0
    rejected: int = 0
    timed_out: int = 0
    abandoned: int = 0
    moved: int = 0
    handled: int = 0
    within: int = 0
    handled_s: float = 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.arrived + other.arrived,
            self.offered + other.offered,
            self.accepted + other.accepted,
            self.rejected + other.rejected,
            self.timed_out + other.timed_out,
            self.abandoned + other.abandoned,
            self.moved + other.moved,
            self.handled + other.handled,
            self.within + other.within,
            self.handled_s + other.handled_s,
        )

    @property
    def grown(self) -> int:
        """How many more wait after it than before."""
        return self.arrived - self.accepted - self.abandoned - self.moved

    @property
    def service_level(self) -> float | None:
        """The share of what was accepted within the target; None before anything was."""
        return self.within / self.accepted if self.accepted else None


NOTHING = Tally()


def tally_of(what: Logged, count: int, seconds: float, within: int) -> Tally:
    """*count* entries of one kind together."""
    if what is Logged.HANDLED:
        return Tally(handled=count, handled_s=seconds)
    if what is Logged.ACCEPTED:
        return Tally(accepted=count, within=within)
    return Tally(**{what.value: count})


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour of the whole desk. `opened` and `closed` count interactions."""

    queues: Mapping[QueueId, Tally] = field(default_factory=dict)
    opened: int = 0
    closed: int = 0


EMPTY = Quarter()


@dataclass(slots=True)
class Figures:
    """What a process has counted: every quarter from `since` until it last looked, at `until`."""

    quarters: dict[datetime, Quarter] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    _settled: tuple[Any, dict[QueueId, Tally]] | None = None

    def day(self, start: datetime, now: datetime) -> dict[QueueId, Tally]:
        """Each queue since *start*; what is settled of it is added up once a quarter of an hour."""
        settled = max(start, quarter_of(now) - QUARTER)
        key = (start, settled, self.since)
        if self._settled is None or self._settled[0] != key:
            self._settled = (key, added(self.between(start, settled), {}))
        return added(self.between(settled, now + QUARTER), self._settled[1])

    def missing(self, since: datetime) -> datetime:
        """From where the log must be read for figures back to *since*."""
        since = quarter_of(since)
        if self.since is None or self.until is None or since < self.since:
            return since
        return max(since, quarter_of(self.until) - SETTLED + QUARTER)

    def put(self, start: datetime, found: Mapping[datetime, Quarter], now: datetime) -> None:
        """*found* is everything from *start* until *now*."""
        kept = {at: q for at, q in self.quarters.items() if at < start}
        self.quarters = kept | dict(found)
        self.since = start if self.since is None else min(self.since, start)
        self.until = now

    def forget(self, before: datetime) -> None:
        """Let go of what no figure needs any more."""
        if self.since is not None and self.since < before:
            self.quarters = {at: q for at, q in self.quarters.items() if at >= before}
            self.since = before

    def between(self, start: datetime, end: datetime) -> list[Quarter]:
        """The quarters of a stretch of time, oldest first, empty ones too."""
        at, found = quarter_of(start), []
        while at < end:
            found.append(self.quarters.get(at, EMPTY))
            at += QUARTER
        return found


def added(quarters: Iterable[Quarter], totals: Mapping[QueueId, Tally]) -> dict[QueueId, Tally]:
    """*totals* and what happened in *quarters*."""
    found = dict(totals)
    for quarter in quarters:
        for queue_id, tally in quarter.queues.items():
            found[queue_id] = found.get(queue_id, NOTHING) + tally
    return found


def quarter_of(at: datetime) -> datetime:
    """When the quarter of an hour of a moment began."""
    return at - (at - EPOCH) % QUARTER


def midnight(now: datetime, zone: tzinfo | None) -> datetime:
    """When the day began in *zone*, UTC; None is this machine's."""
    local = now.astimezone(zone)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if zone is None:  # the fixed offset of now may not be that of midnight
        start = start.replace(tzinfo=None).astimezone()
    return start.astimezone(UTC)


def summed(quarters: Iterable[Quarter], queue_id: QueueId) -> Tally:
    """One queue over several quarters."""
    total = NOTHING
    for quarter in quarters:
        if (tally := quarter.queues.get(queue_id)) is not None:
            total += tally
    return total


def backlog(waiting: int, tallies: Sequence[Tally]) -> tuple[int, ...]:
    """How many waited at the end of each stretch, oldest first: counted back from now."""
    found = []
    for tally in reversed(tallies):
        found.append(max(0, waiting))
        waiting -= tally.grown
    return tuple(reversed(found))

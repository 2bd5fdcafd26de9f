"""Business time: when a schedule is open, and how long something waited while it was.

All moments are UTC. Opening hours are what the clock on the wall shows, so a day on which that clock
is put forward or back is shorter or longer. A time that the wall skips counts from where it would
have been; of one that it shows twice the first counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from agentdesk.domain.errors import BadInput
from agentdesk.domain.policy import EVERY_DAY, Hours, ScheduleSetup

DAY_MINUTES: Final = 24 * 60
_DAY: Final = timedelta(days=1)
_ZERO: Final = timedelta(0)
_LONGEST: Final = 3_660 * _DAY
"""What is not over after ten years never is."""


@dataclass(frozen=True, slots=True)
class Span:
    """Open from `start` until just before `end`, UTC."""

    start: datetime
    end: datetime


class Calendar:
    """The business time of one schedule; of None, where it is always open.

    Raises `BadInput` for a time zone, day or hour that does not exist.
    """

    def __init__(self, setup: ScheduleSetup | None) -> None:
        self._always = setup is None
        if setup is None:
            return
        self._zone = _zone(setup.time_zone)
        self._pieces = _pieces(setup.hours)
        self._holidays = frozenset(_holiday(text) for text in setup.holidays)
        self._patience = len(self._holidays) + 16
        self._days = lru_cache(maxsize=1_000)(self._day)

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at this moment."""
        opens = self.opens_at(at)
        return opens is not None and opens <= at

    def opens_at(self, at: datetime) -> datetime | None:
        """*at* itself while it is open, else when it opens next; None if it never does."""
        if self._always:
            return at
        span = next(self._spans(at), None)
        return None if span is None else max(span.start, at)

    def closes_at(self, at: datetime) -> datetime | None:
        """When it closes, if it is open at *at*; None if it is closed, or goes on for a year."""
        if self._always or not self.is_open(at):
            return None
        end = at
        for span in self._spans(at):
            if span.start > end:
                return end
            end = span.end
            if end - at > 366 * _DAY:
                return None
        return end

    def add(self, at: datetime, seconds: float) -> datetime | None:
        """The moment at which *seconds* of business time after *at* are over; None if it never comes."""
        left = timedelta(seconds=seconds)
        if left <= _ZERO:
            return at
        if self._always:
            return _sum(at, left)
        for span in self._spans(at):
            start = max(span.start, at)
            if left <= span.end - start:
                return start + left
            if start - at > _LONGEST:
                break
            left -= span.end - start
        return None

    def between(self, a: datetime, b: datetime) -> float:
        """Seconds of business time from *a* until *b*; 0 if *b* is not later."""
        if b <= a:
            return 0.0
        if self._always:
            return (b - a).total_seconds()
        total = _ZERO
        for span in self._spans(a):
            if span.start >= b:
                break
            total += min(span.end, b) - max(span.start, a)
        return total.total_seconds()

    def _spans(self, at: datetime) -> Iterator[Span]:
        """Open spans that end after *at*, in order and without overlap."""
        last, shut = at, 0
        for day in _days_from(at, self._zone):
            for span in self._days(day):
                if span.end > last:
                    yield Span(max(span.start, last), span.end) if last > at else span
                    last, shut = span.end, 0
            shut += 1
            if shut > self._patience:
                return

    def _day(self, day: date) -> tuple[Span, ...]:
        """The spans of one date; none on a holiday, or on a date that its country skipped."""
        if day in self._holidays or self._skipped(day):
            return ()
        spans = [
            Span(self._moment(day, start), self._moment(day, end))
            for start, end in self._pieces[day.weekday()]
        ]
        return tuple(s for s in spans if s.start < s.end)

    def _skipped(self, day: date) -> bool:
        noon = datetime.combine(day, time(12), self._zone)
        return noon.astimezone(UTC).astimezone(self._zone).date() != day

    def _moment(self, day: date, minutes: int) -> datetime:
        if minutes == DAY_MINUTES:
            day, minutes = day + _DAY, 0
        wall = time(minutes // 60, minutes % 60)
        return datetime.combine(day, wall, self._zone).astimezone(UTC)


Minutes = tuple[int, int]


def _pieces(hours: tuple[Hours, ...]) -> tuple[tuple[Minutes, ...], ...]:
    """When each day of the week is open, in order; hours past midnight belong to the next day too."""
    week: list[list[Minutes]] = [[] for _ in EVERY_DAY]
    for h in hours:
        if not (0 <= h.start < DAY_MINUTES and 0 <= h.end <= DAY_MINUTES) or h.start == h.end:
            raise BadInput(
                "Opening hours begin and end between 00:00 and 24:00, at different times."
            )
        for day in h.days:
            if day not in EVERY_DAY:
                raise BadInput(f"{day!r} is no day. Write one of {', '.join(EVERY_DAY)}.")
            number = EVERY_DAY.index(day)
            over = h.end < h.start
            week[number].append((h.start, DAY_MINUTES if over else h.end))
            if over and h.end:
                week[(number + 1) % 7].append((0, h.end))
    return tuple(tuple(sorted(day)) for day in week)


def _days_from(at: datetime, zone: ZoneInfo) -> Iterator[date]:
    """Dates from a day before *at* until the end of time."""
    day = at.astimezone(zone).date() - _DAY
    while day < date.max - _DAY:
        yield day
        day += _DAY


def _sum(at: datetime, left: timedelta) -> datetime | None:
    try:
        return at + left
    except OverflowError:
        return None


def _zone(key: str) -> ZoneInfo:
    try:
        return ZoneInfo(key)
    except (OSError, ValueError, LookupError) as error:  # what ZoneInfo raises for odd names
        raise BadInput(f"{key!r} is no time zone. Write one such as Europe/Madrid.") from error


def _holiday(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is no date. Write one such as 2026-12-25.") from error


ALWAYS: Final = Calendar(None)


@lru_cache(maxsize=500)
def calendar(setup: ScheduleSetup | None) -> Calendar:
    """The calendar of a schedule; one that is always open for None. Raises `BadInput`."""
    return ALWAYS if setup is None else Calendar(setup)

"""Moments as people type them: `tomorrow 9`, `mon 14:00`, `in 3 days`, `2026-12-01 08:30`.

Own tables and no library: dateparser 1.2 reads "tomorrow 9" as tomorrow at the present time, without a
word about the nine, and a mail must never go at a moment that nobody named. Whatever is not understood
whole is refused here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from agentdesk.domain.errors import BadInput
from agentdesk.domain.text import safe

MORNING: Final = time(9)
LONGEST_TEXT: Final = 80
FARTHEST: Final = timedelta(days=5 * 366)
_DAY: Final = timedelta(days=1)
_WEEK: Final = 7 * _DAY
_EXAMPLES: Final = "Write for example tomorrow 9, mon 14:00, in 3 days or 2026-12-01 08:30."

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_DAYS_AHEAD: Final = {"today": 0, "tomorrow": 1, "tmr": 1, "tmrw": 1, "day after tomorrow": 2}
_CLOCKS: Final = {
    "morning": MORNING,
    "noon": time(12),
    "midday": time(12),
    "afternoon": time(14),
    "evening": time(18),
    "night": time(20),
    "midnight": time(0),
}
_ISO_T: Final = re.compile(r"(\d-\d{1,2})t(?=\d)")
_NUMBERS: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_UNITS: Final = {
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "m": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "hr": timedelta(hours=1),
    "h": timedelta(hours=1),
}
_DAYS: Final = {"day": 1, "d": 1, "week": 7, "wk": 7, "w": 7}


@dataclass(slots=True)
class _Said:
    """What the words named so far. `again`: so much later the same words hold once more."""

    today: date
    day: date | None = None
    again: timedelta | None = None
    yearly: bool = False
    clock: time | None = None
    later: timedelta | None = None
    days: int = 0
    months: int = 0

    def name_day(self, day: date, again: timedelta | None = None, *, yearly: bool = False) -> None:
        """Raises `ValueError` for a second day."""
        if self.day is not None or self.relative:
            raise ValueError
        self.day, self.again, self.yearly = day, again, yearly

    def name_clock(self, clock: time) -> None:
        """Raises `ValueError` for a second time of day."""
        if self.clock is not None:
            raise ValueError
        self.clock = clock

    def add(self, later: timedelta = timedelta(), *, days: int = 0, months: int = 0) -> None:
        """Raises `ValueError` beside a day."""
        if self.day is not None:
            raise ValueError
        self.later = (self.later or timedelta()) + later
        self.days, self.months = self.days + days, self.months + months

    @property
    def relative(self) -> bool:
        """Whether the words count from now."""
        return self.later is not None


def parse_when(text: str, now: datetime, zone: tzinfo | None) -> datetime:
    """The moment that *text* names, UTC, always after *now*, as clocks in *zone* show it.

    A day without a time of day means nine in the morning, a time without a day the next one, and a
    weekday the next on which it is still to come. A time that clocks skip is moved to after the gap.
    None is this machine's zone. Raises `BadInput` with a sentence.
    """
    words = " ".join(_ISO_T.sub(r"\1 ", text.lower().replace(",", " ")).split())
    shown = safe(text, multiline=False).strip()[:LONGEST_TEXT]
    if not words:
        raise BadInput(f"Name a moment. {_EXAMPLES}")
    not_understood = BadInput(f"{shown!r} is no moment that can be understood. {_EXAMPLES}")
    if len(words) > LONGEST_TEXT:
        raise not_understood
    here = now.astimezone(zone)
    try:
        found = _moment(_read(words, here.date()), now, here, zone)
    except (ValueError, OverflowError) as error:
        raise not_understood from error
    if found <= now:
        raise BadInput(f"{shown!r} is past. Name a later moment.")
    if found - now > FARTHEST:
        raise BadInput(f"{shown!r} is more than five years away. Name an earlier moment.")
    return found


def suggestions(now: datetime, zone: tzinfo | None) -> tuple[tuple[str, datetime], ...]:
    """Moments to choose from, soonest first, each with words that `parse_when` reads the same way."""
    here = now.astimezone(zone)
    evening = () if here.time() >= time(17) else ("today 18:00",)
    tomorrow = ("tomorrow 09:00", "tomorrow 14:00")
    labels = ("in 2 hours", *evening, *tomorrow, "next monday 09:00", "in 1 week")
    moments: dict[datetime, str] = {}
    for label in labels:
        moments.setdefault(parse_when(label, now, zone), label)
    return tuple((label, moment) for moment, label in sorted(moments.items()))


def spoken(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    """*moment* as clocks in *zone* show it: `today 18:00`, `tomorrow 09:00`, `Mon 30 Nov 09:00`."""
    there, here = moment.astimezone(zone), now.astimezone(zone)
    ahead = (there.date() - here.date()).days
    if ahead in (0, 1):
        return f"{'tomorrow' if ahead else 'today'} {there:%H:%M}"
    return dated(moment, zone, year=abs(ahead) > 180)


def dated(moment: datetime, zone: tzinfo | None, *, year: bool = False) -> str:
    """*moment* so that it can be read later, too: `Mon 30 Nov 09:00`, with the *year* if asked."""
    there = moment.astimezone(zone)
    day = f"{_WEEKDAYS[there.weekday()][:3]} {there.day} {_MONTHS[there.month - 1][:3]}".title()
    return f"{day} {there.year} {there:%H:%M}" if year else f"{day} {there:%H:%M}"


def _moment(said: _Said, now: datetime, here: datetime, zone: tzinfo | None) -> datetime:
    if said.relative:
        return _counted(said, now, here, zone)
    day, clock = said.day or said.today, said.clock or MORNING
    again = said.again or (_DAY if said.day is None else None)
    found = _at(day, clock, now, zone)
    if found <= now and said.yearly:
        return _at(day.replace(year=day.year + 1), clock, now, zone)
    if found <= now and again is not None:
        return _at(day + again, clock, now, zone)
    return found


def _counted(said: _Said, now: datetime, here: datetime, zone: tzinfo | None) -> datetime:
    """Days go by the calendar, hours by time that passes."""
    later = said.later or timedelta()
    if not (said.days or said.months or said.clock):
        return now + later
    if said.clock is not None and later:
        raise ValueError
    day = _months_on(here.date(), said.months) + _DAY * said.days
    return _at(day, said.clock or here.time(), now, zone) + later


def _months_on(day: date, months: int) -> date:
    """The same day so many months later; the last one of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


def _at(day: date, clock: time, now: datetime, zone: tzinfo | None) -> datetime:
    """The moment in UTC; of two the first that is still to come, and after a gap what was in it."""
    both = (_utc(datetime.combine(day, clock, zone).replace(fold=fold)) for fold in (0, 1))
    first, second = both
    return second if first <= now < second else first


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _read(words: str, today: date) -> _Said:
    """Every word belongs to a day, a time or a distance. Raises `ValueError`."""
    said = _Said(today)
    while words:
        for pattern, take in _TABLE:
            found = pattern.match(words)
            if found:
                take(said, found)
                words = words[found.end() :].lstrip()
                break
        else:
            raise ValueError(words)
    if said.day is None and said.clock is None and not said.relative:
        raise ValueError(words)
    return said


def _skip(said: _Said, found: re.Match[str]) -> None:
    """A word that only joins others."""


def _iso(said: _Said, found: re.Match[str]) -> None:
    said.name_day(date(int(found[1]), int(found[2]), int(found[3])))


def _dotted(said: _Said, found: re.Match[str]) -> None:
    _month_day(said, int(found[2]), int(found[1]), found[3])


def _day_of_month(said: _Said, found: re.Match[str]) -> None:
    _month_day(said, _place(found["month"], _MONTHS) + 1, int(found["day"]), found["year"])


def _month_day(said: _Said, month: int, day: int, year: str | None) -> None:
    if year:
        full = int(year) + (2000 if len(year) == 2 else 0)
        return said.name_day(date(full, month, day))
    said.name_day(_next_year_with(said.today, month, day), yearly=True)


def _next_year_with(today: date, month: int, day: int) -> date:
    """From *today* on; a leap day may be some years away."""
    for year in range(today.year, today.year + 9):
        try:
            named = date(year, month, day)
        except ValueError:
            continue
        if named >= today:
            return named
    raise ValueError


def _ahead(said: _Said, found: re.Match[str]) -> None:
    said.name_day(said.today + _DAY * _DAYS_AHEAD[found[1]])


def _part_of_today(said: _Said, found: re.Match[str]) -> None:
    said.name_day(said.today)
    said.name_clock(_CLOCKS[found[1]] if found[1] else _CLOCKS["night"])


def _weekday(said: _Said, found: re.Match[str]) -> None:
    """`mon` is the next one to come, `next mon` that of the next week."""
    number = _place(found["weekday"], _WEEKDAYS)
    if found["next"]:
        return said.name_day(_next_monday(said.today) + _DAY * number)
    said.name_day(said.today + _DAY * ((number - said.today.weekday()) % 7), _WEEK)


def _next(said: _Said, found: re.Match[str]) -> None:
    if found[1] == "week":
        return said.name_day(_next_monday(said.today))
    said.name_day(_months_on(said.today.replace(day=1), 1))


def _next_monday(today: date) -> date:
    return today + _DAY * (7 - today.weekday())


def _distance(said: _Said, found: re.Match[str]) -> None:
    number = _NUMBERS.get(found["count"]) or int(found["count"])
    unit = found["unit"].removesuffix("s")
    if unit in ("month", "mo"):
        said.add(months=number)
    elif unit in _DAYS:
        said.add(days=_DAYS[unit] * number)
    else:
        said.add(_UNITS[unit] * number)


def _clock(said: _Said, found: re.Match[str]) -> None:
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    said.name_clock(time(hour, minute))


def _named_clock(said: _Said, found: re.Match[str]) -> None:
    said.name_clock(_CLOCKS[found[1]])


def _place(word: str, names: tuple[str, ...]) -> int:
    return next(n for n, name in enumerate(names) if name.startswith(word[:3]))


def _short(names: tuple[str, ...]) -> str:
    """A pattern of names and what people make of them: three letters or more."""
    return "|".join(
        f"{name[:3]}" + "".join(f"(?:{c}" for c in name[3:]) + ")?" * len(name[3:])
        for name in names
    )


def _patterns() -> Iterator[tuple[str, Callable[[_Said, re.Match[str]], None]]]:
    """The longest ways of saying something come first."""
    month, weekday = _short(_MONTHS), _short(_WEEKDAYS)
    year, ordinal = r"(?: (?P<year>\d{4}))?", r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
    units = "|".join(sorted((*_UNITS, *_DAYS, "month", "mo"), key=len, reverse=True))
    yield r"(?:at|on|the|of|and|in the)(?= )", _skip
    yield r"(\d{4})-(\d{1,2})-(\d{1,2})", _iso
    yield r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?", _dotted
    yield rf"{ordinal} (?:of )?(?P<month>{month})\.?{year}", _day_of_month
    yield rf"(?P<month>{month})\.? {ordinal}{year}(?![:\d])", _day_of_month
    yield r"(day after tomorrow|today|tomorrow|tmrw|tmr)", _ahead
    yield r"(?:this (morning|afternoon|evening)|tonight)", _part_of_today
    yield r"next (week|month)", _next
    yield rf"(?:this )?(?P<next>next )?(?P<weekday>{weekday})\.?", _weekday
    count = rf"(?P<count>\d{{1,4}}|{'|'.join(_NUMBERS)})"
    yield rf"(?:in |\+)?{count} ?(?P<unit>(?:{units})s?)(?: from now| later)?", _distance
    yield r"(?P<hour>\d{1,2})(?:[:h](?P<minute>\d{2}))? ?(?P<half>[ap]\.?m\.?)?", _clock
    yield rf"({'|'.join(_CLOCKS)})", _named_clock
    yield r"(?:o'clock|sharp)", _skip


_TABLE: Final = tuple((re.compile(rf"{text}(?![\w:])"), take) for text, take in _patterns())

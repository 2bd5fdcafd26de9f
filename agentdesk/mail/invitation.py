"""What a calendar part (text/calendar) asks for, as one sentence.

The lines that matter are picked out here, so that the library reads one small event whatever
arrives; it knows value types, escapes and the names that Windows gives to time zones. Time zones
that the mail itself defines are not computed, because their rules can be made to run for ever:
times in them are shown with the zone's name. Source: RFC 5545, RFC 5546 (iTIP), RFC 6047.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from agentdesk.domain.text import SafeText, safe
from agentdesk.mail.charsets import decode
from agentdesk.mail.parts import Part
from agentdesk.mail.wording import day, minute, zone

if TYPE_CHECKING:
    from icalendar import Component

CALENDAR_TYPES: Final = frozenset({"text/calendar", "application/ics"})
_CALENDAR_BYTES: Final = 256 * 1024
_MAX_LINES: Final = 100
_LINE_CHARS: Final = 8_000
_WORD_CHARS: Final = 120
_SENTENCE_CHARS: Final = 600

_WANTED: Final = frozenset(
    {"summary", "dtstart", "dtend", "duration", "location", "organizer", "attendee", "rrule"}
    | {"description", "status", "recurrence-id"}
)
_LEADS: Final = {"request": "Invitation", "add": "Invitation", "cancel": "Cancelled"}
_ANSWERS: Final = {
    "accepted": "Accepted",
    "declined": "Declined",
    "tentative": "Tentatively accepted",
    "delegated": "Delegated",
}
_UNITS: Final = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


@dataclass(frozen=True, slots=True)
class Invitation:
    """A sentence about the event, and the organiser's words about it, which may be empty."""

    notice: SafeText
    description: SafeText


def read_invitation(part: Part) -> Invitation | None:
    """The first event in *part*; `None` where it holds none that can be read."""
    text = decode(part.content[:_CALENDAR_BYTES], part.parameters.get("charset", ""))
    method, lines = _event_lines(text)
    method = (method or part.parameters.get("method", "")).strip().lower()
    event = _event(lines) if lines else None
    if event is None:
        return None
    description = SafeText(safe(_text(event, "description")).strip())
    return Invitation(_line(_sentence(event, method), _SENTENCE_CHARS), description)


def _event_lines(text: str) -> tuple[str, list[str]]:
    """The method of the calendar, and the unfolded lines of its first event that matter."""
    method, lines, open_parts = "", list[str](), list[str]()
    for line in _unfolded(text):
        name = line.partition(":")[0].partition(";")[0].strip().lower()
        value = line.partition(":")[2].strip().lower()
        if name == "begin":
            open_parts.append(value)
        elif name == "end":
            if open_parts and open_parts.pop() == "vevent":
                break
        elif name == "method" and open_parts == ["vcalendar"]:
            method = value
        elif open_parts[-1:] == ["vevent"] and name in _WANTED and len(lines) < _MAX_LINES:
            lines.append(line)
    return method, lines


def _unfolded(text: str) -> Iterator[str]:
    """Content lines; one that is continued begins with white space (RFC 5545 §3.1)."""
    pieces: list[str] = []
    length = 0
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in {" ", "\t"}:
            if length < _LINE_CHARS:
                pieces.append(line[1:])
                length += len(line)
            continue
        if pieces:
            yield "".join(pieces)[:_LINE_CHARS]
        pieces, length = [line], len(line)
    yield "".join(pieces)[:_LINE_CHARS]


def _event(lines: list[str]) -> "Component | None":
    from icalendar import Event  # 80 ms to import, and most mails bring no calendar

    try:
        event = Event.from_ical("\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""]))
    except Exception:  # whatever a foreign parser stumbles over, the part stays an attachment
        return None
    return event if isinstance(event, Event) else None


def _sentence(event: "Component", method: str) -> str:
    organizer = _who(_first(event, "organizer"))
    what = [_line(_text(event, "summary"), _WORD_CHARS) or "(no title)", *_when(event)]
    place = _line(_text(event, "location"), _WORD_CHARS)
    what += [place] if place else []
    if method == "reply":
        attendee = _first(event, "attendee")
        answer = str(_parameter(attendee, "PARTSTAT")).lower()
        by = _who(attendee)
        lead = (
            f"{_ANSWERS.get(answer, 'Answered')} by {by}"
            if by
            else _ANSWERS.get(answer, "Answered")
        )
        return f"{lead}: {', '.join(what)}."
    what += [f"from {organizer}"] if organizer else []
    if method == "counter":
        return f"Another time proposed: {', '.join(what)}."
    cancelled = _text(event, "status").strip().lower() == "cancelled"
    lead = "Cancelled" if cancelled else _LEADS.get(method, "Event")
    return f"{lead}: {', '.join(what)}."


def _when(event: "Component") -> Iterator[str]:
    """The time of the event, and how it recurs."""
    start, end = _moment(event, "dtstart"), _moment(event, "dtend")
    if start is None:
        return
    if end is None:
        length = _value(_first(event, "duration"))
        try:
            end = start + length if isinstance(length, timedelta) else None
        except OverflowError:
            end = None
    unknown = _unknown_zone(event)
    if isinstance(start, datetime):
        yield _hours(start, end if isinstance(end, datetime) else None) + unknown
    else:
        yield _days(start, end)
    repeated = _recurrence(event)
    if repeated:
        yield repeated


def _hours(start: datetime, end: datetime | None) -> str:
    if end is None or end == start or zone(end) != zone(start):
        return minute(start)
    if end.date() == start.date():
        return f"{day(start)} {start:%H:%M}–{end:%H:%M} {zone(start)}".rstrip()
    return f"{day(start)} {start:%H:%M} – {minute(end)}"


def _days(start: date, end: date | None) -> str:
    """An event of whole days; its end is the first day after it (RFC 5545 §3.6.1)."""
    if end is None or isinstance(end, datetime) or (end - start).days <= 1:
        return f"{day(start)}, all day"
    return f"{day(start)} – {day(end - timedelta(days=1))}, all day"


def _recurrence(event: "Component") -> str:
    rule = _first(event, "rrule")
    try:
        unit = _UNITS.get(str(rule["FREQ"][0]).upper(), "") if rule else ""
        interval = int(rule.get("INTERVAL", [1])[0]) if unit else 1
        count, until = (rule.get(key, [None])[0] for key in ("COUNT", "UNTIL")) if unit else (0, 0)
    except (LookupError, TypeError, ValueError, AttributeError):
        return ""
    if not unit:
        return "repeated" if rule else ""
    said = f"every {unit}" if interval == 1 else f"every {interval} {unit}s"
    if isinstance(until, date):
        return f"{said} until {day(until)}"
    return f"{said}, {count} times" if isinstance(count, int) and count else said


def _moment(event: "Component", name: str) -> date | None:
    value = _value(_first(event, name))
    return value if isinstance(value, date) else None


def _value(prop: Any) -> object:
    """The date, time or duration in a property; `None` where the library calls it broken."""
    try:
        return getattr(prop, "dt", None)
    except ValueError:
        return None


def _unknown_zone(event: "Component") -> str:
    """The name of a zone that only the mail knows, after a time that was left as it stands."""
    start = _moment(event, "dtstart")
    name = _line(str(_parameter(_first(event, "dtstart"), "TZID")), _WORD_CHARS)
    if not name or (isinstance(start, datetime) and start.tzinfo is not None):
        return ""
    return f" ({name})"


def _first(event: "Component", name: str) -> Any:
    """The first property of that name; the library makes a list of several."""
    value = event.get(name)
    return value[0] if isinstance(value, list) and value else value


def _parameter(value: Any, name: str) -> object:
    try:
        return getattr(value, "params", {}).get(name, "")
    except ValueError:
        return ""


def _text(event: "Component", name: str) -> str:
    value = _first(event, name)
    return "" if value is None else str(value)


def _who(value: Any) -> str:
    """The address in a calendar address, or its display name."""
    if value is None:
        return ""
    address = str(value).strip()
    if address.lower().startswith("mailto:"):
        address = address[7:]
    if "@" not in address:
        address = str(_parameter(value, "CN"))
    return _line(address.lower() if "@" in address else address, _WORD_CHARS)


def _line(text: str, chars: int) -> SafeText:
    """*text* as one safe line of at most *chars* characters."""
    line = safe(text, multiline=False)
    return line if len(line) <= chars else safe(line[: chars - 1] + "…", multiline=False)

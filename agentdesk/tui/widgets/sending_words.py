"""When a mail goes out, in words: for the agent, and as the customer's clock shows it."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from math import ceil
from zoneinfo import ZoneInfo

from agentdesk.domain.views import Delivery, StreamEntry
from agentdesk.tui.widgets.cells import one_line


def seconds(left: int) -> str:
    """`7 s`, from 100 seconds on `2 min`."""
    return f"{left} s" if left < 100 else f"{ceil(left / 60)} min"


def undoable(entries: Iterable[StreamEntry]) -> StreamEntry | None:
    """Which of several waiting mails is called back first: the last one that was sent, else of those
    with a chosen moment the one that goes out next.
    """
    waiting = [e for e in entries if e.delivery is Delivery.DELAYED and e.due_at is not None]
    sent = [e for e in waiting if not e.scheduled_for]
    return sent[-1] if sent else min(waiting, key=_due, default=None)


def _due(entry: StreamEntry) -> float:
    return entry.due_at.timestamp() if entry.due_at is not None else 0.0


def goes_out(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    """`Tue 1 Dec, 09:00` as clocks in *zone* show it; another year is named."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}"


def for_customer(
    moment: datetime, zone: tzinfo | None, name: str, time_zone: str, *, named: bool = True
) -> str:
    """`15:00 for Mara (Asia/Tokyo)`, the zone only if *named*; empty where clocks there show the same,
    or are not known.
    """
    try:
        there = moment.astimezone(ZoneInfo(time_zone)) if time_zone else None
    except (KeyError, ValueError, OSError):
        there = None
    here = moment.astimezone(zone)
    if there is None or there.utcoffset() == here.utcoffset():
        return ""
    clock = f"{there:%H:%M}"
    if there.date() != here.date():
        clock = f"{there:%a} {there.day} {there:%b}, {clock}"
    who = f"{clock} for {one_line(name, 40) or 'the customer'}"
    return f"{who} ({time_zone})" if named else who

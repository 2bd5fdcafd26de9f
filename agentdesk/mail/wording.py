"""Dates and lists as the desk says them in sentences, in one place and without locale."""

from datetime import UTC, date, datetime
from typing import Final

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def day(moment: date) -> str:
    """`3 March 2026`."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def zone(moment: datetime) -> str:
    """`UTC`, `UTC+1` or `UTC-3:30`; empty for a moment without a zone."""
    offset = moment.utcoffset()
    if offset is None:
        return ""
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "-"
    return "UTC" if not minutes else f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def minute(moment: datetime) -> str:
    """`3 March 2026 10:00 UTC`; without a zone `3 March 2026 10:00`."""
    return f"{day(moment)} {moment:%H:%M} {zone(moment)}".rstrip()


def utc_minute(moment: datetime) -> str:
    """`3 March 2026 10:00 UTC`, whatever the zone of *moment*, which must be aware."""
    return minute(moment.astimezone(UTC))

"""Words into cells: every text of a fixed width passes here, so that no mail breaks a line."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.cells import cell_len, split_text

from agentdesk.domain.text import safe
from agentdesk.domain.views import BouncedAddress

READ_AHEAD = 16
"""Characters looked at for each cell: a 10,000-character word costs no more than a short one."""

ROUTED = "⇄"
"""Stands before what a contact centre routes, and before its name."""


def one_line(text: str, limit: int = 2_000) -> str:
    """*text* safe and on one line; at most *limit* characters of it are looked at."""
    return safe(text[:limit], multiline=False)


def fit(text: str, width: int) -> str:
    """*text* in exactly *width* cells: cut with an ellipsis or filled with spaces.

    Wide characters (CJK, emoji) are never halved; what is no text is removed first.
    """
    if width <= 0:
        return ""
    clean = one_line(text, width * READ_AHEAD)
    if (size := cell_len(clean)) > width:
        clean = split_text(clean, width - 1)[0].rstrip() + "…"
        size = cell_len(clean)
    return clean + " " * (width - size)


def clip(text: str, width: int) -> str:
    """*text* in at most *width* cells, without filling."""
    return fit(text, width).rstrip()


def right(text: str, width: int) -> str:
    """*text* in exactly *width* cells, at the right end."""
    clipped = clip(text, width)
    return " " * (width - cell_len(clipped)) + clipped


def since(moment: datetime, now: datetime) -> str:
    """How long ago in two or three cells: `now`, `5m`, `3h`, `12d`."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 60:
        return "now"
    if seconds < 3_600:
        return f"{seconds // 60}m"
    return f"{seconds // 3_600}h" if seconds < 86_400 else f"{seconds // 86_400}d"


def moment_words(moment: datetime, now: datetime, zone: tzinfo | None) -> str:
    """`09:41` for today, `2 Mar` for this year, else `2 Mar 2025`; local to *zone*."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    words = f"{local.day} {local:%b}"
    return words if local.year == today.year else f"{words} {local.year}"


def bounced_sentence(address: BouncedAddress, now: datetime, zone: tzinfo | None) -> str:
    """`Mail to mara@example.org bounced on 2 Mar.`"""
    when = moment_words(address.at, now, zone)
    return f"Mail to {one_line(address.email)} bounced {'at' if ':' in when else 'on'} {when}."


def span_words(seconds: float) -> str:
    """A length of time: `0:24`, `12:05`, `1:02:03`; nothing below zero."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def time_there(zone_name: str, now: datetime, zone: tzinfo | None) -> str:
    """`10:41 in Europe/Madrid`, with `tomorrow` or `yesterday` where it is; empty for no zone.

    A name that is no time zone is only named.
    """
    name = one_line(zone_name)
    if not name:
        return ""
    try:
        there = now.astimezone(ZoneInfo(zone_name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return name
    apart = (there.date() - now.astimezone(zone).date()).days
    day = {1: " tomorrow", -1: " yesterday"}.get(apart, "")
    return f"{there:%H:%M}{day} in {name}"

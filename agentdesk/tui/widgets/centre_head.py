"""The lines at the top of the contact centres: how each one is, in words."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from textual.content import Content

from agentdesk.domain.ccaas.views import CentreStatus
from agentdesk.domain.views import Health, LoopHealth
from agentdesk.tui.widgets.cells import moment_words, one_line

NO_CENTRE = "No contact centre is in the settings. docs/ccaas.md says how."
SKEW_MS = 2_000
"""A clock that is so far off is told: offers are counted by it."""

Part = tuple[str, str]


def lines(
    centres: Sequence[CentreStatus],
    loops: Sequence[LoopHealth],
    importing: frozenset[str],
    now: datetime,
    zone: tzinfo | None,
) -> Content:
    """A line for each centre, below it what is wrong."""
    if not centres:
        return Content.styled(NO_CENTRE, "$muted-text")
    found = []
    for centre in centres:
        parts = list(_line(centre, importing, now, zone))
        for trouble in _troubles(centre, loops):
            parts.append((f"\n  {trouble}", "$late"))
        found.append(Content.assemble(*parts))
    return Content("\n").join(found)


def _line(
    centre: CentreStatus, importing: frozenset[str], now: datetime, zone: tzinfo | None
) -> Iterator[Part]:
    mark = ("● ", "$calm") if centre.listening else ("○ ", "bold $over")
    yield mark
    yield one_line(centre.name), "bold $foreground"
    yield "  ", ""
    yield ("connected", "$calm") if centre.listening else ("not connected", "bold $over")
    if centre.heard_at is not None:
        yield f" · heard {_ago(centre.heard_at, now)}", "$muted-text"
    if centre.read_at is not None:
        yield f" · read again {_ago(centre.read_at, now)}", "$muted-text"
    if centre.agents:
        mood = "$muted-text" if centre.signed_in else "$soon"
        yield f" · {centre.signed_in} of {centre.agents} agents signed in here", mood
    yield from _remarks(centre)
    if centre.key in importing:
        yield " · reading what it has …", "bold $unread"
    elif centre.imported_at is None:
        yield " · never imported", "$soon"
    else:
        yield f" · imported {moment_words(centre.imported_at, now, zone)}", "$muted-text"


def _remarks(centre: CentreStatus) -> Iterator[Part]:
    """What somebody should look at."""
    if abs(centre.skew_ms) >= SKEW_MS:
        ahead = "ahead" if centre.skew_ms > 0 else "behind"
        yield f" · its clock is {abs(centre.skew_ms) / 1000:.0f} s {ahead}", "$soon"
    if centre.unknown_event:
        yield f" · unknown event {one_line(centre.unknown_event)}", "$soon"
    if centre.waiting:
        orders = "1 order waits" if centre.waiting == 1 else f"{centre.waiting:,} orders wait"
        yield f" · {orders} for a person", "bold $soon"


def _troubles(centre: CentreStatus, loops: Sequence[LoopHealth]) -> Iterator[str]:
    """What its loops say, each sentence once."""
    named = (loop for loop in loops if centre.name in loop.name or centre.key in loop.name.split())
    told = [loop.sentence for loop in named if loop.health in (Health.RETRYING, Health.STOPPED)]
    yield from (one_line(sentence) for sentence in dict.fromkeys(told) if sentence)


def _ago(moment: datetime, now: datetime) -> str:
    """`12 s ago`, `3 min ago`, `2 h ago`."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 60:
        return f"{seconds} s ago"
    minutes = seconds // 60
    return f"{minutes} min ago" if minutes < 60 else f"{minutes // 60} h ago"

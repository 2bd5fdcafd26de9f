"""What is left of a countdown: its words and the meaning of its colour."""

from datetime import datetime
from math import ceil

from agentdesk.domain.wrapup import Pace, pace
from agentdesk.tui.widgets.cells import span_words


def words(due_at: datetime, now: datetime) -> str:
    """`0:24`; a started second counts as whole, so `0:00` means over."""
    return span_words(ceil((due_at - now).total_seconds()))


def meaning(opened_at: datetime, due_at: datetime, now: datetime) -> Pace:
    """calm, soon, late or over: the theme variable of the same name is its colour."""
    return pace(now, opened_at, due_at)


def share_left(opened_at: datetime, due_at: datetime, now: datetime) -> float:
    """0 to 1."""
    total = (due_at - opened_at).total_seconds()
    left = (due_at - now).total_seconds()
    return min(1.0, max(0.0, left / total)) if total > 0 else 0.0

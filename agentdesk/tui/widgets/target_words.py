"""A service level as words: what is left of it as a countdown, and the colour that this means."""

from datetime import datetime, timedelta
from math import ceil

from agentdesk.domain.case_views import TargetMood, TargetView
from agentdesk.domain.wrapup import Pace
from agentdesk.tui.widgets import countdown
from agentdesk.tui.widgets.cells import span_words

OVER = {TargetMood.MET: "met", TargetMood.PAUSED: "paused"}


def length(seconds: float) -> str:
    """`3 d 4 h`, `2 h 5 min`, below an hour `12:05`."""
    whole = max(0, ceil(seconds))
    if whole < 3_600:
        return span_words(whole)
    hours, minutes = whole // 3_600, whole % 3_600 // 60
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d {hours % 24} h" if hours % 24 else f"{hours // 24} d"


def left(target: TargetView, now: datetime) -> str:
    """`2 h 5 min`, `late by 12:05`, `paused`, `met`."""
    if target.mood in OVER:
        return OVER[target.mood]
    if target.due_at is None:
        return "missed" if target.mood is TargetMood.MISSED else length(target.left_s)
    seconds = (target.due_at - now).total_seconds()
    return length(seconds) if seconds > 0 else f"late by {length(-seconds)}"


def mood(target: TargetView, now: datetime) -> str:
    """`calm`, `soon`, `late`, `over`; `rest` for what does not run. Themes have these variables."""
    if target.mood in OVER:
        return "rest"
    if target.mood is TargetMood.MISSED or target.due_at is None:
        return Pace.OVER.value if target.mood is TargetMood.MISSED else Pace.CALM.value
    began = target.due_at - timedelta(seconds=max(1, target.target_s))
    pace = countdown.meaning(began, target.due_at, now)
    warned = target.mood is TargetMood.WARNING and pace is Pace.CALM
    return Pace.SOON.value if warned else pace.value

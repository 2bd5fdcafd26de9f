"""Service levels: what a case is to reach within some business time, warned of before it is too late.

Pure: moments and calendars come in, another state goes out. A target runs, is paused while the
customer is waited for, and is over once it is met. Missed ones run on until they are met.
Source: docs/cases.md, *Service levels*.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agentdesk.domain.case_views import Target, TargetMood, TargetView
from agentdesk.domain.schedule import Calendar


@dataclass(frozen=True, slots=True)
class LevelRule:
    """What cases are promised that it fits: of `priority` (0: any), `category` and `queue` (empty: any).

    Seconds of business time of `schedule`, a key of the policy; empty: that of the case's queue. None:
    not promised.
    """

    priority: int = 0
    category: str = ""
    queue: str = ""
    schedule: str = ""
    first_response_s: int | None = None
    next_response_s: int | None = None
    resolution_s: int | None = None

    def fits(self, priority: int, category: str, queue: str) -> bool:
        """Whether it is meant for such a case."""
        return (
            self.priority in (0, priority)
            and self.category in ("", category)
            and self.queue in ("", queue)
        )

    def seconds(self, kind: Target) -> int | None:
        """What it promises of this kind."""
        promised = {
            Target.FIRST_RESPONSE: self.first_response_s,
            Target.NEXT_RESPONSE: self.next_response_s,
            Target.RESOLUTION: self.resolution_s,
        }
        return promised[kind]


class Told(StrEnum):
    """What somebody has to hear of a target."""

    NEAR = "near"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class TargetState:
    """How a target stands. `spent_s` counts business time until `running_since`, which is None while it
    is paused or over. `warned_at`: when its warning was due; `breached_at`: when it was missed.
    """

    kind: Target
    target_s: int
    spent_s: float = 0.0
    running_since: datetime | None = None
    due_at: datetime | None = None
    met_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None

    @property
    def over(self) -> bool:
        """Met, in time or too late."""
        return self.met_at is not None


def start(kind: Target, target_s: int, now: datetime, hours: Calendar) -> TargetState:
    """It runs from now on."""
    return _run(TargetState(kind, target_s), now, hours)


def pause(t: TargetState, now: datetime, hours: Calendar) -> TargetState:
    """The customer is waited for: no time passes."""
    if t.over or t.running_since is None:
        return t
    return replace(t, spent_s=spent(t, now, hours), running_since=None, due_at=None)


def go_on(t: TargetState, now: datetime, hours: Calendar) -> TargetState:
    """What is left of it runs."""
    return t if t.over or t.running_since is not None else _run(t, now, hours)


def meet(t: TargetState, now: datetime, hours: Calendar) -> TargetState:
    """It is reached."""
    return t if t.over else replace(pause(t, now, hours), met_at=now)


def take_back(t: TargetState, since: datetime, hours: Calendar) -> TargetState:
    """It was not reached after all, and runs as if it had from *since* on."""
    return _run(replace(t, met_at=None), since, hours) if t.over else t


def change(
    t: TargetState, target_s: int, now: datetime, warn_at: int, hours: Calendar
) -> TargetState:
    """Another length for one that is not over: what was spent stays spent.

    A warning and a miss that do not hold with the new length are forgotten.
    """
    if t.over or t.target_s == target_s:
        return t
    gone = spent(t, now, hours)
    made = replace(t, target_s=target_s, spent_s=gone)
    if gone < target_s:
        made = replace(made, breached_at=None)
    if gone < _warned_after(made, warn_at):
        made = replace(made, warned_at=None)
    return made if t.running_since is None else _run(made, now, hours)


def look(
    t: TargetState, now: datetime, warn_at: int, hours: Calendar
) -> tuple[TargetState, Told | None]:
    """What has become of it by now, told once. *warn_at* is a percentage; 0 or 100 warns of nothing."""
    if t.breached_at is not None or t.running_since is None or t.due_at is None:
        return t, None
    if t.due_at <= now:
        return replace(t, breached_at=t.due_at), Told.MISSED
    near = _near_at(t, warn_at, hours)
    if t.warned_at is None and near is not None and near <= now:
        return replace(t, warned_at=near), Told.NEAR
    return t, None


def next_look(t: TargetState, warn_at: int, hours: Calendar) -> datetime | None:
    """When `look` has something to tell; None while nothing is to come."""
    if t.breached_at is not None or t.running_since is None:
        return None
    near = _near_at(t, warn_at, hours) if t.warned_at is None else None
    return near if near is not None else t.due_at


def spent(t: TargetState, now: datetime, hours: Calendar) -> float:
    """Business seconds that have passed by now."""
    return t.spent_s + (hours.between(t.running_since, now) if t.running_since else 0.0)


def shown(t: TargetState, now: datetime, warn_at: int, hours: Calendar) -> TargetView:
    """As a screen shows it now."""
    left = t.target_s - spent(t, now, hours)
    return TargetView(t.kind, _mood(t, now, warn_at, hours), t.due_at, left, t.target_s)


def _mood(t: TargetState, now: datetime, warn_at: int, hours: Calendar) -> TargetMood:
    if t.breached_at is not None or (t.due_at is not None and t.due_at <= now):
        return TargetMood.MISSED
    if t.over:
        return TargetMood.MET
    if t.running_since is None:
        return TargetMood.PAUSED
    near = _near_at(t, warn_at, hours)
    return TargetMood.WARNING if near is not None and near <= now else TargetMood.RUNNING


def _run(t: TargetState, now: datetime, hours: Calendar) -> TargetState:
    due = t.breached_at or hours.add(now, t.target_s - t.spent_s)
    return replace(t, running_since=now, due_at=due)


def _warned_after(t: TargetState, warn_at: int) -> float:
    """Business seconds; the whole length where nothing is warned of."""
    return t.target_s * (warn_at or 100) / 100


def _near_at(t: TargetState, warn_at: int, hours: Calendar) -> datetime | None:
    """When its warning is due; None where there is none."""
    after = _warned_after(t, warn_at)
    if after >= t.target_s or t.running_since is None:
        return None
    return hours.add(t.running_since, after - t.spent_s)

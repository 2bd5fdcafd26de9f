"""How hours, skills and preferences are written in settings.toml: read here, and written back."""

import datetime
import re
from typing import NoReturn

from agentdesk.domain.policy import EVERY_DAY, Affinity, AffinitySetup, Hours, SkillNeed
from agentdesk.settings.section import refuse

_HOURS = re.compile(r"(?P<days>[a-z, -]+?)\s+(?P<start>\d\d?:\d\d)\s*-\s*(?P<end>\d\d?:\d\d)")
_NEED = re.compile(r"(?P<skill>[a-z0-9][a-z0-9._-]*)\s*(>=\s*(?P<level>\d{1,3}))?\s*(?P<wish>\?)?")
_AFFINITY = re.compile(r"(?P<kind>[a-z_]+)(\s+within\s+(?P<days>\d{1,4})\s+days?)?")
DAY = 24 * 60
DAYS_BACK = AffinitySetup(Affinity.LAST_AGENT).days


def hours(text: str) -> Hours:
    """`mon-fri 09:00-17:30` as a value; refuses everything else."""
    found = _HOURS.fullmatch(" ".join(text.lower().split()))
    if not found:
        _refuse_hours()
    start, end = _minutes(found["start"]), _minutes(found["end"])
    if start >= end:
        refuse(
            f'holds "{text}", which ends before it begins; hours after midnight belong to the next '
            'day: "fri 22:00-24:00", "sat 00:00-06:00"'
        )
    return Hours(_days(found["days"]), start, end)


def _refuse_hours() -> NoReturn:
    refuse(
        'must be days and a time, such as "mon-fri 09:00-17:30", "sat,sun 10:00-14:00" or '
        '"daily 00:00-24:00"'
    )


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > DAY:
        refuse(f'holds the time "{text}"; use one from 00:00 to 24:00')
    return minutes


def _days(text: str) -> tuple[str, ...]:
    """The days in the order of the week; `sat-mon` goes over its end."""
    if text.strip() == "daily":
        return EVERY_DAY
    named: set[str] = set()
    for part in text.split(","):
        first, _, last = (day.strip() for day in part.partition("-"))
        if first not in EVERY_DAY or (last and last not in EVERY_DAY):
            _refuse_hours()
        start = EVERY_DAY.index(first)
        length = (EVERY_DAY.index(last or first) - start) % 7 + 1
        named |= {EVERY_DAY[(start + n) % 7] for n in range(length)}
    return tuple(day for day in EVERY_DAY if day in named)


def hours_text(value: Hours) -> str:
    """As `hours` reads it."""
    return f"{_days_text(value.days)} {_time(value.start)}-{_time(value.end)}"


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _days_text(days: tuple[str, ...]) -> str:
    if days == EVERY_DAY:
        return "daily"
    runs: list[list[str]] = []
    for day in days:
        if runs and EVERY_DAY.index(day) == EVERY_DAY.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join("-".join((r[0], r[-1])) if len(r) > 2 else ",".join(r) for r in runs)


def need(text: str) -> SkillNeed:
    """`german`, `german>=2`, or with a `?` at its end where it is only wished for."""
    found = _NEED.fullmatch(text.strip())
    if not found or found["level"] == "0":
        refuse(
            'must name a skill, such as "german", "german>=2" for a level, or "german?" for a wish'
        )
    return SkillNeed(found["skill"], int(found["level"] or 1), mandatory=not found["wish"])


def need_text(value: SkillNeed) -> str:
    """As `need` reads it."""
    level = f">={value.level}" if value.level > 1 else ""
    return f"{value.skill}{level}{'' if value.mandatory else '?'}"


def affinity(text: str) -> AffinitySetup:
    """`last_agent`, `last_agent within 14 days`, `account_team` or `related_case`."""
    found = _AFFINITY.fullmatch(" ".join(text.split()))
    if not found or found["kind"] not in list(Affinity):
        refuse(
            'must be "last_agent", "last_agent within 14 days", "account_team" or "related_case"'
        )
    kind, days = Affinity(found["kind"]), int(found["days"] or DAYS_BACK)
    if found["days"] and kind is not Affinity.LAST_AGENT:
        refuse(f'holds "{text}"; only last_agent looks back a number of days')
    if not 1 <= days <= 365:
        refuse(f'holds "{text}"; use 1 to 365 days')
    return AffinitySetup(kind, days)


def affinity_text(value: AffinitySetup) -> str:
    """As `affinity` reads it."""
    if value.kind is Affinity.LAST_AGENT and value.days != DAYS_BACK:
        return f"{value.kind} within {value.days} day{'' if value.days == 1 else 's'}"
    return value.kind.value


def date(text: str) -> str:
    """A day of the calendar as ISO writes it."""
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        refuse('must be dates such as "2026-12-25"')

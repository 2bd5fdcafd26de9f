"""The section [cases]: what cases are about, how they end, and what their customers are promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from agentdesk.domain import case_rules
from agentdesk.domain.case_rules import CaseRules
from agentdesk.domain.case_views import CaseChoice
from agentdesk.domain.service_level import LevelRule
from agentdesk.settings.problems import Loc, Trouble
from agentdesk.settings.routing_rules import repeats, unknown
from agentdesk.settings.section import Days, Key, KeyOrNothing, Section, Text

if TYPE_CHECKING:
    from agentdesk.settings.root import Settings


class CaseCategory(Section):
    """What cases are about."""

    key: Key
    """A short name; keep it, cases refer to it."""
    label: Text
    """The name on the screen."""


class CaseCode(Section):
    """How a case was resolved."""

    key: Key
    """A short name; keep it, cases refer to it."""
    label: Text
    """The name on the screen."""


class CaseLevel(Section):
    """A service level. The first one that fits a case holds for it, so write the narrower ones first."""

    priority: Annotated[int, Field(ge=0, le=5)] = 0
    """Only for cases of this priority; 0 is all."""
    category: KeyOrNothing = ""
    """Only for cases of this category; empty is all."""
    queue: KeyOrNothing = ""
    """Only for cases whose interaction came from this queue; empty is all."""
    schedule: KeyOrNothing = ""
    """The schedule in whose business time it is measured; empty is that of the queue."""
    first_response_minutes: int | None = Field(default=None, ge=1, le=525_600)
    """Business minutes until the first mail to the customer; not given promises none."""
    next_response_minutes: int | None = Field(default=None, ge=1, le=525_600)
    """Business minutes until each later answer to a mail of the customer."""
    resolution_hours: int | None = Field(default=None, ge=1, le=8_760)
    """Business hours until the case is resolved."""


class Cases(Section):
    """What cases are about, how they end, and what their customers are promised."""

    close_days: Days = 5
    """Days after which a resolved case is closed, unless its customer writes."""
    await_after_send: bool = False
    """Put a case to Awaiting Info when a mail to its customer goes out of it."""
    warn_at: Annotated[int, Field(ge=0, le=100)] = 75
    """The percentage of a service level after which the owner is warned; 0 and 100 never warn."""
    categories: tuple[CaseCategory, ...] = tuple(
        CaseCategory(key=c.key, label=c.label) for c in case_rules.CATEGORIES
    )
    """The tables [[cases.categories]]; giving any replaces all the usual ones."""
    codes: tuple[CaseCode, ...] = tuple(
        CaseCode(key=c.key, label=c.label) for c in case_rules.CODES
    )
    """The tables [[cases.codes]]; giving any replaces all the usual ones."""
    levels: tuple[CaseLevel, ...] = ()
    """The tables [[cases.levels]]; without any, nothing is promised."""


def rules_of(c: Cases) -> CaseRules:
    """What the services know of it."""
    return CaseRules(
        categories=_choices(c.categories),
        codes=_choices(c.codes),
        close_after=timedelta(days=c.close_days),
        await_after_send=c.await_after_send,
        levels=tuple(_level(x) for x in c.levels),
        warn_at=c.warn_at,
    )


def _choices(items: Sequence[CaseCategory | CaseCode]) -> tuple[CaseChoice, ...]:
    return tuple(CaseChoice(x.key, x.label) for x in items)


def _level(x: CaseLevel) -> LevelRule:
    return LevelRule(
        x.priority,
        x.category,
        x.queue,
        x.schedule,
        x.first_response_minutes and x.first_response_minutes * 60,
        x.next_response_minutes and x.next_response_minutes * 60,
        x.resolution_hours and x.resolution_hours * 3_600,
    )


def troubles(s: Settings) -> Iterator[Trouble]:
    """Keys that occur twice, codes that are missing, and names that mean nothing."""
    c = s.cases
    for name, items in (("categories", c.categories), ("codes", c.codes)):
        found = [x.key for x in items]
        for i in repeats(found):
            words = f'is "{found[i]}" a second time; each key may occur once'
            yield Trouble(("cases", name, i, "key"), words)
    if not c.codes:
        yield Trouble(("cases", "codes"), "are none; a case is resolved with one")
    known = {
        "category": [x.key for x in c.categories],
        "queue": [q.key for q in s.queues],
        "schedule": [x.key for x in s.schedules],
    }
    for i, level in enumerate(c.levels):
        for what, names in known.items():
            named = getattr(level, what)
            if named and named not in names:
                place: Loc = ("cases", "levels", i, what)
                yield Trouble(place, unknown(what, named, names))


def advice(s: Settings) -> Iterator[Trouble]:
    """Levels that no case ever reaches, because an earlier one fits all of theirs."""
    levels = s.cases.levels
    for i, later in enumerate(levels):
        for j, earlier in enumerate(levels[:i]):
            if (
                earlier.priority in (0, later.priority)
                and earlier.category in ("", later.category)
                and earlier.queue in ("", later.queue)
            ):
                words = f"never holds: level {j + 1} fits all of its cases; write the narrower one first"
                yield Trouble(("cases", "levels", i), words)
                break

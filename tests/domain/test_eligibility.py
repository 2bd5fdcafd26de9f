"""The sentences: why an agent gets an item, and why everybody else does not."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from agentdesk.domain.capacity import UNLIMITED, Limits
from agentdesk.domain.eligibility import until, when
from agentdesk.domain.policy import Rule, SkillNeed
from agentdesk.domain.routing import decide, explain
from agentdesk.domain.snapshot import Pool
from agentdesk.domain.work import Preferred
from tests.domain.routing_desks import (
    ANA,
    AWAY,
    BACKUP,
    BO,
    CLEO,
    MAIL_ONLY,
    NOW,
    SUPPORT,
    ago,
    desk,
    item,
    queue,
    seat,
)

GERMAN = SkillNeed("german", 3)
WISHES = (SkillNeed("german", 1, mandatory=False), SkillNeed("billing", 1, mandatory=False))
EXCUSES: list[tuple[dict[str, Any], str]] = [
    ({"used": {"email": 4}}, "at capacity 4/4"),
    ({"used": {"email": 5}}, "at capacity 5/4"),
    ({"used": {"email": 3}}, "has 1 of 4 free, this takes 2"),
    ({"limits": Limits(9, {"email": 2}), "used": {"email": 2}}, "at capacity 2/2 for email"),
    ({"presence": AWAY}, "Away takes no work"),
    ({"presence": AWAY, "presence_since": ago(2880)}, "Away since 09:12 takes no work"),
    ({"presence": replace(MAIL_ONLY, channels=("chat",))}, "Mail only takes no email"),
    ({"id": CLEO}, "rejected it before: Needs somebody else's knowledge"),
    ({"groups": BACKUP}, "joins in 30 s"),
    ({"groups": frozenset()}, "is in no group that serves this queue"),
    ({"ramp_s": 20.0, "last_offered_at": ago(5.5)}, "is filled gradually, next in 15 s"),
    ({"used": {"email": 1}}, "has less free capacity: 3, Ana has 4"),
    ({"last_assigned_at": ago(60)}, "had new work more recently than Ana"),
    ({}, "equals Ana, who is listed first"),
    ({"skills": {}}, "lacks German 3"),
    ({"skills": {"german": 1}}, "lacks German 3 (has 1)"),
]
HALF_AN_HOUR_PAST = timezone(timedelta(hours=1))


@pytest.mark.parametrize(("how", "reason"), EXCUSES)
def test_everybody_who_is_passed_over_can_read_why(how: dict[str, Any], reason: str) -> None:
    able = {"skills": {"german": 3}}
    other = replace(seat(BO, **able), **how)
    waiting = item(
        1,
        60,
        size=2,
        needs=(GERMAN,),
        passed=frozenset({CLEO}),
        refused={CLEO: "Needs somebody else's knowledge"},
    )
    rules = queue(pools=(Pool(SUPPORT), Pool(BACKUP, 90)))
    names = {"skills": {"german": "German"}, "zone": HALF_AN_HOUR_PAST}
    snapshot = desk(seat(ANA, **able), other, rules, waiting, **names)
    told = explain(snapshot, waiting)
    assert told.why(other.id) == reason
    assert told.why(ANA) == told.reason == "chosen by most capacity: 4 of 4 free"


def test_the_words_of_a_round_a_preference_a_pool_and_a_wish() -> None:
    orders = queue(pools=(Pool(SUPPORT | BACKUP),), orders={"support": 10})
    told = explain(snapshot := desk(seat(ANA), seat(BO, groups=BACKUP), orders, item(1)), item(1))
    assert told.why(BO) == "serves this queue later: order 100, Ana has 10"
    wanted = item(1, preferred=(Preferred(BO, "answered this customer last"),))
    told = explain(desk(seat(ANA), seat(BO), wanted), wanted)
    assert told.reason == "chosen: answered this customer last"
    assert told.why(ANA) == "Bo is preferred: answered this customer last"
    skilled = seat(BO, 1, skills={"german": 2, "billing": 1})
    wishing = item(1, needs=WISHES)
    told = explain(desk(seat(ANA, skills={"german": 5}), skilled, wishing), wishing)
    assert told.reason == "chosen for 2 of 2 wished skills, by most capacity: 3 of 4 free"
    assert told.why(ANA) == "has 1 of the wished skills, Bo has 2"
    both = seat(ANA, skills={"german": 1, "billing": 1})
    told = explain(desk(both, skilled, wishing), wishing)
    assert told.why(ANA) == "is at a lower level in the wished skills: 2, Bo is at 3"


def test_without_limits_work_is_counted_instead_of_room() -> None:
    free = Limits(UNLIMITED)
    told = explain(desk(seat(ANA, limits=free), seat(BO, 2, limits=free), item(1)), item(1))
    assert told.reason == "chosen by most capacity: no limit"
    assert told.why(BO) == "has more work: 2, Ana has 0"


def test_who_let_it_pass_reads_when_they_are_asked_again() -> None:
    rests = {ANA: NOW + timedelta(seconds=20)}
    resting = item(1, rests=rests, refused={ANA: "Busy with other work"})
    told = explain(desk(seat(ANA), resting), resting)
    assert (told.agent_id, told.reason) == (None, "nobody can take it now")
    assert told.why(ANA) == "let it pass (Busy with other work), is asked again in 20 s"


def test_the_longest_idle_is_said_to_be_it() -> None:
    told = explain(desk(seat(ANA), queue(rule=Rule.LAST_ASSIGNED), item(1)), item(1))
    assert told.reason == "chosen as the longest without new work: 4 of 4 free"


def test_what_is_kept_of_a_decision_has_equal_words_for_equal_reasons() -> None:
    away = [seat(a, presence=AWAY, presence_since=ago(a)) for a in (BO, CLEO)]
    (decision,) = decide(desk(seat(ANA), *away, item(1)))
    assert {c.reason for c in decision.candidates if c.agent_id != ANA} == {"Away takes no work"}


def test_capacity_given_earlier_in_the_run_counts_in_an_explanation() -> None:
    snapshot = desk(seat(ANA, 3), item(1, 60), item(2, 30))
    told = explain(snapshot, snapshot.items[1], after=decide(snapshot))
    assert told.why(ANA) == "at capacity 4/4"


def test_moments_and_spans_are_said_as_people_say_them() -> None:
    snapshot = desk(zone=HALF_AN_HOUR_PAST)
    assert when(NOW, snapshot) == "10:00"
    assert when(NOW - timedelta(days=3), snapshot) == "Fri 10:00"
    assert when(NOW - timedelta(days=30), snapshot) == "2026-01-31 10:00"
    spans = [
        timedelta(seconds=0.2),
        timedelta(seconds=119),
        timedelta(minutes=2.5),
        timedelta(hours=3),
    ]
    assert [until(NOW + s, NOW) for s in spans] == ["in 1 s", "in 119 s", "in 3 min", "in 3 h"]

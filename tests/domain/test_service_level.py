"""Service levels against a reference that looks at the wall clock minute by minute."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain import service_level as levels
from agentdesk.domain.case_views import Target, TargetMood
from agentdesk.domain.policy import EVERY_DAY, Hours, ScheduleSetup
from agentdesk.domain.schedule import ALWAYS, calendar
from agentdesk.domain.service_level import LevelRule, TargetState, Told

MINUTE = timedelta(minutes=1)
HOLIDAYS = ("2026-03-30", "2026-10-26")
OFFICE = ScheduleSetup(
    "office", "Office", "Europe/Madrid", (Hours(EVERY_DAY[:6], 540, 1020),), HOLIDAYS
)
NIGHT = ScheduleSetup("night", "Night", "Europe/Madrid", (Hours(EVERY_DAY, 0, 300),), HOLIDAYS)
STARTS = (datetime(2026, 3, 27, 6, 0, tzinfo=UTC), datetime(2026, 10, 23, 6, 0, tzinfo=UTC))
"""Days before the clock is put forward and back."""


def is_open(setup: ScheduleSetup | None, at: datetime) -> bool:
    """What a person reads from the wall and the calendar."""
    if setup is None:
        return True
    wall = at.astimezone(ZoneInfo(setup.time_zone))
    if wall.date().isoformat() in setup.holidays:
        return False
    minutes = wall.hour * 60 + wall.minute
    day = EVERY_DAY[wall.weekday()]
    return any(day in h.days and h.start <= minutes < h.end for h in setup.hours)


@dataclass
class Naive:
    """A target as somebody with a stopwatch keeps it."""

    setup: ScheduleSetup | None
    target: int
    warn_after: float
    spent: int = 0
    runs: bool = True
    met: bool = False
    told: list[tuple[Told, datetime]] = field(default_factory=list)

    def minute(self, at: datetime) -> None:
        """One minute from *at* on passes."""
        if not self.runs or self.met or not is_open(self.setup, at):
            return
        self.spent += 1
        self._tell(at + MINUTE)

    def _tell(self, at: datetime) -> None:
        said = [told for told, _ in self.told]
        if Told.MISSED in said:
            return
        if self.spent >= self.target:
            self.told.append((Told.MISSED, at))
        elif Told.NEAR not in said and self.spent >= self.warn_after:
            self.told.append((Told.NEAR, at))


Step = tuple[str, int]
steps = st.lists(
    st.tuples(st.sampled_from(["wait", "pause", "go_on", "meet", "look"]), st.integers(1, 900)),
    max_size=12,
)


def moments(now: datetime, minutes: int) -> Iterator[datetime]:
    for n in range(minutes):
        yield now + n * MINUTE


@settings(max_examples=150, deadline=None)
@given(
    start=st.sampled_from(STARTS),
    setup=st.sampled_from([OFFICE, NIGHT, None]),
    target=st.integers(1, 40).map(lambda n: n * 20),
    history=steps,
    eager=st.booleans(),
)
def test_any_history_is_counted_as_by_the_minute(
    start: datetime, setup: ScheduleSetup | None, target: int, history: list[Step], eager: bool
) -> None:
    hours, warn_at = calendar(setup), 75
    now = start
    made = levels.start(Target.RESOLUTION, target * 60, now, hours)
    naive = Naive(setup, target, target * warn_at / 100)
    told: list[tuple[Told, datetime]] = []

    def look(t: TargetState, at: datetime) -> TargetState:
        after, word = levels.look(t, at, warn_at, hours)
        if word is Told.NEAR and after.warned_at is not None:
            told.append((word, after.warned_at))
        if word is Told.MISSED and after.breached_at is not None:
            told.append((word, after.breached_at))
        return after

    for what, minutes in history:
        for at in moments(now, minutes):
            if eager:  # as deadlines do, where something always runs
                due = levels.next_look(made, warn_at, hours)
                if due is not None and due <= at:
                    made = look(made, at)
            naive.minute(at)
        now += minutes * MINUTE
        made = look(made, now)
        if what == "pause":
            made, naive.runs = levels.pause(made, now, hours), False
        elif what == "go_on":
            made, naive.runs = levels.go_on(made, now, hours), True
        elif what == "meet":
            made, naive.met = levels.meet(made, now, hours), True
        assert levels.spent(made, now, hours) == naive.spent * 60
        assert (made.breached_at is not None) == (Told.MISSED in [w for w, _ in naive.told])
    missed = [at for word, at in told if word is Told.MISSED]
    assert missed == [at for word, at in naive.told if word is Told.MISSED]
    near = [at for word, at in naive.told if word is Told.NEAR]
    if eager or not missed:  # where nobody looked between, only the miss is told
        assert [at for word, at in told if word is Told.NEAR] == near
    assert len(told) == len({word for word, _ in told})


def a_target(minutes: int = 100) -> TargetState:
    return levels.start(Target.FIRST_RESPONSE, minutes * 60, STARTS[0], ALWAYS)


def later(minutes: int) -> datetime:
    return STARTS[0] + minutes * MINUTE


@pytest.mark.parametrize("warn_at", [0, 100])
def test_without_a_warning_only_the_miss_is_told(warn_at: int) -> None:
    t = a_target()
    assert levels.next_look(t, warn_at, ALWAYS) == later(100)
    assert levels.look(t, later(99), warn_at, ALWAYS) == (t, None)
    missed, told = levels.look(t, later(100), warn_at, ALWAYS)
    assert (told, missed.breached_at) == (Told.MISSED, later(100))
    assert levels.look(missed, later(200), warn_at, ALWAYS) == (missed, None)
    assert levels.next_look(missed, warn_at, ALWAYS) is None


def test_an_answer_that_is_taken_back_was_none() -> None:
    met = levels.meet(a_target(), later(20), ALWAYS)
    assert met.over
    assert levels.next_look(met, 75, ALWAYS) is None
    back = levels.take_back(met, later(20), ALWAYS)
    assert back.due_at == later(100)
    assert levels.spent(back, later(30), ALWAYS) == 30 * 60


def test_another_length_counts_what_was_spent() -> None:
    t, _ = levels.look(a_target(), later(80), 75, ALWAYS)
    assert t.warned_at == later(75)
    longer = levels.change(t, 200 * 60, later(80), 75, ALWAYS)
    assert (longer.due_at, longer.warned_at) == (later(200), None)
    shorter = levels.change(t, 60 * 60, later(80), 75, ALWAYS)
    missed, told = levels.look(shorter, later(80), 75, ALWAYS)
    assert (told, missed.breached_at) == (Told.MISSED, later(80))
    again = levels.change(missed, 300 * 60, later(90), 75, ALWAYS)
    assert (again.breached_at, again.due_at) == (None, later(300))
    met = levels.meet(t, later(81), ALWAYS)
    assert levels.change(met, 1, later(82), 75, ALWAYS) == met


def test_moods_are_what_a_screen_colours() -> None:
    t = a_target()
    moods = [levels.shown(t, later(n), 75, ALWAYS).mood for n in (0, 74, 75, 99, 100)]
    assert moods == [
        TargetMood.RUNNING,
        TargetMood.RUNNING,
        TargetMood.WARNING,
        TargetMood.WARNING,
        TargetMood.MISSED,
    ]
    assert levels.shown(t, later(130), 75, ALWAYS).left_s == -30 * 60
    paused = levels.pause(t, later(10), ALWAYS)
    view = levels.shown(paused, later(500), 75, ALWAYS)
    assert (view.mood, view.left_s, view.due_at) == (TargetMood.PAUSED, 90 * 60, None)
    met = levels.meet(t, later(10), ALWAYS)
    assert levels.shown(met, later(500), 75, ALWAYS).mood is TargetMood.MET


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (LevelRule(), True),
        (LevelRule(1), True),
        (LevelRule(2), False),
        (LevelRule(category="problem"), True),
        (LevelRule(category="other"), False),
        (LevelRule(queue="support"), True),
        (LevelRule(queue="sales"), False),
        (LevelRule(1, "problem", "support"), True),
        (LevelRule(1, "problem", "sales"), False),
    ],
)
def test_a_level_fits_by_priority_category_and_queue(rule: LevelRule, fits: bool) -> None:
    assert rule.fits(1, "problem", "support") is fits

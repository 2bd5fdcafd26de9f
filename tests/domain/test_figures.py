"""Figures: quarters of an hour that are counted once, and what follows from them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agentdesk.domain import figures
from agentdesk.domain.figures import QUARTER, Figures, Quarter, Tally
from agentdesk.domain.ids import QueueId
from agentdesk.domain.work import Logged

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SUPPORT, SALES = QueueId(1), QueueId(2)


def minutes(number: float) -> timedelta:
    """So many."""
    return timedelta(minutes=number)


def test_entries_of_one_kind_are_one_tally() -> None:
    assert figures.tally_of(Logged.ARRIVED, 3, 0.0, 0) == Tally(arrived=3)
    assert figures.tally_of(Logged.ACCEPTED, 4, 900.0, 3) == Tally(accepted=4, within=3)
    assert figures.tally_of(Logged.HANDLED, 2, 240.0, 0) == Tally(handled=2, handled_s=240.0)


def test_every_kind_of_entry_is_counted() -> None:
    for what in Logged:
        assert figures.tally_of(what, 1, 0.0, 0) != Tally(), what


def test_the_service_level_is_of_what_was_accepted() -> None:
    assert Tally(arrived=3).service_level is None
    assert Tally(accepted=4, within=3).service_level == 0.75


def test_a_backlog_is_counted_back_from_now() -> None:
    tallies = [Tally(arrived=5), Tally(arrived=1, accepted=3), Tally(arrived=2, abandoned=1)]
    assert figures.backlog(6, tallies) == (7, 5, 6)


def test_what_went_to_another_queue_waits_no_more() -> None:
    assert figures.backlog(1, [Tally(arrived=4), Tally(moved=3)]) == (4, 1)


def test_a_backlog_is_never_below_zero() -> None:
    assert figures.backlog(0, [Tally(), Tally(arrived=3)]) == (0, 0)


def test_only_the_newest_quarters_are_read_again() -> None:
    kept, now = Figures(), NOON + minutes(7)
    assert kept.missing(NOON - timedelta(hours=4)) == NOON - timedelta(hours=4)
    old, new = Quarter(opened=1), Quarter(opened=2)
    kept.put(NOON - timedelta(hours=4), {NOON - timedelta(hours=4): old, NOON: new}, now)
    assert kept.missing(NOON - timedelta(hours=3)) == NOON - QUARTER
    kept.put(NOON - QUARTER, {NOON: Quarter(opened=3)}, now)
    assert [q.opened for q in kept.between(NOON - QUARTER, now)] == [0, 3]
    assert kept.quarters[NOON - timedelta(hours=4)] is old


def test_an_entry_that_is_committed_late_is_still_found() -> None:
    kept = Figures()
    kept.put(NOON - timedelta(hours=1), {}, NOON + timedelta(seconds=1))
    assert kept.missing(NOON) == NOON
    assert kept.missing(NOON - timedelta(hours=1)) <= NOON - QUARTER


def test_an_hour_without_a_look_is_read_from_the_last_look_on() -> None:
    kept = Figures()
    kept.put(NOON - timedelta(hours=1), {}, NOON)
    later = NOON + timedelta(hours=2)
    assert kept.missing(later - timedelta(hours=1)) == later - timedelta(hours=1)
    assert kept.missing(NOON - timedelta(hours=1)) == NOON - QUARTER


def test_figures_of_earlier_are_read_when_they_are_asked_for() -> None:
    kept = Figures()
    kept.put(NOON - timedelta(hours=4), {}, NOON)
    assert kept.missing(NOON - timedelta(days=7)) == NOON - timedelta(days=7)


def test_what_nobody_asks_for_any_more_is_forgotten() -> None:
    kept = Figures()
    kept.put(NOON - timedelta(days=9), {NOON - timedelta(days=9): Quarter(opened=1)}, NOON)
    kept.forget(NOON - timedelta(days=8))
    assert kept.quarters == {}
    assert kept.missing(NOON - timedelta(days=9)) == NOON - timedelta(days=9)


@pytest.mark.parametrize(
    ("now", "zone", "day"),
    [
        ("2026-03-02T12:00+00:00", "UTC", "2026-03-02T00:00+00:00"),
        ("2026-03-02T12:00+00:00", "Asia/Kolkata", "2026-03-01T18:30+00:00"),
        ("2026-03-29T12:00+00:00", "Europe/Madrid", "2026-03-28T23:00+00:00"),
        ("2026-10-25T12:00+00:00", "Europe/Madrid", "2026-10-24T22:00+00:00"),
    ],
)
def test_a_day_begins_at_midnight_of_the_desks_zone(now: str, zone: str, day: str) -> None:
    moment = datetime.fromisoformat(now)
    assert figures.midnight(moment, ZoneInfo(zone)) == datetime.fromisoformat(day)


def test_a_day_is_added_up_from_what_is_settled_and_what_is_new() -> None:
    kept, noon = Figures(), NOON
    kept.put(
        noon - timedelta(hours=2),
        {
            noon - timedelta(hours=1): Quarter({SUPPORT: Tally(arrived=4)}),
            noon: Quarter({SUPPORT: Tally(arrived=1)}),
        },
        noon,
    )
    start = noon - timedelta(hours=2)
    assert kept.day(start, noon) == {SUPPORT: Tally(arrived=5)}
    kept.put(noon - QUARTER, {noon: Quarter({SUPPORT: Tally(arrived=3)})}, noon)
    assert kept.day(start, noon) == {SUPPORT: Tally(arrived=7)}
    later = noon + timedelta(minutes=31)
    kept.put(noon, {noon: Quarter({SUPPORT: Tally(arrived=6)})}, later)
    assert kept.day(start, later) == {SUPPORT: Tally(arrived=10)}

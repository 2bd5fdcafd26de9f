"""Business time: opening hours, holidays, the days on which the clock is changed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.errors import BadInput
from agentdesk.domain.policy import EVERY_DAY, Hours, ScheduleSetup
from agentdesk.domain.schedule import ALWAYS, Calendar, calendar

WEEK = EVERY_DAY[:5]
OFFICE = ScheduleSetup("office", "Office", "Europe/Madrid", holidays=("2026-12-25",))
ZONES = ("Europe/Madrid", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/Havana")
HOUR = 3600.0


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def schedule(zone: str, *hours: Hours, holidays: tuple[str, ...] = ()) -> Calendar:
    return calendar(ScheduleSetup("x", "X", zone, hours, holidays))


def test_office_hours_are_those_of_the_wall() -> None:
    office = calendar(OFFICE)
    assert not office.is_open(utc("2026-11-26 07:59"))  # Thursday, 08:59 in Madrid
    assert office.is_open(utc("2026-11-26 08:00"))
    assert office.is_open(utc("2026-11-26 15:59"))
    assert not office.is_open(utc("2026-11-26 16:00"))
    assert office.is_open(utc("2026-07-02 07:00"))  # 09:00 in summer
    assert office.closes_at(utc("2026-11-26 09:00")) == utc("2026-11-26 16:00")


def test_a_weekend_is_passed_over() -> None:
    office = calendar(OFFICE)
    friday = utc("2026-11-27 15:30")
    assert office.opens_at(friday) == friday
    assert office.opens_at(utc("2026-11-27 18:00")) == utc("2026-11-30 08:00")
    assert office.add(friday, HOUR) == utc("2026-11-30 08:30")
    assert office.between(friday, utc("2026-11-30 08:30")) == HOUR
    assert office.closes_at(utc("2026-11-28 10:00")) is None


def test_a_holiday_is_closed_all_day() -> None:
    office = calendar(OFFICE)
    assert not office.is_open(utc("2026-12-25 10:00"))
    assert office.opens_at(utc("2026-12-24 16:00")) == utc("2026-12-28 08:00")


def test_a_shift_past_midnight_is_closed_while_the_date_is_a_holiday() -> None:
    night = Hours(EVERY_DAY, 22 * 60, 6 * 60)
    shift = schedule("UTC", night, holidays=("2026-12-25",))
    assert shift.is_open(utc("2026-12-24 03:00"))
    assert shift.is_open(utc("2026-12-24 23:59"))
    assert not shift.is_open(utc("2026-12-25 01:00"))
    assert shift.closes_at(utc("2026-12-22 23:00")) == utc("2026-12-23 06:00")
    assert shift.closes_at(utc("2026-12-24 23:00")) == utc("2026-12-25 00:00")
    assert shift.opens_at(utc("2026-12-25 01:00")) == utc("2026-12-26 00:00")


def test_a_sunday_night_shift_reaches_into_monday() -> None:
    assert schedule("UTC", Hours(("sun",), 22 * 60, 120)).is_open(utc("2026-11-30 01:00"))
    assert not schedule("UTC", Hours(("mon",), 22 * 60, 120)).is_open(utc("2026-11-30 01:00"))


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)],
)
def test_a_whole_day_is_as_long_as_the_clock_makes_it(day: str, hours: int) -> None:
    only = schedule("Europe/Madrid", Hours(EVERY_DAY, 0, 1440))
    here = datetime.fromisoformat(day).replace(tzinfo=only._zone)
    tomorrow = here + timedelta(days=1)
    assert only.between(here.astimezone(UTC), tomorrow.astimezone(UTC)) == hours * HOUR


@pytest.mark.parametrize("zone", ZONES)
def test_always_open_in_hours_is_always_open(zone: str) -> None:
    always = schedule(zone, Hours(EVERY_DAY, 0, 1440))
    start = utc("2011-12-01 00:00")  # Apia left out the 30th of December 2011
    assert always.between(start, start + timedelta(days=400)) == 400 * 24 * HOUR
    assert always.closes_at(start) is None
    assert always.add(start, 90 * 24 * HOUR) == start + timedelta(days=90)


def test_a_date_that_a_country_skipped_has_no_hours() -> None:
    fridays = schedule("Pacific/Apia", Hours(("fri",), 540, 1020))
    skipped_from = utc("2011-12-24 12:00")
    assert fridays.opens_at(skipped_from) == utc("2012-01-05 19:00")  # Friday the 6th, 09:00, +14


def test_hours_in_the_skipped_hour_of_spring_count_from_where_it_would_have_been() -> None:
    early = schedule("Europe/Madrid", Hours(("sun",), 90, 150))  # 01:30 to 02:30
    assert early.between(utc("2026-03-29 00:00"), utc("2026-03-29 12:00")) == HOUR
    assert early.opens_at(utc("2026-03-28 12:00")) == utc("2026-03-29 00:30")


def test_of_an_hour_that_the_clock_shows_twice_the_first_counts() -> None:
    late = schedule("America/New_York", Hours(("sun",), 60, 90))  # 01:00 to 01:30
    assert late.opens_at(utc("2026-11-01 00:00")) == utc("2026-11-01 05:00")
    assert late.closes_at(utc("2026-11-01 05:00")) == utc("2026-11-01 05:30")
    assert late.opens_at(utc("2026-11-01 05:30")) == utc("2026-11-08 06:00")


def test_hours_that_overlap_count_once() -> None:
    both = schedule("UTC", Hours(WEEK, 540, 1020), Hours(WEEK, 600, 660), Hours(WEEK, 960, 1080))
    assert both.between(utc("2026-11-26 00:00"), utc("2026-11-27 00:00")) == 9 * HOUR
    assert both.closes_at(utc("2026-11-26 10:00")) == utc("2026-11-26 18:00")


def test_a_schedule_without_hours_never_opens() -> None:
    never = schedule("UTC")
    now = utc("2026-11-26 10:00")
    assert not never.is_open(now)
    assert never.opens_at(now) is None
    assert never.add(now, 1) is None
    assert never.between(now, now + timedelta(days=800)) == 0


def test_closed_for_a_whole_year_of_holidays_it_opens_after_them() -> None:
    first = datetime(2027, 1, 1)  # noqa: DTZ001 - a date of the wall
    days = tuple((first + timedelta(n)).date().isoformat() for n in range(365))
    shop = schedule("UTC", Hours(EVERY_DAY, 540, 1020), holidays=days)
    assert shop.opens_at(utc("2026-12-31 18:00")) == utc("2028-01-01 09:00")


def test_without_a_schedule_it_is_always_open() -> None:
    now = utc("2026-11-28 03:00")
    assert calendar(None) is ALWAYS
    assert ALWAYS.is_open(now)
    assert ALWAYS.opens_at(now) == now
    assert ALWAYS.closes_at(now) is None
    assert ALWAYS.add(now, 60) == now + timedelta(minutes=1)
    assert ALWAYS.between(now, now + timedelta(minutes=1)) == 60


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        (ScheduleSetup("x", "X", "Europe/Madird"), "time zone"),
        (ScheduleSetup("x", "X", "../passwd"), "time zone"),
        (ScheduleSetup("x", "X", ""), "time zone"),
        (ScheduleSetup("x", "X", "UTC", holidays=("25.12.2026",)), "date"),
        (ScheduleSetup("x", "X", "UTC", (Hours(("monday",), 0, 60),)), "no day"),
        (ScheduleSetup("x", "X", "UTC", (Hours(WEEK, 60, 60),)), "different times"),
        (ScheduleSetup("x", "X", "UTC", (Hours(WEEK, 60, 1441),)), "24:00"),
    ],
)
def test_a_schedule_that_cannot_be_says_why(setup: ScheduleSetup, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        calendar(setup)


days = st.lists(st.sampled_from(EVERY_DAY), min_size=1, max_size=7, unique=True).map(tuple)
hours = st.builds(Hours, days, st.integers(0, 1439), st.integers(0, 1440))
real_hours = hours.filter(lambda h: h.start != h.end)
dates = st.dates(datetime(2011, 12, 1).date(), datetime(2027, 12, 31).date())  # noqa: DTZ001
calendars = st.builds(
    lambda zone, hours, holidays: schedule(
        zone, *hours, holidays=tuple(d.isoformat() for d in holidays)
    ),
    st.sampled_from(ZONES),
    st.lists(real_hours, min_size=1, max_size=4),
    st.lists(dates, max_size=3),
)
moments = st.datetimes(
    datetime(2011, 12, 1),  # noqa: DTZ001 - made aware below
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
seconds = st.integers(0, 200_000)


@settings(deadline=None)
@given(calendars, moments, st.integers(1, 200_000))
def test_add_and_between_are_each_others_inverse(c: Calendar, at: datetime, s: int) -> None:
    then = c.add(at, s)
    assert then is not None
    assert c.between(at, then) == s


@settings(deadline=None)
@given(calendars, moments, seconds, seconds)
def test_adding_twice_is_adding_the_sum(c: Calendar, at: datetime, a: int, b: int) -> None:
    first = c.add(at, a)
    assert first is not None
    assert c.add(first, b) == c.add(at, a + b)


@settings(deadline=None)
@given(calendars, st.lists(moments, min_size=3, max_size=3))
def test_between_is_additive_and_never_more_than_the_time_itself(
    c: Calendar, three: list[datetime]
) -> None:
    a, b, d = sorted(three)
    whole = c.between(a, d)
    assert whole == pytest.approx(c.between(a, b) + c.between(b, d), abs=1e-3)
    assert 0 <= whole <= (d - a).total_seconds()


@settings(deadline=None)
@given(calendars, moments, st.lists(seconds, min_size=2, max_size=2))
def test_more_business_time_ends_later(c: Calendar, at: datetime, two: list[int]) -> None:
    few, many = sorted(two)
    soon, late = c.add(at, few), c.add(at, many)
    if soon is None or late is None:  # not over after ten years: never
        assert late is None
    else:
        assert soon <= late


@settings(deadline=None)
@given(calendars, moments)
def test_it_opens_at_the_first_moment_that_is_open(c: Calendar, at: datetime) -> None:
    opens = c.opens_at(at)
    assert opens is not None
    assert opens >= at
    assert c.is_open(opens)
    assert c.between(at, opens) == 0
    closes = c.closes_at(opens)
    if closes is not None:
        assert closes > opens
        assert not c.is_open(closes)
        assert c.between(opens, closes) == (closes - opens).total_seconds()


@settings(deadline=None)
@given(calendars, moments)
def test_whether_it_is_open_is_what_the_wall_says(c: Calendar, at: datetime) -> None:
    """Outside the hours in which a clock is changed, by a reading of the wall of its own."""
    wall = at.astimezone(c._zone)
    if len({(wall + timedelta(hours=h)).utcoffset() for h in range(-26, 27)}) > 1:
        return
    minute, day = wall.hour * 60 + wall.minute, EVERY_DAY[wall.weekday()]
    pieces = c._pieces[EVERY_DAY.index(day)]
    told = wall.date() not in c._holidays and any(a <= minute < b for a, b in pieces)
    assert c.is_open(at) is told

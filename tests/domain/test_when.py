"""Moments as people type them: what is understood, and that nothing else is taken for a moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.errors import BadInput
from agentdesk.domain.when import FARTHEST, parse_when, spoken, suggestions

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 14, 40, tzinfo=UTC)  # a Thursday, 15:40 in Berlin

UNDERSTOOD = {
    "tomorrow 9": "2026-11-27 09:00",
    "9 tomorrow": "2026-11-27 09:00",
    "Tomorrow, at noon": "2026-11-27 12:00",
    "tomorrow morning": "2026-11-27 09:00",
    "day after tomorrow 8:15": "2026-11-28 08:15",
    "tonight": "2026-11-26 20:00",
    "this evening": "2026-11-26 18:00",
    "18:00": "2026-11-26 18:00",
    "9am": "2026-11-27 09:00",
    "12 am": "2026-11-27 00:00",
    "6 p.m.": "2026-11-26 18:00",
    "mon 14:00": "2026-11-30 14:00",
    "at 9 on friday": "2026-11-27 09:00",
    "thu 16:00": "2026-11-26 16:00",
    "thursday": "2026-12-03 09:00",
    "next monday 9am": "2026-11-30 09:00",
    "next fri": "2026-12-04 09:00",
    "next week": "2026-11-30 09:00",
    "next month": "2026-12-01 09:00",
    "in 3 days": "2026-11-29 15:40",
    "in 3 days 9": "2026-11-29 09:00",
    "in 2h": "2026-11-26 17:40",
    "in 1 hour and 30 minutes": "2026-11-26 17:10",
    "in a week": "2026-12-03 15:40",
    "2 weeks from now": "2026-12-10 15:40",
    "in 3 months": "2027-02-26 15:40",
    "2026-12-01 08:30": "2026-12-01 08:30",
    "2026-12-01T08:30": "2026-12-01 08:30",
    "1.12. 8:30": "2026-12-01 08:30",
    "24.12.26": "2026-12-24 09:00",
    "1st of december 2027 8": "2027-12-01 08:00",
    "dec 24 18:00": "2026-12-24 18:00",
    "3 sept": "2027-09-03 09:00",
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_what_people_write_is_understood_as_clocks_in_their_zone_show_it(text: str) -> None:
    found = parse_when(text, NOW, BERLIN)
    assert f"{found.astimezone(BERLIN):%Y-%m-%d %H:%M}" == UNDERSTOOD[text]
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    ["", " ", "soon", "a", "in", "9 10", "mon tue", "tomorrow monday", "25:00", "13 pm", "12/1",
     "2026-13-01", "31 feb", "tomorrow 9 please", "next", "june", "in 3 days tomorrow", "\x1b[31m9",
     "9" * 5_000],
)  # fmt: skip
def test_what_is_not_understood_whole_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput, match="Write for example tomorrow 9") as refused:
        parse_when(text, NOW, BERLIN)
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize("text", ["today 9", "2020-01-01", "2026-11-26 15:40"])
def test_what_is_past_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is past"):
        parse_when(text, NOW, BERLIN)


@pytest.mark.parametrize("text", ["9999-12-31", "in 9999 weeks", "in 9999 months"])
def test_what_nobody_will_see_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="five years"):
        parse_when(text, NOW, BERLIN)


def test_a_time_that_clocks_skip_is_moved_behind_the_gap() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    found = parse_when("tomorrow 2:30", before, BERLIN).astimezone(BERLIN)
    assert f"{found:%d %H:%M}" == "29 03:30"


def test_of_a_time_that_clocks_show_twice_the_next_one_counts() -> None:
    saturday = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert parse_when("sun 2:30", saturday, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45 in summer time
    assert parse_when("2:30", between, BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_days_go_by_the_calendar_and_hours_by_time_that_passes() -> None:
    before = datetime(2026, 3, 28, 11, tzinfo=UTC)  # noon; clocks go forward in the night
    assert f"{parse_when('in 1 day', before, BERLIN).astimezone(BERLIN):%d %H:%M}" == "29 12:00"
    assert parse_when("in 24 hours", before, BERLIN) == before + timedelta(days=1)


def test_a_leap_day_is_the_next_one() -> None:
    there = parse_when("29 feb", datetime(2027, 6, 1, tzinfo=UTC), BERLIN)
    assert f"{there.astimezone(BERLIN):%Y-%m-%d}" == "2028-02-29"


def test_a_month_with_fewer_days_ends_with_its_last() -> None:
    there = parse_when("in 1 month", datetime(2027, 1, 31, 9, tzinfo=UTC), UTC)
    assert f"{there:%m-%d %H:%M}" == "02-28 09:00"


MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"])


@given(st.sampled_from(sorted(UNDERSTOOD)), MOMENTS, ZONES)
def test_whatever_is_understood_lies_ahead(text: str, now: datetime, zone: str) -> None:
    found = _read(text, now, zone)
    assert "is past" in found if isinstance(found, str) else now < found <= now + FARTHEST


def _read(text: str, now: datetime, zone: str) -> datetime | str:
    try:
        return parse_when(text, now, ZoneInfo(zone))
    except BadInput as error:
        return str(error)


@given(st.text(max_size=100), MOMENTS)
def test_any_text_is_a_moment_ahead_or_refused(text: str, now: datetime) -> None:
    found = _read(text, now, "Europe/Berlin")
    assert found.endswith(".") if isinstance(found, str) else found > now


@given(MOMENTS, ZONES)
def test_suggestions_are_words_that_can_be_typed(now: datetime, zone: str) -> None:
    there = ZoneInfo(zone)
    chosen = suggestions(now, there)
    assert len(chosen) >= 4
    assert [m for _, m in chosen] == sorted({m for _, m in chosen})
    assert all(parse_when(label, now, there) == moment for label, moment in chosen)


@given(MOMENTS, st.integers(1, 1_000_000), ZONES)
def test_a_spoken_moment_of_this_half_year_can_be_typed(
    now: datetime, minutes: int, zone: str
) -> None:
    there = ZoneInfo(zone)
    moment = (now + timedelta(minutes=minutes % 200_000 + 1)).replace(second=0, microsecond=0)
    words = spoken(moment, now, there)
    clock = moment.astimezone(there)
    assert f"{clock:%H:%M}" in words
    if not any(day in words for day in ("today", "tomorrow")):
        assert str(clock.day) in words.split()

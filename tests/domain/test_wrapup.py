"""The colour of a wrap-up countdown."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.wrapup import Pace, pace

OPENED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = OPENED + timedelta(seconds=120)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-5, Pace.CALM),
        (0, Pace.CALM),
        (59.999, Pace.CALM),
        (60, Pace.SOON),
        (89.999, Pace.SOON),
        (90, Pace.LATE),
        (119.999, Pace.LATE),
        (120, Pace.OVER),
        (3600, Pace.OVER),
    ],
)
def test_a_countdown_of_two_minutes_warms_up_at_half_at_a_quarter_and_at_the_end(
    seconds: float, expected: Pace
) -> None:
    assert pace(OPENED + timedelta(seconds=seconds), OPENED, DUE) is expected


@pytest.mark.parametrize("due", [OPENED, OPENED - timedelta(seconds=1)])
def test_a_countdown_without_time_is_over(due: datetime) -> None:
    assert pace(OPENED - timedelta(minutes=1), OPENED, due) is Pace.OVER


@settings(max_examples=50, deadline=None)
@given(
    total=st.floats(1, 1e6),
    ticks=st.lists(st.floats(-1e6, 2e6), min_size=2, max_size=20),
)
def test_a_countdown_never_cools_down(total: float, ticks: list[float]) -> None:
    due = OPENED + timedelta(seconds=total)
    paces = [pace(OPENED + timedelta(seconds=tick), OPENED, due) for tick in sorted(ticks)]
    warmth = list(Pace)
    assert all(warmth.index(a) <= warmth.index(b) for a, b in pairwise(paces))

"""Open tabs as values, and the strip that shows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import Tab, Workspace
from agentdesk.tui import tabs
from agentdesk.tui.widgets.line import target_at, width_of
from agentdesk.tui.widgets.tab_strip import EDGE, TabStrip, visible
from tests.tui.fake_desk import FakeDesk, running


def opened(*numbers: int, active: int | None = None) -> Workspace:
    found = tuple(Tab(InteractionId(n), f"IMS{n:07}") for n in numbers)
    return Workspace(found, InteractionId(active) if active is not None else None)


def numbers(workspace: Workspace) -> list[int]:
    return [int(tab.thread_id) for tab in workspace.tabs]


def test_a_new_tab_goes_to_the_right_end_and_is_active() -> None:
    after = tabs.open_tab(opened(1, 2, active=1), InteractionId(3), "IMS0000003")
    assert numbers(after) == [1, 2, 3]
    assert after.active == 3


def test_an_open_tab_is_not_opened_twice() -> None:
    after = tabs.open_tab(opened(1, 2, active=1), InteractionId(2), "IMS0000002")
    assert numbers(after) == [1, 2]
    assert after.active == 2


@pytest.mark.parametrize(
    ("closed", "active", "then"),
    [(2, 2, 3), (3, 3, 2), (1, 1, 2), (1, 3, 3), (9, 2, 2)],
)
def test_the_right_neighbour_of_a_closed_tab_is_active(closed: int, active: int, then: int) -> None:
    after = tabs.close_tab(opened(1, 2, 3, active=active), InteractionId(closed))
    assert after.active == then
    assert closed not in numbers(after)


def test_after_the_last_tab_none_is_active() -> None:
    assert tabs.close_tab(opened(1, active=1), InteractionId(1)) == Workspace()


@pytest.mark.parametrize(("by", "then"), [(1, 3), (-1, 1), (2, 1), (-2, 3), (3, 2)])
def test_tabs_go_round(by: int, then: int) -> None:
    assert tabs.step(opened(1, 2, 3, active=2), by).active == then


def test_without_tabs_there_is_no_step() -> None:
    assert tabs.step(Workspace(), 1) == Workspace()


def test_a_position_is_kept_for_its_tab_only() -> None:
    after = tabs.place(opened(1, 2, active=1), InteractionId(2), 77)
    assert [tab.top for tab in after.tabs] == [0, 77]


@given(
    st.lists(st.integers(3, 30), min_size=1, max_size=30), st.integers(0, 29), st.integers(10, 120)
)
def test_the_strip_always_shows_the_active_tab(widths: list[int], at: int, width: int) -> None:
    active = min(at, len(widths) - 1)
    first, last = visible(widths, active, width)
    assert first <= active < last
    if last - first > 1:
        hidden = first > 0 or last < len(widths)
        assert sum(widths[first:last]) <= width - (2 * EDGE if hidden else 0)


@pytest.mark.parametrize("width", [20, 60, 200])
async def test_many_tabs_fit_with_the_active_one_among_them(fake: FakeDesk, width: int) -> None:
    fake.workspace = opened(*range(1, 31), active=17)
    async with running(fake, (140, 30)) as (app, _):
        strip = app.screen.query_one(TabStrip)
        line = strip.pieces(width)
        words = "".join(piece.words for piece in line)
        assert "17 IMS0000017" in words
        assert width_of(line) <= width or width == 20
        assert target_at(line, words.index("IMS0000017")) == "17"

"""The wallboard: queues against their targets, agents and their load."""

from dataclasses import replace

import pytest

from agentdesk.domain.board import Board
from agentdesk.domain.errors import StorageProblem
from agentdesk.domain.feed import Change
from agentdesk.domain.views import Desktop
from agentdesk.domain.wrapup import Pace
from agentdesk.tui import supervision
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens.wallboard import WallboardScreen
from agentdesk.tui.widgets.board_cells import bar, trend, wait_pace
from agentdesk.tui.widgets.day_tiles import facts
from tests.tui.fake_desk import (
    EVA,
    HOSTILE,
    START,
    FakeDesk,
    running,
    screen_text,
    settle,
    toasts,
)
from tests.tui.fake_supervision import board


@pytest.fixture
def desk(fake: FakeDesk) -> FakeDesk:
    fake.actor = EVA
    fake.desktop = Desktop((), (), (), ())  # no toast of an offer over what is looked at
    return fake


async def test_queues_and_agents_are_shown(desk: FakeDesk) -> None:
    async with running(desk) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        text = screen_text(app)
        for words in (
            "24:20",
            "61 %",
            "in 10:00, goal 80 %",
            "Support (closed)",
            "opens Tue 09:41",
        ):
            assert words in text
        for words in ("Returns", "Ana Ruiz", "● Available", "4/4 ▰▰▰▰", "1/3 ▰▱▱", "○ Lunch"):
            assert words in text


async def test_a_change_shows_at_once(desk: FakeDesk) -> None:
    async with running(desk) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        desk.supervision.change_queue(0, name="Renamed")
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert "Renamed" in screen_text(app)


async def test_the_clock_reads_the_board_too(
    desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "EVERY_S", 0.01)
    async with running(desk) as (_, pilot):
        await pilot.press("b")
        await pilot.pause(0.2)
        await settle(pilot)
        assert len(desk.supervision.calls_of("board")) >= 3


async def test_what_cannot_be_read_is_told_and_the_screen_stays(desk: FakeDesk) -> None:
    desk.supervision.errors["board"] = StorageProblem("The database is busy.")
    async with running(desk) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        assert isinstance(app.screen, WallboardScreen)
        assert "The database is busy." in toasts(app)


async def test_the_same_sentence_is_not_told_over_and_over(desk: FakeDesk) -> None:
    desk.supervision.errors["board"] = StorageProblem("The database is busy.")
    async with running(desk) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        for _ in range(3):
            app.post_message(RecordsChanged(Change(offers=True)))
            await settle(pilot)
        assert toasts(app).count("The database is busy.") == 1


async def test_an_empty_desk_says_so(desk: FakeDesk) -> None:
    desk.supervision.board = Board(START, (), (), 0, 0)
    async with running(desk) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        assert "No queues yet." in screen_text(app)
        assert "No agents yet." in screen_text(app)


async def test_what_is_held_back_is_said_in_one_sentence(desk: FakeDesk) -> None:
    async with running(desk, (80, 24)) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        line = app.screen.query_one("#board-warning")
        assert not line.display
        desk.supervision.board = replace(
            desk.supervision.board, warning="No more are sent for now."
        )
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert "! No more are sent for now." in screen_text(app)


async def test_escape_goes_back(desk: FakeDesk) -> None:
    async with running(desk) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.desk_screen


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (140, 40), (200, 60)])
async def test_the_board_fits_every_screen(desk: FakeDesk, size: tuple[int, int]) -> None:
    async with running(desk, size) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        assert "Wallboard" in screen_text(app)
        assert "Returns" in screen_text(app)


async def test_hostile_names_leave_the_screen_whole(desk: FakeDesk) -> None:
    queues = tuple(replace(desk.supervision.board.queues[0], name=words) for words in HOSTILE)
    agents = tuple(
        replace(desk.supervision.board.agents[0], name=w, presence_label=w) for w in HOSTILE
    )
    desk.supervision.board = replace(desk.supervision.board, queues=queues, agents=agents)
    async with running(desk) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        assert "\x1b" not in screen_text(app)


def test_the_figures_are_those_of_the_board() -> None:
    found = {fact.label: (fact.figure, fact.mood) for fact in facts(board())}
    assert found == {
        "waiting": ("15", "$soon"),
        "longest": ("24:20", "$over"),
        "attention": ("2", "$over"),
        "free agents": ("1/2", "$calm"),
        "in time": ("73%", "$over"),
        "received": ("52", "$foreground"),
        "closed": ("38", "$foreground"),
    }


@pytest.mark.parametrize(
    ("waited", "pace"),
    [(0, Pace.CALM), (299, Pace.CALM), (300, Pace.SOON), (450, Pace.LATE), (600, Pace.OVER)],
)
def test_a_wait_is_coloured_by_its_share_of_the_target(waited: float, pace: Pace) -> None:
    assert wait_pace(waited, 600) is pace


@pytest.mark.parametrize(
    ("value", "drawn"), [(0, ""), (1, "▌"), (8, "████"), (16, "████████"), (99, "████████")]
)
def test_a_bar_is_exact_to_an_eighth_of_a_cell(value: int, drawn: str) -> None:
    assert bar(value, 16, 8) == drawn


def test_a_trend_fills_the_highest_of_its_values() -> None:
    assert trend((0, 1, 2, 4), 3) == "▃▅█"
    assert trend((0, 0), 4) == "▁▁"
    assert trend((), 4) == ""


async def test_what_crosses_a_threshold_is_told_once_and_again_after_it_recovered(
    desk: FakeDesk,
) -> None:
    async with running(desk) as (app, pilot):

        async def changed(**changes: float) -> None:
            desk.supervision.change_queue(0, **changes)
            app.post_message(RecordsChanged(Change(offers=True)))
            await settle(pilot)

        await pilot.press("b")
        await settle(pilot)
        assert toasts(app) == []  # how things stood is seen, not told
        late = "Returns: Work waits for longer than 10:00."
        await changed(longest_s=601.0)
        await changed(longest_s=602.0)
        assert toasts(app) == [late]
        await changed(longest_s=3.0)
        app.clear_notifications()
        app._told.clear()
        await changed(longest_s=700.0)
        assert toasts(app) == [late]


async def test_the_highlighted_queue_is_told_in_full_on_a_small_screen(desk: FakeDesk) -> None:
    async with running(desk, (80, 24)) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        await pilot.press("down")
        await settle(pilot)
        text = screen_text(app)
        for words in ("9 rejected", "4 timed out", "1 abandoned", "28 accepted", "0/1 free"):
            assert words in text


async def test_an_unchanged_board_repaints_no_line(desk: FakeDesk) -> None:
    async with running(desk) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        queues = app.screen.query_one("#queues")
        drawn: list[int] = []
        render = queues.render_line
        queues.render_line = lambda y: drawn.append(y) or render(y)  # type: ignore[method-assign,func-returns-value]
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert drawn == []
        desk.supervision.change_queue(1, waiting=12)
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert drawn == [2]

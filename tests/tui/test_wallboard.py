"""The wallboard: queues against their targets, agents and their load."""

from dataclasses import replace

import pytest

from agentdesk.domain.errors import StorageProblem
from agentdesk.domain.feed import Change
from agentdesk.domain.views import Wallboard
from agentdesk.domain.wrapup import Pace
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens.wallboard import WallboardScreen, bar, facts, wait_pace
from tests.tui.fake_desk import (
    EVA,
    HOSTILE,
    START,
    FakeDesk,
    running,
    screen_text,
    settle,
    toasts,
    wallboard,
)


@pytest.fixture
def board(fake: FakeDesk) -> FakeDesk:
    fake.actor = EVA
    return fake


async def test_queues_and_agents_are_shown(board: FakeDesk) -> None:
    async with running(board) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        text = screen_text(app)
        assert "24:20     15:00" in text
        for words in ("Returns", "Ana Ruiz", "● Available", "4/4 ▰▰▰▰", "1/3 ▰▱▱", "○ Lunch"):
            assert words in text


async def test_a_change_shows_at_once(board: FakeDesk) -> None:
    async with running(board) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        queues = (replace(board.board.queues[0], name="Renamed"), *board.board.queues[1:])
        board.board = replace(board.board, queues=queues)
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert "Renamed" in screen_text(app)


async def test_the_clock_reads_the_board_too(
    board: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentdesk.tui.screens import wallboard as module

    monkeypatch.setattr(module, "EVERY_S", 0.01)
    async with running(board) as (_, pilot):
        await pilot.press("b")
        await pilot.pause(0.2)
        await settle(pilot)
        assert len(board.calls_of("wallboard")) >= 3


async def test_what_cannot_be_read_is_told_and_the_screen_stays(board: FakeDesk) -> None:
    board.errors["wallboard"] = StorageProblem("The database is busy.")
    async with running(board) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        assert isinstance(app.screen, WallboardScreen)
        assert "The database is busy." in toasts(app)


async def test_the_same_sentence_is_not_told_over_and_over(board: FakeDesk) -> None:
    board.errors["wallboard"] = StorageProblem("The database is busy.")
    async with running(board) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        for _ in range(3):
            app.post_message(RecordsChanged(Change(offers=True)))
            await settle(pilot)
        assert toasts(app).count("The database is busy.") == 1


async def test_an_empty_desk_says_so(board: FakeDesk) -> None:
    board.board = Wallboard(START, (), (), 0, 0)
    async with running(board) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        assert "No queues yet." in screen_text(app)
        assert "No agents yet." in screen_text(app)


async def test_what_is_held_back_is_said_in_one_sentence(board: FakeDesk) -> None:
    async with running(board, (80, 24)) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        line = app.screen.query_one("#board-warning")
        assert not line.display
        board.board = replace(board.board, warning="No more are sent for now.")
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert "! No more are sent for now." in screen_text(app)


async def test_escape_goes_back(board: FakeDesk) -> None:
    async with running(board) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.desk_screen


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (140, 40), (200, 60)])
async def test_the_board_fits_every_screen(board: FakeDesk, size: tuple[int, int]) -> None:
    async with running(board, size) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        assert "Wallboard" in screen_text(app)
        assert "Returns" in screen_text(app)


async def test_hostile_names_leave_the_screen_whole(board: FakeDesk) -> None:
    queues = tuple(replace(board.board.queues[0], name=words) for words in HOSTILE)
    agents = tuple(replace(board.board.agents[0], name=w, presence=w) for w in HOSTILE)
    board.board = replace(board.board, queues=queues, agents=agents)
    async with running(board) as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        assert "\x1b" not in screen_text(app)


def test_the_figures_are_those_of_the_board() -> None:
    found = {fact.label: (fact.figure, fact.mood) for fact in facts(wallboard())}
    assert found == {
        "waiting": ("15", "$soon"),
        "longest": ("24:20", "$over"),
        "attention": ("2", "$over"),
        "free agents": ("1/2", "$calm"),
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

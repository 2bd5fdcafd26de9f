"""The supervisor's agents, work items, charts and wall: every action by its key."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from agentdesk.domain.board import CaseFigures, Chart, Refusal
from agentdesk.domain.case_views import EffortReport
from agentdesk.domain.errors import StorageProblem
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.views import Desktop
from agentdesk.tui.app import DeskApp
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens.agents import AgentsScreen
from agentdesk.tui.screens.charts import ChartsScreen
from agentdesk.tui.screens.effort import EffortScreen
from agentdesk.tui.screens.reading import ReadingScreen
from agentdesk.tui.screens.wall import WallScreen
from agentdesk.tui.screens.wallboard import WallboardScreen
from agentdesk.tui.screens.work_items import WorkItemsScreen
from agentdesk.tui.widgets.figure_charts import FigureCharts
from tests.tui.fake_desk import EVA, START, FakeDesk, running, screen_text, settle, toasts
from tests.tui.fake_supervision import item

SIZES = [(40, 12), (80, 24), (140, 40), (200, 60)]


@pytest.fixture
def desk(fake: FakeDesk) -> FakeDesk:
    fake.actor = EVA
    fake.desktop = Desktop((), (), (), ())  # no toast of an offer over what is looked at
    return fake


@asynccontextmanager
async def on_screen(
    desk: FakeDesk, digit: str, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """One of the five screens, at rest."""
    async with running(desk, size) as (app, pilot):
        await press(pilot, "b", digit)
        yield app, pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Each key after what the last one began has ended."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def test_digits_and_brackets_lead_from_screen_to_screen(desk: FakeDesk) -> None:
    async with on_screen(desk, "1") as (app, pilot):
        assert isinstance(app.screen, WallboardScreen)
        for key, screen in (
            ("2", AgentsScreen),
            ("3", WorkItemsScreen),
            ("4", ChartsScreen),
            ("5", EffortScreen),
            ("right_square_bracket", WallboardScreen),
            ("left_square_bracket", EffortScreen),
        ):
            await press(pilot, key)
            assert isinstance(app.screen, screen)
        await press(pilot, "escape")
        assert app.screen is app.desk_screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("digit", ["2", "3", "4", "5"])
async def test_every_screen_fits(desk: FakeDesk, digit: str, size: tuple[int, int]) -> None:
    async with on_screen(desk, digit, size) as (app, _):
        assert "Wallboard" in screen_text(app)


@pytest.mark.parametrize(
    ("digit", "read"), [("2", "board"), ("3", "page"), ("4", "chart"), ("5", "effort")]
)
async def test_what_cannot_be_read_is_told_and_the_screen_stays(
    desk: FakeDesk, digit: str, read: str
) -> None:
    desk.supervision.errors[read] = StorageProblem("The database is busy.")
    async with on_screen(desk, digit) as (app, _):
        assert "The database is busy." in toasts(app)
        assert app.screen is not app.desk_screen


# Agents


async def test_an_agent_is_shown_with_what_they_hold(desk: FakeDesk) -> None:
    async with on_screen(desk, "2", (160, 40)) as (app, pilot):
        text = screen_text(app)
        for words in ("● Available", "1:01:00", "2/4 ▰▰▱▱", "German 3", "Invoice 88", "On Hold"):
            assert words in text
        assert "Order 5512 [/late]" in text
        await press(pilot, "down")
        assert "Nothing in hand." in screen_text(app)


async def test_what_an_agent_holds_is_read_without_being_marked_as_read(desk: FakeDesk) -> None:
    async with on_screen(desk, "2") as (app, pilot):
        await press(pilot, "enter", "down", "enter")
        assert isinstance(app.screen, ReadingScreen)
        assert app.screen.pane.number == "IMS0000119"
        await press(pilot, "escape", "escape", "v")
        assert isinstance(app.screen, ReadingScreen)


async def test_a_conversation_can_be_taken_to_the_desk(desk: FakeDesk) -> None:
    async with on_screen(desk, "2") as (app, pilot):
        await press(pilot, "v", "t")
        assert app.screen is app.desk_screen
        assert app.desk_screen.tabs.workspace.active == 123


async def test_the_presence_of_an_agent_is_set(desk: FakeDesk) -> None:
    async with on_screen(desk, "2") as (_, pilot):
        await press(pilot, "p", "2")
        assert desk.supervision.calls_of("set_presence_of") == [(AgentId(1), "lunch")]


async def test_capacity_is_overridden_for_twelve_hours(desk: FakeDesk) -> None:
    async with on_screen(desk, "2") as (app, pilot):
        await press(pilot, "c")
        app.screen.query_one("#capacity", Input).value = "7"
        await press(pilot, "enter")
        until = START + timedelta(hours=12)
        assert desk.supervision.calls_of("override_capacity") == [(AgentId(1), 7, until)]


@pytest.mark.parametrize(("field", "value"), [("capacity", ""), ("hours", "0"), ("hours", "9999")])
async def test_an_override_without_sense_is_refused_in_the_dialog(
    desk: FakeDesk, field: str, value: str
) -> None:
    async with on_screen(desk, "2") as (app, pilot):
        await press(pilot, "c")
        app.screen.query_one(f"#{field}", Input).value = value
        await press(pilot, "enter")
        assert "Write" in screen_text(app)
        await press(pilot, "escape")
        assert desk.supervision.calls_of("override_capacity") == []


async def test_an_override_is_shown_and_ended(desk: FakeDesk) -> None:
    async with on_screen(desk, "2") as (app, pilot):
        await press(pilot, "e")
        assert desk.supervision.calls_of("end_override") == []
        desk.supervision.change_agent(0, override_until=START + timedelta(hours=3), capacity=9)
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert "Capacity 9 until 12:41" in screen_text(app)
        await press(pilot, "e")
        assert desk.supervision.calls_of("end_override") == [(AgentId(1),)]


async def test_what_an_agent_has_is_read_again_when_it_may_have_changed(desk: FakeDesk) -> None:
    async with on_screen(desk, "2") as (app, pilot):
        before = len(desk.supervision.calls_of("held"))
        app.post_message(RecordsChanged(Change(agents=frozenset({AgentId(2)}), last_seq=8)))
        await settle(pilot)
        assert len(desk.supervision.calls_of("held")) == before
        app.post_message(RecordsChanged(Change(agents=frozenset({AgentId(1)}), last_seq=9)))
        await settle(pilot)
        assert len(desk.supervision.calls_of("held")) == before + 1


async def test_why_not_this_agent_is_one_key(desk: FakeDesk) -> None:
    async with on_screen(desk, "2") as (app, pilot):
        await press(pilot, "y")
        assert "Why not Ana Ruiz" in screen_text(app)


# Work items


async def test_work_items_are_listed_with_their_number(desk: FakeDesk) -> None:
    async with on_screen(desk, "3") as (app, _):
        text = screen_text(app)
        for words in ("All that is open 500", "All queues", "Longest wait first", "10:00:00"):
            assert words in text
        assert "offered to Ana Ruiz" in text
        assert "needs attention" in text


async def test_filter_queue_and_order_are_chosen_from_lists(desk: FakeDesk) -> None:
    async with on_screen(desk, "3") as (app, pilot):
        await press(pilot, "f", "4", "c", "3", "o", "2")
        assert desk.supervision.calls_of("page")[-1] == ("attention", QueueId(2), "", "priority")
        text = screen_text(app)
        for words in ("Needs attention 45", "Billing", "By priority"):
            assert words in text


async def test_words_find_work_items(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    from agentdesk.tui.screens import work_items

    monkeypatch.setattr(work_items, "CALM_S", 0.001)
    async with on_screen(desk, "3") as (app, pilot):
        await press(pilot, "slash", *"5123")
        await pilot.pause(0.05)
        await settle(pilot)
        assert "Where is order 5123?" in screen_text(app)
        assert "Where is order 5001?" not in screen_text(app)
        await press(pilot, "enter", "escape")
        assert app.screen is app.desk_screen


async def test_one_item_is_moved_without_a_question_and_taken_back(desk: FakeDesk) -> None:
    async with on_screen(desk, "3") as (app, pilot):
        await press(pilot, "m", "2")
        assert desk.supervision.calls_of("move") == [((0,), QueueId(2))]
        assert "1 work item moved. u undoes it." in toasts(app)
        await press(pilot, "u")
        ((steered,),) = desk.supervision.calls_of("undo")
        assert [u.work_item_id for u in steered.undo] == [0]
        await press(pilot, "u")
        assert len(desk.supervision.calls_of("undo")) == 1


@pytest.mark.parametrize(
    ("keys", "name", "args", "question"),
    [
        (("a", "1"), "assign", (AgentId(2),), "Offer 3 work items to Ben Ito?"),
        (("r",), "requeue", (), "Requeue 3 work items?"),
        (("m", "1"), "move", (QueueId(1),), "Move 3 work items to Returns?"),
        (("p", "1"), "set_priority", (1,), "Give 3 work items priority 1?"),
        (("x",), "cancel", (), "Cancel 3 work items?"),
    ],
)
async def test_several_are_steered_after_one_question(
    desk: FakeDesk, keys: tuple[str, ...], name: str, args: tuple[Any, ...], question: str
) -> None:
    async with on_screen(desk, "3") as (app, pilot):
        await press(pilot, "space", "space", "space")
        assert "3 marked" in screen_text(app)
        await press(pilot, *keys)
        assert question in screen_text(app)
        await press(pilot, "n")
        assert desk.supervision.calls_of(name) == []
        await press(pilot, *keys, "y")
        assert desk.supervision.calls_of(name) == [((0, 1, 2), *args)]
        assert "3 marked" not in screen_text(app)


async def test_what_was_refused_is_named(desk: FakeDesk) -> None:
    desk.supervision.refused = (Refusal("IMS0001001", "It was taken already."),)
    async with on_screen(desk, "3") as (app, pilot):
        await press(pilot, "space", "space", "r", "y")
        said = "1 work item requeued. IMS0001001: It was taken already."
        assert toasts(app) == [said]


async def test_canceling_one_is_asked_for(desk: FakeDesk) -> None:
    async with on_screen(desk, "3") as (app, pilot):
        await press(pilot, "x")
        assert "Cancel 1 work item?" in screen_text(app)
        await press(pilot, "y")
        assert desk.supervision.calls_of("cancel") == [((0,),)]


async def test_all_shown_are_marked_and_escape_lets_them_go(desk: FakeDesk) -> None:
    desk.supervision.items = [item(n) for n in range(7)]
    async with on_screen(desk, "3") as (app, pilot):
        await press(pilot, "asterisk")
        assert "7 marked" in screen_text(app)
        await press(pilot, "escape")
        assert "marked" not in screen_text(app)
        assert isinstance(app.screen, WorkItemsScreen)


async def test_an_item_is_read_and_explained(desk: FakeDesk) -> None:
    async with on_screen(desk, "3") as (app, pilot):
        await press(pilot, "enter")
        assert isinstance(app.screen, ReadingScreen)
        await press(pilot, "escape", "y")
        assert "everybody who may take it is at capacity" in screen_text(app)


async def test_nothing_that_waits_is_said(desk: FakeDesk) -> None:
    desk.supervision.items = []
    async with on_screen(desk, "3") as (app, pilot):
        assert "Nothing waits." in screen_text(app)
        await press(pilot, "f", "4")
        assert "Nothing waits that these filters find." in screen_text(app)


# Charts


async def test_charts_of_three_ranges(desk: FakeDesk) -> None:
    async with on_screen(desk, "4") as (app, pilot):
        text = screen_text(app)
        for words in ("Arrivals", "Backlog", "Handling time, minutes", "Billing", "last 4 hours"):
            assert words in text
        await press(pilot, "r", "r")
        assert "last 7 days" in screen_text(app)
        await press(pilot, "r")
        assert [call[0] for call in desk.supervision.calls_of("chart")][-1] == 4


async def test_charts_without_work_say_what_will_be_there(desk: FakeDesk) -> None:
    starts = tuple(START - timedelta(minutes=15 * n) for n in range(16))[::-1]
    none = {"Returns": (0,) * 16}
    desk.supervision.charts = lambda _: Chart(starts, none, none, (None,) * 16)
    async with on_screen(desk, "4") as (app, _):
        assert "Nothing came in the last 4 hours." in screen_text(app)
        assert app.screen.query_one(FigureCharts).has_class("-empty")


# Effort


async def test_effort_tells_intake_from_resolution_for_queues_and_agents(desk: FakeDesk) -> None:
    async with on_screen(desk, "5") as (app, pilot):
        text = screen_text(app)
        assert "last 7 days" in text
        returns = next(row for row in text.splitlines() if "Returns" in row).split()
        assert (
            " ".join(w for w in returns if "█" not in w)
            == "Returns 41 10 h 41 16 min 6 6 h 00 1 h 00"
        )
        assert "Ana Ruiz" in text
        await press(pilot, "r", "r")
        spans = [call[0] for call in desk.supervision.calls_of("effort")]
        assert (spans[0], spans[-1]) == (timedelta(days=7), timedelta(days=1))
        assert "last 24 hours" in screen_text(app)


async def test_no_effort_yet_says_so(desk: FakeDesk) -> None:
    desk.supervision.efforts = lambda since, until: EffortReport(since, until, (), ())
    async with on_screen(desk, "5") as (app, _):
        assert "Nothing was finished in this time." in screen_text(app)


async def test_the_wallboard_tells_of_cases_that_are_near_or_overdue(desk: FakeDesk) -> None:
    async with on_screen(desk, "1") as (app, _):
        assert "overdue" not in screen_text(app)
    desk.supervision.board = replace(desk.supervision.board, cases=CaseFigures(12, 3, 1))
    async with on_screen(desk, "1") as (app, _):
        assert "12 cases open  3 near their target  1 overdue" in screen_text(app)


# The wall


async def test_the_wall_turns_its_pages_and_any_key_leaves(desk: FakeDesk) -> None:
    async with on_screen(desk, "1") as (app, pilot):
        await press(pilot, "W")
        wall = app.screen
        assert isinstance(wall, WallScreen)
        assert "closed, opens Tue 09:41" in screen_text(app)
        for words in ("Ana Ruiz", "Arrivals", "Returns"):
            wall.turn()
            await settle(pilot)
            assert words in screen_text(app)
        assert "palette" not in screen_text(app)
        await press(pilot, "q")
        assert isinstance(app.screen, WallboardScreen)


@pytest.mark.parametrize("size", SIZES)
async def test_the_wall_fits_every_screen(desk: FakeDesk, size: tuple[int, int]) -> None:
    async with on_screen(desk, "1", size) as (app, pilot):
        await press(pilot, "W")
        wall = app.screen
        assert isinstance(wall, WallScreen)
        for _ in range(4):
            wall.turn()
            await settle(pilot)
            screen_text(app)

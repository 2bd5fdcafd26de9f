"""The lists of interactions: five of them, a search box, enter opens."""

from typing import Any

import pytest
from textual.widgets import Input

from agentdesk.domain.errors import CapacityExceeded
from agentdesk.domain.feed import Change
from agentdesk.tui.app import DeskApp
from agentdesk.tui.dialogs.why import WhyDialog
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens import rows_screen
from agentdesk.tui.screens.lists import LISTS, ListsScreen
from agentdesk.tui.widgets.list_choice import ListChoice
from tests.tui.fake_desk import (
    HOSTILE,
    FakeDesk,
    ago,
    list_row,
    running,
    screen_text,
    settle,
    toasts,
)
from tests.tui.fake_routing import wrap_up_row


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_screen, "CALM_S", 0.01)


def the_lists(app: DeskApp) -> ListsScreen:
    assert isinstance(app.screen, ListsScreen)
    return app.screen


def asked(fake: FakeDesk) -> list[tuple[str, str]]:
    """(list, words) of each read."""
    return [(which, words) for which, words, *_ in fake.calls_of("interactions")]


async def test_search_opens_with_the_focus_in_its_box(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/")
        await settle(pilot)
        assert isinstance(app.focused, Input)
        assert asked(fake) == [("all", "")]
        assert "Question about order 499" in screen_text(app)


async def test_typing_searches_after_a_pause(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/", *"499")
        await pilot.pause(0.05)
        await settle(pilot)
        assert asked(fake)[-1] == ("all", "499")
        assert "Question about order 498" not in screen_text(app)
        assert "Question about order 499" in screen_text(app)


async def test_what_is_not_found_is_said_in_a_sentence(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/", *"zebra")
        await pilot.pause(0.05)
        await settle(pilot)
        assert "Nothing here. Other words or another list may find it." in screen_text(app)


async def test_enter_goes_to_the_rows_and_enter_again_opens_one(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/", "enter", "down", "down", "enter")
        await settle(pilot)
        assert app.screen is app.desk_screen
        assert app.desk_screen.tabs.workspace.active == 497
        assert app.desk_screen.tabs.workspace.tabs[0].number == "IMS0000497"


async def test_a_click_on_a_row_opens_it(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/")
        await settle(pilot)
        await pilot.click("#rows", offset=(20, 3))
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active == 497


@pytest.mark.parametrize(("place", "which"), list(enumerate(list(LISTS)[:5], 1)))
async def test_a_digit_chooses_a_list(fake: FakeDesk, place: int, which: str) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/", "enter", str(place))
        await settle(pilot)
        assert asked(fake)[-1] == (which, "")
        assert the_lists(app).query_one(ListChoice).chosen_list == which


async def test_brackets_go_round_the_lists(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/", "enter")
        seen = []
        for key in ["]"] * 7 + ["["]:
            await pilot.press(key)
            await settle(pilot)
            seen.append(the_lists(app).query_one(ListChoice).chosen_list)
        assert seen == [*[*LISTS][1:], "all", "wrap_ups"]


async def test_a_click_on_a_name_chooses_its_list(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/")
        await settle(pilot)
        line = screen_text(app).splitlines()[0]
        await pilot.click(ListChoice, offset=(line.index("Closed"), 0))
        await settle(pilot)
        assert asked(fake)[-1] == ("closed", "")


async def test_escape_goes_back_and_opens_nothing(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is app.desk_screen
        assert app.desk_screen.tabs.workspace.active is None


async def test_slash_in_the_rows_goes_to_the_box(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/", "enter")
        assert not isinstance(app.focused, Input)
        assert "⏎ open" in screen_text(app)
        await pilot.press("/")
        await settle(pilot)
        assert isinstance(app.focused, Input)
        assert app.focused.value == ""


async def test_changes_show_at_once(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/")
        await settle(pilot)
        fake.rows.append(list_row(999, subject="Just now", changed_at=ago(1)))
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert "Just now" in screen_text(app)
        assert "09:40" in screen_text(app)


async def test_the_last_row_is_one_key_away(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("/", "enter", "end")
        await settle(pilot)
        assert "Question about order 0" in screen_text(app)


@pytest.mark.parametrize("width", [40, 80, 110, 200])
async def test_the_columns_fit_the_width(fake: FakeDesk, width: int) -> None:
    async with running(fake, (width, 24)) as (app, pilot):
        await pilot.press("/")
        await settle(pilot)
        text = screen_text(app)
        assert ("Owner" in text) == (width >= 111)
        assert "Changed" in text


async def test_hostile_words_leave_the_screen_whole(fake: FakeDesk) -> None:
    fake.rows = [
        list_row(n, subject=words, customer=words, owner=words, queue=words, number=words)
        for n, words in enumerate(HOSTILE)
    ]
    async with running(fake) as (app, pilot):
        await pilot.press("/")
        await settle(pilot)
        assert "Re: [/order] [bold" in screen_text(app)
        assert "\x1b" not in screen_text(app)


# Waiting work


async def waiting_list(app: DeskApp, pilot: Any) -> ListsScreen:
    await pilot.press("N")
    await settle(pilot)
    return the_lists(app)


async def test_what_may_be_taken_is_one_key_away_and_says_how_long_it_waits(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await waiting_list(app, pilot)
        text = screen_text(app)
        assert "Where is order 4401?" in text
        assert "German 3" in text
        assert "m take" in text


async def test_m_takes_the_highlighted_work_and_opens_it(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await waiting_list(app, pilot)
        await pilot.press("down", "m")
        await settle(pilot)
        assert fake.calls_of("assign_to_me") == [(602,)]
        assert app.screen is app.desk_screen
        assert app.desk_screen.tabs.workspace.active == 602


async def test_work_that_cannot_be_taken_stays_with_the_sentence_why(fake: FakeDesk) -> None:
    fake.errors["assign_to_me"] = CapacityExceeded("You are at 4 of 4. Close something first.")
    async with running(fake) as (app, pilot):
        await waiting_list(app, pilot)
        await pilot.press("m")
        await settle(pilot)
        assert "You are at 4 of 4. Close something first." in toasts(app)
        assert isinstance(app.screen, ListsScreen)


async def test_enter_opens_waiting_work_without_taking_it(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await waiting_list(app, pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert fake.calls_of("assign_to_me") == []
        assert app.desk_screen.tabs.workspace.active == 601


async def test_why_it_waits_is_one_key_away(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await waiting_list(app, pilot)
        await pilot.press("W")
        await settle(pilot)
        assert fake.calls_of("why") == [(1,)]
        assert isinstance(app.screen, WhyDialog)


# Wrap-ups


async def test_the_wrap_ups_of_this_agent_begin_with_the_running_one(fake: FakeDesk) -> None:
    async with running(fake, (140, 40)) as (app, pilot):
        await pilot.press("U")
        await settle(pilot)
        lines = screen_text(app).splitlines()
        first = next(n for n, line in enumerate(lines) if "Login loop" in line)
        assert lines[first].endswith("1:12")
        assert "new invoice sent" in lines[first + 1]
        assert "timed out" in lines[first + 1]
        fake.clock.turn(10)
        app.ticked.publish(app.now())
        await settle(pilot)
        assert screen_text(app).splitlines()[first].endswith("1:02")


async def test_a_wrap_up_opens_its_interaction(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("U", "down", "enter")
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active == 701


async def test_only_what_waits_can_be_taken(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("U", "m")
        await settle(pilot)
        assert fake.calls_of("assign_to_me") == []
        assert "m take" not in screen_text(app)


async def test_hostile_notes_leave_the_wrap_ups_whole(fake: FakeDesk) -> None:
    fake.routing.wrap_ups = [
        wrap_up_row(n, subject=words, customer=words, notes=words, code=words)
        for n, words in enumerate(HOSTILE)
    ]
    async with running(fake) as (app, pilot):
        await pilot.press("U")
        await settle(pilot)
        assert "Re: [/order] [bold" in screen_text(app)
        assert "\x1b" not in screen_text(app)

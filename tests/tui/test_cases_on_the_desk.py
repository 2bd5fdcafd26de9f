"""Cases on the desk: the section of the work list, toasts, lists, keys of the active tab."""

from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Input

from agentdesk.domain.case import CaseState
from agentdesk.domain.case_views import Target, TargetMood
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import CaseId, InteractionId
from agentdesk.domain.views import Desktop, Tab, Workspace
from agentdesk.tui import actions, news, tabs
from agentdesk.tui.messages import CaseMade, RecordsChanged, ThreadBecame
from agentdesk.tui.panes.work_lines import items, lines
from agentdesk.tui.screens import rows_screen
from agentdesk.tui.screens.cases import LISTS, CasesScreen
from agentdesk.tui.widgets.line import width_of
from tests.tui.fake_cases import CS, NUMBER, case_row, level
from tests.tui.fake_desk import (
    HOSTILE,
    START,
    FakeDesk,
    busy_desktop,
    fake_pane,
    running,
    screen_text,
    settle,
    toasts,
)

WITH_CASES = replace(
    busy_desktop(),
    cases=(
        case_row(7, unread=2, customer="Mara Olsen", subject="Lamp series 12"),
        case_row(8, state=CaseState.AWAITING_INFO),
    ),
)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_screen, "CALM_S", 0.01)


# The work list


def test_a_case_tells_what_is_new_and_what_ends_first() -> None:
    found = lines(WITH_CASES, START, 44)
    text = ["".join(piece.words for piece in line.pieces).rstrip() for line in found]
    at = next(y for y, line in enumerate(text) if "CASES 2" in line)
    assert text[at + 1].split() == ["•", "Lamp", "series", "12", "2", "new"]
    assert text[at + 2].strip().startswith("Mara Olsen")
    assert text[at + 2].endswith("next response 55:00")
    assert text[at + 4].endswith("Awaiting Info")
    countdown = found[at + 2].pieces[-2]
    assert countdown.style == "bold $late"


@pytest.mark.parametrize("width", [20, 31, 60])
def test_cases_fit_any_width(width: int) -> None:
    rows = tuple(case_row(n, subject=bad, customer=bad) for n, bad in enumerate(HOSTILE, 1))
    for line in lines(replace(WITH_CASES, cases=rows), START, width):
        assert width_of(line.pieces) <= width


async def test_a_case_opens_from_the_work_list_and_its_tab_is_marked(fake: FakeDesk) -> None:
    fake.desktop = WITH_CASES
    async with running(fake) as (app, pilot):
        await pilot.press("i")
        app.desk_screen.parts.work_list.highlight("case:7")
        await pilot.press("enter")
        await settle(pilot)
        assert fake_pane(app).number == NUMBER
        assert "CS0000007 •2" in screen_text(app)
        assert not app.desk_screen.dispatch.can_perform("show_why")


def test_every_case_is_one_record_of_the_list() -> None:
    keys = [item.key for item in items(lines(WITH_CASES, START, 40))]
    assert keys.count("case:7") == keys.count("case:8") == 1


# Toasts


def told(before: Desktop, after: Desktop, active: Any = None) -> list[tuple[str, bool]]:
    return [(each.title, each.bad) for each in news.of_desktop(before, after, active)]


def with_case(**changes: Any) -> Desktop:
    return replace(busy_desktop(), cases=(case_row(7, customer="Mara Olsen", **changes),))


def test_mail_in_a_case_is_told_unless_it_is_looked_at() -> None:
    before, after = with_case(), with_case(unread=1)
    assert told(before, after) == [("Mara Olsen wrote", False)]
    assert told(before, after, CS) == []
    assert told(after, after) == []


def test_a_case_that_is_given_to_somebody_is_told() -> None:
    assert told(busy_desktop(), with_case()) == [("A case is yours", False)]


@pytest.mark.parametrize(
    ("mood", "title", "bad"),
    [
        (TargetMood.WARNING, "Next response is near", False),
        (TargetMood.MISSED, "Next response is missed", True),
    ],
)
def test_a_service_level_is_told_once_also_where_it_is_looked_at(
    mood: TargetMood, title: str, bad: bool
) -> None:
    before = with_case()
    after = with_case(next_target=level(Target.NEXT_RESPONSE, 60, mood=mood))
    assert told(before, after, CS) == [(title, bad)]
    assert told(after, after) == []


async def test_a_case_that_one_made_oneself_is_no_news(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        app.desk_screen.post_message(CaseMade(CS))
        await settle(pilot)
        fake.desktop = with_case()
        app.post_message(RecordsChanged(Change(cases=frozenset({CS}))))
        await settle(pilot)
        assert "CASES 1" in screen_text(app)
        assert not [toast for toast in toasts(app) if "case" in toast]


# Tabs


def test_the_tab_of_an_interaction_becomes_that_of_its_case_at_its_place() -> None:
    one, two = Tab(InteractionId(123), "IMS0000123", 40), Tab(InteractionId(98), "IMS0000098")
    before = Workspace((one, two), one.thread_id)
    after = tabs.become(before, one.thread_id, CS, NUMBER)
    assert after == Workspace((Tab(CS, NUMBER), two), CS)


def test_a_case_that_had_a_tab_has_one_afterwards() -> None:
    one, two = Tab(InteractionId(123), "IMS0000123"), Tab(CS, NUMBER, 3)
    after = tabs.become(Workspace((one, two), one.thread_id), one.thread_id, CS, NUMBER)
    assert [tab.thread_id for tab in after.tabs] == [CS]
    assert after.active == CS


async def test_the_desk_puts_the_case_where_its_interaction_was(fake: FakeDesk) -> None:
    fake.workspace = Workspace((Tab(InteractionId(123), "IMS0000123"),), InteractionId(123))
    async with running(fake) as (app, pilot):
        app.desk_screen.tabs.post_message(ThreadBecame(InteractionId(123), CS, NUMBER))
        await settle(pilot)
        assert [t.number for t in app.desk_screen.tabs.workspace.tabs] == [NUMBER]
        assert fake_pane(app).number == NUMBER
        assert fake_pane(app).has_focus


# Lists


def the_cases(app: Any) -> CasesScreen:
    assert isinstance(app.screen, CasesScreen)
    return app.screen


async def test_every_list_of_cases_is_asked_for_by_its_name(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("J")
        await settle(pilot)
        for place in range(1, len(LISTS) + 1):
            await pilot.press(str(place))
            await settle(pilot)
        assert {which for which, _ in fake.cases.named("page")} == set(LISTS)
        assert not the_cases(app).check_action("take_row", ())


async def test_a_case_is_found_by_typing_and_opened_as_a_tab(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("J")
        await settle(pilot)
        await pilot.press("slash")
        assert isinstance(app.focused, Input)
        await pilot.press(*"series 33")
        await pilot.pause(0.05)
        await settle(pilot)
        assert fake.cases.named("page")[-1] == ("mine", "series 33")
        assert "CS0000033" in screen_text(app)
        assert "CS0000034" not in screen_text(app)
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert app.screen is app.desk_screen
        assert app.desk_screen.tabs.workspace.active == CaseId(33)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 40)])
async def test_the_list_tells_the_countdown_at_any_width(
    fake: FakeDesk, size: tuple[int, int]
) -> None:
    fake.cases.rows = tuple(
        case_row(n, subject=bad, customer=bad) for n, bad in enumerate(HOSTILE, 1)
    )
    async with running(fake, size) as (app, pilot):
        await pilot.press("J")
        await settle(pilot)
        assert "late 5:00" in screen_text(app)


# Keys


def test_a_key_of_a_case_may_be_one_that_only_an_interaction_has() -> None:
    assert actions.check_keymap({"watch_case": "h,t"})[1]
    assert actions.check_keymap({"toggle_details": "f8"})[1] == ()
    good, wrong = actions.check_keymap({"resolve_case": "r"})
    assert good == {}
    assert wrong == ("The key map gives r to resolve_case, but open_reply has it. Ignored.",)

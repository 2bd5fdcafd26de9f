"""One catalogue of actions behind keys, palette, footer and help."""

from itertools import combinations
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.dom import DOMNode
from textual.widgets import Static

from agentdesk.domain.actor import Role
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import Tab, Workspace
from agentdesk.tui import actions
from agentdesk.tui.actions import ACTIONS, BY_ID, Action, Scope, keys_of, shown_key
from agentdesk.tui.app import DeskApp
from agentdesk.tui.panes.case import CasePane
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.panes.work import WorkList, WorkPane
from agentdesk.tui.screens.account import AccountScreen
from agentdesk.tui.screens.agents import AgentsScreen
from agentdesk.tui.screens.centres import CentresScreen
from agentdesk.tui.screens.charts import ChartsScreen
from agentdesk.tui.screens.desk import DeskScreen
from agentdesk.tui.screens.help import HelpScreen
from agentdesk.tui.screens.lists import ListsScreen
from agentdesk.tui.screens.people import PeopleScreen
from agentdesk.tui.screens.person import PersonScreen
from agentdesk.tui.screens.quarantine import QuarantineScreen
from agentdesk.tui.screens.reading import ReadingScreen
from agentdesk.tui.screens.setup import SetupScreen
from agentdesk.tui.screens.templates import TemplatesScreen
from agentdesk.tui.screens.wallboard import WallboardScreen
from agentdesk.tui.screens.work_items import WorkItemsScreen
from agentdesk.tui.widgets.composer import Composer
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.summary import SummaryCard
from tests.tui.fake_desk import EVA, FakeDesk, fake_pane, running, screen_text, settle, toasts

HOMES: dict[Scope, tuple[type[DOMNode], ...]] = {
    Scope.APP: (DeskApp,),
    Scope.DESK: (DeskScreen,),
    Scope.INBOX: (WorkList, WorkPane),
    Scope.INTERACTION: (InteractionPane,),
    Scope.SUMMARY: (SummaryCard,),
    Scope.CASE: (CasePane,),
    Scope.COMPOSER: (Composer,),
    Scope.LISTS: (ListsScreen, WallboardScreen),
    Scope.SUPERVISOR: (WallboardScreen, ReadingScreen),
    Scope.AGENTS: (AgentsScreen,),
    Scope.WORK_ITEMS: (WorkItemsScreen,),
    Scope.CHARTS: (ChartsScreen,),
    Scope.QUARANTINE: (QuarantineScreen,),
    Scope.SETUP: (SetupScreen,),
    Scope.PEOPLE: (PeopleScreen,),
    Scope.RECORD: (PersonScreen, AccountScreen),
    Scope.TEMPLATES: (TemplatesScreen,),
    Scope.CENTRES: (CentresScreen,),
}
OPEN_TAB = Workspace((Tab(InteractionId(123), "IMS0000123"),), InteractionId(123))
SAME_KEY = {frozenset({"accept_offer", "open_interaction"}), frozenset({"R", "f5"})}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_is_done_by_a_method_at_its_home(action: Action) -> None:
    assert any(hasattr(home, f"action_{action.id}") for home in HOMES[action.scope])


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_explains_itself(action: Action) -> None:
    assert action.label
    assert action.help
    assert not action.help.endswith(".")
    assert bool(action.words) == (action.footer > 0)


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(ACTIONS)


def test_no_two_actions_hear_the_same_key_at_the_same_place() -> None:
    for one, other in combinations(ACTIONS, 2):
        if frozenset({one.id, other.id}) in SAME_KEY:
            continue  # on rows of different kinds
        if actions._both_hear(one, other):
            assert not set(keys_of(one, {})) & set(keys_of(other, {})), f"{one.id} {other.id}"


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_keys_reach_the_desk_through_ssh_and_tmux(action: Action) -> None:
    """Not those that are other keys on the wire, or that tmux, screen and job control take."""
    taken = {f"ctrl+{letter}" for letter in "imjhzsbac["}
    assert not taken & set(keys_of(action, {}))


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("ctrl+k", "^K"),
        ("question_mark", "?"),
        ("?", "?"),
        ("enter", "⏎"),
        ("f5", "F5"),
        ("G", "G"),
        ("escape", "esc"),
    ],
)
def test_keys_are_shown_as_people_write_them(key: str, shown: str) -> None:
    assert shown_key(key) == shown


# Key maps


@pytest.mark.parametrize(
    ("keymap", "sentence"),
    [
        ({"dance": "d"}, "The key map names 'dance', which is no action."),
        ({"open_reply": " , "}, "The key map gives open_reply no key."),
        ({"open_reply": "q"}, "The key map gives q to open_reply, but close_tab has it. Ignored."),
        ({"open_reply": "?"}, "The key map gives ? to open_reply, but show_help has it. Ignored."),
        (
            {"quit_desk": "x"},
            "quit_desk works inside text fields too, so its key must be a ctrl or F key.",
        ),
    ],
)
def test_an_unusable_entry_of_the_key_map_is_named(keymap: dict[str, str], sentence: str) -> None:
    good, wrong = actions.check_keymap(keymap)
    assert good == {}
    assert wrong == (sentence,)


def test_two_actions_may_swap_their_keys() -> None:
    keymap = {"open_reply": "n", "open_note": "r"}
    assert actions.check_keymap(keymap) == (keymap, ())


async def test_remapped_keys_are_heard_shown_and_explained(fake: FakeDesk) -> None:
    fake.workspace = OPEN_TAB
    keymap = {"open_reply": "ctrl+y", "show_help": "f10", "accept_offer": "u"}
    async with running(fake, keymap=keymap) as (app, pilot):
        await pilot.press("r", "question_mark")
        assert fake_pane(app).done == []
        await pilot.press("ctrl+y")
        assert fake_pane(app).done == ["open_reply"]
        assert "^Y reply" in screen_text(app)
        await pilot.press("f10")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert "^Y  Reply" in screen_text(app)


async def test_remapping_accept_leaves_enter_to_open_work(fake: FakeDesk) -> None:
    async with running(fake, keymap={"accept_offer": "u"}) as (app, pilot):
        await pilot.press("enter")
        assert fake.calls_of("accept") == []
        await pilot.press("u")
        await settle(pilot)
        assert fake.calls_of("accept") == [(1,)]
        await pilot.press("i", "down", "enter")
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active == 123


async def test_a_faulty_key_map_is_told_in_one_toast(fake: FakeDesk) -> None:
    async with running(fake, keymap={"dance": "d", "open_reply": "q"}) as (app, _):
        told = [toast for toast in toasts(app) if toast.startswith("Keys")]
        assert len(told) == 1
        assert "dance" in told[0]
        assert "open_reply" in told[0]


# Footer


@pytest.mark.parametrize("width", [12, 40, 80, 140, 200])
async def test_the_footer_fits_and_keeps_what_matters_most(fake: FakeDesk, width: int) -> None:
    async with running(fake, (width, 30)) as (app, _):
        footer = app.screen.query_one(DeskFooter)
        line = footer.render_line(0)
        assert line.cell_length == footer.size.width
        assert line.text.startswith("⏎")


async def test_the_footer_shows_what_can_be_done_where_the_focus_is(fake: FakeDesk) -> None:
    fake.workspace = OPEN_TAB
    async with running(fake) as (app, pilot):
        footer = app.screen.query_one(DeskFooter)
        assert "r reply" in footer.render_line(0).text
        assert "accept" not in footer.render_line(0).text
        await pilot.press("i")
        assert "⏎ accept" in footer.render_line(0).text
        assert "r reply" not in footer.render_line(0).text
        await pilot.press("down")
        assert "⏎ open" in footer.render_line(0).text


async def test_a_click_in_the_footer_does_what_the_key_does(fake: FakeDesk) -> None:
    fake.workspace = OPEN_TAB
    async with running(fake) as (app, pilot):
        text = app.screen.query_one(DeskFooter).render_line(0).text
        await pilot.click(DeskFooter, offset=(1 + text.index("help"), 0))
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)


# Palette


async def choose(pilot: Any, words: str) -> None:
    """Type *words* into the palette and take the first hit."""
    await pilot.press("ctrl+p")
    await pilot.pause()
    await pilot.press(*(letter if letter != " " else "space" for letter in words))
    await pilot.pause(0.3)
    await pilot.press("enter")
    await settle(pilot)


async def test_the_palette_does_an_action_of_the_active_tab(fake: FakeDesk) -> None:
    fake.workspace = OPEN_TAB
    async with running(fake) as (app, pilot):
        await choose(pilot, "close and wrap")
        assert fake_pane(app).done == ["close_interaction"]


async def test_the_palette_accepts_the_highlighted_offer(fake: FakeDesk) -> None:
    async with running(fake) as (_, pilot):
        await choose(pilot, "accept offer")
        assert fake.calls_of("accept") == [(1,)]


async def test_the_palette_opens_inside_text_fields(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("slash")
        await settle(pilot)
        await pilot.press("ctrl+p")
        await pilot.pause()
        assert isinstance(app.screen, CommandPalette)


@pytest.mark.parametrize("key", ["ctrl+p", "ctrl+k"])
async def test_either_key_opens_the_palette(fake: FakeDesk, key: str) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(app.screen, CommandPalette)


async def offered_by_palette(app: DeskApp) -> set[str]:
    from agentdesk.tui.palette import ActionCommands

    hits = [hit async for hit in ActionCommands(app.screen).discover()]
    return {str(hit.text) for hit in hits}


async def test_only_supervisors_are_offered_the_wallboard(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        assert "Show wallboard" not in await offered_by_palette(app)
        await pilot.press("b")
        await pilot.pause()
        assert app.screen is app.desk_screen
    fake.actor = EVA
    async with running(fake) as (app, _):
        assert "Show wallboard" in await offered_by_palette(app)


async def test_the_palette_offers_only_what_is_possible(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        offered = await offered_by_palette(app)
        assert {"Accept offer", "Quit", "Set presence", "Find interactions"} <= offered
        assert not {"Reply", "Close tab", "Try to open again", "Open", "Send"} & offered
        await pilot.press("slash")
        await settle(pilot)
        assert {"Open", "Back to the desk", "Quit"} <= await offered_by_palette(app)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
async def test_performing_never_fails_whatever_is_open(fake: FakeDesk, action: Action) -> None:
    async with running(fake) as (app, pilot):
        await app.desk_screen.dispatch.perform(action.id)
        await settle(pilot)


# Help


async def test_help_names_every_action_that_this_role_has(fake: FakeDesk) -> None:
    async with running(fake, (140, 60)) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        text = "\n".join(str(each.render()) for each in app.screen.query(Static))
        for action in ACTIONS:
            if action.id != "retry_opening":
                assert (action.label in text) == action.may(Role.AGENT), action.id


@pytest.mark.parametrize("key", ["escape", "q", "question_mark"])
async def test_help_closes_with_the_keys_that_people_try(fake: FakeDesk, key: str) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert app.screen is app.desk_screen

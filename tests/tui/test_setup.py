"""The routing setup screen: written, checked, saved and restored by keys."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static, TextArea

from agentdesk.domain.actor import Role
from agentdesk.domain.feed import Change
from agentdesk.tui.app import DeskApp
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens.desk import DeskScreen
from agentdesk.tui.screens.setup import SetupScreen
from agentdesk.tui.setup_draft import Place
from agentdesk.tui.widgets.outline import Outline
from tests.desks import World
from tests.tui.fake_desk import (
    ANA,
    EVA,
    IVO,
    FakeDesk,
    desk_app,
    running,
    screen_text,
    settle,
    toasts,
)
from tests.tui.pane_host import until
from tests.tui.test_shell_real import sitting

SMALL = (80, 24)


@pytest.fixture
def admin(fake: FakeDesk) -> FakeDesk:
    fake.actor = IVO
    return fake


@asynccontextmanager
async def editing(
    fake: FakeDesk, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """The screen, open and at rest."""
    async with running(fake, size) as (app, pilot):
        await press(pilot, "A")
        yield app, pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys one after the other, and rest."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
        saving = [w for w in pilot.app.workers if w.group == "save" and not w.is_finished]
        if saving and not pilot.app.screen.is_modal:
            await pilot.app.workers.wait_for_complete(saving)
            await settle(pilot)


async def write(pilot: Pilot[None], line: str) -> None:
    """A line at the end of the highlighted item, checked."""
    editor = pilot.app.screen.query_one(TextArea)
    editor.focus()
    editor.move_cursor(editor.document.end)
    editor.insert(line)
    await settle(pilot)
    await checked(pilot)


async def checked(pilot: Pilot[None]) -> None:
    """Until what was written is checked."""
    screen = pilot.app.screen
    assert isinstance(screen, SetupScreen)
    screen._checking.ask()
    await settle(pilot)


def told(app: DeskApp) -> str:
    return str(app.screen.query_one("#told", Static).render())


def editor(app: DeskApp) -> TextArea:
    return app.screen.query_one(TextArea)


async def test_only_admins_get_there(fake: FakeDesk) -> None:
    for actor in (ANA, EVA):
        fake.actor = actor
        async with running(fake) as (app, pilot):
            await press(pilot, "A")
            assert isinstance(app.screen, DeskScreen)


@pytest.mark.parametrize("size", [SMALL, (140, 40)])
async def test_each_item_is_shown_as_its_toml(admin: FakeDesk, size: tuple[int, int]) -> None:
    async with editing(admin, size) as (app, pilot):
        text = screen_text(app)
        assert "Queues 2" in text
        assert "version 1, by agentdesk" in text
        await press(pilot, "down", "down")
        assert editor(app).text.startswith('[[queues]]\nkey = "sales"\nname = "Sales [/order]"')
        await press(pilot, "]")
        assert editor(app).read_only
        assert told(app).startswith("Somebody who answers customers.")
        await press(pilot, "[", "[")
        assert editor(app).text == "[routing]\n"


async def test_help_is_about_the_line_with_the_cursor(admin: FakeDesk) -> None:
    async with editing(admin) as (app, pilot):
        await press(pilot, "down", "down", "enter", "down", "down", "down")
        assert told(app).startswith("goal: a whole number from 1 to 100. The percentage")
        await press(pilot, "escape")
        assert "Keys: key, name, order" in told(app)


async def test_a_mistake_is_told_with_its_line_while_it_is_written(admin: FakeDesk) -> None:
    async with editing(admin) as (app, pilot):
        await press(pilot, "down", "down")
        await write(pilot, 'rule = "most_capacit"\n')
        assert '✗ line 5: queues[2].rule is "most_capacit"; use "most_capacity" or' in told(app)
        assert "1 problem" in screen_text(app)
        await press(pilot, "escape", "up")
        assert "✗ sales, line 5: queues[2].rule" in told(app)
        await press(pilot, "f2")
        assert any("Nothing was saved" in toast for toast in toasts(app))
        assert editor(app).text.endswith('"most_capacit"\n')
        assert len(admin.setup.versions) == 1


async def test_typing_is_checked_by_itself_after_a_moment(admin: FakeDesk) -> None:
    async with editing(admin) as (app, pilot):
        await press(pilot, "down", "enter", "x")
        await until(pilot, lambda: "must begin with [[queues]]" in told(app))


async def test_a_queue_that_nobody_can_serve_is_loud_and_not_refused(admin: FakeDesk) -> None:
    async with editing(admin) as (app, pilot):
        await press(pilot, "down", "down")
        await write(pilot, "size = 900\n")
        assert "! line 1: queues[2]" in told(app)
        assert "can be served by nobody: its work takes 900" in told(app)
        assert "1 warning" in screen_text(app)
        await press(pilot, "f2")
        assert "To be looked at:" in screen_text(app)
        await press(pilot, "y")
        assert admin.setup.held.queues[1].size == 900


async def test_saving_says_what_changes_and_asks_once(admin: FakeDesk) -> None:
    async with editing(admin) as (app, pilot):
        await press(pilot, "down", "down")
        await write(pilot, "order = 5\n")
        assert "1 change not saved" in screen_text(app)
        await press(pilot, "f2")
        assert isinstance(app.screen, ConfirmDialog)
        assert "· queue sales: order usual → 5" in screen_text(app)
        await press(pilot, "n")
        assert len(admin.setup.versions) == 1
        await press(pilot, "escape", "w", "y")
        assert admin.setup.held.queues[1].position == 5
        assert admin.setup.versions[-1][1] == "Ivo Admin"
        assert "version 2, by Ivo Admin" in screen_text(app)
        assert app.screen.query_one(Outline).row == Place("queues", 1)


async def test_items_are_added_named_anew_moved_and_removed(admin: FakeDesk) -> None:
    async with editing(admin) as (app, pilot):
        await press(pilot, "down", "d", "J", "x", "u", "escape")
        await press(pilot, "A", "n")
        assert editor(app).has_focus
        assert editor(app).text.startswith('[[queues]]\nkey = "queue-1"')
        await press(pilot, "escape", "f2", "y")
        keys = [queue.key for queue in admin.setup.held.queues]
        assert keys == ["support", "sales", "support-1", "queue-1"]


async def test_what_is_not_saved_is_there_the_next_time(admin: FakeDesk) -> None:
    async with editing(admin) as (app, pilot):
        await press(pilot, "down", "x", "escape")
        assert isinstance(app.screen, DeskScreen)
        assert any("kept until you quit" in toast for toast in toasts(app))
        await press(pilot, "A")
        assert "Queues 1" in screen_text(app)
        await press(pilot, "D")
        assert isinstance(app.screen, ConfirmDialog)
        await press(pilot, "y")
        assert "Queues 2" in screen_text(app)
        await press(pilot, "escape", "A")
        assert "Queues 2" in screen_text(app)


async def test_an_earlier_version_is_restored_once_its_changes_were_seen(admin: FakeDesk) -> None:
    async with editing(admin) as (app, pilot):
        await press(pilot, "down", "down", "x", "f2", "y")
        assert len(admin.setup.held.queues) == 1
        await press(pilot, "h")
        assert app.screen.query_one(OptionList).option_count == 2
        await press(pilot, "2")
        assert "· queue sales is new" in screen_text(app)
        await press(pilot, "y")
        assert len(admin.setup.held.queues) == 2
        assert "version 3, by Ivo Admin" in screen_text(app)


async def test_somebody_elses_save_is_shown_at_once_or_told(admin: FakeDesk) -> None:
    async with editing(admin) as (app, pilot):
        admin.setup.versions.append((admin.setup.held, "Eva Brandt"))
        app.post_message(RecordsChanged(Change(policy=True)))
        await settle(pilot)
        assert "version 2, by Eva Brandt" in screen_text(app)
        await press(pilot, "down", "x")
        admin.setup.versions.append((admin.setup.held, "Uma Park"))
        app.post_message(RecordsChanged(Change(policy=True)))
        await settle(pilot)
        assert any("changed meanwhile, by Uma Park" in toast for toast in toasts(app))
        assert "Queues 1" in screen_text(app)
        await press(pilot, "f2", "y")
        assert len(admin.setup.versions) == 3
        assert "Queues 1" in screen_text(app)


async def test_on_the_real_desk_it_is_in_force_at_once(world: World) -> None:
    agents = tuple(
        a if a.login != "sue" else type(a)("sue", "Sue Lind", role=Role.ADMIN)
        for a in world.desk.policy.agents
    )
    await world.change_policy(agents=agents)
    async with sitting(world, "sue") as (app, pilot):
        await press(pilot, "A", "down")
        await write(pilot, "goal = 91\n")
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: "version 3, by Sue Lind" in screen_text(app))
        assert world.desk.policy.queues[0].goal == 91


@pytest.mark.parametrize(
    ("theme", "size"),
    [
        ("slate", SMALL),
        ("slate", (140, 40)),
        ("paper", SMALL),
        ("contrast", SMALL),
        ("dusk", SMALL),
    ],
    ids=["slate-small", "slate-normal", "paper", "contrast", "dusk"],
)
def test_setup_snapshots(
    admin: FakeDesk, snap_compare: Callable[..., bool], theme: str, size: tuple[int, int]
) -> None:
    async def prepare(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, "A", "down", "down")
        await write(pilot, 'size = 900\nrule = "rnd"\n')
        await settle(pilot)

    app = desk_app(admin, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=prepare)

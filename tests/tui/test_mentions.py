"""Mentions on the screen, over the real services: written with a menu, told, opened at the note."""

from dataclasses import replace
from typing import Any

from agentdesk import services
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import Desktop, MentionRow
from agentdesk.tui import news
from agentdesk.tui.app import DeskApp
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets.note_text import NameMenu
from tests.desks import World, mail
from tests.tui.fake_desk import screen_text, settle, toasts
from tests.tui.pane_host import START, until
from tests.tui.test_shell_real import sitting, told


async def with_work(world: World) -> InteractionId:
    """An interaction of Ben's."""
    await world.arrive(mail())
    _, key = await world.at_work("ben")
    await world.sign_in("sue")
    return key


async def opened(app: DeskApp, pilot: Any, key: InteractionId) -> InteractionPane:
    await app.desk_screen.open_thread(key, "IMS0000001")
    await settle(pilot)
    pane = app.desk_screen.tabs.active_pane
    assert isinstance(pane, InteractionPane)
    await until(pilot, lambda: pane.view is not None)
    return pane


async def test_typing_an_at_sign_offers_names_and_enter_takes_one(world: World) -> None:
    key = await with_work(world)
    async with sitting(world, "ana") as (app, pilot):
        pane = await opened(app, pilot, key)
        await pilot.press("n", *"Please look @")
        menu = pane.note_composer.query_one(NameMenu)
        await until(pilot, lambda: menu.is_open)
        assert [c.name for c in menu.offered] == ["Ben Okafor", "Sue Lind"]
        assert "Sue Lind  @sue" in screen_text(app)
        await pilot.press("down", "enter")
        assert pane.note_composer.body.text == "Please look @Sue Lind "
        await until(pilot, lambda: not menu.is_open)
        await pilot.press(*"and @b", "tab", *"now", "enter", *"or never")
        assert pane.note_composer.body.text == (
            "Please look @Sue Lind and @Ben Okafor now\nor never"
        )
        await pilot.press("ctrl+g")
        await until(pilot, lambda: not pane.note_composer.is_open)
    for login in ("ben", "sue"):
        row = (await services.views.desktop(world.desk, world.actors[login])).mentions[0]
        assert (row.by, row.words) == ("Ana Ruiz", "Please look @Sue Lind and @Ben Okafor now")


async def test_escape_closes_the_menu_and_the_note_goes_on(world: World) -> None:
    key = await with_work(world)
    async with sitting(world, "ana") as (app, pilot):
        pane = await opened(app, pilot, key)
        await pilot.press("n", "@", "b")
        menu = pane.note_composer.query_one(NameMenu)
        await until(pilot, lambda: menu.is_open)
        await pilot.press("escape")
        assert not menu.is_open
        assert pane.note_composer.is_open
        await pilot.press("e", "enter", "up", "x")
        assert not menu.is_open
        assert "@be" in pane.note_composer.body.text
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is pane.stream)


async def test_a_click_on_a_name_takes_it(world: World) -> None:
    key = await with_work(world)
    async with sitting(world, "ana") as (app, pilot):
        pane = await opened(app, pilot, key)
        await pilot.press("n", "@")
        menu = pane.note_composer.query_one(NameMenu)
        await until(pilot, lambda: menu.is_open)
        await pilot.pause()
        await pilot.click(NameMenu, offset=(3, 1))
        await until(pilot, lambda: pane.note_composer.body.text == "@Sue Lind ")


async def test_an_unknown_name_is_told_and_the_note_is_kept(world: World) -> None:
    key = await with_work(world)
    async with sitting(world, "ana") as (app, pilot):
        pane = await opened(app, pilot, key)
        await pilot.press("n", *"ask @bob", "ctrl+g")
        await until(pilot, lambda: not pane.note_composer.is_open)
        assert toasts(app) == ["Note added: Nobody here is called @bob: nobody was told."]


async def test_a_mention_is_told_listed_and_opened_at_the_note(world: World) -> None:
    key = await with_work(world)
    ben = world.actors["ben"]
    async with sitting(world, "ana") as (app, pilot):
        assert "MENTIONS" not in screen_text(app)
        await services.notes.add(world.desk, ben, key, "@ana which carrier was it?")
        for n in range(3):
            world.clock.turn(1)
            await services.notes.add(world.desk, ben, key, f"later {n}\n" + "line\n" * 30)
        await told(app, pilot)
        assert toasts(app) == ["Ben Okafor mentions you: @ana which carrier was it?"]
        text = screen_text(app)
        assert "MENTIONS 1" in text
        assert "@ @ana which carrier" in text
        assert "Ben Okafor · Order 5512" in text
        await pilot.press("i", "enter")
        await settle(pilot)
        pane = app.desk_screen.tabs.active_pane
        assert pane is not None
        await until(pilot, lambda: pane.stream.selected is not None)
        await until(pilot, lambda: "which carrier" in pane.stream.selected.text)
        await pilot.pause()
        assert "which carrier was it?" in screen_text(app)
        await settle(pilot)
        assert (await services.views.desktop(world.desk, app.actor)).mentions == ()
        await told(app, pilot)
        assert "MENTIONS" not in screen_text(app)


ROW = MentionRow(1, InteractionId(5), "IMS0000005", "Order", "Ben Okafor", "@ana look", START, 7)
NONE = Desktop((), (), (), ())


def test_a_mention_is_told_once_and_not_in_the_tab_that_is_looked_at() -> None:
    after = replace(NONE, mentions=(ROW,))
    (told_,) = news.of_desktop(NONE, after, None)
    assert (told_.title, told_.sentence, told_.ring) == (
        "Ben Okafor mentions you",
        "@ana look",
        True,
    )
    assert news.of_desktop(after, after, None) == ()
    assert news.of_desktop(NONE, after, InteractionId(5)) == ()
    assert news.of_desktop(None, after, None) == ()


def test_a_tab_is_marked_for_mentions_as_for_mails() -> None:
    assert news.marks(replace(NONE, mentions=(ROW, replace(ROW, mention_id=2)))) == {5: 2}

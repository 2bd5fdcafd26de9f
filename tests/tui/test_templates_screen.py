"""The templates screen over the real services: read by everybody, changed by supervisors."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.widgets import Input, Static

from agentdesk import services
from agentdesk.domain.feed import Change
from agentdesk.domain.template import Template, TemplateKind
from agentdesk.tui.app import DeskApp
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.import_templates import ImportDialog
from agentdesk.tui.dialogs.queue_choice import QueueChoiceDialog
from agentdesk.tui.dialogs.save_attachment import SaveAttachmentDialog
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens.templates import TemplatesScreen
from tests.desks import World
from tests.services.test_templates import CHECK, REFUND, kept
from tests.tui.fake_desk import screen_text, settle, toasts
from tests.tui.pane_host import until
from tests.tui.test_shell_real import sitting


async def shown(app: DeskApp, pilot: Any) -> TemplatesScreen:
    await pilot.press("S")
    await until(pilot, lambda: isinstance(app.screen, TemplatesScreen) and app.screen.is_mounted)
    await settle(pilot)
    assert isinstance(app.screen, TemplatesScreen)
    return app.screen


async def stored(world: World) -> list[Template]:
    return list(await services.templates.every(world.desk, world.actors["sue"]))


async def changed(pilot: Any, app: DeskApp, key: str) -> None:
    """Press *key* and wait until what can be undone next is something else."""
    screen = app.screen
    assert isinstance(screen, TemplatesScreen)
    last = screen.shelf.next_undo
    await pilot.press(key)
    await until(pilot, lambda: screen.shelf.next_undo is not last)
    await until(pilot, lambda: all(w.is_finished for w in app.workers if w.group == "save"))
    await settle(pilot)


async def saved(pilot: Any, app: DeskApp) -> None:
    await changed(pilot, app, "f2")
    assert any("is saved" in each for each in toasts(app))


async def test_a_template_is_written_seen_with_a_sample_and_saved(world: World) -> None:
    async with sitting(world, "sue") as (app, pilot):
        screen = await shown(app, pilot)
        assert "There are no templates yet. n begins one, i imports a file." in screen_text(app)
        await pilot.press("n", *"Refund", "enter", *"Orders", "enter", *"About it", "enter")
        await pilot.press(*"Hello {{customer.first_name}}, {{nme}}")
        await pilot.pause()
        assert "Hello Mara, {{nme}}" in str(screen.query_one("#sample", Static).render())
        assert "{{nme}} is no variable." in str(screen.query_one("#told", Static).render())
        assert "1 not saved" in screen_text(app)
        await pilot.press("f2")
        await until(pilot, lambda: bool(toasts(app)))
        assert toasts(app)[0].startswith("{{nme}} is no variable.")
        await pilot.press(*["backspace"] * 9)
        await saved(pilot, app)
        (made,) = await stored(world)
        assert (made.name, made.folder, made.subject) == ("Refund", "Orders", "About it")
        assert made.body == "Hello {{customer.first_name}}"
        assert "not saved" not in screen_text(app)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.desk_screen)


async def test_rename_move_turn_copy_and_delete_each_with_undo(world: World) -> None:
    await kept(world, REFUND)
    async with sitting(world, "sue") as (app, pilot):
        await shown(app, pilot)
        await pilot.press("r", "end", *"!", "escape")
        await saved(pilot, app)
        await pilot.press("m", "end", *"/New", "escape")
        await saved(pilot, app)
        await pilot.press("t")
        await settle(pilot)
        await saved(pilot, app)
        (one,) = await stored(world)
        assert (one.name, one.folder, one.kind) == (
            "Refund started!",
            "Orders/New",
            TemplateKind.NOTE,
        )
        await pilot.press("c", "escape")
        await saved(pilot, app)
        assert [t.name for t in await stored(world)] == [
            "Refund started!",
            "Refund started! (copy)",
        ]
        await changed(pilot, app, "x")
        assert any("is deleted. u takes it back" in t for t in toasts(app))
        assert len(await stored(world)) == 1
        for count in (2, 1, 1, 1, 1):
            await changed(pilot, app, "u")
            assert len(await stored(world)) == count
        (back,) = await stored(world)
        assert back.said == replace(REFUND, key="refund-started").said
        await pilot.press("u")
        await settle(pilot)
        assert back in await stored(world)


async def test_queues_are_chosen_from_a_list(world: World) -> None:
    await kept(world, REFUND)
    async with sitting(world, "sue") as (app, pilot):
        await shown(app, pilot)
        assert "for every queue" in screen_text(app)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, QueueChoiceDialog))
        await pilot.pause()
        assert "Nothing is marked: in every queue." in screen_text(app)
        await pilot.press("down", "space", "enter")
        await until(pilot, lambda: isinstance(app.screen, TemplatesScreen))
        await settle(pilot)
        assert "for Sales" in screen_text(app)
        await saved(pilot, app)
        assert (await stored(world))[0].queues == frozenset({"sales"})


async def test_what_is_not_saved_is_asked_for_on_leaving(world: World) -> None:
    await kept(world, REFUND)
    async with sitting(world, "sue") as (app, pilot):
        for answer, name in (
            ("escape", "Refund started"),
            ("n", "Refund started"),
            ("y", "XRefund started"),
        ):
            if not isinstance(app.screen, TemplatesScreen):
                await shown(app, pilot)
            if answer != "n":
                await pilot.press("r", "home", "X", "escape")
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
            await pilot.press(answer)
            await until(pilot, lambda: not isinstance(app.screen, ConfirmDialog))
            await settle(pilot)
            assert (answer == "escape") == isinstance(app.screen, TemplatesScreen)
            assert [t.name for t in await stored(world)] == [name]


async def test_agents_read_and_change_nothing(world: World) -> None:
    await kept(world, REFUND)
    async with sitting(world, "ana") as (app, pilot):
        screen = await shown(app, pilot)
        assert "Hello Mara," in screen_text(app)
        await pilot.press("enter", "n", "x", "c", "t", "w", "i", "r", *"zzz", "f2")
        await settle(pilot)
        assert app.screen is screen
        assert screen.form.text.read_only
        assert screen.query_one("#name", Input).disabled
        assert [t.said for t in await stored(world)] == [replace(REFUND, key="refund-started").said]


async def test_words_narrow_the_list(world: World) -> None:
    await kept(world, REFUND, CHECK)
    async with sitting(world, "ana") as (app, pilot):
        await shown(app, pilot)
        assert "Orders" in screen_text(app)
        await pilot.press("/", *"carrier", "enter")
        await settle(pilot)
        text = screen_text(app)
        assert "Check carrier" in text
        assert "Refund started" not in text
        await pilot.press("escape")
        await settle(pilot)
        assert "Refund started" in screen_text(app)


async def test_what_a_colleague_saves_appears_and_a_conflict_is_told(world: World) -> None:
    sue, (refund,) = await kept(world, REFUND)
    async with sitting(world, "sue") as (app, pilot):
        await shown(app, pilot)
        await services.templates.save(world.desk, sue, replace(refund, name="Other name"))
        await pilot.press("r", "end", "!", "escape", "f2")
        await until(pilot, lambda: bool(toasts(app)))
        assert "Somebody else changed this template meanwhile" in toasts(app)[0]
        await pilot.press("D")
        await settle(pilot)
        await services.templates.save(world.desk, sue, CHECK)
        app.post_message(RecordsChanged(Change(templates=True)))
        await settle(pilot)
        assert "Check carrier" in screen_text(app)
        assert "Other name" in screen_text(app)


async def test_a_file_is_imported_after_saying_what_it_changes_and_exported(
    world: World, tmp_path: Path
) -> None:
    await kept(world, REFUND)
    file = tmp_path / "new.toml"
    async with sitting(world, "sue") as (app, pilot):
        screen = await shown(app, pilot)

        async def read(text: str) -> None:
            file.write_text(text)
            await pilot.press("i")
            await until(pilot, lambda: isinstance(app.screen, ImportDialog))
            await pilot.pause()
            app.screen.query_one("#path", Input).value = str(file)
            await pilot.press("enter")
            await until(pilot, lambda: not isinstance(app.screen, ImportDialog))
            await settle(pilot)

        await read('[[templates]]\nkey = "a"\nname = "A"\nbody = "{{nme}}"\n')
        assert "line 4: templates[1].body: {{nme}} is no variable." in toasts(app)[-1]
        await read('[[templates]]\nkey = "a"\nname = "Brand new"\nbody = "Hello"\n')
        assert "1 new, 0 changed" in screen_text(app)
        await pilot.press("y")
        await until(pilot, lambda: app.screen is screen)
        await until(pilot, lambda: "Imported: 1 new" in toasts(app)[-1])
        assert {t.name for t in await stored(world)} == {"Brand new", "Refund started"}
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, SaveAttachmentDialog))
        await pilot.pause()
        app.screen.query_one("#folder", Input).value = str(tmp_path)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
    assert (tmp_path / "templates.toml").read_text() == await services.templates.export(
        world.desk, world.actors["sue"]
    )


async def test_it_fits_a_narrow_screen(world: World) -> None:
    await kept(world, REFUND, CHECK)
    async with sitting(world, "sue") as (app, pilot):
        await pilot.resize_terminal(80, 24)
        await shown(app, pilot)
        text = screen_text(app)
        for words in (
            "Templates",
            "Check carrier",
            "Refund started",
            "Folder",
            "Checked on 2 March",
        ):
            assert words in text

"""The template dialog over the real services: found by typing, seen filled in, inserted with enter."""

from typing import Any

import pytest
from textual.widgets import Static

from agentdesk.domain.ids import InteractionId
from agentdesk.domain.template import Filled, TemplateKind
from agentdesk.tui.app import DeskApp
from agentdesk.tui.dialogs.template import TemplateDialog
from tests.desks import World, mail
from tests.services.test_templates import CHECK, REFUND, kept
from tests.tui.fake_desk import screen_text, settle
from tests.tui.pane_host import until
from tests.tui.test_shell_real import sitting


async def asked(
    app: DeskApp, pilot: Any, kind: TemplateKind = TemplateKind.REPLY
) -> tuple[TemplateDialog, list[Filled | None]]:
    answers: list[Filled | None] = []
    dialog = TemplateDialog(InteractionId(1), kind)
    app.push_screen(dialog, answers.append)
    await until(pilot, lambda: app.screen is dialog and said(dialog))
    return dialog, answers


def said(dialog: TemplateDialog) -> str:
    return "".join(str(each.render()) for each in dialog.query("#preview").results(Static))


async def test_the_filled_text_is_seen_before_it_is_inserted(world: World) -> None:
    await world.arrive(mail())
    await kept(world, REFUND, CHECK)
    async with sitting(world, "ana") as (app, pilot):
        dialog, answers = await asked(app, pilot)
        assert said(dialog).startswith("Hello Mara,\n\nthe money for Order 5512 damaged")
        assert "Not known here: {{case.number}}." in str(dialog.query_one("#missing").render())
        await pilot.press("enter")
        await until(pilot, lambda: bool(answers))
        (filled,) = answers
        assert filled is not None
        assert filled.text.startswith("Hello Mara,")
        assert filled.missing == ("case.number",)


async def test_typing_narrows_and_enter_needs_no_list(world: World) -> None:
    await world.arrive(mail())
    await kept(world, REFUND, CHECK)
    async with sitting(world, "ana") as (app, pilot):
        dialog, answers = await asked(app, pilot, TemplateKind.NOTE)
        assert said(dialog).startswith("Checked on ")
        await pilot.press(*"zzz")
        await until(pilot, lambda: said(dialog) == "No template has these words.")
        await pilot.press("backspace", "backspace", "backspace", *"carrier", "enter")
        await until(pilot, lambda: bool(answers))
        assert answers[0] is not None
        assert answers[0].name == "Check carrier"


@pytest.mark.parametrize("kind", list(TemplateKind))
async def test_without_templates_it_says_how_to_make_some(world: World, kind: TemplateKind) -> None:
    await world.arrive(mail())
    async with sitting(world, "ana") as (app, pilot):
        dialog, answers = await asked(app, pilot, kind)
        assert "A supervisor makes them on the templates screen" in said(dialog)
        await pilot.press("enter")
        await settle(pilot)
        assert app.screen is dialog
        await pilot.press("escape")
        await until(pilot, lambda: answers == [None])


async def test_it_fits_a_narrow_screen(world: World) -> None:
    await world.arrive(mail())
    await kept(world, REFUND)
    async with sitting(world, "ana") as (app, pilot):
        await pilot.resize_terminal(80, 24)
        await asked(app, pilot)
        text = screen_text(app)
        assert "Refund started" in text
        assert "Hello Mara," in text
        assert "Enter inserts" in text

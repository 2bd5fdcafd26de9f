"""A case by keys over the real services: created of an interaction, worked on, resolved."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from textual.widgets import Input, TextArea

from agentdesk.domain.case import CaseState
from agentdesk.domain.clock import ManualClock
from agentdesk.storage.tables import messages
from agentdesk.tui.dialogs.case_form import CaseForm
from agentdesk.tui.dialogs.resolve_case import ResolveDialog
from agentdesk.tui.panes.case import CasePane
from agentdesk.tui.screens.cases import CasesScreen
from tests.databases import database
from tests.desks import World, desk, mail
from tests.tui.fake_desk import screen_text, settle, toasts
from tests.tui.pane_host import until
from tests.tui.test_shell_real import sitting, told


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[World]:
    clock = ManualClock()
    async with database("sqlite", tmp_path) as url, desk(url, clock=clock) as made:
        yield World(made, clock)


async def message_id_of_answer(world: World) -> str:
    """The id that our mail has on the wire."""
    newest = sa.select(messages.c.header_id).order_by(messages.c.id.desc()).limit(1)
    async with world.desk.store.read() as tx:
        row = await tx.one(newest)
    assert row is not None
    return str(row.header_id)


async def test_an_interaction_becomes_a_case_that_is_worked_on_and_resolved(sqlite: World) -> None:
    await sqlite.arrive(mail("The lamp came in pieces."))
    async with sitting(sqlite, "ana") as (app, pilot):
        await sqlite.inbox("ana")
        await told(app, pilot)
        await pilot.press("i", "enter")
        await settle(pilot)
        await until(pilot, lambda: "The lamp came in pieces." in screen_text(app))

        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, CaseForm))
        assert app.screen.query_one("#subject", Input).value == "Order 5512 damaged"
        assert "closes with Task created" in screen_text(app)
        await pilot.press("f6")
        described = app.screen.query_one(TextArea)
        await until(pilot, lambda: "lamp" in described.text)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.desk_screen.tabs.active_pane, CasePane))
        pane = app.desk_screen.tabs.active_pane
        assert isinstance(pane, CasePane)
        await until(pilot, lambda: pane.view is not None)
        await told(app, pilot)
        assert [tab.number for tab in app.desk_screen.tabs.workspace.tabs] == [pane.number]
        said = [t for t in toasts(app) if "CS" in t]
        assert said == [f"{pane.number} was created; IMS0000001 is closed with Task created."]
        text = screen_text(app)
        assert "The lamp came in pieces." in text
        assert "from IMS0000001" in text
        assert "CASES" in text

        await pilot.press("r")
        await until(pilot, lambda: pane.reply_composer.is_open)
        await pilot.press(*"We send a new one.")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: not pane.reply_composer.is_open)
        await told(app, pilot)
        assert "We send a new one." in screen_text(app)
        sent_id = await message_id_of_answer(sqlite)

        await sqlite.arrive(mail("It came, thank you.", in_reply_to=sent_id))
        await told(app, pilot)
        pane.read_again()
        await until(pilot, lambda: "It came, thank you." in screen_text(app))

        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, ResolveDialog))
        await pilot.press("enter", *"New lamp sent", "ctrl+g")
        await until(pilot, lambda: pane.view and pane.view.state is CaseState.RESOLVED)

        await pilot.press("J", "6")
        await until(pilot, lambda: isinstance(app.screen, CasesScreen) and app.screen.rows.row)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.desk_screen)
        assert app.desk_screen.tabs.active_pane is pane

    async with sitting(sqlite, "ana") as (app, pilot):
        assert isinstance(app.desk_screen.tabs.active_pane, CasePane)
        await until(pilot, lambda: "The lamp came in pieces." in screen_text(app))

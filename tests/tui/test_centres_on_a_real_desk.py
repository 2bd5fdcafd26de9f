"""Work of a contact centre, by key: the desk, the engine and the sandbox of Genesys are the real ones."""

from dataclasses import replace

import pytest

from agentdesk.domain.actor import Role
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.services.ccaas import reading
from agentdesk.tui.dialogs.wrap_up import WrapUpDialog
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.screens.centres import CentresScreen
from tests.ccaas.offices import office
from tests.tui.fake_desk import screen_text, settle, toasts
from tests.tui.pane_host import until
from tests.tui.test_shell_real import sitting

ONE_DATABASE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""Services of contact centres are tested on both; here it is about the screen."""


@ONE_DATABASE
async def test_an_offer_of_a_contact_centre_is_taken_answered_and_wrapped_up(url: str) -> None:
    async with office(url) as here, sitting(here.world, "ana", (120, 40)) as (app, pilot):
        seen: set[InteractionId] = set()

        async def both_sides() -> None:
            await here.quiet()
            app.post_message(RecordsChanged(Change(frozenset(seen), offers=True)))
            await settle(pilot)

        await both_sides()
        ix = await here.arrives()
        seen.add(ix)
        await both_sides()
        assert "⇄ Genesys Cloud" in screen_text(app)
        await pilot.press("i", "enter")
        await pilot.pause()
        assert (await here.interaction(ix)).owner_id is None
        await both_sides()
        await until(pilot, lambda: app.desk_screen.tabs.workspace.active == ix)
        await both_sides()
        assert "· Genesys Cloud 1/" in " ".join(screen_text(app).split())
        await pilot.press("h")
        await until(pilot, lambda: view_of(app, ix).state is State.ON_HOLD)
        await both_sides()
        await until(pilot, lambda: "parked there" in screen_text(app))
        await pilot.press("h")
        await until(pilot, lambda: view_of(app, ix).state is State.WORK_IN_PROGRESS)
        await both_sides()
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, WrapUpDialog))
        await pilot.press("down", "ctrl+g")
        await until(pilot, lambda: not app.screen.is_modal)
        await pilot.press("U")
        await settle(pilot)
        assert "awaiting" in screen_text(app)
        await here.quiet()
        await pilot.press("escape", "U")
        await settle(pilot)
        assert "confirmed" in screen_text(app)


def view_of(app: object, ix: InteractionId) -> object:
    pane = app.desk_screen.tabs.pane(ix)  # type: ignore[attr-defined]
    return pane.view


@ONE_DATABASE
async def test_an_admin_imports_and_maps_what_is_missing(url: str) -> None:
    async with office(url) as here:
        people = tuple(replace(a, role=Role.ADMIN) for a in here.desk.policy.agents)
        await here.world.change_policy(agents=people)
        await here.unmap(Kind.CODE, "question")
        async with sitting(here.world, "sue", (120, 40)) as (app, pilot):
            await pilot.press("&")
            await settle(pilot)
            assert isinstance(app.screen, CentresScreen)
            assert "never imported" in screen_text(app)
            await pilot.press("i")
            await until(pilot, lambda: "never imported" not in screen_text(app))
            await pilot.press("f", "5")
            await until(pilot, lambda: "Question answered" in screen_text(app))
            rows = app.screen.rows
            await until(pilot, lambda: rows.row is not None)
            while rows.row.local != "question":
                await pilot.press("down")
            await pilot.press("m", *"call")
            await until(pilot, lambda: "Call back" in screen_text(app))
            await pilot.press("enter")
            await until(pilot, lambda: "Question answered is mapped." in toasts(app))
            sue = app.actor
        mapped = (await reading.mapped(here.desk, sue, Kind.CODE)).rows
        assert ("question", "Call back") in [(r.local, r.external_name) for r in mapped]

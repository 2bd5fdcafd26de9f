"""Transfer, why and the agent's lists over the real services, on both databases, by key."""

from typing import Any

import pytest
from textual.widgets import Static

from agentdesk import services
from agentdesk.tui.dialogs.transfer import TransferDialog
from agentdesk.tui.dialogs.why import WhyDialog
from agentdesk.tui.widgets.target_list import TargetList
from tests.desks import World, mail
from tests.tui.fake_desk import screen_text, settle, toasts
from tests.tui.pane_host import until
from tests.tui.test_shell_real import sitting, told


async def test_an_interaction_is_handed_on_with_a_note_and_accepted(world: World) -> None:
    await world.arrive(mail())
    ben = await world.sign_in("ben")
    await services.presence.set_presence(world.desk, ben, "away")
    async with sitting(world, "ana") as (app, pilot):
        await world.inbox("ana")
        await told(app, pilot)
        await pilot.press("i", "enter")
        await settle(pilot)
        await services.presence.set_presence(world.desk, ben, "available")
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TransferDialog))
        found = app.screen.query_one(TargetList)
        await until(pilot, lambda: found.rows.row is not None)
        await pilot.press(*"ben")
        await until(pilot, lambda: found.rows.row and found.rows.row.name == "Ben Okafor")
        await pilot.press("enter", *"She called twice", "ctrl+g")
        await until(pilot, lambda: app.desk_screen.tabs.workspace.tabs == ())
        assert any("went to Ben Okafor" in toast for toast in toasts(app))
    (card,) = (await services.views.desktop(world.desk, ben)).inbox
    assert (card.note, card.sent_by) == ("She called twice", "Ana Ruiz")
    await services.offers.accept(world.desk, ben, card.work_item_id)


async def why_text(app: Any, pilot: Any) -> str:
    await pilot.press("W")
    await until(pilot, lambda: isinstance(app.screen, WhyDialog))
    return str(app.screen.query_one("#why", Static).render())


async def test_why_is_answered_for_an_offer_and_for_what_waits(world: World) -> None:
    await world.arrive(mail())
    async with sitting(world, "ana") as (app, pilot):
        await world.inbox("ana")
        await told(app, pilot)
        await pilot.press("i")
        assert "Ana Ruiz (you)" in await why_text(app, pilot)
        await pilot.press("escape")
        await services.presence.set_presence(world.desk, app.actor, "away")
        await told(app, pilot)
        await pilot.press("N")
        await settle(pilot)
        assert "Order 5512 damaged" in screen_text(app)
        said = await why_text(app, pilot)
        assert "▌ Ana Ruiz (you)" in said
        assert "Decided before" in said


@pytest.mark.parametrize("key", ["N", "U"])
async def test_the_lists_open_on_a_real_desk(world: World, key: str) -> None:
    async with sitting(world, "ana") as (app, pilot):
        await pilot.press(key)
        await settle(pilot)
        assert ("Nothing waits" in screen_text(app)) == (key == "N")


async def test_waiting_work_is_taken_from_the_list(world: World) -> None:
    await world.arrive(mail())
    async with sitting(world, "ana") as (app, pilot):
        await pilot.press("N")
        await settle(pilot)
        await pilot.press("m")
        await settle(pilot)
        await until(pilot, lambda: app.desk_screen.tabs.workspace.active is not None)
        (row,) = (await services.views.desktop(world.desk, app.actor)).ongoing
        assert row.interaction_id == app.desk_screen.tabs.workspace.active

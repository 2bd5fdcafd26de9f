"""What rings, what opens by itself, and that a key is told: the desk's manners with its agent."""

from dataclasses import replace
from typing import Any

import pytest

from agentdesk.domain.feed import Change
from agentdesk.domain.views import Desktop
from agentdesk.tui import activity
from agentdesk.tui.app import DeskApp
from agentdesk.tui.herald import is_last_call
from agentdesk.tui.messages import RecordsChanged
from tests.tui.fake_desk import (
    START,
    FakeDesk,
    ago,
    busy_desktop,
    offer,
    ongoing,
    running,
    settle,
    toasts,
)

EMPTY = Desktop((), (), (), ())


async def read_again(app: DeskApp, pilot: Any) -> None:
    app.post_message(RecordsChanged(Change(offers=True)))
    await settle(pilot)


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for each ring of the bell."""
    rung: list[str] = []
    monkeypatch.setattr(DeskApp, "bell", lambda _self: rung.append("ring"))
    return rung


# The bell


@pytest.mark.parametrize(
    ("left", "of", "call"),
    [(11, 60, False), (10, 60, True), (1, 60, True), (0, 60, False), (9, 15, False)],
)
def test_an_offer_calls_for_the_last_time_ten_seconds_before_its_end(
    left: int, of: int, call: bool
) -> None:
    card = offer(1, offered_at=ago(of - left), expires_at=ago(-left))
    assert is_last_call(card, START) is call


async def test_a_new_offer_rings_once_and_once_more_near_its_end(
    fake: FakeDesk, rings: list[str]
) -> None:
    fake.desktop = EMPTY
    async with running(fake, bell=True) as (app, pilot):
        fake.desktop = replace(EMPTY, inbox=(offer(1),))
        await read_again(app, pilot)
        assert len(rings) == 1
        for _ in range(24):
            fake.clock.turn(1)
            app.desk_screen._tick()
        assert len(rings) == 2


async def test_without_the_setting_nothing_rings(fake: FakeDesk, rings: list[str]) -> None:
    async with running(fake, bell=False) as (app, _):
        fake.clock.turn(20)
        app.desk_screen._tick()
        assert rings == []


async def test_an_offer_that_somebody_sends_says_who(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        fake.desktop = replace(busy_desktop(), inbox=(offer(2, "VAT of May", sent_by="Ben Ito"),))
        await read_again(app, pilot)
        assert "Ben Ito sends you work: VAT of May · Ben Okafor" in toasts(app)


# Work that is given


GIVEN = ongoing(555, "Given without asking", given=True, opens=True)


async def test_given_work_opens_its_tab_with_a_toast_when_it_comes(fake: FakeDesk) -> None:
    fake.desktop = EMPTY
    async with running(fake) as (app, pilot):
        fake.desktop = replace(EMPTY, ongoing=(GIVEN,))
        await read_again(app, pilot)
        assert app.desk_screen.tabs.workspace.active == 555
        assert "New work: Given without asking · Mara Olsen" in toasts(app)
        await app.desk_screen.tabs.close(GIVEN.interaction_id)
        await read_again(app, pilot)
        assert app.desk_screen.tabs.workspace.tabs == ()


async def test_after_a_restart_nothing_opens_by_itself(fake: FakeDesk) -> None:
    fake.desktop = replace(EMPTY, ongoing=(GIVEN,))
    async with running(fake) as (app, _):
        assert app.desk_screen.tabs.workspace.tabs == ()
        assert toasts(app) == []


async def test_while_another_screen_is_looked_at_the_tab_waits_behind(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("down", "enter")
        await settle(pilot)
        await pilot.press("/")
        await settle(pilot)
        lists = app.screen
        fake.desktop = replace(busy_desktop(), ongoing=(*busy_desktop().ongoing, GIVEN))
        await read_again(app, pilot)
        assert app.screen is lists
        workspace = app.desk_screen.tabs.workspace
        assert [tab.thread_id for tab in workspace.tabs] == [123, 555]
        assert workspace.active == 123


async def test_work_that_only_stands_in_the_list_opens_no_tab(fake: FakeDesk) -> None:
    fake.desktop = EMPTY
    async with running(fake) as (app, pilot):
        fake.desktop = replace(EMPTY, ongoing=(replace(GIVEN, opens=False),))
        await read_again(app, pilot)
        assert app.desk_screen.tabs.workspace.tabs == ()
        assert len(toasts(app)) == 1


# Keys


async def test_a_key_is_told_at_once_and_then_once_a_minute(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [10_000.0]
    monkeypatch.setattr(activity, "monotonic", lambda: seconds[0])
    async with running(fake) as (app, pilot):

        async def after(by: float) -> int:
            seconds[0] += by
            app.activity.tick()
            await settle(pilot)
            return len(fake.calls_of("touch"))

        app.activity._told, app.activity._pressed = 0.0, None
        fake.calls.clear()
        assert await after(61) == 0
        await pilot.press("k")
        assert await after(1) == 1
        assert fake.calls_of("touch")[0][0] == pytest.approx(1)
        await pilot.press("k", "k")
        assert await after(58) == 1
        assert await after(2) == 2
        assert await after(600) == 2

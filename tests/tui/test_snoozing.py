"""Snooze: the question, the rows on hold, and what is told when the clock brings something."""

from dataclasses import replace
from datetime import timedelta

from textual.widgets import Static

from agentdesk.domain.interaction import State
from agentdesk.tui import news
from agentdesk.tui.dialogs.snooze import SnoozeChoice, SnoozeDialog
from agentdesk.tui.panes.work_lines import WorkLine, lines
from tests.desks import World, mail
from tests.tui.asking import asking
from tests.tui.fake_desk import START, busy_desktop
from tests.tui.pane_host import until
from tests.tui.test_pane_on_a_real_desk import RealApp, state


async def test_enter_puts_it_aside_until_an_answer() -> None:
    async with asking(SnoozeDialog("IMS0000001", "Mara Olsen")) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == SnoozeChoice()


async def test_a_typed_moment_is_answered_in_words_at_once() -> None:
    async with asking(SnoozeDialog("IMS0000001", "Mara Olsen")) as (app, pilot):
        await pilot.press(*"tomorrow 9")
        await pilot.pause()
        answer = app.screen.query_one("#answer", Static)
        assert str(answer.render()) == "comes back tomorrow 09:00"
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer.until is not None


async def test_what_is_no_moment_is_refused_with_a_sentence() -> None:
    async with asking(SnoozeDialog("IMS0000001", "Mara Olsen")) as (app, pilot):
        await pilot.press(*"whenever", "enter")
        await pilot.pause()
        answer = app.screen.query_one("#answer", Static)
        assert "no moment" in str(answer.render())
        assert app.screen_stack[-1] is app.screen


async def test_z_snoozes_and_h_wakes(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    app = RealApp(world, ana, key)
    async with app.run_test(size=(80, 24)) as pilot:
        await state(pilot, State.WORK_IN_PROGRESS)
        app.pane.focus_stream()
        await pilot.press("z")
        await until(pilot, lambda: isinstance(app.screen, SnoozeDialog))
        await pilot.press(*"in 3 days", "enter")
        await state(pilot, State.ON_HOLD)
        assert app.pane.view is not None
        assert app.pane.view.snoozed
        await pilot.press("h")
        await state(pilot, State.WORK_IN_PROGRESS)


def shown(found: list[WorkLine]) -> str:
    return "\n".join("".join(piece.words for piece in line.pieces) for line in found)


def test_rows_on_hold_say_until_when_and_how_often_was_reminded() -> None:
    desktop = busy_desktop()
    held = replace(desktop.on_hold[0], unread=0, undelivered=0)
    snoozed = replace(held, snoozed_until=START + timedelta(days=3), closes_at=None)
    reminded = replace(held, reminders=1, most_reminders=2, closes_at=START + timedelta(days=3))
    waits = replace(held, until_reply=True, closes_at=START + timedelta(days=3))
    rows = replace(desktop, on_hold=(snoozed, reminded, waits))
    there = START + timedelta(days=3)
    wide, narrow = (shown(lines(rows, START, width)) for width in (60, 30))
    assert f"until {there:%a %H:%M}" in wide
    assert "reminder 1 of 2 · closes " in wide
    assert "snoozed · closes " in wide
    assert "reminded 1 of 2" in narrow


def test_what_the_clock_brings_is_no_answer() -> None:
    before = busy_desktop()
    held = replace(before.on_hold[0], unread=0)
    before = replace(before, on_hold=(held,))
    soon = replace(before, on_hold=(replace(held, closing=True, unread=1),))
    (told,) = news.of_desktop(before, soon, None)
    assert (told.title, told.ring) == ("Closes soon", True)
    assert news.of_desktop(soon, soon, None) == ()
    asleep = replace(before, on_hold=(replace(held, snoozed_until=held.changed_at),))
    awake = replace(held, state=State.WORK_IN_PROGRESS, unread=1)
    after = replace(asleep, on_hold=(), ongoing=(awake, *asleep.ongoing))
    (told,) = news.of_desktop(asleep, after, None)
    assert told.title == "Back from its snooze"

"""The shell: opens behind the first paint, tells what happens, keeps tabs, leaves cleanly."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from textual.message import Message

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import OfferGone, StorageProblem
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import AgentId, InteractionId
from agentdesk.domain.views import Health, LoopHealth, Tab, Workspace
from agentdesk.tui.app import DeskApp
from agentdesk.tui.messages import DeskOpened, HealthChanged, RecordsChanged, TabRequested
from agentdesk.tui.options import DeskOptions
from agentdesk.tui.screens.wallboard import WallboardScreen
from agentdesk.tui.widgets.tab_strip import TabStrip
from tests.tui.fake_desk import (
    ANA,
    EVA,
    HOSTILE,
    FakeDesk,
    desk_app,
    fake_pane,
    offer,
    ongoing,
    running,
    screen_text,
    settle,
    toasts,
)

TABS = (
    Tab(InteractionId(123), "IMS0000123", 40),
    Tab(InteractionId(119), "IMS0000119"),
    Tab(InteractionId(98), "IMS0000098"),
)


class Door:
    """An `open_desk` that a test holds shut, then opens or breaks."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.knocks = 0
        self.answer: asyncio.Future[FakeDesk] | None = None

    async def __call__(self) -> Any:
        self.knocks += 1
        self.answer = asyncio.get_running_loop().create_future()
        return await self.answer


def behind(door: Door) -> DeskApp:
    return DeskApp(door, DeskOptions(save_after_s=0.0, bell=False))


# Opening


async def test_the_screen_is_there_before_the_desk_is_open(fake: FakeDesk) -> None:
    door = Door(fake)
    app = behind(door)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert "opening" in screen_text(app)
        assert not app.is_open
        assert door.answer is not None
        door.answer.set_result(fake)
        await settle(pilot)
        assert app.is_open
        assert app.actor.name in screen_text(app)


async def test_a_desk_that_does_not_open_says_why_and_opens_at_the_next_try(
    fake: FakeDesk,
) -> None:
    door = Door(fake)
    app = behind(door)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert door.answer is not None
        sentence = "The database is newer [/than] this program. Update agentdesk."
        door.answer.set_exception(StorageProblem(sentence))
        await settle(pilot)
        text = " ".join(screen_text(app).split())
        assert sentence in text
        assert "R try again" in text
        assert "^Q leave" in text
        await pilot.press("R")
        await pilot.pause()
        assert door.knocks == 2
        door.answer.set_result(fake)
        await settle(pilot)
        assert app.is_open


async def test_what_nobody_expected_at_start_is_told_too(fake: FakeDesk) -> None:
    door = Door(fake)
    app = behind(door)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert door.answer is not None
        door.answer.set_exception(ValueError("odd [/thing]"))
        await settle(pilot)
        assert "agentdesk could not start: odd [/thing]." in screen_text(app)


async def test_before_the_desk_is_open_only_early_actions_are_heard(fake: FakeDesk) -> None:
    door = Door(fake)
    app = behind(door)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("slash", "P", "b", "i", "]", "q", "r", "enter", "x", "<")
        await pilot.pause()
        assert app.screen is app.desk_screen
        await pilot.press("question_mark")
        await pilot.pause()
        assert app.screen is not app.desk_screen


async def test_leaving_while_opening_is_possible(fake: FakeDesk) -> None:
    app = behind(Door(fake))
    async with app.run_test() as pilot:
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert fake.closed == 0


async def test_opening_work_is_asked_for_by_a_message(fake: FakeDesk) -> None:
    heard: list[Message] = []
    app = desk_app(fake)
    async with app.run_test(size=(140, 40), message_hook=heard.append) as pilot:
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
    asked = {(m.thread_id, m.number) for m in heard if isinstance(m, TabRequested)}
    assert asked == {(123, "IMS0000123")}


# Leaving


async def test_leaving_saves_what_is_typed_and_the_tabs_then_closes(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake, save_after_s=60.0) as (app, pilot):
        pane = fake_pane(app)
        await pilot.press("]")
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert pane.flushed == 1
    assert fake.workspace.active == 119
    assert fake.closed == 1


async def test_the_desk_is_closed_when_the_app_breaks(fake: FakeDesk) -> None:
    app = desk_app(fake)

    def break_down() -> None:
        raise RuntimeError("bug")

    async def breaks() -> None:
        async with app.run_test() as pilot:
            await settle(pilot)
            app.call_later(break_down)
            await pilot.pause()

    with pytest.raises(RuntimeError, match="bug"):
        await breaks()
    assert fake.closed == 1


async def test_a_desk_that_does_not_close_keeps_nobody(fake: FakeDesk) -> None:
    async def never(*, deliberate: bool = False) -> None:
        await asyncio.Event().wait()

    fake.close = never  # type: ignore[method-assign]
    async with asyncio.timeout(5):
        async with running(fake, close_within_s=0.05):
            pass


# Tabs and workspace


async def test_tabs_and_positions_come_back(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, _):
        assert app.desk_screen.tabs.workspace == fake.workspace
        assert fake_pane(app).top == 40
        assert app.focused is fake_pane(app)
        line = app.screen.query_one(TabStrip).render_line(0).text
        assert "1 IMS0000123" in line
        assert "2 IMS0000119 •2" in line


async def test_only_the_visited_tabs_have_panes(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, pilot):
        tabs = app.desk_screen.tabs
        assert [tab.thread_id for tab in TABS if tabs.pane(tab.thread_id)] == [123]
        await pilot.press("]")
        assert [tab.thread_id for tab in TABS if tabs.pane(tab.thread_id)] == [123, 119]


@pytest.mark.parametrize(
    ("keys", "active"),
    [
        (["]"], 119),
        (["["], 98),
        (["]"] * 3, 123),
        (["3"], 98),
        (["9"], 123),
        (["ctrl+pagedown"], 119),
        (["ctrl+pageup"], 98),
    ],
)
async def test_tabs_are_changed_by_key(fake: FakeDesk, keys: list[str], active: int) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, pilot):
        await pilot.press(*keys)
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active == active
        assert app.focused is fake_pane(app)


async def test_closing_a_tab_saves_it_and_goes_to_its_neighbour(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(119))
    async with running(fake) as (app, pilot):
        closed = fake_pane(app)
        await pilot.press("q")
        await settle(pilot)
        assert closed.flushed == 1
        assert not closed.is_attached
        assert app.desk_screen.tabs.workspace.active == 98


async def test_without_tabs_the_desk_says_what_to_do(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS[:1], InteractionId(123))
    async with running(fake) as (app, pilot):
        await pilot.press("q")
        await settle(pilot)
        text = screen_text(app)
        assert "No interaction is open" in text
        assert "every action by name" in text
        assert app.focused is app.desk_screen.parts.work_list


async def test_a_click_on_a_tab_activates_it(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, pilot):
        text = app.screen.query_one(TabStrip).render_line(0).text
        await pilot.click(TabStrip, offset=(text.index("IMS0000098"), 0))
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active == 98


async def test_every_change_of_tabs_is_saved(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, pilot):
        await pilot.press("]")
        await settle(pilot)
        assert fake.workspace.active == 119
        fake_pane(app).scroll_away(17)
        await settle(pilot)
        assert fake.workspace.tabs[1].top == 17


async def test_a_burst_of_changes_is_saved_once(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake, save_after_s=0.2) as (app, pilot):
        for _ in range(7):
            await pilot.press("]")
        assert fake.calls_of("save_workspace") == []
        await app.desk_screen.keeper.save()
        await app.desk_screen.keeper.save()
        assert len(fake.calls_of("save_workspace")) == 1


# News


async def test_a_burst_of_changes_is_read_once(fake: FakeDesk) -> None:
    heard: list[Message] = []
    app = desk_app(fake)
    async with app.run_test(message_hook=heard.append) as pilot:
        await settle(pilot)
        fake.calls.clear()
        for number in range(100):
            fake.changes.put_nowait(Change(frozenset({InteractionId(number)}), last_seq=number))
        await pilot.pause(0.1)
        await settle(pilot)
    changed = [m for m in heard if isinstance(m, RecordsChanged) and m._sender is None]
    merged = {m.change for m in heard if isinstance(m, RecordsChanged)}
    assert len(merged) == 1, changed
    (change,) = merged
    assert len(change.interactions) == 100
    assert change.last_seq == 99
    assert len(fake.calls_of("desktop")) <= 2


async def test_panes_hear_of_every_change(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, pilot):
        change = Change(frozenset({InteractionId(123)}), last_seq=7)
        app.post_message(RecordsChanged(change))
        await settle(pilot)
        assert fake_pane(app).heard == [change]


async def test_panes_hear_of_changes_below_another_screen(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, pilot):
        pane = fake_pane(app)
        await pilot.press("slash")
        await settle(pilot)
        app.post_message(RecordsChanged(Change(frozenset({InteractionId(123)}))))
        await settle(pilot)
        assert len(pane.heard) == 1


async def test_a_feed_that_breaks_is_read_again(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentdesk.tui import bridge

    monkeypatch.setattr(bridge, "FEED_RETRY_S", 0.01)
    reads, breaks = 0, asyncio.Event()
    good = fake.feed

    def feed() -> Any:
        nonlocal reads
        reads += 1
        return broken() if reads == 1 else good()

    async def broken() -> Any:
        await breaks.wait()
        raise StorageProblem("The database went away.")
        yield

    fake.feed = feed  # type: ignore[method-assign]
    async with running(fake) as (app, pilot):
        fake.desktop = replace(fake.desktop, inbox=(offer(1), offer(5, "After the break")))
        breaks.set()
        await pilot.pause(0.1)
        await settle(pilot)
        assert reads == 2
        assert "After the break" in screen_text(app)


async def test_a_new_offer_is_told_with_toast_and_bell(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(DeskApp, "bell", lambda self: rung.append(True))
    fake.desktop = replace(fake.desktop, inbox=())
    async with running(fake, bell=True) as (app, pilot):
        assert rung == []
        fake.desktop = replace(fake.desktop, inbox=(offer(3, "[/order] [bold]5512"),))
        app.post_message(RecordsChanged(Change(offers=True)))
        await settle(pilot)
        assert toasts(app) == ["New offer: [/order] [bold]5512 · Ben Okafor"]
        assert rung == [True]


async def test_the_bell_is_silent_by_option(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(DeskApp, "bell", lambda self: rung.append(True))
    async with running(fake, bell=False) as (app, _):
        assert toasts(app) == ["New offer: Refund for order 5512 · Ben Okafor"]
        assert rung == []


async def test_an_answer_in_another_tab_is_told_one_in_the_active_tab_is_not(
    fake: FakeDesk,
) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    fake.desktop = replace(
        fake.desktop, inbox=(), ongoing=(ongoing(123, "Here"), ongoing(119, "There"))
    )
    async with running(fake) as (app, pilot):
        rows = (ongoing(123, "Here", unread=1), ongoing(119, "There", unread=1))
        fake.desktop = replace(fake.desktop, ongoing=rows)
        app.post_message(RecordsChanged(Change(frozenset({InteractionId(119)}))))
        await settle(pilot)
        assert toasts(app) == ["Mara Olsen wrote: There"]


async def test_trouble_of_the_engine_is_told_once_and_its_end_too(fake: FakeDesk) -> None:
    fake.desktop = replace(fake.desktop, inbox=())
    async with running(fake) as (app, pilot):
        sentence = "The server refused the password. Ask an administrator."
        bad = LoopHealth("support@acme.example", Health.RETRYING, sentence)
        for loops in ((bad,), (bad,), (replace(bad, health=Health.IDLE, sentence=""),)):
            app.post_message(HealthChanged(loops))
            await settle(pilot)
        assert toasts(app) == [
            f"support@acme.example: {sentence}",
            "support@acme.example: Works again.",
        ]


async def test_the_header_tells_the_worst_loop(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        assert "support@acme.example ● idle" in screen_text(app)
        loops = (LoopHealth("send", Health.BUSY), LoopHealth("sales@…", Health.STOPPED))
        app.post_message(HealthChanged(loops))
        await pilot.pause()
        assert "sales@… ● stopped" in screen_text(app)


async def test_the_header_tells_which_mailbox_needs_a_sign_in(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        sentence = "sales@acme.example needs sign-in: run agentdesk sign-in sales."
        stopped = LoopHealth("sales@…", Health.STOPPED, sentence, short="needs sign-in")
        app.post_message(HealthChanged((LoopHealth("send", Health.BUSY), stopped)))
        await settle(pilot)
        assert "sales@… ● needs sign-in" in screen_text(app)
        assert f"sales@…: {sentence}" in toasts(app)


async def test_an_engine_in_trouble_can_be_told_to_try_again(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("E")
        assert fake.calls_of("retry") == []
        app.post_message(HealthChanged((LoopHealth("support@…", Health.RETRYING, "No route."),)))
        await settle(pilot)
        await pilot.press("E")
        assert fake.calls_of("retry") == [()]


@pytest.mark.parametrize(("actor", "there"), [(EVA, True), (ANA, False)])
async def test_a_supervisors_desk_may_start_at_the_wallboard(
    fake: FakeDesk, actor: Actor, there: bool
) -> None:
    fake.actor = actor
    async with running(fake, start_at_wallboard=True) as (app, _):
        assert isinstance(app.screen, WallboardScreen) == there


async def test_the_health_of_the_engine_is_watched(fake: FakeDesk) -> None:
    heard: list[Message] = []
    app = desk_app(fake)
    async with app.run_test(message_hook=heard.append) as pilot:
        await settle(pilot)
        assert any(isinstance(m, HealthChanged) for m in heard)
        assert any(isinstance(m, DeskOpened) for m in heard)


# Errors


async def test_an_expected_error_is_one_toast_of_plain_words(fake: FakeDesk) -> None:
    fake.desktop = replace(fake.desktop, inbox=())
    async with running(fake) as (app, pilot):

        async def refused() -> None:
            raise OfferGone("This offer is gone [/order]: it timed out.")

        assert await app.act(refused()) is None
        await settle(pilot)
        assert toasts(app) == ["This offer is gone [/order]: it timed out."]
        assert "This offer is gone [/order]" in screen_text(app)


async def test_an_unexpected_error_is_not_swallowed(fake: FakeDesk) -> None:
    async with running(fake) as (app, _):

        async def broken() -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await app.act(broken())


@pytest.mark.parametrize("words", HOSTILE)
async def test_hostile_words_in_toasts_and_header_leave_the_screen_whole(
    fake: FakeDesk, words: str
) -> None:
    fake.actor = replace(fake.actor, name=words)
    fake.presence = words
    fake.loops = (LoopHealth(words, Health.RETRYING, words),)
    fake.desktop = replace(fake.desktop, inbox=(offer(1, words, customer=words),))
    async with running(fake) as (app, pilot):
        app.tell(words, "error", words)
        await settle(pilot)
        text = screen_text(app)
        assert "\x1b" not in text
        assert "\u202e" not in text


# Presence and panes


async def test_presence_is_chosen_and_shown(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        assert "● Available" in screen_text(app)
        await pilot.press("P")
        await settle(pilot)
        await pilot.press("2")
        await settle(pilot)
        assert fake.calls_of("set_presence") == [("lunch",)]
        app.post_message(RecordsChanged(Change(agents=frozenset({AgentId(1)}))))
        await settle(pilot)
        assert "○ Lunch" in screen_text(app)


async def test_a_click_on_the_presence_opens_its_choice(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        line = screen_text(app).splitlines()[0]
        await pilot.click("#status", offset=(line.index("Available"), 0))
        await settle(pilot)
        assert app.screen is not app.desk_screen


@pytest.mark.parametrize("width", [80, 99])
async def test_a_narrow_screen_shows_one_part_at_a_time(fake: FakeDesk, width: int) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake, (width, 24)) as (app, pilot):
        shown = [part for part in ("work", "tabs", "customer") if is_shown(app, part)]
        assert shown == ["tabs"]
        assert "1 offer 0:24" in screen_text(app)
        await pilot.press("i")
        await settle(pilot)
        assert [p for p in ("work", "tabs", "customer") if is_shown(app, p)] == ["work"]
        assert app.focused is app.desk_screen.parts.work_list
        await pilot.press(">")
        await settle(pilot)
        assert [p for p in ("work", "tabs", "customer") if is_shown(app, p)] == ["customer"]
        await pilot.press("v")
        await settle(pilot)
        assert [p for p in ("work", "tabs", "customer") if is_shown(app, p)] == ["tabs"]
        assert app.focused is fake_pane(app)


def is_shown(app: DeskApp, part: str) -> bool:
    return app.screen.query_one(f"#{part}").display


async def test_a_narrow_screen_without_tabs_is_the_work_list(fake: FakeDesk) -> None:
    async with running(fake, (80, 24)) as (app, pilot):
        assert is_shown(app, "work")
        assert not is_shown(app, "tabs")
        await pilot.press("down", "enter")
        await settle(pilot)
        assert is_shown(app, "tabs")
        assert app.desk_screen.tabs.workspace.active == 123


async def test_the_side_panes_fold_and_unfold(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake, (140, 40)) as (app, pilot):
        for key, part in (("<", "work"), (">", "customer")):
            assert is_shown(app, part)
            await pilot.press(key)
            await settle(pilot)
            assert not is_shown(app, part)
            await pilot.press(key)
            await settle(pilot)
            assert is_shown(app, part)


async def test_folding_the_focused_work_list_gives_the_keys_to_the_tab(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake, (140, 40)) as (app, pilot):
        await pilot.press("i", "<")
        await settle(pilot)
        assert app.focused is fake_pane(app)


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (80, 24), (140, 40), (200, 60), (400, 100)])
async def test_every_size_of_terminal_shows_a_whole_screen(
    fake: FakeDesk, size: tuple[int, int]
) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake, (100, 30)) as (app, pilot):
        await pilot.resize_terminal(*size)
        await settle(pilot)
        screen_text(app)
        await pilot.press("i")
        await settle(pilot)
        screen_text(app)


async def test_the_clock_ticks(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        assert "09:41" in screen_text(app)
        fake.clock.turn(60)
        app.ticked.publish(app.now())
        await settle(pilot)
        assert "09:42" in screen_text(app)


async def test_an_interaction_that_is_finished_closes_its_tab(fake: FakeDesk) -> None:
    from agentdesk.tui.messages import InteractionFinished

    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, pilot):
        fake_pane(app).post_message(InteractionFinished(InteractionId(123)))
        await settle(pilot)
        assert app.desk_screen.tabs.workspace.active == 119


async def test_actions_of_the_tab_are_not_heard_in_the_work_list(fake: FakeDesk) -> None:
    """`w` there would close another interaction than the highlighted one."""
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, pilot):
        await pilot.press("i", "w", "r")
        await settle(pilot)
        assert fake_pane(app).done == []
        await pilot.press("v", "w")
        await settle(pilot)
        assert fake_pane(app).done == ["close_interaction"]


async def test_composer_gets_the_focus_by_key(fake: FakeDesk) -> None:
    fake.workspace = Workspace(TABS, InteractionId(123))
    async with running(fake) as (app, pilot):
        await pilot.press("d")
        await settle(pilot)
        assert fake_pane(app).done == ["focus_composer"]

"""Long lists: what is read, what stays in place, what is drawn."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from agentdesk.domain.views import Page
from agentdesk.tui import theming
from agentdesk.tui.widgets.cells import fit, right
from agentdesk.tui.widgets.virtual_list import Column, VirtualList
from agentdesk.tui.widgets.window import PAGE_ROWS, PAGES_KEPT, Request, Window
from tests.tui.fake_desk import HOSTILE, keyset

Row = tuple[int, str]

FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Nothing that moves the cursor or reorders a line."""


@dataclass
class Source:
    """Rows in an order, and what was asked for. `hold` makes the next fetch wait."""

    rows: list[Row]
    asked: list[Request] = field(default_factory=list)
    broken: bool = False
    hold: asyncio.Event | None = None

    async def fetch(self, after: str | None, before: str | None, limit: int) -> Page[Row] | None:
        self.asked.append(Request(after, before))
        rows, hold = list(self.rows), self.hold
        if hold is not None:
            self.hold = None
            await hold.wait()
        if self.broken:
            return None
        if before == "end":
            before = None
            return keyset(rows, key, None, None, 10**9) if not rows else tail(rows, limit)
        return keyset(rows, key, after, before, limit)


def tail(rows: list[Row], limit: int) -> Page[Row]:
    """The last page."""
    part = rows[-limit:]
    return Page(tuple(part), before=key(part[0]) if len(rows) > limit else None)


def key(row: Row) -> str:
    return str(row[0])


def numbered(count: int) -> Source:
    return Source([(n, f"Subject {n}") for n in range(count)])


class ListApp(App[None]):
    """Only the list."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.heard: list[Message] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield VirtualList(
            [
                Column("Number", lambda row: (str(row[0]), "$muted-text"), 8, at_right=True),
                Column("Subject", lambda row: (row[1], "$foreground")),
            ],
            self.source.fetch,
            key=key,
            empty="Nothing is here.",
            beyond_last="end",
        )

    @property
    def rows(self) -> VirtualList[Row]:
        return self.query_one(VirtualList)

    def on_virtual_list_selected(self, event: VirtualList.Selected) -> None:
        self.heard.append(event)

    def on_virtual_list_highlighted(self, event: VirtualList.Highlighted) -> None:
        self.heard.append(event)

    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips(self.size)
        return [strip.text.rstrip(" ▁▂▃▄▅▆▇█▎") for strip in strips]

    @property
    def selected(self) -> list[Any]:
        return [m.key for m in self.heard if isinstance(m, VirtualList.Selected)]


async def settle(app: ListApp, pilot: Pilot[None]) -> None:
    for _ in range(10):
        await pilot.pause()
        reading = [worker for worker in app.workers if not worker.is_finished]
        if not reading:
            return
        await app.workers.wait_for_complete(reading)


@asynccontextmanager
async def shown(source: Source) -> AsyncIterator[tuple[ListApp, Pilot[None]]]:
    app = ListApp(source)
    async with app.run_test(size=(60, 21)) as pilot:
        await settle(app, pilot)
        yield app, pilot


async def press(app: ListApp, pilot: Pilot[None], *keys: str) -> None:
    for each in keys:
        await pilot.press(each)
        await settle(app, pilot)


@pytest.mark.parametrize("count", [10, 1_000_000])
async def test_a_million_rows_open_with_one_page_like_ten(count: int) -> None:
    rows = range(count)

    class Endless(Source):
        async def fetch(self, after: str | None, before: str | None, limit: int) -> Page[Row]:
            self.asked.append(Request(after, before))
            start = int(after) + 1 if after is not None else 0
            part = tuple((n, f"Subject {n}") for n in rows[start : start + limit])
            more = start + limit < count
            return Page(part, None if not start else str(start), key(part[-1]) if more else None)

    async with shown(Endless([])) as (app, _):
        assert app.source.asked == [Request()]
        assert "Subject 0" in app.lines()[1]
        assert len(app.rows._window.rows) == min(count, PAGE_ROWS)


async def test_every_row_is_met_once_on_the_way_down() -> None:
    async with shown(numbered(1_000)) as (app, pilot):
        met = [app.rows.row]
        for _ in range(999):
            app.rows.action_move(1)
            if app.rows.row is None or app.rows.row[0] % 90 == 0:
                await settle(app, pilot)
            met.append(app.rows.row)
        assert met == app.source.rows


async def test_no_more_than_twenty_pages_are_kept_and_the_way_back_works() -> None:
    source = numbered(PAGE_ROWS * (PAGES_KEPT + 5))
    async with shown(source) as (app, pilot):
        for _ in range(len(source.rows) // 100):
            app.rows.action_move(100)
            await settle(app, pilot)
        assert app.rows.row == source.rows[-1]
        assert len(app.rows._window.rows) == PAGE_ROWS * PAGES_KEPT
        for _ in range(len(source.rows) // 100):
            app.rows.action_move(-100)
            await settle(app, pilot)
        assert app.rows.row == source.rows[0]
        assert "Subject 0" in app.lines()[1]


async def test_dropped_pages_do_not_move_what_is_looked_at() -> None:
    async with shown(numbered(PAGE_ROWS * (PAGES_KEPT + 3))) as (app, pilot):
        for _ in range(PAGES_KEPT * 2 + 2):
            app.rows.action_move(100)
            await pilot.pause()
            before = app.lines()[1:19]
            await settle(app, pilot)
            assert app.lines()[1:19] == before


async def test_end_shows_the_last_row_without_reading_the_middle() -> None:
    async with shown(numbered(50_000)) as (app, pilot):
        await press(app, pilot, "end")
        assert app.rows.row == (49_999, "Subject 49999")
        assert "Subject 49999" in app.lines()[-1]
        assert len(app.source.asked) <= 3
        await press(app, pilot, "home")
        assert app.rows.row == (0, "Subject 0")
        assert "Subject 0" in app.lines()[1]


async def test_a_row_that_comes_in_above_leaves_the_selection_where_it_was() -> None:
    async with shown(numbered(600)) as (app, pilot):
        await press(app, pilot, *["down"] * 3)
        app.source.rows[:0] = [(10_001, "New one"), (10_002, "Newer one")]
        app.rows.reload()
        await settle(app, pilot)
        assert "New one" in app.lines()[1]
        await press(app, pilot, "enter")
        assert app.selected == ["3"]


async def test_rows_that_come_in_above_a_scrolled_list_do_not_scroll_it() -> None:
    async with shown(numbered(600)) as (app, pilot):
        await press(app, pilot, *["pagedown"] * 8)
        before = app.lines()[1:]
        app.source.rows[:0] = [(10_000 + n, "New") for n in range(50)]
        app.rows.reload()
        await settle(app, pilot)
        assert app.lines()[1:] == before


async def test_a_row_that_moves_to_the_top_takes_the_selection_along() -> None:
    async with shown(numbered(600)) as (app, pilot):
        await press(app, pilot, *["down"] * 5)
        app.source.rows.insert(0, app.source.rows.pop(5))
        app.rows.reload()
        await settle(app, pilot)
        assert app.rows.row == (5, "Subject 5")
        assert "Subject 5" in app.lines()[1]


async def test_when_the_selected_row_goes_its_neighbour_is_selected() -> None:
    async with shown(numbered(10)) as (app, pilot):
        await press(app, pilot, *["down"] * 9)
        del app.source.rows[9]
        app.rows.reload()
        await settle(app, pilot)
        assert app.rows.row == (8, "Subject 8")


async def test_a_reload_reads_only_what_is_looked_at() -> None:
    async with shown(numbered(2_000)) as (app, pilot):
        for _ in range(9):
            app.rows.action_move(100)
            await settle(app, pilot)
        app.source.asked.clear()
        app.rows.reload()
        await settle(app, pilot)
        assert len(app.source.asked) <= 3


async def test_an_empty_list_says_so_in_a_sentence() -> None:
    async with shown(numbered(0)) as (app, pilot):
        assert "Nothing is here." in "\n".join(app.lines())
        await press(app, pilot, "down", "up", "pagedown", "end", "home", "enter")
        assert app.selected == []


async def test_a_list_that_was_emptied_says_so_and_fills_again() -> None:
    async with shown(numbered(5)) as (app, pilot):
        app.source.rows.clear()
        app.rows.reload()
        await settle(app, pilot)
        assert "Nothing is here." in "\n".join(app.lines())
        app.source.rows.append((7, "Back"))
        app.rows.reload()
        await settle(app, pilot)
        assert app.rows.row == (7, "Back")


async def test_resizing_reads_nothing_again() -> None:
    async with shown(numbered(5_000)) as (app, pilot):
        app.source.asked.clear()
        await pilot.resize_terminal(140, 50)
        await pilot.resize_terminal(40, 10)
        await settle(app, pilot)
        assert app.source.asked == []
        assert "Subject 0" in app.lines()[1]


async def test_an_answer_to_an_older_question_is_never_shown() -> None:
    async with shown(numbered(5)) as (app, pilot):
        slow = app.source.hold = asyncio.Event()
        app.rows.load()
        await pilot.pause()
        app.source.rows = [(9, "Wanted now")]
        app.rows.cursor = None
        app.rows.load()
        slow.set()
        await settle(app, pilot)
        assert app.rows.row == (9, "Wanted now")
        assert len(app.rows._window.rows) == 1


async def test_a_change_during_a_read_is_read_after_it() -> None:
    async with shown(numbered(5)) as (app, pilot):
        slow = app.source.hold = asyncio.Event()
        app.rows.load()
        await pilot.pause()
        app.source.rows.insert(0, (50, "Came meanwhile"))
        app.rows.reload()
        slow.set()
        await settle(app, pilot)
        assert "Came meanwhile" in app.lines()[1]


async def test_a_page_that_cannot_be_read_keeps_what_is_there() -> None:
    async with shown(numbered(600)) as (app, pilot):
        app.source.broken = True
        await press(app, pilot, *["pagedown"] * 12)
        assert app.rows.row == (199, "Subject 199")
        app.source.broken = False
        await press(app, pilot, "up", "pagedown", "down")
        assert app.rows.row is not None
        assert app.rows.row[0] > 199


async def test_a_click_chooses_the_row_under_it() -> None:
    async with shown(numbered(50)) as (app, pilot):
        await pilot.click(VirtualList, offset=(12, 4))
        assert app.selected == ["3"]


async def test_each_move_of_the_cursor_is_told() -> None:
    async with shown(numbered(50)) as (app, pilot):
        await press(app, pilot, "down", "down", "up")
        keys = [m.key for m in app.heard if isinstance(m, VirtualList.Highlighted)]
        assert keys == ["0", "1", "2", "1"]


async def test_hostile_words_keep_every_line_at_its_width() -> None:
    source = Source([(n, words) for n, words in enumerate(HOSTILE)])
    async with shown(source) as (app, _):
        for strip in app.screen._compositor.render_strips(app.size):
            assert strip.cell_length == 60
            assert not FORBIDDEN.search(strip.text)
        assert "[/order] [bold red]5512[/] [" in app.lines()[1]


@given(st.text(max_size=60), st.integers(0, 40))
def test_fitted_words_have_exactly_their_width(words: str, width: int) -> None:
    for fitted in (fit(words, width), right(words, width)):
        assert cell_len(fitted) == width
        assert not FORBIDDEN.search(fitted)


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("width", [1, 2, 7, 30])
def test_fitted_hostile_words_have_exactly_their_width(words: str, width: int) -> None:
    assert cell_len(fit(words, width)) == width


Step = tuple[str, int]


@given(st.lists(st.tuples(st.sampled_from(["down", "up", "again"]), st.integers(0, 30))))
def test_a_window_is_always_one_unbroken_part_of_the_list(steps: list[Step]) -> None:
    rows = [(n, "") for n in range(120)]
    window: Window[Row] = Window(key, keep=3)
    window.begin(keyset(rows, key, None, None, 10))
    for what, count in steps:
        if what == "again":
            reread(window, rows, count)
            continue
        place = len(window.rows) - 1 if what == "down" else 0
        request = window.wanted(place, place) if what == "down" else above(window)
        if request is None:
            continue
        page = keyset(rows, key, request.after, request.before, 10)
        (window.append if request.after is not None else window.prepend)(page)
    numbers = [row[0] for row in window.rows]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) <= 30
    assert window.more_before == (numbers[0] > 0)
    assert window.more_after == (numbers[-1] < 119)
    assert all(window.place(key(row)) == place for place, row in enumerate(window.rows))


def above(window: Window[Row]) -> Request | None:
    return Request(before=window.key_at(0)) if window.more_before else None


def reread(window: Window[Row], rows: list[Row], first: int) -> None:
    fresh: list[tuple[Request, Page[Row]]] = []
    for old in window.seen(first, first + 12):
        request = Request(after=fresh[-1][1].after) if fresh else old
        fresh.append((request, keyset(rows, key, request.after, request.before, 10)))
        if fresh[-1][1].after is None:
            break
    window.refreshed(fresh)

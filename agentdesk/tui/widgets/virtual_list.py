"""A list of any length: a window of keyset pages, drawn line by line.

A million rows open as fast as ten, because only the pages around the viewport are read and only the
visible rows are drawn. The cursor is bound to a row's key, so that news never move the selection.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from agentdesk.tui.widgets import columns as layout
from agentdesk.tui.widgets.cells import clip
from agentdesk.tui.widgets.columns import Column, Sized
from agentdesk.tui.widgets.line import Line, Painter, Piece
from agentdesk.tui.widgets.paged_view import TITLES, Fetch, PagedView
from agentdesk.tui.widgets.window import Request

__all__ = ["Column", "Fetch", "VirtualList"]

Row = TypeVar("Row")

READING = "Reading …"


class VirtualList(PagedView[Row], can_focus=True):
    """Shows the rows that `fetch` gives. `beyond_last`: a cursor after every row, for `end`."""

    DEFAULT_CSS = """
    VirtualList { overflow-x: hidden; overflow-y: scroll; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move_page(-1)", show=False),
        Binding("pagedown,space", "move_page(1)", show=False),
        Binding("home,g", "go_to_start", show=False),
        Binding("end,G", "go_to_end", show=False),
        Binding("enter", "select", show=False),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor stands on another row."""

        key: Hashable
        list: "VirtualList[Any]"

        @property
        def control(self) -> "VirtualList[Any]":
            """For selectors of handlers."""
            return self.list

    @dataclass
    class Selected(Message):
        """A row was chosen with enter or a click."""

        key: Hashable
        list: "VirtualList[Any]"

        @property
        def control(self) -> "VirtualList[Any]":
            """For selectors of handlers."""
            return self.list

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        fetch: Fetch[Row],
        *,
        key: Callable[[Row], Hashable],
        empty: str,
        beyond_last: str | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(fetch, key=key, id=id)
        self._columns = columns
        self._empty = empty
        self._beyond_last = beyond_last
        self._painter = Painter(self)
        self._sized: Sized[Row] = []
        self._drawn: dict[int, Strip] = {}

    # Drawing

    def on_resize(self) -> None:
        """Only the widths are made anew; rows are drawn when they are seen."""
        self._sized = layout.share(self._columns, self.scrollable_content_region.width)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Titles, a row, or the sentence of an empty list."""
        strip = self._drawn[y] = self._strip(y)
        return strip

    def refresh_changed(self) -> None:
        """Only the lines that read differently now: a screen that is read twice a second stays calm."""
        width, height = self.size
        changed = [
            Region(0, y, width, 1)
            for y, strip in self._drawn.items()
            if y < height and self._strip(y) != strip
        ]
        if changed:
            self.refresh(*changed)

    def _strip(self, y: int) -> Strip:
        width = self.size.width
        if y < TITLES:
            return self._painter.strip(layout.head(self._sized), width)
        place = y - TITLES + self.scroll_offset.y
        if place < len(self._window.rows):
            return self._row_strip(place, width)
        return self._painter.strip(self._below(place), width)

    def _row_strip(self, place: int, width: int) -> Strip:
        row, base = self._window.rows[place], ""
        if self._key(row) == self.cursor:
            base = "on $cursor-background" if self.has_focus else "on $resting-background"
        return self._painter.strip(layout.line(row, self._sized), width, base)

    def _below(self, place: int) -> Line:
        """What stands where no row is."""
        words = ""
        if not self._read or (self._window.more_after and place == len(self._window.rows)):
            words = READING
        elif not self._window.rows and place == 1:
            words = self._empty
        return (Piece(f" {clip(words, self.size.width - 2)}", "$faint-text"),)

    def watch_has_focus(self, _focus: bool) -> None:
        """The cursor shows whether it is heard."""
        super().watch_has_focus(_focus)
        self.refresh()

    # Moving

    def action_move(self, by: int) -> None:
        """The cursor *by* rows further."""
        place = self._window.place(self.cursor)
        self.put_cursor((place or 0) + by)
        self._show_cursor()

    def action_move_page(self, by: int) -> None:
        """The cursor a screenful further."""
        self.action_move(by * max(1, self._page_height - 1))

    def action_go_to_start(self) -> None:
        """The first row of the whole list."""
        if self._window.more_before:
            self.cursor = None
            self.load()
        else:
            self.put_cursor(0)
            self._show_cursor()

    def action_go_to_end(self) -> None:
        """The last row of the whole list, where its cursor is known; else of what is read."""
        if self._window.more_after and self._beyond_last is not None:
            self.load(Request(before=self._beyond_last))
        else:
            self.put_cursor(len(self._window.rows) - 1)
            self._show_cursor()

    def action_select(self) -> None:
        """Choose the highlighted row."""
        if self.cursor is not None:
            self.post_message(self.Selected(self.cursor, self))

    def on_click(self, event: events.Click) -> None:
        """A click chooses a row."""
        place = event.y - TITLES + self.scroll_offset.y
        if event.y >= TITLES and self._window.key_at(place) is not None:
            self.put_cursor(place)
            self.action_select()

    def put_cursor(self, place: int) -> None:
        """On the row at *place* or the nearest one."""
        place = min(max(place, 0), len(self._window.rows) - 1)
        key = self._window.key_at(place)
        if key == self.cursor:
            return
        old, self.cursor = self._window.place(self.cursor), key
        for each in (old, place):
            if each is not None:
                self.refresh_line(each + TITLES)
        if key is not None:
            self.post_message(self.Highlighted(key, self))

    def _show_cursor(self) -> None:
        """Scroll as little as needed for the cursor to be seen, and read on where a read failed."""
        self._fill_soon()
        place, (first, last) = self._window.place(self.cursor), self._seen()
        if place is None or first <= place <= last:
            return
        self._scroll(place if place < first else place - self._page_height + 1)

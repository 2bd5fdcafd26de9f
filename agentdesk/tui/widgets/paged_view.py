"""A scrolled view of keyset pages: what is read when, while what is looked at stays in place."""

from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.worker import Worker

from agentdesk.domain.views import Page
from agentdesk.tui.widgets.window import PAGE_ROWS, START, Request, Window

Row = TypeVar("Row")

Fetch = Callable[[str | None, str | None, int], Awaitable[Page[Row] | None]]
"""(after, before, limit) -> a page; None where it could not be read and the user knows."""

SEARCHED = 3
"""Pages read beyond the visible ones to find again what was looked at."""

TITLES = 1
"""Lines above the rows."""


class PagedView(ScrollView, Generic[Row]):
    """Reads pages around its viewport, one fetch at a time. Subclasses draw and move the cursor."""

    def __init__(
        self,
        fetch: Fetch[Row],
        *,
        key: Callable[[Row], Hashable],
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._fetch = fetch
        self._key = key
        self._window: Window[Row] = Window(key)
        self._read = False
        self._stale = False
        self._worker: Worker[None] | None = None
        self.cursor: Hashable | None = None
        """The key of the highlighted row."""

    def put_cursor(self, place: int) -> None:
        """Highlight the row at *place* or the nearest one."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Read the first page."""
        self.load()

    def load(self, request: Request = START) -> None:
        """Start again: other rows are meant now. An unfinished read is dropped."""
        self._worker = self.run_worker(self._load(request), group="pages", exclusive=True)

    def reload(self) -> None:
        """Something changed: read again what is looked at. Cursor and viewport stay."""
        self._stale = True
        self._fill_soon()

    async def _load(self, request: Request) -> None:
        self._stale = False
        page = await self._fetch(request.after, request.before, PAGE_ROWS)
        if page is not None:
            self._begin(page, request)
            await self._fill()

    def _begin(self, page: Page[Row], request: Request) -> None:
        at_end = request.before is not None
        self._window.begin(page, request)
        self._read = True
        self._resize_content()
        if at_end or self._window.place(self.cursor) is None:
            self.put_cursor(len(page.rows) - 1 if at_end else 0)
        self._scroll(self._height if at_end else 0)
        self.refresh()

    def _fill_soon(self) -> None:
        """A running read looks at the viewport again by itself before it ends."""
        if self._read and (self._worker is None or self._worker.is_finished):
            self._worker = self.run_worker(self._fill(), group="pages", exclusive=True)

    async def _fill(self) -> None:
        """Fetch until the viewport and its surroundings are there and nothing is stale."""
        while True:
            if self._stale:
                self._stale = False
                await self._read_again()
            elif (request := self._window.wanted(*self._seen())) is not None:
                page = await self._fetch(request.after, request.before, PAGE_ROWS)
                if page is None:
                    return
                self._take(page, request)
            else:
                return

    def _take(self, page: Page[Row], request: Request) -> None:
        """A neighbouring page came; what is looked at stays where it is."""
        below = request.after is not None
        shift = -self._window.append(page) if below else self._window.prepend(page)
        self._resize_content()
        self._scroll(self.scroll_offset.y + shift)
        self.refresh()

    async def _read_again(self) -> None:
        """The visible pages once more, each after the one above it.

        Where rows came in above, a few pages more, until what was looked at is found again.
        """
        old = [START] if self._at_start else self._window.seen(*self._seen())
        look_for = self._anchors()[0][0]
        fresh: list[tuple[Request, Page[Row]]] = []
        while len(fresh) < len(old) + SEARCHED:
            request = Request(after=fresh[-1][1].after) if fresh else old[0]
            page = await self._fetch(request.after, request.before, PAGE_ROWS)
            if page is None:
                return
            fresh.append((request, page))
            found = look_for is None or any(self._key(row) == look_for for row in page.rows)
            look_for = None if found else look_for
            if page.after is None or (found and len(fresh) >= len(old)):
                break
        self._replace(fresh)

    def _replace(self, fresh: list[tuple[Request, Page[Row]]]) -> None:
        """*fresh* as the window; what was looked at keeps its line on the screen."""
        before, at_start, anchors = self._window.place(self.cursor), self._at_start, self._anchors()
        self._window.refreshed(fresh)
        self._resize_content()
        if self._window.place(self.cursor) is None:
            self.put_cursor(before or 0)
        cursor = self._window.place(self.cursor) or 0
        if not (at_start and cursor < self._page_height):
            places = ((self._window.place(key), line) for key, line in anchors)
            tops = (place - line for place, line in places if place is not None)
            self._scroll(next(tops, self.scroll_offset.y))
        self.refresh_changed()

    def refresh_changed(self) -> None:
        """Draw again what looks different now."""
        self.refresh()

    def _anchors(self) -> list[tuple[Hashable | None, int]]:
        """The rows on the screen with their lines; first the cursor's, if it is among them."""
        first, last = self._seen()
        seen = [(self._window.key_at(place), place - first) for place in range(first, last + 1)]
        return sorted(seen, key=lambda each: each[0] != self.cursor)

    @property
    def has_rows(self) -> bool:
        """Whether anything is shown."""
        return bool(self._window.rows)

    @property
    def row(self) -> Row | None:
        """The highlighted row."""
        place = self._window.place(self.cursor)
        return None if place is None else self._window.rows[place]

    @property
    def _at_start(self) -> bool:
        return self.scroll_offset.y == 0 and not self._window.more_before

    @property
    def _height(self) -> int:
        return len(self._window.rows) + (1 if self._window.more_after else 0)

    @property
    def _page_height(self) -> int:
        return max(1, self.size.height - TITLES)

    def _seen(self) -> tuple[int, int]:
        first = self.scroll_offset.y
        return first, first + self._page_height - 1

    def _resize_content(self) -> None:
        self.virtual_size = Size(self.scrollable_content_region.width, self._height + TITLES)

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=max(0, y), animate=False, force=True)

    def on_resize(self) -> None:
        """Another viewport may want more rows."""
        self._resize_content()
        self._fill_soon()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read on before the end comes into view."""
        super().watch_scroll_y(old_value, new_value)
        self._fill_soon()

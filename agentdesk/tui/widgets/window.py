"""The part of a long list that is kept in memory: some pages in a row, and where they end.

Pure: `VirtualList` asks it what to fetch and gives it what came. Rows are found by key, never by
number, because numbers change whenever somebody writes a mail.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from agentdesk.domain.views import Page

Row = TypeVar("Row")

PAGE_ROWS = 200
PAGES_KEPT = 20
NEAR = PAGE_ROWS // 2
"""So many rows before an end of the window the next page is fetched."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch: rows after or before a cursor; both None is the start of the list."""

    after: str | None = None
    before: str | None = None


START = Request()


class Window(Generic[Row]):
    """Up to `PAGES_KEPT` neighbouring pages of a list."""

    def __init__(self, key: Callable[[Row], Hashable], keep: int = PAGES_KEPT) -> None:
        self._key = key
        self._keep = keep
        self._pages: list[tuple[Request, Page[Row]]] = []
        self.rows: list[Row] = []
        self._places: dict[Hashable, int] = {}

    @property
    def more_before(self) -> bool:
        """Whether the list goes on above the window."""
        return bool(self._pages) and self._pages[0][1].before is not None

    @property
    def more_after(self) -> bool:
        """Whether the list goes on below it."""
        return bool(self._pages) and self._pages[-1][1].after is not None

    def place(self, key: Hashable) -> int | None:
        """Where the row with *key* is, counted from the first kept one."""
        return self._places.get(key)

    def key_at(self, place: int) -> Hashable | None:
        """The key of the row at *place*."""
        return self._key(self.rows[place]) if 0 <= place < len(self.rows) else None

    def wanted(self, first: int, last: int) -> Request | None:
        """What to fetch when rows *first* to *last* are looked at; None when there is enough."""
        if self.more_after and last >= len(self.rows) - NEAR:
            return Request(after=self._pages[-1][1].after)
        if self.more_before and first < NEAR:
            return Request(before=self._pages[0][1].before)
        return None

    def begin(self, page: Page[Row], request: Request = START) -> None:
        """Only *page*, whatever was here."""
        self._pages = [(request, page)]
        self._index()

    def append(self, page: Page[Row]) -> int:
        """*page* below; answers how many rows were dropped at the top."""
        last = self._pages[-1]
        if not page.rows:
            self._pages[-1] = (last[0], replace(last[1], after=None))
            return 0
        self._pages.append((Request(after=last[1].after), page))
        dropped = self._pages[: -self._keep]
        self._pages = self._pages[-self._keep :]
        self._index()
        return sum(len(each.rows) for _, each in dropped)

    def prepend(self, page: Page[Row]) -> int:
        """*page* above; answers how many rows came. The bottom is dropped where it is too much."""
        first = self._pages[0]
        if not page.rows:
            self._pages[0] = (first[0], replace(first[1], before=None))
            return 0
        self._pages.insert(0, (Request(before=first[1].before), page))
        self._pages = self._pages[: self._keep]
        self._index()
        return len(page.rows)

    def seen(self, first: int, last: int) -> list[Request]:
        """How the pages that hold rows *first* to *last* were asked for, in order."""
        return [self._pages[at][0] for at in self._pages_of(first, last)]

    def refreshed(self, pages: list[tuple[Request, Page[Row]]]) -> None:
        """Only *pages*, which were read again: all others may be out of date."""
        self._pages = [(request, page) for request, page in pages if page.rows] or pages[:1]
        self._index()

    def _pages_of(self, first: int, last: int) -> list[int]:
        found, start = [], 0
        for at, (_, page) in enumerate(self._pages):
            end = start + len(page.rows)
            if start <= last and first < end:
                found.append(at)
            start = end
        return found or ([0] if self._pages else [])

    def _index(self) -> None:
        self.rows = [row for _, page in self._pages for row in page.rows]
        self._places = {self._key(row): place for place, row in enumerate(self.rows)}

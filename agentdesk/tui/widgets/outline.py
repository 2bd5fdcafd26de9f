"""The sections and items of the routing setup, one below the other."""

from collections.abc import Mapping

from agentdesk.domain.views import Page
from agentdesk.tui.setup_draft import OPTIONS, Draft, Place
from agentdesk.tui.widgets.virtual_list import Column, VirtualList
from agentdesk.tui.widgets.window import START

PROBLEM, WARNING = "✗", "!"


class Outline(VirtualList[Place]):
    """Marks items that something is wrong or odd with. `draft` is whose items are shown."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        self.draft: Draft | None = None
        self.marks: Mapping[Place, str] = {}
        columns = [Column("", self._sign, width=1), Column("Setup", self._title)]
        super().__init__(columns, self._places, key=lambda place: place, empty="", id=id)

    async def _places(self, _after: str | None, _before: str | None, _limit: int) -> Page[Place]:
        """All of them: they are in memory already."""
        return Page(tuple(self.draft.places()) if self.draft else ())

    def _sign(self, place: Place) -> tuple[str, str]:
        mark = self.marks.get(place, "")
        return mark, "bold $over" if mark == PROBLEM else "$soon"

    def _title(self, place: Place) -> tuple[str, str]:
        assert self.draft is not None
        if place.section == OPTIONS:
            return self.draft.title(place), "bold $heading-text"
        if place.at < 0:
            words = f"{self.draft.title(place)}  {self.draft.count(place.section) or 'none'}"
            return words, "bold $heading-text"
        return f"· {self.draft.title(place)}", ""

    async def show(self, draft: Draft, place: Place) -> None:
        """The items of *draft*, the cursor on *place*."""
        self.draft, self.cursor = draft, place
        await self._load(START)
        self._show_cursor()
        self.refresh()

"""A virtual list of 100,000 rows over keyset pages."""

from textual.app import App, ComposeResult

from agentdesk.domain.views import Page
from agentdesk.tui import theming
from agentdesk.tui.widgets.virtual_list import Column, VirtualList

COUNT = 100_000
Row = tuple[int, str]


async def fetch(after: str | None, before: str | None, limit: int) -> Page[Row]:
    """A page of rows, as a database would give it."""
    first = int(after) + 1 if after else max(0, int(before) - limit) if before else 0
    last = min(COUNT, int(before)) if before else min(COUNT, first + limit)
    rows = tuple((n, f"Order {n} arrived damaged") for n in range(first, last))
    return Page(rows, str(first) if first else None, str(last - 1) if last < COUNT else None)


class ListApp(App[None]):
    """Nothing but the list."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The desk's own variables."""
        return theming.defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        """One list, focused."""
        columns = [
            Column("Number", lambda row: (str(row[0]), "$foreground"), 8),
            Column("Subject", lambda row: (row[1], "$foreground")),
        ]
        yield VirtualList(columns, fetch, key=lambda row: row[0], empty="Nothing is here.")


if __name__ == "__main__":
    ListApp().run()

"""The interactions and cases of a person or an account, newest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from agentdesk.domain.people import HistoryRow
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import moment_words, one_line
from agentdesk.tui.widgets.columns import Column
from agentdesk.tui.widgets.paged_view import Fetch
from agentdesk.tui.widgets.virtual_list import VirtualList

ARROWS = {"inbound": "←", "outbound": "→"}


class HistoryList(VirtualList[HistoryRow]):
    """Its enter carries the id of the action that opens a row."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Open", id="open_history")]

    def __init__(self, fetch: Fetch[HistoryRow], *, people: bool, id: str | None = None) -> None:  # noqa: A002
        """*people*: whose it was is worth a column, as for an account."""
        super().__init__(
            self._made(people=people),
            fetch,
            key=lambda row: row.number,
            empty="Nothing ever came or went.",
            id=id,
        )

    def _made(self, *, people: bool) -> Sequence[Column[HistoryRow]]:
        who: Column[HistoryRow] = Column(
            "Customer", lambda row: (one_line(row.customer), "$foreground"), 20, from_width=70
        )
        return [
            Column("Number", lambda row: (one_line(row.number), "$muted-text"), 10),
            Column("", lambda row: (ARROWS.get(row.direction, " "), "$muted-text"), 1),
            Column("Subject", _subject),
            *([who] if people else []),
            Column("State", lambda row: (one_line(row.state), "$muted-text"), 16, from_width=60),
            Column("Changed", lambda row: (self._when(row.at), "$muted-text"), 11, 40, True),
        ]

    def _when(self, moment: datetime) -> str:
        app = shell(self)
        return moment_words(moment, app.now(), app.options.zone)


def _subject(row: HistoryRow) -> tuple[str, str]:
    return one_line(row.subject) or "(no subject)", "$foreground"

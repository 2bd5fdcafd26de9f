"""The supervisor's list of work items with its marks, and the line that says which it shows."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive

from agentdesk.domain.board import WorkLine
from agentdesk.domain.ids import WorkItemId
from agentdesk.domain.work import WorkState
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import ROUTED, moment_words, one_line, span_words
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, spread
from agentdesk.tui.widgets.set_aside_list import MARK
from agentdesk.tui.widgets.virtual_list import Column, Fetch, VirtualList

NONE = "Nothing waits."
NONE_FOUND = "Nothing waits that these filters find."
FIRST_PRIORITY = 2
"""Up to this priority it is coloured."""


class WorkItemList(VirtualList[WorkLine]):
    """Rows of any number; `marked` are those that the next action takes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Read", id="read_item"),
        Binding("space", "screen.mark_item", "Mark", id="mark_item"),
    ]

    def __init__(self, fetch: Fetch[WorkLine], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(self._made(), fetch, key=lambda row: row.work_item_id, empty=NONE, id=id)
        self.marked: dict[WorkItemId, WorkLine] = {}

    def start_over(self, *, filtered: bool) -> None:
        """Other rows are meant now."""
        self._empty = NONE_FOUND if filtered else NONE
        self.marked.clear()
        self.cursor = None
        self.load()

    def toggle_mark(self) -> None:
        """The highlighted row, and on to the next."""
        if (row := self.row) is None:
            return
        if self.marked.pop(row.work_item_id, None) is None:
            self.marked[row.work_item_id] = row
        self.refresh()
        self.action_move(1)

    def toggle_all(self) -> None:
        """Every row that is read; none where any is marked."""
        marked = {} if self.marked else {row.work_item_id: row for row in self._window.rows}
        self.marked = marked
        self.refresh()

    def meant(self) -> Sequence[WorkLine]:
        """The marked rows, or the highlighted one."""
        if self.marked:
            return tuple(self.marked.values())
        return (self.row,) if self.row is not None else ()

    def _made(self) -> list[Column[WorkLine]]:
        return [
            Column("", self._mark, 1),
            Column("Waited", _waited, 8, at_right=True),
            Column("P", _priority, 1),
            Column("Subject", _subject),
            Column("Customer", _customer, 18, from_width=84),
            Column("Queue", _queue, 14, from_width=62),
            Column("State", _state, 20, from_width=46),
            Column("Target", self._target, 7, 100, True),
            Column("Size", lambda row: (str(row.size), "$muted-text"), 4, 128, True),
            Column("Offers", lambda row: (str(row.offers or "–"), "$muted-text"), 6, 120, True),
            Column("Number", lambda row: (row.number, "$muted-text"), 10, from_width=110),
        ]

    def _mark(self, row: WorkLine) -> tuple[str, str]:
        return (MARK, "bold $unread") if row.work_item_id in self.marked else (" ", "")

    def _target(self, row: WorkLine) -> tuple[str, str]:
        if row.target_at is None:
            return "–", "$faint-text"
        app = shell(self)
        words = moment_words(row.target_at, app.now(), app.options.zone)
        return words, "$over" if row.target_at <= app.now() else "$muted-text"


def _waited(row: WorkLine) -> tuple[str, str]:
    return span_words(row.waited_s), "$over" if row.needs_attention else "$foreground"


def _priority(row: WorkLine) -> tuple[str, str]:
    return str(row.priority), "bold $late" if row.priority <= FIRST_PRIORITY else "$muted-text"


def _subject(row: WorkLine) -> tuple[str, str]:
    return one_line(row.subject) or "(no subject)", "$foreground"


def _customer(row: WorkLine) -> tuple[str, str]:
    return (f"★ {row.customer}", "$vip") if row.vip else (row.customer, "$muted-text")


def _state(row: WorkLine) -> tuple[str, str]:
    if row.needs_attention:
        return "needs attention", "$over"
    if row.state is WorkState.OFFERED:
        return f"offered to {row.agent}", "$calm"
    return (f"with {row.centre}", "$note") if row.centre else ("waiting", "$muted-text")


def _queue(row: WorkLine) -> tuple[str, str]:
    return f"{ROUTED} {row.queue}" if row.centre else row.queue, "$muted-text"


class WorkItemLine(LineWidget):
    """Which list, which queue, which order; at the right how many are marked."""

    DEFAULT_CSS = "WorkItemLine { color: $muted-text; }"

    words: reactive[tuple[tuple[str, str], ...]] = reactive(())
    marked: reactive[int] = reactive(0)

    def pieces(self, width: int) -> Line:
        """Pairs of a name and what is chosen; a click chooses something else."""
        line = [Piece(" ")]
        for target, words in self.words:
            line += [Piece(f"{words}   ", "$foreground", target)]
        right = [Piece(f"{self.marked} marked ", "bold $unread")] if self.marked else []
        return spread(line, right, width)

    def chosen(self, target: str) -> None:
        """Do what its key does."""
        self.call_later(self.screen.run_action, target)

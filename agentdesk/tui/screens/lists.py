"""Every interaction there is: five lists, a search box, and enter to open."""

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from agentdesk import services
from agentdesk.domain.interaction import State
from agentdesk.domain.views import InteractionRow, Page
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import moment_words, one_line
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.line import Line, LineWidget, Piece
from agentdesk.tui.widgets.virtual_list import Column, VirtualList

LISTS = {"all": "All", "open": "Open", "mine": "Mine", "queued": "Queued", "closed": "Closed"}
"""The names that `views.interactions` knows, and ours."""

EMPTY = "Nothing here. Other words or another list may find it."
CALM_S = 0.25
"""Pause in typing after which the search runs; also the least time between two re-reads."""

BEYOND_LAST = "0.0"
"""A cursor of `views.interactions` older than every row: the page before it is the last one."""

STATE_STYLES = {
    State.NEW: "$unread",
    State.WORK_IN_PROGRESS: "$calm",
    State.ON_HOLD: "$muted-text",
    State.WRAP_UP: "$soon",
    State.CLOSED_COMPLETE: "$faint-text",
    State.CLOSED_ABANDONED: "$faint-text",
}


class ListChoice(LineWidget):
    """The names of the lists; the chosen one is lit."""

    chosen_list: reactive[str] = reactive("all")

    def pieces(self, width: int) -> Line:
        """` 1 All  2 Open …`"""
        line = [Piece(" Interactions   ", "bold $heading-text")]
        for place, (name, label) in enumerate(LISTS.items(), 1):
            here = name == self.chosen_list
            ground = " on $tab-background" if here else ""
            words = "bold $foreground" if here else "$muted-text"
            line.append(Piece(f" {place} ", f"$faint-text{ground}", name))
            line.append(Piece(f"{label} ", f"{words}{ground}", name))
        return line

    def chosen(self, target: str) -> None:
        """A click on a name."""
        self.chosen_list = target


class InteractionList(VirtualList[InteractionRow]):
    """Its enter carries the id of an action, so that the footer shows it and a key map moves it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Open", id="open_row")]


class ListsScreen(Screen[InteractionRow]):
    """Answers the row to open, or nothing."""

    CSS_PATH = "lists.tcss"
    AUTO_FOCUS = "#search"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.LISTS),
        *(Binding(str(n), f"choose_list({n})", show=False) for n in range(1, len(LISTS) + 1)),
    ]

    def __init__(self) -> None:
        super().__init__(id="lists")
        self._calm: Timer | None = None

    def compose(self) -> ComposeResult:
        yield ListChoice(id="list-choice")
        yield Input(id="search", placeholder="Words, a name or a number", compact=True)
        yield InteractionList(
            self._columns(),
            self._fetch,
            key=lambda row: row.interaction_id,
            empty=EMPTY,
            beyond_last=BEYOND_LAST,
            id="rows",
        )
        yield DeskFooter()

    @property
    def rows(self) -> InteractionList:
        """The list."""
        return self.query_one(InteractionList)

    def on_mount(self) -> None:
        """Another list is other rows."""
        choice = self.query_one(ListChoice)
        self.watch(choice, "chosen_list", self._start_over, init=False)
        self.query_one(Input).cursor_blink = shell(self).options.blink

    async def _fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[InteractionRow] | None:
        app = shell(self)
        return await app.act(
            services.views.interactions(
                app.desk,
                app.actor,
                which=self.query_one(ListChoice).chosen_list,
                search=self.query_one(Input).value,
                after=after,
                before=before,
                limit=limit,
            )
        )

    def _columns(self) -> list[Column[InteractionRow]]:
        return [
            Column("Number", lambda row: (row.number, "$muted-text"), 10),
            Column("Subject", _subject),
            Column("Customer", lambda row: (row.customer, "$foreground"), 20, from_width=90),
            Column("State", _state, 16, from_width=60),
            Column("Owner", lambda row: (row.owner or "–", "$muted-text"), 14, from_width=110),
            Column("Queue", lambda row: (row.queue, "$muted-text"), 14, from_width=130),
            Column("Changed", lambda row: (self._when(row.changed_at), "$muted-text"), 11, 0, True),
        ]

    def _when(self, moment: datetime) -> str:
        app = shell(self)
        return moment_words(moment, app.now(), app.options.zone)

    # What makes it read

    def _start_over(self) -> None:
        self.rows.cursor = None
        self.rows.load()

    def _after_calm(self, then: str) -> None:
        """Run the method *then* when nothing more has come for a moment."""
        if self._calm is not None:
            self._calm.stop()
        self._calm = self.set_timer(CALM_S, getattr(self, then))

    @on(Input.Changed, "#search")
    def _search_changed(self) -> None:
        self._after_calm("_start_over")

    @on(Input.Submitted, "#search")
    def _search_submitted(self) -> None:
        self.rows.focus()

    @on(RecordsChanged)
    def _records_changed(self) -> None:
        self.rows.reload()

    # Actions

    @on(VirtualList.Selected)
    def action_open_row(self) -> None:
        """Open the highlighted row as a tab of the desk."""
        if (row := self.rows.row) is not None:
            self.dismiss(row)

    def action_go_back(self) -> None:
        """From the box to the list is one step, from the list to the desk the next."""
        self.dismiss(None)

    def action_focus_search(self) -> None:
        """Type what to look for."""
        self.query_one(Input).focus()

    def action_choose_list(self, place: int) -> None:
        """The list with that digit."""
        self.query_one(ListChoice).chosen_list = list(LISTS)[place - 1]

    def action_next_list(self) -> None:
        """The list to the right, round the end."""
        self._step(1)

    def action_previous_list(self) -> None:
        """The list to the left, round the end."""
        self._step(-1)

    def _step(self, by: int) -> None:
        choice = self.query_one(ListChoice)
        names = list(LISTS)
        choice.chosen_list = names[(names.index(choice.chosen_list) + by) % len(names)]


def _subject(row: InteractionRow) -> tuple[str, str]:
    words = one_line(row.subject) or "(no subject)"
    return words, "$muted-text" if row.state.closed else "$foreground"


def _state(row: InteractionRow) -> tuple[str, str]:
    return row.state.label, STATE_STYLES[row.state]

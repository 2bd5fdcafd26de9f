"""A screen of lists: their names, a search box, rows; enter opens one."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Input

from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.reading import Calm
from agentdesk.tui.screens.row_lists import RowList
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.list_choice import ListChoice
from agentdesk.tui.widgets.virtual_list import VirtualList

CALM_S = 0.25
"""Pause in typing after which the search runs; also the least time between two re-reads."""

Answer = TypeVar("Answer")


class RowsScreen(Screen[Answer]):
    """Answers the row to open, or nothing. *first* is the list that it starts on.

    `NAMES` are the lists by key, `TITLE_WORDS` stands before them; on `ALL` the search box is first.
    """

    CSS_PATH = "lists.tcss"
    AUTO_FOCUS = ""
    TITLE_WORDS: ClassVar[str] = ""
    NAMES: ClassVar[Mapping[str, str]] = {}
    ALL: ClassVar[str] = "all"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.LISTS),
        *(Binding(str(n), f"choose_list({n})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, first: str, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._first = first
        self._calm = Calm(self)

    def kind_of(self, name: str) -> type[RowList[Any]]:
        """The widget of that list."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield ListChoice(self.TITLE_WORDS, self.NAMES, id="list-choice")
        yield Input(id="search", placeholder="Words, a name or a number", compact=True)
        yield ContentSwitcher(id="rows")
        yield DeskFooter()

    @property
    def rows(self) -> RowList[Any]:
        """The list that is shown."""
        found = self.query_one(ContentSwitcher).visible_content
        return cast("RowList[Any]", found)

    @property
    def choice(self) -> ListChoice:
        """Which one is chosen."""
        return self.query_one(ListChoice)

    async def on_mount(self) -> None:
        """The first list; another one is other rows."""
        self.query_one(Input).cursor_blink = shell(self).options.blink
        self.choice.chosen_list = self._first
        await self._show_list()
        self.query_one(Input).focus() if self._first == self.ALL else self.rows.focus()
        self.watch(self.choice, "chosen_list", self._start_over, init=False)

    async def _show_list(self) -> None:
        """The widget of the chosen list, made at its first visit; it reads by itself then."""
        kind = self.kind_of(self.choice.chosen_list)
        switcher, name = self.query_one(ContentSwitcher), kind.__name__
        if not switcher.query(f"#{name}"):
            made = kind(self._asked)
            made.id = name
            await switcher.add_content(made, id=name)
        switcher.current = name

    def _asked(self) -> tuple[str, str]:
        return self.choice.chosen_list, self.query_one(Input).value

    # What makes it read

    async def _start_over(self) -> None:
        """Other rows are meant: another list, or other words."""
        had_focus = self.rows.has_focus
        await self._show_list()
        if had_focus:
            self.rows.focus()
        self.rows.cursor = None
        self.rows.load()
        self.refresh_bindings()

    @on(Input.Changed, "#search")
    def _search_changed(self) -> None:
        self._calm.then(self._start_over, CALM_S)

    @on(Input.Submitted, "#search")
    def _search_submitted(self) -> None:
        self.rows.focus()

    @on(RecordsChanged)
    def _records_changed(self) -> None:
        self.rows.reload()

    @on(VirtualList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    # Actions

    @property
    def _row(self) -> Any:
        """The highlighted row."""
        switcher = self.query(ContentSwitcher)
        shown = switcher.first().visible_content if switcher else None
        return shown.row if isinstance(shown, RowList) else None

    @on(VirtualList.Selected)
    def action_open_row(self) -> None:
        """Open the highlighted row as a tab of the desk."""
        if (row := self._row) is not None:
            self.dismiss(row)

    def action_go_back(self) -> None:
        """From the box to the list is one step, from the list to the desk the next."""
        self.dismiss(None)

    def action_focus_search(self) -> None:
        """Type what to look for."""
        self.query_one(Input).focus()

    def action_choose_list(self, place: int) -> None:
        """The list with that digit."""
        self.choice.choose(place)

    def action_next_list(self) -> None:
        """The list to the right, round the end."""
        self.choice.step(1)

    def action_previous_list(self) -> None:
        """The list to the left, round the end."""
        self.choice.step(-1)

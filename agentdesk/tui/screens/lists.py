"""Lists of everything there is: interactions, what waits, wrap-ups; a search box, enter to open."""

from typing import Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Input

from agentdesk import services
from agentdesk.domain.views import WaitingRow
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.messages import Openable, RecordsChanged
from agentdesk.tui.reading import Calm
from agentdesk.tui.screens.row_lists import InteractionList, RowList, WaitingList, WrapUpList
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.list_choice import ListChoice
from agentdesk.tui.widgets.virtual_list import VirtualList

LISTS = {
    "all": "All",
    "open": "Open",
    "mine": "Mine",
    "queued": "Queued",
    "closed": "Closed",
    "waiting": "Waiting",
    "wrap_ups": "Wrap-ups",
}
"""The names that `views.interactions` knows, and ours; `waiting` is what this agent may take."""

OTHERS: dict[str, type[RowList[Any]]] = {"waiting": WaitingList, "wrap_ups": WrapUpList}
"""Those whose rows are no interactions."""

CALM_S = 0.25
"""Pause in typing after which the search runs; also the least time between two re-reads."""


class ListsScreen(Screen[Openable]):
    """Answers the row to open, or nothing. *first* is the list that it starts on."""

    CSS_PATH = "lists.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.LISTS),
        *(Binding(str(n), f"choose_list({n})", show=False) for n in range(1, len(LISTS) + 1)),
    ]

    def __init__(self, first: str = "all") -> None:
        super().__init__(id="lists")
        self._first = first
        self._calm = Calm(self)

    def compose(self) -> ComposeResult:
        yield ListChoice("Lists", LISTS, id="list-choice")
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
        self.query_one(Input).focus() if self._first == "all" else self.rows.focus()
        self.watch(self.choice, "chosen_list", self._start_over, init=False)

    async def _show_list(self) -> None:
        """The widget of the chosen list, made at its first visit; it reads by itself then."""
        kind = OTHERS.get(self.choice.chosen_list, InteractionList)
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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what waits can be taken."""
        if action == "take_row":
            return isinstance(self._row, WaitingRow)
        if action == "explain_row":
            return self._row is not None and self.choice.chosen_list != "wrap_ups"
        return super().check_action(action, parameters)

    @property
    def _row(self) -> Openable | None:
        """The highlighted row."""
        switcher = self.query(ContentSwitcher)
        shown = switcher.first().visible_content if switcher else None
        return cast("Openable | None", shown.row) if isinstance(shown, RowList) else None

    @on(VirtualList.Selected)
    def action_open_row(self) -> None:
        """Open the highlighted row as a tab of the desk."""
        if (row := self._row) is not None:
            self.dismiss(row)

    @work(group="take", exclusive=True)
    async def action_take_row(self) -> None:
        """Take the highlighted work, and open it."""
        row, app = self._row, shell(self)
        if row is None:
            return

        async def take() -> bool:
            await services.offers.assign_to_me(app.desk, app.actor, row.interaction_id)
            return True

        if await app.act(take()):
            self.dismiss(row)

    @work(group="why", exclusive=True)
    async def action_explain_row(self) -> None:
        """Why the highlighted work is where it is."""
        from agentdesk.tui.dialogs import why

        row, app = self._row, shell(self)
        if isinstance(row, WaitingRow):
            await why.explain_item(app, row.work_item_id)
        elif row is not None:
            await why.explain_interaction(app, row.interaction_id)

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

"""Lists of everything there is: interactions, what waits, wrap-ups; a search box, enter to open."""

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import work

from agentdesk import services
from agentdesk.domain.views import WaitingRow
from agentdesk.tui.messages import Openable
from agentdesk.tui.screens.row_lists import InteractionList, RowList, WaitingList, WrapUpList
from agentdesk.tui.screens.rows_screen import RowsScreen
from agentdesk.tui.shell import shell

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


class ListsScreen(RowsScreen[Openable]):
    """Answers the row to open, or nothing. *first* is the list that it starts on."""

    TITLE_WORDS: ClassVar[str] = "Lists"
    NAMES: ClassVar[Mapping[str, str]] = LISTS

    def __init__(self, first: str = "all") -> None:
        super().__init__(first, id="lists")

    def kind_of(self, name: str) -> type[RowList[Any]]:
        """Interactions, unless it is another list."""
        return OTHERS.get(name, InteractionList)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what waits can be taken."""
        if action == "take_row":
            return isinstance(self._row, WaitingRow)
        if action == "explain_row":
            return self._row is not None and self.choice.chosen_list != "wrap_ups"
        return super().check_action(action, parameters)

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

"""The three parts of the desk side by side, and which of them are shown.

With room enough they stand beside each other; on a narrow screen one at a time: the one that is
asked for. Style classes say which, `screens/desk.tcss` does it.
"""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from agentdesk.domain.ids import ThreadId
from agentdesk.domain.views import CustomerCard
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.messages import SummaryRead, SummaryWanted
from agentdesk.tui.panes.customer import CustomerPane
from agentdesk.tui.panes.tabs import TabsPane
from agentdesk.tui.panes.work import WorkList, WorkPane
from agentdesk.tui.reading import is_within
from agentdesk.tui.widgets.summary import SummaryCard
from agentdesk.tui.widgets.summary_text import SummaryState

AT_WORK = "-at-work"
AT_CUSTOMER = "-at-customer"
NO_WORK = "-no-work"
NO_CUSTOMER = "-no-customer"
NOT_OPEN = "-not-open"
NO_TAB = "-no-tab"
WITH_CUSTOMER = "-with-customer"
WITH_SUMMARY = "-with-summary"
AT_SUMMARY = "-at-summary"
"""On a narrow screen the summary has all the room of the right part."""


class DeskParts(Horizontal):
    """Work list, tabs and customer.

    Keys of a case are bound here, below the screen: there they would share keys with those of an
    interaction, and remapping one of two in a node loses the other.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(Scope.CASE, via="screen.pane")]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes=f"{NOT_OPEN} {NO_TAB}")
        self._summaries: dict[ThreadId, SummaryState] = {}

    def compose(self) -> ComposeResult:
        yield WorkPane(id="work")
        yield TabsPane()
        with Vertical(id="customer"):
            yield CustomerPane()
            yield SummaryCard()

    @property
    def work_list(self) -> WorkList:
        """On the left."""
        return self.query_one(WorkList)

    @property
    def tabs(self) -> TabsPane:
        """In the middle."""
        return self.query_one(TabsPane)

    @property
    def summary(self) -> SummaryCard:
        """On the right, below the customer."""
        return self.query_one(SummaryCard)

    @property
    def narrow(self) -> bool:
        """Only one part has room."""
        return self.screen.has_class("-narrow")

    @property
    def work_is_seen(self) -> bool:
        """Whether the work list stands on the screen."""
        return bool(self.query_one(WorkPane).display)

    @property
    def focus_in_work(self) -> bool:
        """Whether keys go to the work list."""
        return is_within(self.screen.focused, self.query_one(WorkPane))

    def show_customer(self, card: CustomerCard | None) -> None:
        """Who writes in the active tab."""
        self.query_one(CustomerPane).show(card)

    def show_work(self) -> None:
        """Bring the work list to the front and give it the keys."""
        self.remove_class(NO_WORK, AT_CUSTOMER, AT_SUMMARY)
        self.add_class(AT_WORK)
        self._when_shown(self.work_list.focus)

    def show_tabs(self) -> None:
        """Bring the active tab to the front and give it the keys."""
        self.remove_class(AT_WORK, AT_CUSTOMER, AT_SUMMARY)
        pane = self.tabs.active_pane
        if pane is None:
            self.show_work()
        else:
            self._when_shown(pane.focus_stream)

    def _when_shown(self, focus: Callable[[], object]) -> None:
        """A part that was folded takes the focus only once it stands on the screen."""
        if self.narrow:
            self.call_after_refresh(focus)
        else:
            focus()

    def show_composer(self) -> None:
        """The mail that is being written in the active tab, if there is one."""
        pane = self.tabs.active_pane
        if pane is not None:
            self.remove_class(AT_WORK, AT_CUSTOMER, AT_SUMMARY)
            self._when_shown(pane.focus_composer)

    def toggle_work(self) -> None:
        """Fold or unfold the left part."""
        leaving = self.has_class(AT_WORK) if self.narrow else self.work_is_seen
        if not leaving:
            self.show_work()
            return
        self.set_class(not self.narrow, NO_WORK)
        self.show_tabs() if self.tabs.active_pane else self.remove_class(AT_WORK)

    def toggle_customer(self) -> None:
        """Fold or unfold the right part."""
        if self.narrow:
            self.toggle_class(AT_CUSTOMER)
            self.remove_class(AT_WORK, AT_SUMMARY)
            return
        seen = self.query_one("#customer").display
        self.set_class(seen, NO_CUSTOMER)
        self.set_class(not seen, WITH_CUSTOMER)

    # The summary

    @on(SummaryRead)
    def _summary_read(self, event: SummaryRead) -> None:
        event.stop()
        self._summaries[event.thread_id] = event.state
        self._show_summary()

    @on(TabsPane.Changed)
    def _tabs_changed(self, event: TabsPane.Changed) -> None:
        still_open = {tab.thread_id for tab in event.workspace.tabs}
        self._summaries = {k: v for k, v in self._summaries.items() if k in still_open}
        self._show_summary()

    def _show_summary(self) -> None:
        """That of the active tab, as it was last told."""
        active = self.tabs.workspace.active
        state = self._summaries.get(active) if active is not None else None
        self.summary.state = state
        self.set_class(state is not None and state.allowed, WITH_SUMMARY)

    @on(SummaryWanted)
    def _summary_wanted(self, event: SummaryWanted) -> None:
        """Bring it to the front and give it the keys."""
        event.stop()
        self.remove_class(AT_WORK, NO_CUSTOMER)
        self.add_class(AT_CUSTOMER, AT_SUMMARY, WITH_CUSTOMER)
        self.call_after_refresh(self.summary.focus)

    @on(SummaryCard.Wanted)
    async def _summary_used(self, event: SummaryCard.Wanted) -> None:
        event.stop()
        pane = self.tabs.active_pane
        if pane is None:
            return
        if event.action_id != "leave_summary":
            await pane.summarising.do(event.action_id)
        elif not pane.summarising.stop():
            self.show_tabs()

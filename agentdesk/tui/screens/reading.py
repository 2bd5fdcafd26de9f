"""A conversation over the supervisor's screens: everything can be read, nothing changed."""

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from agentdesk.domain.ids import ThreadId
from agentdesk.tui import actions, records
from agentdesk.tui.actions import Scope
from agentdesk.tui.messages import RecordsChanged, TabRequested
from agentdesk.tui.panes.conversation import ConversationPane
from agentdesk.tui.panes.sources import source_of
from agentdesk.tui.panes.stream_reader import READERS
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.footer import DeskFooter


class ReadingPane(ConversationPane[Any]):
    """A conversation without composers; what is read here stays unread for its agent."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what reads; the conversation hands its keys on to here."""
        if action == "load_earlier":
            return bool(self.children) and self.stream.has_earlier
        return action in (*READERS, "fold_composer")

    def action_fold_composer(self) -> None:
        """Escape in the conversation: nothing is written here, so it leaves."""
        self.screen.dismiss(None)

    async def _mark_read(self, seq: int) -> None:
        """Not by somebody who only looks on."""


class ReadingScreen(Screen[None]):
    """One conversation; escape leads back to where it was opened."""

    CSS = "ReadingPane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.LISTS, "go_back"),
        *actions.bindings(Scope.SUPERVISOR, "open_tab"),
        *actions.bindings(Scope.INTERACTION, *READERS, via="pane"),
    ]

    def __init__(self, thread_id: ThreadId, number: str) -> None:
        super().__init__(id="reading")
        self._opened, self._number = thread_id, number

    def compose(self) -> ComposeResult:
        yield ReadingPane(source_of(self._opened, self._number))
        yield DeskFooter()

    @property
    def pane(self) -> ReadingPane:
        """The conversation."""
        return self.query_one(ReadingPane)

    def on_mount(self) -> None:
        """The keys scroll it."""
        self.pane.focus_stream()

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        self.pane.post_message(RecordsChanged(event.change))

    @on(TabRequested)
    def _thread_requested(self, event: TabRequested) -> None:
        event.stop()
        self.app.switch_screen(ReadingScreen(event.thread_id, event.number))

    async def action_pane(self, action_id: str) -> None:
        """One of a reader's actions."""
        await self.pane.run_action(action_id)

    def action_go_back(self) -> None:
        """To the screen below."""
        self.dismiss(None)

    async def action_open_tab(self) -> None:
        """Take it to the desk, and leave the supervisor's screens."""
        await records.open_on_desk(shell(self), self._opened, self._number)

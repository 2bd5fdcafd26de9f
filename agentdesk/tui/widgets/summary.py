"""The summary of the active conversation: a card below its customer, and one line where that is hidden."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from agentdesk.tui.actions import Scope, bindings
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import summary_text
from agentdesk.tui.widgets.summary_text import SummaryState, Surroundings

NEEDS_ONE = frozenset({"copy_summary", "note_summary", "praise_summary", "fault_summary"})


class SummaryCard(VerticalScroll):
    """Shows a `SummaryState`. What its keys ask for is told by message; None hides it."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SUMMARY)]

    state: reactive[SummaryState | None] = reactive(None, init=False)

    @dataclass
    class Wanted(Message):
        """An action of the scope summary was asked for."""

        action_id: str

    def compose(self) -> ComposeResult:
        yield Static(id="summary-heading", markup=False)
        yield Static(id="summary-body", markup=False)
        yield Static(id="summary-foot", markup=False)

    def on_mount(self) -> None:
        """Hidden until a conversation is open."""
        self.display = False

    def watch_state(self, old: SummaryState | None, state: SummaryState | None) -> None:
        """Draw it; what grows is read from its beginning."""
        self.display = state is not None and state.allowed
        if state is None or not self.is_attached:
            return
        around = self._around()
        self.query_one("#summary-heading", Static).update(summary_text.heading(state, around))
        self.query_one("#summary-body", Static).update(summary_text.body(state, around))
        self.query_one("#summary-foot", Static).update(summary_text.foot(state, around))
        if old is None or old.kept is not state.kept:
            self.scroll_home(animate=False)
        self.refresh_bindings()

    def _around(self) -> Surroundings:
        app = shell(self)
        currency = app.desk.rules.ai.currency
        return Surroundings(app.now(), app.options.zone, currency, key_of(self, "show_summary"))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What means something now."""
        state = self.state
        if state is None or not state.allowed:
            return action not in NEEDS_ONE | {"renew_summary"}
        if action in NEEDS_ONE:
            return state.kept is not None and not state.busy
        return action != "renew_summary" or not state.busy

    def action_renew_summary(self) -> None:
        """Written once more."""
        self.post_message(self.Wanted("renew_summary"))

    def action_copy_summary(self) -> None:
        """Into the clipboard."""
        self.post_message(self.Wanted("copy_summary"))

    def action_note_summary(self) -> None:
        """Into the conversation, for colleagues."""
        self.post_message(self.Wanted("note_summary"))

    def action_praise_summary(self) -> None:
        """It helped."""
        self.post_message(self.Wanted("praise_summary"))

    def action_fault_summary(self) -> None:
        """It did not."""
        self.post_message(self.Wanted("fault_summary"))

    def action_leave_summary(self) -> None:
        """Stop the writing, or go back."""
        self.post_message(self.Wanted("leave_summary"))


class SummaryLine(Static):
    """What a kept summary says first, above the conversation; the style sheet shows it where the card
    has no place.
    """

    DEFAULT_CSS = """
    SummaryLine {
        height: 1;
        padding: 0 1;
        display: none;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self) -> None:
        super().__init__(id="summary-line", markup=False)

    def show(self, state: SummaryState) -> None:
        """The line of *state*; it takes no room while there is none."""
        line = summary_text.short(state, key_of(self, "show_summary"))
        self.set_class(bool(line), "-kept")
        self.update(line)

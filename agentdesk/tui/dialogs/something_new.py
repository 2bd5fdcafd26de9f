"""Sending stopped, because the thread moved while the agent was writing."""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css


class AfterStop(StrEnum):
    """What to do with the mail that was about to leave."""

    SHOW = "show"
    SEND = "send"
    EDIT = "edit"


class SomethingNewDialog(Dialog[AfterStop]):
    """Shows the new entry, sends anyway, or goes back to the text. Escape goes back to the text."""

    CSS_PATH = with_dialog_css("something_new.tcss")
    TITLE_TEXT: ClassVar[str] = "Something new in this conversation"
    AUTO_FOCUS = "#show"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "answer('show')", show=False),
        Binding("e", "answer('edit')", show=False),
        Binding("a", "answer('send')", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence

    def compose_body(self) -> Iterable[Widget]:
        """The service's sentence and three answers."""
        yield Static(Content(self._sentence), classes="sentence")
        yield Static(Content("Your mail has not been sent."), classes="sentence muted")
        yield Horizontal(
            Button("Show it (s)", id="show", compact=True, variant="primary"),
            Button("Edit (e)", id="edit", compact=True),
            Button("Send anyway (a)", id="send", compact=True, variant="warning"),
            classes="answers",
        )

    @on(Button.Pressed)
    def _take_answer(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id or "edit")

    def action_answer(self, answer: str) -> None:
        """Close with one of `AfterStop`."""
        self.dismiss(AfterStop(answer))

"""A question with yes and no."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css


class ConfirmDialog(Dialog[bool]):
    """Answers True only for yes; no, escape and a click beside it are False or None.

    `danger` marks an answer that cannot be taken back, and puts the focus on no.
    """

    CSS_PATH = with_dialog_css("confirm.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("n", "answer(False)", "No", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(
        self,
        question: str,
        *,
        yes: str = "Yes",
        no: str = "No",
        title: str = "",
        danger: bool = False,
    ) -> None:
        super().__init__(classes="-danger" if danger else None)
        self._question, self._yes, self._no = question, yes, no
        self._title_text, self._danger = title, danger

    def title_text(self) -> str:
        """As given."""
        return self._title_text

    def compose_body(self) -> Iterable[Widget]:
        """The sentence, and both answers."""
        yield Static(Content(self._question), classes="sentence")
        yield Horizontal(
            Button(Content(self._no), id="no", compact=True),
            Button(
                Content(self._yes),
                id="yes",
                compact=True,
                variant="error" if self._danger else "primary",
            ),
            classes="answers",
        )

    def on_mount(self) -> None:
        """The harmless answer is one key away."""
        self.query_one("#no" if self._danger else "#yes").focus()

    @on(Button.Pressed)
    def _take_answer(self, event: Button.Pressed) -> None:
        self.action_answer(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """Close with *answer*."""
        self.dismiss(answer)

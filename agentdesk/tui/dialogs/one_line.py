"""One line of text, saved before the box closes."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import ClassVar

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from agentdesk.tui.dialogs.submitting import SubmittingDialog
from agentdesk.tui.widgets.cells import one_line

Save = Callable[[str], Awaitable[str]]
"""Saves the line; answers the sentence that refuses it, empty when it went."""


class OneLineDialog(SubmittingDialog[str]):
    """Saves through *save* and stays open when that refuses. Answers the line."""

    HINT: ClassVar[str] = "Enter saves · Esc cancels"

    def __init__(self, title: str, save: Save, *, placeholder: str = "") -> None:
        super().__init__()
        self._title, self._save, self._placeholder = title, save, placeholder

    def title_text(self) -> str:
        """As given, on one line."""
        return one_line(self._title)

    def compose_body(self) -> Iterable[Widget]:
        """The field and both answers."""
        yield Input(id="line", compact=True, placeholder=self._placeholder)
        yield Static("", classes="problem", markup=False)
        yield Horizontal(
            Button("Cancel", id="cancel", compact=True),
            Button("Save", id="save", compact=True, variant="primary"),
            classes="answers",
        )

    @on(Input.Submitted)
    @on(Button.Pressed, "#save")
    def _submit(self) -> None:
        line = self.query_one(Input).value.strip()
        self.submit(partial(self._save, line), line)

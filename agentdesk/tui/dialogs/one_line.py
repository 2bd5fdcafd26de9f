"""One line of text, saved before the box closes."""

from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar

from textual import on, work
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from agentdesk.tui.dialogs.dialog import Dialog
from agentdesk.tui.widgets.cells import one_line

Save = Callable[[str], Awaitable[str]]
"""Saves the line; answers the sentence that refuses it, empty when it went."""


class OneLineDialog(Dialog[str]):
    """Saves through *save* and stays open when that refuses. Answers the line."""

    HINT: ClassVar[str] = "Enter saves · Esc cancels"

    def __init__(self, title: str, save: Save, *, placeholder: str = "") -> None:
        super().__init__()
        self._title, self._save, self._placeholder = title, save, placeholder
        self._saving = False

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
        if not self._saving:
            self._saving = True
            self._do(self.query_one(Input).value.strip())

    @work(group="save")
    async def _do(self, line: str) -> None:
        try:
            refused = await self._save(line)
        finally:
            self._saving = False
        if not refused:
            self.dismiss(line)
            return
        problem = self.query_one(".problem", Static)
        problem.update(Content(one_line(refused)))
        problem.add_class("-shown")

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()

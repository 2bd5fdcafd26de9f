"""Dialogs that do what they ask about, and stay open while it is refused."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual import on, work
from textual.content import Content
from textual.widgets import Button, Static

from agentdesk.tui.dialogs.dialog import Dialog
from agentdesk.tui.widgets.cells import one_line

T = TypeVar("T")


class SubmittingDialog(Dialog[T]):
    """Its body has a `Static` of the class `problem`, and perhaps a button `#cancel`."""

    _submitting = False

    def submit(self, doing: Callable[[], Awaitable[str]], answer: T) -> None:
        """Do it; a second call meanwhile does nothing. *doing* answers the sentence that refuses it,
        which is shown, or nothing: then the dialog answers *answer*.
        """
        if not self._submitting:
            self._submitting = True
            self._do(doing, answer)

    @work(group="submit")
    async def _do(self, doing: Callable[[], Awaitable[str]], answer: T) -> None:
        try:
            refused = await doing()
        finally:
            self._submitting = False
        if refused:
            self.complain(refused)
        else:
            self.dismiss(answer)

    def complain(self, sentence: str) -> None:
        """Show what keeps it from being done."""
        problem = self.query_one(".problem", Static)
        problem.update(Content(one_line(sentence)))
        problem.add_class("-shown")

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()

"""The look and manners that all dialogs share."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from agentdesk.tui.shell import shell

T = TypeVar("T")


def with_dialog_css(name: str) -> list[str | PurePath]:
    """A dialog's own `CSS_PATH`: Textual reads only the class's list, so it names the shared one."""
    return ["dialog.tcss", name]


class Dialog(ModalScreen[T]):
    """A box in the middle of the screen. Escape, or a click beside it, answers None."""

    CSS_PATH: ClassVar[list[str | PurePath] | None] = ["dialog.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    TITLE_TEXT: ClassVar[str] = ""
    HINT: ClassVar[str] = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = Content(self.title_text())
            yield from self.compose_body()
            if self.HINT:
                yield Static(Content(self.HINT), classes="hint")

    def on_mount(self) -> None:
        """Cursors blink only where settings say so."""
        blink = shell(self).options.blink
        for field in self.query(Input):
            field.cursor_blink = blink
        for area in self.query(TextArea):
            area.cursor_blink = blink

    def title_text(self) -> str:
        """What stands in the frame; plain text."""
        return self.TITLE_TEXT

    def compose_body(self) -> Iterable[Widget]:
        """The widgets inside the box."""
        raise NotImplementedError

    def on_click(self, event: events.Click) -> None:
        """A click beside the box cancels."""
        if event.widget is self:
            self.action_cancel()

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

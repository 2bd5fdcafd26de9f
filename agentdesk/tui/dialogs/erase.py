"""Erase a person: what goes, what stays, and their name typed once more."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.widgets.cells import one_line

GOES = (
    "Goes: name, addresses, notes and tags; the text, subjects, files and original bytes of every "
    "mail, note and draft of theirs."
)
STAYS = (
    "Stays: how many interactions and cases there were, when, and who worked on them. The audit log "
    "says that you erased this person. Nothing of it can be brought back."
)


LONGEST_ASKED = 60
"""Characters of a name that have to be typed."""


class EraseDialog(Dialog[bool]):
    """Answers True once the name was typed. *name* is that of the record, or its address."""

    CSS_PATH = with_dialog_css("erase.tcss")
    TITLE_TEXT: ClassVar[str] = "Erase a person"
    HINT: ClassVar[str] = "Enter erases once the name is right · Esc keeps everything"

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name_words = " ".join(one_line(name, LONGEST_ASKED).split())

    def compose_body(self) -> Iterable[Widget]:
        """What happens, and the name."""
        yield Static(Content(GOES), classes="sentence")
        yield Static(Content(STAYS), classes="sentence")
        yield Static(
            Content.assemble("Type ", (self._name_words, "bold"), " to erase."), classes="sentence"
        )
        yield Input(id="name", compact=True)
        yield Static("", classes="problem", markup=False)
        yield Horizontal(
            Button("Keep", id="keep", compact=True),
            Button("Erase", id="erase", compact=True, variant="error"),
            classes="answers",
        )

    def on_mount(self) -> None:
        """Typing begins at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#erase")
    def _erase(self) -> None:
        typed = " ".join(self.query_one(Input).value.split())
        if typed.casefold() == self._name_words.casefold():
            self.dismiss(True)
            return
        problem = self.query_one(".problem", Static)
        problem.update(Content("That is not the name. Nothing was erased."))
        problem.add_class("-shown")

    @on(Button.Pressed, "#keep")
    def _keep(self) -> None:
        self.action_cancel()

"""How a case was resolved: a code, and notes that say what was done."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, OptionList, Static, TextArea
from textual.widgets.option_list import Option

from agentdesk.domain.case_views import CaseChoice
from agentdesk.tui.dialogs.dialog import with_dialog_css
from agentdesk.tui.dialogs.submitting import SubmittingDialog
from agentdesk.tui.widgets.cells import one_line

Resolve = Callable[[str, str], Awaitable[str]]
"""Does it with code and notes; answers the sentence that refuses it, empty when it went."""


class ResolveDialog(SubmittingDialog[bool]):
    """Resolves through *resolve* and stays open when that refuses. Answers True."""

    CSS_PATH = with_dialog_css("resolve_case.tcss")
    HINT: ClassVar[str] = "Tab moves · ^G resolves · Esc leaves it open"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g,ctrl+enter", "submit", "Resolve", show=False, priority=True)
    ]

    def __init__(
        self, number: str, codes: Sequence[CaseChoice], resolve: Resolve, notes: str = ""
    ) -> None:
        super().__init__()
        self._number, self._codes = number, tuple(codes)
        self._resolve, self._notes = resolve, notes

    def title_text(self) -> str:
        """`Resolve CS0000007`."""
        return f"Resolve {self._number}"

    def compose_body(self) -> Iterable[Widget]:
        """Codes, notes, answers."""
        yield Static("How it was resolved", classes="label")
        options = [Option(Content(f" {one_line(code.label)}")) for code in self._codes]
        yield OptionList(*options, id="codes", compact=True, markup=False)
        yield Static("Notes: what was found, what was done", classes="label")
        yield TextArea(self._notes, id="notes", tab_behavior="focus", compact=True)
        yield Static("", classes="problem", markup=False)
        yield Horizontal(
            Button("Cancel", id="cancel", compact=True),
            Button("Resolve", id="submit", compact=True, variant="primary"),
            classes="answers",
        )

    def on_mount(self) -> None:
        """A code first."""
        super().on_mount()
        codes = self.query_one("#codes", OptionList)
        codes.highlighted = 0 if self._codes else None
        codes.focus()

    @on(OptionList.OptionSelected)
    def _go_to_notes(self) -> None:
        self.query_one("#notes").focus()

    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        """Resolve it; a second press meanwhile does nothing."""
        at = self.query_one("#codes", OptionList).highlighted
        code = "" if at is None else self._codes[at].key
        notes = self.query_one("#notes", TextArea).text.strip()
        self.submit(partial(self._resolve, code, notes), True)

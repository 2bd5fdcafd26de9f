"""Choose a file to attach."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agentdesk.domain.errors import BadInput
from agentdesk.tui import local_files
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.local_files import Found
from agentdesk.tui.transfer import Transfer
from agentdesk.tui.widgets.entry_text import size_text

BAR_CELLS = 20
PROGRESS_S = 0.1
"""Seconds between two looks at how far reading is."""


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file that was read."""

    name: str
    content: bytes


class AttachDialog(Dialog[ChosenFile]):
    """A path with completion. Answers the file, read, of at most *most* bytes.

    *root* confines it to one folder. The file is only read: nothing ever opens or runs it.
    """

    CSS_PATH = with_dialog_css("attach.tcss")
    TITLE_TEXT: ClassVar[str] = "Attach a file"
    TOO_LARGE: ClassVar[str] = local_files.FOR_MAIL
    HINT: ClassVar[str] = "Tab completes · ↑↓ choose · Enter attaches · Esc cancels"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, most: int, start: str = "~/", root: Path | None = None) -> None:
        super().__init__()
        self._most, self._start, self._root = most, start, root
        self._transfer: Transfer | None = None
        self._found: tuple[Found, ...] = ()

    def compose_body(self) -> Iterable[Widget]:
        """Path and what it may become."""
        yield Input(self._start, id="path", compact=True, select_on_focus=False)
        yield OptionList(id="found", compact=True, markup=False)
        yield Static("", classes="problem", markup=False)
        yield Static("", id="progress", markup=False)

    def on_mount(self) -> None:
        """The list is no stop for the focus: up and down move in it from the path."""
        self.query_one(OptionList).can_focus = False
        self.set_interval(PROGRESS_S, self._show_progress)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.query_one(".problem").remove_class("-shown")
        self._list(event.value)

    @work(group="list", exclusive=True)
    async def _list(self, typed: str) -> None:
        self._found = await asyncio.to_thread(local_files.complete, typed, self._root)
        found = self.query_one(OptionList)
        found.set_options([Option(self.line(each)) for each in self._found])
        found.highlighted = 0 if self._found else None

    def line(self, found: Found) -> Content:
        """One file or folder of the list."""
        if found.folder:
            return Content.assemble((f" {found.name}/", "bold"))
        return Content.assemble((f" {found.name}", ""), (f"  {size_text(found.size)}", "dim"))

    @property
    def highlighted(self) -> Found | None:
        """The line that the arrows chose."""
        at = self.query_one(OptionList).highlighted
        return self._found[at] if at is not None and at < len(self._found) else None

    def picked(self, typed: str) -> None:
        """That path is meant."""
        self._read(typed)

    def action_move(self, step: int) -> None:
        """Highlight the next line."""
        found = self.query_one(OptionList)
        (found.action_cursor_down if step > 0 else found.action_cursor_up)()

    def action_complete(self) -> None:
        """Take the highlighted line into the path."""
        if self.highlighted is not None:
            self._put(self.highlighted.typed)

    def _put(self, typed: str) -> None:
        path = self.query_one(Input)
        path.value = typed
        path.cursor_position = len(typed)

    @on(OptionList.OptionSelected)
    def _click(self, event: OptionList.OptionSelected) -> None:
        chosen = self._found[event.option_index]
        self._put(chosen.typed)
        if not chosen.folder:
            self.picked(chosen.typed)

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        """Open the highlighted folder or attach the highlighted file; else what was typed."""
        typed, chosen = event.value, self.highlighted
        if chosen is None or not chosen.typed.lower().startswith(typed.lower()):
            self.picked(typed)
        elif chosen.folder:
            self._put(chosen.typed)
        else:
            self.picked(chosen.typed)

    def action_cancel(self) -> None:
        """Stop what is being read; else leave without an answer."""
        if self._transfer is not None:
            self._transfer.cancel()
        else:
            super().action_cancel()

    @work(group="read")
    async def _read(self, typed: str) -> None:
        if self._transfer is not None:
            return
        transfer = self._transfer = Transfer()
        try:
            name, content = await asyncio.to_thread(
                local_files.read, typed, self._most, self._root, transfer, self.TOO_LARGE
            )
        except BadInput as error:
            self.complain(str(error))
        else:
            self.dismiss(ChosenFile(name, content))
        finally:
            self._transfer = None
            self._show_progress()

    def complain(self, sentence: str) -> None:
        """Why a file is not taken."""
        problem = self.query_one(".problem", Static)
        problem.update(Content(sentence))
        problem.add_class("-shown")

    def _show_progress(self) -> None:
        if not self.is_attached:
            return
        line, transfer = self.query_one("#progress", Static), self._transfer
        line.set_class(transfer is not None, "-shown")
        if transfer is not None:
            line.update(Content(f"{bar(transfer)} {transfer.words()} · Esc stops"))


def bar(transfer: Transfer) -> str:
    """How far one file is, in `BAR_CELLS`."""
    share = transfer.done / transfer.total if transfer.total else 0.0
    full = round(min(1.0, share) * BAR_CELLS)
    return "━" * full + "─" * (BAR_CELLS - full)

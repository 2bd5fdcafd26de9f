"""Save a file of a mail: which one, under which name, where."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from agentdesk.domain.errors import BadInput
from agentdesk.tui import local_files
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.local_files import NameTaken
from agentdesk.tui.transfer import Transfer
from agentdesk.tui.widgets.entry_text import size_text

PROGRESS_S = 0.1
"""Seconds between two looks at how far saving is."""


@dataclass(frozen=True, slots=True)
class Saveable:
    """One file on offer. `fetch` reads its content; None where that failed and was told.

    `size` is None where it is not known yet. `whole` marks the mail itself, which is no part of
    "all files". `private`: only this user may read what is saved.
    """

    name: str
    size: int | None
    fetch: Callable[[], Awaitable[bytes | None]]
    whole: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """Where files were saved."""

    folder: Path
    names: tuple[str, ...]


class SaveAttachmentDialog(Dialog[Saved]):
    """Writes the file itself and stays open when that fails. Nothing is replaced without asking.

    With several files the first line stands for all of them; each then gets a name that is free.
    """

    CSS_PATH = with_dialog_css("save_attachment.tcss")
    TITLE_TEXT: ClassVar[str] = "Save"
    HINT: ClassVar[str] = "Tab moves · Enter saves · Esc cancels"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g", "save", show=False, priority=True),
    ]

    def __init__(
        self,
        files: Sequence[Saveable],
        *,
        selected: int = 0,
        folder: str = "~/",
        root: Path | None = None,
    ) -> None:
        super().__init__()
        self._files, self._root = tuple(files), root
        self._selected, self._folder = selected, folder
        self._parts = tuple(file for file in self._files if not file.whole)
        self._replace = False
        self._all = False
        self._transfer: Transfer | None = None
        self._place = ""

    def compose_body(self) -> Iterable[Widget]:
        """Files where there are several, name, folder, answers."""
        if len(self._files) > 1:
            every = [Option(Content(f" All {len(self._parts)} files"))] if self._offers_all else []
            each = [Option(_line(file)) for file in self._files]
            yield OptionList(*every, *each, id="files", compact=True, markup=False)
        yield Horizontal(
            Label("Name", classes="name"),
            Input(self._files[self._selected].name, id="name", compact=True),
            classes="line",
        )
        yield Horizontal(
            Label("Folder", classes="name"),
            Input(self._folder, id="folder", compact=True, select_on_focus=False),
            classes="line",
        )
        yield Static("", classes="problem", markup=False)
        yield Static("", id="progress", markup=False)
        yield Horizontal(
            Button("Cancel", id="cancel", compact=True),
            Button("Save", id="save", compact=True, variant="primary"),
            classes="answers",
        )

    @property
    def _offers_all(self) -> bool:
        return len(self._parts) > 1

    def on_mount(self) -> None:
        """Start on the file that was chosen, and look at how far saving is while it runs."""
        if len(self._files) > 1:
            files = self.query_one(OptionList)
            files.highlighted = self._selected + self._offers_all
            files.focus()
        else:
            self.query_one("#name").focus()
        self.set_interval(PROGRESS_S, self._show_progress)

    @on(OptionList.OptionHighlighted)
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        self._all = self._offers_all and event.option_index == 0
        name = self.query_one("#name", Input)
        name.disabled = self._all
        if not self._all:
            self._selected = event.option_index - self._offers_all
        name.value = "each under its own name" if self._all else self._files[self._selected].name

    @on(Input.Changed)
    def _other_place(self) -> None:
        self._set_replace(False)
        self.query_one(".problem").remove_class("-shown")

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    @on(Button.Pressed, "#save")
    def _press_save(self) -> None:
        self.action_save()

    @on(Button.Pressed, "#cancel")
    def _press_cancel(self) -> None:
        self.action_cancel()

    def action_save(self) -> None:
        """Fetch and write; a second press meanwhile does nothing."""
        if self._transfer is None:
            self._transfer = Transfer()
            self._save(self._transfer)

    def action_cancel(self) -> None:
        """Stop what is being saved; else leave without an answer."""
        if self._transfer is not None:
            self._transfer.cancel()
        else:
            super().action_cancel()

    @work(group="save")
    async def _save(self, transfer: Transfer) -> None:
        folder, name = self.query_one("#folder", Input).value, self.query_one("#name", Input).value
        done: list[Path] = []
        try:
            if self._all:
                await self._save_all(folder, transfer, done)
            else:
                file = self._files[self._selected]
                done += filter(None, [await self._write(folder, name, file, transfer)])
        except NameTaken as error:
            self._set_replace(not self._all)
            self._complain(str(error))
        except BadInput as error:
            before = f"{len(done)} of {len(self._parts)} files are saved. " if done else ""
            self._complain(f"{before}{error}")
        else:
            if len(done) == (len(self._parts) if self._all else 1):
                self.dismiss(Saved(done[0].parent, tuple(path.name for path in done)))
        finally:
            self._transfer = None
            self._show_progress()

    async def _save_all(self, folder: str, transfer: Transfer, done: list[Path]) -> None:
        for number, file in enumerate(self._parts, 1):
            self._place = f"{number} of {len(self._parts)} · "
            name = await asyncio.to_thread(local_files.free_name, folder, file.name, self._root)
            path = await self._write(folder, name, file, transfer)
            if path is None:
                return
            done.append(path)

    async def _write(
        self, folder: str, name: str, file: Saveable, transfer: Transfer
    ) -> Path | None:
        transfer.begin(name, 0)
        content = await file.fetch()
        if content is None:
            return None
        return await asyncio.to_thread(
            local_files.write,
            folder,
            name,
            content,
            replace=self._replace,
            root=self._root,
            transfer=transfer,
            private=file.private,
        )

    def _show_progress(self) -> None:
        if not self.is_attached:
            return
        line, transfer = self.query_one("#progress", Static), self._transfer
        line.set_class(transfer is not None, "-shown")
        if transfer is not None:
            place = self._place if self._all else ""
            line.update(Content(f"Saving {place}{transfer.words()} · Esc stops"))

    def _set_replace(self, replace: bool) -> None:
        self._replace = replace
        self.query_one("#save", Button).label = "Replace" if replace else "Save"

    def _complain(self, sentence: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.update(Content(sentence))
        problem.add_class("-shown")


def _line(file: Saveable) -> Content:
    size = "the whole mail" if file.whole else size_text(file.size or 0)
    return Content.assemble((f" {file.name}", ""), (f"  {size}", "dim"))

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
from agentdesk.tui.widgets.entry_text import size_text


@dataclass(frozen=True, slots=True)
class Saveable:
    """One file on offer. `fetch` reads its content; None where that failed and was told."""

    name: str
    size: int
    fetch: Callable[[], Awaitable[bytes | None]]


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
        self._replace = False
        self._all = False
        self._busy = False

    def compose_body(self) -> Iterable[Widget]:
        """Files where there are several, name, folder, answers."""
        if len(self._files) > 1:
            everything = Option(Content(f" All {len(self._files)} files"))
            each = [Option(_line(file)) for file in self._files]
            yield OptionList(everything, *each, id="files", compact=True, markup=False)
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
        yield Horizontal(
            Button("Cancel", id="cancel", compact=True),
            Button("Save", id="save", compact=True, variant="primary"),
            classes="answers",
        )

    def on_mount(self) -> None:
        """Start on the file that was chosen."""
        if len(self._files) > 1:
            self.query_one(OptionList).highlighted = self._selected + 1
            self.query_one(OptionList).focus()
        else:
            self.query_one("#name").focus()

    @on(OptionList.OptionHighlighted)
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        self._all = event.option_index == 0
        name = self.query_one("#name", Input)
        name.disabled = self._all
        if not self._all:
            self._selected = event.option_index - 1
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
        if not self._busy:
            self._busy = True
            self._save()

    @work(group="save")
    async def _save(self) -> None:
        folder, name = self.query_one("#folder", Input).value, self.query_one("#name", Input).value
        try:
            if self._all:
                paths = [await self._write_free(folder, file) for file in self._files]
            else:
                paths = [await self._write(folder, name, self._files[self._selected])]
        except NameTaken as error:
            self._set_replace(True)
            self._complain(str(error))
        except BadInput as error:
            self._complain(str(error))
        else:
            if all(paths):
                done = [path for path in paths if path is not None]
                self.dismiss(Saved(done[0].parent, tuple(path.name for path in done)))
        finally:
            self._busy = False

    async def _write(self, folder: str, name: str, file: Saveable) -> Path | None:
        content = await file.fetch()
        if content is None:
            return None
        return await asyncio.to_thread(
            local_files.write, folder, name, content, replace=self._replace, root=self._root
        )

    async def _write_free(self, folder: str, file: Saveable) -> Path | None:
        name = await asyncio.to_thread(local_files.free_name, folder, file.name, self._root)
        return await self._write(folder, name, file)

    def _set_replace(self, replace: bool) -> None:
        self._replace = replace
        self.query_one("#save", Button).label = "Replace" if replace else "Save"

    def _complain(self, sentence: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.update(Content(sentence))
        problem.add_class("-shown")


def _line(file: Saveable) -> Content:
    return Content.assemble((f" {file.name}", ""), (f"  {size_text(file.size)}", "dim"))

"""Choose files to attach: one, or several that are marked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from agentdesk.domain.errors import BadInput
from agentdesk.tui import local_files
from agentdesk.tui.dialogs.attach import AttachDialog, ChosenFile
from agentdesk.tui.local_files import Found
from agentdesk.tui.transfer import Transfer

Take = Callable[[ChosenFile, Transfer], Awaitable[str]]
"""Keeps a file that was read, telling how far it is; answers the sentence that refuses it."""


class AttachFilesDialog(AttachDialog):
    """Files are read and given to *take*, one after the other; `kept` names those that it kept.

    Answers the last one. It stays open with a sentence where a file is refused.
    """

    HINT: ClassVar[str] = (
        "Tab completes · ↑↓ choose · F2 marks several · Enter attaches · Esc cancels"
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "mark", show=False, priority=True)]

    def __init__(self, most: int, take: Take, start: str = "~/", root: Path | None = None) -> None:
        super().__init__(most, start, root)
        self._take = take
        self._marked: dict[str, str] = {}
        self.kept: list[str] = []

    def compose_body(self) -> Iterable[Widget]:
        """Below the list also what is marked."""
        yield from super().compose_body()
        yield Static("", id="marked", markup=False)

    def line(self, found: Found) -> Content:
        """With a dot where it is marked."""
        mark = ("● ", "$unread") if found.typed in self._marked else ("  ", "")
        return Content.assemble(mark, super().line(found))

    def action_mark(self) -> None:
        """Attach the highlighted file with others, or not; the highlight moves on."""
        found, chosen = self.query_one(OptionList), self.highlighted
        if chosen is None or chosen.folder or found.highlighted is None:
            return
        if self._marked.pop(chosen.typed, None) is None:
            self._marked[chosen.typed] = chosen.name
        found.replace_option_prompt_at_index(found.highlighted, self.line(chosen))
        self.action_move(1)
        self._show_marked()

    def _show_marked(self) -> None:
        if not self.is_attached:
            return
        line = self.query_one("#marked", Static)
        line.set_class(bool(self._marked), "-shown")
        line.update(Content(f"{len(self._marked)} marked: {', '.join(self._marked.values())}"))

    @on(Input.Submitted)
    def _enter_marked(self, event: Input.Submitted) -> None:
        """What is marked goes before what is highlighted."""
        if self._marked:
            event.prevent_default()
            self.picked(event.value)

    def picked(self, typed: str) -> None:
        """That file, or those that are marked."""
        self._take_all(*(self._marked or (typed,)))

    @work(group="read")
    async def _take_all(self, *paths: str) -> None:
        if self._transfer is not None:
            return
        self._transfer, last = Transfer(), None
        try:
            for typed in paths:
                last = await self._take_one(typed, self._transfer)
                if last is None:
                    return
                self._marked.pop(typed, None)
        finally:
            self._transfer = None
            self._show_progress()
            self._show_marked()
        self.dismiss(last)

    async def _take_one(self, typed: str, transfer: Transfer) -> ChosenFile | None:
        """The file that was kept; None where one was refused, with its sentence on the screen."""
        try:
            name, content = await asyncio.to_thread(
                local_files.read, typed, self._most, self._root, transfer, self.TOO_LARGE
            )
        except BadInput as error:
            self.complain(str(error))
            return None
        chosen = ChosenFile(name, content)
        if refused := await self._take(chosen, transfer):
            self.complain(refused)
            return None
        self.kept.append(name)
        return chosen

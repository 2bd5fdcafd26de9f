"""The files of a draft, in one line."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from agentdesk.domain.draft import DraftFile
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.entry_text import size_text


class AttachmentStrip(Widget, can_focus=True):
    """Files side by side; the highlighted one can be removed by key, any one by its ×."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "attachments--file",
        "attachments--cursor",
        "attachments--hint",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Previous file", show=False),
        Binding("right", "move(1)", "Next file", show=False),
        Binding("delete,backspace", "remove_file", "Remove file", show=False),
    ]

    files: reactive[tuple[DraftFile, ...]] = reactive((), layout=True)
    cursor: reactive[int] = reactive(0)

    @dataclass
    class Removed(Message):
        """A file is not wanted any more."""

        file: DraftFile

    def watch_files(self, files: tuple[DraftFile, ...]) -> None:
        """Shown only where there are files."""
        self.set_class(bool(files), "-filled")
        self.cursor = max(0, min(self.cursor, len(files) - 1))

    def render(self) -> Content:
        """Name, size and × of each file."""
        self.set_reactive(AttachmentStrip.auto_links, False)
        parts = [self._part(index, file) for index, file in enumerate(self.files)]
        parts.append(Content.styled(self._total(), ".attachments--hint"))
        hint = f"del removes · {key_of(self, 'attach_file')} adds"
        if self.has_focus:
            parts.append(Content.styled(hint, ".attachments--hint"))
        return Content("   ").join(parts)

    def _total(self) -> str:
        """`2.1 MB of 26 MB`: all files together, and how much one mail takes along."""
        most = shell(self).desk.rules.largest_files
        return f"{size_text(sum(file.size for file in self.files))} of {size_text(most)}"

    def _part(self, index: int, file: DraftFile) -> Content:
        lit = self.has_focus and index == self.cursor
        style = ".attachments--cursor" if lit else ".attachments--file"
        name = Content.styled(f"📎 {file.name} {size_text(file.size)}", style)
        cross = Content("×").stylize(Style.from_meta({"@click": f"remove_file({index})"}))
        return name + " " + cross

    def on_focus(self, event: events.Focus) -> None:
        """The highlight appears."""
        self.refresh()

    def on_blur(self, event: events.Blur) -> None:
        """The highlight goes."""
        self.refresh()

    def action_move(self, step: int) -> None:
        """Highlight the next file in that direction."""
        self.cursor = max(0, min(self.cursor + step, len(self.files) - 1))

    def action_remove_file(self, index: int | None = None) -> None:
        """Remove the highlighted file, or number *index*."""
        at = self.cursor if index is None else index
        if 0 <= at < len(self.files):
            self.post_message(self.Removed(self.files[at]))

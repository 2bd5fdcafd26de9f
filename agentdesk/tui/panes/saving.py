"""Saving files that came with a mail."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.ids import MessageId
from agentdesk.domain.message import Attachment
from agentdesk.domain.views import StreamEntry
from agentdesk.tui.dialogs.save_attachment import Saveable, SaveAttachmentDialog, Saved
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.entry_text import is_cut

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.panes.interaction import InteractionPane


class Saving:
    """Offers the files of an entry. Remembers the folder that was used last."""

    def __init__(self, pane: "InteractionPane") -> None:
        self._pane = pane
        self._folder = ""

    @property
    def _app(self) -> "DeskApp":
        return shell(self._pane)

    async def save(self, entry: StreamEntry, index: int = 0) -> None:
        """Ask where, write, and say where it is."""
        files = self._files(entry)
        if not files:
            return self._app.tell("This entry has no file to save.")
        root: Path | None = getattr(self._app.options, "files_root", None)
        dialog = SaveAttachmentDialog(
            files, selected=index, folder=self._folder or default_folder(root), root=root
        )
        saved = await self._app.push_screen_wait(dialog)
        if saved is not None:
            self._folder = str(saved.folder)
            self._app.tell(_sentence(saved))

    def _files(self, entry: StreamEntry) -> list[Saveable]:
        files = []
        if entry.message_id is not None:
            files = [
                Saveable(each.name, each.size, self._fetcher(entry.message_id, each))
                for each in entry.attachments
            ]
        if is_cut(entry):
            text = entry.text.encode()
            files.append(Saveable(f"mail-{entry.seq}.txt", len(text), _given(text)))
        return files

    def _fetcher(
        self, message: MessageId, file: Attachment
    ) -> Callable[[], Awaitable[bytes | None]]:
        async def fetch() -> bytes | None:
            app = self._app
            answer = await app.act(
                services.views.attachment(app.desk, app.actor, message, file.part)
            )
            return None if answer is None else answer[1]

        return fetch


def _given(content: bytes) -> Callable[[], Awaitable[bytes | None]]:
    async def fetch() -> bytes | None:
        return content

    return fetch


def default_folder(root: Path | None) -> str:
    """Where downloads go: `~/Downloads` where it exists, else home."""
    if root is None and (Path.home() / "Downloads").is_dir():
        return "~/Downloads"
    return "~/"


def _sentence(saved: Saved) -> str:
    what = saved.names[0] if len(saved.names) == 1 else f"{len(saved.names)} files"
    return (
        f"{what} is in {saved.folder}."
        if len(saved.names) == 1
        else f"{what} are in {saved.folder}."
    )

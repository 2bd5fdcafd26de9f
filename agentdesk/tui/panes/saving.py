"""Saving what came with a mail, or the mail itself."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentdesk import services
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import MessageId
from agentdesk.domain.message import Attachment
from agentdesk.domain.views import StreamEntry
from agentdesk.mail.names import safe_name
from agentdesk.tui import local_files
from agentdesk.tui.dialogs.save_attachment import Saveable, SaveAttachmentDialog, Saved
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.entry_text import is_cut

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.panes.thread import ThreadPane


class Saving:
    """Offers the files of an entry, written and nothing more: no file is ever opened.

    The folder that an agent used last is proposed again, also after a restart.
    """

    def __init__(self, pane: "ThreadPane[Any]") -> None:
        self._pane = pane

    @property
    def _app(self) -> "DeskApp":
        return shell(self._pane)

    async def save(self, entry: StreamEntry, index: int = 0) -> None:
        """Ask where, write, and say where it is."""
        files = self._files(entry)
        if not files:
            return self._app.tell("This entry has no file to save.")
        app = self._app
        dialog = SaveAttachmentDialog(
            files, selected=index, folder=await self._folder(), root=app.options.files_root
        )
        saved = await app.push_screen_wait(dialog)
        if saved is not None:
            app.tell(sentence(saved))
            await app.act(services.workspace.keep_folder(app.desk, app.actor, str(saved.folder)))

    async def _folder(self) -> str:
        """The last folder if it is still there and allowed, else where downloads go."""
        app, root = self._app, self._app.options.files_root
        kept = await app.act(services.workspace.folder(app.desk, app.actor))
        usable = bool(kept) and await asyncio.to_thread(_is_usable, str(kept), root)
        return str(kept) if usable else default_folder(root)

    def _files(self, entry: StreamEntry) -> list[Saveable]:
        if entry.message_id is None:
            return []
        files = [
            Saveable(each.name, each.size, self._fetcher(entry.message_id, each))
            for each in entry.attachments
        ]
        if is_cut(entry):
            text = entry.text.encode()
            files.append(Saveable(f"mail-{entry.seq}.txt", len(text), _given(text)))
        whole = Saveable(mail_name(entry), None, self._original(entry.message_id), whole=True)
        return [*files, whole]

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

    def _original(self, message: MessageId) -> Callable[[], Awaitable[bytes | None]]:
        async def fetch() -> bytes | None:
            app = self._app
            return await app.act(services.views.original(app.desk, app.actor, message))

        return fetch


def _given(content: bytes) -> Callable[[], Awaitable[bytes | None]]:
    async def fetch() -> bytes | None:
        return content

    return fetch


def mail_name(entry: StreamEntry) -> str:
    """A file name for the mail itself: `2026-03-02 Mara Olsen.eml`."""
    who = entry.title.partition(" → ")[0]
    return safe_name(f"{entry.at:%Y-%m-%d} {who}"[:80].strip() + ".eml")


def _is_usable(folder: str, root: Path | None) -> bool:
    try:
        return local_files.locate(folder, root).is_dir()
    except (BadInput, OSError):
        return False


def default_folder(root: Path | None) -> str:
    """Where downloads go: `~/Downloads` where it exists, else home."""
    if root is None and (Path.home() / "Downloads").is_dir():
        return "~/Downloads"
    return "~/"


def sentence(saved: Saved) -> str:
    """What was saved where."""
    what = saved.names[0] if len(saved.names) == 1 else f"{len(saved.names)} files"
    return (
        f"{what} is in {saved.folder}."
        if len(saved.names) == 1
        else f"{what} are in {saved.folder}."
    )

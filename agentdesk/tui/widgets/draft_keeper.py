"""Keeps what is typed: saves it behind the keystrokes and holds the lock. Not a widget.

Saves run one after the other and are never cancelled, so the last keystroke is in the database at
most `SAVE_AFTER_S` and one save later, or right after `flush`.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import Draft, DraftContent
from agentdesk.domain.errors import DeskError, DraftLocked, FencedOff, NotFound
from agentdesk.tui.transfer import Transfer

if TYPE_CHECKING:
    from agentdesk.services.desk import Desk

SAVE_AFTER_S = 0.5
"""From the first unsaved keystroke. Design: at most one second behind."""

RETRY_AFTER_S = 2.0
"""After a save that the database refused."""

HEARTBEAT_S = 5.0
"""A third of the lease."""

LOST = (FencedOff, DraftLocked, NotFound)


class DraftKeeper:
    """One open draft. `told` is called whenever its standing changes, `taken` with the name of who
    took it over.

    `lost`: why nothing can be written any more, as a sentence; empty while this session writes.
    `free`: it was lost to somebody whose lease is over, or to nobody: who types, writes on.
    `problem`: why the last save failed; empty when it did not.
    """

    def __init__(
        self,
        desk: "Desk",
        actor: Actor,
        draft: Draft,
        told: Callable[[], None],
        taken: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._desk, self._actor, self._told, self._taken = desk, actor, told, taken
        self.draft = draft
        self.base = self.typed = draft.content
        self.problem = ""
        self.gone = self.free = False
        self.lost = ""
        self._stop_reading: Callable[[], None] | None = None
        if draft.holder_session != actor.session:
            self._read_along()
        self._one_at_a_time = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._beating = False
        self._saving: asyncio.Task[bool] | None = None

    @property
    def saved(self) -> bool:
        """Whether everything typed is in the database."""
        return self.typed == self.draft.content

    @property
    def read_only(self) -> bool:
        """Whether typing means nothing here."""
        return bool(self.lost) and not self.free

    @property
    def unsaved(self) -> DraftContent | None:
        """What was typed and could not be saved."""
        return None if self.saved else self.typed

    def type(self, content: DraftContent) -> None:
        """The person typed; save soon."""
        self.typed = content
        if not self.saved and not self.read_only:
            self._schedule(SAVE_AFTER_S)

    def _schedule(self, after_s: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(after_s, self._start)

    def _start(self) -> None:
        self._timer = None
        self._saving = asyncio.get_running_loop().create_task(self.flush())

    async def flush(self) -> bool:
        """Save everything typed until now; False when it could not be saved."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        async with self._one_at_a_time:
            while not self.saved and not self.read_only:
                if self.free and not await self._write_on():
                    break
                if not await self._save(self.typed):
                    break
        return self.saved

    async def _save(self, content: DraftContent) -> bool:
        draft = self.draft
        try:
            saved = await services.drafts.save(
                self._desk, self._actor, draft.id, draft.token, content
            )
        except LOST as error:
            await self._fenced_off(error)
            return False
        except DeskError as error:
            self._failed(error)
            return False
        self.draft, self.problem = replace(saved, content=content), ""
        self._told()
        return True

    def _failed(self, error: DeskError) -> None:
        self.problem = str(error)
        self._schedule(RETRY_AFTER_S)
        self._told()

    async def _write_on(self) -> bool:
        """Nobody writes any more: become the writer, unless somebody else was first."""
        try:
            draft = await services.drafts.open(self._desk, self._actor, self.draft.id)
        except NotFound as error:
            self.lose(str(error), gone=True)
            return False
        except DeskError as error:
            self._failed(error)
            return False
        if draft.holder_session != self._actor.session:
            self.replace_draft(draft)
            return False
        self.draft, self.lost, self.free = draft, "", False
        self._end_reading()
        self._told()
        return True

    async def _fenced_off(self, error: DeskError) -> None:
        """This session wrote too late: whoever was faster is named, and the draft as it is now read."""
        self.lose(str(error), gone=isinstance(error, NotFound))
        if self.gone:
            return
        with suppress(DeskError):
            draft = await services.drafts.read(self._desk, self._actor, self.draft.id)
            await self.lose_to(draft)

    def lose(self, sentence: str, *, gone: bool = False) -> None:
        """Somebody else writes now, or the draft is *gone*; what is typed stays here."""
        if not self.lost:
            self.base = self.draft.content
        self.lost, self.gone, self.free = sentence, gone, False
        if gone:
            self._end_reading()
        self._told()

    async def lose_to(self, draft: Draft) -> None:
        """The draft was taken over: *draft* says by whom. What could not be saved is a version."""
        unsaved = self.unsaved
        self.lose("taken over")
        self.replace_draft(draft)
        if draft.holder_id != self._actor.agent_id and draft.holder_session:
            self._taken(self._writer or "Somebody")
        if unsaved is not None:
            with suppress(DeskError):
                who = self._writer or "somebody"
                await services.drafts.keep_version(
                    self._desk, self._actor, draft.id, unsaved, f"not saved when {who} took over"
                )

    def finish(self) -> None:
        """The draft was sent or discarded: nothing is saved any more."""
        self.typed = self.draft.content
        self.lost, self.gone, self.free = "sent", True, False
        self._end_reading()
        if self._timer is not None:
            self._timer.cancel()

    def replace_draft(self, draft: Draft) -> None:
        """The service answered with the draft as it is now: files changed, or others typed."""
        unsaved = self.unsaved
        self.draft = draft
        self.typed = self.typed if unsaved is not None else draft.content
        if self.lost:
            self._read_along()
        self._told()

    async def restore(self, version_id: int) -> None:
        """Write on from an earlier version. Raises `FencedOff` and `NotFound`."""
        async with self._one_at_a_time:
            draft = self.draft
            self.draft = await services.drafts.restore(
                self._desk, self._actor, draft.id, draft.token, version_id
            )
            self.typed = self.draft.content
        self._told()

    async def attach(self, name: str, content: bytes, transfer: Transfer | None = None) -> None:
        """Add a file, packed piece by piece under *transfer*. Raises `BadInput` for one too large."""
        transfer = transfer or Transfer()
        transfer.begin(name, len(content))
        async with self._one_at_a_time:
            draft = self.draft
            self.replace_draft(
                await services.drafts.attach(
                    self._desk, self._actor, draft.id, draft.token, name, content, transfer.step
                )
            )

    async def detach(self, sha256: str) -> None:
        """Remove a file."""
        async with self._one_at_a_time:
            draft = self.draft
            self.replace_draft(
                await services.drafts.detach(self._desk, self._actor, draft.id, draft.token, sha256)
            )

    async def heartbeat(self) -> None:
        """Say that the composer is still open. A failing database is told of by saving."""
        if self.lost:
            return self._look_for_a_writer()
        if self._beating:
            return
        self._beating = True
        try:
            await services.drafts.heartbeat(
                self._desk, self._actor, self.draft.id, self.draft.token
            )
        except LOST as error:
            await self._fenced_off(error)
        except DeskError:
            return
        finally:
            self._beating = False

    async def close(self) -> None:
        """Save, and let others write."""
        await self.flush()
        if self._timer is not None:
            self._timer.cancel()
        self._end_reading()
        if not self.lost:
            with suppress(DeskError):
                await services.drafts.release(
                    self._desk, self._actor, self.draft.id, self.draft.token
                )

    # Reading along

    @property
    def _writer(self) -> str:
        return services.drafts.writer_of(self._desk, self.draft)

    def _read_along(self) -> None:
        """Others write, or nobody does: hear of every save, and say who it is."""
        if self._stop_reading is None:
            self._stop_reading = services.drafts.read_along(self._desk, self.draft.id)
        name = self._writer
        self.free = not name
        if self.draft.holder_session and self.draft.holder_id == self._actor.agent_id:
            here = "You are writing this" if name else "You wrote this"
            self.lost = f"{here} in another window."
        elif name:
            self.lost = f"{name} is writing this."
        else:
            self.lost = "Nobody is writing this now."

    def _look_for_a_writer(self) -> None:
        """A writer who died says nothing: their lease ends."""
        if not self.gone and not self.free and not self._writer:
            self._read_along()
            self._told()

    def _end_reading(self) -> None:
        if self._stop_reading is not None:
            self._stop_reading()
            self._stop_reading = None

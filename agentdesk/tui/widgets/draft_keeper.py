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
    """One open draft. `told` is called whenever its standing changes.

    `lost`: why nothing can be written any more, as a sentence; empty while this session writes.
    `problem`: why the last save failed; empty when it did not.
    """

    def __init__(self, desk: "Desk", actor: Actor, draft: Draft, told: Callable[[], None]) -> None:
        self._desk, self._actor, self._told = desk, actor, told
        self.draft = draft
        self.base = self.typed = draft.content
        self.problem = ""
        self.gone = False
        self.lost = "" if draft.holder_session == actor.session else self._reader_sentence()
        self._one_at_a_time = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._beating = False
        self._saving: asyncio.Task[bool] | None = None

    @property
    def saved(self) -> bool:
        """Whether everything typed is in the database."""
        return self.typed == self.draft.content

    @property
    def unsaved(self) -> DraftContent | None:
        """What was typed and could not be saved."""
        return None if self.saved else self.typed

    def type(self, content: DraftContent) -> None:
        """The person typed; save soon."""
        self.typed = content
        if not self.saved and not self.lost:
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
            while not self.saved and not self.lost:
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
            self.lose(str(error), gone=isinstance(error, NotFound))
            return False
        except DeskError as error:
            self.problem = str(error)
            self._schedule(RETRY_AFTER_S)
            self._told()
            return False
        self.draft, self.problem = replace(saved, content=content), ""
        self._told()
        return True

    def lose(self, sentence: str, *, gone: bool = False) -> None:
        """Somebody else writes now, or the draft is *gone*; what is typed stays here."""
        if not self.lost:
            self.base = self.draft.content
        self.lost, self.gone = sentence, gone
        self._told()

    def lose_to(self, draft: Draft) -> None:
        """The draft was taken over: *draft* says by whom."""
        self.lose("taken over")
        self.replace_draft(draft)

    def finish(self) -> None:
        """The draft was sent or discarded: nothing is saved any more."""
        self.typed = self.draft.content
        self.lost, self.gone = "sent", True
        if self._timer is not None:
            self._timer.cancel()

    def replace_draft(self, draft: Draft) -> None:
        """The service answered with the draft as it is now: files changed, or others typed."""
        unsaved = self.unsaved
        self.draft = draft
        self.typed = self.typed if unsaved is not None else draft.content
        if self.lost:
            self.lost = self._reader_sentence()
        self._told()

    async def attach(self, name: str, content: bytes) -> None:
        """Add a file. Raises `BadInput` for one that is too large."""
        async with self._one_at_a_time:
            draft = self.draft
            self.replace_draft(
                await services.drafts.attach(
                    self._desk, self._actor, draft.id, draft.token, name, content
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
        if self.lost or self._beating:
            return
        self._beating = True
        try:
            await services.drafts.heartbeat(
                self._desk, self._actor, self.draft.id, self.draft.token
            )
        except LOST as error:
            self.lose(str(error), gone=isinstance(error, NotFound))
        except DeskError:
            return
        finally:
            self._beating = False

    async def close(self) -> None:
        """Save, and let others write."""
        await self.flush()
        if self._timer is not None:
            self._timer.cancel()
        if not self.lost:
            with suppress(DeskError):
                await services.drafts.release(
                    self._desk, self._actor, self.draft.id, self.draft.token
                )

    def _reader_sentence(self) -> str:
        if not self.draft.holder_session:
            return "Nobody is writing this now."
        if self.draft.holder_id == self._actor.agent_id:
            return "You are writing this in another window."
        return "Somebody else is writing this."

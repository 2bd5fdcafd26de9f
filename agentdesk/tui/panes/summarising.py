"""The summary of one conversation: read, written while one looks on, stopped, taken over."""

from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.worker import Worker

from agentdesk import services
from agentdesk.domain.errors import DeskError
from agentdesk.domain.summaries import SummaryView, as_text
from agentdesk.tui.messages import SummaryRead
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import may_ask, shell
from agentdesk.tui.widgets.summary import SummaryLine
from agentdesk.tui.widgets.summary_text import NOTHING, SummaryState

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.panes.thread import ThreadPane

STOPPED = "Stopped. Nothing of it was kept."


class Summarising:
    """The part of one pane. Every change of its `state` is told by message."""

    def __init__(self, pane: "ThreadPane[Any]") -> None:
        self._pane = pane
        self.state = SummaryState(allowed=False)
        self._latest = Latest(pane, self._read)
        self._writing: Worker[None] | None = None

    @property
    def _app(self) -> "DeskApp":
        return shell(self._pane)

    def _become(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        if self._pane.is_attached:
            self._pane.post_message(SummaryRead(self._pane.thread_id, self.state))
            for line in self._pane.query(SummaryLine):
                line.show(self.state)

    def read(self) -> None:
        """What was kept, as soon as possible."""
        self._latest.ask()

    async def _read(self) -> None:
        app = self._app
        if not app.is_open:
            return
        if not may_ask(self._pane):
            return self._become(allowed=False)
        thread_id = self._pane.thread_id
        kept = await app.act(services.summaries.stored(app.desk, app.actor, thread_id))
        self._become(kept=kept, allowed=True)

    # Writing

    def show(self) -> None:
        """Asked for: written where none was kept, or where something came since."""
        kept = self.state.kept
        if kept is None or kept.stale:
            self.renew()

    def renew(self) -> None:
        """Write it, unless that goes on already."""
        if not self.state.busy:
            self._become(busy=True, growing=NOTHING, problem="")
            self._writing = self._pane.run_worker(self._write(), group="summary")

    async def _write(self) -> None:
        app, problem = self._app, STOPPED
        growing = services.summaries.write(app.desk, app.actor, self._pane.thread_id)
        try:
            async with aclosing(growing) as parts:
                async for part in parts:
                    self._become(growing=part)
            problem = ""
        except DeskError as error:
            problem = str(error)
        finally:
            self._become(busy=False, growing=NOTHING, problem=problem)
        self.read()

    def stop(self) -> bool:
        """End what is being written, at once; whether something was."""
        if not self.state.busy or self._writing is None:
            return False
        self._writing.cancel()
        return True

    # What is done with it

    async def do(self, action_id: str) -> None:
        """One of the keys of the card."""
        match action_id, self.state.kept:
            case "renew_summary", _:
                self.renew()
            case "copy_summary", SummaryView() as kept:
                self._app.copy_to_clipboard(as_text(kept.summary))
                self._app.tell("The summary is in the clipboard.")
            case "note_summary", SummaryView() as kept:
                await self._add_as_note(kept)
            case "praise_summary", SummaryView() as kept:
                await self._vote(kept, helpful=True)
            case "fault_summary", SummaryView() as kept:
                await self._vote(kept, helpful=False)

    async def _add_as_note(self, kept: SummaryView) -> None:
        app, here = self._app, self._pane.thread_id
        coro = services.summaries.as_note(app.desk, app.actor, kept.summary_id, here)
        if await self._done(coro):
            app.tell("Added as a note. Only colleagues see it.")
            self._pane.read_again()

    async def _vote(self, kept: SummaryView, *, helpful: bool) -> None:
        app = self._app
        vote = None if kept.helpful is helpful else helpful
        if await self._done(services.summaries.vote(app.desk, app.actor, kept.summary_id, vote)):
            self.read()

    async def _done(self, coro: Coroutine[Any, Any, None]) -> bool:
        async def done() -> bool:
            await coro
            return True

        return bool(await self._app.act(done()))

"""What parts of a pane share that move its thread: a service is called, then everything is read again."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from agentdesk.tui.shell import shell

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.panes.thread import ThreadPane


class Moves:
    """The thread of one pane, moved by a person; a part says of which kind its pane is."""

    _pane: "ThreadPane[Any]"

    def __init__(self, pane: "ThreadPane[Any]") -> None:
        self._pane = pane

    @property
    def _app(self) -> "DeskApp":
        return shell(self._pane)

    async def _done(self, coro: Coroutine[Any, Any, None]) -> bool:
        """Whether a service call without an answer went through; then everything is read again."""

        async def done() -> bool:
            await coro
            return True

        went = bool(await self._app.act(done()))
        if went:
            self._pane.read_again()
        return went

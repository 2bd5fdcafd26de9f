"""Reading again while things change, without ever starving or reading twice at once."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from textual.dom import DOMNode
from textual.timer import Timer
from textual.widget import Widget


class Latest:
    """Runs `read` until nothing was asked for meanwhile.

    A burst of changes costs one read now and one more after it; an exclusive worker would instead
    cancel each read for the next and show nothing while changes keep coming.
    """

    def __init__(
        self,
        node: Widget,
        read: Callable[[], Awaitable[None]],
        *,
        apart_s: float | Callable[[], float] = 0.0,
    ) -> None:
        """At least *apart_s* seconds from one beginning to the next, as it is then."""
        self._node = node
        self._read = read
        self._apart_s = apart_s
        self._asked = False
        self._running = False

    def ask(self) -> None:
        """Read as soon as possible."""
        self._asked = True
        if not self._running and self._node.is_attached:
            self._running = True
            self._node.run_worker(self._run(), group=f"read-{id(self)}")

    async def _run(self) -> None:
        try:
            while self._asked:
                self._asked, began = False, monotonic()
                await self._read()
                apart_s = self._apart_s() if callable(self._apart_s) else self._apart_s
                if apart_s:
                    await asyncio.sleep(max(0.0, began + apart_s - monotonic()))
        finally:
            self._running = False


class Calm:
    """Waits until nothing more is typed, then does what was asked for last."""

    def __init__(self, node: Widget) -> None:
        self._node = node
        self._timer: Timer | None = None

    def then(self, do: Callable[[], object], after_s: float) -> None:
        """Run *do* when nothing more has come for *after_s* seconds."""
        self.stop()
        self._timer = self._node.set_timer(after_s, do)

    def stop(self) -> None:
        """Nothing is waited for any more."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None


def is_within(node: DOMNode | None, ancestor: DOMNode) -> bool:
    """Whether *node* is *ancestor* or stands inside it."""
    return node is not None and ancestor in node.ancestors_with_self

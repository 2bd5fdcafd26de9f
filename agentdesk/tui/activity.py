"""How long nobody has pressed a key here: the desk is told, so that it may send people away."""

import logging
from time import monotonic
from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.errors import DeskError

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

EVERY_S = 60.0
"""At most so often is a key told; the first one after a silence at once."""

log = logging.getLogger(__name__)


class Activity:
    """Remembers the last key in memory, and writes it down beside the typing, never within it."""

    def __init__(self, app: "DeskApp") -> None:
        self._app = app
        self._pressed: float | None = None
        self._told = 0.0

    def press(self) -> None:
        """A key or a button of the mouse was pressed."""
        self._pressed = monotonic()

    def tick(self) -> None:
        """Once a second: tell what is new and due."""
        now, pressed = monotonic(), self._pressed
        if pressed is None or not self._app.is_open or now - self._told < EVERY_S:
            return
        self._pressed, self._told = None, now
        self._app.run_worker(self._tell(now - pressed), group="activity")

    async def _tell(self, idle_s: float) -> None:
        """A desk that cannot be reached is told of elsewhere."""
        try:
            await services.presence.touch(self._app.desk, idle_s)
        except DeskError as error:
            log.warning("activity was not kept: %s", error)

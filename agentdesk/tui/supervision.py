"""What the supervisor's screens share while one leads to the next: the board and its alarms."""

from typing import TYPE_CHECKING

from agentdesk import services
from agentdesk.domain.board import Board, Steered
from agentdesk.tui.alarms import Alarms

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

EVERY_S = 5.0
"""Waits grow without an event; so the board is also read by the clock."""

APART_S = 0.8
"""From one reading to the next, however many changes come."""


class Supervision:
    """Reads the board for whichever screen is shown, and tells what crossed a threshold."""

    def __init__(self) -> None:
        self.board: Board | None = None
        self.steered: Steered | None = None
        """The last word over work items, while it can be taken back."""
        self._alarms = Alarms()

    async def read(self, app: "DeskApp") -> Board | None:
        """The board now; None where it could not be read and the user knows."""
        board = await app.act(services.board.board(app.desk, app.actor))
        if board is None:
            return None
        found = self._alarms.of(board)
        for each in found:
            app.tell(each.sentence, "warning", each.title)
        if found and app.options.bell:
            app.bell()
        self.board = board
        return board

"""The supervisor's first screen: how queues stand against their targets, and how loaded agents are."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from agentdesk.domain.board import AgentLine, QueueTile
from agentdesk.domain.views import Page
from agentdesk.tui.screens.supervisor import SupervisorScreen
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import board_cells as cells
from agentdesk.tui.widgets.cells import span_words
from agentdesk.tui.widgets.columns import Column
from agentdesk.tui.widgets.day_tiles import DayLine, DayTiles, case_facts, facts
from agentdesk.tui.widgets.queue_card import QueueCard
from agentdesk.tui.widgets.virtual_list import VirtualList

TALL = 30
"""From this height on the figures of the day are large, and agents are listed below."""

TREND_CELLS = 16
BAR_CELLS = 12


class WallboardScreen(SupervisorScreen):
    """Queues in a table, the highlighted one in full below it, agents where there is room."""

    view: ClassVar[str] = "wallboard"
    CSS_PATH = "wallboard.tcss"
    AUTO_FOCUS = "#queues"
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012

    def compose_view(self) -> Iterable[Widget]:
        """From the day to the single queue and agent."""
        yield DayTiles(id="day-tiles")
        yield DayLine(id="day-line")
        yield DayLine(id="case-line")
        yield Static("", id="board-warning", markup=False)
        yield Container(
            VirtualList(
                self._queue_columns(),
                self._queues,
                key=lambda row: row.queue_id,
                empty="No queues yet. Settings name them.",
                id="queues",
            ),
            QueueCard(id="queue-card"),
            VirtualList(
                AGENT_COLUMNS,
                self._agents,
                key=lambda row: row.agent_id,
                empty="No agents yet.",
                id="agents",
            ),
            id="boards",
        )

    async def read_view(self) -> None:
        """Everything in one reading."""
        board = await self.shared.read(shell(self))
        if board is None or not self.is_attached:
            return
        self.query_one(DayTiles).show(board)
        self.query_one("#day-line", DayLine).found = facts(board)
        line = self.query_one("#case-line", DayLine)
        line.found = case_facts(board)
        line.display = bool(line.found)
        warning = self.query_one("#board-warning", Static)
        if warning.display != bool(board.warning):  # each update lays the screen out again
            warning.update(Content(f"! {board.warning}"))
            warning.display = bool(board.warning)
        for each in self.query(VirtualList):
            each.reload() if each.has_rows else each.load()
        self._show_card()

    @on(VirtualList.Highlighted)
    def _show_card(self) -> None:
        board, key = self.shared.board, self.query_one("#queues", VirtualList).cursor
        tiles = board.queues if board else ()
        tile = next((t for t in tiles if t.queue_id == key), next(iter(tiles), None))
        self.query_one(QueueCard).tile = tile

    async def _queues(self, *_cursors: object) -> Page[QueueTile]:
        return Page(self.shared.board.queues if self.shared.board else ())

    async def _agents(self, *_cursors: object) -> Page[AgentLine]:
        return Page(self.shared.board.agents if self.shared.board else ())

    def _queue_columns(self) -> list[Column[QueueTile]]:
        return [
            Column("Queue", _queue_name),
            Column("Waiting", _waiting, 7, at_right=True),
            Column("", self._bar, BAR_CELLS, from_width=160),
            Column("Longest", _longest, 8, at_right=True),
            Column("Average", _average, 8, 80, True),
            Column("Target", lambda t: (span_words(t.target_s), "$muted-text"), 8, 145, True),
            Column("In time", _level, 7, 44, True),
            Column("Came", lambda t: cells.count(t.arrived), 5, 130, True),
            Column("Offered", lambda t: cells.count(t.offered), 7, 130, True),
            Column("Taken", lambda t: cells.count(t.accepted), 5, 100, True),
            Column("Rejected", lambda t: cells.count(t.rejected), 8, 170, True),
            Column("Timed out", lambda t: cells.count(t.timed_out), 9, 170, True),
            Column("Lost", lambda t: cells.count(t.abandoned), 5, 120, True),
            Column("Free", _free, 6, 58, True),
            Column("Used", lambda t: (f"{t.used}/{t.capacity}", "$muted-text"), 9, 110, True),
            Column("Attn", lambda t: cells.count(t.attention, "bold $over"), 4, 70, True),
            Column("Last 4 h", self._trend, TREND_CELLS, from_width=76),
        ]

    def _trend(self, tile: QueueTile) -> tuple[str, str]:
        """Of a closed queue: when it opens."""
        if tile.open:
            return cells.trend(tile.trend, TREND_CELLS), "$mail-in"
        return cells.opens_words(tile, shell(self).options.zone).removeprefix("closed, "), "$away"

    def _bar(self, tile: QueueTile) -> tuple[str, str]:
        """How many wait, against the fullest queue."""
        queues: Sequence[QueueTile] = self.shared.board.queues if self.shared.board else ()
        most = max((each.waiting for each in queues), default=0)
        return cells.bar(tile.waiting, max(most, 1), BAR_CELLS), cells.tile_mood(tile)


def _queue_name(tile: QueueTile) -> tuple[str, str]:
    if not tile.open:
        return f"{cells.named(tile)} (closed)", "$away"
    mood = cells.tile_mood(tile)
    return cells.named(tile), "$foreground" if mood == "$muted-text" else mood


def _waiting(tile: QueueTile) -> tuple[str, str]:
    return f"{tile.waiting:,}", f"bold {cells.waiting_mood(tile)}"


def _longest(tile: QueueTile) -> tuple[str, str]:
    return cells.wait_words(tile, tile.longest_s), cells.wait_mood(tile)


def _average(tile: QueueTile) -> tuple[str, str]:
    return cells.wait_words(tile, tile.average_s), "$muted-text"


def _level(tile: QueueTile) -> tuple[str, str]:
    return cells.level_words(tile), cells.level_mood(tile)


def _free(tile: QueueTile) -> tuple[str, str]:
    mood = "$calm" if tile.available else "$soon"
    return f"{tile.available}/{tile.available + tile.busy}", mood


AGENT_COLUMNS: Sequence[Column[AgentLine]] = (
    Column("Agent", lambda row: (row.name, "$foreground")),
    Column("Presence", cells.presence, 16, from_width=50),
    Column("Load", cells.load, cells.LOAD_CELLS + 8),
    Column("On hold", lambda row: cells.count(row.on_hold), 7, 50, True),
)

"""Wall mode: the whole screen for a room. Queues, agents and charts in turn; any key leaves."""

from collections.abc import Sequence
from typing import TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from agentdesk import services
from agentdesk.tui import supervision
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.reading import Latest
from agentdesk.tui.screens.charts import RANGES
from agentdesk.tui.shell import shell
from agentdesk.tui.supervision import Supervision
from agentdesk.tui.widgets.day_tiles import DayTiles
from agentdesk.tui.widgets.figure_charts import FigureCharts
from agentdesk.tui.widgets.wall import AgentWall, QueueWall

HOURS = 4
TALL = 24
"""From this height on the figures of the day stand above every page."""

T = TypeVar("T")


class WallScreen(Screen[None]):
    """No footer, no cursor: only figures."""

    CSS = """
    WallScreen { & DayTiles { display: none; } &.-tall DayTiles { display: block; } }
    WallScreen ContentSwitcher { height: 1fr; }
    """
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012

    def __init__(self, shared: Supervision) -> None:
        super().__init__(id="wall")
        self._shared = shared
        self._page = 0
        self._latest = Latest(self, self._read, apart_s=supervision.APART_S)

    def compose(self) -> ComposeResult:
        yield DayTiles()
        with ContentSwitcher(initial="wall-queues"):
            yield QueueWall(id="wall-queues")
            yield AgentWall(id="wall-agents")
            yield FigureCharts(id="wall-charts")

    def on_mount(self) -> None:
        """Read at each change and by the clock, and turn the page."""
        self._latest.ask()
        self.set_interval(supervision.EVERY_S, self._latest.ask)
        self.set_interval(shell(self).options.wall_s, self.turn)

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        if event.change.moves_work:
            self._latest.ask()

    def turn(self) -> None:
        """The next page, from the charts to the first queues again."""
        self._page += 1
        self._latest.ask()

    async def _read(self) -> None:
        app = shell(self)
        board = await self._shared.read(app)
        if board is None or not self.is_attached:
            return
        self.query_one(DayTiles).show(board)
        queues, agents = self.query_one(QueueWall), self.query_one(AgentWall)
        of_queues = _pages(board.queues, queues.page_size())
        of_agents = _pages(board.agents, agents.page_size())
        page = self._page % (len(of_queues) + len(of_agents) + 1)
        if page < len(of_queues):
            await queues.show(of_queues[page])
            self._show("wall-queues")
        elif page < len(of_queues) + len(of_agents):
            agents.lines = of_agents[page - len(of_queues)]
            self._show("wall-agents")
        else:
            chart = await app.act(services.board.chart(app.desk, app.actor, HOURS))
            if chart is not None and self.is_attached:
                self.query_one(FigureCharts).show(chart, RANGES[HOURS])
                self._show("wall-charts")

    def _show(self, name: str) -> None:
        self.query_one(ContentSwitcher).current = name

    def on_key(self, event: events.Key) -> None:
        """Whichever it is."""
        event.stop()
        event.prevent_default()
        self.dismiss(None)

    def on_click(self) -> None:
        """The mouse leaves, too."""
        self.dismiss(None)


def _pages(rows: Sequence[T], size: int) -> list[Sequence[T]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]

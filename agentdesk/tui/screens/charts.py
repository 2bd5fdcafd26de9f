"""The supervisor's charts: what came, what waits, and how long handling takes."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from agentdesk import services
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.screens.supervisor import SupervisorScreen
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.figure_charts import FigureCharts

RANGES = {4: "4 hours", 24: "24 hours", 24 * 7: "7 days"}


class ChartsScreen(SupervisorScreen):
    """Three charts of one stretch of time."""

    view: ClassVar[str] = "charts"
    CSS = "FigureCharts { margin-top: 1; }"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(Scope.CHARTS)]

    def compose_view(self) -> Iterable[Widget]:
        """The charts."""
        self._hours = next(iter(RANGES))
        yield FigureCharts(id="figure-charts")

    async def read_view(self) -> None:
        """The figures of the chosen range; and thresholds are watched here, too."""
        app, hours = shell(self), self._hours
        chart = await app.act(services.board.chart(app.desk, app.actor, hours))
        if chart is not None and self.is_attached:
            self.line.remark = f"last {RANGES[hours]}"
            self.query_one(FigureCharts).show(chart, RANGES[hours])
        await self.shared.read(app)

    def action_choose_range(self) -> None:
        """The next one, round the end."""
        hours = list(RANGES)
        self._hours = hours[(hours.index(self._hours) + 1) % len(hours)]
        self.ask()

"""Effort told apart: how long agents worked on interactions (intake) and on cases (resolution)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from agentdesk import services
from agentdesk.domain.case_views import EffortReport, EffortRow
from agentdesk.domain.views import Page
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.screens.supervisor import SupervisorScreen
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import board_cells as cells
from agentdesk.tui.widgets.columns import Column
from agentdesk.tui.widgets.virtual_list import VirtualList

RANGES = {24: "24 hours", 24 * 7: "7 days", 24 * 28: "4 weeks"}
FIRST = 24 * 7
BAR_CELLS = 14
EMPTY = "Nothing was finished in this time. R chooses another one."


class EffortScreen(SupervisorScreen):
    """Queues above, agents below: the same columns for both, with bars on one scale each."""

    view: ClassVar[str] = "effort"
    CSS = """
    EffortScreen {
        & Vertical { height: 1fr; }
        & VirtualList { height: 1fr; overflow-y: auto; margin-top: 1; }
    }
    """
    AUTO_FOCUS = "#effort-queues"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(Scope.CHARTS)]

    def compose_view(self) -> Iterable[Widget]:
        """Both tables."""
        self._hours = FIRST
        self._report: EffortReport | None = None
        yield Vertical(
            self._table("Queue", "no queue", "queues"), self._table("Agent", "nobody", "agents")
        )

    def _table(self, title: str, nobody: str, whose: str) -> VirtualList[EffortRow]:
        async def rows(*_cursors: object) -> Page[EffortRow]:
            return Page(self._rows(whose))

        return VirtualList(
            self._columns(title, nobody, whose),
            rows,
            key=lambda row: row.name,
            empty=EMPTY,
            id=f"effort-{whose}",
        )

    def _rows(self, whose: str) -> tuple[EffortRow, ...]:
        report = self._report
        if report is None:
            return ()
        return report.queues if whose == "queues" else report.agents

    async def read_view(self) -> None:
        """What ended in the chosen time."""
        app, hours = shell(self), self._hours
        until = app.now()
        since = until - timedelta(hours=hours)
        report = await app.act(services.effort.report(app.desk, app.actor, since, until))
        if report is not None and self.is_attached:
            self._report = report
            self.line.remark = f"last {RANGES[hours]}"
            for table in self.query(VirtualList):
                table.reload() if table.has_rows else table.load()
        await self.shared.read(app)

    def action_choose_range(self) -> None:
        """The next one, round the end."""
        hours = list(RANGES)
        self._hours = hours[(hours.index(self._hours) + 1) % len(hours)]
        self.ask()

    def _columns(self, title: str, nobody: str, whose: str) -> Sequence[Column[EffortRow]]:
        def bar(row: EffortRow, seconds: float, style: str) -> tuple[str, str]:
            most = max(map(_longest, self._rows(whose)), default=0.0)
            return cells.bar(seconds, max(most, 1.0), BAR_CELLS), style

        return [
            Column(title, lambda row: (row.name or nobody, "$foreground")),
            Column("Interactions", lambda row: cells.count(row.interactions), 12, 76, True),
            Column("Intake", lambda row: _span(row.effort.intake_s), 9, at_right=True),
            Column("", lambda row: bar(row, row.effort.intake_s, "$mail-in"), BAR_CELLS, 100),
            Column("each", lambda row: _each(row.effort.intake_s, row.interactions), 8, 60, True),
            Column("Cases", lambda row: cells.count(row.cases), 6, 76, True),
            Column("Resolution", lambda row: _span(row.effort.resolution_s), 10, at_right=True),
            Column("", lambda row: bar(row, row.effort.resolution_s, "$calm"), BAR_CELLS, 100),
            Column("each", lambda row: _each(row.effort.resolution_s, row.cases), 8, 60, True),
        ]


def _longest(row: EffortRow) -> float:
    return max(row.effort.intake_s, row.effort.resolution_s)


def _span(seconds: float, style: str = "$foreground") -> tuple[str, str]:
    """`45 min`, `2 h 05`; a faint dash for nothing."""
    minutes = round(seconds / 60)
    if not seconds:
        return "–", "$faint-text"
    if not minutes:
        return "< 1 min", style
    return (f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60:02}"), style


def _each(seconds: float, count: int) -> tuple[str, str]:
    """The average of one record."""
    return _span(seconds / count if count else 0.0, "$muted-text")

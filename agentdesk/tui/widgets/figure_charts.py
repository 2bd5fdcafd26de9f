"""Live charts of a desk's work: arrivals, backlog and handling time, in the colours of the theme."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from textual.app import ComposeResult, RenderResult
from textual.color import Color
from textual.containers import Grid
from textual.widgets import Static
from textual_plotext import PlotextPlot

from agentdesk.domain.board import Chart
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import clip

LINES = ("mail-in", "late", "calm", "unread")
"""Theme variables of the lines of a chart with several."""

TICK_CELLS = 11
"""One time below a chart and the space around it; of times that touch plotext drops some at random."""

MOST_TICKS = 6
SHOWN_QUEUES = len(LINES)
EMPTY = (
    "Nothing came in the last {span}.\n\n"
    "Arrivals, what waits, and how long handling takes are drawn here as soon as there is work."
)


def is_empty(chart: Chart) -> bool:
    """Whether there is nothing to draw."""
    counts = (*chart.arrivals.values(), *chart.backlog.values())
    return not any(map(any, counts)) and not any(chart.handle_s)


def fullest(chart: Chart) -> list[str]:
    """The queues with the largest backlogs; the same order for the same figures."""
    ranked = sorted(chart.backlog, key=lambda name: (-max(chart.backlog[name], default=0), name))
    return ranked[:SHOWN_QUEUES]


def ticks(
    starts: Sequence[datetime], zone: tzinfo | None, width: int
) -> tuple[list[float], list[str]]:
    """Where the times below a chart stand, and what they say."""
    if not starts:
        return [], []
    most = max(2, min(MOST_TICKS, width // TICK_CELLS))
    step = max(1, -(-(len(starts) - 1) // (most - 1)))
    places = list(range(0, len(starts), step))
    days = starts[-1] - starts[0] > timedelta(days=2)
    words = "%a %d" if days else "%H:%M"
    return list(map(float, places)), [
        f"{starts[place].astimezone(zone):{words}}" for place in places
    ]


class FigureChart(PlotextPlot, can_focus=False):
    """One of them. Subclasses draw on `plt`."""

    TITLE = ""

    def __init__(self) -> None:
        super().__init__()
        self.chart: Chart | None = None

    def show(self, chart: Chart) -> None:
        """Draw *chart*; nothing is drawn again that stays the same."""
        if chart != self.chart:
            self.chart = chart
            self.refresh()

    def render(self) -> RenderResult:
        """A figure made anew for this size and theme."""
        self.plt.clear_figure()
        if self.chart is not None and self.chart.starts:
            self.plt.title(self.TITLE)
            self.draw(self.chart)
            places, words = ticks(self.chart.starts, shell(self).options.zone, self.size.width)
            self.plt.xticks(places, words)
        return super().render()

    def draw(self, chart: Chart) -> None:
        """The figures."""
        raise NotImplementedError

    def colour(self, variable: str) -> tuple[int, int, int]:
        """What a variable of the theme means now."""
        return Color.parse(self.app.theme_variables[variable]).rgb

    def whole_numbers(self, most: float) -> None:
        """The scale at the left, from zero."""
        top = max(2, int(most) + 1)
        self.plt.ylim(0, top)
        marks = sorted({0, top // 2, top})
        self.plt.yticks(list(map(float, marks)), [str(mark) for mark in marks])


class ArrivalsChart(FigureChart):
    """How much came to all queues."""

    TITLE = "Arrivals"

    def draw(self, chart: Chart) -> None:
        """A bar for each stretch of time."""
        totals = [sum(counts) for counts in zip(*chart.arrivals.values(), strict=True)]
        places = list(range(len(totals)))
        self.plt.bar(places, totals, color=self.colour("mail-in"), width=0.8)
        self.plt.xlim(-0.5, max(1, len(totals)) - 0.5)
        self.whole_numbers(max(totals, default=0))


class BacklogChart(FigureChart):
    """How much waited in the fullest queues."""

    TITLE = "Backlog"

    def draw(self, chart: Chart) -> None:
        """A line for each."""
        most = 0
        for name, variable in zip(fullest(chart), LINES, strict=False):
            values = chart.backlog[name]
            most = max(most, *values)
            places = list(range(len(values)))
            colour = self.colour(variable)
            self.plt.plot(
                places, list(values), label=clip(name, 14), color=colour, marker="braille"
            )
        self.plt.xlim(0, max(1, len(chart.starts) - 1))
        self.whole_numbers(most)


class HandlingChart(FigureChart):
    """How long handling took on the average."""

    TITLE = "Handling time, minutes"

    def draw(self, chart: Chart) -> None:
        """Only where something was handled."""
        known = [(n, s / 60) for n, s in enumerate(chart.handle_s) if s is not None]
        places, minutes = [n for n, _ in known], [m for _, m in known]
        if known:
            self.plt.plot(places, minutes, color=self.colour("calm"), marker="braille")
            self.plt.scatter(places, minutes, color=self.colour("calm"), marker="dot")
        self.plt.xlim(0, max(1, len(chart.handle_s) - 1))
        self.whole_numbers(max(minutes, default=0))


class FigureCharts(Grid):
    """All three, or the sentence that says what will be here."""

    DEFAULT_CSS = """
    FigureCharts {
        grid-size: 2 2; grid-gutter: 1 2; padding: 0 1; height: 1fr;
        & HandlingChart { column-span: 2; }
        & .nothing { display: none; column-span: 2; row-span: 2; color: $muted-text; }
        & .nothing { content-align: center middle; text-align: center; height: 1fr; }
        &.-empty FigureChart { display: none; }
        &.-empty .nothing { display: block; }
    }
    """

    def compose(self) -> ComposeResult:
        yield ArrivalsChart()
        yield BacklogChart()
        yield HandlingChart()
        yield Static("", classes="nothing", markup=False)

    def show(self, chart: Chart, span: str) -> None:
        """The figures of the last *span*."""
        self.query_one(".nothing", Static).update(EMPTY.format(span=span))
        self.set_class(is_empty(chart), "-empty")
        for each in self.query(FigureChart):
            each.show(chart)

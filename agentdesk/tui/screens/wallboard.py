"""The supervisor's screen: how queues stand against their target, and how loaded agents are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Digits, Static

from agentdesk import services
from agentdesk.domain.views import AgentRow, Page, QueueRow, Wallboard
from agentdesk.domain.wrapup import Pace
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import span_words
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, spread, width_of
from agentdesk.tui.widgets.status_line import aside_badge
from agentdesk.tui.widgets.virtual_list import Column, VirtualList

EVERY_S = 5.0
"""Waits grow without an event; so the board is also read by the clock."""

TALL = 30
"""From this height on the figures of the day are large."""

GAP = 3
"""Cells between the figures and what stands at the right."""

BAR = 16
"""Cells of the longest bar."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the day, and the meaning of its colour."""

    label: str
    figure: str
    mood: str = "$foreground"


def facts(board: Wallboard) -> tuple[Fact, ...]:
    """What a supervisor asks first, most urgent first."""
    waiting = sum(queue.waiting for queue in board.queues)
    longest = max(board.queues, key=lambda queue: queue.longest_s, default=None)
    attention = sum(queue.attention for queue in board.queues)
    free = sum(agent.works and agent.used < agent.capacity for agent in board.agents)
    at_work = sum(agent.works for agent in board.agents)
    return (
        Fact("waiting", str(waiting), "$soon" if waiting else "$foreground"),
        Fact("longest", span_words(longest.longest_s) if longest else "0:00", _worst(board)),
        Fact("attention", str(attention), "$over" if attention else "$foreground"),
        Fact("free agents", f"{free}/{at_work}", "$calm" if free else "$soon"),
        Fact("received", str(board.received_today)),
        Fact("closed", str(board.closed_today)),
    )


def _worst(board: Wallboard) -> str:
    """The colour of the queue that is furthest over its target."""
    order = [f"${pace.value}" for pace in Pace]
    moods = [_mood(queue) for queue in board.queues]
    return max((m for m in moods if m in order), key=order.index, default="$foreground")


class Totals(LineWidget):
    """The day in one line."""

    board: reactive[Wallboard | None] = reactive(None)
    aside: reactive[int] = reactive(0)

    def pieces(self, width: int) -> Line:
        """Received, closed, waiting; at the right the time of the reading."""
        line = [Piece(" Wallboard", "bold $heading-text")]
        if (board := self.board) is None:
            return line
        when = board.at.astimezone(shell(self).options.zone)
        badge = [*aside_badge(self.aside), Piece("   ")] if self.aside else []
        right = [*badge, Piece(f"{when:%H:%M:%S} ", "$muted-text")]
        if self.app.size.height < TALL:
            line += _that_fit(facts(board), width - width_of(line) - width_of(right) - GAP)
        return spread(line, right, width)

    def chosen(self, target: str) -> None:
        """A click on what is set aside opens it."""
        self.call_later(self.screen.run_action, target)


def _that_fit(found: Sequence[Fact], width: int) -> list[Piece]:
    """Whole facts only, the most urgent first."""
    line: list[Piece] = []
    for fact in found:
        more = [Piece(f"   {fact.figure}", f"bold {fact.mood}"), Piece(f" {fact.label}")]
        if width_of(line) + width_of(more) > width:
            break
        line += more
    return line


class Tile(Vertical):
    """A figure that is read across the room."""

    def __init__(self) -> None:
        super().__init__(classes="tile")

    def compose(self) -> ComposeResult:
        yield Digits()
        yield Static(markup=False)

    def show(self, fact: Fact) -> None:
        """*fact* in the colour of its meaning."""
        self.query_one(Digits).update(fact.figure)
        self.query_one(Static).update(Content.styled(fact.label, "$muted-text"))
        for pace in ("calm", "soon", "over"):
            self.set_class(fact.mood == f"${pace}", f"-{pace}")


class WallboardScreen(Screen[None]):
    """Two bounded lists that are read again at every change and each few seconds."""

    CSS_PATH = "wallboard.tcss"
    AUTO_FOCUS = "#queues"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-stacked"),
        (130, "-beside"),
    ]
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (TALL, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.LISTS, "go_back"),
        *actions.bindings(Scope.DESK, "show_quarantine"),
    ]

    def __init__(self) -> None:
        super().__init__(id="wallboard")
        self.board: Wallboard | None = None
        self._latest = Latest(self, self._read)

    def compose(self) -> ComposeResult:
        yield Totals(id="totals")
        with Horizontal(id="tiles"):
            for _ in range(6):
                yield Tile()
        yield Static("", id="board-warning", markup=False)
        with Container(id="boards"):
            with Vertical():
                yield VirtualList(
                    self._queue_columns(),
                    self._queues,
                    key=lambda row: row.queue_id,
                    empty="No queues yet. Settings name them.",
                    id="queues",
                )
            with Vertical():
                yield VirtualList(
                    AGENT_COLUMNS,
                    self._agents,
                    key=lambda row: row.agent_id,
                    empty="No agents yet.",
                    id="agents",
                )
        yield DeskFooter()

    def on_mount(self) -> None:
        """Read now, at each change, and by the clock."""
        self._latest.ask()
        self.set_interval(EVERY_S, self._latest.ask)

    def on_resize(self) -> None:
        """The figures stand in the tiles or in the line."""
        self.query_one(Totals).refresh()

    @on(RecordsChanged)
    def _records_changed(self) -> None:
        self._latest.ask()

    async def _read(self) -> None:
        app = shell(self)
        board = await app.act(services.views.wallboard(app.desk, app.actor))
        aside = await app.act(services.set_aside.waiting(app.desk, app.actor))
        self.query_one(Totals).aside = aside or 0
        if board is not None:
            self.board = self.query_one(Totals).board = board
            warning = self.query_one("#board-warning", Static)
            warning.display = bool(board.warning)
            warning.update(Content(f"! {board.warning}"))
            for tile, fact in zip(self.query(Tile), facts(board), strict=True):
                tile.show(fact)
            for each in self.query(VirtualList):
                each.reload() if each.has_rows else each.load()

    async def _queues(self, *_cursors: object) -> Page[QueueRow]:
        return Page(self.board.queues if self.board else ())

    async def _agents(self, *_cursors: object) -> Page[AgentRow]:
        return Page(self.board.agents if self.board else ())

    def _queue_columns(self) -> list[Column[QueueRow]]:
        return [
            Column("Queue", lambda row: (row.name, "$foreground")),
            Column(
                "Waiting", lambda row: (str(row.waiting), f"bold {_mood(row)}"), 7, at_right=True
            ),
            Column("", self._bar, BAR, from_width=60),
            Column("Longest", lambda row: (_longest(row), _mood(row)), 8, at_right=True),
            Column("Target", lambda row: (span_words(row.target_s), "$muted-text"), 8, 60, True),
            Column("Offered", lambda row: (str(row.offered or "–"), "$muted-text"), 7, 70, True),
            Column("Attention", _attention, 9, 50, True),
        ]

    def _bar(self, row: QueueRow) -> tuple[str, str]:
        """How many wait, against the fullest queue."""
        most = max((queue.waiting for queue in self.board.queues), default=0) if self.board else 0
        return bar(row.waiting, max(most, 1)), _mood(row)

    def action_go_back(self) -> None:
        """To the desk."""
        self.dismiss(None)

    def action_show_quarantine(self) -> None:
        """Mails that could not be filed."""
        from agentdesk.tui.screens.quarantine import QuarantineScreen

        self.app.push_screen(QuarantineScreen())


def _longest(row: QueueRow) -> str:
    return span_words(row.longest_s) if row.waiting else "–"


def _attention(row: QueueRow) -> tuple[str, str]:
    return (str(row.attention), "bold $over") if row.attention else ("–", "$faint-text")


def _mood(row: QueueRow) -> str:
    """The colour of the longest wait against the queue's target."""
    if not row.waiting or row.target_s <= 0:
        return "$muted-text"
    return f"${wait_pace(row.longest_s, row.target_s).value}"


def wait_pace(waited_s: float, target_s: float) -> Pace:
    """The same quarters as every countdown: half, three quarters, all of the target."""
    share = waited_s / target_s
    if share >= 1:
        return Pace.OVER
    return Pace.CALM if share < 0.5 else Pace.SOON if share < 0.75 else Pace.LATE


EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(value: float, most: float, cells: int = BAR) -> str:
    """A bar of block characters, exact to an eighth of a cell."""
    eighths = round(min(1.0, value / most) * cells * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (EIGHTHS[rest] if rest else "")


def _load(row: AgentRow) -> tuple[str, str]:
    """One cell for each unit of capacity."""
    cells = min(row.capacity, BAR)
    full = min(cells, -(-row.used * cells // max(row.capacity, 1)))
    if not row.works and not row.used:
        mood = "$faint-text"
    else:
        mood = "$calm" if row.used < row.capacity else "$late"
    return f"{row.used}/{row.capacity} " + "▰" * full + "▱" * (cells - full), mood


def _presence(row: AgentRow) -> tuple[str, str]:
    return f"{'●' if row.works else '○'} {row.presence}", "$working" if row.works else "$away"


AGENT_COLUMNS: Sequence[Column[AgentRow]] = (
    Column("Agent", lambda row: (row.name, "$foreground")),
    Column("Presence", _presence, 16, from_width=50),
    Column("Load", _load, BAR + 4),
    Column("On hold", lambda row: (str(row.on_hold or "–"), "$muted-text"), 7, 50, True),
)

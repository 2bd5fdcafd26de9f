"""The figures of the day that a supervisor asks first."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Digits, Static

from agentdesk.domain.board import Board
from agentdesk.tui.widgets.board_cells import ORDER, level_mood, wait_mood
from agentdesk.tui.widgets.cells import span_words
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, width_of

MOODS = ("calm", "soon", "late", "over")


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the day, and the meaning of its colour."""

    label: str
    figure: str
    mood: str = "$foreground"


def facts(board: Board) -> tuple[Fact, ...]:
    """Most urgent first."""
    waiting = sum(tile.waiting for tile in board.queues)
    longest = max(board.queues, key=lambda tile: tile.longest_s, default=None)
    attention = sum(tile.attention for tile in board.queues)
    free = sum(agent.available for agent in board.agents)
    at_work = sum(agent.works for agent in board.agents)
    return (
        Fact("waiting", f"{waiting:,}", "$soon" if waiting else "$foreground"),
        Fact("longest", span_words(longest.longest_s) if longest else "0:00", _worst(board)),
        Fact("attention", f"{attention:,}", "$over" if attention else "$foreground"),
        Fact("free agents", f"{free}/{at_work}", "$calm" if free else "$soon"),
        _in_time(board),
        Fact("received", f"{board.received:,}"),
        Fact("closed", f"{board.closed:,}"),
    )


def case_facts(board: Board) -> tuple[Fact, ...]:
    """How cases stand against what was promised; nothing while there are none."""
    cases = board.cases
    if not cases.open:
        return ()
    return (
        Fact("cases open", f"{cases.open:,}"),
        Fact("near their target", f"{cases.near:,}", "$late" if cases.near else "$foreground"),
        Fact("overdue", f"{cases.overdue:,}", "$over" if cases.overdue else "$foreground"),
    )


def _in_time(board: Board) -> Fact:
    """The service level of all queues together, in the colour of the worst."""
    levels = [(t.service_level, t.accepted) for t in board.queues if t.service_level is not None]
    accepted = sum(n for _, n in levels)
    if not accepted:
        return Fact("in time", "–")
    share = sum(level * n for level, n in levels) / accepted
    moods = [mood for tile in board.queues if (mood := level_mood(tile)) in ORDER]
    return Fact("in time", f"{share * 100:.0f}%", max(moods, key=ORDER.index))


def _worst(board: Board) -> str:
    """The colour of the queue that is furthest over its target."""
    moods = [wait_mood(tile) for tile in board.queues]
    return max((m for m in moods if m in ORDER), key=ORDER.index, default="$foreground")


class FactTile(Vertical):
    """A figure that is read across the room."""

    DEFAULT_CSS = """
    FactTile {
        width: 1fr; height: 5; padding: 0 1; color: $foreground;
        &.-calm { color: $calm; }
        &.-soon { color: $soon; }
        &.-late { color: $late; }
        &.-over { color: $over; }
        & Digits { width: 1fr; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: Fact | None = None

    def compose(self) -> ComposeResult:
        yield Digits()
        yield Static(markup=False)

    def show(self, fact: Fact) -> None:
        """*fact* in the colour of its meaning; nothing is drawn again that stays the same."""
        if fact == self._shown:
            return
        self._shown = fact
        self.query_one(Digits).update(fact.figure)
        self.query_one(Static).update(Content.styled(fact.label, "$muted-text"), layout=False)
        for mood in MOODS:
            self.set_class(fact.mood == f"${mood}", f"-{mood}")


class DayTiles(Horizontal):
    """All of them beside each other."""

    DEFAULT_CSS = "DayTiles { height: 6; padding: 1 1 0 1; }"
    COUNT = 7

    def compose(self) -> ComposeResult:
        for _ in range(self.COUNT):
            yield FactTile()

    def show(self, board: Board) -> None:
        """The figures of this board."""
        for tile, fact in zip(self.query(FactTile), facts(board), strict=True):
            tile.show(fact)


class DayLine(LineWidget):
    """The same in one line, for screens that are not tall."""

    found: reactive[Sequence[Fact]] = reactive(())

    def pieces(self, width: int) -> Line:
        """Whole facts only, the most urgent first."""
        line: list[Piece] = []
        for fact in self.found:
            more = [Piece(f"  {fact.figure}", f"bold {fact.mood}"), Piece(f" {fact.label}")]
            if width_of(line) + width_of(more) > width:
                break
            line += more
        return line

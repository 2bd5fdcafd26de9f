"""Everything about one queue in four lines, on a screen of any width."""

from datetime import tzinfo

from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from agentdesk.domain.board import QueueTile
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import board_cells as cells
from agentdesk.tui.widgets.cells import clip, span_words
from agentdesk.tui.widgets.line import Line, Painter, Piece

LINES = 4
TREND_CELLS = 16


class QueueCard(Widget):
    """Draws itself when the tile changes."""

    DEFAULT_CSS = "QueueCard { height: 4; padding: 0 1; border-left: thick $panel; }"

    tile: reactive[QueueTile | None] = reactive(None)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._painter = Painter(self)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Four lines."""
        return LINES

    def render_line(self, y: int) -> Strip:
        """One of them."""
        lines = self.lines() if self.tile is not None else []
        return self._painter.strip(lines[y] if y < len(lines) else (), self.size.width)

    def lines(self) -> list[Line]:
        """The card as pieces."""
        tile = self.tile
        assert tile is not None
        return [_name(tile, shell(self).options.zone), _waiting(tile), _today(tile), _agents(tile)]


def _name(tile: QueueTile, zone: tzinfo | None) -> Line:
    shut = cells.opens_words(tile, zone)
    line = [Piece(clip(cells.named(tile), 50), f"bold {cells.tile_mood(tile)}")]
    if shut:
        line.append(Piece(f"   {shut}", "$away"))
    return line


def _pair(words: str, label: str, mood: str = "$foreground") -> list[Piece]:
    return [Piece(f"{words} ", f"bold {mood}"), Piece(f"{label}   ", "$muted-text")]


def _waiting(tile: QueueTile) -> Line:
    attention = "$over" if tile.attention else "$muted-text"
    return [
        *_pair(f"{tile.waiting:,}", "waiting", cells.waiting_mood(tile)),
        *_pair(f"{tile.offered_now:,}", "offered"),
        *_pair(cells.wait_words(tile, tile.longest_s), "longest", cells.wait_mood(tile)),
        *_pair(cells.wait_words(tile, tile.average_s), "average"),
        *_pair(f"{tile.attention:,}", "attention", attention),
    ]


def _today(tile: QueueTile) -> Line:
    goal, target = f"{tile.goal * 100:.0f} %", span_words(tile.target_s)
    label = f"in {target}, goal {goal}"
    return [
        *_pair(cells.level_words(tile), label, cells.level_mood(tile)),
        *_pair(f"{tile.arrived:,}", "came"),
        *_pair(f"{tile.offered:,}", "offered"),
        *_pair(f"{tile.accepted:,}", "accepted"),
    ]


def _agents(tile: QueueTile) -> Line:
    free = "$calm" if tile.available else "$soon"
    return [
        *_pair(f"{tile.available}/{tile.available + tile.busy}", "free", free),
        *_pair(f"{tile.used}/{tile.capacity}", "capacity"),
        *_pair(f"{tile.rejected:,}", "rejected"),
        *_pair(f"{tile.timed_out:,}", "timed out"),
        *_pair(f"{tile.abandoned:,}", "abandoned"),
        Piece(cells.trend(tile.trend, TREND_CELLS), "$mail-in"),
    ]

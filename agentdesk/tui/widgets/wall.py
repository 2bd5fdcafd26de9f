"""What is read across a room: queues as large tiles, agents in columns."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Digits, Static

from agentdesk.domain.board import AgentLine, QueueTile
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import board_cells as cells
from agentdesk.tui.widgets.cells import clip, fit
from agentdesk.tui.widgets.day_tiles import MOODS
from agentdesk.tui.widgets.line import Painter, Piece

TILE_WIDTH = 30
TILE_HEIGHT = 9
AGENT_CELLS = 44
TREND_CELLS = 16


class WallTile(Vertical):
    """One queue; its border has the colour of the worst threshold."""

    DEFAULT_CSS = """
    WallTile {
        border: round $panel; border-title-color: $foreground;
        padding: 0 1; height: 1fr; width: 1fr; overflow: hidden;
        &.-calm { border: round $calm; }
        &.-soon { border: round $soon; color: $soon; }
        &.-late { border: heavy $late; color: $late; }
        &.-over { border: heavy $over; color: $over; }
        & Static { height: auto; color: $muted-text; }
        & Digits { width: 1fr; }
    }
    """

    def __init__(self, tile: QueueTile) -> None:
        super().__init__()
        self._first = tile
        self._shown: QueueTile | None = None

    def compose(self) -> ComposeResult:
        yield Digits()
        yield Static(markup=False)

    def on_mount(self) -> None:
        """As it was made."""
        self.show(self._first)

    def show(self, tile: QueueTile) -> None:
        """The figures, where they changed."""
        if tile == self._shown:
            return
        self._shown = tile
        self.border_title = Content(clip(cells.named(tile), TILE_WIDTH - 4))
        self.query_one(Digits).update(f"{tile.waiting:,}")
        self.query_one(Static).update(self._words(tile))
        mood = cells.tile_mood(tile)
        for each in MOODS:
            self.set_class(mood == f"${each}", f"-{each}")

    def _words(self, tile: QueueTile) -> Content:
        shut = cells.opens_words(tile, shell(self).options.zone)
        goal = f"{tile.goal * 100:.0f} %"
        return Content.assemble(
            (shut or f"waiting, longest {cells.wait_words(tile, tile.longest_s)}", ""),
            ("\n", ""),
            (cells.level_words(tile), cells.level_mood(tile)),
            (f" in time, goal {goal}\n", ""),
            (f"{tile.available} free, {tile.busy} busy\n", ""),
            (cells.trend(tile.trend, TREND_CELLS), "$mail-in"),
        )


class QueueWall(Grid):
    """As many tiles as there is room for; the rest come with the next page."""

    DEFAULT_CSS = "QueueWall { grid-gutter: 1 2; padding: 1 2; height: 1fr; }"

    def page_size(self) -> int:
        """Tiles that are seen at once."""
        width, height = self.app.size
        return max(1, width // (TILE_WIDTH + 2)) * max(1, (height - 3) // (TILE_HEIGHT + 1))

    async def show(self, tiles: Sequence[QueueTile]) -> None:
        """These tiles; the same queues are only painted anew."""
        shown = list(self.query(WallTile))
        if len(shown) == len(tiles):
            for widget, tile in zip(shown, tiles, strict=True):
                widget.show(tile)
            return
        await self.remove_children()
        most = max(1, self.app.size.width // (TILE_WIDTH + 2))
        rows = -(-len(tiles) // most) or 1
        self.styles.grid_size_columns = max(1, -(-len(tiles) // rows))
        await self.mount(*(WallTile(tile) for tile in tiles))


class AgentWall(Widget):
    """Agents in columns."""

    DEFAULT_CSS = "AgentWall { height: 1fr; padding: 1 2; }"

    lines: reactive[Sequence[AgentLine]] = reactive(())

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._painter = Painter(self)

    def page_size(self) -> int:
        """Agents that are seen at once."""
        width, height = self.app.size
        return max(1, (width - 4) // AGENT_CELLS) * max(1, height - 4)

    def render_line(self, y: int) -> Strip:
        """One agent of each column."""
        height = self.size.height
        pieces: list[Piece] = []
        for line in self.lines[y :: height or 1]:
            pieces += _agent(line)
        return self._painter.strip(pieces, self.size.width)


def _agent(line: AgentLine) -> list[Piece]:
    words, mood = cells.presence(line)
    load, load_mood = cells.load(line, 6)
    return [
        Piece(fit(line.name, 16), "bold $foreground"),
        Piece(fit(words, 14), mood),
        Piece(fit(load, AGENT_CELLS - 30), load_mood),
    ]

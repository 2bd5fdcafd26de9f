"""Painting of single lines: words with a meaning become a strip of exact width.

Lists, the header, the tab strip and the footer all draw with it, so foreign text is made safe and
measured in one place and no markup is ever read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words on a line. They are safe and measured already (`cells.fit`).

    `style`: a Textual style such as `$late` or `bold $unread on $tab-background`. `target`: what a
    click on it means.
    """

    words: str
    style: str = ""
    target: str = ""

    @property
    def width(self) -> int:
        """In cells."""
        return cell_len(self.words)


Line = Sequence[Piece]


def width_of(line: Iterable[Piece]) -> int:
    """In cells."""
    return sum(piece.width for piece in line)


LEAST_GAP = 2


def spread(left: Line, right: Line, width: int) -> tuple[Piece, ...]:
    """*left* and *right* at the ends of *width* cells; a narrow line loses *right* from its front."""
    keep = list(right)
    while keep and width_of(left) + width_of(keep) + LEAST_GAP > width:
        keep.pop(0)
    gap = max(0, width - width_of(left) - width_of(keep))
    return (*left, Piece(" " * gap), *keep)


def target_at(line: Line, x: int) -> str:
    """What a click on cell *x* means; empty where nothing is."""
    at = 0
    for piece in line:
        at += piece.width
        if x < at:
            return piece.target
    return ""


class Painter:
    """Turns lines into strips in the colours of one widget; remembers parsed styles per theme."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[str, RichStyle] = {}
        self._made_for: tuple[str, Style] | None = None

    def style(self, words: str = "") -> RichStyle:
        """The widget's own style with *words* on top."""
        key = (self._widget.app.theme, self._widget.visual_style)
        if key != self._made_for:
            self._made_for = key
            self._styles.clear()
        if (found := self._styles.get(words)) is None:
            style = key[1] + Style.parse(words) if words else key[1]
            found = self._styles[words] = style.rich_style
        return found

    def strip(self, line: Line, width: int, base: str = "") -> Strip:
        """*line* cut or filled to *width* cells; *base* is the ground of all."""
        segments = [
            Segment(piece.words, self.style(f"{piece.style} {base}".strip())) for piece in line
        ]
        return Strip(segments).adjust_cell_length(width, self.style(base))


class LineWidget(Widget):
    """One line of pieces that answers clicks. Subclasses give `pieces` and `chosen`."""

    DEFAULT_CSS = "LineWidget { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._painter = Painter(self)
        self._line: Line = ()

    def pieces(self, width: int) -> Line:
        """What stands on the line; at most *width* cells of it are seen."""
        raise NotImplementedError

    def chosen(self, target: str) -> None:
        """A piece with *target* was clicked."""

    def render_line(self, y: int) -> Strip:
        """The line."""
        width = self.size.width
        if y:
            return Strip.blank(width, self._painter.style())
        self._line = self.pieces(width)
        return self._painter.strip(self._line, width)

    def on_click(self, event: events.Click) -> None:
        """A click on a piece with a target."""
        if target := target_at(self._line, event.x):
            event.stop()
            self.chosen(target)

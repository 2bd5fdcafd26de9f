"""Text set line by line while an HTML tree is walked: spaces, breaks, bullets, cells, quotes.

Control characters serve as marks in the unfinished text; foreign text cannot contain them, because
every piece passes `safe` first. `finish` resolves them.
"""

import re
from typing import Final

from agentdesk.domain.message import Span
from agentdesk.domain.text import SafeText, safe

TEXT_CHARS: Final = 1_000_000
"""More than a person will read; the rest stays in the raw mail."""

_MAX_QUOTE_DEPTH: Final = 10
_TABLE_CHARS: Final = 100
_QUOTE_OPENS, _QUOTE_CLOSES, _CELL = "\x01", "\x02", "\x1f"
_WHITE_SPACE = re.compile(r"[ \t\r\n\f]+")
_MARKS = re.compile(f"[{_QUOTE_OPENS}{_QUOTE_CLOSES}]")


class Layout:
    """Takes text and structure in reading order; `finish` gives the page."""

    def __init__(self) -> None:
        self.depth = 0
        self.flushes = 0
        self.full = False
        self._out: list[str] = []
        self._chars = 0
        self._breaks = 0
        self._space = False
        self._cells = 0
        self._at_cell_start = False
        self._bullet = ""
        self._line_depth = 0

    @property
    def mark(self) -> int:
        """A place to which `since` can refer."""
        return len(self._out)

    def since(self, mark: int) -> str:
        """What was written after *mark*."""
        return "".join(self._out[mark:]).strip()

    def text(self, content: str) -> None:
        """Running text: white space counts as one space, and as none at the start of a line."""
        flowing = _WHITE_SPACE.sub(" ", content)
        line = safe(flowing)
        core = line.strip()
        if not core:
            if "\xa0" in flowing and self._breaks:
                self.line_break()  # an empty paragraph, held open by a no-break space
            self._space = self._space or bool(line)
            return
        self._space = self._space or line[0] == " "
        self._put(core)
        self._space = line[-1] == " "

    def preformatted(self, content: str) -> None:
        """Text whose line ends and spaces count."""
        for number, line in enumerate(safe(content).split("\n")):
            if number:
                self.line_break()
            if line.strip():
                self._put(line)

    def word(self, content: str) -> None:
        """A remark of ours, set off by a space."""
        self._space = True
        self._put(safe(content, multiline=False))

    def line_break(self) -> None:
        """`<br>`: the next text stands on a new line; two of them leave one empty."""
        self._breaks = min(2, self._breaks + 1)

    def block(self, breaks: int = 1) -> None:
        """The edge of a block: at least *breaks* line ends, unless a table cell just began."""
        if not self._at_cell_start:
            self._breaks = max(self._breaks, breaks)

    def bullet(self, sign: str) -> None:
        """The next text is a list item."""
        self.block()
        self._bullet = sign

    def cell(self, row_start: int) -> None:
        """A cell of the row that began at `flushes == row_start`."""
        lines = self.flushes - row_start
        if lines == 1:
            self._breaks = 0
            self._cells += 1
        elif lines > 1:
            self.block()
        self._at_cell_start = True

    def end_row(self, row_start: int) -> None:
        """The row is over; rows of one line follow each other without gaps."""
        if self.flushes - row_start == 1:
            self._breaks = 1

    def open_quote(self) -> None:
        """What follows was written before by somebody else."""
        self._out.append(_QUOTE_OPENS)

    def close_quote(self) -> None:
        """What follows is the writer's own again."""
        self._out.append(_QUOTE_CLOSES)

    def _put(self, piece: str) -> None:
        if self.full:
            return
        self._out.append(self._lead())
        self._out.append(piece)
        self._chars += len(piece)
        self.full = self._chars > TEXT_CHARS
        self._breaks, self._space, self._cells, self._at_cell_start = 0, False, 0, False

    def _lead(self) -> str:
        """What comes between the text so far and the next."""
        if self._chars and not self._breaks:
            return _CELL * self._cells or " " * self._space
        self.flushes += 1
        depth = min(self.depth, _MAX_QUOTE_DEPTH)
        lead = ""
        if self._chars:
            between = ">" * min(depth, self._line_depth)
            lead = "\n" + f"{between}\n" * (self._breaks - 1)
        self._line_depth = depth
        lead += ">" * depth + " " * bool(depth) + self._bullet
        self._chars += len(lead)
        self._bullet = ""
        return lead

    def finish(self) -> tuple[SafeText, tuple[Span, ...]]:
        """The text, and the spans in it that lie in quote containers."""
        lines = _aligned("".join(self._out).split("\n"))
        marked = "\n".join(line.rstrip() for line in lines)
        return _resolve(marked)


def _aligned(lines: list[str]) -> list[str]:
    """Rows of tables with their cells below each other where they fit, else side by side."""
    done: list[str] = []
    rows: list[list[str]] = []
    for line in [*lines, ""]:
        if _CELL in line:
            rows.append(line.split(_CELL))
            continue
        done += _table(rows)
        rows = []
        done.append(line)
    return done[:-1]


def _table(rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    columns = max(len(row) for row in rows)
    widths = [max(len(row[c]) for row in rows if c < len(row)) for c in range(columns)]
    if sum(widths) + 2 * columns > _TABLE_CHARS:
        return ["  ".join(row) for row in rows]
    return ["  ".join(cell.ljust(widths[c]) for c, cell in enumerate(row)) for row in rows]


def _resolve(marked: str) -> tuple[SafeText, tuple[Span, ...]]:
    """The text without marks, and the outermost spans that they enclosed."""
    spans: list[Span] = []
    pieces: list[str] = []
    length = depth = start = position = 0
    for found in _MARKS.finditer(marked):
        pieces.append(marked[position : found.start()])
        length += found.start() - position
        position = found.end()
        if found[0] == _QUOTE_OPENS:
            start = length if depth == 0 else start
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0 and length > start:
                spans.append(Span(start, length))
    pieces.append(marked[position:])
    length += len(marked) - position
    if depth and length > start:
        spans.append(Span(start, length))
    return SafeText("".join(pieces)), tuple(spans)

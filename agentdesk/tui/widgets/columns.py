"""Columns of a list: what each shows, and how the width is shared out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from agentdesk.tui.widgets.cells import fit, right
from agentdesk.tui.widgets.line import Piece

Row = TypeVar("Row")

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """`cell` gives words and style of a row. `width` in cells; 0 takes what the others leave.

    A list narrower than `from_width` leaves the column out. `at_right`: for numbers and times.
    """

    title: str
    cell: Callable[[Row], tuple[str, str]]
    width: int = 0
    from_width: int = 0
    at_right: bool = False

    def words(self, text: str, width: int) -> str:
        """*text* in exactly *width* cells."""
        return right(text, width) if self.at_right else fit(text, width)


Sized = Sequence[tuple[Column[Row], int]]


def share(columns: Sequence[Column[Row]], width: int) -> Sized[Row]:
    """Those columns that *width* has room for, each with its cells; one cell stays at each end."""
    kept = [column for column in columns if width >= column.from_width]
    fixed = sum(column.width for column in kept) + len(GAP) * (len(kept) - 1) + 2
    flexible = sum(not column.width for column in kept)
    room = max(4, (width - fixed) // flexible) if flexible else 0
    return [(column, column.width or room) for column in kept]


def line(row: Row, columns: Sized[Row]) -> list[Piece]:
    """A row as pieces."""
    pieces = [Piece(" ")]
    for column, width in columns:
        words, style = column.cell(row)
        pieces += [Piece(column.words(words, width), style), Piece(GAP)]
    return pieces


def head(columns: Sized[Row]) -> list[Piece]:
    """The titles."""
    pieces = [Piece(" ")]
    for column, width in columns:
        pieces += [Piece(column.words(column.title, width), "$heading-text"), Piece(GAP)]
    return pieces

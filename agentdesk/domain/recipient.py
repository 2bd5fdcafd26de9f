"""Recipients while they are typed: where one ends, and putting a found person in its place. Pure.

A line holds several, with commas or semicolons between them; both may stand inside a quoted name.
"""

from collections.abc import Iterator
from dataclasses import dataclass

BETWEEN = ",;"


@dataclass(frozen=True, slots=True)
class Typed:
    """One recipient in the line: *text* from *start* to *end*, without the spaces around it; the next
    one begins after *until*.
    """

    start: int
    end: int
    text: str
    until: int


def typed_entries(line: str) -> Iterator[Typed]:
    """Every recipient in *line*, in order; an open quote or bracket runs to its end."""
    start, closing = 0, ""
    for at, sign in enumerate(line):
        if closing:
            closing = "" if sign == closing else closing
        elif sign in '"<':
            closing = {'"': '"', "<": ">"}[sign]
        elif sign in BETWEEN:
            yield from _typed(line, start, at)
            start = at + 1
    yield from _typed(line, start, len(line))


def _typed(line: str, start: int, end: int) -> Iterator[Typed]:
    text = line[start:end]
    if words := text.strip():
        first = start + len(text) - len(text.lstrip())
        yield Typed(first, first + len(words), words, end)


def typed_at(line: str, cursor: int) -> Typed | None:
    """The recipient that is being typed at *cursor*; None between two."""
    return next((t for t in typed_entries(line) if t.start < cursor <= t.until), None)


def completed(line: str, cursor: int, address: str) -> tuple[str, int]:
    """*line* with *address* in place of what is typed at *cursor*, and where the cursor goes on.

    Another recipient may follow at once: a comma and a space stand after it.
    """
    typed = typed_at(line, cursor) or Typed(cursor, cursor, "", cursor)
    before = line[: typed.start]
    rest = line[typed.end :].lstrip().lstrip(BETWEEN).lstrip()
    if before and not before.endswith(" "):
        before += " "
    head = f"{before}{address}, "
    return head + rest, len(head)

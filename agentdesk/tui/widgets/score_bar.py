"""A score as a small bar, with a mark where enough begins."""

from math import floor

from rich.cells import cell_len

Part = tuple[str, str]

CELLS = 20
FULL, EMPTY, ENOUGH = "━", "─", "┃"


def percent(score: float) -> str:
    """Rounded down, so that a score below the threshold never looks like it."""
    return f"{floor(score * 100 + 1e-9)} %"


def score_bar(score: float, threshold: float | None, cells: int = CELLS) -> list[Part]:
    """*score*, 0 to 1, in exactly *cells* cells. What reaches *threshold* is told by colour, and by the
    mark that the bar has passed.
    """
    score = min(max(score, 0.0), 1.0)
    full = round(score * cells)
    enough = threshold is not None and score >= threshold
    style = "$calm" if enough else "$soon"
    at = _mark(threshold, full, cells, enough=enough)
    parts = [(FULL * full, style), (EMPTY * (cells - full), "$faint-text")]
    return parts if at is None else _with_mark(parts, at)


def _mark(threshold: float | None, full: int, cells: int, *, enough: bool) -> int | None:
    """The cell of the threshold; rounding never puts it on the wrong side of the bar's end."""
    if threshold is None or not 0 < threshold < 1:
        return None
    at = min(int(threshold * cells), cells - 1)
    return min(at, full - 1) if enough else max(at, min(full, cells - 1))


def _with_mark(parts: list[Part], at: int) -> list[Part]:
    marked: list[Part] = []
    for words, style in parts:
        size = cell_len(words)
        if 0 <= at < size:
            marked += [(words[:at], style), (ENOUGH, "$foreground"), (words[at + 1 :], style)]
        else:
            marked.append((words, style))
        at -= size
    return [part for part in marked if part[0]]

"""Keyset pages: which of the rows that were read stand on a page, and where others begin."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from agentdesk.domain.views import Page
from agentdesk.storage.tables import EPOCH, MICROSECOND

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a page, and whether there are others above and below."""

    kept: Sequence[Any]
    above: bool
    below: bool


def part(rows: Sequence[Any], limit: int, after: str | None, before: str | None) -> Part:
    """The page out of *rows*, in order, one more than *limit* where there are others further on."""
    more = len(rows) > limit
    if before is None:
        return Part(rows[:limit], bool(rows) and after is not None, more)
    return Part(rows[-limit:], more, bool(rows))


def page(here: Part, made: Iterable[T], cursor: Callable[[Any], str]) -> Page[T]:
    """The page of *here* as a screen has it: what was *made* of its rows, and where others begin."""
    return Page(
        tuple(made),
        before=cursor(here.kept[0]) if here.above else None,
        after=cursor(here.kept[-1]) if here.below else None,
    )


def cursor(moment: datetime, key: int) -> str:
    """Names a row of a list that is ordered by a moment."""
    return f"{(moment - EPOCH) // MICROSECOND}.{key}"


def position(at: str | None) -> tuple[datetime, int] | None:
    """The moment and the key that `cursor` named."""
    if at is None:
        return None
    moment, _, key = at.partition(".")
    return EPOCH + timedelta(microseconds=int(moment)), int(key)

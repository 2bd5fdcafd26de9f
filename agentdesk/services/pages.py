"""Keyset pages: which of the rows that were read stand on a page, and where others begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agentdesk.storage.tables import EPOCH, MICROSECOND


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


def cursor(moment: datetime, key: int) -> str:
    """Names a row of a list that is ordered by a moment."""
    return f"{(moment - EPOCH) // MICROSECOND}.{key}"


def position(at: str | None) -> tuple[datetime, int] | None:
    """The moment and the key that `cursor` named."""
    if at is None:
        return None
    moment, _, key = at.partition(".")
    return EPOCH + timedelta(microseconds=int(moment)), int(key)

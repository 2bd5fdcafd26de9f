"""Summaries that were kept: what a screen, a note or a case shows of them; pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agentdesk.domain.assistance import Summary
from agentdesk.domain.ids import SummaryId

HEADINGS: Final = ("Issue", "What was done", "Next steps")
OFFLINE: Final = "offline, sentences of the conversation"
"""Who wrote an extractive summary, as people read it."""


@dataclass(frozen=True, slots=True)
class Newer:
    """What came since a summary was written. `moved`: mails or cases were moved or joined, too."""

    mails: int = 0
    notes: int = 0
    moved: bool = False

    @property
    def words(self) -> str:
        """`2 newer mails, 1 newer note`; empty where nothing came."""
        said = [
            f"{count} newer {what}{'s' * (count != 1)}"
            for count, what in ((self.mails, "mail"), (self.notes, "note"))
            if count
        ]
        return ", ".join(said) or ("the conversation was changed" if self.moved else "")


@dataclass(frozen=True, slots=True)
class SummaryView:
    """A kept summary. `asked_by` wanted it; it holds all up to the event `covers`.

    `helpful` is this agent's own vote, None without one.
    """

    summary_id: SummaryId
    summary: Summary
    at: datetime
    asked_by: str
    covers: int
    newer: Newer = Newer()
    helpful: bool | None = None

    @property
    def stale(self) -> bool:
        """Whether it says less than the conversation now."""
        return self.newer != Newer()


def parts_of(summary: Summary) -> tuple[tuple[str, str], ...]:
    """Each heading with its text; what says nothing is left out."""
    texts = (summary.issue, summary.done, summary.next_steps)
    return tuple(
        (name, text.strip()) for name, text in zip(HEADINGS, texts, strict=True) if text.strip()
    )


def writer_of(summary: Summary) -> str:
    """Who wrote it: `offline, sentences of the conversation`, or the model."""
    return OFFLINE if summary.extractive else summary.by


def as_text(summary: Summary) -> str:
    """Plain text: a heading, its words below, an empty line between."""
    return "\n\n".join(f"{name}\n{text}" for name, text in parts_of(summary))

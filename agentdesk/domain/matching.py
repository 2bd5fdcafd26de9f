"""Which conversation a mail belongs to, where no identity says so: what is asked and answered.

Texts are those of the writers themselves: quoted text never counts. Source: docs/linking.md.
"""

from dataclasses import dataclass
from datetime import datetime

CLAIM = 0.85
"""From this probability on a match is claimed. Source: docs/architecture.md, *Reply linking*."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as a matcher sees it. `sender` is an address in lower case; `text` without quotes."""

    subject: str
    sender: str
    name: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a mail may belong to: a case or an interaction, its letters oldest first, at least one.

    `subject` and `description` are those of the record, where it has some of its own.
    """

    id: str
    letters: tuple[Letter, ...]
    subject: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One conversation: how probable it is, the words that counted and other reasons, for people."""

    id: str
    probability: float
    words: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        """One line: `"5512", "tent pole" · same subject · 2 hours after its last mail`."""
        words = ", ".join(f"“{word}”" for word in self.words)
        return " · ".join(filter(None, (words, *self.reasons)))


@dataclass(frozen=True, slots=True)
class Match:
    """An answer: the conversations, most probable first, and how probable it is that none fits.

    `matcher` names who answered. All probabilities together are 1. `cause`: why another one than the
    settings choose answered, a sentence.
    """

    weighed: tuple[Weighed, ...]
    none: float
    matcher: str
    cause: str = ""

    def claimed(self, threshold: float = CLAIM) -> Weighed | None:
        """The conversation that is claimed at *threshold*."""
        best = self.weighed[0] if self.weighed else None
        return best if best is not None and best.probability >= threshold else None

    @property
    def likeliest(self) -> Weighed | None:
        """The most probable conversation; None where none of them is the most probable answer."""
        best = self.weighed[0] if self.weighed else None
        return best if best is not None and best.probability > self.none else None

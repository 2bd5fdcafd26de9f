"""What an administrator sees of the routing policy while changing it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """Who made a version of the policy, and when. `origin`: the settings file that it came from;
    empty for an edit.
    """

    version: int
    at: datetime
    by: str
    origin: str = ""

    @property
    def said(self) -> str:
        """Where it came from, to stand in a sentence: `by Ana Ruiz`."""
        return f"from {self.origin}" if self.origin else f"by {self.by}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One sentence on a place of the document. `line` counts from 1; 0: no line is to blame."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}" if self.line else self.sentence


@dataclass(frozen=True, slots=True)
class SetupView:
    """The policy that holds: whole as `toml`, and the text of each of its items by section."""

    version: int
    toml: str
    items: dict[str, tuple[str, ...]]
    history: tuple[PolicyVersion, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said of a document before it is saved.

    With `problems` it cannot be saved. `changes`: what it would change, a line each. `skipped`: its
    sections that are not about routing.
    """

    problems: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    changes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

"""What is wrong with the settings, and where: one plain sentence for each problem."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from agentdesk.domain.errors import DeskError

Loc = tuple[str | int, ...]
"""Where a value is: ("queues", 0, "rule"). Items of a list count from 0."""


class Trouble(NamedTuple):
    """A rule that is broken at `loc`. `words` follow the key; `reads`: the sections it looked at."""

    loc: Loc
    words: str
    reads: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The key as people write it."""
        return name_of(self.loc)


def name_of(loc: Loc) -> str:
    """`queues[1].rule`; items count from 1, as people do."""
    name = ""
    for part in loc:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return name.removeprefix(".")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct. `line` counts from 1; 0 where no line is to blame.

    `variable` is the environment variable that the value came from, or empty.
    """

    key: str
    words: str
    line: int = 0
    variable: str = ""

    def __str__(self) -> str:
        subject = f"environment variable {self.variable}" if self.variable else self.key
        end = "" if self.words.endswith("?") else "."
        sentence = " ".join(part for part in (subject, self.words) if part) + end
        return f"line {self.line}: {sentence}" if self.line else sentence


class SettingsError(DeskError):
    """The settings cannot be used. Carries every problem, in the order of the file."""

    def __init__(self, path: Path, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__(self._sentences())

    def _sentences(self) -> str:
        if len(self.problems) == 1:
            return f"{self.path}, {self.problems[0]}"
        lines = "\n".join(f"  {p}" for p in self.problems)
        return f"{self.path} has {len(self.problems)} problems:\n{lines}"


class SettingsMissing(SettingsError):
    """There is no settings file yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, [Problem("", "does not exist yet; run agentdesk init")])

    def _sentences(self) -> str:
        return f"There are no settings at {self.path} yet: run agentdesk init."

"""What a run came to, and many of them in one sentence."""

import json
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.points import points


@dataclass
class Outcome:
    """What a run came to. `deaths` are the commit points at which an engine died."""

    seed: int
    mails: int = 0
    answers: int = 0
    engines: int = 0
    kills: int = 0
    deaths: Counter[str] = field(default_factory=Counter)
    full: int = 0
    breaches: list[str] = field(default_factory=list)
    plan: str = ""

    def told(self) -> str:
        """Everything a person needs who wants to see it again."""
        wrong = "\n".join(f"- {sentence}" for sentence in self.breaches)
        again = f"python -m tests.faults --seed {self.seed}"
        return f"Seed {self.seed} breaks the promise:\n{wrong}\n\nAgain by: {again}\n{self.plan}"

    def line(self) -> str:
        """For the way from another process."""
        return json.dumps({**vars(self), "deaths": dict(self.deaths)})

    @classmethod
    def read(cls, line: str) -> "Outcome":
        """From what `line` wrote."""
        told = json.loads(line)
        return cls(**{**told, "deaths": Counter(told["deaths"])})


@dataclass
class Tally:
    """Sums over runs."""

    runs: int = 0
    mails: int = 0
    answers: int = 0
    engines: int = 0
    kills: int = 0
    full: int = 0
    deaths: Counter[str] = field(default_factory=Counter)
    broken: list[int] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """One more run."""
        self.runs += 1
        for name in ("mails", "answers", "engines", "kills", "full"):
            setattr(self, name, getattr(self, name) + getattr(outcome, name))
        self.deaths += outcome.deaths
        if outcome.breaches:
            self.broken.append(outcome.seed)

    def sentence(self) -> str:
        """For the end of a test run."""
        wrong = f"broken: seeds {self.broken}" if self.broken else "none broke a promise"
        return (
            f"faults: {self.runs} runs, {self.engines} engines, {self.kills} kills "
            f"({self.deaths.total()} at {len(self.deaths)} of {2 * len(points())} sides of commit points), "
            f"{self.full} times a full disk, {self.mails} mails and {self.answers} answers "
            f"checked; {wrong}"
        )

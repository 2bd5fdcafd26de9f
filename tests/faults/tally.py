"""What many runs came to, in one sentence."""

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.points import points
from tests.faults.run import Outcome


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
            f"({self.deaths.total()} at {len(self.deaths)} of {2 * len(points())} commit points), "
            f"{self.full} times a full disk, {self.mails} mails and {self.answers} answers "
            f"checked; {wrong}"
        )

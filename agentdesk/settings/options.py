"""What the command line asks the demo for. `bootstrap.run_demo` takes it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How the demo starts.

    `login`: who sits at the desk. `supervisor`: open the supervisor's screen. `speed`: how many times
    faster than life the simulated customers are. `data`: a folder that keeps the demo; None for one
    that is forgotten at the end. `theme`: empty for the usual one. `seed`: the same seed makes the
    same customers.
    """

    login: str = "ana"
    supervisor: bool = False
    speed: float = 1.0
    data: Path | None = None
    theme: str = ""
    seed: int = 1

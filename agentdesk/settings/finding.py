"""What a check found: shared by the settings, the mail probes and the storage check."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. Only FAIL makes `agentdesk check` exit with 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `agentdesk check`. `advice` says what to do; empty where nothing is to be done."""

    level: Level
    subject: str
    sentence: str
    advice: str = ""

    def as_dict(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)

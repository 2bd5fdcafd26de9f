"""What is to go wrong: set by the panel, spent one by one, never kept over a restart."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from agentdesk.sandbox.refusals import Refused

STATUSES = (401, 403, 404, 409, 429, 500, 502, 503, 504)


@dataclass
class Faults:
    """Counts are of the next requests or events. `after` fails them once they have taken effect."""

    latency_ms: int = 0
    fail_status: int = 0
    fail_count: int = 0
    fail_after: bool = False
    retry_after_s: int = 1
    lose_events: int = 0
    double_events: int = 0
    reorder_events: int = 0

    def __post_init__(self) -> None:
        self._held: dict[str, Any] | None = None

    def set(self, values: dict[str, Any]) -> None:
        """Take over what is given. Raises `Refused` for an unknown fault or a value that is none."""
        known = {f.name: f.type for f in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise Refused(f"There is no fault {name}; there are {', '.join(known)}.")
            if name == "fail_status" and value not in (0, *STATUSES):
                raise Refused(f"fail_status is one of {', '.join(map(str, STATUSES))}.")
            wanted = bool if name == "fail_after" else int
            if type(value) is not wanted or not 0 <= value <= 1_000_000:
                raise Refused(
                    f"{name} must be {'true or false' if wanted is bool else 'a number from 0'}."
                )
        for name, value in values.items():
            setattr(self, name, value)

    def clear(self) -> None:
        """Nothing goes wrong any more; an event held back is lost."""
        self.set(Faults().shown())
        self._held = None

    def shown(self) -> dict[str, Any]:
        """All of them, as JSON."""
        return asdict(self)

    def strikes(self) -> int:
        """The status that this request fails with, or 0; spends one."""
        if self.fail_count <= 0 or not self.fail_status:
            return 0
        self.fail_count -= 1
        return self.fail_status

    def let_through(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """What is sent in place of an event: nothing, it, it twice, or it before the one held back."""
        if self.lose_events > 0:
            self.lose_events -= 1
            return []
        if self.reorder_events > 0 and self._held is None:
            self.reorder_events -= 1
            self._held = event
            return []
        sent = [event]
        if self.double_events > 0:
            self.double_events -= 1
            sent.append(event)
        if self._held is not None:
            sent.append(self._held)
            self._held = None
        return sent

"""What the demo's mail servers can be told to do wrong, and when."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection after *after_bytes* of what the server would have written or read."""

    after_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Say:
    """Give this reply instead of doing what was asked: "NO [OVERQUOTA] full", "451 later"."""

    reply: str


@dataclass(frozen=True, slots=True)
class Delay:
    """Answer only *seconds* later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Answer only once *until* is set."""

    until: asyncio.Event = field(default_factory=asyncio.Event)


Fault = Drop | Say | Delay | Hold


class Faults:
    """Faults by the point where they strike: a command's name, or one of the server's own points.

    A point is anything upper-case that the server's documentation lists, such as "FETCH". With a
    detail it is more specific: "RCPT mara@example.com" strikes only for that recipient.
    """

    def __init__(self) -> None:
        self.hidden: set[str] = set()
        self._planned: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self._standing: dict[str, Fault] = {}
        self._reached: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def plan(self, point: str, fault: Fault | None, times: int | None = 1) -> None:
        """Strike the next *times* at *point*, or always if it is None. No fault: let it work."""
        if times is None and fault is not None:
            self._standing[point] = fault
        else:
            self._planned[point].extend([fault] * (times or 1))

    def hide(self, *capabilities: str) -> None:
        """Deny that the server has these, from the next connection on."""
        self.hidden |= {capability.upper() for capability in capabilities}

    def clear(self) -> None:
        """From now on everything works."""
        self._planned.clear()
        self._standing.clear()
        self.hidden.clear()

    def reached(self, point: str) -> asyncio.Event:
        """Set once a client has got to *point*."""
        return self._reached[point]

    async def take(self, point: str, detail: str = "") -> Drop | Say | None:
        """What shall go wrong at *point* now; delays are sat out here."""
        self._reached[point].set()
        fault = self._next(f"{point} {detail}") if detail else None
        fault = fault or self._next(point)
        if isinstance(fault, Delay):
            await asyncio.sleep(fault.seconds)
            return None
        if isinstance(fault, Hold):
            await fault.until.wait()
            return None
        return fault

    def _next(self, point: str) -> Fault | None:
        queue = self._planned.get(point)
        return queue.popleft() if queue else self._standing.get(point)

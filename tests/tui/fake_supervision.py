"""A supervisor's desk without storage: a board in memory, and what was done to agents and work."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.board import AgentLine, Board, QueueTile
from agentdesk.domain.ids import AgentId, QueueId

START = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)


def tile(number: int, name: str, waiting: int, **changes: Any) -> QueueTile:
    """A queue that is open and quiet."""
    made = QueueTile(
        queue_id=QueueId(number),
        name=name,
        waiting=waiting,
        offered_now=0,
        attention=0,
        longest_s=0.0,
        average_s=0.0,
        target_s=900.0,
        service_level=None,
        goal=0.8,
        trend=(0,) * 16,
    )
    return replace(made, **changes)


def line(number: int, name: str, presence: str = "Available", **changes: Any) -> AgentLine:
    """An agent who has been available for an hour."""
    works = presence == "Available"
    made = AgentLine(
        agent_id=AgentId(number),
        name=name,
        presence=presence.lower(),
        presence_label=presence,
        colour="green" if works else "grey",
        works=works,
        presence_since=START - timedelta(minutes=60 + number),
        used=0,
        capacity=4,
        override_until=None,
        on_hold=0,
        last_assigned_at=START - timedelta(minutes=number * 7),
        groups=("Support",),
        skills={"German": 3},
    )
    return replace(made, **changes)


def board(**changes: Any) -> Board:
    """Three queues, four agents."""
    returns = tile(
        1,
        "Returns",
        4,
        offered_now=1,
        longest_s=312.0,
        average_s=201.0,
        target_s=600.0,
        service_level=0.86,
        arrived=31,
        offered=29,
        accepted=26,
        rejected=2,
        timed_out=1,
        available=1,
        busy=1,
        used=6,
        capacity=8,
        trend=(0, 1, 1, 2, 3, 5, 4, 4, 3, 2, 2, 1, 2, 3, 4, 5),
    )
    billing = tile(
        2,
        "Billing",
        11,
        offered_now=2,
        attention=2,
        longest_s=1_460.0,
        average_s=640.0,
        service_level=0.61,
        arrived=40,
        offered=44,
        accepted=28,
        rejected=9,
        timed_out=4,
        abandoned=1,
        busy=1,
        used=4,
        capacity=4,
        warn_waiting=10,
        trend=(2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 11, 12, 13),
    )
    support = tile(3, "Support", 0, open=False, opens_at=START + timedelta(days=1))
    made = Board(
        at=START,
        queues=(returns, billing, support),
        agents=(
            line(1, "Ana Ruiz", used=2, on_hold=2),
            line(2, "Ben Ito", used=4),
            line(3, "Chidi Obi", "Lunch", used=1, capacity=3, on_hold=5, colour="orange"),
            line(4, "Dana Weiss", "Offline"),
        ),
        received=52,
        closed=38,
    )
    return replace(made, **changes)


@dataclass
class FakeSupervision:
    """The services of a supervisor; `errors` by name are raised instead of answering."""

    board: Board = field(default_factory=board)
    errors: dict[str, Exception] = field(default_factory=dict)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def note(self, name: str, *args: Any) -> None:
        """Remember a call; raise what stands in for its failure."""
        self.calls.append((name, *args))
        if name in self.errors:
            raise self.errors[name]

    def calls_of(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of each call of *name*."""
        return [call[1:] for call in self.calls if call[0] == name]

    async def read_board(self, _desk: Any, _actor: Actor) -> Board:
        self.note("board")
        return self.board

    def change_queue(self, place: int, **changes: Any) -> None:
        """Another figure on the board."""
        queues: Sequence[QueueTile] = self.board.queues
        changed = replace(queues[place], **changes)
        self.board = replace(self.board, queues=(*queues[:place], changed, *queues[place + 1 :]))

    def parts(self) -> dict[str, dict[str, Any]]:
        """The services that it stands in for."""
        return {"board": {"board": self.read_board}}

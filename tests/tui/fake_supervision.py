"""A supervisor's desk without storage: a board in memory, and what was done to agents and work."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.board import (
    AgentLine,
    Board,
    Chart,
    Held,
    QueueTile,
    Refusal,
    Steered,
    Targets,
    Undo,
    WorkLine,
)
from agentdesk.domain.case_views import EffortReport, EffortRow, EffortView
from agentdesk.domain.ids import AgentId, InteractionId, QueueId, WorkItemId
from agentdesk.domain.policy import QueueSetup
from agentdesk.domain.views import Page, StreamPage
from agentdesk.domain.work import WorkState
from tests.tui.fake_routing import TARGETS

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


HELD = (
    Held(InteractionId(123), "IMS0000123", "Order 5512 [/late]", "Mara Olsen", "Offered", START),
    Held(
        InteractionId(119),
        "IMS0000119",
        "Invoice 88 shows the wrong VAT",
        "Ben Okafor",
        "Work in Progress",
        START - timedelta(minutes=12),
    ),
    Held(
        InteractionId(98),
        "IMS0000098",
        "Photos of the broken lamp",
        "Mara Olsen",
        "On Hold",
        START - timedelta(hours=25),
    ),
)


def item(number: int, **changes: Any) -> WorkLine:
    """A work item; higher numbers wait for a shorter time."""
    offered = number % 5 == 4
    made = WorkLine(
        work_item_id=WorkItemId(number),
        interaction_id=InteractionId(1_000 + number),
        number=f"IMS{1_000 + number:07d}",
        subject=f"Where is order {5_000 + number}?",
        customer=("Mara Olsen", "Ben Okafor", "Chen Wei")[number % 3],
        vip=number % 7 == 3,
        queue=("Returns", "Billing", "Support")[number % 3],
        state=WorkState.OFFERED if offered else WorkState.QUEUED,
        priority=1 + number % 4,
        size=1,
        queued_at=START - timedelta(minutes=600 - number),
        waited_s=60.0 * (600 - number),
        target_at=START + timedelta(minutes=number - 40),
        agent="Ana Ruiz" if offered else "",
        needs_attention=number % 11 == 5,
        offers=number % 3,
        version=1,
    )
    return replace(made, **changes)


def chart(hours: int) -> Chart:
    """A morning that fills up."""
    count = {4: 16, 24: 48}.get(hours, 84)
    step = timedelta(hours=hours) / count
    places = range(count)
    return Chart(
        tuple(START - step * (count - n) for n in places),
        {
            "Returns": tuple(n % 5 for n in places),
            "Billing": tuple((n * 3) % 7 for n in places),
        },
        {
            "Returns": tuple(n % 6 for n in places),
            "Billing": tuple(n // 2 for n in places),
        },
        tuple(None if n % 4 == 3 else 120.0 + 10 * (n % 7) for n in places),
    )


def effort(since: datetime, until: datetime) -> EffortReport:
    """What two agents and two queues took."""
    queues = (
        EffortRow("Returns", 41, 6, EffortView(38_460.0, 21_600.0)),
        EffortRow("Billing", 17, 0, EffortView(7_020.0, 0.0)),
    )
    agents = (
        EffortRow("Ana Ruiz", 36, 5, EffortView(31_500.0, 18_000.0)),
        EffortRow("Ben Ito", 22, 1, EffortView(13_980.0, 3_600.0)),
    )
    return EffortReport(since, until, agents, queues)


QUEUES = {
    QueueId(1): QueueSetup("returns", "Returns"),
    QueueId(2): QueueSetup("billing", "Billing"),
    QueueId(3): QueueSetup("support", "Support"),
}


@dataclass
class FakeSupervision:
    """The services of a supervisor; `errors` by name are raised instead of answering."""

    board: Board = field(default_factory=board)
    held: tuple[Held, ...] = HELD
    items: list[WorkLine] = field(default_factory=lambda: [item(n) for n in range(500)])
    charts: Any = chart
    efforts: Any = effort
    targets: Targets = TARGETS
    refused: tuple[Refusal, ...] = ()
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

    def change_agent(self, place: int, **changes: Any) -> None:
        """Another agent on the board."""
        agents: Sequence[AgentLine] = self.board.agents
        changed = replace(agents[place], **changes)
        self.board = replace(self.board, agents=(*agents[:place], changed, *agents[place + 1 :]))

    async def read_held(self, _desk: Any, _actor: Actor, agent_id: AgentId) -> tuple[Held, ...]:
        self.note("held", agent_id)
        return self.held if agent_id == AgentId(1) else ()

    async def read_chart(self, _desk: Any, _actor: Actor, hours: int) -> Chart:
        self.note("chart", hours)
        return self.charts(hours)  # type: ignore[no-any-return]

    async def read_effort(
        self, _desk: Any, _actor: Actor, since: datetime, until: datetime
    ) -> EffortReport:
        self.note("effort", until - since)
        return self.efforts(since, until)  # type: ignore[no-any-return]

    async def page(
        self,
        _desk: Any,
        _actor: Actor,
        *,
        which: str,
        queue_id: QueueId | None,
        search: str,
        order: str,
        after: str | None,
        before: str | None,
        limit: int,
    ) -> Page[WorkLine]:
        self.note("page", which, queue_id, search, order)
        rows = [r for r in self.items if search.lower() in f"{r.subject} {r.number}".lower()]
        if which == "attention":
            rows = [r for r in rows if r.needs_attention]
        if queue_id is not None:
            rows = [r for r in rows if r.queue == QUEUES[queue_id].name]
        if order == "priority":
            rows.sort(key=lambda r: r.priority)
        start = int(after) if after is not None else 0
        end = int(before) if before is not None else len(rows)
        part = rows[start:end][:limit] if before is None else rows[:end][-limit:]
        first = start if before is None else end - len(part)
        last = first + len(part)
        return Page(
            tuple(part),
            before=str(first) if first else None,
            after=str(last) if last < len(rows) else None,
        )

    async def counts(
        self, _desk: Any, _actor: Actor, queue_id: QueueId | None = None
    ) -> dict[str, int]:
        self.note("counts", queue_id)
        return {"open": len(self.items), "waiting": 400, "offered": 100, "attention": 45}

    async def find_targets(self, _desk: Any, _actor: Actor, ids: Sequence[WorkItemId]) -> Targets:
        self.note("targets", *ids)
        return self.targets

    def word(self, name: str) -> Any:
        """A word over work items that is remembered."""

        async def said(_desk: Any, _actor: Actor, ids: Any, *more: Any) -> Steered:
            self.note(name, ids if isinstance(ids, Steered) else tuple(ids), *more)
            if isinstance(ids, Steered):
                return Steered(len(ids.undo))
            done = len(ids) - len(self.refused)
            undo = [Undo(key, 1, QueueId(1), 3, WorkState.QUEUED) for key in ids[:done]]
            return Steered(done, self.refused, tuple(undo) if name != "requeue" else ())

        return said

    def remembered(self, name: str) -> Any:
        """Something that is done to an agent."""

        async def done(_desk: Any, _actor: Actor, *args: Any) -> None:
            self.note(name, *args)

        return done

    def parts(self) -> dict[str, dict[str, Any]]:
        """The services that it stands in for."""
        words = ("assign", "requeue", "move", "set_priority", "cancel", "undo")
        return {
            "board": {
                "board": self.read_board,
                "held": self.read_held,
                "chart": self.read_chart,
            },
            "effort": {"report": self.read_effort},
            "work_list": {"page": self.page, "counts": self.counts, "COUNTED": 10_000},
            "steering": {
                "targets": self.find_targets,
                **{name: self.word(name) for name in words},
            },
        }

    async def stream(
        self, _desk: Any, _actor: Actor, ix: InteractionId, *, before: int | None = None
    ) -> StreamPage:
        self.note("stream", ix)
        return StreamPage((), 0, False)

    def of_presence(self) -> dict[str, Any]:
        """What it adds to the service of presence."""
        names = ("set_presence_of", "override_capacity", "end_override")
        return {name: self.remembered(name) for name in names}

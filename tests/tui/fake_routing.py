"""The services of routed work on an agent's side, in memory: why, transfer, waiting work, wrap-ups."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agentdesk.domain.board import (
    Explanation,
    Reason,
    TargetAgent,
    TargetQueue,
    Targets,
)
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import AgentId, InteractionId, QueueId, SegmentId, WorkItemId
from agentdesk.domain.views import Page, WaitingRow, WrapUpRow

START = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)

EXPLANATION = Explanation(
    number="IMS0000201",
    subject="Refund for order 5512",
    queue="Returns",
    sentence="It waits: everybody who may take it is at capacity.",
    at=None,
    reasons=(
        Reason(AgentId(2), "Ben Ito", "has no room: 4 of 4"),
        Reason(AgentId(1), "Ana Ruiz", "lacks a skill that it asks for: German 3"),
        Reason(AgentId(3), "Chidi Obi", "is not available (Lunch)"),
    ),
    past=(
        Explanation(
            "IMS0000201",
            "Refund for order 5512",
            "Returns",
            "Offered to Ben Ito: most capacity",
            START - timedelta(minutes=6),
            (
                Reason(AgentId(2), "Ben Ito", "had the most room: 3 of 4 free", chosen=True),
                Reason(AgentId(1), "Ana Ruiz", "lacks a skill that it asks for: German 3"),
            ),
        ),
    ),
)

TARGETS = Targets(
    agents=(
        TargetAgent(AgentId(2), "Ben Ito", "Available", "green", 1, 4, 2),
        TargetAgent(AgentId(4), "Dana Weiss", "Focus", "blue", 0, 4, 0),
        TargetAgent(AgentId(3), "Chidi Obi", "Lunch", "yellow", 1, 3, 1, "takes no work (Lunch)"),
    ),
    queues=(
        TargetQueue(QueueId(1), "Returns", 4, 2),
        TargetQueue(QueueId(2), "Billing", 11, 0),
    ),
)


def waiting(at: int, **changes: Any) -> WaitingRow:
    """Something that waits for *at* minutes."""
    row = WaitingRow(
        work_item_id=WorkItemId(at),
        interaction_id=InteractionId(600 + at),
        number=f"IMS{600 + at:07d}",
        subject=f"Where is order {4400 + at}?",
        customer=("Mara Olsen", "Ben Okafor", "Chen Wei")[at % 3],
        vip=at % 4 == 0,
        queue=("Returns", "Billing")[at % 2],
        priority=1 + at % 4,
        queued_at=START - timedelta(minutes=at),
        target_at=START - timedelta(minutes=at - 10),
        skills=("German 3",) if at % 2 else (),
    )
    return replace(row, **changes)


def wrap_up_row(at: int, **changes: Any) -> WrapUpRow:
    """A handling that ended *at* quarters of an hour ago."""
    ended = START - timedelta(minutes=15 * at)
    row = WrapUpRow(
        segment_id=SegmentId(1_000 - at),
        interaction_id=InteractionId(700 + at),
        number=f"IMS{700 + at:07d}",
        subject=f"Invoice {88 + at} shows the wrong VAT",
        customer="Mara Olsen",
        opened_at=ended - timedelta(seconds=70),
        due_at=ended + timedelta(seconds=50),
        code=("Issue resolved", "Question answered")[at % 2],
        notes="new invoice sent",
        by=("chosen", "timed out", "case", "silence")[at % 4],
        seconds=70.0,
        submitted_at=ended,
    )
    return replace(row, **changes)


def running_wrap_up(**changes: Any) -> WrapUpRow:
    """One with 72 seconds left."""
    row = wrap_up_row(
        0,
        subject="Login loop after password reset",
        opened_at=START - timedelta(seconds=48),
        due_at=START + timedelta(seconds=72),
        code="",
        notes="",
        by="",
        seconds=None,
        submitted_at=None,
    )
    return replace(row, **changes)


@dataclass
class FakeRouting:
    """What the services answer. `note` remembers how they were called."""

    note: Callable[..., None]
    explanation: Explanation = EXPLANATION
    targets: Targets = TARGETS
    waiting: list[WaitingRow] = field(default_factory=lambda: [waiting(n) for n in range(1, 9)])
    wrap_ups: list[WrapUpRow] = field(
        default_factory=lambda: [running_wrap_up(), *(wrap_up_row(n) for n in range(1, 30))]
    )
    refuse: DeskError | None = None

    def parts(self) -> dict[str, dict[str, Any]]:
        """What stands in for which service."""
        return {
            "picking": {"page": self.read_waiting},
            "wrap_up_list": {"page": self.read_wrap_ups},
            "explaining": {
                "why": self.why,
                "why_agent": self.why_agent,
                "why_interaction": self.why_interaction,
            },
            "transferring": {
                "targets": self.read_targets,
                "to_agent": self.to_agent,
                "to_queue": self.to_queue,
            },
        }

    async def read_waiting(
        self, _desk: Any, _actor: Any, *, search: str, **_page: Any
    ) -> Page[WaitingRow]:
        self.note("waiting", search)
        return Page(tuple(r for r in self.waiting if search.casefold() in r.subject.casefold()))

    async def read_wrap_ups(
        self, _desk: Any, _actor: Any, *, search: str, **_page: Any
    ) -> Page[WrapUpRow]:
        self.note("wrap_ups", search)
        return Page(tuple(r for r in self.wrap_ups if search.casefold() in r.number.casefold()))

    async def why(self, _desk: Any, _actor: Any, item: WorkItemId) -> Explanation:
        self.note("why", item)
        return self.explanation

    async def why_agent(
        self, _desk: Any, _actor: Any, agent_id: AgentId
    ) -> tuple[Explanation, ...]:
        self.note("why_agent", agent_id)
        return (self.explanation, replace(self.explanation, number="IMS0000202", past=()))

    async def why_interaction(self, _desk: Any, _actor: Any, ix: InteractionId) -> Explanation:
        self.note("why_interaction", ix)
        return self.explanation

    async def read_targets(self, _desk: Any, _actor: Any, ix: InteractionId) -> Targets:
        self.note("targets", ix)
        return self.targets

    async def to_agent(
        self, _desk: Any, _actor: Any, ix: InteractionId, agent_id: AgentId, note: str
    ) -> None:
        self.note("to_agent", ix, agent_id, note)
        if self.refuse is not None:
            raise self.refuse

    async def to_queue(
        self, _desk: Any, _actor: Any, ix: InteractionId, queue_id: QueueId, note: str
    ) -> None:
        self.note("to_queue", ix, queue_id, note)
        if self.refuse is not None:
            raise self.refuse

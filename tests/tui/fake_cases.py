"""The services of cases, in memory, remembering how they were called."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.case import CaseChanges, CaseState, NewCase
from agentdesk.domain.case_head import CaseView
from agentdesk.domain.case_views import (
    CaseChoice,
    CaseRow,
    EffortView,
    RelatedThread,
    Target,
    TargetMood,
    TargetView,
    Watcher,
)
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import AgentId, CaseId, CustomerId, InteractionId
from agentdesk.domain.views import CustomerCard, Page, StreamPage
from tests.tui.pane_host import START

CS = CaseId(7)
NUMBER = "CS0000007"
CATEGORIES = (CaseChoice("damage", "Damage"), CaseChoice("billing", "Billing"))
GROUPS = (CaseChoice("tech", "Technicians"),)
CODES = (CaseChoice("fixed", "Fixed"), CaseChoice("replaced", "Replaced"))
AGENTS = (Watcher(AgentId(1), "Ana Ruiz"), Watcher(AgentId(2), "Ben Okafor"))


def later(seconds: float) -> datetime:
    """*seconds* from the start."""
    return START + timedelta(seconds=seconds)


def level(
    kind: Target, left_s: float, total_s: int = 14_400, mood: TargetMood = TargetMood.RUNNING
) -> TargetView:
    """A target that ends *left_s* from the start; one that does not run has no end."""
    runs = mood not in (TargetMood.PAUSED, TargetMood.MET)
    return TargetView(kind, mood, later(left_s) if runs else None, left_s, total_s)


CASE = CaseView(
    case_id=CS,
    number=NUMBER,
    subject="Lamp series 12 fails early",
    description="Three lamps of one series failed within a week.\nAsk the maker.",
    state=CaseState.OPEN,
    owner="Ana Ruiz",
    owner_id=AgentId(1),
    mine=True,
    watched=False,
    group="Technicians",
    group_key="tech",
    category="Damage",
    category_key="damage",
    priority=2,
    opened_at=later(-90_000),
    due_at=later(180_000),
    code="",
    notes="",
    merged_into="",
    customer=CustomerCard(
        name="Mara Olsen",
        email="mara@example.org",
        kind="contact",
        account="Acme",
        vip=True,
        language="en",
        notes="",
        open_count=1,
        related=(),
        customer_id=CustomerId(5),
    ),
    targets=(
        level(Target.FIRST_RESPONSE, 0, mood=TargetMood.MET),
        level(Target.NEXT_RESPONSE, 3_000, 14_400),
        level(Target.RESOLUTION, 250_000, 300_000),
    ),
    related=(
        RelatedThread(InteractionId(123), "IMS0000123", "Lamp broke", "Closed Complete", "from"),
        RelatedThread(CaseId(5), "CS0000005", "Lamp series 11", "Open", "related"),
    ),
    watchers=(Watcher(AgentId(2), "Ben Okafor"),),
    effort=EffortView(720, 3_900),
    draft_id=None,
    version=3,
)


def case_row(at: int, **changes: Any) -> CaseRow:
    """A line in a list of cases."""
    row = CaseRow(
        case_id=CaseId(at),
        number=f"CS{at:07d}",
        subject=f"Lamp series {at} fails early",
        customer=("Mara Olsen", "Ben Okafor", "Chen Wei")[at % 3],
        state=(CaseState.OPEN, CaseState.NEW, CaseState.AWAITING_INFO)[at % 3],
        owner=("Ana Ruiz", "", "Ben Ito")[at % 3],
        group="Technicians",
        priority=at % 5 + 1,
        changed_at=later(-600 * at),
        next_target=level(Target.NEXT_RESPONSE, 600 * (at % 40) - 900),
    )
    return replace(row, **changes)


@dataclass
class FakeCases:
    """`calls` are (name, arguments after the actor). `refuse[name]` is raised by the next call of it."""

    view_: CaseView = CASE
    page_: StreamPage = field(default_factory=lambda: StreamPage((), 0, earlier=False))
    rows: tuple[CaseRow, ...] = tuple(case_row(n) for n in range(1, 41))
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    refuse: dict[str, DeskError] = field(default_factory=dict)

    def named(self, name: str) -> list[tuple[Any, ...]]:
        """The calls of one service."""
        return [call[1:] for call in self.calls if call[0] == name]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Every other service only remembers that it was called."""
        if name.startswith("_"):
            raise AttributeError(name)

        async def service(desk: Any, actor: Any, *args: Any, **options: Any) -> None:
            self._said(name, *args, *options.values())

        return service

    def _said(self, name: str, *args: Any) -> None:
        self.calls.append((name, *args))
        if (error := self.refuse.pop(name, None)) is not None:
            raise error

    async def view(self, desk: Any, actor: Any, case_id: CaseId) -> CaseView:
        return self.view_ if case_id == CS else replace(self.view_, case_id=case_id)

    async def stream(
        self, desk: Any, actor: Any, case_id: CaseId, *, before: int | None = None
    ) -> StreamPage:
        return self.page_

    async def page(
        self, desk: Any, actor: Any, *, which: str, search: str, **cursors: Any
    ) -> Page[CaseRow]:
        self._said("page", which, search)
        words = search.lower()
        return Page(tuple(r for r in self.rows if words in f"{r.number} {r.subject}".lower()))

    async def find(
        self, desk: Any, actor: Any, words: str, customer_id: CustomerId | None = None
    ) -> tuple[CaseRow, ...]:
        self._said("find", words, customer_id)
        return tuple(r for r in self.rows[:12] if words.lower() in r.subject.lower())

    async def categories(self, desk: Any, actor: Any) -> tuple[CaseChoice, ...]:
        return CATEGORIES

    async def groups(self, desk: Any, actor: Any) -> tuple[CaseChoice, ...]:
        return GROUPS

    async def codes(self, desk: Any, actor: Any) -> tuple[CaseChoice, ...]:
        return CODES

    async def agents(self, desk: Any, actor: Any, group: str = "") -> tuple[Watcher, ...]:
        return AGENTS

    async def create(
        self, desk: Any, actor: Any, interaction_id: InteractionId, new: NewCase
    ) -> CaseId:
        self._said("create", interaction_id, new)
        return CS

    async def edit(self, desk: Any, actor: Any, case_id: CaseId, changes: CaseChanges) -> None:
        self._said("edit", changes)

    async def await_information(self, desk: Any, actor: Any, case_id: CaseId) -> None:
        self._said("await_information")
        self.view_ = replace(self.view_, state=CaseState.AWAITING_INFO)

    async def go_on(self, desk: Any, actor: Any, case_id: CaseId) -> None:
        self._said("go_on")
        self.view_ = replace(self.view_, state=CaseState.OPEN)

    async def resolve(self, desk: Any, actor: Any, case_id: CaseId, code: str, notes: str) -> None:
        self._said("resolve", code, notes)
        self.view_ = replace(self.view_, state=CaseState.RESOLVED)

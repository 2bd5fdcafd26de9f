"""A desk without storage: services that answer from memory and remember how they were called."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from agentdesk import services
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.ccaas.views import CentreUse
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import AgentId, DraftId, InteractionId, ThreadId, WorkItemId
from agentdesk.domain.interaction import State
from agentdesk.domain.views import (
    AgentStatus,
    CustomerCard,
    Desktop,
    DraftRow,
    Health,
    InboxCard,
    InteractionRow,
    InteractionView,
    LoopHealth,
    Page,
    PresenceChoice,
    RejectChoice,
    RelatedRow,
    WorkRow,
    Workspace,
)
from agentdesk.tui.app import DeskApp
from agentdesk.tui.messages import PositionChanged, RecordsChanged, ViewRead
from agentdesk.tui.options import DeskOptions
from agentdesk.tui.panes.tabs import TabsPane, pane_id
from tests.tui.fake_cases import FakeCases
from tests.tui.fake_centres import FakeCentres
from tests.tui.fake_people import FakePeople
from tests.tui.fake_quarantine import FakeSetAside
from tests.tui.fake_routing import FakeRouting
from tests.tui.fake_setup import FakeSetup
from tests.tui.fake_supervision import QUEUES, FakeSupervision

START = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
ANA = Actor(AgentId(1), "Ana Ruiz", Role.AGENT, "session-a")
EVA = Actor(AgentId(9), "Eva Brandt", Role.SUPERVISOR, "session-e")
IVO = Actor(AgentId(8), "Ivo Admin", Role.ADMIN, "session-i")

HOSTILE = (
    "Re: [/order] [bold red]5512[/] [",
    "\x1b[31mred\x1b]0;owned\x07 \x9b2J bell\x07",
    "\u202egpj.exe\u202c \u2066isolated\u2069",
    "x" * 10_000,
    "👨‍👩‍👧‍👦 ❤️ 🇩🇪 👍🏽 emoji",
    "שלום עולם مرحبا بالعالم",
    "日本語の件名がとても長い場合 한국어 中文字符",
    "zalgo " + "e\u0301\u0302\u0303\u0304" * 40,
    "tab\tand\nline\r\nbreaks\u2028here",
    "",
)


def ago(seconds: float) -> datetime:
    """*seconds* before the start."""
    return START - timedelta(seconds=seconds)


def offer(at: int, subject: str = "Refund for order 5512", **changes: Any) -> InboxCard:
    """An offer that has 24 of its 60 seconds left."""
    card = InboxCard(
        work_item_id=WorkItemId(at),
        interaction_id=InteractionId(200 + at),
        number=f"IMS{200 + at:07d}",
        subject=subject,
        customer="Ben Okafor",
        queue="Returns",
        priority=2,
        preview="I would like my money back",
        offered_at=ago(36),
        expires_at=ago(-24),
    )
    return replace(card, **changes)


def ongoing(at: int, subject: str, customer: str = "Mara Olsen", **changes: Any) -> WorkRow:
    """Work in progress, moved two minutes ago."""
    row = WorkRow(
        interaction_id=InteractionId(at),
        number=f"IMS{at:07d}",
        subject=subject,
        customer=customer,
        state=State.WORK_IN_PROGRESS,
        unread=0,
        changed_at=ago(130),
    )
    return replace(row, **changes)


def busy_desktop() -> Desktop:
    """A morning: one offer, three at work, two on hold, a draft."""
    wrap = {"wrap_opened_at": ago(48), "wrap_due_at": ago(-72), "state": State.WRAP_UP}
    return Desktop(
        inbox=(offer(1),),
        ongoing=(
            ongoing(123, "Order 5512 arrived damaged"),
            ongoing(119, "Invoice 88 shows the wrong VAT", "Ben Okafor", unread=2),
            ongoing(117, "Login loop after password reset", "陳偉 Chen Wei", **wrap),
        ),
        on_hold=(
            ongoing(98, "Photos of the broken lamp", state=State.ON_HOLD, held_at=ago(90_000)),
            ongoing(91, "Delivery date for order 4410", state=State.ON_HOLD, held_at=ago(7_300)),
        ),
        drafts=(
            DraftRow(
                DraftId(7),
                InteractionId(98),
                "IMS0000098",
                "Re: Photos of the broken lamp",
                "mara@olsen.example",
                ago(700),
            ),
        ),
    )


def customer(**changes: Any) -> CustomerCard:
    """Mara, who is important."""
    card = CustomerCard(
        name="Mara Olsen",
        email="mara.olsen@acme.example",
        kind="contact",
        account="Acme Lighting AS",
        vip=True,
        language="nb",
        notes="Prefers short answers.\nCalls on Fridays.",
        open_count=3,
        related=(
            RelatedRow("CS0000007", "Lamp series 12 fails early", "Open", ago(200_000)),
            RelatedRow(
                "IMS0000098",
                "Photos of the broken lamp",
                "On Hold",
                ago(90_000),
                InteractionId(98),
            ),
        ),
    )
    return replace(card, **changes)


def interaction_view(at: int, **changes: Any) -> InteractionView:
    """The head of a tab."""
    view = InteractionView(
        interaction_id=InteractionId(at),
        number=f"IMS{at:07d}",
        subject="Order 5512 arrived damaged",
        state=State.WORK_IN_PROGRESS,
        direction="inbound",
        owner="Ana Ruiz",
        mine=True,
        queue="Returns",
        priority=3,
        opened_at=ago(5_000),
        parent="",
        number_of_case="",
        customer=customer(),
        wrap_up=None,
        draft_id=None,
        version=3,
    )
    return replace(view, **changes)


def list_row(at: int, **changes: Any) -> InteractionRow:
    """A line of a list; higher numbers are newer."""
    row = InteractionRow(
        interaction_id=InteractionId(at),
        number=f"IMS{at:07d}",
        subject=f"Question about order {at}",
        customer=("Mara Olsen", "Ben Okafor", "Chen Wei")[at % 3],
        state=(State.NEW, State.WORK_IN_PROGRESS, State.ON_HOLD, State.CLOSED_COMPLETE)[at % 4],
        owner=("", "Ana Ruiz", "Ben Ito", "Ana Ruiz")[at % 4],
        queue=("Returns", "Billing", "Support")[at % 3],
        changed_at=ago((1_000 - at) * 600),
    )
    return replace(row, **changes)


@dataclass
class FakeDesk:
    """What the services answer, and `calls`: what they were asked to do."""

    actor: Actor = ANA
    desktop: Desktop = field(default_factory=busy_desktop)
    presence: str = "available"
    workspace: Workspace = field(default_factory=Workspace)
    rows: list[InteractionRow] = field(default_factory=lambda: [list_row(n) for n in range(500)])
    errors: dict[str, Exception] = field(default_factory=dict)
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    loops: tuple[LoopHealth, ...] = (LoopHealth("support@acme.example", Health.IDLE),)
    changes: asyncio.Queue[Change] = field(default_factory=asyncio.Queue)
    uses: tuple[CentreUse, ...] = ()
    closed: int = 0
    sign_ins: tuple[Any, ...] = ()
    centre_sign_ins: dict[str, Any] = field(default_factory=dict)
    set_aside: FakeSetAside = field(default_factory=FakeSetAside)
    supervision: FakeSupervision = field(default_factory=FakeSupervision)
    setup: FakeSetup = field(default_factory=FakeSetup)
    cases: FakeCases = field(default_factory=FakeCases)
    routing: FakeRouting = field(init=False)
    people: FakePeople = field(init=False)
    centres: FakeCentres = field(init=False)

    def __post_init__(self) -> None:
        self.routing = FakeRouting(self._note)
        self.people = FakePeople(self._note)
        self.centres = FakeCentres(self._note)

    # What OpenedDesk needs

    @property
    def desk(self) -> Any:
        return self

    @property
    def rules(self) -> Any:
        return SimpleNamespace(centres=self.centres.rules)

    @property
    def in_force(self) -> Any:
        return SimpleNamespace(queues=QUEUES)

    async def feed(self) -> AsyncIterator[Change]:
        while True:
            yield await self.changes.get()

    def health(self) -> tuple[LoopHealth, ...]:
        return self.loops

    def retry(self) -> None:
        self._note("retry")

    async def close(self, *, deliberate: bool = False) -> None:
        self.closed += 1
        self.left_deliberately = deliberate

    # Services

    def _note(self, name: str, *args: Any) -> None:
        self.calls.append((name, *args))
        if name in self.errors:
            raise self.errors[name]

    def calls_of(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of each call of *name*."""
        return [call[1:] for call in self.calls if call[0] == name]

    async def read_desktop(self, _desk: Any, _actor: Actor) -> Desktop:
        self._note("desktop")
        return self.desktop

    async def interaction(self, _desk: Any, _actor: Actor, ix: InteractionId) -> InteractionView:
        return interaction_view(ix)

    async def status(self, _desk: Any, actor: Actor) -> AgentStatus:
        works = self.presence == "available"
        label = self.presence.title()
        return AgentStatus(
            actor.agent_id,
            actor.name,
            actor.role,
            self.presence,
            label,
            works,
            2,
            4,
            centres=self.uses,
        )

    async def choices(self, _desk: Any, _actor: Actor) -> tuple[PresenceChoice, ...]:
        return (
            PresenceChoice("available", "Available", True),
            PresenceChoice("lunch", "Lunch", False),
        )

    async def set_presence(self, _desk: Any, _actor: Actor, key: str) -> None:
        self._note("set_presence", key)
        self.presence = key

    async def touch(self, _desk: Any, idle_s: float) -> None:
        self._note("touch", idle_s)

    async def accept(self, _desk: Any, _actor: Actor, work_item: WorkItemId) -> InteractionId:
        self._note("accept", work_item)
        return next(c.interaction_id for c in self.desktop.inbox if c.work_item_id == work_item)

    async def assign_to_me(self, _desk: Any, _actor: Actor, ix: InteractionId) -> None:
        self._note("assign_to_me", ix)

    async def opened(self, _desk: Any, _actor: Actor, ix: InteractionId) -> None:
        self._note("opened", ix)

    async def reject_reasons(
        self, _desk: Any, _actor: Actor, _item: WorkItemId
    ) -> tuple[RejectChoice, ...]:
        return (RejectChoice("busy", "Busy"), RejectChoice("skill", "Not my field"))

    async def reject(self, _desk: Any, _actor: Actor, work_item: WorkItemId, why: str) -> None:
        self._note("reject", work_item, why)

    async def load_workspace(self, _desk: Any, _actor: Actor) -> Workspace:
        return self.workspace

    async def save_workspace(self, _desk: Any, _actor: Actor, workspace: Workspace) -> None:
        self._note("save_workspace", workspace)
        self.workspace = workspace

    async def interactions(
        self,
        _desk: Any,
        _actor: Actor,
        *,
        which: str = "all",
        search: str = "",
        after: str | None = None,
        before: str | None = None,
        limit: int = 200,
    ) -> Page[InteractionRow]:
        self._note("interactions", which, search, after, before)
        rows = sorted(self.rows, key=lambda r: r.changed_at, reverse=True)
        rows = [r for r in rows if search.lower() in f"{r.subject} {r.number}".lower()]
        return keyset(rows, lambda r: str(r.interaction_id), after, before, limit)


def keyset(
    rows: list[Any],
    key: Callable[[Any], str],
    after: str | None,
    before: str | None,
    limit: int,
) -> Page[Any]:
    """A page of *rows* as storage would answer it."""
    keys = [key(row) for row in rows]
    start = keys.index(after) + 1 if after is not None else 0
    end = keys.index(before) if before in keys else len(rows)
    part = rows[start:end]
    part = part[:limit] if before is None else part[-limit:]
    if not part:
        return Page(())
    first, last = keys.index(key(part[0])), keys.index(key(part[-1]))
    return Page(
        tuple(part),
        before=keys[first] if first > 0 else None,
        after=keys[last] if last < len(rows) - 1 else None,
    )


def put_in_place(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services answer from *desk* from now on."""
    for target, name, value in patches(desk):
        monkeypatch.setattr(target, name, value, raising=False)


async def _none(_desk: Any, _actor: Actor) -> dict[str, str]:
    """A desk without templates."""
    return {}


def patches(desk: FakeDesk) -> list[tuple[object, str, object]]:
    """What *desk* stands in for: (where, name, value)."""
    parts = {
        "views": {
            "desktop": desk.read_desktop,
            "interactions": desk.interactions,
            "interaction": desk.interaction,
            "stream": desk.supervision.stream,
        },
        "presence": {
            "status": desk.status,
            "choices": desk.choices,
            "set_presence": desk.set_presence,
            "touch": desk.touch,
            **desk.supervision.of_presence(),
        },
        "offers": {
            "accept": desk.accept,
            "assign_to_me": desk.assign_to_me,
            "opened": desk.opened,
            "reject": desk.reject,
            "reject_reasons": desk.reject_reasons,
        },
        "templates": {"every": _none, "queues": _none},
        "workspace": {"load": desk.load_workspace, "save": desk.save_workspace},
        **desk.set_aside.parts(),
        **desk.supervision.parts(),
        **desk.setup.parts(),
        **desk.routing.parts(),
        **desk.people.parts(),
    }
    by_name = {name: SimpleNamespace(**parts[name]) for name in parts} | {
        "cases": desk.cases,
        "ccaas": desk.centres.package(),
    }
    services_of = [(services, name, part) for name, part in by_name.items()]
    return [*services_of, (TabsPane, "make_pane", make_fake_pane)]


def make_fake_pane(tabs: TabsPane, thread_id: ThreadId) -> "FakePane":
    """Stands in for the real pane, which has tests of its own."""
    tab = next(t for t in tabs.workspace.tabs if t.thread_id == thread_id)
    return FakePane(InteractionId(tab.thread_id), tab.number, tab.top)


class FakePane(Vertical, can_focus=True):
    """What the shell needs of an interaction pane."""

    DEFAULT_CSS = "FakePane { padding: 1 2; }"

    def __init__(self, interaction_id: InteractionId, number: str, top: int = 0) -> None:
        super().__init__(id=pane_id(interaction_id))
        self.interaction_id, self.number, self.top = interaction_id, number, top
        self.open_composer = None
        self.done: list[str] = []
        self.heard: list[Change] = []
        self.flushed = 0
        self.drafts_opened: list[DraftId] = []

    def compose(self) -> ComposeResult:
        yield Static(f"{self.number} conversation", markup=False)

    def on_mount(self) -> None:
        self.tell_view()

    def tell_view(self, **changes: Any) -> None:
        self.post_message(ViewRead(interaction_view(self.interaction_id, **changes)))

    def scroll_away(self, top: int) -> None:
        self.post_message(PositionChanged(self.interaction_id, top))

    def on_records_changed(self, event: RecordsChanged) -> None:
        self.heard.append(event.change)

    def focus_stream(self) -> None:
        self.focus()

    def focus_composer(self) -> None:
        self.done.append("focus_composer")

    async def flush(self) -> None:
        self.flushed += 1

    def open_draft(self, draft_id: DraftId) -> None:
        self.drafts_opened.append(draft_id)

    def action_open_reply(self) -> None:
        self.done.append("open_reply")

    def action_close_interaction(self) -> None:
        self.done.append("close_interaction")


def desk_app(desk: FakeDesk, **options: Any) -> DeskApp:
    """The app over *desk*, deterministic."""

    async def open_desk() -> FakeDesk:
        return desk

    chosen = {
        "zone": UTC,
        "blink": False,
        "save_after_s": 0.0,
        "bell": False,
        "toast_s": 600.0,
    } | options
    return DeskApp(cast(Any, open_desk), DeskOptions(**chosen))


def fake_pane(app: DeskApp) -> FakePane:
    """The pane of the active tab."""
    pane = app.desk_screen.tabs.active_pane
    assert isinstance(pane, FakePane)
    return pane


READS = ("read-", "pages", "open", "offer", "presence")
"""Worker groups that end by themselves, unless a dialog is open."""


async def settle(pilot: Pilot[None]) -> None:
    """Until every read has ended and every message is handled."""
    app = cast(DeskApp, pilot.app)
    for _ in range(20):
        await pilot.pause()
        reading = [w for w in app.workers if w.group.startswith(READS) and not w.is_finished]
        if not reading or isinstance(app.screen, ModalScreen):
            break
        await app.workers.wait_for_complete(reading)
    await pilot.pause()


@asynccontextmanager
async def running(
    desk: FakeDesk, size: tuple[int, int] = (140, 40), **options: Any
) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """The app over *desk*, open and at rest."""
    app = desk_app(desk, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        yield app, pilot


def toasts(app: DeskApp) -> list[str]:
    """What the toasts say, oldest first."""
    return [f"{note.title}: {note.message}".removeprefix(": ") for note in app._notifications]


def screen_text(app: DeskApp) -> str:
    """Everything that is on the screen, as plain lines."""
    width, height = app.size
    lines = app.screen._compositor.render_strips(app.size)
    assert len(lines) == height
    for line in lines:
        assert line.cell_length == width
    return "\n".join(line.text.rstrip() for line in lines)

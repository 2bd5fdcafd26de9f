"""Stands in for the services about the place of a mail; remembers what it was asked."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import CaseId, InteractionId, MessageId, MoveId
from agentdesk.domain.ladder import Rung
from agentdesk.domain.link_views import EntryLink, LinkCandidate, LinkNews, LinkView
from agentdesk.domain.moving import OWN_CASE, OWN_INTERACTION, Destination, MoveChoice, MovePlan
from agentdesk.domain.views import StreamEntry
from tests.tui.pane_host import change

HINGE = LinkCandidate(
    CaseId(7), "CS0000007", "Lid and hinge of N-20417", "Open", 0.91, ("hinge", "n-20417", "lid")
)
LAMP = LinkCandidate(CaseId(9), "CS0000009", "Lamp series 12 flickers", "Awaiting Info", 0.34)
INVOICE = LinkCandidate(
    InteractionId(119), "IMS0000119", "Invoice 88", "On Hold", 0.04, ("invoice",)
)

DECISION = LinkView(
    message_id=MessageId(40),
    number="CS0000007",
    rung=Rung.BEST_SCORE,
    rung_words="the best match",
    reason="It answers our mail in IMS0000098, which is closed; "
    "of 3 open records CS0000007 matches best (91 %).",
    candidates=(replace(HINGE, chosen=True), LAMP, INVOICE),
    threshold=0.85,
    matcher="keywords",
)

PROPOSED = replace(
    DECISION,
    number="IMS0000123",
    rung=Rung.NEW,
    rung_words="a new conversation",
    reason="It refers to nothing known: a new interaction. CS0000007 matches best (91 %).",
    candidates=(HINGE, LAMP),
    proposed=HINGE,
)

PLAN = MovePlan(
    MessageId(40),
    "IMS0000123",
    2,
    (
        MoveChoice(CaseId(7), "CS0000007", HINGE.subject, "Open", "Mara Olsen", 0.91),
        MoveChoice(CaseId(9), "CS0000009", LAMP.subject, "Awaiting Info", "Mara Olsen", 0.34),
        MoveChoice(InteractionId(119), "IMS0000119", "Invoice 88", "On Hold", "Mara Olsen"),
    ),
)


LAST = MoveId(5)


@dataclass
class FakeLinks:
    """`links`, `moving` and `moving_choices` at once. `refuse` is raised by the next move."""

    view: LinkView = DECISION
    plan_of: MovePlan = PLAN
    others: tuple[MoveChoice, ...] = ()
    refuse: DeskError | None = None
    last: MoveId | None = LAST
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    async def decision(self, desk: Any, actor: Actor, message: MessageId) -> LinkView:
        self.calls.append(("decision", message))
        return self.view

    async def accept(self, desk: Any, actor: Actor, message: MessageId) -> MoveId:
        self.calls.append(("accept", message))
        self.view = replace(self.view, number="CS0000007", proposed=None)
        return MoveId(6)

    async def decline(self, desk: Any, actor: Actor, message: MessageId) -> None:
        self.calls.append(("decline", message))

    async def plan(self, desk: Any, actor: Actor, message: MessageId) -> MovePlan:
        self.calls.append(("plan", message))
        return self.plan_of

    async def find(
        self, desk: Any, actor: Actor, message: MessageId, words: str
    ) -> tuple[MoveChoice, ...]:
        return tuple(c for c in self.others if words.lower() in f"{c.number} {c.subject}".lower())

    async def last_move(self, desk: Any, actor: Actor) -> MoveId | None:
        return self.last

    async def move(
        self, desk: Any, actor: Actor, messages: Any, to: Destination, *, rest_of_thread: bool
    ) -> MoveId:
        self.calls.append(("move", tuple(messages), to, rest_of_thread))
        if (error := self.refuse) is not None:
            self.refuse = None
            raise error
        names = {OWN_INTERACTION: "IMS0000124", OWN_CASE: "CS0000010"}
        found = next((c.number for c in self.plan_of.near if c.thread_id == to.thread_id), "")
        self.view = replace(self.view, number=names.get(to, found))
        return MoveId(6)

    async def undo(self, desk: Any, actor: Actor, move: MoveId) -> None:
        self.calls.append(("undo", move))

    def named(self, name: str) -> list[tuple[Any, ...]]:
        """The calls of one service."""
        return [call[1:] for call in self.calls if call[0] == name]


def install(monkeypatch: pytest.MonkeyPatch, fake: FakeLinks) -> FakeLinks:
    """Put *fake* where the pane looks for services."""
    for name in ("links", "moving", "moving_choices"):
        monkeypatch.setattr(services, name, fake)
    return fake


def line(seq: int, what: LinkNews, title: str, **more: Any) -> StreamEntry:
    """A line about the place of mail 40."""
    return replace(change(seq, title), link=EntryLink(what, MessageId(40), **more))


LINKED = line(41, LinkNews.LINKED, f"Linked to CS0000007 because i{DECISION.reason[1:]}")
PROPOSAL = line(42, LinkNews.PROPOSED, "This looks like CS0000007", number="CS0000007", score=0.91)
MOVED = line(43, LinkNews.MOVED, "Ana Ruiz moved 1 mail to CS0000009", move_id=MoveId(4))

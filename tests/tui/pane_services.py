"""The services below the pane, in memory, remembering how they were called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.board import Targets
from agentdesk.domain.delivery import AfterSend, Evidence, Fate, Look, Outcome
from agentdesk.domain.draft import Draft, DraftContent, DraftFile, DraftVersion, Identity
from agentdesk.domain.errors import DeskError
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import (
    AgentId,
    CodeId,
    DraftId,
    InteractionId,
    MessageId,
    OutboxId,
    QueueId,
)
from agentdesk.domain.interaction import State
from agentdesk.domain.mention import Colleague
from agentdesk.domain.message import Address
from agentdesk.domain.people import PersonHit
from agentdesk.domain.template import Filled, Template, fill
from agentdesk.domain.views import (
    BouncedAddress,
    CodeChoice,
    CustomerCard,
    Delivery,
    DraftRow,
    InteractionView,
    RelatedRow,
    StreamPage,
    WrapUpView,
)
from agentdesk.services import recipients
from agentdesk.services import templates as template_service
from agentdesk.services.notes import Noted
from agentdesk.tui.messages import RecordsChanged
from tests.tui.fake_routing import TARGETS
from tests.tui.pane_host import ANA, IX, START, at, mail_out, page

COLLEAGUES = (
    Colleague(AgentId(2), "ben", "Ben Okafor"),
    Colleague(AgentId(3), "bea", "Bea Silva"),
)

CUSTOMER = CustomerCard(
    name="Mara Olsen",
    email="mara@example.org",
    kind="contact",
    account="Acme",
    vip=True,
    language="en",
    notes="",
    open_count=3,
    related=(
        RelatedRow("IMS0000098", "Order 5512", "Closed Complete", at(-9000), InteractionId(98)),
    ),
)

VIEW = InteractionView(
    interaction_id=IX,
    number="IMS0000123",
    subject="Order 5512 arrived damaged",
    state=State.WORK_IN_PROGRESS,
    direction="inbound",
    owner="Ana Ruiz",
    mine=True,
    queue="Support",
    priority=2,
    opened_at=at(-60),
    parent="IMS0000098",
    number_of_case="CS0000007",
    customer=CUSTOMER,
    wrap_up=None,
    draft_id=None,
    version=1,
    parent_id=InteractionId(98),
)

REPLY = DraftContent(
    to="Mara Olsen <mara@example.org>",
    subject="Re: Order 5512 arrived damaged",
    body="\n\n-- \nAna Ruiz\n\nOn 2 March, Mara Olsen wrote:\n> Where is my parcel?\n",
)

CODES = (
    CodeChoice(CodeId(1), "Issue resolved", True),
    CodeChoice(CodeId(2), "Refunded", False),
    CodeChoice(CodeId(3), "No answer needed", False),
)


EVIDENCE = Evidence(
    subject="Re: Order 5512 arrived damaged",
    recipients=("mara@example.org",),
    others=(Outcome("ben@example.org", Fate.REFUSED, 550, "5.1.1 no such user"),),
    handed_in_at=at(-9),
    what="smtp.example.com:465 did not confirm the mail (Connection lost).",
    looks=(Look(at(-8.5), "Not found in Sent."), Look(at(-7), "Not found in Sent.")),
    next_look=at(1),
    worth="This server files sent mail itself, so the mail was probably not sent.",
)


def wrap_up(seconds: float = 120, opened: datetime = START) -> WrapUpView:
    """A countdown that began at *opened*."""
    return WrapUpView(opened, opened + timedelta(seconds=seconds), CodeId(1))


@dataclass
class FakeDesk:
    """The services below the pane, in memory. `calls` are (name, arguments after the actor).

    `refuse[name]` is an error that the next call of that name raises.
    """

    view: InteractionView = VIEW
    page: StreamPage = field(default_factory=page)
    older: dict[int, StreamPage] = field(default_factory=dict)
    draft: Draft | None = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    refuse: dict[str, DeskError] = field(default_factory=dict)
    refused: tuple[BouncedAddress, ...] = ()
    kept_folder: str = ""
    rows: tuple[DraftRow, ...] = ()
    earlier: tuple[DraftVersion, ...] = ()
    lease_over: bool = False
    read_by: list[DraftId] = field(default_factory=list)
    near: tuple[Address, ...] = ()
    people: tuple[PersonHit, ...] = ()
    identities: tuple[Identity, ...] = ()
    templates: tuple[Template, ...] = ()
    sent: tuple[AfterSend, datetime | None] | None = None
    remarks: tuple[str, ...] = ()
    now: Callable[[], datetime] = lambda: START

    def named(self, name: str) -> list[tuple[Any, ...]]:
        """The calls of one service."""
        return [call[1:] for call in self.calls if call[0] == name]

    def said(self, name: str, *args: Any) -> None:
        """Remember a call, or refuse it."""
        self.calls.append((name, *args))
        if (error := self.refuse.pop(name, None)) is not None:
            raise error

    def new_draft(self, **changes: Any) -> Draft:
        """What `open_reply` answers: held by this session."""
        draft = Draft(
            id=DraftId(7),
            thread_id=IX,
            author_id=ANA.agent_id,
            content=REPLY,
            base_seq=1,
            updated_at=self.now(),
            holder_id=ANA.agent_id,
            holder_session=ANA.session,
            token=1,
        )
        return replace(draft, **changes)

    # views

    async def interaction(self, desk: Any, actor: Actor, ix: InteractionId) -> InteractionView:
        return self.view

    async def stream(
        self, desk: Any, actor: Actor, ix: InteractionId, *, before: int | None = None
    ) -> StreamPage:
        self.calls.append(("stream", before))
        return self.page if before is None else self.older[before]

    async def attachment(
        self, desk: Any, actor: Actor, message: MessageId, part: int
    ) -> tuple[str, bytes]:
        self.said("attachment", message, part)
        return "photo.jpg", b"pixels"

    async def bounced(
        self, desk: Any, actor: Actor, typed: Sequence[str]
    ) -> tuple[BouncedAddress, ...]:
        return tuple(b for b in self.refused if any(b.email in field for field in typed))

    # people

    async def taking_part(self, desk: Any, actor: Actor, ix: InteractionId) -> tuple[Address, ...]:
        return self.near

    async def find(
        self, desk: Any, actor: Actor, words: str, *, limit: int = 20, accounts: bool = True
    ) -> tuple[PersonHit, ...]:
        self.said("find", words)
        return tuple(p for p in self.people if words.lower() in f"{p.name} {p.email}".lower())

    faults = staticmethod(recipients.faults)
    remark = staticmethod(recipients.remark)
    typed_as = staticmethod(recipients.typed_as)

    async def original(self, desk: Any, actor: Actor, message: MessageId) -> bytes:
        self.said("original", message)
        return b"From: mara@example.org\r\n\r\nHello\r\n"

    # workspace

    async def folder(self, desk: Any, actor: Actor) -> str:
        return self.kept_folder

    async def keep_folder(self, desk: Any, actor: Actor, path: str) -> None:
        self.kept_folder = path

    # drafts

    async def open_reply(
        self, desk: Any, actor: Actor, ix: InteractionId, *, everyone: bool
    ) -> Draft:
        self.said("open_reply", everyone)
        self.draft = self.draft or self.new_draft()
        return self.draft

    async def open(self, desk: Any, actor: Actor, draft_id: DraftId) -> Draft:
        self.said("open", draft_id)
        assert self.draft is not None
        self.draft = replace(
            self.draft,
            token=self.draft.token + 1,
            holder_id=actor.agent_id,
            holder_session=actor.session,
        )
        return self.draft

    async def of(self, desk: Any, actor: Actor, ix: InteractionId) -> tuple[DraftRow, ...]:
        return self.rows

    async def versions(
        self, desk: Any, actor: Actor, draft_id: DraftId
    ) -> tuple[DraftVersion, ...]:
        return self.earlier

    async def restore(
        self, desk: Any, actor: Actor, draft_id: DraftId, token: int, version_id: int
    ) -> Draft:
        self.said("restore", draft_id, token, version_id)
        assert self.draft is not None
        said = next(v.content for v in self.earlier if v.version_id == version_id)
        self.draft = replace(self.draft, content=said, touched=True)
        return self.draft

    async def keep_version(
        self, desk: Any, actor: Actor, draft_id: DraftId, content: DraftContent, reason: str
    ) -> None:
        self.said("keep_version", draft_id, content, reason)

    def writer_of(self, desk: Any, draft: Draft) -> str:
        names = {ANA.agent_id: ANA.name, AgentId(2): "Ben Okafor"}
        writes = bool(draft.holder_session) and not self.lease_over
        return names.get(draft.holder_id or ANA.agent_id, "Somebody") if writes else ""

    def read_along(self, desk: Any, draft_id: DraftId) -> Callable[[], None]:
        self.read_by.append(draft_id)
        return lambda: self.read_by.remove(draft_id)

    async def read(self, desk: Any, actor: Actor, draft_id: DraftId) -> Draft:
        self.said("read", draft_id)
        assert self.draft is not None
        return self.draft

    async def save(
        self, desk: Any, actor: Actor, draft_id: DraftId, token: int, content: DraftContent
    ) -> Draft:
        self.said("save", draft_id, token, content)
        assert self.draft is not None
        self.draft = replace(self.draft, content=content, touched=True, updated_at=self.now())
        return self.draft

    async def heartbeat(self, desk: Any, actor: Actor, draft_id: DraftId, token: int) -> None:
        self.said("heartbeat", draft_id, token)

    async def release(self, desk: Any, actor: Actor, draft_id: DraftId, token: int) -> None:
        self.said("release", draft_id, token)

    async def take_over(self, desk: Any, actor: Actor, draft_id: DraftId) -> Draft:
        self.said("take_over", draft_id)
        assert self.draft is not None
        self.draft = replace(
            self.draft,
            token=self.draft.token + 1,
            holder_id=actor.agent_id,
            holder_session=actor.session,
        )
        return self.draft

    async def attach(
        self,
        desk: Any,
        actor: Actor,
        draft_id: DraftId,
        token: int,
        name: str,
        content: bytes,
        step: Callable[[int], object] | None = None,
    ) -> Draft:
        self.said("attach", name, content)
        assert self.draft is not None
        file = DraftFile(name, "application/octet-stream", len(content), f"sha-{name}")
        self.draft = replace(self.draft, files=(*self.draft.files, file), touched=True)
        return self.draft

    async def detach(
        self, desk: Any, actor: Actor, draft_id: DraftId, token: int, sha256: str
    ) -> Draft:
        self.said("detach", sha256)
        assert self.draft is not None
        files = tuple(f for f in self.draft.files if f.sha256 != sha256)
        self.draft = replace(self.draft, files=files)
        return self.draft

    async def discard(self, desk: Any, actor: Actor, draft_id: DraftId, token: int) -> None:
        self.said("discard", draft_id, token)
        self.draft = None

    # sending

    async def queue(
        self,
        desk: Any,
        actor: Actor,
        draft_id: DraftId,
        token: int,
        *,
        anyway: bool = False,
        after: AfterSend = AfterSend.USUAL,
        send_at: datetime | None = None,
    ) -> OutboxId:
        self.said("queue", draft_id, anyway)
        assert self.draft is not None
        self.sent = (after, send_at)
        if after is AfterSend.CLOSE:
            self.view = replace(self.view, state=State.WRAP_UP, wrap_up=wrap_up(opened=self.now()))
        sent = mail_out(
            50,
            self.draft.content.body,
            delivery=Delivery.DELAYED,
            due_at=send_at or self.now() + timedelta(seconds=10),
            scheduled_for=send_at,
            at=self.now(),
        )
        self.page = replace(self.page, entries=(*self.page.entries, sent))
        self.draft = None
        return OutboxId(50)

    async def reschedule(
        self, desk: Any, actor: Actor, outbox_id: OutboxId, send_at: datetime
    ) -> None:
        self.said("reschedule", outbox_id, send_at)

    async def send_now(self, desk: Any, actor: Actor, outbox_id: OutboxId) -> None:
        self.said("send_now", outbox_id)

    async def open_forward(
        self, desk: Any, actor: Actor, ix: InteractionId, message: MessageId
    ) -> Draft:
        self.said("open_forward", message)
        content = DraftContent(subject="Fwd: Order 5512 arrived damaged", body="\n> Where is it?")
        self.draft = self.new_draft(content=content)
        return self.draft

    async def choices(self, desk: Any, actor: Actor, ix: InteractionId) -> tuple[Identity, ...]:
        return self.identities

    # templates

    async def search(self, desk: Any, actor: Actor, words: str, *args: Any, **kw: Any) -> Any:
        return tuple(t for t in self.templates if words.lower() in t.name.lower())

    async def fill(self, desk: Any, actor: Actor, template_id: Any, ix: InteractionId) -> Filled:
        template = next(t for t in self.templates if t.id == template_id)
        return fill(template, {"customer.first_name": "Mara"})

    first_name = staticmethod(template_service.first_name)

    async def cancel(self, desk: Any, actor: Actor, outbox_id: OutboxId) -> Draft:
        self.said("cancel", outbox_id)
        self.draft = self.new_draft()
        return self.draft

    async def edit(self, desk: Any, actor: Actor, outbox_id: OutboxId) -> Draft:
        self.said("edit", outbox_id)
        self.draft = self.new_draft()
        return self.draft

    async def evidence(self, desk: Any, actor: Actor, outbox_id: OutboxId) -> Evidence:
        self.said("evidence", outbox_id)
        return EVIDENCE

    async def send_again(self, desk: Any, actor: Actor, outbox_id: OutboxId) -> None:
        self.said("send_again", outbox_id)

    async def confirm_sent(self, desk: Any, actor: Actor, outbox_id: OutboxId) -> None:
        self.said("confirm_sent", outbox_id)

    # handling and offers

    async def hold(self, desk: Any, actor: Actor, ix: InteractionId) -> None:
        self.said("hold", ix)
        self.view = replace(self.view, state=State.ON_HOLD)

    async def resume(self, desk: Any, actor: Actor, ix: InteractionId) -> None:
        self.said("resume", ix)
        self.view = replace(self.view, state=State.WORK_IN_PROGRESS, wrap_up=None)

    async def close(self, desk: Any, actor: Actor, ix: InteractionId) -> None:
        self.said("close", ix)
        self.view = replace(self.view, state=State.WRAP_UP, wrap_up=wrap_up(opened=self.now()))

    async def wrap_up_codes(
        self, desk: Any, actor: Actor, ix: InteractionId
    ) -> tuple[CodeChoice, ...]:
        return CODES

    async def wrap_up(
        self, desk: Any, actor: Actor, ix: InteractionId, code_id: CodeId, notes: str
    ) -> None:
        self.said("wrap_up", code_id, notes)
        self.view = replace(self.view, state=State.CLOSED_COMPLETE, wrap_up=None)

    async def add(self, desk: Any, actor: Actor, ix: InteractionId, text: str) -> Noted:
        self.said("add_note", text)
        return Noted(remarks=self.remarks)

    async def colleagues(self, desk: Any, actor: Actor) -> tuple[Colleague, ...]:
        return COLLEAGUES

    async def mark_read(self, desk: Any, actor: Actor, ix: InteractionId, through: int) -> None:
        self.said("mark_read", through)

    async def assign_to_me(self, desk: Any, actor: Actor, ix: InteractionId) -> None:
        self.said("assign_to_me", ix)
        self.view = replace(self.view, state=State.WORK_IN_PROGRESS, mine=True)

    # transferring

    async def targets(self, desk: Any, actor: Actor, ix: InteractionId) -> Targets:
        self.said("targets", ix)
        return TARGETS

    async def to_agent(
        self, desk: Any, actor: Actor, ix: InteractionId, agent_id: AgentId, note: str
    ) -> None:
        self.said("to_agent", agent_id, note)

    async def to_queue(
        self, desk: Any, actor: Actor, ix: InteractionId, queue_id: QueueId, note: str
    ) -> None:
        self.said("to_queue", queue_id, note)


PATCHED = (
    "views",
    "recipients",
    "people",
    "identities",
    "forwarding",
    "templates",
    "drafts",
    "sending",
    "sent_mail",
    "handling",
    "notes",
    "offers",
    "transferring",
    "workspace",
)


def install(monkeypatch: pytest.MonkeyPatch, fake: FakeDesk) -> FakeDesk:
    """Put *fake* where the pane looks for services."""
    for name in PATCHED:
        monkeypatch.setattr(services, name, fake, raising=False)
    return fake


def changed(*, drafts: bool = False) -> RecordsChanged:
    """A change of the interaction, or of its draft."""
    if drafts:
        return RecordsChanged(Change(drafts=frozenset({DraftId(7)})))
    return RecordsChanged(Change(interactions=frozenset({IX})))

"""Where a tab reads its conversation: the services of its kind of thread."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from agentdesk import services
from agentdesk.domain.case_head import CaseView, ThreadView
from agentdesk.domain.ids import CaseId, InteractionId, ThreadId, names_a_case
from agentdesk.domain.views import InteractionView, StreamPage
from agentdesk.tui.widgets.case_head import CaseHead
from agentdesk.tui.widgets.interaction_head import InteractionHead
from agentdesk.tui.widgets.thread_head import ThreadHead

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp

View = TypeVar("View", bound=ThreadView)
Said = TypeVar("Said", bound=ThreadView, covariant=True)


class Source(Protocol[Said]):
    """One thread. Each method but `head` is one service call."""

    @property
    def thread_id(self) -> ThreadId:
        """Which one."""

    @property
    def number(self) -> str:
        """What people call it."""

    def head(self) -> ThreadHead[Any]:
        """What stands above its conversation."""

    def view(self, app: "DeskApp") -> Coroutine[Any, Any, Said]:
        """Its head."""

    def stream(self, app: "DeskApp", before: int | None = None) -> Coroutine[Any, Any, StreamPage]:
        """Its newest entries, or those *before* one."""

    def mark_read(self, app: "DeskApp", seq: int) -> Coroutine[Any, Any, None]:
        """This agent has seen it so far."""


class InteractionSource:
    """Of an interaction."""

    def __init__(self, interaction_id: InteractionId, number: str) -> None:
        self.thread_id, self.number = interaction_id, number

    def head(self) -> InteractionHead:
        """What it is about and how it stands."""
        return InteractionHead(self.number, id="head")

    def view(self, app: "DeskApp") -> Coroutine[Any, Any, InteractionView]:
        """Its head."""
        return services.views.interaction(app.desk, app.actor, self.thread_id)

    def stream(self, app: "DeskApp", before: int | None = None) -> Coroutine[Any, Any, StreamPage]:
        """What was said and done."""
        return services.views.stream(app.desk, app.actor, self.thread_id, before=before)

    def mark_read(self, app: "DeskApp", seq: int) -> Coroutine[Any, Any, None]:
        """Seen so far."""
        return services.handling.mark_read(app.desk, app.actor, self.thread_id, seq)


class CaseSource:
    """Of a case: its conversation is that of the interactions that it grew out of, and its own."""

    def __init__(self, case_id: CaseId, number: str) -> None:
        self.thread_id, self.number = case_id, number

    def head(self) -> CaseHead:
        """What it is about, whose it is, what was promised."""
        return CaseHead(self.number, id="head")

    def view(self, app: "DeskApp") -> Coroutine[Any, Any, CaseView]:
        """Its head."""
        return services.cases.view(app.desk, app.actor, self.thread_id)

    def stream(self, app: "DeskApp", before: int | None = None) -> Coroutine[Any, Any, StreamPage]:
        """What was said and done."""
        return services.cases.stream(app.desk, app.actor, self.thread_id, before=before)

    def mark_read(self, app: "DeskApp", seq: int) -> Coroutine[Any, Any, None]:
        """Seen so far."""
        return services.cases.mark_read(app.desk, app.actor, self.thread_id, seq)


def source_of(thread_id: ThreadId, number: str) -> Source[Any]:
    """The services of the kind that *number* names."""
    if names_a_case(number):
        return CaseSource(CaseId(thread_id), number)
    return InteractionSource(InteractionId(thread_id), number)

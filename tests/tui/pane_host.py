"""A small app around parts of the interaction pane, and the entries that it shows."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from textual.app import App, ComposeResult
from textual.signal import Signal
from textual.widget import Widget

from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import DeskError
from agentdesk.domain.ids import AgentId, InteractionId, MessageId, OutboxId
from agentdesk.domain.message import Attachment, Span
from agentdesk.domain.rules import Rules
from agentdesk.domain.views import Delivery, EntryKind, StreamEntry, StreamPage
from agentdesk.tui import theming
from agentdesk.tui.options import DeskOptions

T = TypeVar("T")

START = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
ANA = Actor(AgentId(1), "Ana Ruiz", Role.AGENT, "session-a")
IX = InteractionId(123)


class HostApp(App[None]):
    """Stands in for DeskApp: desk, actor, options, act."""

    CSS_PATH = Path(theming.__file__).with_name("app.tcss")

    def __init__(self, make: Callable[[], Widget] | None = None, clock: ManualClock | None = None):
        self.options = DeskOptions(zone=UTC, blink=False)
        super().__init__()
        self.clock = clock or ManualClock(START)
        self.desk = SimpleNamespace(clock=self.clock, rules=Rules(), assistant=None)
        self.actor = ANA
        self.is_open = True
        self.ticked: Signal[datetime] = Signal(self, "ticked")
        self.errors: list[str] = []
        self.told: list[str] = []
        self.lent = 0
        self._make = make
        for theme in theming.load([theming.bundled_folder()]).themes:
            self.register_theme(theme)
        self.theme = theming.DEFAULT

    may_lend = True

    @contextmanager
    def lend_terminal(self) -> Iterator[None]:
        self.lent += 1
        yield

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theming.defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        if self._make is not None:
            yield self._make()

    def now(self) -> datetime:
        return self.clock.now()

    def turn(self, seconds: float) -> None:
        """Time goes on, and the app's clock ticks."""
        self.ticked.publish(self.clock.turn(seconds))

    def tell(self, sentence: str, severity: str = "information", title: str = "") -> None:
        self.told.append(sentence)

    async def act(self, coro: Coroutine[Any, Any, T]) -> T | None:
        try:
            return await coro
        except DeskError as error:
            self.errors.append(str(error))
            return None


def at(minutes: float) -> datetime:
    """*minutes* before the clock's start when negative."""
    return START + timedelta(minutes=minutes)


def mail_in(seq: int, text: str = "Where is my parcel?", **changes: Any) -> StreamEntry:
    """A customer's mail without quotes."""
    entry = StreamEntry(
        seq=seq,
        at=at(-60 + seq),
        kind=EntryKind.MAIL_IN,
        actor="Mara Olsen",
        title="Mara Olsen → support@example.com",
        text=text,
        latest=(Span(0, len(text)),),
        message_id=MessageId(seq),
    )
    return replace(entry, **changes)


def mail_out(seq: int, text: str = "It is on its way.", **changes: Any) -> StreamEntry:
    """Our answer, sent."""
    entry = mail_in(
        seq,
        text,
        kind=EntryKind.MAIL_OUT,
        actor="Ana Ruiz",
        title="Ana Ruiz → Mara Olsen",
        delivery=Delivery.SENT,
        outbox_id=OutboxId(seq),
        own=True,
    )
    return replace(entry, **changes)


def change(seq: int, title: str) -> StreamEntry:
    """A change of the record."""
    return StreamEntry(seq, at(-60 + seq), EntryKind.CHANGE, "Ana Ruiz", title)


def note(seq: int, text: str) -> StreamEntry:
    """A colleague's note."""
    return StreamEntry(
        seq, at(-60 + seq), EntryKind.NOTE, "Ben Ito", "Note", text, (Span(0, len(text)),)
    )


def page(*entries: StreamEntry, read: int = 10_000, earlier: bool = False) -> StreamPage:
    """What `views.stream` answers; everything read unless said otherwise."""
    return StreamPage(entries, read, earlier)


CONVERSATION = (
    mail_in(
        1,
        "Hello,\n\nmy parcel arrived broken. The lid is cracked on both sides and one of the "
        "hinges is missing. Can you send a new one?\n\nMara Olsen",
        at=at(-1530),
        attachments=(Attachment("lid-front.jpg", 1_234_567, "image/jpeg", 0),),
    ),
    change(2, "Ana Ruiz works on it"),
    note(3, "Check the carrier photo before refunding."),
    mail_out(
        10,
        "Sorry to hear that, Mara.\n\nCould you send us a photo of the hinge, too?\n\n"
        "Kind regards\nAna",
        at=at(-50),
    ),
    change(11, "Work in Progress → On Hold by Ana Ruiz"),
    mail_in(
        40,
        "Here it is.\n\nOn 2 March, Ana Ruiz wrote:\n> Sorry to hear that, Mara.\n>\n"
        "> Could you send us a photo of the hinge, too?\n",
        latest=(Span(0, 11),),
        at=at(-3),
        attachments=(
            Attachment("hinge-1.jpg", 900_000, "image/jpeg", 0),
            Attachment("hinge-2.jpg", 84_000, "image/jpeg", 1),
        ),
    ),
)


async def until(pilot: Any, happened: Callable[[], object]) -> None:
    """Let messages run until *happened*; a promise that is not kept fails here."""
    for _ in range(200):
        if happened():
            return
        await pilot.pause()
    raise AssertionError("it never happened")

"""Which of our own addresses a mail is written from."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from agentdesk.domain.draft import Identity
from agentdesk.tui.widgets.cells import one_line


class IdentityLine(Widget, can_focus=True):
    """One of several addresses: left, right, space or a click takes the next one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right,space", "turn(1)", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down,enter", "app.focus_next", show=False),
    ]

    @dataclass
    class Turned(Message):
        """Another one was chosen."""

        before: Identity
        now: Identity

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id, classes="field")
        self.choices: tuple[Identity, ...] = ()
        self.sender = ""

    @property
    def current(self) -> Identity | None:
        """The chosen one; the usual one where none was chosen."""
        named = (c for c in self.choices if c.address == self.sender)
        usual = (c for c in self.choices if c.default)
        return next(named, None) or next(usual, None)

    def render(self) -> Content:
        """Name and address, and how to take another."""
        current = self.current
        if current is None:
            return Content(one_line(self.sender))
        name, address = one_line(current.name), one_line(current.address)
        words = Content.assemble(name, (f" <{address}>" if name else address, "$muted-text"))
        if self.has_focus:
            at = self.choices.index(current) + 1
            words += Content.styled(f"   ◂ {at} of {len(self.choices)} ▸", "$unread")
        return words

    def on_focus(self, event: events.Focus) -> None:
        """The hint appears."""
        self.refresh()

    def on_blur(self, event: events.Blur) -> None:
        """The hint goes."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """The next one."""
        self.action_turn(1)

    def action_turn(self, step: int) -> None:
        """The next address in that direction, around at the ends."""
        before = self.current
        if before is None or self.disabled:
            return
        now = self.choices[(self.choices.index(before) + step) % len(self.choices)]
        if now != before:
            self.sender = now.address
            self.refresh()
            self.post_message(self.Turned(before, now))

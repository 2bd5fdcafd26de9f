"""The lines above the text of a mail: whom it goes to and what it is about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList

from agentdesk.domain.draft import DraftContent, Identity
from agentdesk.domain.views import BouncedAddress
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.identity_line import IdentityLine
from agentdesk.tui.widgets.recipient_field import Field, Find, RecipientField
from agentdesk.tui.widgets.refused import RefusedRecipients
from agentdesk.tui.widgets.suggestions import Suggested, Suggestions

RECIPIENTS = {"to": "To", "cc": "Cc", "bcc": "Bcc"}
COPIES = ("cc", "bcc")
FIELDS = (*RECIPIENTS, "subject")


class Envelope(Widget):
    """From, To, Cc, Bcc and Subject, and below them what is wrong with a recipient."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    class Resized(Message):
        """Other lines are shown than before."""

    @dataclass
    class SenderChanged(Message):
        """The mail is written from another address."""

        before: Identity
        now: Identity

    def compose(self) -> ComposeResult:
        yield from _line("from", "From", IdentityLine(id="from"))
        for name, label in RECIPIENTS.items():
            suggestions = Suggestions()
            yield from _line(name, label, RecipientField(name, suggestions))
            yield suggestions
        yield from _line("subject", "Subject", Field("subject"))
        yield RefusedRecipients()

    def on_mount(self) -> None:
        """Still cursors where settings say so."""
        for field in self.query(Input):
            field.cursor_blink = shell(self).options.blink

    # What is written

    def field(self, name: str) -> Field:
        """One of `FIELDS`."""
        return self.query_one(f"#{name}", Field)

    @property
    def recipient_fields(self) -> tuple[RecipientField, ...]:
        """To, Cc and Bcc."""
        return tuple(self.query(RecipientField))

    @property
    def typed(self) -> dict[str, str]:
        """Everything as it stands in the fields, by name."""
        fields = {name: self.field(name).value for name in FIELDS}
        return {**fields, "sender": self.identity.sender}

    def fill(self, content: DraftContent) -> None:
        """Put *content* into the fields."""
        for name in FIELDS:
            self.field(name).value = getattr(content, name)
        self.identity.sender = content.sender
        self.identity.refresh()
        if content.cc or content.bcc:
            self.show_copies(True)

    def allow(self, allowed: bool) -> None:
        """Whether somebody may type here."""
        for field in self.query(".field"):
            field.disabled = not allowed

    # Lines

    @property
    def lines(self) -> int:
        """How many lines are shown."""
        return sum(1 for child in self.children if child.display and not _floats(child))

    @property
    def has_copies(self) -> bool:
        """Whether Cc or Bcc is filled."""
        return any(self.field(name).value for name in COPIES)

    def show_copies(self, shown: bool) -> None:
        """Show Cc and Bcc or hide them; what is filled is never hidden."""
        self.set_class(shown or self.has_copies, "-copies")
        self.post_message(self.Resized())

    def toggle_copies(self) -> None:
        """Show Cc and Bcc and go there, or hide them while they are empty."""
        shown = self.has_copies or not self.has_class("-copies")
        self.show_copies(shown)
        self.field("cc" if shown else "to").focus()

    # Sender

    @property
    def identity(self) -> IdentityLine:
        """From."""
        return self.query_one(IdentityLine)

    def offer(self, choices: tuple[Identity, ...]) -> None:
        """The addresses that may be written from; with a single one there is nothing to choose."""
        self.identity.choices = choices
        self.identity.refresh()
        self.set_class(len(choices) > 1, "-from")
        self.post_message(self.Resized())

    @on(IdentityLine.Turned)
    def _turned(self, event: IdentityLine.Turned) -> None:
        event.stop()
        self.post_message(self.SenderChanged(event.before, event.now))

    # People

    def propose(self, near: Sequence[Suggested], find: Find | None) -> None:
        """Complete with those *near* first, then with whom *find* knows."""
        for field in self.recipient_fields:
            field.near, field.find = near, find
            field.others = partial(self._others, field)

    def _others(self, asking: RecipientField) -> str:
        return ", ".join(f.value for f in self.recipient_fields if f is not asking)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        for field in self.recipient_fields:
            if field.suggestions is event.option_list and (chosen := field.suggestions.chosen):
                field.focus()
                field.take(chosen)

    def mark(
        self, faults: Sequence[str], bounced: tuple[BouncedAddress, ...], remark: str = ""
    ) -> None:
        """*faults*: a sentence for each of To, Cc and Bcc, empty for one without a fault; *remark* is
        about all of them.
        """
        for field, sentence in zip(self.recipient_fields, faults, strict=True):
            field.set_class(bool(sentence), "-wrong")
        line = self.query_one(RefusedRecipients)
        line.fault = next(filter(None, faults), "")
        line.show(bounced, remark)
        self.post_message(self.Resized())


def _line(name: str, label: str, field: Widget) -> Iterator[Widget]:
    yield Horizontal(Label(label, classes="name"), field, id=f"{name}-line", classes="line")


def _floats(child: Widget) -> bool:
    return isinstance(child, Suggestions)

"""Nobody knows whether a mail went out: what is known, and a person's answer."""

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from agentdesk.domain.delivery import Evidence
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.widgets.entry_text import local_time


class Answer(StrEnum):
    """What the person knows or decides."""

    SENT = "sent"
    AGAIN = "again"


class WasItSentDialog(Dialog[Answer]):
    """Shows the evidence. Escape, "not now" and a click beside it leave the question open."""

    CSS_PATH = with_dialog_css("was_it_sent.tcss")
    TITLE_TEXT: ClassVar[str] = "Was this sent?"
    AUTO_FOCUS = "#later"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer('sent')", show=False),
        Binding("x", "answer('again')", show=False),
        Binding("n", "cancel", show=False),
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, evidence: Evidence, moment: datetime, zone: tzinfo | None) -> None:
        super().__init__()
        self._evidence, self._moment, self._zone = evidence, moment, zone

    def compose_body(self) -> Iterable[Widget]:
        """What is known, line by line, and three answers."""
        for label, text in facts(self._evidence, self._moment, self._zone):
            yield Static(Content(label), classes="label")
            yield Static(Content(text), classes="sentence")
        yield Static(Content(ADVICE), classes="sentence muted")
        yield Horizontal(
            Button("Not now (n)", id="later", compact=True),
            Button("Send again (x)", id="again", compact=True, variant="warning"),
            Button("It was sent (y)", id="sent", compact=True, variant="primary"),
            classes="answers",
        )

    @on(Button.Pressed)
    def _take_answer(self, event: Button.Pressed) -> None:
        if event.button.id == "later":
            self.action_cancel()
        else:
            self.action_answer(event.button.id or "")

    def action_answer(self, answer: str) -> None:
        """Close with one of `Answer`."""
        self.dismiss(Answer(answer))


ADVICE = "If it did arrive and is sent again, the customer gets it twice."


def facts(known: Evidence, moment: datetime, zone: tzinfo | None) -> Iterable[tuple[str, str]]:
    """Label and text of each line of evidence."""

    def at(time: datetime) -> str:
        return local_time(time, moment, zone)

    yield "Mail", known.subject or "(no subject)"
    yield "To", ", ".join(known.recipients)
    if known.others:
        yield "Certainly not to", "\n".join(f"{o.email}: {o.said}" for o in known.others)
    yield "What happened", f"{at(known.handed_in_at)} · {known.what}"
    yield "Looked for it", "\n".join(_looks(known, at))
    if known.worth:
        yield "What that means", known.worth


def _looks(known: Evidence, at: Callable[[datetime], str]) -> Iterable[str]:
    for look in known.looks:
        yield f"{at(look.at)} · {look.words}"
    if known.next_look is not None:
        yield f"{at(known.next_look)} · the next look, by itself"
    elif not known.looks:
        yield "Nobody has looked among the sent mails."

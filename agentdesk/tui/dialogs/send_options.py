"""Send in another way than usual: hold, keep or close afterwards, or send later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agentdesk.domain.delivery import AfterSend
from agentdesk.domain.errors import BadInput
from agentdesk.domain.when import parse_when, suggestions
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.sending_words import for_customer, goes_out

LABEL_CELLS = 22


@dataclass(frozen=True, slots=True)
class SendChoice:
    """How a mail shall be sent: at once, or at *send_at*."""

    after: AfterSend = AfterSend.USUAL
    send_at: datetime | None = None


Way = tuple[str, str, SendChoice]
"""What it is called, what follows, and what it means."""

WAYS: tuple[Way, ...] = (
    ("Send now", "then as settings say", SendChoice()),
    ("Send and hold", "waits for the customer", SendChoice(AfterSend.HOLD)),
    ("Send and keep working", "stays with you", SendChoice(AfterSend.KEEP)),
    ("Send and close", "begins the wrap-up", SendChoice(AfterSend.CLOSE)),
)
NOW: tuple[Way, ...] = (("Send now", "does not wait any longer", SendChoice()),)


class SendOptionsDialog(Dialog[SendChoice]):
    """The ways, then moments to choose from, and a line for any other moment.

    *name* and *time_zone* are the customer's: each moment is shown on their clock too.
    """

    CSS_PATH = with_dialog_css("send_options.tcss")
    HINT: ClassVar[str] = "↑↓ choose · or type a moment · Enter sends · Esc cancels"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(
        self,
        ways: Sequence[Way] = WAYS,
        *,
        title: str = "Send",
        name: str = "",
        time_zone: str = "",
    ) -> None:
        super().__init__()
        self._ways, self._title_words = tuple(ways), title
        self._who, self._time_zone = name, time_zone
        self._choices: list[SendChoice | None] = []

    def title_text(self) -> str:
        """As given."""
        return self._title_words

    def compose_body(self) -> Iterable[Widget]:
        """Ways and moments, the line for another one, and what it means."""
        yield OptionList(*self._options(), id="ways", compact=True, markup=False)
        yield Input(placeholder="Later: tomorrow 9, mon 14:00, in 3 days", id="when", compact=True)
        yield Static("", id="answer", markup=False)

    def on_mount(self) -> None:
        """The list is no stop for the focus: up and down move in it from the line."""
        ways = self.query_one(OptionList)
        ways.can_focus = False
        ways.highlighted = 0
        self.query_one(Input).focus()

    def _options(self) -> Iterable[Option]:
        app = shell(self.app)
        for label, remark, choice in self._ways:
            self._choices.append(choice)
            yield Option(_line(label, remark))
        self._choices.append(None)
        yield Option(Content.styled(" Send later", "$muted-text bold"), disabled=True)
        for label, moment in suggestions(app.now(), app.options.zone):
            self._choices.append(SendChoice(send_at=moment))
            yield Option(_line(label.capitalize(), self._words(moment)))

    def _words(self, moment: datetime) -> str:
        app = shell(self.app)
        there = for_customer(moment, app.options.zone, self._who, self._time_zone)
        here = goes_out(moment, app.now(), app.options.zone)
        return f"{here} · {there}" if there else here

    def action_move(self, step: int) -> None:
        """Highlight the next line; a moment that was typed does not count any more."""
        ways, line = self.query_one(OptionList), self.query_one(Input)
        if line.value:
            line.value = ""
            ways.highlighted = 0
        else:
            (ways.action_cursor_down if step > 0 else ways.action_cursor_up)()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """The answer to what is typed, at once."""
        event.stop()
        ways = self.query_one(OptionList)
        ways.highlighted = None if event.value.strip() else ways.highlighted or 0
        moment = self._moment()
        answer = self.query_one("#answer", Static)
        answer.set_class(isinstance(moment, str), "-wrong")
        answer.update(
            Content(self._words(moment) if isinstance(moment, datetime) else moment or "")
        )

    def _moment(self) -> datetime | str | None:
        """What is typed: a moment, the sentence that refuses it, or nothing."""
        typed, app = self.query_one(Input).value, shell(self)
        if not typed.strip():
            return None
        try:
            return parse_when(typed, app.now(), app.options.zone)
        except BadInput as error:
            return str(error)

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        moment = self._moment()
        if isinstance(moment, datetime):
            self.dismiss(SendChoice(send_at=moment))
        elif moment is None:
            self._choose(self.query_one(OptionList).highlighted)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(event.option_index)

    def _choose(self, at: int | None) -> None:
        if at is not None and (choice := self._choices[at]) is not None:
            self.dismiss(choice)


def _line(label: str, remark: str) -> Content:
    return Content.assemble((f" {label:<{LABEL_CELLS}} ", ""), (remark, "$muted-text"))

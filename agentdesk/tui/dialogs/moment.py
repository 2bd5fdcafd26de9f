"""Choose a way, or a moment: one of some, or one that is typed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agentdesk.domain.errors import BadInput
from agentdesk.domain.when import parse_when, suggestions
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.shell import shell

LABEL_CELLS = 22
T = TypeVar("T")


class MomentDialog(Dialog[T]):
    """The ways, each with its name, what follows and its answer; then moments to choose from, and a
    line for any other moment.
    """

    CSS_PATH = with_dialog_css("moment.tcss")
    MOMENTS: ClassVar[str] = "Later"
    EXAMPLES: ClassVar[str] = "tomorrow 9, mon 14:00, in 3 days"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, ways: Sequence[tuple[str, str, T]], title: str) -> None:
        super().__init__()
        self._ways, self._title_words = tuple(ways), title
        self._choices: list[T | None] = []

    def at(self, moment: datetime) -> T:
        """The answer that a moment means."""
        raise NotImplementedError

    def words(self, moment: datetime) -> str:
        """The moment as people read it."""
        raise NotImplementedError

    def short_words(self, moment: datetime) -> str:
        """The same beside a moment to choose: one line at most."""
        return self.words(moment)

    def title_text(self) -> str:
        """As given."""
        return self._title_words

    def compose_body(self) -> Iterable[Widget]:
        """Ways and moments, the line for another one, and what it means."""
        yield OptionList(*self._options(), id="ways", compact=True, markup=False)
        yield Input(placeholder=f"{self.MOMENTS}: {self.EXAMPLES}", id="when", compact=True)
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
        yield Option(Content.styled(f" {self.MOMENTS}", "$muted-text bold"), disabled=True)
        for label, moment in suggestions(app.now(), app.options.zone):
            self._choices.append(self.at(moment))
            yield Option(_line(label.capitalize(), self.short_words(moment)))

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
        answer.update(Content(self.words(moment) if isinstance(moment, datetime) else moment or ""))

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
            self.dismiss(self.at(moment))
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

"""Where a mail goes instead: into another record, or into one of its own."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Static

from agentdesk.domain.moving import OWN_CASE, OWN_INTERACTION, Destination, MoveChoice, MovePlan, to
from agentdesk.domain.views import Page
from agentdesk.tui.dialogs.dialog import with_dialog_css
from agentdesk.tui.dialogs.submitting import SubmittingDialog
from agentdesk.tui.reading import Calm
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.columns import Column
from agentdesk.tui.widgets.score_bar import percent
from agentdesk.tui.widgets.virtual_list import VirtualList

CALM_S = 0.12
"""Pause in typing after which is looked."""

Find = Callable[[str], Awaitable[Sequence[MoveChoice] | None]]
"""Records that fit the words; None where that failed and was told."""

Move = Callable[[Destination, bool], Awaitable[str]]
"""Does it, with the rest of the thread or without; answers the sentence that refuses it, else empty."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: a record that is there, or one that is made."""

    to: Destination
    words: str
    choice: MoveChoice | None = None


OWN = (
    Line(OWN_INTERACTION, "a new interaction of its own"),
    Line(OWN_CASE, "a new case of its own"),
)


class Lines(VirtualList[Line], can_focus=False):
    """The lines; the keys come from the box above them."""


class MoveMailDialog(SubmittingDialog[Line]):
    """Moves through *move* and stays open when that refuses. Answers where the mail went."""

    CSS_PATH = with_dialog_css("move_mail.tcss")
    HINT: ClassVar[str] = "Type to find any record · ↑↓ choose · Enter moves · Esc leaves it here"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("ctrl+t", "toggle_rest", show=False, priority=True),
    ]

    def __init__(self, plan: MovePlan, find: Find, move: Move) -> None:
        super().__init__()
        self._plan, self._find, self._move = plan, find, move
        self._calm = Calm(self)
        self.shown_for = ""
        """The words that the lines belong to."""

    def title_text(self) -> str:
        """`Move a mail out of IMS0000123`."""
        return f"Move a mail out of {one_line(self._plan.number)}"

    def compose_body(self) -> Iterable[Widget]:
        """Field, lines, the rest of the thread, what happens, answers."""
        yield Input(id="words", compact=True, placeholder="A number, a subject, a customer")
        yield Lines(COLUMNS, self._fetch, key=lambda line: line.words, empty="", id="lines")
        if self._plan.rest:
            yield Checkbox(_rest_words(self._plan.rest), id="rest", compact=True)
        yield Static("", id="happens", markup=False)
        yield Static("", classes="problem", markup=False)
        yield Horizontal(
            Button("Cancel", id="cancel", compact=True),
            Button("Move", id="submit", compact=True, variant="primary"),
            classes="answers",
        )

    @property
    def lines(self) -> Lines:
        """What can be chosen."""
        return self.query_one(Lines)

    @property
    def rest(self) -> bool:
        """Whether the rest of its thread goes, too."""
        boxes = self.query("#rest").results(Checkbox)
        return any(box.value for box in boxes)

    async def _fetch(self, *_cursors: object) -> Page[Line]:
        words = self.query_one(Input).value
        found = await self._find(words) if words.strip() else self._plan.near
        self.shown_for = words
        choices = [Line(to(c.thread_id), c.number, c) for c in found or ()]
        return Page((*choices, *OWN))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(".problem").remove_class("-shown")
        self._calm.then(self._look, CALM_S)

    def _look(self) -> None:
        self.lines.cursor = None
        self.lines.load()

    def action_move(self, by: int) -> None:
        """The line above or below, while typing goes on."""
        self.lines.action_move(by)

    def action_toggle_rest(self) -> None:
        """The rest of the thread, too, or not."""
        for box in self.query("#rest").results(Checkbox):
            box.toggle()

    @on(VirtualList.Highlighted)
    @on(Checkbox.Changed)
    def _say_what_happens(self, event: Message) -> None:
        event.stop()
        line = self.lines.row
        words = "" if line is None else _happens(self._plan, line, rest=self.rest)
        self.query_one("#happens", Static).update(Content(words))

    @on(Input.Submitted)
    @on(VirtualList.Selected)
    @on(Button.Pressed, "#submit")
    def _submit(self, event: Message) -> None:
        """Take the highlighted line, unless it belongs to other words than those that stand there."""
        event.stop()
        line = self.lines.row
        if self.shown_for != self.query_one(Input).value:
            self.complain("Still looking. Press Enter once more.")
            self._calm.stop()
            self._look()
        elif line is None:
            self.complain("Choose one of the lines.")
        else:
            self.submit(partial(self._move, line.to, self.rest), line)


def mails(count: int) -> str:
    """`1 mail`, `3 mails`."""
    return f"{count:,} mail{'s' if count != 1 else ''}"


def _rest_words(rest: int) -> str:
    return f"also the rest of its thread: {mails(rest)} after it (^T)"


def _happens(plan: MovePlan, line: Line, *, rest: bool) -> str:
    count = 1 + plan.rest if rest else 1
    what = "This mail goes" if count == 1 else f"{mails(count)} go"
    whose = "answers to it" if count == 1 else "answers to them"
    return f"{what} from {plan.number} to {line.words}; later {whose} go there, too."


def _record(line: Line) -> tuple[str, str]:
    return one_line(line.choice.number) if line.choice else "+", "bold $foreground"


def _subject(line: Line) -> tuple[str, str]:
    if line.choice is None:
        return line.words, "$unread"
    return one_line(line.choice.subject) or "(no subject)", "$foreground"


def _of(line: Line, name: str) -> tuple[str, str]:
    return one_line(getattr(line.choice, name)) if line.choice else "", "$muted-text"


def _score(line: Line) -> tuple[str, str]:
    score = line.choice.score if line.choice else None
    return "" if score is None else percent(score), "$muted-text"


COLUMNS: tuple[Column[Line], ...] = (
    Column("Record", _record, 10),
    Column("Subject", _subject),
    Column("Customer", lambda line: _of(line, "customer"), 18, from_width=76),
    Column("State", lambda line: _of(line, "state"), 16, from_width=56),
    Column("Fits", _score, 5, at_right=True),
)

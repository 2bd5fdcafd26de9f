"""Find one of many while typing: a case, an agent, a group."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.dialogs.picker import Choice
from agentdesk.tui.reading import Latest
from agentdesk.tui.widgets.cells import one_line

Find = Callable[[str], Awaitable[Sequence[Choice] | None]]
"""What fits the words; None where that failed and was told."""


class FindChoiceDialog(Dialog[str]):
    """A field to type in, and below it what was found by *find*. Answers the key of the chosen line.

    *sentence* says what choosing does.
    """

    CSS_PATH = with_dialog_css("find_choice.tcss")
    HINT: ClassVar[str] = "Type to find · ↑↓ choose · Enter takes · Esc cancels"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        find: Find,
        *,
        sentence: str = "",
        placeholder: str = "A number, words of the subject, a name",
        empty: str = "Nothing by these words.",
    ) -> None:
        super().__init__()
        self._title, self._find, self._sentence = title, find, sentence
        self._placeholder, self._empty = placeholder, empty
        self._latest = Latest(self, self._look)
        self._found: Sequence[Choice] = ()
        self._shown_for: str | None = None

    def title_text(self) -> str:
        """As given, on one line."""
        return one_line(self._title)

    def compose_body(self) -> Iterable[Widget]:
        """Sentence, field and lines."""
        if self._sentence:
            yield Static(Content(self._sentence), classes="sentence")
        yield Input(id="words", compact=True, placeholder=self._placeholder)
        yield OptionList(id="found", compact=True, markup=False)
        yield Static("", classes="problem", markup=False)

    def on_mount(self) -> None:
        """What there is without words; typing narrows it."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self._latest.ask()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._latest.ask()

    async def _look(self) -> None:
        words = self.query_one(Input).value
        found = await self._find(words)
        if not self.is_attached:
            return
        self._found, self._shown_for = found or (), words
        lines = self.query_one(OptionList)
        lines.clear_options()
        lines.add_options(Option(_line(choice)) for choice in self._found)
        lines.highlighted = 0 if self._found else None
        lines.set_class(not self._found, "-none")
        self._complain("" if self._found else self._empty)

    def action_move(self, by: int) -> None:
        """The line above or below, while typing goes on."""
        lines = self.query_one(OptionList)
        lines.action_cursor_down() if by > 0 else lines.action_cursor_up()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        at = self.query_one(OptionList).highlighted
        if self._shown_for == event.value and at is not None:
            self.dismiss(self._found[at].key)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._found[event.option_index].key)

    def _complain(self, sentence: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.update(Content(sentence))
        problem.set_class(bool(sentence), "-shown")


def _line(choice: Choice) -> Content:
    mark = (f" {choice.mark} " if choice.mark else " ", choice.mark_style or "$muted-text")
    return Content.assemble(mark, (choice.label, ""), (f"  {choice.remark}", "$muted-text"))


def among(choices: Sequence[Choice]) -> Find:
    """Finds those of *choices* whose label or remark holds all the words."""

    async def find(words: str) -> Sequence[Choice]:
        wanted = words.casefold().split()
        return [c for c in choices if all(w in f"{c.label} {c.remark}".casefold() for w in wanted)]

    return find

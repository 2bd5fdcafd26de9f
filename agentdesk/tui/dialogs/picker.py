"""A short list to choose one thing from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from agentdesk.tui.dialogs.dialog import Dialog

DIGITS = "123456789"


@dataclass(frozen=True, slots=True)
class Choice:
    """One line: `key` is the answer, `mark` stands before and `remark` after the label."""

    key: str
    label: str
    mark: str = ""
    mark_style: str = ""
    remark: str = ""


class PickDialog(Dialog[str]):
    """Answers the key of the chosen line. Digits choose the first nine at once."""

    HINT: ClassVar[str] = "Enter or a digit chooses · Esc cancels"

    def __init__(self, choices: Sequence[Choice], selected: str = "", title: str = "") -> None:
        super().__init__()
        self._title_words = title
        self._choices = tuple(choices)
        self._selected = selected

    def title_text(self) -> str:
        """As given."""
        return self._title_words or self.TITLE_TEXT

    def compose_body(self) -> Iterable[Widget]:
        """The list, on its selected line."""
        options = [Option(_line(i, c), id=str(i)) for i, c in enumerate(self._choices)]
        yield OptionList(*options, id="choices", compact=True, markup=False)

    def on_mount(self) -> None:
        """Start on the selected line."""
        keys = [choice.key for choice in self._choices]
        at = keys.index(self._selected) if self._selected in keys else 0
        self.query_one(OptionList).highlighted = at if keys else None

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index].key)

    def on_key(self, event: events.Key) -> None:
        """A digit is that line."""
        at = DIGITS.find(event.key) if len(event.key) == 1 else -1
        if 0 <= at < len(self._choices):
            event.stop()
            self.dismiss(self._choices[at].key)


def _line(index: int, choice: Choice) -> Content:
    digit = DIGITS[index] if index < len(DIGITS) else " "
    parts: list[Content | tuple[str, str]] = [(f" {digit}  ", "dim")]
    if choice.mark:
        parts.append((f"{choice.mark} ", choice.mark_style))
    parts.append((choice.label, ""))
    if choice.remark:
        parts.append((f"  {choice.remark}", "dim"))
    return Content.assemble(*parts)

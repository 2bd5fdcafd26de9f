"""Another capacity for an agent, for some hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from agentdesk.domain.capacity import UNLIMITED
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.widgets.cells import one_line

DEFAULT_HOURS = 12
MOST_HOURS = 24 * 31
MOST_CAPACITY = 999


@dataclass(frozen=True, slots=True)
class Chosen:
    """How much, for how many hours from now."""

    capacity: int
    hours: float


class OverrideDialog(Dialog[Chosen]):
    """Two numbers; enter takes both."""

    CSS_PATH = with_dialog_css("override.tcss")
    HINT: ClassVar[str] = "Tab moves · Enter sets · Esc cancels"

    def __init__(self, name: str, capacity: int) -> None:
        super().__init__()
        self._name_words = one_line(name)
        self._capacity = "" if capacity >= UNLIMITED else str(capacity)

    def title_text(self) -> str:
        """Whose."""
        return f"Capacity of {self._name_words}"

    def compose_body(self) -> Iterable[Widget]:
        """How much, how long, and what is wrong with it."""
        yield Label("Units of work at once")
        yield Input(self._capacity, id="capacity", type="integer", compact=True)
        yield Label("For how many hours")
        yield Input(str(DEFAULT_HOURS), id="hours", type="number", compact=True)
        yield Static("", classes="problem", markup=False)

    @on(Input.Submitted)
    def _submit(self) -> None:
        capacity, hours = (
            self.query_one(f"#{name}", Input).value for name in ("capacity", "hours")
        )
        if not (capacity.isascii() and capacity.isdigit() and int(capacity) <= MOST_CAPACITY):
            self._refuse(f"Write a number from 0 to {MOST_CAPACITY}.")
        elif not 0 < _number(hours) <= MOST_HOURS:
            self._refuse(f"Write how many hours it holds, at most {MOST_HOURS}.")
        else:
            self.dismiss(Chosen(int(capacity), _number(hours)))

    def _refuse(self, sentence: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.update(sentence)
        problem.add_class("-shown")


def _number(words: str) -> float:
    """What was written; below zero where it is no number."""
    try:
        return float(words)
    except ValueError:
        return -1.0

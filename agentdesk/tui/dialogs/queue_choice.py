"""Choose some queues, or none for all of them."""

from collections.abc import Collection, Iterable, Mapping
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.widgets.cells import one_line


class QueueChoiceDialog(Dialog[frozenset[str]]):
    """Answers the keys of the chosen queues; nothing chosen means every queue."""

    CSS_PATH = with_dialog_css("queue_choice.tcss")
    TITLE_TEXT: ClassVar[str] = "Where the template is offered"
    HINT: ClassVar[str] = "Space marks · Enter takes · Esc cancels"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", show=False, priority=True),
    ]

    def __init__(self, queues: Mapping[str, str], chosen: Collection[str]) -> None:
        """*queues* are names by key."""
        super().__init__()
        self._queues, self._chosen = queues, chosen

    def compose_body(self) -> Iterable[Widget]:
        """Every queue, the chosen ones marked."""
        marks = [
            Selection(Content(one_line(name)), key, key in self._chosen)
            for key, name in self._queues.items()
        ]
        yield SelectionList[str](*marks, id="queues", compact=True)
        yield Static("", id="means", markup=False)

    def on_mount(self) -> None:
        """Space marks at once."""
        self.query_one(SelectionList).focus()
        self._say()

    @on(SelectionList.SelectedChanged)
    def _say(self) -> None:
        some = bool(self.query_one(SelectionList).selected)
        words = "Only in the marked queues." if some else "Nothing is marked: in every queue."
        self.query_one("#means", Static).update(Content.styled(words, "$muted-text"))

    def action_take(self) -> None:
        """These."""
        self.dismiss(frozenset(self.query_one(SelectionList).selected))

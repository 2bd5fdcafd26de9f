"""Hand work on: to an agent or a queue, with a word to the next."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static, TextArea

from agentdesk.domain.board import Targets
from agentdesk.tui.dialogs.dialog import with_dialog_css
from agentdesk.tui.dialogs.submitting import SubmittingDialog
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.target_list import Target, TargetList, targets_of

LONGEST_NOTE = 4_000
"""Characters; the service refuses more."""

HandOn = Callable[[Target, str], Awaitable[str]]
"""Does it; answers the sentence that refuses it, empty when it went."""


class TransferDialog(SubmittingDialog[Target]):
    """Hands on through *hand_on* and stays open when that refuses. Answers where it went.

    First who gets it, then the note, then ctrl+g or the button. A kind of it says whom there is.
    """

    CSS_PATH = with_dialog_css("transfer.tcss")
    HINT: ClassVar[str] = "Enter chooses · Tab moves · ^G transfers · Esc leaves it with you"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+g,ctrl+enter", "submit", "Transfer", show=False, priority=True)
    ]

    def __init__(self, number: str, hand_on: HandOn) -> None:
        super().__init__()
        self._number, self._hand_on = number, hand_on
        self._target: Target | None = None

    def title_text(self) -> str:
        """`Transfer IMS0000123`."""
        return f"Transfer {self._number}"

    def compose_body(self) -> Iterable[Widget]:
        """Who, note, button."""
        yield from self.compose_targets()
        yield Static("", id="to", markup=False)
        yield Static("Note for the next, optional", classes="label")
        yield TextArea(id="note", tab_behavior="focus", compact=True)
        yield Static("", classes="problem", markup=False)
        yield Horizontal(*self.compose_answers(), classes="answers")

    def compose_targets(self) -> Iterable[Widget]:
        """A `TargetList`."""
        raise NotImplementedError

    def compose_answers(self) -> Iterable[Widget]:
        """The buttons."""
        yield Button("Cancel", id="cancel", compact=True)
        yield Button("Transfer", id="submit", compact=True, variant="primary")

    def on_mount(self) -> None:
        """Typing looks for a name."""
        self._show_target()
        self.query_one("#target-search").focus()

    @on(TargetList.Chosen)
    def _chosen(self, event: TargetList.Chosen) -> None:
        event.stop()
        self._target = event.target
        self._show_target()
        self.query_one(".problem").remove_class("-shown")
        self.query_one("#note").focus()

    @on(TargetList.Refused)
    def _refused(self, event: TargetList.Refused) -> None:
        event.stop()
        self.complain(event.sentence)

    def _show_target(self) -> None:
        line = self.query_one("#to", Static)
        if self._target is None:
            line.update(Content.styled("To: nobody yet", "$muted-text"))
        else:
            kind = "queue " if self._target.is_queue else ""
            name = one_line(self._target.name)
            line.update(Content.assemble("To: ", (f"{kind}{name}", "bold $unread")))

    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        """Hand it on, once somebody is chosen and the note is not too long."""
        note = self.query_one("#note", TextArea).text.strip()
        if self._target is None:
            self.complain("Choose an agent or a queue first: Enter takes the highlighted line.")
        elif (over := len(note) - LONGEST_NOTE) > 0:
            self.complain(f"The note is {over:,} characters too long. Shorten it.")
        else:
            self.submit(partial(self._hand_on, self._target, note), self._target)


class DeskTransferDialog(TransferDialog):
    """Of what the desk itself routes: everybody is known."""

    def __init__(self, number: str, targets: Targets, hand_on: HandOn) -> None:
        super().__init__(number, hand_on)
        self._targets = targets

    def compose_targets(self) -> Iterable[Widget]:
        """All of them."""
        yield TargetList(targets_of(self._targets))

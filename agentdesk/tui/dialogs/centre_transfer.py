"""Hand work on through a contact centre: it says where to, it is asked, and it may stay silent."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Static

from agentdesk.domain.ccaas.transfers import Choices
from agentdesk.tui.dialogs.transfer import HandOn, TransferDialog
from agentdesk.tui.reading import Calm, Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.target_list import EMPTY, Target, TargetList, targets_there

MANY = 100
"""From so many targets on a typed name is asked of the centre, too."""

CALM_S = 0.3
FRESH_S = 60.0
"""What the centre said is good for so long, in seconds; then it is asked again."""

PATIENCE = 5
"""Seconds that an answer to a transfer is waited for here, each drawn as some cells."""
CELLS = 4

Find = Callable[[str], Awaitable[Choices]]
"""Where it may go, to whom a name belongs; a failure is part of the answer."""


class CentreTransferDialog(TransferDialog):
    """As `TransferDialog`; the list is the centre's, and while it is asked nothing can be changed."""

    HINT: ClassVar[str] = "Enter chooses · Tab moves · ^G transfers, without undo · Esc leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "retry", "Retry", show=False, priority=True)
    ]

    def __init__(self, number: str, centre: str, find: Find, hand_on: HandOn) -> None:
        super().__init__(number, hand_on)
        self._centre, self._find = one_line(centre), find
        self._latest = Latest(self, self._look)
        self._calm = Calm(self)
        self._is_long = False
        self._going: tuple[str, datetime] | None = None

    def compose_targets(self) -> Iterable[Widget]:
        """Nothing until the centre has answered."""
        yield TargetList((), f"Asking {self._centre} …")

    def compose_answers(self) -> Iterable[Widget]:
        """Also to ask again where it did not."""
        yield Button("Retry", id="retry", compact=True)
        yield from super().compose_answers()

    def compose_body(self) -> Iterable[Widget]:
        """Also how long the centre has been asked for."""
        yield from super().compose_body()
        yield Static("", id="progress", markup=False)

    def on_mount(self) -> None:
        """Ask at once, and again before an answer is old."""
        self._latest.ask()
        self.set_interval(FRESH_S, self._latest.ask)
        shell(self).ticked.subscribe(self, lambda _now: self._show_progress())

    # Where to

    @on(TargetList.Typed)
    def _typed(self, event: TargetList.Typed) -> None:
        event.stop()
        if self._is_long:
            self._calm.then(self._latest.ask, CALM_S)

    @on(Button.Pressed, "#retry")
    def action_retry(self) -> None:
        """Ask the centre again."""
        self.remove_class("-failed")
        self.query_one(".problem").remove_class("-shown")
        self.query_one(TargetList).show((), f"Asking {self._centre} …")
        self._latest.ask()

    async def _look(self) -> None:
        words = self.query_one(TargetList).words if self._is_long else ""
        found = await self._find(words)
        if not self.is_attached or self._going is not None:
            return
        if not words:
            self._is_long = len(found.targets) >= MANY
        self._show(found, words)

    def _show(self, found: Choices, words: str) -> None:
        failed = self.has_class("-failed")
        self.set_class(bool(found.unavailable), "-failed")
        if found.unavailable:
            self.query_one(TargetList).show((), "Targets unavailable.")
            self.complain(f"Targets unavailable: {found.unavailable}")
            return
        if failed:
            self.query_one(".problem").remove_class("-shown")
        nobody = f"{self._centre} lets you transfer this to nobody and no queue now."
        empty = EMPTY if words or found.targets else nobody
        self.query_one(TargetList).show(targets_there(found.targets), empty)

    # On its way

    def submit(self, doing: Callable[[], Awaitable[str]], answer: Target) -> None:
        """Nothing is typed meanwhile."""
        if self._going is None:
            self._going = (one_line(answer.name), shell(self).now())
            self._freeze(frozen=True)
            self._show_progress()
        super().submit(doing, answer)

    def complain(self, sentence: str) -> None:
        """It did not go: everything may be changed again."""
        if self._going is not None:
            self._going = None
            self._freeze(frozen=False)
            self.query_one("#target-search").focus()
        super().complain(sentence)

    def _freeze(self, *, frozen: bool) -> None:
        self.set_class(frozen, "-going")
        for widget in (self.query_one(TargetList), self.query_one("#note")):
            widget.disabled = frozen

    def _show_progress(self) -> None:
        if self._going is None:
            return
        name, since = self._going
        gone = min(PATIENCE, int((shell(self).now() - since).total_seconds()))
        left = PATIENCE - gone
        bar = ("━" * gone * CELLS, "$primary"), ("─" * left * CELLS, "$faint-text")
        line = Content.assemble(f"Transferring to {name} …  ", *bar)
        self.query_one("#progress", Static).update(line)

    def action_cancel(self) -> None:
        """What the centre was asked for is waited for."""
        if self._going is None:
            super().action_cancel()

"""The time that is left to wrap up, as text, bar and colour."""

from datetime import datetime
from math import ceil
from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from agentdesk.domain.views import WrapUpView
from agentdesk.domain.wrapup import Pace
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import countdown

BAR_CELLS = 20


class WrapUpBar(Static):
    """Ticks while shown; its class `-calm`, `-soon`, `-late` or `-over` is its colour.

    `prompt` stands after the bar. Hidden until `show_wrap_up` is given a running wrap-up.
    """

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self, prompt: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._prompt = prompt
        self._view: WrapUpView | None = None

    def on_mount(self) -> None:
        """Tick from now on."""
        shell(self).ticked.subscribe(self, lambda _: self.tick())
        self.tick()

    def show_wrap_up(self, view: WrapUpView | None) -> None:
        """Count down to the end of *view*; None hides the bar."""
        self._view = view
        self.set_class(view is not None, "-running")
        self.tick()

    def tick(self) -> None:
        """Draw what is left at this moment."""
        if self._view is None:
            return
        moment = shell(self).now()
        current = countdown.meaning(self._view.opened_at, self._view.due_at, moment)
        for each in Pace:
            self.set_class(each is current, f"-{each.value}")
        self.update(self._line(moment))

    def _line(self, moment: datetime) -> Content:
        assert self._view is not None
        opened_at, due_at = self._view.opened_at, self._view.due_at
        left = countdown.words(due_at, moment)
        full = ceil(countdown.share_left(opened_at, due_at, moment) * BAR_CELLS)
        empty = ("─" * (BAR_CELLS - full), "$faint-text")
        line = Content.assemble((f"{left} left ", "bold"), "━" * full, empty)
        return line + Content.styled(f" {self._prompt}", "dim")

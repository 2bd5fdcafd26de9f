"""The line at the top of the supervisor's screens: which there are, and what needs looking after."""

from datetime import datetime

from textual.reactive import reactive

from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, spread, width_of
from agentdesk.tui.widgets.status_line import aside_badge

VIEWS = {
    "wallboard": "Wallboard",
    "agents-view": "Agents",
    "work-items": "Work items",
    "charts": "Charts",
    "effort": "Effort",
}
"""The screens by id, in order of their digits."""


TIGHT = sum(len(label) + 4 for label in VIEWS.values()) + 2
"""Cells that all names take; where they crowd out what is set aside, only the shown one is written."""


class SupervisorLine(LineWidget):
    """The names; the shown one is lit. At the right what the view says, and when it was read."""

    DEFAULT_CSS = "SupervisorLine { background: $header-background; }"

    aside: reactive[int] = reactive(0)
    moment: reactive[datetime | None] = reactive(None)
    remark: reactive[str] = reactive("")

    def __init__(self, view: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view = view

    def pieces(self, width: int) -> Line:
        """` 1 Wallboard  2 Agents …`"""
        line, right = [Piece(" ")], self._right()
        tight = self.aside > 0 and width < TIGHT + width_of(right)
        for place, (name, label) in enumerate(VIEWS.items(), 1):
            here = name == self._view
            ground = " on $tab-background" if here else ""
            words = "bold $foreground" if here else "$muted-text"
            target = f"choose_view({place})"
            line.append(Piece(f" {place} ", f"$faint-text{ground}", target))
            if here or not tight:
                line.append(Piece(f"{label} ", f"{words}{ground}", target))
        return spread(line, right, width)

    def _right(self) -> list[Piece]:
        found = [Piece(f"{self.remark}  ", "$unread")] if self.remark else []
        if self.aside:
            found += [*aside_badge(self.aside), Piece("  ")]
        if self.moment is not None:
            when = self.moment.astimezone(shell(self).options.zone)
            found.append(Piece(f"{when:%H:%M:%S} ", "$muted-text"))
        return found

    def chosen(self, target: str) -> None:
        """A click on a name, or on what is set aside."""
        self.call_later(self.screen.run_action, target)

"""The strip of open interactions: place, number, unread mails; scrolled to the active one."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.message import Message
from textual.reactive import reactive

from agentdesk.domain.ids import ThreadId
from agentdesk.domain.views import Tab, Workspace
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, width_of


class TabStrip(LineWidget):
    """Shows a workspace; a click activates a tab."""

    DEFAULT_CSS = """
    TabStrip { background: $header-background; color: $muted-text; }
    """

    @dataclass
    class Activated(Message):
        """A tab was chosen with the mouse."""

        thread_id: ThreadId

    workspace: reactive[Workspace] = reactive(Workspace())
    unread: reactive[Mapping[ThreadId, int]] = reactive(dict)

    def pieces(self, width: int) -> Line:
        """The tabs around the active one that fit, with counts of those that do not."""
        labels = [self._label(place, tab) for place, tab in enumerate(self.workspace.tabs, 1)]
        if not labels:
            return ()
        first, last = visible([width_of(label) for label in labels], self._active_at(), width)
        line: list[Piece] = [Piece(f"‹{first} ", "$faint-text")] if first else []
        for label in labels[first:last]:
            line += label
        hidden = len(labels) - last
        return [*line, Piece(f" {hidden}›", "$faint-text")] if hidden else line

    def chosen(self, target: str) -> None:
        """Ask for that tab."""
        tabs = (tab for tab in self.workspace.tabs if tab.thread_id == int(target))
        if (tab := next(tabs, None)) is not None:
            self.post_message(self.Activated(tab.thread_id))

    def _active_at(self) -> int:
        ids = [tab.thread_id for tab in self.workspace.tabs]
        return ids.index(self.workspace.active) if self.workspace.active in ids else 0

    def _label(self, place: int, tab: Tab) -> list[Piece]:
        active = tab.thread_id == self.workspace.active
        ground = " on $tab-background" if active else ""
        words = f"bold $foreground{ground}" if active else "$muted-text"
        target = str(tab.thread_id)
        label = [
            Piece(f" {place} ", f"$faint-text{ground}", target),
            Piece(f"{one_line(tab.number)} ", words, target),
        ]
        if unread := self.unread.get(tab.thread_id, 0):
            label.append(Piece(f"•{unread} ", f"bold $unread{ground}", target))
        return label


EDGE = 4
"""Cells kept for each count of hidden tabs."""


def visible(widths: list[int], active: int, width: int) -> tuple[int, int]:
    """The half-open range of tabs to draw: as many as fit, always with the active one."""
    if sum(widths) <= width:
        return 0, len(widths)
    room = width - 2 * EDGE
    first, last, used = active, active + 1, widths[active]
    while True:
        if last < len(widths) and used + widths[last] <= room:
            used, last = used + widths[last], last + 1
        elif first > 0 and used + widths[first - 1] <= room:
            used, first = used + widths[first - 1], first - 1
        else:
            return first, last

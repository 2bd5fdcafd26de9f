"""The names of several lists in one line; the chosen one is lit."""

from collections.abc import Mapping

from textual.reactive import reactive

from agentdesk.tui.widgets.line import Line, LineWidget, Piece

ROOMY = 90
"""From this width on the title is written, too."""


class ListChoice(LineWidget):
    """Shows *names* by key; a click or the screen's keys change `chosen_list`."""

    chosen_list: reactive[str] = reactive("")

    def __init__(self, title: str, names: Mapping[str, str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title, self._names = title, names
        self.set_reactive(ListChoice.chosen_list, next(iter(names)))

    def pieces(self, width: int) -> Line:
        """` 1 All  2 Open …`"""
        line = [Piece(f" {self._title}   " if width > ROOMY else "", "bold $heading-text")]
        for place, (name, label) in enumerate(self._names.items(), 1):
            here = name == self.chosen_list
            ground = " on $tab-background" if here else ""
            words = "bold $foreground" if here else "$muted-text"
            line.append(Piece(f" {place} ", f"$faint-text{ground}", name))
            line.append(Piece(f"{label} ", f"{words}{ground}", name))
        return line

    def chosen(self, target: str) -> None:
        """A click on a name."""
        self.chosen_list = target

    def choose(self, place: int) -> None:
        """The list with that digit, counted from 1; nothing where there is none."""
        if 1 <= place <= len(self._names):
            self.chosen_list = list(self._names)[place - 1]

    def step(self, by: int) -> None:
        """The list *by* places to the right, round the end."""
        names = list(self._names)
        self.chosen_list = names[(names.index(self.chosen_list) + by) % len(names)]

"""The list of the quarantine with its marks, and the line that says which mails it shows."""

from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive

from agentdesk.domain.ids import LocationId
from agentdesk.domain.quarantine import EMPTY, Choice, Counts, Place, SetAside, count_words, mails
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import clip, moment_words
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, spread
from agentdesk.tui.widgets.virtual_list import Column, Fetch, VirtualList

PLACES = tuple(Place)
NONE_OF_CAUSE = "No mail with this cause. c chooses another."
MARK = "▸"


class Marks:
    """Which mails the next action takes: some by their number, or every one of the list."""

    def __init__(self) -> None:
        self.keys: set[LocationId] = set()
        self.everything = False

    def __contains__(self, key: LocationId) -> bool:
        return self.everything or key in self.keys

    def clear(self) -> None:
        """None."""
        self.keys.clear()
        self.everything = False

    def toggle(self, key: LocationId) -> None:
        """That one too, or not; by itself again where all were marked."""
        if self.everything:
            self.clear()
        self.keys ^= {key}

    def toggle_everything(self) -> None:
        """All, or none."""
        everything = not self.everything
        self.clear()
        self.everything = everything

    @property
    def words(self) -> str:
        """`3 mails marked`; empty for none."""
        if self.everything:
            return "all marked"
        return f"{mails(len(self.keys))} marked" if self.keys else ""


class Places(LineWidget):
    """The lists with their counts; the chosen one is lit."""

    choice: reactive[Choice] = reactive(Choice())
    counts: reactive[Counts | None] = reactive(None)
    marked: reactive[str] = reactive("")
    progress: reactive[str] = reactive("")

    def pieces(self, width: int) -> Line:
        """` Quarantine   1 Set aside 3  2 …`, and at the right what is going on."""
        line = [Piece(" Quarantine  ", "bold $heading-text")]
        for number, place in enumerate(PLACES, 1):
            here = place is self.choice.place
            ground = " on $tab-background" if here else ""
            words = "bold $foreground" if here else "$muted-text"
            line.append(Piece(f" {number} ", f"$faint-text{ground}", place.name))
            line.append(Piece(f"{place.label} ", f"{words}{ground}", place.name))
            if count := self.counts.places.get(place, 0) if self.counts else 0:
                line.append(Piece(f"{count_words(count)} ", f"$soon{ground}", place.name))
        return spread(line, self._right(), width)

    def _right(self) -> list[Piece]:
        if self.progress:
            return [Piece(f"{clip(self.progress, 48)} ", "bold $soon")]
        marked = [Piece(f"{self.marked} ", "bold $unread")] if self.marked else []
        if self.choice.cause is None:
            return marked
        return [*marked, Piece(f"only: {self.choice.cause.label} ", "$unread")]

    def chosen(self, target: str) -> None:
        """A click on a name."""
        self.choice = Choice(Place[target], self.choice.cause)


class SetAsideList(VirtualList[SetAside]):
    """Newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Text", id="open_mail"),
        Binding("space", "screen.mark_mail", "Mark", id="mark_mail"),
    ]

    def __init__(self, marks: Marks, fetch: Fetch[SetAside], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(
            self._made(),
            fetch,
            key=lambda row: row.location_id,
            empty=EMPTY[Place.ASIDE],
            beyond_last="0",
            id=id,
        )
        self._marks = marks

    def start_over(self, choice: Choice) -> None:
        """Other mails are meant now."""
        self._empty = NONE_OF_CAUSE if choice.cause else EMPTY[choice.place]
        self.cursor = None
        self.load()

    def _made(self) -> list[Column[SetAside]]:
        return [
            Column("", self._mark, 1),
            Column("From", lambda row: (row.sender or "–", "$foreground"), 20, from_width=70),
            Column("Subject", _subject),
            Column("Cause", _cause, 16, from_width=44),
            Column("Received", lambda row: (self._when(row.at), "$muted-text"), 11, 30, True),
        ]

    def _mark(self, row: SetAside) -> tuple[str, str]:
        return (MARK, "bold $unread") if row.location_id in self._marks else (" ", "")

    def _when(self, moment: datetime) -> str:
        app = shell(self)
        return moment_words(moment, app.now(), app.options.zone)

    def chosen(self) -> list[SetAside]:
        """The marked rows among those that are read, or the highlighted one."""
        marked = [row for row in self._window.rows if row.location_id in self._marks]
        return marked or ([self.row] if self.row is not None else [])


def _subject(row: SetAside) -> tuple[str, str]:
    return (row.subject, "$foreground") if row.subject else ("(unreadable mail)", "$muted-text")


def _cause(row: SetAside) -> tuple[str, str]:
    return row.cause.label, "$late" if row.place is Place.ASIDE else "$muted-text"

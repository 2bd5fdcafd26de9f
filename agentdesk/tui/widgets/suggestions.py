"""The people that a typed recipient may mean, below its field."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from agentdesk.domain.people import PersonHit
from agentdesk.tui.widgets.cells import one_line


@dataclass(frozen=True, slots=True)
class Suggested:
    """A person to write to; `near` takes part in this conversation already."""

    name: str
    email: str
    account: str = ""
    near: bool = False

    @classmethod
    def of(cls, hit: PersonHit) -> "Suggested":
        """As find as you type answers."""
        return cls(hit.name, hit.email, hit.account)

    def fits(self, words: str) -> bool:
        """Whether name or address has every one of *words* at the beginning of a part of it."""
        parts = f"{self.name} {self.email}".lower().replace("@", " ").replace(".", " ").split()
        whole = (self.email.lower(), *parts)
        return all(any(p.startswith(w) for p in whole) for w in words.lower().split())


class Suggestions(OptionList, can_focus=False):
    """Lies over what is below it. Never has the focus: the field moves the highlight."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    def __init__(self) -> None:
        super().__init__(compact=True, markup=False)
        self.shown: tuple[Suggested, ...] = ()
        self._moved = False

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose."""
        return bool(self.shown)

    @property
    def chosen(self) -> Suggested | None:
        """The highlighted one."""
        at = self.highlighted
        return self.shown[at] if at is not None and at < len(self.shown) else None

    def show(self, found: Sequence[Suggested], *, lit: bool = True) -> None:
        """Replace what is proposed; nothing hides the list. A highlight that was moved stays on its
        person. Not *lit*: nobody is highlighted before a key moves there.
        """
        before = self.chosen if self._moved else None
        self._moved = before in found
        self.shown = tuple(found)
        self.set_class(self.is_open, "-open")
        self.set_options([Option(_line(each)) for each in self.shown])
        if self.shown:
            first = 0 if lit else None
            self.highlighted = (
                self.shown.index(before) if before is not None and self._moved else first
            )

    def move(self, step: int) -> None:
        """Highlight the next one; around at the ends."""
        if self.shown:
            self._moved, before = True, self.highlighted
            if before is None:
                before = -1 if step > 0 else 0
            self.highlighted = (before + step) % len(self.shown)


def _line(person: Suggested) -> Content:
    name, where = one_line(person.name), one_line(person.account)
    where = "in this conversation" if person.near else where
    return Content.assemble(
        " ",
        (name or one_line(person.email), "bold"),
        (f"  {one_line(person.email)}" if name else "", "$muted-text"),
        (f" · {where}" if where else "", "$muted-text"),
        " ",
    )

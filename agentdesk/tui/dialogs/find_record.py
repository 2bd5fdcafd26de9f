"""Find one record while typing: an account, a contact, the other half of a merge."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from agentdesk.domain.people import PersonHit
from agentdesk.domain.views import Page
from agentdesk.tui.dialogs.dialog import Dialog, with_dialog_css
from agentdesk.tui.reading import Calm
from agentdesk.tui.record_draft import AccountPick
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.people_list import NEW, FollowingList
from agentdesk.tui.widgets.virtual_list import VirtualList

Find = Callable[[str], Awaitable[Sequence[PersonHit] | None]]
"""What fits the words; None where that failed and was told."""

CALM_S = 0.12
"""Pause in typing after which is looked."""


class FindDialog(Dialog[PersonHit | AccountPick]):
    """A field to type in and what was found below it. Answers a person, or an account that is picked.

    *new*: a last line makes a new account of the typed words.
    """

    CSS_PATH = with_dialog_css("find_record.tcss")
    HINT: ClassVar[str] = "Type to find · ↑↓ choose · Enter takes · Esc cancels"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
    ]

    def __init__(
        self, title: str, find: Find, *, new: bool = False, empty: str = "Nothing by these words."
    ) -> None:
        super().__init__()
        self._title, self._find, self._new, self._empty = title, find, new, empty
        self._calm = Calm(self)
        self._shown_for = ""

    def title_text(self) -> str:
        """As given, on one line."""
        return one_line(self._title)

    def compose_body(self) -> Iterable[Widget]:
        """Field and lines."""
        yield Input(id="words", compact=True, placeholder="A name, an address, a company")
        with Vertical(id="found"):
            yield FollowingList(self._fetch, empty=self._empty)
        yield Static("", classes="problem", markup=False)

    @property
    def rows(self) -> FollowingList:
        """What was found."""
        return self.query_one(FollowingList)

    async def _fetch(self, after: str | None, before: str | None, limit: int) -> Page[PersonHit]:
        words = self.query_one(Input).value
        found = tuple(await self._find(words) or ())
        self._shown_for = words
        if self._new and words.strip() and not any(_is_called(hit, words) for hit in found):
            found += (PersonHit(words.strip(), NEW),)
        return Page(found)

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one(".problem").remove_class("-shown")
        self._calm.then(self._look, CALM_S)

    def _look(self) -> None:
        self.rows.cursor = None
        self.rows.load()

    def action_move(self, by: int) -> None:
        """The line above or below, while typing goes on."""
        self.rows.action_move(by)

    @on(Input.Submitted)
    @on(VirtualList.Selected)
    def _choose(self, event: Message) -> None:
        """Take the highlighted line, unless it belongs to other words than those that stand there."""
        event.stop()
        hit = self.rows.row
        if self._shown_for != self.query_one(Input).value:
            self._complain("Still looking. Press Enter once more.")
            self._calm.stop()
            self._look()
        elif hit is None:
            self._complain("Choose one of the lines, or type other words.")
        elif hit.customer_id is None:
            self.dismiss(AccountPick(hit.name, hit.account_id))
        else:
            self.dismiss(hit)

    def _complain(self, sentence: str) -> None:
        problem = self.query_one(".problem", Static)
        problem.update(Content(sentence))
        problem.add_class("-shown")


def _is_called(hit: PersonHit, words: str) -> bool:
    return hit.name.strip().casefold() == words.strip().casefold()

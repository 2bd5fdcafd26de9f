"""Cards that are read page by page: how many are mounted, and where the reader stays.

The end stays in sight while it is in sight; otherwise the reading place is kept. At most
`MOST_MOUNTED` cards exist; the rest is read again when it is wanted.
"""

from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from agentdesk.domain.views import StreamPage
from agentdesk.tui.hints import key_of
from agentdesk.tui.widgets.card_stack import CardStack

PAGE = 100
"""Entries that one read brings, and cards that stay after pruning."""

PRUNE_AT = 150
MOST_MOUNTED = 400


class PagedCards(CardStack, inherit_bindings=False):
    """A window on the entries. It is detached when newer ones exist that are not mounted."""

    @dataclass
    class EarlierWanted(Message):
        """Entries before `seq` are wanted."""

        seq: int

    @dataclass
    class NewestWanted(Message):
        """The end of the stream is wanted, and it is not mounted."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._earlier = self._later = False

    def compose(self) -> ComposeResult:
        yield Static("", id="earlier", markup=False)

    def on_mount(self) -> None:
        """Stick to the end until somebody scrolls."""
        self.anchor()

    @property
    def has_earlier(self) -> bool:
        """Whether older entries exist."""
        return self._earlier

    @property
    def is_detached(self) -> bool:
        """Whether newer entries exist that are not mounted."""
        return self._later

    def show(self, page: StreamPage, *, jump: bool = False) -> None:
        """Bring the cards in line with *page*, the newest entries. *jump* goes to the end."""
        stick = self.at_end and not self._later
        if jump or self._has_gap_before(page):
            self.drop(self.cards)
            self._later, stick = False, True
        follow = not self.cards or self.selected == self.cards[-1].entry
        self._fit(page)
        if stick:
            self._stay_at_end(follow)

    def _has_gap_before(self, page: StreamPage) -> bool:
        """More came than one page holds: what is mounted no longer touches it."""
        if not self._cards or not page.entries or self._later:
            return False
        return page.earlier and page.entries[0].seq > self.cards[-1].seq

    def _fit(self, page: StreamPage) -> None:
        """Update, add and remove cards where *page* overlaps what is mounted."""
        if not page.entries:
            return
        cards, start = self.cards, page.entries[0].seq
        low = cards[0].seq if cards else start
        high = cards[-1].seq if self._later else page.entries[-1].seq
        wanted = [entry for entry in page.entries if low <= entry.seq <= high]
        seqs = {entry.seq for entry in wanted}
        self.drop([c for c in cards if c.seq >= start and c.seq not in seqs])
        if low >= start:
            self._set_earlier(page.earlier or low > start)
        self.put(wanted)

    def _stay_at_end(self, follow: bool) -> None:
        """The end stays in sight; with *follow* the selection goes there; far cards go."""
        cards = self.cards
        if len(cards) > PRUNE_AT:
            self.drop(cards[:-PAGE])
            self._set_earlier(True)
        if follow or self.selected is None:
            self.select(cards[-1] if cards else None)
        self.anchor()

    def prepend(self, page: StreamPage) -> None:
        """Add the older entries of *page*; the line at the upper edge stays where it is."""
        cards = self.cards
        oldest = cards[0].seq if cards else None
        self.note_place()
        self.release_anchor()
        with self.app.batch_update():
            self.put([e for e in page.entries if oldest is None or e.seq < oldest])
            self._set_earlier(page.earlier)
            if len(self.cards) > MOST_MOUNTED:
                self.drop(self.cards[MOST_MOUNTED:])
                self._later = True
        self.call_after_refresh(self.return_to_place)

    def _set_earlier(self, earlier: bool) -> None:
        self._earlier = earlier
        line = self.query_one("#earlier", Static)
        line.update(Content(f"↑ earlier activities · {key_of(self, 'load_earlier')} loads them"))
        line.set_class(earlier, "-shown")

    def move(self, step: int) -> bool:
        """Select the entry above (-1) or below (1); above the first one older ones are asked for."""
        moved = super().move(step)
        if not moved and step < 0:
            self.ask_earlier()
        return moved

    def ask_earlier(self) -> None:
        """Ask for older entries, where there are any."""
        if self._earlier and self.cards:
            self.post_message(self.EarlierWanted(self.cards[0].seq))

    def go_to_newest(self) -> None:
        """Select the last entry of all."""
        if self._later:
            self.post_message(self.NewestWanted())
        else:
            self.go_to_last()

    @on(events.Click, "#earlier")
    def _click_earlier(self) -> None:
        self.ask_earlier()

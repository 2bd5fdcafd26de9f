"""The conversation: cards in order, the newest at the bottom.

It sticks to the end while the end is in sight and keeps the reading place otherwise. At most
`MOST_MOUNTED` cards exist; the rest is read again when it is wanted.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from agentdesk.domain.views import Delivery, EntryKind, StreamEntry, StreamPage
from agentdesk.tui.actions import Scope, bindings
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.card_stack import CardStack
from agentdesk.tui.widgets.entry import EntryCard

PAGE = 100
"""Entries that one read brings, and cards that stay after pruning."""

PRUNE_AT = 150
MOST_MOUNTED = 400


class ActivityStream(CardStack, inherit_bindings=False):
    """Cards of one interaction, one of them selected. Reads nothing itself: it asks by message."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.INTERACTION, via="hand_on"),
        Binding("escape", "leave", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown,space", "page_down", show=False),
    ]

    @dataclass
    class BottomSeen(Message):
        """The last entry, `seq`, is on a screen that somebody looks at."""

        seq: int

    @dataclass
    class EarlierWanted(Message):
        """Entries before `seq` are wanted."""

        seq: int

    @dataclass
    class NewestWanted(Message):
        """The end of the stream is wanted, and it is not mounted."""

    @dataclass
    class Selected(Message):
        """Another entry is highlighted."""

    @dataclass
    class TopMoved(Message):
        """`top` is the seq of the first visible entry, 0 at the end."""

        top: int

    def __init__(self, *, top: int = 0, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._top = self._top_wanted = top
        self._selected: int | None = None
        self._newest: tuple[StreamEntry, ...] = ()
        self._new_after: int | None = None
        self._seen = self._caught_up = 0
        self._earlier = self._later = False
        self._was_at_end = True

    def compose(self) -> ComposeResult:
        yield Static("", id="below", markup=False)
        yield Static("", id="earlier", markup=False)
        yield Static("", id="new", markup=False)

    def on_mount(self) -> None:
        """Stick to the end until somebody scrolls."""
        shell(self).ticked.subscribe(self, lambda _: self.tick())
        self.query_one("#new", Static).border_title = Content("new")
        self.anchor()

    # What is shown

    @property
    def top(self) -> int:
        """The seq of the first visible entry; 0 at the end."""
        return self._top

    @property
    def selected(self) -> StreamEntry | None:
        """The highlighted entry."""
        card = self.card(self._selected)
        return card.entry if card else None

    @property
    def undoable(self) -> StreamEntry | None:
        """The highlighted mail if it can be called back, else the last one that can."""
        waiting = [c.entry for c in self.cards if c.entry.delivery is Delivery.DELAYED]
        chosen = self.selected
        return chosen if chosen in waiting else waiting[-1] if waiting else None

    @property
    def has_earlier(self) -> bool:
        """Whether older entries exist."""
        return self._earlier

    def show(self, page: StreamPage, *, jump: bool = False) -> None:
        """Bring the cards in line with *page*, the newest entries; only what differs is touched.

        *jump* goes to the end, wherever the reader is now.
        """
        first, stick = not self._cards, self.at_end and not self._later
        if self._new_after is None:
            last = page.entries[-1].seq if page.entries else 0
            self._new_after = self._caught_up = min(page.read_through, last)
        self._newest = page.entries
        with self.app.batch_update():
            if jump or self._has_gap_before(page):
                self.drop(self.cards)
                self._later, stick = False, True
            follow = not self._cards or self._selected == self.cards[-1].seq
            self._fit(page)
            if stick:
                self._stay_at_end(follow)
            self._mark_new()
        self.call_after_refresh(self._settle, first)

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
        if follow or self.card(self._selected) is None:
            self._select(cards[-1] if cards else None)
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
        self.call_after_refresh(self.look)

    def _set_earlier(self, earlier: bool) -> None:
        self._earlier = earlier
        line = self.query_one("#earlier", Static)
        line.update(Content(f"↑ earlier activities · {key_of(self, 'load_earlier')} loads them"))
        line.set_class(earlier, "-shown")

    # What is new

    def _mark_new(self) -> None:
        """The line goes before the first entry that this agent has not read when the tab was opened."""
        after = self._new_after or 0
        first = next((c for c in self.cards if c.seq > after and _counts(c.entry)), None)
        line = self.query_one("#new", Static)
        line.set_class(first is not None, "-shown")
        if first is not None:
            self.move_child(line, before=first)

    def _settle(self, first: bool) -> None:
        """After a layout: the first time go to the place that was left, or to the first new entry."""
        if first:
            line = self.query_one("#new", Static)
            target = self.card(self._top_wanted) or (line if line.has_class("-shown") else None)
            if target is not None and target.virtual_region.y < self.scroll_offset.y:
                self._jump_to(target.virtual_region.y)
        self.look()

    def look(self) -> None:
        """Take notice of what is in sight now: seen, new below, place."""
        if not self.is_attached:
            return
        self.note_place()
        self._was_at_end = self.at_end
        at_end = self.at_end and not self._later
        last = self._newest[-1].seq if self._newest else 0
        if at_end:
            self._caught_up = last
        self._show_below()
        if at_end and last > self._seen and self._is_watched():
            self._seen = last
            self.post_message(self.BottomSeen(last))
        first = self.first_visible()
        top = 0 if at_end or first is None else first.seq
        if top != self._top:
            self._top = top
            self.post_message(self.TopMoved(top))

    def _show_below(self) -> None:
        count = sum(1 for e in self._newest if e.seq > self._caught_up and _counts(e))
        words = f"↓ {count} new below" if count else "↓ later activities" if self._later else ""
        below = self.query_one("#below", Static)
        below.update(Content(f" {words} · {key_of(self, 'go_to_newest')} "))
        below.set_class(bool(words), "-shown")

    def _is_watched(self) -> bool:
        nodes = [node for node in self.ancestors_with_self if isinstance(node, Widget)]
        return self.screen.is_current and self.app.app_focus and all(n.display for n in nodes)

    def leave(self) -> None:
        """The agent looks elsewhere: what was seen until now is not new any more."""
        self._new_after = max(self._new_after or 0, self._seen)
        self._mark_new()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolled: something else is in sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.call_after_refresh(self.look)

    def on_resize(self) -> None:
        """Wrapped anew or made smaller: the end stays in sight, or the line at the upper edge."""
        if self._was_at_end:
            self.anchor()
        else:
            self.return_to_place()

    @on(events.Focus)
    @on(events.AppFocus)
    def _notice(self) -> None:
        self.look()

    def tick(self) -> None:
        """Draw running countdowns."""
        for card in self.cards:
            if card.counts_down:
                card.tick()

    # Moving

    def _select(self, card: EntryCard | None) -> None:
        for old in self.query(".-selected"):
            old.remove_class("-selected")
        self._selected = card.seq if card else None
        if card is not None:
            card.add_class("-selected")
        self.post_message(self.Selected())

    def move(self, step: int) -> None:
        """Select the entry above (-1) or below (1); long ones are scrolled through first."""
        card = self.card(self._selected)
        if card is None:
            return self._select(self.cards[-1] if self.cards else None)
        if self.step_inside(card, step):
            return
        if (target := self.neighbour(card, step)) is not None:
            self._select(target)
            self.reveal(target, step)
        elif step < 0:
            self.ask_earlier()

    def ask_earlier(self) -> None:
        """Ask for older entries, where there are any."""
        if self._earlier and self._cards:
            self.post_message(self.EarlierWanted(self.cards[0].seq))

    def go_to_oldest(self) -> None:
        """Select the first mounted entry."""
        if self._cards:
            self._select(self.cards[0])
            self.scroll_home(animate=False, immediate=True)

    def go_to_newest(self) -> None:
        """Select the last entry of all."""
        if self._later:
            self.post_message(self.NewestWanted())
        elif self._cards:
            self._select(self.cards[-1])
            self.scroll_end(animate=False, immediate=True)

    def toggle_fold(self) -> None:
        """Fold or unfold the selected entry."""
        if (card := self.card(self._selected)) is not None:
            card.unfold(not card.unfolded)

    @on(EntryCard.Chosen)
    def _choose(self, event: EntryCard.Chosen) -> None:
        event.stop()
        self._select(event.card)

    @on(events.Click, "#earlier")
    def _click_earlier(self) -> None:
        self.ask_earlier()

    @on(events.Click, "#below")
    def _click_below(self) -> None:
        self.go_to_newest()

    async def action_hand_on(self, action_id: str) -> None:
        """Keys heard here belong to the pane around."""
        if isinstance(self.parent, Widget):
            await self.parent.run_action(action_id)

    async def action_leave(self) -> None:
        """Escape folds what is being written."""
        if isinstance(self.parent, Widget):
            await self.parent.run_action("fold_composer")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The pane knows what is possible now."""
        if action == "hand_on" and isinstance(self.parent, Widget):
            return self.parent.check_action(str(parameters[0]), ())
        return True


def _counts(entry: StreamEntry) -> bool:
    """Whether an entry is news to this agent: own mails and changes of the record are not."""
    return not entry.own and entry.kind is not EntryKind.CHANGE

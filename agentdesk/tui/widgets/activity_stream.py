"""The conversation of one interaction: cards, what is new in them, and what has been seen."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from agentdesk.domain.message import MailKind
from agentdesk.domain.views import Delivery, EntryKind, StreamEntry, StreamPage
from agentdesk.tui.actions import Scope, bindings
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.paged_cards import PagedCards
from agentdesk.tui.widgets.sending_words import undoable


class ActivityStream(PagedCards, inherit_bindings=False):
    """Reads nothing itself: it is given pages and asks for more by message."""

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
    class TopMoved(Message):
        """`top` is the seq of the first visible entry, 0 at the end."""

        top: int

    def __init__(self, *, top: int = 0, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._top = self._top_wanted = top
        self._newest: tuple[StreamEntry, ...] = ()
        self._new_after: int | None = None
        self._seen = self._caught_up = 0
        self._was_at_end = True
        self._known_size = Size(0, 0)
        self._wanted: int | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="below", markup=False)
        yield from super().compose()
        yield Static("", id="new", markup=False)

    def on_mount(self) -> None:
        """Follow the clock, and whether the terminal is looked at."""
        shell(self).ticked.subscribe(self, lambda _: self.tick())
        self.watch(self.app, "app_focus", self.look, init=False)
        self.query_one("#new", Static).border_title = Content("new")

    # What is shown

    @property
    def top(self) -> int:
        """The seq of the first visible entry; 0 at the end."""
        return self._top

    @property
    def undoable(self) -> StreamEntry | None:
        """The highlighted mail if it can be called back, else the one that comes first."""
        chosen = self.selected
        if chosen is not None and chosen.delivery is Delivery.DELAYED:
            return chosen
        return undoable(card.entry for card in self.cards)

    def show(self, page: StreamPage, *, jump: bool = False) -> None:
        """Bring the cards in line with *page*, the newest entries; only what differs is touched.

        *jump* goes to the end, wherever the reader is now.
        """
        first = not self.cards
        if self._new_after is None:
            last = page.entries[-1].seq if page.entries else 0
            self._new_after = self._caught_up = min(page.read_through, last)
        self._newest = page.entries
        with self.app.batch_update():
            super().show(page, jump=jump)
            self._mark_new()
        self.call_after_refresh(self._settle, first)

    def prepend(self, page: StreamPage) -> None:
        """Also count anew what is below."""
        super().prepend(page)
        self.call_after_refresh(self.look)
        self.call_after_refresh(self._go_on_looking)

    def go_to(self, seq: int) -> None:
        """Highlight the entry *seq* and bring it into sight; older ones are asked for until it is there."""
        self._wanted = seq
        self._go_on_looking()

    def _go_on_looking(self) -> None:
        seq, cards = self._wanted, self.cards
        if seq is None or not cards:
            return
        if (card := self.card(seq)) is not None:
            self._wanted = None
            self.release_anchor()
            self.select(card)
            self._reveal(card, -1)
        elif seq < cards[0].seq and self.has_earlier:
            self.ask_earlier()
        elif seq < cards[-1].seq:  # it is not there; what is newer may still be read
            self._wanted = None

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
        self._go_on_looking()
        self.look()

    def look(self) -> None:
        """Take notice of what is in sight now: seen, new below, place."""
        if not self.is_attached:
            return
        self.note_place()
        if self.size == self._known_size:  # else `on_resize` has yet to bring the end back
            self._was_at_end = self.at_end
        at_end = self.at_end and not self.is_detached
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
        """How many unread entries begin below the lower edge."""
        lower = self.scroll_offset.y + self.view_height
        news = (e for e in self._newest if e.seq > self._caught_up and _counts(e))
        cards = [self.card(entry.seq) for entry in news]
        count = sum(1 for card in cards if card is None or card.virtual_region.y >= lower)
        words = (
            f"↓ {count} new below" if count else "↓ later activities" if self.is_detached else ""
        )
        below = self.query_one("#below", Static)
        below.update(Content(f" {words} · {key_of(self, 'go_to_newest')} "))
        below.set_class(bool(words), "-shown")

    def _is_watched(self) -> bool:
        nodes = [node for node in self.ancestors_with_self if isinstance(node, Widget)]
        return self.screen.is_active and self.app.app_focus and all(n.display for n in nodes)

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
        self._known_size = self.size
        if self._was_at_end:
            self.anchor()
        else:
            self.return_to_place()

    @on(events.Focus)
    def _focused(self) -> None:
        self.look()

    def tick(self) -> None:
        """Draw running countdowns; and what came behind a dialog counts as seen once it is gone."""
        if self._newest and self._newest[-1].seq > self._seen:
            self.look()
        for card in self.cards:
            if card.counts_down:
                card.tick()

    # Keys

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
    """Whether an entry is news to this agent: own mails, what the desk wrote and changes are not."""
    by_itself = entry.kind is EntryKind.MAIL_OUT and entry.mail_kind is MailKind.AUTO_REPLY
    return not entry.own and not by_itself and entry.kind is not EntryKind.CHANGE

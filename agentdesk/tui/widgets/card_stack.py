"""Cards in a scrolled column: one is highlighted, and one line is where somebody reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from textual import on
from textual.containers import VerticalScroll
from textual.geometry import Offset
from textual.message import Message

from agentdesk.domain.views import StreamEntry
from agentdesk.tui.widgets.entry import EntryCard


class CardStack(VerticalScroll, inherit_bindings=False):
    """The mounted cards in order of `seq`. Knows nothing of pages or of what is new."""

    STEP_LINES: ClassVar[int] = 3
    """How far a key scrolls inside a card that is taller than the column."""

    @dataclass
    class Selected(Message):
        """Another card is highlighted."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._cards: dict[int, EntryCard] = {}
        self._selected: int | None = None
        self._all_unfolded = False
        self._place: tuple[int, int] | None = None

    @property
    def cards(self) -> tuple[EntryCard, ...]:
        """Oldest first."""
        return tuple(self._cards.values())

    @property
    def scroll_offset(self) -> Offset:
        """Never above the first line: an anchored column that is not full would start at its foot."""
        x, y = super().scroll_offset
        return Offset(x, max(0, y))

    @property
    def selected(self) -> StreamEntry | None:
        """The highlighted entry."""
        card = self.card(self._selected)
        return card.entry if card else None

    @property
    def at_end(self) -> bool:
        """Whether the last line is in sight."""
        return self.max_scroll_y < 1 or self.max_scroll_y - self.scroll_offset.y < 1

    @property
    def view_height(self) -> int:
        """Lines in sight."""
        return self.scrollable_content_region.height

    def card(self, seq: int | None) -> EntryCard | None:
        """The card of *seq*, where it is mounted."""
        return None if seq is None else self._cards.get(seq)

    def put(self, entries: Iterable[StreamEntry]) -> None:
        """Update the cards of *entries* in place and mount those that are missing."""
        fresh = []
        for entry in entries:
            if (card := self._cards.get(entry.seq)) is not None:
                card.show_entry(entry)
            else:
                fresh.append(EntryCard(entry, unfolded=self._all_unfolded))
        self._mount_cards(fresh)

    def _mount_cards(self, fresh: list[EntryCard]) -> None:
        """Each run of new cards goes before the first mounted card that is newer."""
        old = self.cards
        self._cards = {c.seq: c for c in sorted([*old, *fresh], key=lambda c: c.seq)}
        runs: dict[EntryCard | None, list[EntryCard]] = {}
        for card in fresh:
            runs.setdefault(next((o for o in old if o.seq > card.seq), None), []).append(card)
        for before, run in runs.items():
            self.mount_all(run, before=before)
        for card, following in pairwise(self.cards):
            card.set_class(card.is_change and following.is_change, "-tight")

    def drop(self, cards: Iterable[EntryCard]) -> None:
        """Unmount *cards*."""
        for card in cards:
            if self._cards.pop(card.seq, None) is not None:
                card.remove()

    def unfold_all(self) -> None:
        """Show every quote, or hide all again."""
        self._all_unfolded = not self._all_unfolded
        self.hold_place()
        for card in self.cards:
            card.unfold(self._all_unfolded)

    # Moving

    def select(self, card: EntryCard | None) -> None:
        """Highlight *card*."""
        for old in self.query(".-selected"):
            old.remove_class("-selected")
        self._selected = card.seq if card else None
        if card is not None:
            card.add_class("-selected")
        self.post_message(self.Selected())

    @on(EntryCard.Chosen)
    def _choose(self, event: EntryCard.Chosen) -> None:
        event.stop()
        self.select(event.card)

    def move(self, step: int) -> bool:
        """Select the card above (-1) or below (1); tall ones are scrolled through first.

        False where there is no further card.
        """
        cards, card = self.cards, self.card(self._selected)
        if card is None:
            self.select(cards[-1] if cards else None)
            return bool(cards)
        if self._step_inside(card, step):
            return True
        at = cards.index(card) + step
        if not 0 <= at < len(cards):
            return False
        self.select(cards[at])
        self._reveal(cards[at], step)
        return True

    def go_to_first(self) -> None:
        """Select the first mounted card."""
        if self._cards:
            self.select(self.cards[0])
            self.scroll_home(animate=False, immediate=True)

    def go_to_last(self) -> None:
        """Select the last mounted card."""
        if self._cards:
            self.select(self.cards[-1])
            self.scroll_end(animate=False, immediate=True)

    def toggle_fold(self) -> None:
        """Fold or unfold the highlighted card."""
        if (card := self.card(self._selected)) is not None:
            card.unfold(not card.unfolded)

    # The place

    def first_visible(self) -> EntryCard | None:
        """The card at the upper edge."""
        return next((c for c in self.cards if c.virtual_region.bottom > self.scroll_offset.y), None)

    def note_place(self) -> None:
        """Remember which line is at the upper edge."""
        card = self.first_visible()
        self._place = (card.seq, card.virtual_region.y - self.scroll_offset.y) if card else None

    def hold_place(self) -> None:
        """Keep that line at the upper edge through the next layout, unless the end is in sight."""
        if not self.at_end:
            self.note_place()
            self.call_after_refresh(self.return_to_place)

    def return_to_place(self) -> None:
        """Scroll so that the remembered line is at the upper edge again."""
        card = self.card(self._place[0]) if self._place is not None else None
        if card is not None and self._place is not None:
            self._jump_to(card.virtual_region.y - self._place[1])

    def _reveal(self, card: EntryCard, step: int) -> None:
        """Bring *card* into sight, coming from above (1) or below (-1)."""
        region = card.virtual_region
        if card is self.cards[-1] and region.height < self.view_height:
            self.scroll_end(animate=False, immediate=True)
        elif region.height > self.view_height:
            self._jump_to(region.y if step > 0 else region.bottom - self.view_height)
        elif region.y < self.scroll_offset.y:
            self._jump_to(region.y)
        elif region.bottom > self.scroll_offset.y + self.view_height:
            self._jump_to(region.bottom - self.view_height)

    def _step_inside(self, card: EntryCard, step: int) -> bool:
        """Scroll within a card that reaches out of sight in that direction; False where none does."""
        region, lower = card.virtual_region, self.scroll_offset.y + self.view_height
        hidden = region.bottom - lower if step > 0 else self.scroll_offset.y - region.y
        if hidden < 1 or region.height <= self.view_height:
            return False
        self._jump_to(self.scroll_offset.y + step * min(hidden, self.STEP_LINES))
        return True

    def _jump_to(self, y: float) -> None:
        self.scroll_to(y=max(0, y), animate=False, immediate=True, force=True)

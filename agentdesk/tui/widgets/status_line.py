"""The line at the top: who works here, how full, what time it is, and how the mail engine is."""

from collections.abc import Sequence
from datetime import datetime

from textual.reactive import reactive

from agentdesk.domain.quarantine import BADGE_MOST
from agentdesk.domain.views import AgentStatus, Health, InboxCard, LoopHealth
from agentdesk.tui.widgets import countdown
from agentdesk.tui.widgets.cells import clip
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, spread

SERIOUS = (Health.STOPPED, Health.RETRYING, Health.BUSY, Health.IDLE)
"""The first of these that any loop is in is the one to tell."""

HEALTH_STYLES = {
    Health.IDLE: "$calm",
    Health.BUSY: "bold $calm",
    Health.RETRYING: "bold $late",
    Health.STOPPED: "bold $over",
}


class StatusLine(LineWidget):
    """Draws itself when any of its reactives changes; `moment` moves once a second."""

    DEFAULT_CSS = """
    StatusLine { dock: top; background: $header-background; color: $foreground; padding: 0 1; }
    """

    status: reactive[AgentStatus | None] = reactive(None)
    loops: reactive[tuple[LoopHealth, ...]] = reactive(())
    moment: reactive[datetime | None] = reactive(None)
    offers: reactive[tuple[InboxCard, ...]] = reactive(())
    """Told here only while the inbox is hidden."""

    aside: reactive[int] = reactive(0)
    """Mails in the quarantine, for those who look after it."""

    opening: reactive[str] = reactive("opening")
    title: reactive[str] = reactive("agentdesk")

    def pieces(self, width: int) -> Line:
        """The clock stands right of the middle, the engine at the right end."""
        left = [Piece(clip(self.title, 24), "bold $heading-text"), *self._agent(), *self._offers()]
        left += aside_badge(self.aside)
        return spread(left, [*self._health(max(8, width // 3)), *self._clock()], width)

    def chosen(self, target: str) -> None:
        """A click on the presence opens its choice, one on the offers the inbox."""
        self.call_later(self.screen.run_action, target)

    def _agent(self) -> list[Piece]:
        if self.status is None:
            return [Piece(f"  {self.opening}", "$muted-text")]
        status = self.status
        mood = "$working" if status.works else "$away"
        return [
            Piece(f"  {clip(status.name, 20)}  ", "$foreground"),
            Piece("● " if status.works else "○ ", mood, "set_presence"),
            Piece(clip(status.presence_label, 18), mood, "set_presence"),
            Piece("  "),
            *load_meter(status.used, status.capacity),
            Piece(f" {status.used}/{status.capacity}", "$muted-text"),
        ]

    def _offers(self) -> list[Piece]:
        """The most urgent offer, for a screen on which the inbox is hidden."""
        if not self.offers or self.moment is None:
            return []
        count = len(self.offers)
        line = [Piece(f"   {count} offer{'s' if count > 1 else ''}", "bold $unread", "focus_inbox")]
        due = [card for card in self.offers if card.expires_at is not None]
        if due:
            card = min(due, key=lambda each: each.expires_at or each.offered_at)
            assert card.expires_at is not None
            pace = countdown.meaning(card.offered_at, card.expires_at, self.moment)
            left = countdown.words(card.expires_at, self.moment)
            line.append(Piece(f" {left}", f"bold ${pace.value}", "focus_inbox"))
        return line

    def _clock(self) -> list[Piece]:
        if self.moment is None:
            return []
        return [Piece(f"   {self.moment:%H:%M}", "$foreground")]

    def _health(self, width: int) -> list[Piece]:
        if (loop := most_serious(self.loops)) is None:
            return []
        mood = HEALTH_STYLES[loop.health]
        name = clip(loop.name, width - len(loop.words) - 3)
        words = "$muted-text" if loop.health is Health.IDLE else mood
        return [
            Piece(f"{name} ", "$muted-text"),
            Piece("● ", mood),
            Piece(loop.words, words),
        ]


def aside_badge(count: int) -> list[Piece]:
    """`3 set aside`, which a click opens; nothing for none."""
    if not count:
        return []
    words = f"{BADGE_MOST - 1}+" if count >= BADGE_MOST else str(count)
    return [Piece(f"   {words} set aside", "bold $soon", "show_quarantine")]


def most_serious(loops: Sequence[LoopHealth]) -> LoopHealth | None:
    """The loop that a person should hear about first; of equals the first."""
    return min(loops, key=lambda loop: SERIOUS.index(loop.health), default=None)


CELLS = 8
"""A meter is no wider; larger capacities are scaled."""


def load_meter(used: int, capacity: int) -> list[Piece]:
    """`▰▰▱▱`: one cell for each unit of capacity, in the colour of how full it is."""
    cells = min(max(capacity, 1), CELLS)
    full = min(cells, -(-used * cells // max(capacity, 1)))
    mood = "$calm" if used < capacity * 0.75 else "$soon" if used < capacity else "$late"
    return [Piece("▰" * full, mood), Piece("▱" * (cells - full), "$faint-text")]

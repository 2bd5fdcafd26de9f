"""The line at the top: who works here, how full, what time it is, and how the mail engine is."""

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content
from textual.reactive import reactive

from agentdesk.domain.capacity import UNLIMITED
from agentdesk.domain.ccaas.views import CentreUse
from agentdesk.domain.quarantine import BADGE_MOST
from agentdesk.domain.views import AgentStatus, Health, InboxCard, LoopHealth
from agentdesk.tui.presence_colours import mark_of, style_of
from agentdesk.tui.widgets import countdown
from agentdesk.tui.widgets.cells import clip, moment_words, one_line, since
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
        left = [
            Piece(clip(self.title, 24), "bold $heading-text"),
            *self._agent(width),
            *self._offers(),
        ]
        left += aside_badge(self.aside)
        return spread(left, [*self._health(max(8, width // 3)), *self._clock()], width)

    def chosen(self, target: str) -> None:
        """A click on the presence opens its choice, one on the offers the inbox."""
        self.call_later(self.screen.run_action, target)

    def _agent(self, width: int) -> list[Piece]:
        if self.status is None:
            return [Piece(f"  {self.opening}", "$muted-text")]
        status = self.status
        mood = style_of(status.colour, works=status.works)
        return [
            Piece(f"  {clip(status.name, 20)}  ", "$foreground"),
            Piece(f"{mark_of(works=status.works)} ", mood, "set_presence"),
            Piece(clip(status.presence_label, 18), mood, "set_presence"),
            *self._since(status),
            Piece("  "),
            *load_meter(status.used, status.capacity),
            *load_words(status, self.moment),
            *there(status.centres, short=width < ROOMY),
        ]

    def _since(self, status: AgentStatus) -> list[Piece]:
        """For how long no work comes; who works does not count minutes."""
        if status.works or status.since is None or self.moment is None:
            return []
        return [Piece(f" {since(status.since, self.moment)}", "$muted-text")]

    def watch_status(self, status: AgentStatus | None) -> None:
        """The meter by channel, for a mouse that rests on the line."""
        self.tooltip = Content(by_channel(status)) if status and len(status.channels) > 1 else None

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


ROOMY = 110
"""From this width on contact centres have their whole name."""

CELLS = 8
"""A meter is no wider; larger capacities are scaled."""


def load_meter(used: int, capacity: int) -> list[Piece]:
    """`▰▰▱▱`: one cell for each unit of capacity, in the colour of how full it is."""
    if capacity >= UNLIMITED:
        return []
    cells = min(max(capacity, 1), CELLS)
    full = min(cells, -(-used * cells // max(capacity, 1)))
    mood = "$calm" if used < capacity * 0.75 else "$soon" if used < capacity else "$late"
    return [Piece("▰" * full, mood), Piece("▱" * (cells - full), "$faint-text")]


def load_words(status: AgentStatus, moment: datetime | None) -> list[Piece]:
    """`2/4`, the single channels where there are several, and until when a supervisor's word holds."""
    if status.capacity >= UNLIMITED:
        words = [Piece(f"{status.used} at work", "$muted-text")]
    else:
        words = [Piece(f" {status.used}/{status.capacity}", "$muted-text")]
    if status.override_until is not None and moment is not None:
        until = moment_words(status.override_until, moment, moment.tzinfo)
        words.append(Piece(f" until {until}", "$soon"))
    if len(status.channels) > 1:
        busy = [c for c in status.channels if c.used]
        named = " · ".join(f"{clip(c.name, 8)} {c.used}" for c in busy[:3])
        words.append(Piece(f"  {named}" if named else "", "$faint-text"))
    return words


def there(centres: Sequence[CentreUse], *, short: bool) -> list[Piece]:
    """` · Genesys Cloud 1/2` for each contact centre; *short*: only the first word of its name."""
    pieces = []
    for use in centres:
        name = clip(one_line(use.name).partition(" ")[0] if short else use.name, 20)
        pieces.append(Piece(f" · {name} ", "$muted-text"))
        if not use.signed_in:
            pieces.append(Piece("not signed in", "bold $late"))
        elif use.known:
            full = "$late" if use.used >= use.capacity else "$foreground"
            pieces.append(Piece(f"{use.used}/{use.capacity}", full))
            pieces += [] if use.responding else [Piece(" not responding", "bold $late")]
        else:
            pieces.append(Piece("–", "$faint-text"))
    return pieces


def by_channel(status: AgentStatus) -> str:
    """A line for each channel: `Email 2 of 3`."""
    return "\n".join(
        f"{clip(c.name, 30)} {c.used}" + (f" of {c.capacity}" if c.capacity is not None else "")
        for c in status.channels
    )

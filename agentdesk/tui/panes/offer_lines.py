"""The card of an offer, as lines: the fields that settings name, the countdown and the two keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agentdesk.domain.ids import DraftId, ThreadId, WorkItemId
from agentdesk.domain.views import InboxCard
from agentdesk.tui.widgets import countdown
from agentdesk.tui.widgets.cells import ROUTED, fit, one_line, since
from agentdesk.tui.widgets.line import Piece, width_of

ACCEPT = "accept_offer"
REJECT = "reject_offer"

CARD_FIELDS = ("subject", "customer", "queue", "preview")
"""What a card shows unless settings say otherwise, the title first."""

MOST_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Item:
    """What a person can highlight. `work_item_id` only for an offer, `draft_id` for a draft;
    `mention_id` only for a mention, whose note is the entry `seq`. Not every queue lets an offer be
    rejected. `centre` made an offer; `asked`: it is being told of an answer already.
    """

    key: str
    thread_id: ThreadId
    number: str
    subject: str
    work_item_id: WorkItemId | None = None
    mention_id: int | None = None
    seq: int = 0
    draft_id: DraftId | None = None
    can_reject: bool = False
    centre: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One line of the pane; headings and empty lines have no item."""

    pieces: tuple[Piece, ...] = ()
    item: Item | None = None


Field = Callable[[InboxCard, datetime], str]

FIELDS: Mapping[str, Field] = {
    "subject": lambda card, _: one_line(card.subject) or "(no subject)",
    "customer": lambda card, _: ("★ " if card.vip else "") + one_line(card.customer),
    "queue": lambda card, _: one_line(card.queue),
    "priority": lambda card, _: f"P{card.priority}",
    "preview": lambda card, _: one_line(card.preview),
    "account": lambda card, _: one_line(card.account),
    "waited": lambda card, now: f"waits {since(card.queued_at or card.offered_at, now)}",
    "number": lambda card, _: card.number,
}
"""How each field of `[desk] card_fields` reads."""

LONG = frozenset({"preview"})
"""Fields that have a line of their own."""


def offer_lines(
    card: InboxCard, fields: Sequence[str], now: datetime, width: int
) -> Iterator[WorkLine]:
    """Title and countdown, the short fields with the keys, then what is long, and the remarks."""
    item = Item(
        f"offer:{card.work_item_id}",
        card.interaction_id,
        card.number,
        card.subject,
        card.work_item_id,
        can_reject=card.can_reject and not card.asked,
        centre=card.centre,
        asked=card.asked,
    )
    mood, left = "$calm", ""
    if card.expires_at is not None:
        mood = f"${countdown.meaning(card.offered_at, card.expires_at, now).value}"
        left = countdown.words(card.expires_at, now)
    title, *rest = fields[:MOST_FIELDS] or CARD_FIELDS
    words = Piece(FIELDS[title](card, now) or card.number, "bold $foreground")
    yield item_line(item, mood, words, (Piece(left, f"bold {mood}"),), width)
    short = [FIELDS[name](card, now) for name in rest if name not in LONG]
    who = Piece(" · ".join(part for part in short if part), "$muted-text")
    yield item_line(item, mood, who, _keys(card), width)
    for name in rest:
        if name in LONG and (text := FIELDS[name](card, now)):
            yield item_line(item, mood, Piece(text, "$faint-text"), (), width)
    for words in _remarks(card):
        yield item_line(item, mood, words, (), width)


KEYS = (
    Piece("⏎", "bold $foreground", ACCEPT),
    Piece(" accept ", "$muted-text", ACCEPT),
    Piece("x", "bold $foreground", REJECT),
)


def _keys(card: InboxCard) -> tuple[Piece, ...]:
    """What may be done; while a contact centre is told of an answer, only which."""
    if card.asked:
        return (Piece(f"{card.asked}…", "bold $soon"),)
    return KEYS if card.can_reject else KEYS[:2]


def _remarks(card: InboxCard) -> Iterator[Piece]:
    """Which contact centre offers it; who hands it on and what they say; why it comes to this agent;
    what it asks for.
    """
    if card.centre:
        yield Piece(f"{ROUTED} {one_line(card.centre)}", "$mail-in")
    if card.note or card.sent_by:
        said = f": {one_line(card.note)}" if card.note else " hands this on"
        yield Piece(f"✎ {one_line(card.sent_by) or 'Note'}{said}", "$note")
    if card.reason:
        yield Piece(f"for you: {one_line(card.reason)}", "$muted-text")
    if card.skills:
        yield Piece(f"asks for {one_line(', '.join(card.skills))}", "$muted-text")


def item_line(
    item: Item, mood: str, left: Piece, right: tuple[Piece, ...], width: int, mark: str = "▌"
) -> WorkLine:
    """A mark in the colour of *mood*, then *left* as wide as *right* leaves room for."""
    room = max(1, width - 4 - width_of(right) - (1 if right else 0))
    words = Piece(fit(left.words, room), left.style, left.target)
    gap = (Piece(" "),) if right else ()
    first = Piece(f"{mark} " if mood else "  ", mood)
    return WorkLine((Piece(" "), first, words, *gap, *right, Piece(" ")), item)

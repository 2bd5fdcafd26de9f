"""The lines of the work pane, as values: offers, ongoing work, what is on hold, drafts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from agentdesk.domain.ids import InteractionId, WorkItemId
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Desktop, DraftRow, InboxCard, WorkRow
from agentdesk.tui.widgets import countdown
from agentdesk.tui.widgets.cells import clip, fit, one_line, since
from agentdesk.tui.widgets.line import Piece, width_of

ACCEPT = "accept_offer"
REJECT = "reject_offer"


@dataclass(frozen=True, slots=True)
class Item:
    """What a person can highlight. `work_item_id` only for an offer."""

    key: str
    interaction_id: InteractionId
    number: str
    subject: str
    work_item_id: WorkItemId | None = None


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One line of the pane; headings and empty lines have no item."""

    pieces: tuple[Piece, ...] = ()
    item: Item | None = None


def lines(
    desktop: Desktop, now: datetime, width: int, *, works: bool = True, presence_key: str = "P"
) -> list[WorkLine]:
    """Every line of the pane for *width* cells. *works*: offers come in this presence, which
    *presence_key* changes.
    """
    found = [_heading("INBOX", len(desktop.inbox), width)]
    for card in desktop.inbox:
        found += _offer(card, now, width)
    if not desktop.inbox:
        found += _empty_inbox(works, presence_key, width)
    found += [WorkLine(), _heading("ONGOING", len(desktop.ongoing), width)]
    for row in desktop.ongoing:
        found += _ongoing(row, now, width)
    found += _section("ON HOLD", [_held(row, now, width) for row in desktop.on_hold], width)
    found += _section("DRAFTS", [_draft(row, now, width) for row in desktop.drafts], width)
    return found


def items(found: list[WorkLine]) -> list[Item]:
    """What can be highlighted, in order, each once."""
    unique = {line.item.key: line.item for line in found if line.item is not None}
    return list(unique.values())


def _heading(name: str, count: int, width: int) -> WorkLine:
    words = Piece(f" {name}", "bold $heading-text")
    number = Piece(f" {count} " if count else " ", "bold $foreground" if count else "")
    rule = Piece("─" * max(0, width - width_of((words, number)) - 1), "$faint-text")
    return WorkLine((words, number, rule))


def _section(name: str, rows: list[WorkLine], width: int) -> Iterator[WorkLine]:
    """A heading with its rows; without rows not even the heading."""
    if rows:
        yield WorkLine()
        yield _heading(name, len(rows), width)
        yield from rows


def _empty_inbox(works: bool, presence_key: str, width: int) -> Iterator[WorkLine]:
    away = ("No offers while you are away.", f"{presence_key} sets your presence.")
    for sentence in ("No offers. New work appears here.",) if works else away:
        yield WorkLine((Piece(f" {clip(sentence, width - 2)}", "$faint-text"),))


def _offer(card: InboxCard, now: datetime, width: int) -> Iterator[WorkLine]:
    """Subject and countdown, then who and the two keys."""
    item = Item(
        f"offer:{card.work_item_id}",
        card.interaction_id,
        card.number,
        card.subject,
        card.work_item_id,
    )
    mood, left = "$calm", ""
    if card.expires_at is not None:
        mood = f"${countdown.meaning(card.offered_at, card.expires_at, now).value}"
        left = countdown.words(card.expires_at, now)
    subject = Piece(one_line(card.subject) or "(no subject)", "bold $foreground")
    yield _row(item, mood, subject, (Piece(left, f"bold {mood}"),), width)
    keys = (
        Piece("⏎", "bold $foreground", ACCEPT),
        Piece(" accept ", "$muted-text", ACCEPT),
        Piece("x", "bold $foreground", REJECT),
    )
    who = " · ".join(part for part in (one_line(card.customer), one_line(card.queue)) if part)
    yield _row(item, mood, Piece(who, "$muted-text"), keys, width)


def _ongoing(row: WorkRow, now: datetime, width: int) -> Iterator[WorkLine]:
    """Subject and what is new, then the customer and how long ago."""
    item = Item(f"work:{row.interaction_id}", row.interaction_id, row.number, row.subject)
    unread = row.unread > 0
    news = _trouble(row) or ((Piece(f"{row.unread} new", "bold $unread"),) if unread else ())
    subject = one_line(row.subject) or "(no subject)"
    style = "bold $foreground" if unread else "$foreground"
    yield _row(item, "$unread" if unread else "", Piece(subject, style), news, width, "•")
    who = Piece(one_line(row.customer), "$muted-text")
    yield _row(item, "", who, _where(row, now), width)


def _trouble(row: WorkRow) -> tuple[Piece, ...]:
    """A mail of it failed, or nobody knows whether it was sent."""
    return (Piece("not sent?", "bold $over"),) if row.undelivered else ()


def _where(row: WorkRow, now: datetime) -> tuple[Piece, ...]:
    """The wrap-up countdown, or when it last moved."""
    if row.state is State.WRAP_UP and row.wrap_due_at is not None:
        opened = row.wrap_opened_at or row.changed_at
        mood = countdown.meaning(opened, row.wrap_due_at, now).value
        left = countdown.words(row.wrap_due_at, now)
        return (Piece("wrap-up ", "$muted-text"), Piece(left, f"bold ${mood}"))
    return (Piece(since(row.changed_at, now), "$faint-text"),)


def _held(row: WorkRow, now: datetime, width: int) -> WorkLine:
    item = Item(f"work:{row.interaction_id}", row.interaction_id, row.number, row.subject)
    unread = row.unread > 0
    right = _trouble(row) or (
        (Piece(f"{row.unread} new", "bold $unread"),)
        if unread
        else (Piece(since(row.held_at or row.changed_at, now), "$faint-text"),)
    )
    subject = Piece(one_line(row.subject) or "(no subject)", "$muted-text")
    return _row(item, "$unread" if unread else "", subject, right, width, "•")


def _draft(row: DraftRow, now: datetime, width: int) -> WorkLine:
    item = Item(f"draft:{row.draft_id}", row.interaction_id, row.number, row.subject)
    words = one_line(row.subject) or one_line(row.to) or "(empty)"
    right = (Piece(since(row.updated_at, now), "$faint-text"),)
    return _row(item, "$note", Piece(words, "$muted-text"), right, width, "✎")


def _row(
    item: Item, mood: str, left: Piece, right: tuple[Piece, ...], width: int, mark: str = "▌"
) -> WorkLine:
    """A mark in the colour of *mood*, then *left* as wide as *right* leaves room for."""
    room = max(1, width - 4 - width_of(right) - (1 if right else 0))
    words = Piece(fit(left.words, room), left.style, left.target)
    gap = (Piece(" "),) if right else ()
    first = Piece(f"{mark} " if mood else "  ", mood)
    return WorkLine((Piece(" "), first, words, *gap, *right, Piece(" ")), item)

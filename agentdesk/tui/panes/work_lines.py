"""The lines of the work pane, as values: offers, mentions, ongoing work, cases, on hold, drafts."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import ceil
from textwrap import wrap

from agentdesk.domain.case import CaseState
from agentdesk.domain.case_views import CaseRow, Target
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Desktop, DraftRow, MentionRow, WorkRow
from agentdesk.domain.when import spoken
from agentdesk.tui.panes.offer_lines import CARD_FIELDS, Item, WorkLine, item_line, offer_lines
from agentdesk.tui.widgets import countdown, target_words
from agentdesk.tui.widgets.cells import clip, one_line, since
from agentdesk.tui.widgets.line import Piece, width_of
from agentdesk.tui.widgets.sending_words import goes_out

__all__ = ["Item", "WorkLine", "items", "lines"]

SIGN_IN = "screen.sign_in_to_centre"

WITH_WROTE = 30
"""From this width on it is told when the customer wrote."""

WITH_TARGET = 34
"""From this width on it is told what a countdown of a case asks for."""

SHORT_TARGETS = {
    Target.FIRST_RESPONSE: "answer",
    Target.NEXT_RESPONSE: "answer",
    Target.RESOLUTION: "resolve",
}

WITH_REMINDERS = 44
"""From this width on reminders are told beside the customer; else in the place of the age."""


def lines(
    desktop: Desktop,
    now: datetime,
    width: int,
    *,
    works: bool = True,
    presence_key: str = "P",
    fields: Sequence[str] = CARD_FIELDS,
    signed_out: Sequence[str] = (),
    sign_in_key: str = "H",
) -> list[WorkLine]:
    """Every line of the pane for *width* cells. *works*: offers come in this presence, which
    *presence_key* changes. *fields* of an offer are shown. *signed_out*: contact centres that the
    agent must sign in to, with *sign_in_key*. Dates are in the zone of *now*.
    """
    found = [*_signed_out(signed_out, sign_in_key, width)]
    found += [_heading("INBOX", len(desktop.inbox), width)]
    for card in desktop.inbox:
        found += offer_lines(card, fields, now, width)
    if not desktop.inbox:
        found += _empty_inbox(works, presence_key, width)
    named = [line for row in desktop.mentions for line in _mention(row, now, width)]
    found += _section("MENTIONS", len(desktop.mentions), named, width)
    found += [WorkLine(), _heading("ONGOING", len(desktop.ongoing), width)]
    for row in desktop.ongoing:
        found += _ongoing(row, now, width)
    cases = [line for row in desktop.cases for line in _case(row, now, width)]
    found += _section("CASES", len(desktop.cases), cases, width)
    held = [line for row in desktop.on_hold for line in _held(row, now, width)]
    found += _section("ON HOLD", len(desktop.on_hold), held, width)
    drafts = [_draft(row, now, width) for row in desktop.drafts]
    found += _section("DRAFTS", len(drafts), drafts, width)
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


def _section(name: str, count: int, rows: list[WorkLine], width: int) -> Iterator[WorkLine]:
    """A heading with its rows; without rows not even the heading."""
    if rows:
        yield WorkLine()
        yield _heading(name, count, width)
        yield from rows


def _empty_inbox(works: bool, presence_key: str, width: int) -> Iterator[WorkLine]:
    away = ("No offers while you are away.", f"{presence_key} sets your presence.")
    for sentence in ("No offers. New work appears here.",) if works else away:
        yield WorkLine((Piece(f" {clip(sentence, width - 2)}", "$faint-text"),))


def _signed_out(centres: Sequence[str], key: str, width: int) -> Iterator[WorkLine]:
    """Why nothing comes from there; a click does what the key does."""
    for name in centres:
        words = f"You are not signed in to {one_line(name)}. {key} signs you in."
        for part in wrap(words, max(8, width - 4)):
            yield WorkLine((Piece(" ! ", "bold $late"), Piece(part, "$late", SIGN_IN)))
        yield WorkLine()


def _ongoing(row: WorkRow, now: datetime, width: int) -> Iterator[WorkLine]:
    """Subject and what is new, then the customer and how long ago."""
    item = Item(f"work:{row.interaction_id}", row.interaction_id, row.number, row.subject)
    unread = row.unread > 0
    news = _trouble(row) or ((Piece(f"{row.unread} new", "bold $unread"),) if unread else ())
    subject = one_line(row.subject) or "(no subject)"
    style = "bold $foreground" if unread else "$foreground"
    yield item_line(item, "$unread" if unread else "", Piece(subject, style), news, width, "•")
    who = Piece(one_line(row.customer), "$muted-text")
    yield item_line(item, "", who, _where(row, now, width), width)


def _trouble(row: WorkRow) -> tuple[Piece, ...]:
    """A mail of it failed, or nobody knows whether it was sent."""
    return (Piece("not sent?", "bold $over"),) if row.undelivered else ()


def _where(row: WorkRow, now: datetime, width: int) -> tuple[Piece, ...]:
    """The wrap-up countdown; or when the customer wrote last, and how long the agent has it."""
    if row.state is State.WRAP_UP and row.wrap_due_at is not None:
        opened = row.wrap_opened_at or row.changed_at
        mood = countdown.meaning(opened, row.wrap_due_at, now).value
        left = countdown.words(row.wrap_due_at, now)
        return (Piece("wrap-up ", "$muted-text"), Piece(left, f"bold ${mood}"))
    if row.transferring_to:
        return (Piece(f"→ {clip(row.transferring_to, width // 2)}", "$late"),)
    if row.scheduled_for is not None:
        return (_sends(row.scheduled_for, now),)
    wrote = () if row.wrote_at is None or width < WITH_WROTE else (_wrote(row, now),)
    return (*wrote, Piece(f"{since(row.taken_at or row.changed_at, now):>3}", "$muted-text"))


def _wrote(row: WorkRow, now: datetime) -> Piece:
    assert row.wrote_at is not None
    style = "$unread" if row.unread else "$faint-text"
    return Piece(f"wrote {since(row.wrote_at, now)} · ", style)


def _held(row: WorkRow, now: datetime, width: int) -> Iterator[WorkLine]:
    """Subject and what is new, then the customer and when it closes by itself."""
    item = Item(f"work:{row.interaction_id}", row.interaction_id, row.number, row.subject)
    unread = row.unread > 0
    reminded = f"reminder {row.reminders} of {row.most_reminders}" if row.reminders else ""
    beside = reminded and width >= WITH_REMINDERS
    age = since(row.held_at or row.changed_at, now)
    if reminded and not beside:
        age = reminded.replace("reminder", "reminded")
    held = (Piece(age, "$faint-text"),)
    news = (Piece(f"{row.unread} new", "bold $unread"),) if unread else held
    subject = Piece(one_line(row.subject) or "(no subject)", "$muted-text")
    yield item_line(item, "$unread" if unread else "", subject, _trouble(row) or news, width, "•")
    who = Piece(one_line(row.customer), "$faint-text")
    count = (Piece(f"{reminded} · ", "$faint-text"),) if beside else ()
    yield item_line(item, "", who, (*count, *_ends(row, now)), width)


def _ends(row: WorkRow, now: datetime) -> tuple[Piece, ...]:
    """What it waits for: its own mail, the end of its snooze, or the close for silence."""
    if row.scheduled_for is not None:
        return (_sends(row.scheduled_for, now),)
    if row.snoozed_until is not None:
        return (Piece(f"until {_short(row.snoozed_until, now)}", "$note"),)
    closes = () if row.closes_at is None else (_closes(row.closes_at, now),)
    if not row.until_reply:
        return closes
    return (Piece("snoozed", "$note"), Piece(" · " if closes else "", "$faint-text"), *closes)


def _short(at: datetime, now: datetime) -> str:
    """`Mon 09:00` within a week, `today 18:00` before, else the day: `Mon 30 Nov`."""
    there = at.astimezone(now.tzinfo)
    days = (there.date() - now.date()).days
    if 0 < days < 7:
        return f"{there:%a %H:%M}"
    words = spoken(at, now, now.tzinfo)
    return words.rpartition(" ")[0] if days else words


def _sends(at: datetime, now: datetime) -> Piece:
    """`goes out Tue 1 Dec, 09:00`: a mail of it waits for that moment."""
    return Piece(f"goes out {goes_out(at, now, now.tzinfo)}", "$soon")


def _closes(at: datetime, now: datetime) -> Piece:
    """`closes Fri 12 Dec`; on its last day `closes in 3 h`."""
    left = (at - now).total_seconds()
    if left < 3_600:
        return Piece(f"closes in {max(0, ceil(left / 60))} min", "$late")
    if left < 86_400:
        return Piece(f"closes in {int(left // 3_600)} h", "$soon")
    day = at.astimezone(now.tzinfo)
    year = "" if day.year == now.year else f" {day.year}"
    return Piece(f"closes {day:%a} {day.day} {day:%b}{year}", "$faint-text")


def _mention(row: MentionRow, now: datetime, width: int) -> Iterator[WorkLine]:
    """What the note says, then who wrote it and where."""
    item = Item(
        f"mention:{row.mention_id}",
        row.thread_id,
        row.number,
        row.subject,
        mention_id=row.mention_id,
        seq=row.seq,
    )
    ago = (Piece(since(row.at, now), "$muted-text"),)
    yield item_line(
        item, "$unread", Piece(one_line(row.words), "bold $foreground"), ago, width, "@"
    )
    where = one_line(row.subject) or row.number
    who = Piece(f"{one_line(row.by)} · {where}", "$muted-text")
    yield item_line(item, "", who, (), width)


def _case(row: CaseRow, now: datetime, width: int) -> Iterator[WorkLine]:
    """Subject and what is new, then the customer and the target that ends first."""
    item = Item(f"case:{row.case_id}", row.case_id, row.number, row.subject)
    unread = row.unread > 0
    news = (Piece(f"{row.unread} new", "bold $unread"),) if unread else ()
    style = "bold $foreground" if unread else "$foreground"
    subject = Piece(one_line(row.subject) or "(no subject)", style)
    yield item_line(item, "$unread" if unread else "", subject, news, width, "•")
    who = Piece(one_line(row.customer), "$muted-text")
    yield item_line(item, "", who, _promised(row, now, width), width)


def _promised(row: CaseRow, now: datetime, width: int) -> tuple[Piece, ...]:
    """The countdown of the target that ends first; else the state."""
    target = row.next_target
    if row.state is CaseState.AWAITING_INFO or target is None:
        return (Piece(row.state.label, "$faint-text"),)
    name = target.kind.label if width >= WITH_REMINDERS else SHORT_TARGETS[target.kind]
    mood = target_words.mood(target, now)
    style = "$faint-text" if mood == "rest" else f"bold ${mood}"
    left = Piece(target_words.left(target, now).replace("late by", "late"), style)
    return (Piece(f"{name} ", "$faint-text"), left) if width >= WITH_TARGET else (left,)


def _draft(row: DraftRow, now: datetime, width: int) -> WorkLine:
    key, about = f"draft:{row.draft_id}", (row.thread_id, row.number, row.subject)
    item = Item(key, *about, draft_id=row.draft_id)
    words = one_line(row.subject) or one_line(row.to) or "(empty)"
    right = (Piece(since(row.updated_at, now), "$faint-text"),)
    if row.owner:  # a colleague joined, or sent: the interaction is theirs
        right = (Piece(f"{clip(row.owner, 12)} has it", "$soon"),)
    return item_line(item, "$note", Piece(words, "$muted-text"), right, width, "✎")

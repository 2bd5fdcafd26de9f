"""What deserves a toast: pure comparisons of what was with what is."""

from collections.abc import Sequence
from dataclasses import dataclass

from agentdesk.domain.ccaas.transfers import Passed
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Desktop, Health, InboxCard, LoopHealth, WorkRow
from agentdesk.tui import case_news
from agentdesk.tui.widgets.cells import clip, one_line

TITLE_CELLS = 40


@dataclass(frozen=True, slots=True)
class News:
    """One toast. `ring`: it needs the agent, so the bell too."""

    title: str
    sentence: str
    ring: bool = False
    bad: bool = False


def of_desktop(before: Desktop | None, after: Desktop, active: ThreadId | None) -> tuple[News, ...]:
    """New offers, and answers and mentions in tabs that are not being looked at."""
    known = {card.work_item_id for card in before.inbox} if before else set()
    offers = [
        News(
            _offer_title(card),
            f"{clip(card.subject, TITLE_CELLS)} · {clip(card.customer, 24)}",
            True,
        )
        for card in after.inbox
        if card.work_item_id not in known
    ]
    return (
        *offers,
        *_given(before, after),
        *_undelivered(before, after),
        *_by_time(before, after),
        *_answers(before, after, active),
        *_mentions(before, after, active),
        *_cases(before, after, active),
    )


def _offer_title(card: InboxCard) -> str:
    return f"{clip(card.sent_by, 24)} sends you work" if card.sent_by else "New offer"


def _given(before: Desktop | None, after: Desktop) -> list[News]:
    """Work that came without asking."""
    return [
        News("New work", f"{clip(row.subject, TITLE_CELLS)} · {clip(row.customer, 24)}", True)
        for row in _new_rows(before, after)
        if row.given
    ]


def opening(before: Desktop | None, after: Desktop) -> tuple[WorkRow, ...]:
    """Work whose tab opens by itself: it has just come; after a restart nothing has."""
    return tuple(row for row in _new_rows(before, after) if row.opens)


def _new_rows(before: Desktop | None, after: Desktop) -> list[WorkRow]:
    """Work that was neither the agent's nor offered to them a moment ago."""
    if before is None:
        return []
    known = {row.interaction_id for row in _rows(before)}
    known |= {card.interaction_id for card in before.inbox}
    return [row for row in after.ongoing if row.interaction_id not in known]


def _undelivered(before: Desktop | None, after: Desktop) -> list[News]:
    """Mails that failed or may have failed: also in the tab that is looked at."""
    was = {row.interaction_id: row.undelivered for row in _rows(before)} if before else {}
    return [
        News(
            "A mail needs you", f"{clip(row.subject, TITLE_CELLS)}: not delivered?", True, bad=True
        )
        for row in _rows(after)
        if row.undelivered > was.get(row.interaction_id, 0)
    ]


def _by_time(before: Desktop | None, after: Desktop) -> list[News]:
    """What is closed soon, and what came back from its snooze: also in the tab that is looked at."""
    return [
        News(
            "Back from its snooze" if row.state is not State.ON_HOLD else "Closes soon",
            f"{clip(row.subject, TITLE_CELLS)} · {clip(row.customer, 24)}",
            True,
        )
        for row in _rows(after)
        if before is not None and _is_by_time(before, row)
    ]


def _is_by_time(before: Desktop, row: WorkRow) -> bool:
    """Whether its unread mark comes from the clock, not from anybody who wrote."""
    was = next((r for r in before.on_hold if r.interaction_id == row.interaction_id), None)
    if was is None:
        return False
    if row.state is State.ON_HOLD:
        return row.closing and not was.closing
    return was.snoozed_until is not None and was.snoozed_until <= row.changed_at


def _rows(desktop: Desktop) -> tuple[WorkRow, ...]:
    return (*desktop.ongoing, *desktop.on_hold)


def _answers(before: Desktop | None, after: Desktop, active: ThreadId | None) -> list[News]:
    if before is None:
        return []
    was = unread(before)
    stuck = {row.interaction_id: row.undelivered for row in _rows(before)}
    return [
        News(f"{clip(row.customer, 24)} wrote", clip(row.subject, TITLE_CELLS), True)
        for row in _rows(after)
        if row.interaction_id != active
        and row.undelivered <= stuck.get(row.interaction_id, 0)
        and not _is_by_time(before, row)
        and row.interaction_id in was
        and row.unread > was[row.interaction_id]
    ]


def _mentions(before: Desktop | None, after: Desktop, active: ThreadId | None) -> list[News]:
    """Colleagues who name this agent in a note, unless it is being looked at."""
    if before is None:
        return []
    known = {row.mention_id for row in before.mentions}
    return [
        News(f"{clip(row.by, 24)} mentions you", clip(row.words, 2 * TITLE_CELLS), True)
        for row in reversed(after.mentions)
        if row.mention_id not in known and row.thread_id != active
    ]


def _cases(before: Desktop | None, after: Desktop, active: ThreadId | None) -> list[News]:
    told = case_news.of_cases(before, after, active)
    return [News(title, sentence, True, bad=bad) for title, sentence, bad in told]


def passed_on(before: Desktop | None, after: Desktop) -> tuple[WorkRow, ...]:
    """What was on its way to somebody else a moment ago, and is so no more."""
    still = {row.interaction_id for row in _rows(after) if row.transferring_to}
    was = _rows(before) if before is not None else ()
    return tuple(r for r in was if r.transferring_to and r.interaction_id not in still)


def of_transfer(row: WorkRow, passed: Passed, *, mine: bool) -> News:
    """How its transfer ended, for who asked for it; *mine*: it is still theirs."""
    if not passed.why:
        return News("Transferred", f"{row.number} went to {clip(passed.to, TITLE_CELLS)}.")
    now = f" It waits in {clip(passed.back_to, TITLE_CELLS)}." if passed.back_to else ""
    now = " It is yours again." if mine else now
    return News("Not transferred", f"{row.number}: {one_line(passed.why)}{now}", True, bad=True)


def of_health(before: Sequence[LoopHealth], after: Sequence[LoopHealth]) -> tuple[News, ...]:
    """Each loop that says something new, and each that has recovered."""
    was = {loop.name: loop for loop in before}
    found = []
    for loop in after:
        old = was.get(loop.name)
        if loop.sentence and (old is None or old.sentence != loop.sentence):
            found.append(News(clip(loop.name, TITLE_CELLS), loop.sentence, bad=True))
        elif old and old.sentence and not loop.sentence and loop.health is not Health.STOPPED:
            found.append(News(clip(loop.name, TITLE_CELLS), "Works again."))
    return tuple(found)


def settled(before: Sequence[LoopHealth], after: Sequence[LoopHealth]) -> tuple[LoopHealth, ...]:
    """The loops as they are told of: one that works now is told as it was before it began."""
    was = {loop.name: loop for loop in before}
    return tuple(was.get(x.name, _idle(x)) if x.health is Health.BUSY else x for x in after)


def _idle(loop: LoopHealth) -> LoopHealth:
    return LoopHealth(loop.name, Health.IDLE)


def marks(desktop: Desktop) -> dict[ThreadId, int]:
    """What a tab shows as new: unread mails of this agent, and notes that mention them."""
    found = unread(desktop)
    for row in desktop.mentions:
        found[row.thread_id] = found.get(row.thread_id, 0) + 1
    return found


def unread(desktop: Desktop) -> dict[ThreadId, int]:
    """Unread mails of each interaction of this agent, and of each case on the desk."""
    found: dict[ThreadId, int] = {row.interaction_id: row.unread for row in _rows(desktop)}
    return found | {row.case_id: row.unread for row in desktop.cases}

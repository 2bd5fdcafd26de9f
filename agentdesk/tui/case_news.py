"""What of cases deserves a toast: mail in one, a service level that is near or missed, a new owner."""

from collections.abc import Iterator, Mapping

from agentdesk.domain.case_views import CaseRow, TargetMood
from agentdesk.domain.ids import CaseId, ThreadId
from agentdesk.domain.views import Desktop
from agentdesk.tui.widgets.cells import clip

CELLS = 40
Told = tuple[str, str, bool]
"""Title, sentence, and whether it is bad news."""


def of_cases(before: Desktop | None, after: Desktop, active: ThreadId | None) -> Iterator[Told]:
    """Since *before*; what was there at the start is no news, what is looked at needs no toast."""
    if before is None:
        return
    known = {row.case_id: row for row in before.cases}
    for row in after.cases:
        yield from _wrote(known, row, active)
        yield from _promised(known, row)


def _wrote(
    known: Mapping[CaseId, CaseRow], row: CaseRow, active: ThreadId | None
) -> Iterator[Told]:
    was = known.get(row.case_id)
    if row.case_id == active:
        return
    if was is None:
        title = f"{clip(row.customer, 24)} wrote" if row.unread else "A case is yours"
        yield title, f"{row.number}: {clip(row.subject, CELLS)}", False
    elif row.unread > was.unread:
        sentence = f"{row.number}: {clip(row.subject, CELLS)}"
        yield f"{clip(row.customer, 24)} wrote", sentence, False


def _promised(known: Mapping[CaseId, CaseRow], row: CaseRow) -> Iterator[Told]:
    """Also in the tab that is looked at: a promise is about to break."""
    was, target = known.get(row.case_id), row.next_target
    if target is None or was is None:
        return
    old = was.next_target
    same = old is not None and (old.kind, old.mood) == (target.kind, target.mood)
    if same or target.mood not in (TargetMood.WARNING, TargetMood.MISSED):
        return
    missed = target.mood is TargetMood.MISSED
    how = "missed" if missed else "near"
    name = target.kind.label.capitalize()
    yield f"{name} is {how}", f"{row.number}: {clip(row.subject, CELLS)}", missed

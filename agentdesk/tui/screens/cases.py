"""Lists of cases: mine, of my groups, watched, overdue, all; a search box, enter to open."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from agentdesk import services
from agentdesk.domain.case import CaseState
from agentdesk.domain.case_views import CaseRow
from agentdesk.domain.views import Page
from agentdesk.tui.screens.row_lists import RowList
from agentdesk.tui.screens.rows_screen import RowsScreen
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import target_words
from agentdesk.tui.widgets.cells import one_line
from agentdesk.tui.widgets.virtual_list import Column

LISTS = {
    "mine": "Mine",
    "group": "My groups",
    "open": "Open",
    "watched": "Watched",
    "overdue": "Overdue",
    "resolved": "Resolved",
    "closed": "Closed",
    "all": "All",
}
"""The names that `cases.page` knows."""

STATE_STYLES = {
    CaseState.NEW: "$unread",
    CaseState.OPEN: "$calm",
    CaseState.AWAITING_INFO: "$soon",
    CaseState.RESOLVED: "$muted-text",
    CaseState.CLOSED: "$faint-text",
}


class CaseList(RowList[CaseRow]):
    """Cases, by latest change; countdowns tick."""

    def key_of(self, row: Any) -> Any:
        """One case."""
        return row.case_id

    def on_mount(self) -> None:
        """Countdowns tick with the app."""
        super().on_mount()
        shell(self).ticked.subscribe(self, self._tick)

    def _tick(self, _moment: datetime) -> None:
        self.refresh_changed()

    def columns(self) -> Sequence[Column[CaseRow]]:
        """Number, subject, who, where it stands, what is promised."""
        return [
            Column("Number", lambda row: (row.number, "$muted-text"), 9),
            Column("Subject", _subject),
            Column("Customer", lambda row: (one_line(row.customer), "$foreground"), 18, 100),
            Column("State", lambda row: (row.state.label, STATE_STYLES[row.state]), 13, 60),
            Column("Owner", _owner, 14, 90),
            Column("Group", lambda row: (row.group or "–", "$muted-text"), 12, 140),
            Column("Pri", _priority, 3, 50, True),
            Column("Next target", self._target, 14, 112),
            Column("Left", self._left, 11, 0, True),
        ]

    def _target(self, row: CaseRow) -> tuple[str, str]:
        """What ends first, and how much is left of it."""
        if row.next_target is None:
            return "", ""
        return row.next_target.kind.label, "$muted-text"

    def _left(self, row: CaseRow) -> tuple[str, str]:
        if row.next_target is None:
            return self._when(row.changed_at), "$faint-text"
        now = shell(self).now()
        mood = target_words.mood(row.next_target, now)
        words = target_words.left(row.next_target, now).replace("late by", "late")
        return words, "$faint-text" if mood == "rest" else f"bold ${mood}"

    async def fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[CaseRow] | None:
        """Of the chosen list, with the typed words."""
        app, (which, words) = shell(self), self._asked()
        page: dict[str, Any] = {"after": after, "before": before, "limit": limit}
        coro = services.cases.page(app.desk, app.actor, which=which, search=words, **page)
        return await app.act(coro)


class CasesScreen(RowsScreen[CaseRow]):
    """Answers the case to open, or nothing."""

    TITLE_WORDS: ClassVar[str] = "Cases"
    NAMES: ClassVar[Mapping[str, str]] = LISTS

    def __init__(self, first: str = "mine") -> None:
        super().__init__(first, id="cases")

    def kind_of(self, name: str) -> type[RowList[Any]]:
        """All are cases."""
        return CaseList

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Cases are in no queue."""
        if action in ("take_row", "explain_row"):
            return False
        return super().check_action(action, parameters)


def _subject(row: CaseRow) -> tuple[str, str]:
    words = one_line(row.subject) or "(no subject)"
    if row.unread:
        return f"• {words}", "bold $foreground"
    return words, "$muted-text" if row.state.closed else "$foreground"


def _owner(row: CaseRow) -> tuple[str, str]:
    return one_line(row.owner or row.group) or "–", "$muted-text"


def _priority(row: CaseRow) -> tuple[str, str]:
    style = {1: "bold $late", 2: "$soon"}.get(row.priority, "$muted-text")
    return f"P{row.priority}", style

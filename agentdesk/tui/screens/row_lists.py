"""The lists of the lists screen: interactions, what waits, and the agent's own wrap-ups.

Each knows how it is read, what its columns are, and what a row opens.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from textual.binding import Binding, BindingType

from agentdesk import services
from agentdesk.domain.interaction import State
from agentdesk.domain.views import InteractionRow, Page, WaitingRow, WrapUpRow
from agentdesk.domain.wrapup import Sync
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import countdown
from agentdesk.tui.widgets.asked_list import AskedList
from agentdesk.tui.widgets.cells import one_line, since, span_words
from agentdesk.tui.widgets.virtual_list import Column

Row = TypeVar("Row")
Asked = Callable[[], tuple[str, str]]
"""Which list, and the words that are looked for."""

BEYOND_LAST = "0.0"
"""A cursor older than every row: the page before it is the last one."""

STATE_STYLES = {
    State.NEW: "$unread",
    State.WORK_IN_PROGRESS: "$calm",
    State.ON_HOLD: "$muted-text",
    State.WRAP_UP: "$soon",
    State.CLOSED_COMPLETE: "$faint-text",
    State.CLOSED_ABANDONED: "$faint-text",
}


class RowList(AskedList[Row]):
    """Its enter carries the id of an action, so that the footer shows it and a key map moves it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Open", id="open_row")]
    EMPTY = "Nothing here. Other words or another list may find it."
    LAST: ClassVar[str | None] = BEYOND_LAST

    def key_of(self, row: Any) -> Any:
        """What tells a row from the others."""
        return row.interaction_id


class InteractionList(RowList[InteractionRow]):
    """Interactions, by latest change."""

    def columns(self) -> Sequence[Column[InteractionRow]]:
        """Number, subject, who, where it stands."""
        return [
            Column("Number", _number, 10),
            Column("Subject", _subject),
            Column("Customer", lambda row: (row.customer, "$foreground"), 20, from_width=90),
            Column("State", _state, 16, from_width=60),
            Column("Owner", lambda row: (row.owner or "–", "$muted-text"), 14, from_width=110),
            Column("Queue", lambda row: (row.queue, "$muted-text"), 14, from_width=130),
            Column("Changed", lambda row: (self._when(row.changed_at), "$muted-text"), 11, 0, True),
        ]

    async def fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[InteractionRow] | None:
        """Of the chosen list, with the typed words."""
        app, (which, words) = shell(self), self._asked()
        page: dict[str, Any] = {"after": after, "before": before, "limit": limit}
        coro = services.views.interactions(app.desk, app.actor, which=which, search=words, **page)
        return await app.act(coro)


class WaitingList(RowList[WaitingRow]):
    """Work that this agent may take from its queue, in the order in which it would be offered."""

    EMPTY = "Nothing waits that you may take."
    LAST: ClassVar[str | None] = None

    def columns(self) -> Sequence[Column[WaitingRow]]:
        """What it is, where and for how long it waits, what it asks for."""
        return [
            Column("Number", _number, 10),
            Column("Subject", _subject),
            Column("Customer", _customer, 20, from_width=90),
            Column("Queue", lambda row: (row.queue, "$muted-text"), 14, from_width=60),
            Column("Asks for", _skills, 16, from_width=120),
            Column("Pri", lambda row: (str(row.priority), _urgent(row.priority)), 3, 0, True),
            Column("Waits", self._waits, 6, 0, True),
        ]

    def _waits(self, row: WaitingRow) -> tuple[str, str]:
        now = shell(self).now()
        late = row.target_at is not None and row.target_at <= now
        return since(row.queued_at, now), "bold $over" if late else "$muted-text"

    async def fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[WaitingRow] | None:
        """With the typed words."""
        app, (_, words) = shell(self), self._asked()
        page: dict[str, Any] = {"after": after, "before": before, "limit": limit}
        return await app.act(services.picking.page(app.desk, app.actor, search=words, **page))


class WrapUpList(RowList[WrapUpRow]):
    """This agent's handlings: the running ones with their countdown, then those of before."""

    EMPTY = "You have wrapped up nothing yet."

    def key_of(self, row: Any) -> Any:
        """One handling."""
        return row.segment_id

    def on_mount(self) -> None:
        """Countdowns tick."""
        super().on_mount()
        shell(self).ticked.subscribe(self, self._tick)

    def _tick(self, _moment: datetime) -> None:
        if any(row.submitted_at is None for row in self._window.rows[:1]):
            self.refresh()

    def columns(self) -> Sequence[Column[WrapUpRow]]:
        """What it was, how it ended, how long it took; and whether a contact centre knows."""
        there = bool(shell(self).desk.rules.centres)
        return [
            Column("Number", _number, 10),
            Column("Subject", lambda row: (one_line(row.subject) or "(no subject)", "$foreground")),
            Column("Customer", _customer, 18, from_width=90),
            Column("Code", _code, 20, from_width=60),
            Column("Notes", _notes, 24, from_width=170 if there else 130),
            *(CENTRE_COLUMNS if there else ()),
            Column("By", _by, 9, from_width=140 if there else 76),
            Column("Took", _took, 7, 150 if there else 100, True),
            Column("When", self._ends, 11, 0, True),
        ]

    def _ends(self, row: WrapUpRow) -> tuple[str, str]:
        """The countdown of a running one, else when it ended."""
        if row.submitted_at is not None:
            return self._when(row.submitted_at), "$muted-text"
        if row.due_at is None:
            return "", ""
        now = shell(self).now()
        mood = countdown.meaning(row.opened_at, row.due_at, now).value
        return countdown.words(row.due_at, now), f"bold ${mood}"

    async def fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[WrapUpRow] | None:
        """With the typed words."""
        app, (_, words) = shell(self), self._asked()
        page: dict[str, Any] = {"after": after, "before": before, "limit": limit}
        return await app.act(services.wrap_up_list.page(app.desk, app.actor, search=words, **page))


def _number(row: Any) -> tuple[str, str]:
    return row.number, "$muted-text"


def _subject(row: Any) -> tuple[str, str]:
    words = one_line(row.subject) or "(no subject)"
    closed = isinstance(row, InteractionRow) and row.state.closed
    return words, "$muted-text" if closed else "$foreground"


def _customer(row: Any) -> tuple[str, str]:
    vip = isinstance(row, WaitingRow) and row.vip
    return f"{'★ ' if vip else ''}{one_line(row.customer)}", "$vip" if vip else "$foreground"


def _state(row: InteractionRow) -> tuple[str, str]:
    return row.state.label, STATE_STYLES[row.state]


def _skills(row: WaitingRow) -> tuple[str, str]:
    return one_line(", ".join(row.skills)), "$muted-text"


def _urgent(priority: int) -> str:
    return "bold $late" if priority <= 1 else "$soon" if priority == 2 else "$muted-text"


def _code(row: WrapUpRow) -> tuple[str, str]:
    if row.submitted_at is None:
        return "runs", "$soon"
    return one_line(row.code) or "–", "$foreground"


def _notes(row: WrapUpRow) -> tuple[str, str]:
    return one_line(row.notes), "$muted-text"


def _by(row: WrapUpRow) -> tuple[str, str]:
    return row.by, "$late" if row.by == "timed out" else "$muted-text"


def _took(row: WrapUpRow) -> tuple[str, str]:
    return (span_words(row.seconds) if row.seconds is not None else ""), "$muted-text"


SYNC_WORDS = {
    Sync.LOCAL: ("", "$muted-text"),
    Sync.AWAITING: ("awaiting", "$soon"),
    Sync.CONFIRMED: ("confirmed", "$calm"),
    Sync.ATTRIBUTE: ("noted beside it", "$soon"),
    Sync.PARKED: ("waits for admin", "$late"),
    Sync.GIVEN_UP: ("not sent", "$over"),
}


def _sync(row: WrapUpRow) -> tuple[str, str]:
    """Whether the contact centre has the code."""
    if row.differs:
        return "differs", "$late"
    words, mood = SYNC_WORDS[row.sync]
    return words or ("–" if row.centre else ""), mood


def _code_there(row: WrapUpRow) -> tuple[str, str]:
    return one_line(row.external_code), "$muted-text"


CENTRE_COLUMNS: Sequence[Column[WrapUpRow]] = (
    Column("There", _sync, 15, from_width=70),
    Column("Its code", _code_there, 18, from_width=120),
)
"""How a wrap-up stands at the contact centre that routed its work."""

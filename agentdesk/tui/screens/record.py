"""A record page: the head, what is known, and the lists of what belongs to it."""

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from agentdesk import services
from agentdesk.domain.people import HistoryRow
from agentdesk.domain.views import Page, StreamPage
from agentdesk.tui import actions, records
from agentdesk.tui.actions import Scope
from agentdesk.tui.catalogue import BY_ID
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.panes.record_stream import RecordStream
from agentdesk.tui.panes.stream_reader import READERS
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.history_list import HistoryList
from agentdesk.tui.widgets.list_choice import ListChoice
from agentdesk.tui.widgets.record_facts import AnyRecord, RecordFacts, RecordTitle
from agentdesk.tui.widgets.virtual_list import VirtualList

HISTORY, STREAM = "history", "stream"
APART_S = 0.5
"""From one reading to the next: the feed may name a busy account many times a second."""


class RecordScreen(Screen[None]):
    """What persons and accounts have in common. Subclasses read and act."""

    CSS_PATH = "record.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-stacked"),
        (110, "-beside"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.RECORD),
        *actions.bindings(Scope.LISTS, *actions.IN_EVERY_LIST),
        *actions.bindings(Scope.INTERACTION, *READERS, via="stream"),
        *(Binding(str(n), f"choose_list({n})", show=False) for n in range(1, 4)),
    ]
    LISTS: ClassVar[Mapping[str, str]] = {HISTORY: "History", STREAM: "Stream"}

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.record: AnyRecord | None = None
        self._latest = Latest(self, self._read_record, apart_s=lambda: APART_S)

    def compose(self) -> ComposeResult:
        yield RecordTitle(id="record-title")
        with Container(id="record"):
            yield RecordFacts(id="record-facts")
            with Vertical(id="record-lists"):
                yield ListChoice("Record", self.LISTS, id="record-choice")
                yield ContentSwitcher(id="record-rows")
        yield DeskFooter()

    @property
    def choice(self) -> ListChoice:
        """Which list is shown."""
        return self.query_one(ListChoice)

    @property
    def shown(self) -> Widget | None:
        """The list, or the stream."""
        found = self.query("#record-rows")
        return found.first(ContentSwitcher).visible_content if found else None

    async def on_mount(self) -> None:
        """The record, and its first list."""
        self._latest.ask()
        await self._show_list()
        self.watch(self.choice, "chosen_list", self._show_list, init=False)

    # What subclasses know

    async def read_record(self) -> AnyRecord | None:
        """The record now; None where it could not be read and the user knows."""
        raise NotImplementedError

    @property
    def whose(self) -> dict[str, Any]:
        """Whose history and stream it is, as services are asked."""
        raise NotImplementedError

    def concerns(self, event: RecordsChanged) -> bool:
        """Whether a change names this record."""
        raise NotImplementedError

    def possible(self, action: str) -> bool:
        """Whether the record as it is allows an action."""
        raise NotImplementedError

    def make_list(self, name: str) -> Widget:
        """The widget of a list; it reads by itself."""
        if name == STREAM:
            return RecordStream(self.read_stream, id=STREAM)
        return HistoryList(self.fetch_history, people=False, id=HISTORY)

    # Reading

    async def fetch_history(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[HistoryRow] | None:
        """A page of interactions and cases."""
        app = shell(self)
        page: dict[str, Any] = {"after": after, "before": before, "limit": limit, **self.whose}
        rows: Page[HistoryRow] | None = await app.act(
            services.people.history(app.desk, app.actor, **page)
        )
        return rows

    async def read_stream(self, before: int | None) -> StreamPage | None:
        """The newest activities, or those before a seq."""
        app = shell(self)
        page: StreamPage | None = await app.act(
            services.people.stream(app.desk, app.actor, before=before, **self.whose)
        )
        return page

    async def _read_record(self) -> None:
        record = await self.read_record()
        if record is not None and self.is_attached:
            self.show_record(record)

    def show_record(self, record: AnyRecord) -> None:
        """Head and facts."""
        self.record = record
        self.query_one(RecordTitle).record = record
        self.query_one(RecordFacts).record = record
        self.refresh_bindings()

    def read_again(self) -> None:
        """The record, and the list that is shown."""
        self._latest.ask()
        if isinstance(shown := self.shown, VirtualList | RecordStream):
            shown.reload()

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        if self.concerns(event):
            self.read_again()

    @on(VirtualList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    # Lists

    async def _show_list(self) -> None:
        """The widget of the chosen list, made at its first visit; it gets the keys."""
        name = self.choice.chosen_list
        switcher = self.query_one("#record-rows", ContentSwitcher)
        if not switcher.query(f"#{name}"):
            await switcher.add_content(self.make_list(name), id=name)
        switcher.current = name
        shown = switcher.visible_content
        if isinstance(shown, RecordStream):
            self.call_after_refresh(shown.focus_stream)
        elif shown is not None:
            shown.focus()
        self.refresh_bindings()

    def action_choose_list(self, place: int) -> None:
        """The list with that digit."""
        self.choice.choose(place)

    def action_next_list(self) -> None:
        """The list to the right, round the end."""
        self.choice.step(1)

    def action_previous_list(self) -> None:
        """The list to the left, round the end."""
        self.choice.step(-1)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What this role may do with this record."""
        if action == "stream":
            shown = self.shown
            return isinstance(shown, RecordStream) and bool(
                shown.check_action(str(parameters[0]), ())
            )
        known = BY_ID.get(action)
        if known is None or known.scope is not Scope.RECORD:
            return super().check_action(action, parameters)
        if known not in actions.allowed((known,), shell(self).actor.role):
            return False
        if action == "open_history":
            return isinstance(self.shown, VirtualList) and self.shown.has_rows
        return self.record is not None and self.possible(action)

    async def action_stream(self, action_id: str) -> None:
        """One of a reader's actions."""
        if isinstance(shown := self.shown, RecordStream):
            await shown.run_action(action_id)

    @on(VirtualList.Selected)
    async def action_open_history(self) -> None:
        """An interaction or a case as a tab of the desk."""
        shown = self.shown
        row = shown.row if isinstance(shown, HistoryList) else None
        if row is not None:
            await records.open_on_desk(shell(self), row.thread_id, row.number)

    def action_go_back(self) -> None:
        """To the screen below."""
        self.dismiss(None)

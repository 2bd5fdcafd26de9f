"""Find people and accounts while typing; open, create, and for supervisors import and export."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from agentdesk import services
from agentdesk.domain.people import PersonHit
from agentdesk.domain.views import Page
from agentdesk.tui import actions, record_editing, records
from agentdesk.tui.actions import Scope
from agentdesk.tui.catalogue import BY_ID
from agentdesk.tui.hints import key_of
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.reading import Calm
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.line import Line, LineWidget, Piece
from agentdesk.tui.widgets.people_list import PeopleList
from agentdesk.tui.widgets.virtual_list import VirtualList

CALM_S = 0.12
"""Pause in typing after which is looked; shorter than in other lists, because an index answers."""

FOUND = 200
"""Hits that are shown; more words find the others."""


class PeopleHead(LineWidget):
    """What this screen is."""

    def pieces(self, width: int) -> Line:
        """The title."""
        return [Piece(" People and accounts", "bold $heading-text")]


class PeopleScreen(Screen[None]):
    """A box to type in, what was found below it."""

    CSS_PATH = "people.tcss"
    AUTO_FOCUS = "#search"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.PEOPLE),
        *actions.bindings(Scope.LISTS, "go_back", "focus_search"),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="people")
        self._calm = Calm(self)
        self._folder = ""

    def compose(self) -> ComposeResult:
        yield PeopleHead(id="people-head")
        yield Input(id="search", placeholder="A name, an address or a company", compact=True)
        yield PeopleList(self._fetch, empty="", id="people-rows")
        yield DeskFooter()

    @property
    def rows(self) -> PeopleList:
        """What was found."""
        return self.query_one(PeopleList)

    @property
    def words(self) -> str:
        """What is looked for."""
        return self.query_one("#search", Input).value.strip()

    def on_mount(self) -> None:
        """Cursors blink only where settings say so."""
        self.query_one(Input).cursor_blink = shell(self).options.blink

    async def _fetch(
        self, after: str | None, before: str | None, limit: int
    ) -> Page[PersonHit] | None:
        app, words = shell(self), self.words
        self.rows.say_when_empty(self._nothing(words))
        hits = await app.act(services.people.find(app.desk, app.actor, words, limit=FOUND))
        return None if hits is None else Page(tuple(hits))

    def _nothing(self, words: str) -> str:
        """What to do where nobody is found."""
        new = key_of(self, "new_record")
        if not words:
            return f"Type a name, an address or a company. {new} makes a new record."
        return f"Nobody by these words. Fewer letters find more; in the list, {new} makes a record."

    # What makes it read

    @on(Input.Changed, "#search")
    def _typed(self) -> None:
        self._calm.then(self._start_over, CALM_S)

    def _start_over(self) -> None:
        """Other people are meant: an answer to the words before is dropped."""
        self._calm.stop()
        self.rows.cursor = None
        self.rows.load()
        self.refresh_bindings()

    @on(Input.Submitted, "#search")
    def _submitted(self) -> None:
        """To the rows; what was typed just now is looked for at once."""
        self._start_over()
        self.rows.focus()

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        if event.change.customers or event.change.accounts:
            self.rows.reload()

    @on(VirtualList.Highlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What this role may do, where there is a row to do it with."""
        known = BY_ID.get(action)
        if known is None or known.scope is not Scope.PEOPLE:
            return super().check_action(action, parameters)
        if known not in actions.allowed((known,), shell(self).actor.role):
            return False
        return action not in ("open_person", "write_to_person") or bool(self._row)

    @property
    def _row(self) -> PersonHit | None:
        found = self.query(PeopleList)
        return found.first().row if found else None

    def action_move(self, by: int) -> None:
        """The row above or below, while typing goes on."""
        self.rows.action_move(by)

    @on(VirtualList.Selected)
    def action_open_person(self) -> None:
        """Open the highlighted record."""
        if (hit := self._row) is not None:
            records.open_hit(shell(self), hit)

    def action_write_to_person(self) -> None:
        """Begin a mail to the highlighted customer."""
        if (hit := self._row) is not None:
            app = shell(self)
            app.run_worker(records.write_to_hit(app, hit), group="letter")

    @work(group="record", exclusive=True)
    async def action_new_record(self) -> None:
        """Ask what, and make it."""
        found = self.rows.has_rows
        await record_editing.create(shell(self), "" if found else self.words)

    @work(group="files", exclusive=True)
    async def action_import_people(self) -> None:
        """Take a file in, after seeing what would happen."""
        from agentdesk.tui import people_exchange

        if await people_exchange.bring_in(shell(self)):
            self.rows.reload()

    @work(group="files", exclusive=True)
    async def action_export_people(self) -> None:
        """Everybody, in a file that only this person can read."""
        from agentdesk.tui import people_exchange

        self._folder = await people_exchange.write_out(shell(self), self._folder) or self._folder

    def action_go_back(self) -> None:
        """To the screen below."""
        self.dismiss(None)

    def action_focus_search(self) -> None:
        """Type whom to look for."""
        self.query_one(Input).focus()

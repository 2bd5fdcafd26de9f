"""Contact centres: how each is, what stands for what there, and what waits for an administrator."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Static

from agentdesk import services
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ccaas.views import CentreStatus, MappingRow, OrderRow, ReviewRow
from agentdesk.tui import actions
from agentdesk.tui.actions import Scope
from agentdesk.tui.catalogue import BY_ID
from agentdesk.tui.centre_verbs import CentreVerbs
from agentdesk.tui.messages import HealthChanged, Openable, RecordsChanged
from agentdesk.tui.reading import Latest
from agentdesk.tui.screens.centre_lists import (
    KINDS,
    CentreList,
    MappedList,
    OursList,
    ReviewList,
    TheirsList,
    WaitingOrderList,
)
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import centre_head
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.line import Line, Piece, spread
from agentdesk.tui.widgets.list_choice import ListChoice
from agentdesk.tui.widgets.virtual_list import VirtualList

LISTS: Mapping[str, str] = {
    "ours": "Ours unmapped",
    "theirs": "Theirs unmapped",
    "mapped": "Mapped",
    "waiting": "Waiting",
    "review": "To review",
}
WIDGETS: Mapping[str, type[CentreList[Any]]] = {
    "ours": OursList,
    "theirs": TheirsList,
    "mapped": MappedList,
    "waiting": WaitingOrderList,
    "review": ReviewList,
}
EVERY_S = 5.0
"""How long ago something was heard is told anew so often."""


class CentreChoice(ListChoice):
    """Also which kind is listed."""

    kind: reactive[Kind | None] = reactive(None)

    def pieces(self, width: int) -> Line:
        """The lists, and at the right what they are cut down to."""
        only = [Piece(f"only: {KINDS[self.kind]} ", "$unread", "kind")] if self.kind else []
        return spread(super().pieces(width), only, width)

    def chosen(self, target: str) -> None:
        """A click on a name, or on the kind."""
        if target == "kind":
            self.call_later(self.screen.run_action, "choose_kind")
        else:
            super().chosen(target)


class CentresScreen(Screen[Openable | None]):
    """Answers the row whose interaction is to be opened, or nothing."""

    CSS_PATH = "centres.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.CENTRES),
        *actions.bindings(Scope.LISTS, *actions.IN_EVERY_LIST),
        *(Binding(str(n), f"choose_list({n})", show=False) for n in range(1, len(LISTS) + 1)),
    ]

    def __init__(self) -> None:
        super().__init__(id="centres")
        self._centres: tuple[CentreStatus, ...] | None = None
        self._verbs = CentreVerbs(self)
        self._latest = Latest(self, self._read)

    def compose(self) -> ComposeResult:
        yield Static("", id="centre-health", markup=False)
        yield CentreChoice("Contact centres", LISTS, id="centre-choice")
        yield ContentSwitcher(id="centre-rows")
        yield Static("", id="centre-told", markup=False)
        yield DeskFooter()

    @property
    def rows(self) -> CentreList[Any]:
        """The list that is shown."""
        return cast("CentreList[Any]", self.query_one(ContentSwitcher).visible_content)

    @property
    def row(self) -> Any:
        """The highlighted row."""
        switcher = self.query(ContentSwitcher)
        shown = switcher.first().visible_content if switcher else None
        return shown.row if isinstance(shown, CentreList) else None

    @property
    def choice(self) -> CentreChoice:
        """Which list is chosen."""
        return self.query_one(CentreChoice)

    @property
    def centres(self) -> Sequence[CentreStatus]:
        """As they were last read."""
        return self._centres or ()

    # Reading

    async def on_mount(self) -> None:
        """The first list; how the centres are, now and by the clock."""
        await self._show_list()
        self.rows.focus()
        self.watch(self.choice, "chosen_list", self._start_over, init=False)
        self.watch(self.choice, "kind", self._start_over, init=False)
        self._latest.ask()
        self.set_interval(EVERY_S, self._latest.ask)

    async def _show_list(self) -> None:
        name = self.choice.chosen_list
        switcher = self.query_one(ContentSwitcher)
        if not switcher.query(f"#list-{name}"):
            made = WIDGETS[name](lambda: self.choice.kind)
            made.id = f"list-{name}"
            await switcher.add_content(made, id=made.id)
        switcher.current = f"list-{name}"

    async def _read(self) -> None:
        app = shell(self)
        found = await app.act(services.ccaas.reading.centres(app.desk, app.actor))
        if found is not None and self.is_attached:
            self._centres = found
            self.show_health()

    def show_health(self) -> None:
        """As it was last read, at this moment."""
        if self._centres is None:
            return
        app = shell(self)
        loops, importing = app.desk_screen.status.loops, self._verbs.importing
        words = centre_head.lines(self._centres, loops, importing, app.now(), app.options.zone)
        self.query_one("#centre-health", Static).update(words)
        self.rows.say_when_empty("" if self._centres else centre_head.NO_CENTRE)
        self.refresh_bindings()

    async def _start_over(self) -> None:
        """Other rows are meant."""
        await self._show_list()
        self.rows.focus()
        self.rows.cursor = None
        self.rows.load()
        self.show_health()
        self._tell()

    def reload(self) -> None:
        """Something is otherwise now."""
        self.rows.reload()
        self._latest.ask()

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        change = event.change
        if change.centres or change.policy or not change.last_seq:
            self.reload()

    @on(HealthChanged)
    def _health_changed(self) -> None:
        self.call_after_refresh(self.show_health)

    @on(VirtualList.Highlighted)
    def _tell(self) -> None:
        """What is to be known of the highlighted row."""
        words = self.rows.told(self.row) if self.row is not None else ""
        self.query_one("#centre-told", Static).update(words)
        self.refresh_bindings()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What means anything in this list, and where there is a row."""
        if action not in BY_ID or BY_ID[action].scope is not Scope.CENTRES:
            return super().check_action(action, parameters)
        row = self.row
        match action:
            case "import_centre":
                return bool(self._centres)
            case "choose_kind":
                return self.choice.chosen_list in ("ours", "theirs", "mapped")
            case "map_record":
                return isinstance(row, MappingRow)
            case "unmap_record":
                return isinstance(row, MappingRow) and bool(row.local and row.external_id)
            case "retry_order" | "discard_order":
                return isinstance(row, OrderRow)
            case "decide_code":
                return isinstance(row, ReviewRow)
        return getattr(row, "interaction_id", None) is not None

    @on(VirtualList.Selected)
    async def _selected(self) -> None:
        """What is nearest: to map it, to decide, or to open it."""
        for action in ("map_record", "decide_code", "open_subject"):
            if self.check_action(action, ()):
                await self.run_action(action)
                return

    @work(group="map", exclusive=True)
    async def action_map_record(self) -> None:
        """Choose its counterpart."""
        if isinstance(self.row, MappingRow):
            await self._verbs.map(self.row)

    @work(group="map", exclusive=True)
    async def action_unmap_record(self) -> None:
        """Without a counterpart again."""
        if isinstance(self.row, MappingRow):
            await self._verbs.unmap(self.row)

    @work(group="import")
    async def action_import_centre(self) -> None:
        """Read what a centre has; of several, ask which."""
        await self._verbs.import_one()

    @work(group="order", exclusive=True)
    async def action_retry_order(self) -> None:
        """Once more."""
        if isinstance(self.row, OrderRow):
            await self._verbs.retry(self.row)

    @work(group="order", exclusive=True)
    async def action_discard_order(self) -> None:
        """Give it up, if that is meant."""
        if isinstance(self.row, OrderRow):
            await self._verbs.discard(self.row)

    @work(group="order", exclusive=True)
    async def action_decide_code(self) -> None:
        """Ours or theirs."""
        if isinstance(self.row, ReviewRow):
            await self._verbs.decide(self.row)

    def action_open_subject(self) -> None:
        """The interaction that it is about, as a tab of the desk."""
        self.dismiss(self.row)

    @work(group="kind", exclusive=True)
    async def action_choose_kind(self) -> None:
        """Only one kind, or all."""
        from agentdesk.tui.dialogs.picker import Choice, PickDialog

        lines = [Choice("", "Every kind"), *(Choice(k.value, w) for k, w in KINDS.items())]
        now = self.choice.kind
        chosen = await self.app.push_screen_wait(PickDialog(lines, now.value if now else ""))
        if chosen is not None:
            self.choice.kind = Kind(chosen) if chosen else None

    def action_choose_list(self, place: int) -> None:
        """The list with that digit."""
        self.choice.choose(place)

    def action_next_list(self) -> None:
        """The list to the right, round the end."""
        self.choice.step(1)

    def action_previous_list(self) -> None:
        """The list to the left, round the end."""
        self.choice.step(-1)

    def action_go_back(self) -> None:
        """To the desk."""
        self.dismiss(None)

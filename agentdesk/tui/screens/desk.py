"""The desk: header, work on the left, tabs in the middle, the customer on the right, footer.

It puts parts together and sends each message to where it belongs; what a part shows is its own
business.
"""

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from agentdesk import services
from agentdesk.domain.case_views import CaseRow
from agentdesk.domain.ids import InteractionId, ThreadId
from agentdesk.domain.views import CustomerCard, Desktop
from agentdesk.tui import actions, news
from agentdesk.tui.actions import BY_ID, Scope
from agentdesk.tui.centre_doors import CentreDoors
from agentdesk.tui.dispatch import Dispatch
from agentdesk.tui.herald import Herald
from agentdesk.tui.keeper import WorkspaceKeeper
from agentdesk.tui.messages import (
    CaseMade,
    DeskOpened,
    HealthChanged,
    InteractionFinished,
    Openable,
    RecordsChanged,
    TabRequested,
    ThreadBecame,
    TransferAsked,
    ViewRead,
)
from agentdesk.tui.panes.parts import NO_TAB, NOT_OPEN, DeskParts
from agentdesk.tui.panes.tabs import EmptyDesk, TabsPane
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import moment_words
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from agentdesk.tui.setup_draft import Draft

NARROW = 100
"""Below this width one part is shown at a time."""

WIDE = 128
"""From this width on the customer is shown too."""

HUGE = 180
"""From this width on the side panes are wider."""

HIDDEN_S = 1.0
"""From one reading to the next behind another screen; each would repaint the screen above."""


class DeskScreen(Screen[None]):
    """The bottom of the screen stack, for as long as the app runs."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-narrow"),
        (NARROW, "-normal"),
        (WIDE, "-wide"),
        (HUGE, "-huge"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"go_to_tab({n})", show=False) for n in range(1, 10)),
        *actions.bindings(Scope.DESK),
        *actions.bindings(Scope.INTERACTION, via="pane"),
    ]

    def __init__(self) -> None:
        super().__init__(id="desk")
        self.desktop: Desktop | None = None
        self.failed = False
        self.dispatch = Dispatch(self)
        self.keeper = WorkspaceKeeper(self)
        self.herald = Herald(self)
        self.doors = CentreDoors(self)
        self._latest = Latest(self, self._read, apart_s=self._apart_s)
        self._setup_draft: Draft | None = None
        self._customers: dict[ThreadId, CustomerCard] = {}

    def compose(self) -> ComposeResult:
        yield StatusLine(id="status")
        yield DeskParts(id="parts")
        yield DeskFooter()

    @property
    def status(self) -> StatusLine:
        """The line at the top."""
        return self.query_one(StatusLine)

    @property
    def parts(self) -> DeskParts:
        """Everything between header and footer."""
        return self.query_one(DeskParts)

    @property
    def tabs(self) -> TabsPane:
        """The open interactions."""
        return self.parts.tabs

    # Opening

    def show_opening(self) -> None:
        """Storage and engine are being opened."""
        self.failed = False
        self.status.title = shell(self).options.title
        self.status.opening = "opening"
        self.query_one(EmptyDesk).show_opening()
        self.refresh_bindings()

    def show_failure(self, sentence: str) -> None:
        """They could not be."""
        self.failed = True
        self.status.opening = "not open"
        self.query_one(EmptyDesk).show_failure(sentence)
        self.refresh_bindings()

    @on(DeskOpened)
    async def _opened(self) -> None:
        """Find everything as it was left."""
        app = shell(self)
        app.ticked.subscribe(self, lambda _: self._tick())
        self._tick()
        self.parts.remove_class(NOT_OPEN)
        self.query_one(EmptyDesk).show_hints()
        await self.tabs.restore(await self.keeper.load())
        self._latest.ask()
        self.parts.show_tabs()
        self.refresh_bindings()
        if app.options.start_at_wallboard and self.dispatch.can_perform("show_wallboard"):
            self.action_show_wallboard()

    # News

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        if event.change.centres:
            self.doors.centres_changed()
        if event.change.may_concern(shell(self).actor.agent_id):
            self._latest.ask()
        self.tabs.records_changed(event)

    @on(HealthChanged)
    def _health_changed(self, event: HealthChanged) -> None:
        self.herald.health(event.loops)
        self.status.loops = event.loops

    def _apart_s(self) -> float:
        """Behind another whole screen only toasts and bells come of a reading."""
        above = self.app.screen_stack[self.app.screen_stack.index(self) + 1 :]
        return HIDDEN_S if any(not screen.is_modal for screen in above) else 0.0

    async def _read(self) -> None:
        """Header and work pane, in one go."""
        app = shell(self)
        status = await app.act(services.presence.status(app.desk, app.actor))
        desktop = await app.act(services.views.desktop(app.desk, app.actor))
        if self.dispatch.can_perform("show_quarantine"):
            aside = await app.act(services.set_aside.waiting(app.desk, app.actor))
            self.status.aside = aside or 0
        await self.doors.read()
        if not self.is_attached or not self.parts.is_attached:
            return
        if status is not None:
            self.status.status, self.parts.work_list.works = status, status.works
            out = tuple(use.name for use in status.centres if not use.signed_in)
            self.parts.work_list.signed_out = out
        if desktop is not None:
            before = self.desktop
            self.desktop = self.parts.work_list.desktop = desktop
            self.tabs.show_unread(news.marks(desktop))
            self._tick()
            await self.herald.desktop(before, desktop)

    def _tick(self) -> None:
        """The clock; and the offers, where the inbox is not seen."""
        app = shell(self)
        self.status.moment = app.now().astimezone(app.options.zone)
        inbox = self.desktop.inbox if self.desktop else ()
        self.status.offers = () if self.parts.work_is_seen else inbox
        self.herald.tick(inbox, app.now())

    # Tabs

    @on(TabRequested)
    async def _interaction_requested(self, event: TabRequested) -> None:
        await self.open_thread(event.thread_id, event.number)
        pane = self.tabs.pane(event.thread_id)
        if pane is not None and event.seq:
            pane.show_entry(event.seq)
        if pane is not None and event.draft_id is not None:
            pane.open_draft(event.draft_id)

    async def open_thread(self, thread_id: ThreadId, number: str) -> None:
        """Show it, and give it the focus."""
        await self.tabs.open(thread_id, number)
        self.parts.show_tabs()

    @on(InteractionFinished)
    async def _interaction_finished(self, event: InteractionFinished) -> None:
        await self.tabs.close(event.interaction_id)
        self.parts.show_tabs()

    @on(CaseMade)
    def _case_made(self, event: CaseMade) -> None:
        self.herald.case_made(event.case_id)

    @on(TransferAsked)
    def _transfer_asked(self, event: TransferAsked) -> None:
        self.herald.transfer_asked(event.interaction_id, over=event.over)

    @on(ThreadBecame)
    async def _thread_became(self, event: ThreadBecame) -> None:
        await self.tabs.become(event.interaction_id, event.case_id, event.number)
        self.parts.show_tabs()

    @on(ViewRead)
    def _view_read(self, event: ViewRead) -> None:
        self._customers[event.view.thread_id] = event.view.customer
        self._show_customer()

    def _show_customer(self) -> None:
        """Whoever writes in the active tab, as it was last read."""
        active = self.tabs.workspace.active
        self.parts.show_customer(self._customers.get(active) if active is not None else None)

    @on(TabsPane.Changed)
    def _tabs_changed(self, event: TabsPane.Changed) -> None:
        """Save it after a moment of calm."""
        self.parts.set_class(event.workspace.active is None, NO_TAB)
        still_open = {tab.thread_id for tab in event.workspace.tabs}
        self._customers = {ix: card for ix, card in self._customers.items() if ix in still_open}
        self._show_customer()
        self.refresh_bindings()
        self.keeper.changed()

    async def flush(self) -> None:
        """Before leaving: what is typed, and the tabs."""
        if shell(self).is_open:
            await self.tabs.flush()
            await self.keeper.save()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done here and now."""
        if action == "pane":
            return self.dispatch.heard_by_tab() and self.dispatch.can_perform(str(parameters[0]))
        if action in BY_ID and BY_ID[action].scope is Scope.DESK:
            return self.dispatch.can_perform(action)
        return super().check_action(action, parameters)

    async def action_pane(self, action_id: str) -> None:
        """Hand an action to the active tab."""
        await self.dispatch.perform(action_id)

    async def action_go_to_tab(self, place: int) -> None:
        """The tab with that digit."""
        await self.tabs.go_to(place)
        self.parts.show_tabs()

    async def action_next_tab(self) -> None:
        """The tab to the right, round the end."""
        await self.tabs.step(1)
        self.parts.show_tabs()

    async def action_previous_tab(self) -> None:
        """The tab to the left, round the end."""
        await self.tabs.step(-1)
        self.parts.show_tabs()

    async def action_close_tab(self) -> None:
        """Only the tab; the interaction stays as it is."""
        if (active := self.tabs.workspace.active) is not None:
            await self.tabs.close(active)
            self.parts.show_tabs()

    def action_focus_inbox(self) -> None:
        """The work list."""
        self.parts.show_work()

    def action_focus_stream(self) -> None:
        """The active conversation."""
        self.parts.show_tabs()

    def action_focus_composer(self) -> None:
        """The mail that is being written."""
        self.parts.show_composer()

    def action_toggle_work(self) -> None:
        """Fold or unfold the work list."""
        self.parts.toggle_work()

    def action_toggle_customer(self) -> None:
        """Fold or unfold the customer."""
        self.parts.toggle_customer()

    def action_retry_opening(self) -> None:
        """Open the desk once more."""
        shell(self).open_desk()

    def action_retry_engine(self) -> None:
        """Connect at once instead of after the pause."""
        shell(self).retry_engine()

    @work(group="presence", exclusive=True)
    async def action_set_presence(self) -> None:
        """Ask which presence, then take it."""
        from agentdesk.tui.dialogs.presence import PresenceDialog

        app = shell(self)
        choices = await app.act(services.presence.choices(app.desk, app.actor))
        if not choices:
            return
        key = await app.push_screen_wait(PresenceDialog(choices, *self._presence_now()))
        if key is not None:
            await app.act(services.presence.set_presence(app.desk, app.actor, key))

    def _presence_now(self) -> tuple[str, str]:
        """Its key, and since when."""
        app, status = shell(self), self.status.status
        if status is None:
            return "", ""
        since = status.since
        when = moment_words(since, app.now(), app.options.zone) if since else ""
        return status.presence, when

    @work(group="sign in")
    async def action_sign_in_mail(self) -> None:
        """Choose a mail account and sign in to it."""
        from agentdesk.tui.dialogs.sign_in import sign_in_to_mail

        await sign_in_to_mail(shell(self))

    @work(group="sign in")
    async def action_sign_in_to_centre(self) -> None:
        """Choose a contact centre and sign in there."""
        from agentdesk.tui.dialogs.sign_in import sign_in_to_centre

        await sign_in_to_centre(shell(self), self.doors.missing)

    def action_show_interactions(self) -> None:
        """All lists, with search."""
        self._show_list("all")

    def action_show_waiting(self) -> None:
        """What this agent may take."""
        self._show_list("waiting")

    def action_show_wrap_ups(self) -> None:
        """What this agent wrapped up."""
        self._show_list("wrap_ups")

    def _show_list(self, name: str) -> None:
        from agentdesk.tui.screens.lists import ListsScreen

        self.app.push_screen(ListsScreen(name), self._open_row)

    @work(group="why", exclusive=True)
    async def action_show_why(self) -> None:
        """Why the highlighted work, or that of the active tab, is where it is."""
        from agentdesk.tui.dialogs import why

        item = self.parts.work_list.item if self.parts.focus_in_work else None
        active = self.tabs.workspace.active
        if item is not None and item.work_item_id is not None:
            await why.explain_item(shell(self), item.work_item_id)
        elif (key := item.thread_id if item is not None else active) is not None:
            await why.explain_interaction(shell(self), InteractionId(key))

    async def _open_row(self, row: Openable | None) -> None:
        if row is not None:
            await self.open_thread(row.interaction_id, row.number)

    def action_show_cases(self) -> None:
        """Lists of cases, with search."""
        from agentdesk.tui.screens.cases import CasesScreen

        self.app.push_screen(CasesScreen(), self._open_case)

    async def _open_case(self, row: CaseRow | None) -> None:
        if row is not None:
            await self.open_thread(row.case_id, row.number)

    def action_find_people(self) -> None:
        """Customers and accounts."""
        from agentdesk.tui.screens.people import PeopleScreen

        self.app.push_screen(PeopleScreen())

    def action_show_wallboard(self) -> None:
        """Queues and agents."""
        from agentdesk.tui.screens.wallboard import WallboardScreen

        self.app.push_screen(WallboardScreen())

    def action_show_quarantine(self) -> None:
        """Mails that could not be filed."""
        from agentdesk.tui.screens.quarantine import QuarantineScreen

        self.app.push_screen(QuarantineScreen())

    def action_show_templates(self) -> None:
        """Canned replies and notes."""
        from agentdesk.tui.screens.templates import TemplatesScreen

        self.app.push_screen(TemplatesScreen())

    def action_show_centres(self) -> None:
        """How contact centres are, and what waits for an administrator."""
        from agentdesk.tui.screens.centres import CentresScreen

        self.app.push_screen(CentresScreen(), self._open_row)

    def action_show_setup(self) -> None:
        """How work reaches agents; what is not saved there is kept."""
        from agentdesk.tui.screens.setup import SetupScreen

        self.app.push_screen(SetupScreen(self._setup_draft), self._keep_setup)

    def _keep_setup(self, draft: "Draft | None") -> None:
        self._setup_draft = draft

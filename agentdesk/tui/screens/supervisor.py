"""The supervisor's area: five screens beside each other, and what they have in common."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from agentdesk import services
from agentdesk.domain.ids import InteractionId
from agentdesk.tui import actions, supervision
from agentdesk.tui.actions import Scope
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.supervision import Supervision
from agentdesk.tui.widgets.footer import DeskFooter
from agentdesk.tui.widgets.supervisor_line import VIEWS, SupervisorLine


class SupervisorScreen(Screen[None]):
    """Read again at every change and each few seconds. Subclasses compose and read one view."""

    view: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(Scope.SUPERVISOR, "toggle_wall"),
        *actions.bindings(Scope.LISTS, *actions.IN_EVERY_LIST),
        *actions.bindings(Scope.DESK, "show_quarantine"),
        *(Binding(str(n), f"choose_view({n})", show=False) for n in range(1, len(VIEWS) + 1)),
    ]

    def __init__(self, shared: Supervision | None = None) -> None:
        super().__init__(id=self.view)
        self.shared = shared or Supervision()
        self._latest = Latest(self, self._read, apart_s=supervision.APART_S)
        self._looking = Latest(self, self._read_aside)

    def compose(self) -> ComposeResult:
        yield SupervisorLine(self.view, id="area")
        yield from self.compose_view()
        yield DeskFooter()

    def compose_view(self) -> Iterable[Widget]:
        """What stands between the line at the top and the footer."""
        raise NotImplementedError

    async def read_view(self) -> None:
        """Read and show what the view shows."""
        raise NotImplementedError

    @property
    def line(self) -> SupervisorLine:
        """The line at the top."""
        return self.query_one(SupervisorLine)

    # Reading

    def on_mount(self) -> None:
        """Read now, at each change, and by the clock."""
        self._by_the_clock()
        self.set_interval(supervision.EVERY_S, self._by_the_clock)

    def _by_the_clock(self) -> None:
        self._latest.ask()
        self._looking.ask()

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        if event.change.moves_work:
            self.ask()

    def ask(self) -> None:
        """Read again as soon as the pace allows; what nobody sees waits until it is seen."""
        if self.is_current or len(self.app.screen_stack) < 2 or self._is_below_dialog:
            self._latest.ask()

    @property
    def _is_below_dialog(self) -> bool:
        """A dialog lets the screen below it shine through."""
        stack = self.app.screen_stack
        return self in stack and all(s.is_modal for s in stack[stack.index(self) + 1 :])

    def on_screen_resume(self) -> None:
        """What changed behind another screen is shown."""
        self._by_the_clock()

    async def _read(self) -> None:
        app = shell(self)
        if not app.is_open:
            return
        await self.read_view()
        if self.is_attached:
            self.line.moment = app.now()

    async def _read_aside(self) -> None:
        """What is set aside is told by the clock: it is no matter of a second."""
        app = shell(self)
        aside = await app.act(services.set_aside.waiting(app.desk, app.actor))
        if self.is_attached:
            self.line.aside = aside or 0

    # Actions

    def action_go_back(self) -> None:
        """To the desk."""
        self.dismiss(None)

    def action_choose_view(self, place: int) -> None:
        """The screen with that digit."""
        if (name := list(VIEWS)[place - 1]) != self.view:
            self.app.switch_screen(make(name, self.shared))

    def action_next_list(self) -> None:
        """The screen to the right, round the end."""
        self._step(1)

    def action_previous_list(self) -> None:
        """The screen to the left, round the end."""
        self._step(-1)

    def _step(self, by: int) -> None:
        place = list(VIEWS).index(self.view) + by
        self.action_choose_view(place % len(VIEWS) + 1)

    def action_show_quarantine(self) -> None:
        """Mails that could not be filed."""
        from agentdesk.tui.screens.quarantine import QuarantineScreen

        self.app.push_screen(QuarantineScreen())

    def action_toggle_wall(self) -> None:
        """The whole screen, for everybody in the room."""
        from agentdesk.tui.screens.wall import WallScreen

        self.app.push_screen(WallScreen(self.shared))

    def read_conversation(self, interaction_id: InteractionId, number: str) -> None:
        """Show a conversation without the means to change it."""
        from agentdesk.tui.screens.reading import ReadingScreen

        self.app.push_screen(ReadingScreen(interaction_id, number))


def make(name: str, shared: Supervision) -> SupervisorScreen:
    """The screen of that name, loaded when it is first seen."""
    if name == "agents-view":
        from agentdesk.tui.screens.agents import AgentsScreen

        return AgentsScreen(shared)
    if name == "work-items":
        from agentdesk.tui.screens.work_items import WorkItemsScreen

        return WorkItemsScreen(shared)
    if name == "charts":
        from agentdesk.tui.screens.charts import ChartsScreen

        return ChartsScreen(shared)
    if name == "effort":
        from agentdesk.tui.screens.effort import EffortScreen

        return EffortScreen(shared)
    from agentdesk.tui.screens.wallboard import WallboardScreen

    return WallboardScreen(shared)

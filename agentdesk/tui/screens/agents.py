"""The supervisor's agents: where each is, how loaded, and what each holds."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from agentdesk import services
from agentdesk.domain.board import AgentLine, Held
from agentdesk.domain.views import Page
from agentdesk.tui import actions
from agentdesk.tui.actions import BY_ID, Scope
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.reading import Latest
from agentdesk.tui.screens.supervisor import SupervisorScreen
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets import board_cells as cells
from agentdesk.tui.widgets.cells import ROUTED, moment_words, one_line
from agentdesk.tui.widgets.columns import Column
from agentdesk.tui.widgets.virtual_list import VirtualList

HELD_STYLES = {"Offered": "$unread", "On Hold": "$muted-text", "Wrap Up": "$soon"}

AT_CENTRE: Sequence[Column[AgentLine]] = (Column("There", cells.at_centres, 18, from_width=60),)
"""How an agent stands at a contact centre; only where there is one."""


class AgentList(VirtualList[AgentLine]):
    """Its enter leads to what the agent has."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Holds", id="show_held")]


class AgentsScreen(SupervisorScreen):
    """Agents, and beside or below them the work of the highlighted one."""

    view: ClassVar[str] = "agents-view"
    CSS_PATH = "agents.tcss"
    AUTO_FOCUS = "#agent-list"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-stacked"),
        (130, "-beside"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(Scope.AGENTS)]
    _moved = True
    """Whether the work of the highlighted agent may be other than it was read."""

    def compose_view(self) -> Iterable[Widget]:
        """The list, and the work of one."""
        self._held: tuple[Held, ...] = ()
        self._shown_card: Content | None = None
        self._holding = Latest(self, self._read_held)
        yield Container(
            AgentList(
                self._columns(),
                self._agents,
                key=lambda row: row.agent_id,
                empty="No agents yet. Settings name them.",
                id="agent-list",
            ),
            Vertical(
                Static("", id="agent-card", markup=False),
                VirtualList(
                    self._held_columns(),
                    self._held_page,
                    key=lambda row: row.interaction_id,
                    empty="Nothing in hand.",
                    id="held",
                ),
                id="agent-detail",
            ),
            id="agents-area",
        )

    # Reading

    async def read_view(self) -> None:
        """The agents, then the work of the highlighted one."""
        if await self.shared.read(shell(self)) is None or not self.is_attached:
            return
        self.agents.reload() if self.agents.has_rows else self.agents.load()
        self._show_card()
        if self._moved:
            self._moved = False
            self._holding.ask()
        else:
            self.held.refresh_changed()  # since when

    @on(RecordsChanged)
    def _note_change(self, event: RecordsChanged) -> None:
        """What only other agents did changes nothing of what this one has."""
        row = self.row
        self._moved |= row is None or event.change.may_concern(row.agent_id)

    def _by_the_clock(self) -> None:
        self._moved = True
        super()._by_the_clock()

    def _show_card(self) -> None:
        card = self._card(row) if (row := self.row) else None
        if card is not None and card != self._shown_card:  # each update lays the screen out again
            self._shown_card = card
            self.query_one("#agent-card", Static).update(card)

    async def _read_held(self) -> None:
        app, row = shell(self), self.row
        if row is None:
            return
        held = await app.act(services.board.held(app.desk, app.actor, row.agent_id))
        if held is None or not self.is_attached:
            return
        self._held = held
        rows = self.held
        rows.reload() if rows.has_rows or not held else rows.load()

    @property
    def agents(self) -> AgentList:
        """The list."""
        return self.query_one(AgentList)

    @property
    def held(self) -> VirtualList[Held]:
        """What the highlighted agent has."""
        return self.query_one("#held", VirtualList)

    @property
    def row(self) -> AgentLine | None:
        """The highlighted agent, as last read."""
        board, key = self.shared.board, self.agents.cursor
        lines = board.agents if board else ()
        return next((line for line in lines if line.agent_id == key), next(iter(lines), None))

    @on(VirtualList.Highlighted, "#agent-list")
    def _highlighted(self) -> None:
        self._show_card()
        self._holding.ask()
        self.refresh_bindings()

    async def _agents(self, *_cursors: object) -> Page[AgentLine]:
        return Page(self.shared.board.agents if self.shared.board else ())

    async def _held_page(self, *_cursors: object) -> Page[Held]:
        return Page(self._held)

    # Drawing

    def _columns(self) -> list[Column[AgentLine]]:
        """Where there is a contact centre, how each stands there goes before what can be missed."""
        there = AT_CENTRE if shell(self).desk.rules.centres else ()
        since, on_hold, last = (84, 76, 110) if there else (56, 64, 74)
        return [
            Column("Agent", lambda row: (row.name, "$foreground")),
            Column("Presence", cells.presence, 14),
            Column("Since", self._presence_since, 7, since, True),
            Column("Load", self._load, cells.LOAD_CELLS + 7),
            *there,
            Column("On hold", lambda row: cells.count(row.on_hold), 7, on_hold, True),
            Column("Last given", self._last_given, 10, last),
        ]

    def _held_columns(self) -> list[Column[Held]]:
        return [
            Column("Number", lambda row: (row.number, "$muted-text"), 10),
            Column("Subject", lambda row: (one_line(row.subject) or "(no subject)", "$foreground")),
            Column("Customer", lambda row: (row.customer, "$muted-text"), 16, 76),
            Column("State", lambda row: (row.state, HELD_STYLES.get(row.state, "$calm")), 16, 40),
            Column("Since", lambda row: (self._since(row.since), "$muted-text"), 8, 50, True),
        ]

    def _presence_since(self, row: AgentLine) -> tuple[str, str]:
        return self._since(row.presence_since), "$muted-text"

    def _last_given(self, row: AgentLine) -> tuple[str, str]:
        return self._when(row.last_assigned_at), "$muted-text"

    def _load(self, row: AgentLine) -> tuple[str, str]:
        words, mood = cells.load(row)
        return (f"{words} ↑", mood) if row.override_until else (words, mood)

    def _since(self, moment: datetime | None) -> str:
        board = self.shared.board
        return cells.since_words(moment, board.at) if board else ""

    def _when(self, moment: datetime | None) -> str:
        app = shell(self)
        return "–" if moment is None else moment_words(moment, app.now(), app.options.zone)

    def _card(self, row: AgentLine) -> Content:
        """Name, groups and skills, and how long another capacity holds."""
        parts: list[tuple[str, str]] = [(one_line(row.name), "bold $heading-text")]
        parts.append((f"  {', '.join(map(one_line, row.groups)) or 'no group'}", "$muted-text"))
        if row.skills:
            skills = ", ".join(f"{one_line(name)} {level}" for name, level in row.skills.items())
            parts.append((f"\n{skills}", "$muted-text"))
        if row.override_until is not None:
            until = self._when(row.override_until)
            words = f"\nCapacity {cells.capacity_words(row.capacity)} until {until}"
            parts.append((words, "$soon"))
        for use in row.centres:
            parts.append(
                (f"\n{ROUTED} {one_line(use.name)}: {cells.there_words(use)}", "$muted-text")
            )
        return Content.assemble(*parts)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What means anything for the highlighted agent."""
        if action not in BY_ID or BY_ID[action].scope is not Scope.AGENTS:
            return super().check_action(action, parameters)
        row = self.row if self.is_mounted else None
        if action == "end_override":
            return row is not None and row.override_until is not None
        if action == "read_held":
            return bool(self._held)
        return row is not None

    def action_go_back(self) -> None:
        """From the work to the agents, from the agents to the desk."""
        if self.focused is self.held:
            self.agents.focus()
        else:
            super().action_go_back()

    @on(VirtualList.Selected, "#agent-list")
    def action_show_held(self) -> None:
        """The keys choose among what the agent has."""
        self.held.focus()

    @on(VirtualList.Selected, "#held")
    def action_read_held(self) -> None:
        """The highlighted conversation."""
        if (row := self.held.row) is not None:
            self.read_conversation(row.interaction_id, row.number)

    @work(group="presence of", exclusive=True)
    async def action_set_presence_of(self) -> None:
        """Ask which, then set it."""
        from agentdesk.tui.dialogs.presence import PresenceDialog

        app, row = shell(self), self.row
        choices = await app.act(services.presence.choices(app.desk, app.actor))
        if not choices or row is None:
            return
        key = await app.push_screen_wait(PresenceDialog(choices, row.presence))
        if key is not None:
            set_it = services.presence.set_presence_of(app.desk, app.actor, row.agent_id, key)
            await app.act(set_it)
            self.ask()

    @work(group="capacity of", exclusive=True)
    async def action_override_capacity(self) -> None:
        """Ask how much for how long, then set it."""
        from agentdesk.tui.dialogs.override import OverrideDialog

        app, row = shell(self), self.row
        if row is None:
            return
        chosen = await app.push_screen_wait(OverrideDialog(row.name, row.capacity))
        if chosen is None:
            return
        until = app.now() + timedelta(hours=chosen.hours)
        override = services.presence.override_capacity(
            app.desk, app.actor, row.agent_id, chosen.capacity, until
        )
        await app.act(override)
        self.ask()

    @work(group="capacity of", exclusive=True)
    async def action_end_override(self) -> None:
        """The usual capacity again."""
        app, row = shell(self), self.row
        if row is not None:
            await app.act(services.presence.end_override(app.desk, app.actor, row.agent_id))
            self.ask()

    @work(group="why", exclusive=True)
    async def action_explain_agent(self) -> None:
        """What waits, and why each is not this agent's."""
        from agentdesk.tui.dialogs.why import explain_agent

        if (row := self.row) is not None:
            await explain_agent(shell(self), row.agent_id, row.name)

"""The middle: a strip of tabs and the interaction or case that is active. Panes are made at first visit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from agentdesk.domain.ids import CaseId, InteractionId, ThreadId, names_a_case
from agentdesk.domain.views import Workspace
from agentdesk.tui import tabs
from agentdesk.tui.actions import BY_ID, keys_of, shown_key
from agentdesk.tui.messages import PositionChanged, RecordsChanged
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.tab_strip import TabStrip

if TYPE_CHECKING:
    from agentdesk.tui.panes.thread import ThreadPane

EMPTY = "empty"


def pane_id(thread_id: ThreadId) -> str:
    """The widget id of that interaction's pane."""
    return f"ix-{thread_id}"


class TabsPane(Widget):
    """Owns the open tabs. Every change of them is posted as `Changed`."""

    @dataclass
    class Changed(Message):
        """Other tabs are open, another one is active, or one was scrolled."""

        workspace: Workspace

    def __init__(self) -> None:
        super().__init__(id="tabs")
        self.workspace = Workspace()
        self._panes: dict[ThreadId, ThreadPane[Any]] = {}

    def compose(self) -> ComposeResult:
        yield TabStrip(id="tab-strip")
        with ContentSwitcher(initial=EMPTY, id="switcher"):
            yield EmptyDesk()

    @property
    def active_pane(self) -> "ThreadPane[Any] | None":
        """The pane that is shown."""
        return self.pane(self.workspace.active)

    def pane(self, thread_id: ThreadId | None) -> "ThreadPane[Any] | None":
        """That interaction's pane, if it was ever visited."""
        return None if thread_id is None else self._panes.get(thread_id)

    def make_pane(self, thread_id: ThreadId) -> "ThreadPane[Any]":
        """A pane for that open tab; its module loads with the first one."""
        from agentdesk.tui.panes.case import CasePane
        from agentdesk.tui.panes.interaction import InteractionPane

        tab = tabs.find(self.workspace, thread_id)
        assert tab is not None
        if names_a_case(tab.number):
            return CasePane(CaseId(tab.thread_id), tab.number, tab.top)
        return InteractionPane(InteractionId(tab.thread_id), tab.number, tab.top)

    # Opening and closing

    async def open(self, thread_id: ThreadId, number: str, *, behind: bool = False) -> None:
        """Show that interaction; a new tab if it has none. *behind*: only in the strip."""
        opened = tabs.open_tab(self.workspace, thread_id, number)
        if behind and self.workspace.active is not None:
            opened = replace(opened, active=self.workspace.active)
        await self._become(opened)

    async def close(self, thread_id: ThreadId) -> None:
        """Without that tab. What was typed in it is saved first."""
        pane = self._panes.pop(thread_id, None)
        if pane is not None:
            await pane.flush()
        await self._become(tabs.close_tab(self.workspace, thread_id))
        if pane is not None:
            await pane.remove()

    async def become(self, old: ThreadId, new: ThreadId, number: str) -> None:
        """The tab of *old* becomes that of *new*."""
        pane = self._panes.pop(old, None)
        await self._become(tabs.become(self.workspace, old, new, number))
        if pane is not None:
            await pane.remove()

    async def step(self, by: int) -> None:
        """The tab *by* places to the right."""
        await self._become(tabs.step(self.workspace, by))

    async def go_to(self, place: int) -> None:
        """The tab at *place*, counted from 1; nothing where there is none."""
        if 1 <= place <= len(self.workspace.tabs):
            tab = self.workspace.tabs[place - 1]
            await self.open(tab.thread_id, tab.number)

    async def restore(self, workspace: Workspace) -> None:
        """The tabs of last time; only the active one is read now."""
        await self._become(workspace)

    async def _become(self, workspace: Workspace) -> None:
        """The one way in which tabs change."""
        self.workspace = workspace
        self.strip.workspace = workspace
        active = workspace.active
        if active is not None and self.pane(active) is None:
            pane = self._panes[active] = self.make_pane(active)
            await self.switcher.add_content(pane, id=pane_id(active))
        self.switcher.current = EMPTY if active is None else pane_id(active)
        self.post_message(self.Changed(workspace))

    # Parts and news

    @property
    def strip(self) -> TabStrip:
        """The line of tabs."""
        return self.query_one(TabStrip)

    @property
    def switcher(self) -> ContentSwitcher:
        """What holds the panes."""
        return self.query_one(ContentSwitcher)

    def show_unread(self, unread: Mapping[ThreadId, int]) -> None:
        """Unread mails for each interaction, as the work pane counts them."""
        self.strip.unread = unread

    def records_changed(self, event: RecordsChanged) -> None:
        """Tell every pane that was visited; each decides whether it is concerned."""
        for pane in self._panes.values():
            pane.post_message(RecordsChanged(event.change))

    async def flush(self) -> None:
        """Save what is typed in every pane."""
        for pane in list(self._panes.values()):
            await pane.flush()

    @on(PositionChanged)
    def _position_changed(self, event: PositionChanged) -> None:
        event.stop()
        self.workspace = tabs.place(self.workspace, event.thread_id, event.top)
        self.post_message(self.Changed(self.workspace))

    @on(TabStrip.Activated)
    async def _tab_activated(self, event: TabStrip.Activated) -> None:
        event.stop()
        tab = tabs.find(self.workspace, event.thread_id)
        if tab is not None:
            await self.open(tab.thread_id, tab.number)


class EmptyDesk(Static):
    """Shown while no tab is open: how the desk stands, and what to do next."""

    def __init__(self) -> None:
        super().__init__(id=EMPTY, markup=False)

    def show_opening(self) -> None:
        """The database and the engine are on their way."""
        self.update(Content.styled("Opening the desk …", "$muted-text"))

    def show_failure(self, sentence: str) -> None:
        """What is wrong, and how to go on."""
        self.update(
            Content.assemble(
                ("The desk could not be opened\n\n", "bold $over"),
                (f"{sentence}\n\n", "$foreground"),
                *self._hints(("retry_opening", "try again"), ("quit_desk", "leave")),
            )
        )

    def show_hints(self) -> None:
        """What to press now."""
        self.update(
            Content.assemble(
                ("No interaction is open\n\n", "bold $heading-text"),
                *self._hints(
                    ("focus_inbox", "go to the inbox: enter accepts an offer or opens your work"),
                    ("show_interactions", "find any interaction"),
                    ("set_presence", "set your presence"),
                    ("open_palette", "every action by name"),
                    ("show_help", "every key"),
                ),
                *self._tip(),
            )
        )

    def _tip(self) -> list[tuple[str, str]]:
        tip = shell(self).options.tip
        return [(f"\n{tip}\n", "$foreground")] if tip else []

    def _hints(self, *hints: tuple[str, str]) -> list[tuple[str, str]]:
        """A column of keys, each with what it does."""
        parts: list[tuple[str, str]] = []
        for action_id, words in hints:
            key = shown_key(keys_of(BY_ID[action_id], shell(self).keymap)[0])
            parts += [(f"{key:>6}  ", "bold $unread"), (f"{words}\n", "$muted-text")]
        return parts

"""Which part of the desk does an action, and whether it means anything at this moment."""

from typing import TYPE_CHECKING

from textual.dom import DOMNode
from textual.widgets import Input, TextArea

from agentdesk.domain.ids import names_a_case
from agentdesk.domain.views import Health
from agentdesk.tui import actions
from agentdesk.tui.actions import BY_ID, Action, Scope
from agentdesk.tui.shell import shell

if TYPE_CHECKING:
    from agentdesk.tui.screens.desk import DeskScreen

NEED_A_TAB = frozenset({"next_tab", "previous_tab", "close_tab", "focus_stream", "focus_composer"})
TROUBLE = frozenset({Health.RETRYING, Health.STOPPED})


class Dispatch:
    """Asked by the desk's bindings, the palette and the footer, so that all three agree."""

    def __init__(self, screen: "DeskScreen") -> None:
        self._screen = screen

    def heard_by_tab(self) -> bool:
        """Letters belong to a text field, and in the work list to the highlighted row.

        `w` there would close another interaction than the highlighted one.
        """
        typing = isinstance(self._screen.focused, Input | TextArea)
        return not (typing or self._screen.parts.focus_in_work)

    def can_perform(self, action_id: str) -> bool:
        """Whether *action_id* means anything now, wherever the focus is."""
        action, app = BY_ID[action_id], shell(self._screen)
        role = app.actor.role if app.is_open else None
        if action not in actions.allowed((action,), role) or not self._has_reason(action_id):
            return False
        node = self.node_for(action)
        if not hasattr(node, f"action_{action_id}"):
            return False
        return node is self._screen or bool(node.check_action(action_id, ()))

    def _has_reason(self, action_id: str) -> bool:
        """Actions of the desk itself that need something to work on."""
        if action_id == "retry_opening":
            return self._screen.failed
        if action_id == "retry_engine":
            return any(loop.health in TROUBLE for loop in self._screen.status.loops)
        if action_id == "sign_in_mail":
            return bool(shell(self._screen).sign_ins)
        if action_id == "sign_in_to_centre":
            return bool(self._screen.doors.missing)
        if action_id == "focus_inbox":
            return not self._screen.parts.focus_in_work
        if action_id == "show_why":
            return self._something_to_explain()
        return action_id not in NEED_A_TAB or self._screen.tabs.active_pane is not None

    def _something_to_explain(self) -> bool:
        parts = self._screen.parts
        if parts.focus_in_work:
            item = parts.work_list.item
            return item is not None and not names_a_case(item.number)
        pane = self._screen.tabs.active_pane
        return pane is not None and not names_a_case(pane.number)

    async def perform(self, action_id: str) -> None:
        """Do it, if it means anything."""
        if self.can_perform(action_id):
            await self._screen.app.run_action(action_id, self.node_for(BY_ID[action_id]))

    def node_for(self, action: Action) -> DOMNode:
        """The part that has `action_<id>`; where nothing is open, one that has not."""
        screen = self._screen
        pane = screen.tabs.active_pane
        match action.scope:
            case Scope.APP:
                return screen.app
            case Scope.INBOX:
                work = screen.parts.work_list
                return work if hasattr(work, f"action_{action.id}") else work.parent or screen
            case Scope.INTERACTION | Scope.CASE:
                return pane or screen.tabs
            case Scope.SUMMARY:
                return screen.parts.summary
            case Scope.COMPOSER:
                return (pane.open_composer if pane else None) or screen.tabs
            case _:
                return screen

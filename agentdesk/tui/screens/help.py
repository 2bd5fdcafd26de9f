"""Every key of the desk, by where it is heard."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from agentdesk.tui import actions
from agentdesk.tui.actions import Action, Scope, keys_of, shown_key
from agentdesk.tui.shell import shell

COLUMNS = (
    (
        Scope.INBOX,
        Scope.COMPOSER,
        Scope.DESK,
        Scope.PEOPLE,
        Scope.RECORD,
        Scope.SUPERVISOR,
        Scope.AGENTS,
        Scope.CHARTS,
    ),
    (
        Scope.INTERACTION,
        Scope.SUMMARY,
        Scope.CASE,
        Scope.LISTS,
        Scope.QUARANTINE,
        Scope.WORK_ITEMS,
        Scope.SETUP,
        Scope.CENTRES,
        Scope.TEMPLATES,
        Scope.APP,
    ),
)
KEY_CELLS = 10


class HelpScreen(ModalScreen[None]):
    """Made from the catalogue of actions and the agent's own key map."""

    CSS_PATH = "help.tcss"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [  # noqa: RUF012
        (0, "-narrow"),
        (100, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "leave", "Close", show=False)
    ]

    def compose(self) -> ComposeResult:
        with Vertical(id="help-box") as box:
            box.border_title = Content("Keys")
            box.border_subtitle = Content("esc closes · letters are heard outside text fields")
            with VerticalScroll(), Horizontal():
                for column in COLUMNS:
                    sections = [self._section(scope) for scope in column if self._found(scope)]
                    yield Static(Content("\n\n").join(sections), classes="column", markup=False)

    def action_leave(self) -> None:
        """Back to the desk."""
        self.dismiss(None)

    def _section(self, scope: Scope) -> Content:
        """A heading, then a line for each action that this role has."""
        lines = [self._line(action) for action in self._found(scope)]
        return Content("\n").join([Content.styled(scope.heading, "bold $heading-text"), *lines])

    def _found(self, scope: Scope) -> tuple[Action, ...]:
        app = shell(self)
        role = app.actor.role if app.is_open else None
        found = actions.of_scope(scope)
        if role is not None:
            found = tuple(a for a in actions.allowed(found, role) if a.id != "retry_opening")
        return found

    def _line(self, action: Action) -> Content:
        keys = " ".join(shown_key(key) for key in keys_of(action, shell(self).keymap))
        return Content.assemble(
            (f"{keys:>{KEY_CELLS}}  ", "bold $unread"), (action.label, "$foreground")
        )

"""The line at the bottom: what can be done here and now, most important first."""

from textual.widgets import Input, TextArea

from agentdesk.tui.actions import BY_ID, Action, is_chord, shown_key
from agentdesk.tui.widgets.line import Line, LineWidget, Piece, width_of

__all__ = ["DeskFooter"]

GAP = 2


class DeskFooter(LineWidget):
    """Reads the screen's active bindings; a click does what the key does."""

    DEFAULT_CSS = """
    DeskFooter { dock: bottom; background: $footer-background; color: $muted-text; padding: 0 1; }
    """

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, _screen: object) -> None:
        self.refresh()

    def pieces(self, width: int) -> Line:
        """As many of the possible actions as fit, in their rank's order."""
        kept: list[Piece] = []
        for action, key in self._possible():
            more = [
                Piece(key, "bold $heading-text", action.id),
                Piece(f" {action.words}", "", action.id),
            ]
            gap = [Piece(" " * GAP)] if kept else []
            if width_of(kept) + width_of(gap) + width_of(more) > width:
                continue
            kept += [*gap, *more]
        return kept

    def _possible(self) -> list[tuple[Action, str]]:
        """Each enabled action once, with a key that works where the focus is."""
        typing = isinstance(self.screen.focused, Input | TextArea)
        found: dict[str, str] = {}
        for key, active in self.screen.active_bindings.items():
            action = BY_ID.get(active.binding.id or "")
            if action is None or not action.footer or not active.enabled or action.id in found:
                continue
            if typing and not is_chord(key):
                continue
            found[action.id] = shown_key(key)
        ranked = sorted(found, key=lambda each: BY_ID[each].footer)
        return [(BY_ID[each], found[each]) for each in ranked]

    def chosen(self, target: str) -> None:
        """Do what the key would do."""
        for active in self.screen.active_bindings.values():
            if active.binding.id == target:
                self.call_later(self.app.run_action, active.binding.action, active.node)
                return

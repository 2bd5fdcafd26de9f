"""The command palette's entries: every action that is possible now, and every theme."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from agentdesk.tui.actions import ACTIONS, Action, Scope, keys_of, shown_key
from agentdesk.tui.screens.desk import DeskScreen
from agentdesk.tui.shell import shell

SELF = "open_palette"
"""Not worth an entry in the palette that it opened."""


class ActionCommands(Provider):
    """Every action of the catalogue that can be done on the screen below the palette."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for action in self._possible():
            yield DiscoveryHit(
                self._entry(action, Content(action.label)),
                self._command(action),
                action.label,
                action.help,
            )

    async def search(self, query: str) -> Hits:
        """Those whose label or explanation matches; the label counts more."""
        matcher = self.matcher(query)
        for action in self._possible():
            score = max(matcher.match(action.label), matcher.match(action.help) * 0.7)
            if score > 0:
                entry = self._entry(action, matcher.highlight(action.label))
                yield Hit(score, entry, self._command(action), action.label, action.help)

    def _possible(self) -> list[Action]:
        """On the desk whatever its parts can do; on another screen what that screen can."""
        app, screen = shell(self.screen), self.screen
        on_desk = isinstance(screen, DeskScreen)
        return [
            action
            for action in ACTIONS
            if action.id != SELF
            and (
                app.desk_screen.dispatch.can_perform(action.id)
                if on_desk or action.scope is Scope.APP
                else hasattr(screen, f"action_{action.id}")
            )
        ]

    def _entry(self, action: Action, label: Content) -> Content:
        keys = keys_of(action, shell(self.screen).keymap)
        key = shown_key(keys[0]) if keys else ""
        return Content.assemble(label, ("   ", ""), (key, "bold $unread"))

    def _command(self, action: Action) -> Callable[[], Coroutine[Any, Any, object]]:
        app, screen = shell(self.screen), self.screen
        if isinstance(screen, DeskScreen) or action.scope is Scope.APP:
            return partial(app.desk_screen.dispatch.perform, action.id)
        return partial(app.run_action, action.id, screen)


class ThemeCommands(Provider):
    """Every theme but those of bare ANSI colours, which know no shades."""

    async def discover(self) -> Hits:
        """All of them."""
        for name in self._names():
            yield DiscoveryHit(Content(name), self._command(name), name, self._remark(name))

    async def search(self, query: str) -> Hits:
        """Those whose name matches."""
        matcher = self.matcher(query)
        for name in self._names():
            if (score := matcher.match(name)) > 0:
                display = matcher.highlight(name)
                yield Hit(score, display, self._command(name), name, self._remark(name))

    def _names(self) -> list[str]:
        themes = shell(self.screen).available_themes
        return sorted(name for name, theme in themes.items() if not theme.ansi)

    def _remark(self, name: str) -> str:
        app = shell(self.screen)
        shade = "dark" if app.available_themes[name].dark else "light"
        return f"{shade}, in use" if name == app.theme else shade

    def _command(self, name: str) -> Callable[[], None]:
        return partial(setattr, shell(self.screen), "theme", name)

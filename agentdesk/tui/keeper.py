"""Keeps the open tabs in the database: after a moment of calm, and once more at the end."""

from typing import TYPE_CHECKING

from textual.timer import Timer

from agentdesk import services
from agentdesk.domain.views import Workspace
from agentdesk.tui.shell import shell

if TYPE_CHECKING:
    from agentdesk.tui.screens.desk import DeskScreen


class WorkspaceKeeper:
    """Loads and saves what the desk screen has open."""

    def __init__(self, screen: "DeskScreen") -> None:
        self._screen = screen
        self._timer: Timer | None = None
        self._saved = Workspace()

    async def load(self) -> Workspace:
        """What was open last time; nothing where that cannot be read."""
        app = shell(self._screen)
        self._saved = await app.act(services.workspace.load(app.desk, app.actor)) or Workspace()
        return self._saved

    def changed(self) -> None:
        """Save when nothing more has changed for a moment."""
        if self._timer is not None:
            self._timer.stop()
        if (calm := shell(self._screen).options.save_after_s) > 0:
            self._timer = self._screen.set_timer(calm, self.save)
        else:
            self._screen.call_later(self.save)

    async def save(self) -> None:
        """Save it now, if it differs from what is saved."""
        app, workspace = shell(self._screen), self._screen.tabs.workspace
        if app.is_open and workspace != self._saved and await app.act(self._write(workspace)):
            self._saved = workspace

    async def _write(self, workspace: Workspace) -> bool:
        app = shell(self._screen)
        await services.workspace.save(app.desk, app.actor, workspace)
        return True

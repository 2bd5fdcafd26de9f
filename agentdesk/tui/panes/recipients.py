"""Telling the writer of a mail, while it is addressed, about recipients that take no mail."""

from typing import TYPE_CHECKING

from textual.widgets import Input

from agentdesk import services
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.refused import RefusedRecipients

if TYPE_CHECKING:
    from agentdesk.tui.panes.interaction import InteractionPane

FIELDS = ("to", "cc", "bcc")


class RecipientCheck:
    """Looks up what stands in To, Cc and Bcc; a burst of keystrokes costs two looks."""

    def __init__(self, pane: "InteractionPane") -> None:
        self._pane = pane
        self._latest = Latest(pane, self._look)

    def ask(self) -> None:
        """A recipient was typed or put in."""
        self._latest.ask()

    async def _look(self) -> None:
        app, composer = shell(self._pane), self._pane.reply_composer
        if not app.is_open or not composer.is_open:
            return
        typed = [composer.query_one(f"#{name}", Input).value for name in FIELDS]
        bounced = await app.act(services.views.bounced(app.desk, app.actor, typed))
        if bounced is not None and composer.is_attached:
            composer.query_one(RefusedRecipients).show(bounced)

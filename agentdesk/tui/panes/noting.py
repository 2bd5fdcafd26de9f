"""Notes for colleagues: what stands in the note composer is added to the thread."""

from typing import TYPE_CHECKING, Any

from agentdesk import services
from agentdesk.tui.shell import shell

if TYPE_CHECKING:
    from agentdesk.tui.panes.thread import ThreadPane


class Noting:
    """The notes of one pane."""

    def __init__(self, pane: "ThreadPane[Any]") -> None:
        self._pane = pane

    async def add(self) -> None:
        """Add what stands in the note composer."""
        app, composer = shell(self._pane), self._pane.note_composer
        note, thread = composer.body.text, self._pane.thread_id
        noted = await app.act(services.notes.add(app.desk, app.actor, thread, note))
        if noted is None:
            return
        composer.clear()
        composer.close()
        self._pane.go_on_reading()
        for remark in noted.remarks:
            app.tell(remark, "warning", "Note added")

"""What is done with the highlighted mail of a conversation: saved, sent on, called back, settled."""

from collections.abc import Coroutine
from typing import Any

from agentdesk.tui.panes.replying import Replying
from agentdesk.tui.panes.saving import Saving
from agentdesk.tui.panes.sending import Sending
from agentdesk.tui.panes.stream_reader import StreamReader
from agentdesk.tui.panes.undelivered import Undelivered


class EntryKeys(StreamReader):
    """Mixed into a pane that has these parts."""

    _replying: Replying
    _saving: Saving
    _sending: Sending
    _undelivered: Undelivered

    def _do(self, coro: Coroutine[Any, Any, object], group: str) -> None:
        """Away from the message loop: dialogs and services may take their time."""
        self.run_worker(coro, group=group)

    def action_save_attachment(self) -> None:
        """A file of the highlighted entry."""
        if (entry := self.stream.selected) is not None:
            self._do(self._saving.save(entry), "save")

    def action_open_forward(self) -> None:
        """Send the highlighted mail on."""
        if (entry := self.stream.selected) is not None and entry.message_id is not None:
            self._do(self._replying.forward(entry.message_id), "draft")

    def action_undo_send(self) -> None:
        """Call back the highlighted mail, or the last one that still waits."""
        if (entry := self.stream.undoable) is not None:
            self._do(self._sending.undo(entry), "draft")

    def action_change_send_time(self) -> None:
        """When the highlighted mail goes out, or the last one that still waits."""
        if (entry := self.stream.undoable) is not None:
            self._do(self._sending.change_time(entry), "send")

    def action_send_again(self) -> None:
        """Once more, unchanged; where the outcome is unknown, after asking."""
        if (entry := self.stream.selected) is not None:
            self._do(self._undelivered.send_again(entry), "settle")

    def action_edit_again(self) -> None:
        """Back into the composer."""
        if (entry := self.stream.selected) is not None:
            self._do(self._undelivered.edit(entry), "draft")

    def action_settle_unknown(self) -> None:
        """What is known, and a decision."""
        if (entry := self.stream.selected) is not None:
            self._do(self._undelivered.ask(entry), "settle")

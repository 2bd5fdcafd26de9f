"""Mails of one pane that were not delivered, or may not have been: sent again, edited, settled."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from agentdesk import services
from agentdesk.domain.ids import OutboxId
from agentdesk.domain.views import Delivery, StreamEntry
from agentdesk.tui.dialogs.was_it_sent import Answer, WasItSentDialog
from agentdesk.tui.panes.sending import Sending
from agentdesk.tui.shell import shell

if TYPE_CHECKING:
    from agentdesk.tui.panes.thread import ThreadPane


class Undelivered:
    """Each method is one thing that a person does with such a mail."""

    def __init__(self, pane: "ThreadPane[Any]", sending: Sending) -> None:
        self._pane, self._sending = pane, sending

    async def send_again(self, entry: StreamEntry) -> None:
        """Hand the same mail in once more; where it may have arrived, only after asking.

        One that still waits goes out at once.
        """
        app = shell(self._pane)
        if entry.outbox_id is None:
            return
        if entry.delivery is Delivery.UNKNOWN:
            await self.ask(entry)
        elif entry.delivery is Delivery.DELAYED:
            await self._done(services.sending.send_now(app.desk, app.actor, entry.outbox_id))
        else:
            await self._send(entry.outbox_id)

    async def edit(self, entry: StreamEntry) -> None:
        """Write it anew, to those who did not get it."""
        if entry.outbox_id is not None:
            await self._sending.take_back(services.sending.edit, entry.outbox_id)

    async def ask(self, entry: StreamEntry) -> None:
        """Show what is known of a mail of unknown outcome, and do what the person says."""
        app, outbox_id = shell(self._pane), entry.outbox_id
        if outbox_id is None:
            return
        known = await app.act(services.sent_mail.evidence(app.desk, app.actor, outbox_id))
        if known is None:
            self._pane.read_again()
            return
        dialog = WasItSentDialog(known, app.now(), app.options.zone)
        match await app.push_screen_wait(dialog):
            case Answer.SENT:
                await self._done(services.sending.confirm_sent(app.desk, app.actor, outbox_id))
            case Answer.AGAIN:
                await self._send(outbox_id)

    async def _send(self, outbox_id: OutboxId) -> None:
        app = shell(self._pane)
        await self._done(services.sending.send_again(app.desk, app.actor, outbox_id))

    async def _done(self, coro: Coroutine[Any, Any, None]) -> None:
        await shell(self._pane).act(coro)
        self._pane.read_again()

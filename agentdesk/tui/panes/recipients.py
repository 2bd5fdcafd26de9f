"""Helping the writer of a mail to address it: whom to propose, what is no address, who takes no mail."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from agentdesk import services
from agentdesk.domain.draft import Identity
from agentdesk.tui.reading import Latest
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.suggestions import Suggested

if TYPE_CHECKING:
    from agentdesk.tui.panes.thread import ThreadPane

FOUND = 12
"""People that are looked for beside those of the conversation."""


class RecipientCheck:
    """Looks up what stands in To, Cc and Bcc; a burst of keystrokes costs two looks."""

    def __init__(self, pane: "ThreadPane[Any]") -> None:
        self._pane = pane
        self._latest = Latest(pane, self._look)

    def ask(self) -> None:
        """A recipient was typed or put in."""
        self._latest.ask()

    async def _look(self) -> None:
        app, composer = shell(self._pane), self._pane.reply_composer
        if not app.is_open or not composer.is_open:
            return
        fields = composer.envelope.recipient_fields
        faults = services.recipients.faults([field.finished_text for field in fields])
        typed = [field.value for field in fields]
        bounced = await app.act(services.views.bounced(app.desk, app.actor, typed))
        if bounced is not None and composer.is_whole:
            composer.envelope.mark(faults, bounced, services.recipients.remark(typed))

    async def prepare(self) -> None:
        """Complete with who takes part in this conversation first, then with everybody known; and offer
        the addresses that may be written from.
        """
        app, pane = shell(self._pane), self._pane
        taking_part = services.recipients.taking_part(app.desk, app.actor, pane.thread_id)
        near = await app.act(taking_part) or ()
        identities = await self._identities()
        if pane.is_attached and pane.reply_composer.is_whole:
            people = [Suggested(each.name, each.email, near=True) for each in near]
            pane.reply_composer.envelope.propose(people, self._find)
            pane.reply_composer.envelope.offer(identities)

    async def _identities(self) -> tuple[Identity, ...]:
        app = shell(self._pane)
        ix = self._pane.thread_id
        return await app.act(services.identities.choices(app.desk, app.actor, ix)) or ()

    async def _find(self, words: str) -> Iterable[Suggested]:
        app = shell(self._pane)
        finding = services.people.find(app.desk, app.actor, words, limit=FOUND, accounts=False)
        found = await app.act(finding)
        return map(Suggested.of, found or ())

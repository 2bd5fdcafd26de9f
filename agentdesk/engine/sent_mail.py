"""The loop of the mailbox for sent mail: files copies and looks for mails of unknown outcome.

It has a connection of its own, open only while there is something to do, so that it never delays
the next mail.
"""

import logging
from datetime import datetime

from agentdesk.domain.errors import MailProblem
from agentdesk.domain.views import Health
from agentdesk.engine.lines import Line
from agentdesk.engine.supervisor import Pulse
from agentdesk.engine.wake import Feed
from agentdesk.mail import sent
from agentdesk.mail.account import MailAccount
from agentdesk.mail.sent import Noted
from agentdesk.services import sent_mail
from agentdesk.services.desk import Desk
from agentdesk.services.sent_mail import Task

LONGEST_SLEEP_S = 30.0
log = logging.getLogger(__name__)


class SentMail:
    """One account's mailbox for sent mail."""

    def __init__(self, desk: Desk, line: Line, mail_account_id: int, feed: Feed) -> None:
        self._desk, self._line, self._account_id = desk, line, mail_account_id
        self._feed = feed
        self._noted: Noted | None = None
        self._wanted = False

    def noted(self) -> tuple[int, int]:
        """Where the next mail of the mailbox will lie, as last seen; asks for a look if never."""
        if self._noted is None:
            self._wanted = True
            return 0, 0
        return self._noted.uidvalidity, self._noted.uidnext

    async def run(self, pulse: Pulse) -> None:
        """Do what is due, then wait for more."""
        with self._feed.listening(lambda change: change.deliveries) as listener:
            while True:
                due = await self.step()
                pulse.say(Health.IDLE)
                await listener.changed(self._seconds_until(due))

    def _seconds_until(self, due: datetime | None) -> float:
        if due is None:
            return LONGEST_SLEEP_S
        left = (due - self._desk.clock.now()).total_seconds()
        return min(max(left, 0.01), LONGEST_SLEEP_S)

    async def step(self) -> datetime | None:
        """Everything that is due now; returns when the next task is."""
        reader: MailAccount | None = None
        try:
            while (task := await sent_mail.claim(self._desk, self._account_id)) is not None:
                if task.copies and not self._line.sent_mailbox:
                    await sent_mail.finish(self._desk, task)
                    continue
                try:
                    reader = reader or await self._connected()
                    await self._do(reader, task)
                except MailProblem as error:
                    log.info("sent mail of %s: %s", self._line.address, error)
                    await sent_mail.put_off(self._desk, task, str(error))
                    await _close(reader)
                    reader = None
            if self._wanted:
                self._wanted = False
                reader = reader or await self._connected()
                await self._note(reader)
        except MailProblem as error:
            log.info("sent mail of %s was not noted: %s", self._line.address, error)
        finally:
            await _close(reader)
        return await sent_mail.next_due(self._desk, self._account_id)

    async def _connected(self) -> MailAccount:
        reader = self._line.reader()
        try:
            await reader.connect()
        except BaseException:
            await reader.close()
            raise
        return reader

    async def _note(self, reader: MailAccount) -> None:
        box = self._line.sent_mailbox or await sent.sent_mailbox(reader)
        self._noted = await sent.note(reader, box) if box else Noted()

    async def _do(self, reader: MailAccount, task: Task) -> None:
        box = self._line.sent_mailbox or await sent.sent_mailbox(reader)
        if task.copies:
            await self._file_copy(reader, box, task)
        else:
            await self._look(reader, box, task)

    async def _file_copy(self, reader: MailAccount, box: str, task: Task) -> None:
        """Once: a copy that a dead process filed, or the server itself, is found first."""
        there = await sent.find(reader, box, task.mark, Noted())
        if there is None:
            await reader.append(box, await sent_mail.content(self._desk, task), ["\\Seen"])
        elif there != task.mark.header_id:
            await sent_mail.found(self._desk, task, box, there)
        await sent_mail.finish(self._desk, task)

    async def _look(self, reader: MailAccount, box: str, task: Task) -> None:
        if not box:
            words = f"{self._line.address} has no mailbox for sent mail to look in."
            await sent_mail.not_found(self._desk, task, words, self._worth())
            return
        there = await sent.find(reader, box, task.mark, task.noted)
        if there is None:
            await sent_mail.not_found(self._desk, task, f"Not found in {box}.", self._worth())
        else:
            await sent_mail.found(self._desk, task, box, there)

    def _worth(self) -> str:
        """What it means that a mail is not among the sent ones."""
        if self._line.files_sent:
            return "This server files sent mail itself, so the mail was probably not sent."
        return (
            "It is not known that this server files sent mail itself: "
            "that the mail is not there proves nothing."
        )


async def _close(reader: MailAccount | None) -> None:
    if reader is not None:
        await reader.close()

"""Sending: one mail at a time per account, every phase committed before the next."""

import asyncio
import logging

from agentdesk.domain.errors import (
    CertificateRefused,
    FencedOff,
    LoginRefused,
    MailProblem,
    StorageProblem,
)
from agentdesk.domain.views import Health
from agentdesk.engine.lines import Line
from agentdesk.engine.supervisor import Pulse
from agentdesk.engine.wake import Feed
from agentdesk.mail.account import Envelope, NotSent, OutcomeUnknown
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.services import outgoing
from agentdesk.services.desk import Desk
from agentdesk.services.outgoing import Job

LOOK_S = 30.0
log = logging.getLogger(__name__)


class Sender:
    """The send loop of one account."""

    def __init__(self, desk: Desk, line: Line, mail_account_id: int, feed: Feed) -> None:
        self._desk, self._line, self._account_id = desk, line, mail_account_id
        self._feed = feed
        self._stopping = asyncio.Event()

    def finish(self) -> None:
        """End after the mail that is being sent now."""
        self._stopping.set()

    async def run(self, pulse: Pulse) -> None:
        """Send whatever is ready, then wait for more."""
        smtp = self._line.sender()
        try:
            with self._feed.listening() as listener:
                while not self._stopping.is_set():
                    await self._send_ready(smtp, pulse)
                    pulse.say(Health.IDLE)
                    waiting = asyncio.create_task(listener.changed(LOOK_S))
                    stopping = asyncio.create_task(self._stopping.wait())
                    try:
                        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        waiting.cancel()
                        stopping.cancel()
        finally:
            await smtp.close()

    async def _send_ready(self, smtp: SmtpAccount, pulse: Pulse) -> None:
        while not self._stopping.is_set():
            job = await outgoing.claim(self._desk, [self._account_id])
            if job is None:
                return
            pulse.say(Health.BUSY, "Sending.")
            await self._send(smtp, job)

    async def _send(self, smtp: SmtpAccount, job: Job) -> None:
        async def before_final_dot() -> None:
            await outgoing.mark_maybe_sent(self._desk, job)

        envelope = Envelope(job.sender, job.recipients)
        try:
            receipt = await smtp.submit(envelope, job.raw, before_final_dot=before_final_dot)
        except (FencedOff, StorageProblem):
            raise
        except OutcomeUnknown as error:
            await outgoing.mark_unknown(self._desk, job, str(error))
        except NotSent as error:
            settle = outgoing.mark_failed if error.permanent else outgoing.defer
            await settle(self._desk, job, str(error))
        except (LoginRefused, CertificateRefused) as error:
            await outgoing.defer(self._desk, job, str(error))
            raise
        except MailProblem as error:
            await outgoing.defer(self._desk, job, str(error))
        else:
            refused = {who: reply.text for who, reply in receipt.refused.items()}
            await outgoing.mark_sent(self._desk, job, refused)
            await self._file_copy(job)

    async def _file_copy(self, job: Job) -> None:
        """Put a copy into the mailbox for sent mail, once. A copy is no promise: it may fail."""
        if not self._line.sent_mailbox:
            return
        reader = self._line.reader()
        try:
            await reader.connect()
            box = self._line.sent_mailbox
            if not await reader.find_message_id(box, "Message-ID", job.header_id):
                await reader.append(box, job.raw, ["\\Seen"])
        except MailProblem as error:
            log.warning("no copy of %s in %s: %s", job.header_id, self._line.sent_mailbox, error)
        finally:
            await reader.close()

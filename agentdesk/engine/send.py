"""Sending: every phase of a mail committed before the next, at most two connections per account."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from agentdesk.domain.errors import (
    BadInput,
    CertificateRefused,
    Conflict,
    DeskError,
    FencedOff,
    LoginRefused,
    MailProblem,
    ServerUnreachable,
    StorageProblem,
)
from agentdesk.domain.views import Health
from agentdesk.engine.lines import Line
from agentdesk.engine.supervisor import Pulse
from agentdesk.engine.wake import Feed, Listener
from agentdesk.mail.account import Envelope, NotSent, OutcomeUnknown, Reply
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.services import outgoing
from agentdesk.services.desk import Desk
from agentdesk.services.outgoing import Job

CONNECTIONS = 2
LOOK_S = 30.0
IDLE_CLOSE_S = 120.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
log = logging.getLogger(__name__)

Verdict = Callable[[], Awaitable[None]]
Noted = Callable[[], tuple[int, int]]
"""UIDVALIDITY and UIDNEXT of the mailbox for sent mail, as last seen; zeros where nobody looked."""


def _nothing_noted() -> tuple[int, int]:
    return 0, 0


class Sender:
    """The send loop of one account: workers with a connection each, opened only when needed."""

    def __init__(
        self,
        desk: Desk,
        line: Line,
        mail_account_id: int,
        feed: Feed,
        noted: Noted = _nothing_noted,
    ) -> None:
        self._desk, self._line, self._account_id = desk, line, mail_account_id
        self._feed, self._noted = feed, noted
        self._finishing = False
        self._ending = asyncio.Event()
        self._busy = 0

    def finish(self) -> None:
        """End after the mails that are being sent now."""
        self._finishing = True
        self._ending.set()

    async def run(self, pulse: Pulse) -> None:
        """Send whatever is ready, then wait for more. One worker's trouble ends the others softly."""
        if not self._finishing:
            self._ending.clear()
        self._busy = 0
        workers = [asyncio.create_task(self._work(pulse)) for _ in range(CONNECTIONS)]
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
            self._ending.set()
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)
            raise
        for worker in workers:
            worker.result()

    async def _work(self, pulse: Pulse) -> None:
        smtp = self._line.sender()
        try:
            with self._feed.listening(lambda change: change.deliveries) as listener:
                used = time.monotonic()
                while not self._ending.is_set():
                    if await self._send_ready(smtp, pulse):
                        used = time.monotonic()
                    elif time.monotonic() - used > IDLE_CLOSE_S:
                        await smtp.close()
                    if not self._busy:
                        pulse.say(Health.IDLE)
                    await self._rest(listener)
        finally:
            await smtp.close()

    async def _rest(self, listener: Listener) -> None:
        """Until something changes, or it is time to look, or to end."""
        waiting = asyncio.create_task(listener.changed(LOOK_S))
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait({waiting, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            ending.cancel()

    async def _send_ready(self, smtp: SmtpAccount, pulse: Pulse) -> bool:
        """Send until nothing is ready; whether there was anything."""
        sent = False
        while not self._ending.is_set():
            job = await outgoing.claim(self._desk, [self._account_id])
            if job is None:
                break
            sent = True
            self._busy += 1
            pulse.say(Health.BUSY, "Sending.")
            try:
                await self._send(smtp, job, pulse)
            finally:
                self._busy -= 1
        return sent

    async def _send(self, smtp: SmtpAccount, job: Job, pulse: Pulse) -> None:
        """One try. Raises what stops the account; everything else is said about the mail."""
        verdict, trouble = await self._hand_in(smtp, job)
        if verdict is not None:
            await self._record(verdict, pulse)
        if trouble is not None:
            raise trouble

    async def _hand_in(
        self, smtp: SmtpAccount, job: Job
    ) -> tuple[Verdict | None, DeskError | None]:
        """What is to be said about *job* now, and what stops the whole account."""
        desk, marked = self._desk, False

        async def before_final_dot(refused: Mapping[str, Reply]) -> None:
            nonlocal marked
            await outgoing.mark_maybe_sent(desk, job, refused, self._noted())
            marked = True

        try:
            envelope = Envelope(job.sender, job.recipients, job.envid)
            receipt = await smtp.submit(envelope, job.raw, before_final_dot=before_final_dot)
        except FencedOff:
            log.info("another agentdesk sends %s now", job.header_id)
            return None, None
        except OutcomeUnknown as error:
            return partial(outgoing.mark_unknown, desk, job, error), None
        except NotSent as error:
            cause = error.__cause__
            trouble = cause if isinstance(cause, ServerUnreachable) else None
            return partial(outgoing.mark_not_sent, desk, job, error), trouble
        except (LoginRefused, CertificateRefused) as error:
            return partial(outgoing.defer, desk, job, str(error), patient=True), error
        except (StorageProblem, Conflict) as error:
            return partial(outgoing.put_back, desk, job), error
        except BadInput as error:
            return partial(outgoing.mark_failed, desk, job, str(error)), None
        except MailProblem as error:
            return partial(outgoing.defer, desk, job, str(error)), None
        except Exception as error:
            return self._unexpected(job, error, marked=marked), None
        return partial(outgoing.mark_sent, desk, job, receipt.refused, receipt.reply), None

    def _unexpected(self, job: Job, error: Exception, *, marked: bool) -> Verdict:
        """A defect of ours: the mail must not hang for ever in a state that nobody ends."""
        log.error("sending %s failed", job.header_id, exc_info=error)
        why = (
            f"Something unexpected happened ({type(error).__name__}). The log file has the details."
        )
        if marked:
            return partial(outgoing.mark_unknown, self._desk, job, why)
        return partial(outgoing.defer, self._desk, job, why)

    async def _record(self, verdict: Verdict, pulse: Pulse) -> None:
        """Say it, however long the database refuses to listen: nobody else knows the answer."""
        wait = FIRST_WAIT_S
        while True:
            try:
                await verdict()
            except FencedOff:
                log.warning("another agentdesk took over a mail while its outcome was written")
            except (StorageProblem, Conflict) as error:
                pulse.say(Health.RETRYING, str(error))
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_S)
                continue
            return

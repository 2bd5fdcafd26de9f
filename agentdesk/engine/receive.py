"""Receiving: every mail of a mailbox is stored, then filed, then marked on the server."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from agentdesk.domain.errors import FencedOff
from agentdesk.domain.views import Health
from agentdesk.engine.lines import Line
from agentdesk.engine.supervisor import Pulse
from agentdesk.mail.account import FetchedMail, MailAccount, MailsRefused
from agentdesk.services import intake
from agentdesk.services.desk import Desk
from agentdesk.storage import mailboxes
from agentdesk.storage.mailboxes import Mailbox

LEASE = timedelta(seconds=60)
RENEW_S = 20.0
ELSEWHERE_S = 5.0
SWEEP_S = 180.0
PATIENCE = 3
SETTLED_AT_ONCE = 200


async def receive(desk: Desk, line: Line, name: str, pulse: Pulse) -> None:
    """Read one mailbox of an account for as long as this process holds its lease."""
    while (mailbox := await _lease(desk, line, name)) is None:
        pulse.say(Health.IDLE, "Another agentdesk reads this mailbox.")
        await asyncio.sleep(ELSEWHERE_S)
    account = line.reader()
    renewal = asyncio.create_task(_renew(desk, line, mailbox))
    reading = asyncio.create_task(_Reader(desk, line, mailbox, account, pulse).run())
    try:
        await asyncio.wait({renewal, reading}, return_when=asyncio.FIRST_COMPLETED)
        (renewal if renewal.done() else reading).result()
    finally:
        for task in (renewal, reading):
            task.cancel()
        await asyncio.gather(renewal, reading, return_exceptions=True)
        await account.close()


async def _lease(desk: Desk, line: Line, name: str) -> Mailbox | None:
    async with desk.store.write() as tx:
        return await mailboxes.take(tx, line.key, name, desk.session, desk.clock.now(), LEASE)


async def _renew(desk: Desk, line: Line, mailbox: Mailbox) -> None:
    while True:
        await asyncio.sleep(RENEW_S)
        renewed = await _lease(desk, line, mailbox.name)
        if renewed is None or renewed.epoch != mailbox.epoch:
            raise FencedOff("Another agentdesk reads this mailbox now.")


class _Reader:
    """One connection's worth of reading."""

    def __init__(
        self, desk: Desk, line: Line, mailbox: Mailbox, account: MailAccount, pulse: Pulse
    ) -> None:
        self._desk, self._line, self._mailbox = desk, line, mailbox
        self._account, self._pulse = account, pulse
        self._uidvalidity, self._next_uid = mailbox.uidvalidity, mailbox.next_uid
        self._refused: dict[int, int] = {}
        self._filing: asyncio.Task[int] | None = None

    async def run(self) -> None:
        """Connect, catch up, then follow the mailbox."""
        self._pulse.say(Health.BUSY, "Connecting.")
        await self._account.connect()
        status = await self._account.select(self._mailbox.name)
        if status.uidvalidity != self._uidvalidity:
            self._uidvalidity, self._next_uid = status.uidvalidity, 1
        await intake.file_stored(self._desk)
        try:
            while True:
                await self._catch_up()
                await self._settle()
                self._pulse.say(Health.IDLE)
                await self._account.wait_for_change(SWEEP_S)
        finally:
            if self._filing is not None:
                self._filing.cancel()
                await asyncio.gather(self._filing, return_exceptions=True)

    async def _catch_up(self) -> None:
        waiting = await self._account.sizes_since(self._next_uid)
        if not waiting:
            return
        self._pulse.say(Health.BUSY, f"Fetching {len(waiting)} mails.")
        try:
            async for batch in self._account.fetch([m.uid for m in waiting]):
                await self._store(batch)
        except MailsRefused as error:
            await self._count_refused(error.uids)
        else:
            await self._move_cursor(waiting[-1].uid + 1)
        if self._filing is not None:
            await self._filing
        await intake.file_stored(self._desk)

    async def _store(self, batch: Sequence[FetchedMail]) -> None:
        """The cursor follows only over what is stored without a gap."""
        contiguous = not self._refused
        next_uid = batch[-1].uid + 1 if contiguous and batch else self._next_uid
        await intake.store(self._desk, self._mailbox, self._uidvalidity, batch, next_uid)
        self._next_uid = next_uid
        if self._filing is None or self._filing.done():  # beside the next fetch
            self._filing = asyncio.create_task(intake.file_stored(self._desk))

    async def _move_cursor(self, next_uid: int) -> None:
        self._refused.clear()
        if next_uid != self._next_uid:
            await intake.store(self._desk, self._mailbox, self._uidvalidity, [], next_uid)
            self._next_uid = next_uid

    async def _count_refused(self, uids: Sequence[int]) -> None:
        """A mail that the server refuses to hand out three times is set aside."""
        for uid in uids:
            self._refused[uid] = self._refused.get(uid, 0) + 1
        if all(n >= PATIENCE for n in self._refused.values()):
            given_up = sorted(self._refused)
            await intake.store_refused(self._desk, self._mailbox, self._uidvalidity, given_up)
            await self._move_cursor(given_up[-1] + 1)

    async def _settle(self) -> None:
        """Mark or move on the server what is filed, also what a dead process left behind."""
        if self._line.after_filing == "leave":
            return
        async with self._desk.store.read() as tx:
            waiting = await mailboxes.unsettled(tx, self._mailbox, self._uidvalidity)
        for start in range(0, len(waiting), SETTLED_AT_ONCE):
            uids = waiting[start : start + SETTLED_AT_ONCE]
            if self._line.after_filing == "move":
                await self._account.move(uids, self._line.move_to)
            else:
                await self._account.mark_seen(uids)
            async with self._desk.store.write() as tx:
                await mailboxes.settle(tx, self._mailbox, self._uidvalidity, uids)

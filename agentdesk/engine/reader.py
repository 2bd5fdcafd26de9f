"""Reading one mailbox over one connection: catch up, settle, fetch again what is wanted, wait."""

import asyncio
import logging
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from itertools import groupby

from agentdesk.domain.errors import ConnectionLost, ServerRefused
from agentdesk.domain.quarantine import Cause
from agentdesk.domain.views import Health
from agentdesk.engine.ahead import taken_ahead
from agentdesk.engine.lines import Line
from agentdesk.engine.supervisor import Pulse
from agentdesk.mail.account import FetchedMail, MailAccount
from agentdesk.services import intake, renumbering, wanted
from agentdesk.services.desk import Desk
from agentdesk.storage import mailboxes
from agentdesk.storage.mailboxes import Located, Mailbox

SWEEP_S = 180.0
AT_ONCE = 500
SUSPECTS = 50
SETTLED_AT_ONCE = 200
UNANNOUNCED = 3
log = logging.getLogger(__name__)

NEVER_IDLES = "The server refuses to announce new mail (IDLE): it is looked for every two minutes."
SAYS_NOTHING = "The server does not announce new mail: it is looked for every three minutes."


@dataclass(slots=True)
class Suspects:
    """Mails during whose transfer a connection broke: they are fetched one by one.

    Kept for as long as the loop lives, whatever becomes of its connections.
    """

    uids: set[int] = field(default_factory=set)
    broke_at: int = 0

    def add(self, left: Sequence[int]) -> None:
        """The connection broke while the first of *left* were fetched; more, where it broke twice."""
        again = left[0] == self.broke_at
        self.broke_at = left[0]
        self.uids.update(left[: AT_ONCE if again else SUSPECTS])

    def runs(self, uids: Sequence[int]) -> Iterator[list[int]]:
        """*uids* in their order, suspects alone."""
        for suspect, run in groupby(uids, self.uids.__contains__):
            if suspect:
                yield from ([uid] for uid in run)
            else:
                yield list(run)


class Reader:
    """One connection's worth of reading."""

    def __init__(
        self,
        desk: Desk,
        line: Line,
        mailbox: Mailbox,
        account: MailAccount,
        pulse: Pulse,
        suspects: Suspects,
    ) -> None:
        self._desk, self._line, self._mailbox = desk, line, mailbox
        self._account, self._pulse, self._suspects = account, pulse, suspects
        self._filing: asyncio.Task[int] | None = None
        self._retry_at = 0.0
        self._unannounced = 0
        self._trouble = ""

    async def run(self) -> None:
        """Connect, catch up, then follow the mailbox."""
        self._pulse.say(Health.BUSY, "Connecting.")
        await self._account.connect()
        leave = self._line.after_filing == "leave"
        status = await self._account.select(self._mailbox.name, readonly=leave)
        self._mailbox = await renumbering.follow(self._desk, self._mailbox, status)
        self._pulse.is_well()
        await intake.file_stored(self._desk)
        try:
            announced = True
            while True:
                self._count_unannounced(await self._catch_up(), announced)
                await self._settle()
                await self._fetch_wanted()
                self._pulse.say(Health.IDLE, self._note())
                announced = await self._account.wait_for_change(SWEEP_S)
        finally:
            if self._filing is not None:
                self._filing.cancel()
                await asyncio.gather(self._filing, return_exceptions=True)

    def _note(self) -> str:
        """What a person should know although all goes on."""
        if self._trouble:
            return self._trouble
        if self._account.idle_refused:
            return NEVER_IDLES
        return SAYS_NOTHING if self._unannounced >= UNANNOUNCED else ""

    def _count_unannounced(self, came: int, announced: bool) -> None:
        """New mail that only a sweep found, several times in a row: IDLE does not do its work."""
        if came:
            self._unannounced = 0 if announced else self._unannounced + 1

    # -- what is new -------------------------------------------------------------------------

    async def _catch_up(self) -> int:
        """Store and file what is new; how many mails that were."""
        if self._mailbox.remap_below:
            await self._remap()
        uids = await self._account.uids_since(self._mailbox.next_uid)
        if not uids:
            return 0
        count = "1 mail" if len(uids) == 1 else f"{len(uids)} mails"
        self._pulse.say(Health.BUSY, f"Fetching {count}.")
        await self._download(uids)
        await self._move_cursor(uids[-1] + 1)
        if self._filing is not None:
            await self._filing
        await intake.file_stored(self._desk)
        return len(uids)

    async def _download(self, uids: Sequence[int]) -> None:
        for run in self._suspects.runs(uids):
            stored = 0
            try:
                fetched = self._account.fetch(run, self._line.largest_mail)
                async with aclosing(taken_ahead(fetched)) as batches:
                    async for batch in batches:
                        await self._store(batch)
                        stored = batch[-1].uid
            except ConnectionLost as lost:
                await self._remember(run[bisect_right(run, stored) :], str(lost))
                raise
            self._suspects.uids.difference_update(run)

    async def _remember(self, left: Sequence[int], why: str) -> None:
        """The connection broke: look more closely next time, and pass the mail that breaks it."""
        if not left:
            return
        if len(left) == 1 and left[0] in self._suspects.uids:
            broken = FetchedMail(left[0], b"", cause=Cause.DOWNLOAD, why=why)
            await self._store([broken])
            self._suspects.uids.discard(left[0])
        else:
            self._suspects.add(left)

    async def _store(self, batch: Sequence[FetchedMail]) -> None:
        """Batches are whole and ascending, so the cursor follows each of them."""
        next_uid = batch[-1].uid + 1
        mailbox = self._mailbox
        await intake.store(self._desk, mailbox, mailbox.uidvalidity, batch, next_uid)
        self._mailbox = replace(mailbox, next_uid=next_uid)
        if self._filing is None or self._filing.done():  # beside the next fetch
            self._filing = asyncio.create_task(intake.file_stored(self._desk))

    async def _move_cursor(self, next_uid: int) -> None:
        mailbox = self._mailbox
        if next_uid > mailbox.next_uid:
            await intake.store(self._desk, mailbox, mailbox.uidvalidity, [], next_uid)
            self._mailbox = replace(mailbox, next_uid=next_uid)

    async def _remap(self) -> None:
        """The server numbered its mails anew: download only those that cannot be recognised."""
        below = self._mailbox.remap_below
        self._pulse.say(Health.BUSY, "The server numbered its mails anew: recognising them.")
        there = [uid for uid in await self._account.uids_since(1) if uid < below]
        listed = await self._account.describe(there)
        times = Counter(remote.message_id for remote in listed)
        repeated = {message_id for message_id, n in times.items() if n > 1}
        ahead = [uid for uid in there if uid >= self._mailbox.next_uid]
        remotes = {remote.uid: remote for remote in listed}
        for start in range(0, len(ahead), AT_ONCE):
            piece = ahead[start : start + AT_ONCE]
            asked = [remotes[uid] for uid in piece if uid in remotes]
            known = await renumbering.recognise(self._desk, self._mailbox, asked, repeated)
            await self._download([uid for uid in piece if uid not in known])
            await self._move_cursor(piece[-1] + 1)
        self._mailbox = await renumbering.end(self._desk, self._mailbox)

    # -- once more ---------------------------------------------------------------------------

    async def _fetch_wanted(self) -> None:
        """Mails that did not come at first, at each sweep; those that a person asked for at once."""
        clock = asyncio.get_running_loop().time
        asked_only = clock() < self._retry_at
        if not asked_only:
            self._retry_at = clock() + SWEEP_S
        due = await wanted.due(self._desk, self._mailbox, asked_only=asked_only)
        came = [await self._fetch_again(located) for located in due]
        if any(came):
            await intake.file_stored(self._desk)

    async def _fetch_again(self, located: Located) -> bool:
        if not await wanted.attempt(self._desk, located):
            return False
        found: list[FetchedMail] = []
        async for batch in self._account.fetch([located.uid], self._line.largest_mail):
            found += batch
        return await wanted.settle(self._desk, located, found[0] if found else None)

    # -- on the server -----------------------------------------------------------------------

    async def _settle(self) -> None:
        """Mark or move on the server what is filed, also what a dead process left behind.

        A refusal holds up no new mail: it is told, and tried again at the next sweep.
        """
        self._trouble = ""
        if self._line.after_filing == "leave":
            return
        uidvalidity = self._mailbox.uidvalidity
        async with self._desk.store.read() as tx:
            waiting = await mailboxes.unsettled(tx, self._mailbox, uidvalidity)
        for start in range(0, len(waiting), SETTLED_AT_ONCE):
            some = waiting[start : start + SETTLED_AT_ONCE]
            uids = [uid for uid, _ in some]
            try:
                await self._settle_some(uids, {uid for uid, begun in some if begun})
            except ServerRefused as error:
                log.warning("filed mail stays as it is: %s", error)
                self._trouble = str(error)
                return
            async with self._desk.store.write() as tx:
                await mailboxes.settle(tx, self._mailbox, uidvalidity, uids)

    async def _settle_some(self, uids: Collection[int], begun: Collection[int]) -> None:
        if self._line.after_filing != "move":
            await self._account.mark_seen(uids)
            return
        if not self._account.moves_at_once:
            async with self._desk.store.write() as tx:
                await mailboxes.begin_moves(tx, self._mailbox, self._mailbox.uidvalidity, uids)
        await self._account.move(uids, self._line.move_to, begun)

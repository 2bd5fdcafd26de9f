"""Fetching mails in batches that stay small in memory, past the ones a server will not give."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection

from agentdesk.domain.errors import ServerRefused
from agentdesk.mail.account import FetchedMail, MailsRefused, RemoteMail
from agentdesk.mail.answers import body, fetched, mail, number
from agentdesk.mail.session import Answer
from agentdesk.mail.wire import batches, slices, uid_set

UIDS_PER_COMMAND = 500
MAILS_PER_BATCH = 50
BYTES_PER_BATCH = 4 * 1024 * 1024
WINDOW = 1024 * 1024

Fetch = Callable[[bytes, bytes], Awaitable[Answer]]
"""Runs UID FETCH with a UID set and items. Raises ServerRefused, ConnectionLost."""


async def sizes(fetch: Fetch, uids: Collection[int]) -> list[RemoteMail]:
    """The mails among *uids* that exist, with their sizes, ascending."""
    found: list[RemoteMail] = []
    for piece in slices(uids, UIDS_PER_COMMAND):
        answer = await fetch(uid_set(piece), b"(UID RFC822.SIZE)")
        told = fetched(answer.data)
        size = {uid: number(fields.get("RFC822.SIZE")) or 0 for uid, fields in told.items()}
        found += (RemoteMail(uid, size[uid]) for uid in piece if uid in size)
    return found


class Download:
    """One run over some UIDs. `refused` collects, by UID, what the server said instead."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self.refused: dict[int, str] = {}

    async def mails(self, uids: Collection[int]) -> AsyncIterator[list[FetchedMail]]:
        """The mails by batches; see `MailAccount.fetch`."""
        for piece in slices(uids, UIDS_PER_COMMAND):
            told = await sizes(self._fetch, piece)
            big = {remote.uid for remote in told if remote.size > BYTES_PER_BATCH}
            pairs = ((remote.uid, remote.size) for remote in told)
            for batch in batches(pairs, MAILS_PER_BATCH, BYTES_PER_BATCH):
                if found := await self._batch(batch, windowed=batch[0] in big):
                    yield found
        if self.refused:
            first, count = next(iter(self.refused.values())), len(self.refused)
            raise MailsRefused(f"{first} Mails left out: {count}.", self.refused)

    async def _batch(self, uids: list[int], *, windowed: bool) -> list[FetchedMail]:
        """One batch; where the server refuses it, its mails one by one, noting the refused."""
        try:
            return await (self._windows(uids[0]) if windowed else self._whole(uids))
        except ServerRefused as error:
            if len(uids) == 1:
                self.refused[uids[0]] = str(error)
                return []
        singles = [await self._batch([uid], windowed=False) for uid in uids]
        return [found for single in singles for found in single]

    async def _whole(self, uids: list[int]) -> list[FetchedMail]:
        answer = await self._fetch(uid_set(uids), b"(UID FLAGS INTERNALDATE BODY.PEEK[])")
        told = fetched(answer.data)
        bodies = ((uid, told[uid], body(told[uid])) for uid in uids if uid in told)
        return [mail(uid, fields, raw) for uid, fields, raw in bodies if raw is not None]

    async def _windows(self, uid: int) -> list[FetchedMail]:
        """One large mail, a window at a time, until a window comes back short."""
        raw = bytearray()
        while True:
            what = b"(UID FLAGS INTERNALDATE BODY.PEEK[]<%d.%d>)" % (len(raw), WINDOW)
            answer = await self._fetch(b"%d" % uid, what)
            fields = fetched(answer.data).get(uid, {})
            window = body(fields)
            if window is None:
                return []  # it vanished meanwhile
            raw += window
            if len(window) < WINDOW:
                return [mail(uid, fields, bytes(raw))]

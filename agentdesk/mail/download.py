"""Fetching mails in batches that stay small in memory, past the ones a server will not give."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable

from agentdesk.domain.errors import ServerRefused
from agentdesk.domain.quarantine import Cause
from agentdesk.mail.account import FetchedMail, RemoteMail
from agentdesk.mail.answers import body, fetched, header_fields, mail, number
from agentdesk.mail.headers import message_ids, read_headers
from agentdesk.mail.session import Answer
from agentdesk.mail.wire import batches, slices, uid_set

UIDS_PER_COMMAND = 500
MAILS_PER_BATCH = 50
BYTES_PER_BATCH = 4 * 1024 * 1024
WINDOW = 1024 * 1024
BEGINNING = 64 * 1024
ALONE = BYTES_PER_BATCH + 1

Fetch = Callable[[bytes, bytes], Awaitable[Answer]]
"""Runs UID FETCH with a UID set and items. Raises ServerRefused, ConnectionLost."""


async def describe(fetch: Fetch, uids: Collection[int]) -> list[RemoteMail]:
    """Size and Message-ID of those of *uids* that exist, ascending.

    The field is read by our own reader: ENVELOPE is what the server makes of it.
    """
    found: list[RemoteMail] = []
    items = b"(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
    for piece in slices(uids, UIDS_PER_COMMAND):
        answer = await fetch(uid_set(piece), items)
        for uid, fields in sorted(fetched(answer.data).items()):
            headers, _ = read_headers(header_fields(fields))
            ids = message_ids(headers.get("message-id"))
            size = number(fields.get("RFC822.SIZE")) or 0
            found.append(RemoteMail(uid, size, ids[0] if ids else ""))
    return [remote for remote in found if remote.uid in set(uids)]


async def sizes(fetch: Fetch, uids: Collection[int]) -> list[RemoteMail]:
    """The mails among *uids* that exist, with their sizes, ascending.

    Where the server will not tell sizes, all are taken to exist and no size is known.
    """
    found: list[RemoteMail] = []
    for piece in slices(uids, UIDS_PER_COMMAND):
        try:
            answer = await fetch(uid_set(piece), b"(UID RFC822.SIZE)")
        except ServerRefused:
            found += (RemoteMail(uid, 0) for uid in piece)
            continue
        told = fetched(answer.data)
        size = {uid: number(fields.get("RFC822.SIZE")) or 0 for uid, fields in told.items()}
        found += (RemoteMail(uid, size[uid]) for uid in piece if uid in size)
    return found


class Download:
    """One run over some UIDs. A mail of more than *largest* bytes is not downloaded."""

    def __init__(self, fetch: Fetch, largest: int) -> None:
        self._fetch = fetch
        self._largest = largest

    async def mails(self, uids: Collection[int]) -> AsyncIterator[list[FetchedMail]]:
        """The mails by batches, ascending; see `MailAccount.fetch`."""
        for piece in slices(uids, UIDS_PER_COMMAND):
            told = {remote.uid: remote for remote in await sizes(self._fetch, piece)}
            pairs = ((uid, self._weight(remote)) for uid, remote in told.items())
            for batch in batches(pairs, MAILS_PER_BATCH, BYTES_PER_BATCH):
                if found := await self._batch([told[uid] for uid in batch]):
                    yield found

    def _weight(self, remote: RemoteMail) -> int:
        """What it adds to a batch; what must come in windows is alone in its batch."""
        usual = 0 < remote.size <= min(self._largest, BYTES_PER_BATCH)
        return remote.size if usual else ALONE

    async def _batch(self, remotes: list[RemoteMail]) -> list[FetchedMail]:
        """Every mail of the batch that still exists: whole, or with the cause why not."""
        if len(remotes) == 1:
            return await self._single(remotes[0])
        try:
            found = {m.uid: m for m in await self._whole([r.uid for r in remotes])}
        except ServerRefused:
            found = {}
        for remote in remotes:  # those that did not come: refused, or gone meanwhile
            if remote.uid not in found:
                found |= {m.uid: m for m in await self._single(remote)}
        return [found[r.uid] for r in remotes if r.uid in found]

    async def _single(self, remote: RemoteMail) -> list[FetchedMail]:
        try:
            found = await self._one(remote)
            if found or not await sizes(self._fetch, [remote.uid]):
                return found
            why = "The server lists this mail, but hands out no content."
        except ServerRefused as error:
            why = str(error)
        return [FetchedMail(remote.uid, b"", size=remote.size, cause=Cause.DOWNLOAD, why=why)]

    async def _one(self, remote: RemoteMail) -> list[FetchedMail]:
        if remote.size > self._largest:
            return await self._beginning(remote.uid, remote.size)
        if self._weight(remote) == ALONE:
            return await self._windows(remote.uid)
        return await self._whole([remote.uid])

    async def _whole(self, uids: Iterable[int]) -> list[FetchedMail]:
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
            if len(raw) > self._largest:
                return await self._beginning(uid, len(raw))
            if len(window) < WINDOW:
                return [mail(uid, fields, bytes(raw))]

    async def _beginning(self, uid: int, size: int) -> list[FetchedMail]:
        """The first 64 KiB of a mail that is too large: enough to see who wrote."""
        what = b"(UID FLAGS INTERNALDATE BODY.PEEK[]<0.%d>)" % BEGINNING
        answer = await self._fetch(b"%d" % uid, what)
        fields = fetched(answer.data).get(uid, {})
        raw = body(fields)
        if raw is None:
            return []
        return [mail(uid, fields, raw[:BEGINNING], size=size, cause=Cause.TOO_LARGE)]

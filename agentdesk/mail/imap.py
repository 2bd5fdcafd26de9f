"""The mail account over IMAP."""

import asyncio
import contextlib
import logging
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable

from agentdesk.domain.errors import (
    ConnectionLost,
    LoginRefused,
    MailProblem,
    ServerRefused,
    ServerUnreachable,
)
from agentdesk.mail import answers, download
from agentdesk.mail.account import (
    LARGEST_MAIL,
    AccessTokens,
    Credential,
    FetchedMail,
    ImapServer,
    MailAccount,
    MailboxStatus,
    RemoteMail,
    reveal,
)
from agentdesk.mail.connecting import token_refused, with_a_token
from agentdesk.mail.session import Answer, ImapSession, Literal, open_session
from agentdesk.mail.wire import mailbox_word, quoted, slices, uid_set

log = logging.getLogger(__name__)
IDLE_SECONDS = 9 * 60  # some networks forget a silent connection after ten minutes
POLL_SECONDS = 2 * 60  # NOOP where the server has no IDLE
FAREWELL_SECONDS = 5
ROLES = {"\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash"}  # RFC 6154
SENT_NAMES = ("sent", "sent items", "sent messages", "sent mail")

_BUSY = {"UNAVAILABLE", "INUSE", "LIMIT"}  # RFC 5530
_TRY_LATER = {*_BUSY, "SERVERBUG", "OVERQUOTA"}  # Gmail says OVERQUOTA for too much traffic
_TOO_MANY = re.compile(  # Gmail, Courier, Cyrus: no code, or ALERT
    r"too many|maximum number of|connection limit|temporar|rate limit|bandwidth", re.I
)


class ImapAccount(MailAccount):
    """The port on one IMAP connection. `poll_seconds`: NOOP interval without IDLE."""

    def __init__(
        self, server: ImapServer, credential: Credential, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self.server = server
        self._credential = credential
        self._poll_seconds = poll_seconds
        self._open: ImapSession | None = None
        self._selected, self._uidvalidity = ("INBOX", False), 0
        self.idle_refused = False

    def __repr__(self) -> str:
        return f"ImapAccount({self.server.username} at {self.server})"

    # -- connection ------------------------------------------------------------------------

    async def connect(self) -> None:
        """Connect and log in. Raises ServerUnreachable, CertificateRefused, LoginRefused."""
        await self.close()
        if isinstance(self._credential, AccessTokens):
            self._open = await with_a_token(self._credential, self._opened_by_token)
        else:
            self._open = await self._opened(await reveal(self._credential), self._log_in)

    def _opened_by_token(self, token: str) -> Awaitable[ImapSession]:
        return self._opened(token, self._log_in_by_token)

    async def _opened(
        self, secret: str, log_in: Callable[[ImapSession, str], Awaitable[None]]
    ) -> ImapSession:
        session = await open_session(self.server)
        try:
            if not session.preauthenticated:
                await log_in(session, secret)
            await session.capability()
        except BaseException:
            session.abort()
            raise
        return session

    async def _log_in_by_token(self, session: ImapSession, token: str) -> None:
        if "AUTH=XOAUTH2" not in session.capabilities:
            raise LoginRefused(f"{self.server} takes no access tokens: set auth to password.")
        answer = await session.authenticate_by_token(token)
        self._check_let_in(answer)
        if not answer.ok:
            raise token_refused(self.server, answer.text)

    async def _log_in(self, session: ImapSession, password: str) -> None:
        user = self.server.username
        if "LOGINDISABLED" in session.capabilities:
            raise LoginRefused(f"{self.server} takes no password here: set security to tls.")
        if (user + password).isascii() and not any(c in password for c in "\r\n\0"):
            answer = await session.run("LOGIN", quoted(user), quoted(password))
        else:
            response = b64encode(f"\0{user}\0{password}".encode())
            answer = await session.authenticate("PLAIN", response)
        self._check_let_in(answer)
        if not answer.ok:
            raise LoginRefused(
                f"{self.server} refused the login of {user} ({answer.text}): "
                "check the user name and password."
            )

    def _check_let_in(self, answer: Answer) -> None:
        busy = answer.code in ("", "ALERT") and _TOO_MANY.search(answer.text)
        if not answer.ok and (answer.code in _TRY_LATER or busy):
            raise ServerUnreachable(f"{self.server} lets nobody in for now: {answer.text}")

    async def close(self) -> None:
        """Log out and disconnect. Never raises."""
        session, self._open = self._open, None
        if session is None:
            return
        try:
            with contextlib.suppress(MailProblem):
                if session.busy:  # politeness would have to wait
                    return
                await session.run("LOGOUT", patience=FAREWELL_SECONDS)
        finally:
            session.abort()

    async def probe(self) -> MailboxStatus:
        """Connect, log in, look at INBOX and log out: the account works, or a typed error."""
        try:
            await self.connect()
            return await self.select("INBOX", readonly=True)
        finally:
            await self.close()

    @property
    def connected(self) -> bool:
        """Whether commands can be given."""
        return self._open is not None and self._open.lost is None

    def supports(self, capability: str) -> bool:
        """Whether the connected server announced *capability*, such as "IDLE"."""
        return capability.upper() in self._session.capabilities

    @property
    def _session(self) -> ImapSession:
        if self._open is None:
            raise ConnectionLost(f"There is no connection to {self.server}: connect first.")
        return self._open

    async def _do(self, purpose: str, name: str, *arguments: bytes) -> Answer:
        """Run a command; a refusal becomes `ServerRefused` that says what was wanted."""
        return self._must(await self._session.run(name, *arguments), purpose)

    def _must(self, answer: Answer, purpose: str) -> Answer:
        if not answer.ok and answer.code in _BUSY:
            raise ServerUnreachable(f"{self.server} cannot {purpose} for now: {answer.text}")
        if not answer.ok:
            code = f"[{answer.code}] " if answer.code else ""
            raise ServerRefused(f"{self.server} refused to {purpose}: {code}{answer.text}")
        return answer

    # -- reading ---------------------------------------------------------------------------

    async def select(self, mailbox: str, readonly: bool = False) -> MailboxStatus:
        """Open *mailbox*. Raises ServerRefused if it does not exist."""
        word = mailbox_word(mailbox)
        answer = await self._do(f"open {mailbox}", "EXAMINE" if readonly else "SELECT", word)
        self._session.changed.clear()
        told = answers.numbers(answer.data)
        if not {"UIDVALIDITY", "UIDNEXT"} <= told.keys():
            items = b"(UIDNEXT UIDVALIDITY)"
            told |= answers.status((await self._do(f"open {mailbox}", "STATUS", word, items)).data)
        if not {"UIDVALIDITY", "UIDNEXT"} <= told.keys():
            raise ServerRefused(f"{self.server} does not number the mails of {mailbox}.")
        self._selected, self._uidvalidity = (mailbox, readonly), told["UIDVALIDITY"]
        return MailboxStatus(told["UIDVALIDITY"], told["UIDNEXT"], told.get("EXISTS", 0))

    async def uids_since(self, first_uid: int) -> list[int]:
        """The UIDs there are now from *first_uid* on, ascending."""
        await self._do("look for new mail", "NOOP")
        self._session.changed.clear()
        return await self._search(first_uid)

    async def describe(self, uids: Collection[int]) -> list[RemoteMail]:
        """Size and Message-ID of those of *uids* that exist, ascending."""
        return await download.describe(self._fetch, uids)

    async def _search(self, first_uid: int, *criteria: bytes) -> list[int]:
        """UIDs from *first_uid*; the server's n:* would name its last mail at least."""
        since = b"UID %d:*" % first_uid
        answer = await self._do("search for mails", "UID SEARCH", since, *criteria)
        return [uid for uid in answers.found_uids(answer.data) if uid >= first_uid]

    async def _fetch(self, uids: bytes, items: bytes) -> Answer:
        return await self._do("hand out mails", "UID FETCH", uids, items)

    def fetch(
        self, uids: Collection[int], largest: int = LARGEST_MAIL
    ) -> AsyncIterator[list[FetchedMail]]:
        """The mails by batches, ascending, each at most 50 mails and 4 MiB (or one larger mail).

        Of mails of more than *largest* bytes only the beginning comes. Mails that vanished are left
        out; those that the server will not hand out come with a cause.
        """
        return download.Download(self._fetch, largest).mails(uids)

    async def wait_for_change(self, max_seconds: float) -> bool:
        """Wait until the mailbox changes, at most *max_seconds* and 9 minutes; whether it did.

        News since the last `select` or `uids_since` count. Raises ConnectionLost at once.
        """
        session = self._session
        session.check()
        if not session.changed.is_set():
            await self._watch(session, min(max_seconds, IDLE_SECONDS))
        changed = session.changed.is_set()
        session.changed.clear()
        return changed

    async def _watch(self, session: ImapSession, seconds: float) -> None:
        if "IDLE" in session.capabilities:
            answer = await session.idle(seconds)
            if answer.ok:
                return
            session.capabilities.discard("IDLE")  # announced, but refused: poll instead
            self.idle_refused = True
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while not session.changed.is_set() and (left := until - clock()) > 0:
            await session.wait_changed(min(left, self._poll_seconds))
            await self._do("look for new mail", "NOOP")

    def nudge(self) -> None:
        """End `wait_for_change` as if something had changed."""
        if self._open is not None:
            self._open.changed.set()

    async def find_message_id(
        self, mailbox: str, header: str, value: str, first_uid: int = 1
    ) -> list[int]:
        """UIDs >= *first_uid* in *mailbox* whose *header* contains *value*.

        Leaves *mailbox* selected, read-only.
        """
        await self.select(mailbox, readonly=True)
        return await self._search(first_uid, b"HEADER", quoted(header), quoted(value))

    async def special_use(self) -> dict[str, str]:
        """Mailbox names by their role. Source: RFC 6154, and usual names for the Sent mailbox."""
        listed = await self._list(b'"" "*"')
        if not any(ROLES.intersection(words) for words, _ in listed) and self.supports(
            "SPECIAL-USE"
        ):
            listed += await self._list(b'(SPECIAL-USE) "" "*"')
        found = {role: name for words, name in reversed(listed) for role in ROLES & {*words}}
        for _, name in listed:
            if re.split(r"[/.]", name)[-1].lower() in SENT_NAMES:
                found.setdefault("\\Sent", name)
        return found

    async def _list(self, arguments: bytes) -> list[tuple[list[str], str]]:
        return answers.mailboxes((await self._do("list its mailboxes", "LIST", arguments)).data)

    # -- writing ---------------------------------------------------------------------------

    async def mark_seen(self, uids: Collection[int]) -> None:
        """Flag the mails as read."""
        await self._flag(uids, rb"(\Seen)")

    async def _flag(self, uids: Collection[int], flags: bytes) -> None:
        for piece in slices(uids, download.UIDS_PER_COMMAND):
            await self._do("flag mails", "UID STORE", uid_set(piece), b"+FLAGS.SILENT", flags)

    @property
    def moves_at_once(self) -> bool:
        """Whether a move that is cut short leaves no copy behind (RFC 6851)."""
        return self.supports("MOVE")

    async def move(self, uids: Collection[int], mailbox: str, again: Collection[int] = ()) -> None:
        """Move the mails to *mailbox*, which is made if it is missing.

        *again*: those for which a move may have been cut short; they are not copied twice. Where
        the server can expunge only everything, the originals stay, flagged as deleted.
        """
        for piece in slices(uids, download.UIDS_PER_COMMAND):
            if self.moves_at_once:
                await self._transfer("UID MOVE", piece, mailbox)
                continue
            copied = await self._copied({*again}.intersection(piece), mailbox)
            await self._transfer("UID COPY", [uid for uid in piece if uid not in copied], mailbox)
            await self._flag(piece, rb"(\Deleted)")
            if self.supports("UIDPLUS"):
                await self._do(f"move mails to {mailbox}", "UID EXPUNGE", uid_set(piece))

    async def _transfer(self, command: str, uids: Collection[int], mailbox: str) -> None:
        if not uids:
            return
        arguments = (uid_set(uids), mailbox_word(mailbox))
        answer = await self._session.run(command, *arguments)
        if not answer.ok and answer.code == "TRYCREATE":
            await self._do(f"make the mailbox {mailbox}", "CREATE", mailbox_word(mailbox))
            log.info("made the mailbox %s on %s", mailbox, self.server)
            answer = await self._session.run(command, *arguments)
        self._must(answer, f"move mails to {mailbox}")

    async def _copied(self, uids: Collection[int], mailbox: str) -> set[int]:
        """Those of the selected mailbox's mails that lie in *mailbox* too, by Message-ID and size."""
        mine = [r for r in await self.describe(uids) if r.message_id.isascii() and r.message_id]
        if not mine:
            return set()
        (here, readonly), before = self._selected, self._uidvalidity
        found: set[int] = set()
        try:
            await self.select(mailbox, readonly=True)
            for remote in mine:
                hits = await self._search(1, b"HEADER", b"Message-ID", quoted(remote.message_id))
                if remote.size in {r.size for r in await self.describe(hits)}:
                    found.add(remote.uid)
        except ServerRefused:
            found.clear()  # there is no such mailbox yet
        if (await self.select(here, readonly)).uidvalidity != before:
            self._session.abort()  # the UIDs mean other mails now
            self._session.check()
        return found

    async def append(self, mailbox: str, raw: bytes, flags: Iterable[str] = ()) -> int | None:
        """Store *raw* in *mailbox*; its UID there, if the server tells (UIDPLUS)."""
        listed = b"(" + " ".join(flags).encode("ascii") + b")"
        purpose = f"store a mail in {mailbox}"
        answer = await self._do(purpose, "APPEND", mailbox_word(mailbox), listed, Literal(raw))
        _, _, uid = answer.code_data.partition(" ")
        return answers.number(uid) if answer.code == "APPENDUID" else None

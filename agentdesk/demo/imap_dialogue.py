"""What the demo's IMAP server does for each command of one client."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Awaitable, Callable

from agentdesk.demo.imap_line import ClientLine, HangUpError
from agentdesk.demo.imap_selected import BadCommandError, SelectedMailbox, text
from agentdesk.demo.mailstore import TOKEN_REFUSED, Mailbox, MailStore, xoauth2
from agentdesk.mail.wire import Token, from_utf7, mailbox_word

CAPABILITIES = (
    "IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 LITERAL+ ID NAMESPACE UNSELECT IDLE MOVE UIDPLUS "
    "SPECIAL-USE"
)
BEFORE_LOGIN = {"CAPABILITY", "NOOP", "ID", "LOGIN", "AUTHENTICATE", "LOGOUT", "STARTTLS"}
SELECTED_ONLY = {
    *("FETCH", "STORE", "SEARCH", "COPY", "MOVE", "EXPUNGE"),
    *("IDLE", "CHECK", "CLOSE", "UNSELECT"),
}
NUMBERED = {"FETCH", "STORE", "SEARCH"}  # without UID, sequence numbers must hold still

Words = list[Token]
Handler = Callable[[Words, bool], Awaitable[str]]


class ImapDialogue:
    """The state of one client: who it is, what it selected. Replies are what follows the tag."""

    def __init__(self, store: MailStore, line: ClientLine, *, offers_tls: bool) -> None:
        self._store = store
        self._line = line
        self._offers_tls = offers_tls
        self._user = ""
        self._selected: SelectedMailbox | None = None

    async def perform(self, name: str, words: Words) -> str:
        """Do one command, writing its data; the tagged reply."""
        verb = name.removeprefix("UID ")
        handler: Handler | None = getattr(self, f"_do_{verb.lower()}", None)
        if handler is None or verb in self._line.faults.hidden:
            return f"BAD {verb} is not known"
        if not self._user and verb not in BEFORE_LOGIN:
            return "NO log in first"
        if self._selected is None and verb in SELECTED_ONLY:
            return "NO select a mailbox first"
        if name != verb or verb not in NUMBERED:
            self._tell_news()
        try:
            return await handler(words, name != verb)
        except BadCommandError as error:
            return f"BAD {error}"
        except (IndexError, TypeError, ValueError):
            return "BAD arguments not understood"

    def _tell_news(self) -> None:
        for line in self._selected.news() if self._selected else ():
            self._line.write(line)

    def _announce(self) -> None:
        """News while the client idles. Whoever delivers a mail must not feel the line's fault."""
        try:
            self._tell_news()
        except HangUpError:
            self._line.cut()

    @property
    def _here(self) -> SelectedMailbox:
        if self._selected is None:
            raise BadCommandError("nothing is selected")
        return self._selected

    # -- who and what ----------------------------------------------------------------------

    async def _do_capability(self, words: Words, by_uid: bool) -> str:
        offered = CAPABILITIES.split() + ["STARTTLS"] * self._offers_tls
        shown = [word for word in offered if word.upper() not in self._line.faults.hidden]
        self._line.write(f"* CAPABILITY {' '.join(shown)}\r\n".encode())
        return "OK done"

    async def _do_noop(self, words: Words, by_uid: bool) -> str:
        return "OK done"

    _do_check = _do_noop
    _do_subscribe = _do_noop

    async def _do_id(self, words: Words, by_uid: bool) -> str:
        self._line.write(b'* ID ("name" "agentdesk demo")\r\n')
        return "OK done"

    async def _do_namespace(self, words: Words, by_uid: bool) -> str:
        self._line.write(b'* NAMESPACE (("" "/")) NIL NIL\r\n')
        return "OK done"

    async def _do_starttls(self, words: Words, by_uid: bool) -> str:
        return "OK begin TLS now" if self._offers_tls else "BAD TLS is not offered"

    async def _do_logout(self, words: Words, by_uid: bool) -> str:
        self._line.write(b"* BYE see you\r\n")
        return "OK done"

    async def _do_login(self, words: Words, by_uid: bool) -> str:
        return self._admit(text(words[0]), text(words[1]))

    async def _do_authenticate(self, words: Words, by_uid: bool) -> str:
        log_in = {"PLAIN": self._by_password, "XOAUTH2": self._by_token}.get(text(words[0]).upper())
        if log_in is None:
            return "NO only PLAIN and XOAUTH2 are offered"
        if len(words) > 1:
            response = text(words[1]).encode()
        else:
            self._line.write(b"+ \r\n")
            response = await self._line.read_line()
        try:
            return await log_in(b64decode(response, validate=True).decode("utf-8", "replace"))
        except (Base64Error, ValueError):
            return "BAD response not understood"

    async def _by_password(self, response: str) -> str:
        _, user, password = response.split("\0")
        return self._admit(user, password)

    async def _by_token(self, response: str) -> str:
        """Like Google: a refusal is a challenge that the client answers by an empty line."""
        user, token = xoauth2(response)
        if not self._store.token_is(user, token):
            self._line.write(b"+ " + TOKEN_REFUSED + b"\r\n")
            await self._line.read_line()
            return "NO [AUTHENTICATIONFAILED] the access token is not valid"
        self._user = user
        return "OK welcome"

    def _admit(self, user: str, password: str) -> str:
        if not self._store.password_is(user, password):
            return "NO [AUTHENTICATIONFAILED] wrong user name or password"
        self._user = user
        return "OK welcome"

    # -- mailboxes -------------------------------------------------------------------------

    async def _do_select(self, words: Words, by_uid: bool) -> str:
        return self._select(words, readonly=False)

    async def _do_examine(self, words: Words, by_uid: bool) -> str:
        return self._select(words, readonly=True)

    def _select(self, words: Words, *, readonly: bool) -> str:
        self._selected = None
        box = self._mailbox(words[0])
        if box is None:
            return "NO [NONEXISTENT] no such mailbox"
        self._selected = SelectedMailbox(box, readonly=readonly)
        for line in self._selected.greeting():
            self._line.write(line)
        return "OK [READ-ONLY] selected" if readonly else "OK [READ-WRITE] selected"

    def _mailbox(self, word: Token) -> Mailbox | None:
        return self._store.mailbox(self._user, from_utf7(text(word)))

    async def _do_close(self, words: Words, by_uid: bool) -> str:
        if not self._here.readonly:
            self._here.expunge()
        self._selected = None
        return "OK closed"

    async def _do_unselect(self, words: Words, by_uid: bool) -> str:
        self._selected = None
        return "OK closed"

    async def _do_create(self, words: Words, by_uid: bool) -> str:
        if self._mailbox(words[0]):
            return "NO [ALREADYEXISTS] it exists"
        self._store.create(self._user, from_utf7(text(words[0])))
        return "OK created"

    async def _do_list(self, words: Words, by_uid: bool) -> str:
        only_roles = isinstance(words[0], list)
        _, pattern = words[1:3] if only_roles else words[:2]
        wanted = _pattern(from_utf7(text(pattern)))
        for box in self._store.mailboxes(self._user):
            if wanted.fullmatch(box.name) and (box.special_use or not only_roles):
                roles = f"\\HasNoChildren {box.special_use}".strip().encode()
                self._line.write(b'* LIST (%b) "/" %b\r\n' % (roles, mailbox_word(box.name)))
        return "OK listed"

    async def _do_status(self, words: Words, by_uid: bool) -> str:
        box = self._mailbox(words[0])
        if box is None:
            return "NO [NONEXISTENT] no such mailbox"
        counts = {
            "MESSAGES": len(box),
            "RECENT": 0,
            "UIDNEXT": box.uidnext,
            "UIDVALIDITY": box.uidvalidity,
            "UNSEEN": sum("\\Seen" not in mail.flags for mail in box.mails),
        }
        names = [text(item).upper() for item in words[1]] if isinstance(words[1], list) else []
        told = " ".join(f"{name} {counts[name]}" for name in names if name in counts)
        self._line.write(b"* STATUS %b (%b)\r\n" % (mailbox_word(box.name), told.encode()))
        return "OK told"

    async def _do_append(self, words: Words, by_uid: bool) -> str:
        box = self._mailbox(words[0])
        if box is None:
            return "NO [TRYCREATE] no such mailbox"
        raw = words[-1]
        if not isinstance(raw, bytes):
            return "BAD the mail is missing"
        listed = words[1] if isinstance(words[1], list) else []
        uid = box.add(raw, [text(flag) for flag in listed])
        return f"OK [APPENDUID {box.uidvalidity} {uid}] stored"

    # -- mails -----------------------------------------------------------------------------

    async def _do_fetch(self, words: Words, by_uid: bool) -> str:
        uids = self._here.uids(text(words[0]), by_uid=by_uid)
        for line in self._here.fetch(uids, words[1], by_uid=by_uid):
            self._line.write(line)
            await self._line.drain()
        return "OK fetched"

    async def _do_store(self, words: Words, by_uid: bool) -> str:
        if self._here.readonly:
            return "NO the mailbox is open read-only"
        uids = self._here.uids(text(words[0]), by_uid=by_uid)
        for line in self._here.store(uids, text(words[1]), words[2], by_uid=by_uid):
            self._line.write(line)
        return "OK stored"

    async def _do_search(self, words: Words, by_uid: bool) -> str:
        self._line.write(self._here.search(words, by_uid=by_uid))
        return "OK searched"

    async def _do_copy(self, words: Words, by_uid: bool) -> str:
        return self._copy(words, by_uid, remove=False)

    async def _do_move(self, words: Words, by_uid: bool) -> str:
        return self._copy(words, by_uid, remove=True)

    def _copy(self, words: Words, by_uid: bool, *, remove: bool) -> str:
        target = self._mailbox(words[1])
        if target is None:
            return "NO [TRYCREATE] no such mailbox"
        uids = self._here.uids(text(words[0]), by_uid=by_uid)
        code = self._here.copy(uids, target)
        if not remove:
            return f"OK {code}copied"
        if code:
            self._line.write(f"* OK {code}moved\r\n".encode())
        self._here.box.remove(uids)
        self._tell_news()
        return "OK moved"

    async def _do_expunge(self, words: Words, by_uid: bool) -> str:
        self._here.expunge(self._here.uids(text(words[0]), by_uid=True) if by_uid else None)
        self._tell_news()
        return "OK expunged"

    async def _do_idle(self, words: Words, by_uid: bool) -> str:
        self._line.write(b"+ idling\r\n")
        await self._line.drain()
        watchers = self._here.box.watchers
        watchers.add(self._announce)
        try:
            await self._line.strike("IDLING")
            done = await self._line.read_line()
        finally:
            watchers.discard(self._announce)
        return "OK done" if done.upper() == b"DONE" else "BAD expected DONE"


def _pattern(pattern: str) -> re.Pattern[str]:
    """A LIST pattern: * is anything, % anything within one level."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace("%", "[^/]*")
    return re.compile(escaped)

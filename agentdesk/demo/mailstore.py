"""The demo's mailboxes: bytes exactly as they came, in memory.

Another store with the same methods could keep them on disk.
"""

import re
from base64 import b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

SPECIAL_USE = {
    "Archive": "\\Archive",
    "Drafts": "\\Drafts",
    "Junk": "\\Junk",
    "Sent": "\\Sent",
    "Trash": "\\Trash",
}


@dataclass(slots=True)
class StoredMail:
    """A mail in a mailbox; `raw` is never changed."""

    uid: int
    raw: bytes = field(repr=False)
    internal_date: datetime
    flags: set[str]


class Mailbox:
    """Mails by ascending UID. Watchers are called, in the event loop, after every change."""

    def __init__(self, name: str, uidvalidity: int, special_use: str = "") -> None:
        self.name = name
        self.special_use = special_use
        self.uidvalidity = uidvalidity
        self.uidnext = 1
        self.watchers: set[Callable[[], None]] = set()
        self._mails: dict[int, StoredMail] = {}
        self._uids: list[int] = []

    def __len__(self) -> int:
        return len(self._uids)

    @property
    def uids(self) -> list[int]:
        """All UIDs, ascending; a copy."""
        return list(self._uids)

    @property
    def mails(self) -> list[StoredMail]:
        """All mails, oldest first."""
        return [self._mails[uid] for uid in self._uids]

    def get(self, uid: int) -> StoredMail | None:
        """The mail with this UID, if it is still there."""
        return self._mails.get(uid)

    def between(self, first: int, last: int) -> list[int]:
        """The UIDs from *first* to *last*, both included."""
        return self._uids[bisect_left(self._uids, first) : bisect_right(self._uids, last)]

    def add(self, raw: bytes, flags: Iterable[str] = (), date: datetime | None = None) -> int:
        """Store a mail; its UID. *date* (aware) defaults to now."""
        uid = self.uidnext
        self.uidnext += 1
        self._mails[uid] = StoredMail(uid, raw, date or datetime.now(UTC), set(flags))
        self._uids.append(uid)
        self._changed()
        return uid

    def remove(self, uids: Iterable[int]) -> None:
        """Delete mails for good."""
        gone = {uid for uid in uids if self._mails.pop(uid, None)}
        self._uids = [uid for uid in self._uids if uid not in gone]
        self._changed()

    def renumber(self) -> None:
        """Start a new UIDVALIDITY: the same mails under new UIDs, as after a restored backup."""
        mails = self.mails
        self.uidvalidity += 1
        self._mails, self._uids = {}, []
        self.uidnext += 1000
        for mail in mails:
            self.add(mail.raw, mail.flags, mail.internal_date)

    def _changed(self) -> None:
        for watcher in tuple(self.watchers):
            watcher()


TOKEN_REFUSED = b64encode(b'{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}')
"""What servers say to an access token that is not good, before they say no."""

_XOAUTH2 = re.compile(r"user=([^\x01]*)\x01auth=Bearer ([^\x01]+)\x01\x01")


def xoauth2(response: str) -> tuple[str, str]:
    """User and access token of a client's XOAUTH2 response. Raises ValueError."""
    found = _XOAUTH2.fullmatch(response)
    if found is None:
        raise ValueError("not XOAUTH2")
    return found[1], found[2]


class MailStore:
    """Users with their passwords and mailboxes. User names are mail addresses, any case."""

    def __init__(self) -> None:
        self._passwords: dict[str, str] = {}
        self._tokens: dict[str, set[str]] = {}
        self._mailboxes: dict[str, dict[str, Mailbox]] = {}
        self._last_uidvalidity = 1_700_000_000

    def add_user(self, user: str, password: str) -> None:
        """A new user with an INBOX and the usual folders."""
        self._passwords[user.lower()] = password
        self._mailboxes[user.lower()] = {}
        self.create(user, "INBOX")
        for name, role in SPECIAL_USE.items():
            self.create(user, name, role)

    def has_user(self, user: str) -> bool:
        """Whether mail to *user* ends here."""
        return user.lower() in self._passwords

    def password_is(self, user: str, password: str) -> bool:
        """Whether these credentials are good."""
        return self._passwords.get(user.lower()) == password

    def allow_token(self, user: str, token: str) -> None:
        """From now on *user* may log in with this access token."""
        self._tokens.setdefault(user.lower(), set()).add(token)

    def forget_tokens(self, user: str) -> None:
        """No access token of *user* is good any more."""
        self._tokens.pop(user.lower(), None)

    def token_is(self, user: str, token: str) -> bool:
        """Whether this access token is good."""
        return token in self._tokens.get(user.lower(), ())

    def create(self, user: str, name: str, special_use: str = "") -> Mailbox:
        """The mailbox, made if it is new."""
        boxes = self._mailboxes[user.lower()]
        if name not in boxes:
            self._last_uidvalidity += 1
            boxes[name] = Mailbox(name, self._last_uidvalidity, special_use)
        return boxes[name]

    def mailbox(self, user: str, name: str = "INBOX") -> Mailbox | None:
        """A user's mailbox; INBOX in any case."""
        key = "INBOX" if name.upper() == "INBOX" else name
        return self._mailboxes[user.lower()].get(key)

    def mailboxes(self, user: str) -> list[Mailbox]:
        """A user's mailboxes."""
        return list(self._mailboxes[user.lower()].values())

    def deliver(self, user: str, raw: bytes, mailbox: str = "INBOX") -> int:
        """A new mail for *user*; its UID. Whoever idles there is told at once."""
        return self.create(user, mailbox).add(raw)

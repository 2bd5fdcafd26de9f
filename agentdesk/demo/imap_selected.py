"""A selected mailbox as one IMAP connection sees it: sequence numbers, FETCH, SEARCH, STORE."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from agentdesk.demo.mailstore import Mailbox, StoredMail
from agentdesk.mail.wire import Token, quoted, uid_set

MACROS = {"ALL": ["FLAGS", "INTERNALDATE", "RFC822.SIZE"], "FAST": ["FLAGS", "INTERNALDATE"]}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

_SECTION = re.compile(
    r"BODY(\.PEEK)?\[(HEADER\.FIELDS \([^)]*\)|HEADER|TEXT|)\](?:<(\d+)\.(\d+)>)?"
)
_OLD_SECTIONS = {
    "RFC822": "BODY[]",
    "RFC822.HEADER": "BODY.PEEK[HEADER]",
    "RFC822.TEXT": "BODY[TEXT]",
}
_FLAG_CRITERIA = {
    "SEEN": ("\\Seen", True),
    "UNSEEN": ("\\Seen", False),
    "DELETED": ("\\Deleted", True),
    "UNDELETED": ("\\Deleted", False),
    "FLAGGED": ("\\Flagged", True),
    "ANSWERED": ("\\Answered", True),
}


class BadCommandError(ValueError):
    """The client asked for something that this server does not understand."""


class SelectedMailbox:
    """What a connection knows of *box*. Methods give the untagged lines to write, with CRLF."""

    def __init__(self, box: Mailbox, *, readonly: bool) -> None:
        self.box = box
        self.readonly = readonly
        self._known = box.uids

    def greeting(self) -> Iterator[bytes]:
        """What SELECT tells."""
        yield b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
        yield b"* %d EXISTS\r\n* 0 RECENT\r\n" % len(self._known)
        yield b"* OK [UIDVALIDITY %d] UIDs valid\r\n" % self.box.uidvalidity
        yield b"* OK [UIDNEXT %d] Predicted next UID\r\n" % self.box.uidnext

    def news(self) -> Iterator[bytes]:
        """What changed since the client was last told."""
        now = self.box.uids
        if now == self._known:
            return
        present = set(now)
        for index in reversed(range(len(self._known))):
            if self._known[index] not in present:
                yield b"* %d EXPUNGE\r\n" % (index + 1)
        if not self._known or (now and now[-1] > self._known[-1]):
            yield b"* %d EXISTS\r\n" % len(now)
        self._known = now

    def uids(self, spec: str, *, by_uid: bool) -> list[int]:
        """The UIDs that a sequence set or UID set names, ascending."""
        top = (self._known[-1] if by_uid else len(self._known)) if self._known else 0
        found: set[int] = set()
        for piece in spec.split(","):
            ends = [top if end == "*" else _number(end) for end in piece.split(":")]
            first, last = min(ends), max(ends)
            known = self.box.between(first, last) if by_uid else self._known[first - 1 : last]
            found.update(known)
        return sorted(found)

    def fetch(self, uids: Iterable[int], items: Token, *, by_uid: bool) -> Iterator[bytes]:
        """FETCH lines, one mail each."""
        wanted = _items(items)
        if by_uid and "UID" not in wanted:
            wanted.insert(0, "UID")
        numbers = {uid: number for number, uid in enumerate(self._known, start=1)}
        for uid in uids:
            if mail := self.box.get(uid):
                fields = b" ".join(self._field(mail, item) for item in wanted)
                yield b"* %d FETCH (%b)\r\n" % (numbers[uid], fields)

    def _field(self, mail: StoredMail, item: str) -> bytes:
        if item == "UID":
            return b"UID %d" % mail.uid
        if item == "FLAGS":
            return b"FLAGS (%b)" % " ".join(sorted(mail.flags)).encode()
        if item == "INTERNALDATE":
            return b"INTERNALDATE " + quoted(_internal_date(mail.internal_date))
        if item == "RFC822.SIZE":
            return b"RFC822.SIZE %d" % len(mail.raw)
        return self._section(mail, item)

    def _section(self, mail: StoredMail, item: str) -> bytes:
        match = _SECTION.fullmatch(_OLD_SECTIONS.get(item, item))
        if match is None:
            raise BadCommandError(f"FETCH {item} is not known")
        peek, section, offset, length = match.groups()
        if not peek and not self.readonly:
            mail.flags.add("\\Seen")
        data = _part(mail.raw, section)
        name = item if item in _OLD_SECTIONS else f"BODY[{section}]"
        if offset is not None:
            data = data[int(offset) : int(offset) + int(length)]
            name += f"<{offset}>"
        return b"%b {%d}\r\n%b" % (name.encode(), len(data), data)

    def store(
        self, uids: Iterable[int], how: str, flags: Token, *, by_uid: bool
    ) -> Iterator[bytes]:
        """Change flags; FETCH lines unless silent."""
        action = re.fullmatch(r"([+-]?)FLAGS(\.SILENT)?", how.upper())
        if action is None:
            raise BadCommandError(f"STORE {how} is not known")
        words = {text(flag) for flag in (flags if isinstance(flags, list) else [flags])}
        changed = [mail for uid in uids if (mail := self.box.get(uid))]
        for mail in changed:
            new = {"+": mail.flags | words, "-": mail.flags - words}
            mail.flags = new.get(action[1], words)
        if not action[2]:
            yield from self.fetch([mail.uid for mail in changed], ["FLAGS"], by_uid=by_uid)

    def expunge(self, uids: Iterable[int] | None = None) -> None:
        """Remove the mails flagged as deleted, of *uids* or of all."""
        among = self.box.uids if uids is None else uids
        mails = (self.box.get(uid) for uid in among)
        self.box.remove([mail.uid for mail in mails if mail and "\\Deleted" in mail.flags])

    def copy(self, uids: Iterable[int], target: Mailbox) -> str:
        """Copy the mails to *target*; the COPYUID code for it."""
        mails = [mail for uid in uids if (mail := self.box.get(uid))]
        if not mails:
            return ""
        new = [target.add(mail.raw, mail.flags, mail.internal_date) for mail in mails]
        old = uid_set(mail.uid for mail in mails).decode()
        return f"[COPYUID {target.uidvalidity} {old} {uid_set(new).decode()}] "

    def search(self, criteria: list[Token], *, by_uid: bool) -> bytes:
        """The SEARCH line."""
        tests = self._tests(list(criteria))
        numbered = enumerate(self._known, start=1)
        mails = ((number, self.box.get(uid)) for number, uid in numbered)
        hits = [
            mail.uid if by_uid else number
            for number, mail in mails
            if mail and all(test(mail) for test in tests)
        ]
        return b"* SEARCH" + b"".join(b" %d" % hit for hit in hits) + b"\r\n"

    def _tests(self, words: list[Token]) -> Iterable[Callable[[StoredMail], bool]]:
        tests = []
        while words:
            word = str(words.pop(0)).upper()
            if word == "CHARSET":
                words.pop(0)
            elif word != "ALL":
                tests.append(self._test(word, words))
        return tests

    def _test(self, word: str, words: list[Token]) -> Callable[[StoredMail], bool]:
        if word in _FLAG_CRITERIA:
            flag, present = _FLAG_CRITERIA[word]
            return lambda mail: (flag in mail.flags) == present
        if word == "HEADER":
            name, value = text(words.pop(0)), text(words.pop(0))
            return lambda mail: header_contains(mail.raw, name, value)
        by_uid = word == "UID"
        spec = text(words.pop(0)) if by_uid else word
        named = frozenset(self.uids(spec, by_uid=by_uid))
        return lambda mail: mail.uid in named


def text(token: Token) -> str:
    """An atom or string of a command as text. Raises BadCommandError."""
    if isinstance(token, bytes):
        return token.decode("utf-8", "replace")
    if isinstance(token, str):
        return token
    raise BadCommandError("a word is missing")


def header_contains(raw: bytes, name: str, value: str) -> bool:
    """Whether a header *name* of *raw* contains *value*, in any case."""
    unfolded = re.sub(rb"\r\n[ \t]+", b" ", _part(raw, "HEADER")).decode("utf-8", "replace")
    start = name.lower() + ":"
    lines = (line.lower() for line in unfolded.split("\r\n"))
    return any(line.startswith(start) and value.lower() in line[len(start) :] for line in lines)


def _part(raw: bytes, section: str) -> bytes:
    head, blank, rest = raw.partition(b"\r\n\r\n")
    if section.startswith("HEADER.FIELDS"):
        wanted = {name.encode() for name in section.partition("(")[2].rstrip(")").split()}
        fields = re.findall(rb"(?:[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*)", head + b"\r\n")
        kept = (f for f in fields if f.partition(b":")[0].strip().upper() in wanted)
        return b"".join(kept) + b"\r\n"
    return {"HEADER": head + blank, "TEXT": rest}.get(section, raw)


def _items(items: Token) -> list[str]:
    if isinstance(items, list):
        return list(_joined(items))
    word = text(items).upper()
    return list(MACROS.get(word, [word]))


def _joined(items: list[Token]) -> Iterator[str]:
    """The items of a list; `BODY[HEADER.FIELDS (…)]` was read as three and is one."""
    words = iter(items)
    for item in words:
        word = text(item).upper()
        if word.endswith("[HEADER.FIELDS"):
            names = next(words, None)
            listed = " ".join(text(n).upper() for n in names) if isinstance(names, list) else ""
            word += f" ({listed}){text(next(words, None))}"
        yield word


def _number(digits: str) -> int:
    if not digits.isdigit():
        raise BadCommandError(f"{digits} is not a number")
    return int(digits)


def _internal_date(date: datetime) -> str:
    return f"{date.day:2}-{MONTHS[date.month - 1]}-{date:%Y %H:%M:%S %z}"

"""What IMAP answers say: numbers, UIDs, mails and mailbox names out of a finished command."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from agentdesk.domain.quarantine import Cause
from agentdesk.mail.account import FetchedMail
from agentdesk.mail.wire import Parts, Token, from_utf7, tokens

Fields = dict[str, Token]

LONGEST_NUMBER = 20  # digits; more of them are an attack

_NUMBER = re.compile(rb"(\d{1,20}) (EXISTS)|OK \[(UIDVALIDITY|UIDNEXT) (\d{1,20})\]", re.I)
_FETCH = re.compile(rb"\d+ FETCH ", re.IGNORECASE)
_DATE = re.compile(rb" ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def number(token: Token) -> int | None:
    """A number as IMAP writes it; None for anything else, however it looks."""
    if isinstance(token, str) and token.isdecimal() and len(token) <= LONGEST_NUMBER:
        return int(token)
    return None


def pairs(items: list[Token]) -> Fields:
    """The fields of a FETCH or STATUS list by their upper-case names."""
    named = zip(items[0::2], items[1::2], strict=False)
    return {name.upper(): value for name, value in named if isinstance(name, str)}


def numbers(data: Iterable[Parts]) -> dict[str, int]:
    """EXISTS, UIDVALIDITY and UIDNEXT, as far as a SELECT told them."""
    found = {}
    for parts in data:
        if match := _NUMBER.match(bytes(parts[0])):
            exists, word, name, value = match.groups()
            found[(word or name).decode().upper()] = int(exists or value)
    return found


def status(data: Iterable[Parts]) -> dict[str, int]:
    """The numbers of a STATUS answer."""
    for parts in data:
        match tokens(parts):
            case [str(word), _, [*items]] if word.upper() == "STATUS":
                told = {name: number(value) for name, value in pairs(items).items()}
                return {name: value for name, value in told.items() if value is not None}
    return {}


def found_uids(data: Iterable[Parts]) -> list[int]:
    """The numbers of SEARCH answers, ascending."""
    found: set[int] = set()
    for parts in data:
        word, _, rest = bytes(parts[0]).partition(b" ")
        if word.upper() == b"SEARCH":
            words = (number(word.decode("latin-1")) for word in rest.split())
            found.update(uid for uid in words if uid is not None)
    return sorted(found)


def fetched(data: Iterable[Parts]) -> dict[int, Fields]:
    """FETCH answers by UID; a mail's several lines are merged, lines without a UID ignored."""
    mails: dict[int, Fields] = {}
    for parts in data:
        if not _FETCH.match(bytes(parts[0])):
            continue
        match tokens(parts):
            case [_, _, [*items], *_]:
                fields = pairs(items)
                uid = number(fields.get("UID"))
                if uid is not None:
                    mails.setdefault(uid, {}).update(fields)
    return mails


def body(fields: Fields) -> bytes | None:
    """The BODY[] or window of it among *fields*; None if the server sent none."""
    for name, value in fields.items():
        if name.startswith("BODY[]") and isinstance(value, bytes):
            return value
    return None


def header_fields(fields: Fields) -> bytes:
    """What a BODY[HEADER.FIELDS (…)] among *fields* brought.

    Its name reads as three tokens, so that the content stands behind the closing bracket.
    """
    content = fields.get("]")
    return content if isinstance(content, bytes) else b""


def mail(
    uid: int, fields: Fields, raw: bytes, *, size: int = 0, cause: Cause | None = None
) -> FetchedMail:
    """The fetched mail that *fields* describe."""
    flags = fields.get("FLAGS")
    listed = flags if isinstance(flags, list) else []
    date = fields.get("INTERNALDATE")
    return FetchedMail(
        uid=uid,
        raw=raw,
        internal_date=internal_date(date) if isinstance(date, bytes) else None,
        flags=frozenset(flag for flag in listed if isinstance(flag, str)),
        size=size or len(raw),
        cause=cause,
    )


def internal_date(text: bytes) -> datetime | None:
    """An INTERNALDATE in UTC; None where it is no date."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    day, month, year, time, hours, minutes = (g.decode("latin-1") for g in match.groups())
    try:
        number = _MONTHS.index(month.lower()) + 1
        iso = f"{year}-{number:02}-{int(day):02}T{time}{hours}:{minutes}"
        return datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def mailboxes(data: Iterable[Parts]) -> list[tuple[list[str], str]]:
    """LIST answers: attributes such as "\\\\Sent", and the readable name."""
    found = []
    for parts in data:
        match tokens(parts):
            case [str(word), [*attributes], _, str() | bytes() as name] if word.upper() == "LIST":
                text = name if isinstance(name, str) else name.decode("latin-1")
                found.append(([a for a in attributes if isinstance(a, str)], from_utf7(text)))
    return found

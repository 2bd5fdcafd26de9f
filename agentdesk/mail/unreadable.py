"""A mail that cannot be understood, shown as far as any program can show it.

`as_text` is what a released mail is filed as. Nothing here fails, whatever the bytes: each step is
tried by itself, and the last resort is the bytes as letters. Only the beginning of a mail is looked
at, so that no size or nesting costs more than a moment.
"""

import logging
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from agentdesk.domain.message import Address, MailKind, ParsedMail, Span
from agentdesk.domain.text import SafeText, safe
from agentdesk.mail.addresses import parse_addresses, parse_sender
from agentdesk.mail.bodies import read_body
from agentdesk.mail.charsets import decode_unlabelled
from agentdesk.mail.headers import Headers, message_ids, read_headers, utc_date
from agentdesk.mail.kinds import classify
from agentdesk.mail.parts import read_tree

READ_BYTES: Final = 256 * 1024
"""What is looked at of a mail."""

TEXT_CHARS: Final = 100_000
SOURCE_BYTES: Final = 32 * 1024
NO_SUBJECT: Final = "(unreadable mail)"
NOT_UNDERSTOOD: Final = (
    "This mail could not be understood. Its text is shown as far as it can be read; files that came "
    "with it are not."
)
ONLY_BEGINNING: Final = "Only the beginning of this mail is shown."
NOTHING_LEGIBLE: Final = "Nothing in this mail can be read."

SHOWN_FIELDS: Final = ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNSEEN = re.compile("[^\\n\\t\x20-\x7e]")

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """Who writes about what; empty where that cannot be read. Safe for the screen."""

    sender: str
    subject: str


def head(raw: bytes) -> Head:
    """Sender and subject of the mail that begins with *raw*."""
    headers = _headers(raw)
    sender = _attempt(lambda: parse_sender(headers.get("from") or headers.get("sender")), NOBODY)
    return Head(str(sender), _attempt(lambda: headers.text("subject"), SafeText("")))


def fields(raw: bytes) -> tuple[tuple[str, str], ...]:
    """The fields that a person looks for, by their customary names, as far as they can be read."""
    headers = _headers(raw)
    found = ((n, _attempt(lambda n=n: headers.text(n), SafeText(""))) for n in SHOWN_FIELDS)  # type: ignore[misc]
    return tuple((_customary(name), value[:1_000]) for name, value in found if value)


def as_text(
    raw: bytes, *, size: int = 0, own_addresses: frozenset[str] = frozenset()
) -> ParsedMail:
    """The mail that begins with *raw* as a readable message. Never fails.

    `size` is that of the whole mail in bytes, where *raw* is only its beginning.
    """
    cut = max(size, len(raw)) > len(raw[:READ_BYTES])
    raw = raw[:READ_BYTES]
    headers = _headers(raw)
    text, shortened = readable(raw)
    warnings = [NOT_UNDERSTOOD]
    if cut or shortened:
        warnings.append(ONLY_BEGINNING)
    if not text.strip():
        warnings.append(NOTHING_LEGIBLE)
    sender = _attempt(lambda: parse_sender(headers.get("from") or headers.get("sender")), NOBODY)
    return ParsedMail(
        subject=_attempt(lambda: headers.text("subject"), SafeText(""))[:1_000] or NO_SUBJECT,
        sender=sender,
        text=text,
        latest=(Span(0, len(text)),) if text else (),
        to=_attempt(lambda: parse_addresses(headers.get("to")), ()),
        cc=_attempt(lambda: parse_addresses(headers.get("cc")), ()),
        reply_to=_attempt(lambda: parse_addresses(headers.get("reply-to")), ()),
        date=_attempt(lambda: utc_date(headers.get("date")), None),
        message_id=next(iter(_ids(headers, "message-id")), ""),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        kind=_attempt(
            lambda: classify(headers, (), text, sender, own_addresses).kind, MailKind.NORMAL
        ),
        warnings=tuple(warnings),
    )


NOBODY: Final = Address("")


def readable(raw: bytes) -> tuple[SafeText, bool]:
    """What a person would read of *raw*, and whether it was cut: its text, else all of it as letters."""
    text = _attempt(lambda: read_body(read_tree(raw)[0]).text, "")
    if not text.strip():
        text = decode_unlabelled(raw)
    text = safe(text[:TEXT_CHARS])
    return SafeText(text), len(text) >= TEXT_CHARS


def source(raw: bytes) -> tuple[SafeText, bool]:
    """The bytes as a terminal may show them, and whether they were cut.

    What is no text, or would not be seen, is spelled out: `\\xff`, `\\u202e`.
    """
    text = raw[:SOURCE_BYTES].decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return safe(_UNSEEN.sub(_spelled_out, text)), len(raw) > SOURCE_BYTES


def _spelled_out(found: re.Match[str]) -> str:
    char = found[0]
    if unicodedata.category(char) in _HIDDEN or not safe(char).strip():
        return char.encode("unicode_escape").decode("ascii")
    return char


def _headers(raw: bytes) -> Headers:
    return _attempt(lambda: read_headers(raw)[0], Headers({}))


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    return _attempt(lambda: message_ids(headers.get(name)), ())


def _customary(name: str) -> str:
    return "-".join(word.capitalize() for word in name.split("-")).replace("-Id", "-ID")


def _attempt(read: Callable[[], T], otherwise: T) -> T:
    """What *read* finds, or *otherwise* where it fails: such a mail broke a parser before."""
    try:
        return read()
    except Exception:
        log.debug("a part of an unreadable mail could not be read", exc_info=True)
        return otherwise

"""The header of a mail, read from its bytes: fields, encoded words, parameters, ids, dates.

Fields are decoded only after their structure is read, because an encoded word may hide a comma or
an angle bracket that must not become syntax (RFC 2047 §5). All scanning is linear and bounded.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from agentdesk.domain.text import SafeText, safe
from agentdesk.mail.charsets import decode, decode_unlabelled

FIELD_BYTES: Final = 64 * 1024
HEADER_BYTES: Final = 256 * 1024
MAX_IDS: Final = 100
_MAX_PARAMETERS: Final = 100
_DATE_CHARS: Final = 120

_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]*:(.*)", re.DOTALL)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)', re.DOTALL)
_ID = re.compile(r"<([^<>]{1,998})>")


class Headers:
    """The fields of one header block, undecoded, in order; names compare without case."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def get(self, name: str) -> str:
        """The first value of *name* (given in lower case), unfolded; empty if there is none."""
        values = self._fields.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Every value of *name* (given in lower case), in the order of the mail."""
        return self._fields.get(name, [])

    def names(self) -> Iterator[str]:
        """Every field name present, in lower case."""
        return iter(self._fields)

    def text(self, name: str) -> SafeText:
        """The first value of *name* as one safe line, encoded words decoded."""
        return safe(decode_words(self.get(name)), multiline=False)


def read_headers(raw: bytes) -> tuple[Headers, list[str]]:
    """The header block at the start of *raw*, and warnings about what was cut or skipped."""
    raw = raw[: HEADER_BYTES * 2].lstrip()
    end = _END.search(raw)
    block = raw[: end.start()] if end else raw
    warnings = []
    if len(block) > HEADER_BYTES:
        block, warnings = block[:HEADER_BYTES], ["The header is too long; its end was not read."]
    fields: dict[str, list[str]] = {}
    for name, value in _fields(block):
        if len(value) > FIELD_BYTES:
            warnings.append(f"The field {name} is too long; its end was not read.")
        fields.setdefault(name, []).append(decode_unlabelled(value[:FIELD_BYTES]))
    return Headers(fields), warnings


def _fields(block: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and unfolded values. A line that is no field belongs to none and is skipped."""
    for line in _FOLD.sub(b"", block).split(b"\n"):
        found = _FIELD.match(line)
        if found:
            yield found[1].decode("ascii").lower(), found[2].strip()


def decode_words(value: str) -> str:
    """*value* with its RFC 2047 encoded words read as mail programs read them.

    Neighbouring words in one charset are joined before decoding, because senders split inside a
    character; a word in an unknown charset or with broken base64 stays as it was written.
    """
    if "=?" not in value:
        return value
    value = _BETWEEN_WORDS.sub("", value)
    out: list[str] = []
    pending, charset, position = b"", "", 0
    for found in _WORD.finditer(value):
        label, content = found[1].partition("*")[0].lower(), _word_bytes(found[2], found[3])
        if pending and (found.start() > position or label != charset):
            out.append(decode(pending, charset))
            pending = b""
        out.append(value[position : found.start()])
        position, charset = found.end(), label
        if content is None:
            out.append(found[0])
        else:
            pending += content
    return "".join([*out, decode(pending, charset), value[position:]])


def _word_bytes(encoding: str, payload: str) -> bytes | None:
    """The bytes of one encoded word; `None` where its base64 is beyond repair."""
    data = payload.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return a2b_qp(data, header=True)
    return lenient_base64(data)


def lenient_base64(data: bytes) -> bytes | None:
    """Base64 as mail programs read it: foreign bytes skipped, padding mended, a lone rest cut."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    try:
        return a2b_base64(kept + b"=" * (-len(kept) % 4))
    except Base64Error:
        return None


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """The main value (lower case) and parameters of a Content-Type or Content-Disposition.

    RFC 2231 pieces and charsets are put together; encoded words are decoded although RFC 2047
    forbids them there, because senders write them. The first of two equal names wins.
    """
    main = value.partition(";")[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for count, found in enumerate(_PARAMETER.finditer(value)):
        if count >= _MAX_PARAMETERS:
            break
        name, star, rest = found[1].lower().partition("*")
        if not star:
            plain.setdefault(name, _unquote(found[2]))
            continue
        number = rest.rstrip("*")
        index = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        pieces.setdefault(name, []).append((index, found[1].endswith("*"), _unquote(found[2])))
    joined = {name: _join_pieces(parts) for name, parts in pieces.items()}
    return main, {name: decode_words(text) for name, text in plain.items()} | joined


def _unquote(value: str) -> str:
    value = value.strip()
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'), flags=re.DOTALL)
    return value


def _join_pieces(parts: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 §3 and §4: numbered pieces, the first naming the charset of the encoded ones."""
    charset, data, run = "", b"", ""
    for position, (_, encoded, text) in enumerate(sorted(parts, key=lambda part: part[0])):
        if encoded and position == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        if encoded:  # an escape may be cut in two, so neighbours are unescaped together
            run += text
        else:
            data += unquote_to_bytes(run) + text.encode("utf-8", "replace")
            run = ""
    return decode(data + unquote_to_bytes(run), charset)


def message_ids(value: str) -> tuple[str, ...]:
    """Bare message ids in *value*, without repetition; at most the last `MAX_IDS`.

    Programs that forget the angle brackets are understood as long as the words look like ids.
    """
    found = _ID.findall(value) or [w for w in value.split() if "@" in w and not set("<>") & set(w)]
    ids = dict.fromkeys(safe("".join(i.split()), multiline=False) for i in found)
    return tuple(i for i in ids if i)[-MAX_IDS:]


def utc_date(value: str) -> datetime | None:
    """The moment a Date field names, aware and in UTC; `None` where it names none."""
    try:
        moment = parsedate_to_datetime(value[:_DATE_CHARS])
        if moment.tzinfo is None:  # "-0000": the time is UTC, the place unknown (RFC 5322 §3.3)
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

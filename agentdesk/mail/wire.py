"""IMAP's grammar: cutting the stream into responses, reading their words, quoting ours.

All of it is iterative and linear in the input, so that no server can hang or crash the client.
Source: RFC 3501, section 9.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeAlias

from agentdesk.domain.errors import BadInput

Parts: TypeAlias = list[bytes | bytearray]
"""One response: text (`bytes`) and literals (`bytearray`) in their order."""

Token: TypeAlias = "str | bytes | list[Token] | None"
"""An atom (`str`), a quoted string or literal (`bytes`), NIL (None) or a parenthesised list."""

LONGEST_LINE = 16 * 1024 * 1024  # a SEARCH over a million mails is one line of 8 MB
LARGEST_LITERAL = 256 * 1024 * 1024

_LITERAL = re.compile(rb"\{(\d{1,18})\+?\}\Z")
_TOKEN = re.compile(  # a string without an end reaches to the end: looking again is quadratic
    rb'(\()|(\))|"((?:[^"\\]+|\\.)*)\\?(?:"|\Z)|([^\s()"]+)', re.DOTALL
)
_STATUS = re.compile(rb"(?:\* )?(?:\+|(?:[A-Z0-9]+ )?(?:OK|NO|BAD|BYE|PREAUTH)\b)", re.IGNORECASE)


class ProtocolError(ValueError):
    """The server sent something that is not IMAP."""


class ResponseReader:
    """Cuts a byte stream, however it was split, into responses with their literals intact."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0  # up to here the buffer holds no line end
        self._parts: Parts = []
        self._literal = bytearray()
        self._missing = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is left over from what was fed."""
        return not (self._buffer or self._parts)

    def feed(self, data: bytes) -> Iterator[Parts]:
        """The responses that *data* completes. Raises `ProtocolError` on absurd sizes."""
        self._buffer += data
        start = 0
        while True:
            if self._missing:
                start = self._take_literal(start)
                if self._missing:
                    break
            end = self._buffer.find(b"\r\n", max(start, self._searched))
            if end < 0:
                break
            complete = self._take_line(bytes(self._buffer[start:end]))
            start = end + 2
            if complete:
                parts, self._parts = self._parts, []
                yield parts
        self._keep_from(start)

    def _take_literal(self, start: int) -> int:
        end = min(start + self._missing, len(self._buffer))
        self._literal += self._buffer[start:end]
        self._missing -= end - start
        if not self._missing:
            self._parts.append(self._literal)
        return end

    def _take_line(self, line: bytes) -> bool:
        """Keep *line*; whether it ends its response."""
        begun = bool(self._parts)
        marker = _LITERAL.search(line) if begun or not _STATUS.match(line) else None
        if marker is None:
            self._parts.append(line)
            return True
        self._missing = int(marker[1])
        if self._missing > LARGEST_LITERAL:
            raise ProtocolError(f"a literal of {self._missing} bytes")
        self._parts.append(line[: marker.start()])
        self._literal = bytearray()
        if not self._missing:
            self._parts.append(self._literal)
        return False

    def _keep_from(self, start: int) -> None:
        del self._buffer[:start]
        self._searched = max(0, len(self._buffer) - 1)
        if not self._missing and len(self._buffer) > LONGEST_LINE:
            raise ProtocolError("a line without an end")


def tokens(parts: Iterable[bytes | bytearray]) -> list[Token]:
    """The words of a response. Unbalanced parentheses are tolerated."""
    top: list[Token] = []
    stack = [top]
    for part in parts:
        if isinstance(part, bytearray):
            stack[-1].append(bytes(part))
        else:
            _tokenise(part, stack)
    return top


def _tokenise(text: bytes, stack: list[list[Token]]) -> None:
    for match in _TOKEN.finditer(text):
        opening, closing, quoted_text, atom = match.groups()
        if opening:
            inner: list[Token] = []
            stack[-1].append(inner)
            stack.append(inner)
        elif closing:
            if len(stack) > 1:
                stack.pop()
        elif atom is None:
            stack[-1].append(re.sub(rb"(?s)\\(.)", rb"\1", quoted_text))
        else:
            stack[-1].append(None if atom.upper() == b"NIL" else atom.decode("latin-1"))


def quoted(text: str) -> bytes:
    """*text* as a quoted string. Raises `BadInput` where IMAP has no way to write it so."""
    if not text.isascii() or any(c in text for c in "\r\n\0"):
        raise BadInput(f"{text!r} cannot be sent to a mail server: use plain characters.")
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode("ascii") + b'"'


def uid_set(uids: Iterable[int]) -> bytes:
    """UIDs as IMAP writes them, runs shortened: b"1:3,7"."""
    runs: list[list[int]] = []
    for uid in sorted(set(uids)):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return b",".join(b"%d" % a if a == b else b"%d:%d" % (a, b) for a, b in runs)


def to_utf7(name: str) -> str:
    """A mailbox name as it travels. Source: RFC 3501, section 5.1.3."""
    pieces = re.split(r"([^\x20-\x7e]+)", name)
    return "".join(
        _shifted(piece) if index % 2 else piece.replace("&", "&-")
        for index, piece in enumerate(pieces)
    )


def _shifted(piece: str) -> str:
    encoded = b64encode(piece.encode("utf-16-be", "surrogatepass")).decode("ascii")
    return "&" + encoded.rstrip("=").replace("/", ",") + "-"


def from_utf7(name: str) -> str:
    """The readable mailbox name; *name* itself where it is not valid modified UTF-7."""
    try:
        return re.sub(r"&([^-]*)-", lambda match: _unshifted(match[1]), name)
    except ValueError:
        return name


def _unshifted(piece: str) -> str:
    if not piece:
        return "&"
    padded = piece.replace(",", "/") + "=" * (-len(piece) % 4)
    return b64decode(padded, validate=True).decode("utf-16-be", "surrogatepass")


def mailbox_word(name: str) -> bytes:
    """A mailbox name, encoded and quoted."""
    return quoted(to_utf7(name))


def batches(sizes: Iterable[tuple[int, int]], mails: int, volume: int) -> Iterator[list[int]]:
    """UIDs of (uid, bytes) grouped into runs of at most *mails* mails and *volume* bytes."""
    run: list[int] = []
    total = 0
    for uid, size in sizes:
        if run and (len(run) == mails or total + size > volume):
            yield run
            run, total = [], 0
        run.append(uid)
        total += size
    if run:
        yield run


def slices(uids: Iterable[int], length: int) -> Iterator[list[int]]:
    """*uids*, ascending and without doubles, in pieces of *length*."""
    ordered = sorted(set(uids))
    bounds = [*range(0, len(ordered), length), len(ordered)]
    return (ordered[a:b] for a, b in pairwise(bounds) if a < b)

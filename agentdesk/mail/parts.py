"""The MIME tree of a mail: parts with their types and names, decoded on demand.

Own reader, because it must be linear and never give up on any input: the standard library's is
quadratic in parts and parameters, and fast-mail-parser refuses a whole mail for depth, a corrupt
attached message or boundaries of which one begins with another (research/mail.md §4.2). Parts are
ranges of the raw bytes; nothing is copied before it is asked for. Attached messages are leaves.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from agentdesk.mail.headers import (
    Headers,
    lenient_base64,
    parameters,
    read_headers,
)

MAIL_BYTES: Final = 50 * 1024 * 1024
MAX_PARTS: Final = 1_000
MAX_DEPTH: Final = 50
_MAX_FALSE_DELIMITERS: Final = 10_000
_MAX_UU_LINES: Final = 1_000_000  # of 60 bytes each in a mail of the greatest size
_FIRST_LINE = re.compile(rb"\r?\n|>?From |[!-9;-~]{1,76}[ \t]*:")


@dataclass
class Part:
    """One node. `children` is empty for a leaf; `content` is the decoded body of a leaf."""

    headers: Headers
    type: str
    parameters: dict[str, str]
    disposition: str
    filename: str
    raw: bytes
    start: int
    end: int
    children: list["Part"] = field(default_factory=list)

    @cached_property
    def content(self) -> bytes:
        """The body without its transfer encoding. Damaged encodings give what can be had."""
        return _transfer_decoded(
            self.headers.get("content-transfer-encoding"), self.raw[self.start : self.end]
        )

    @property
    def is_multipart(self) -> bool:
        """Whether the part is only a container."""
        return bool(self.children)

    def leaves(self) -> Iterator["Part"]:
        """The parts that carry content, in the order of the mail."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, containers included."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass
class _Budget:
    """What one mail may still spend; shared by all levels of its tree."""

    parts: int = MAX_PARTS
    false_delimiters: int = _MAX_FALSE_DELIMITERS
    warnings: list[str] = field(default_factory=list)

    def warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


def read_tree(raw: bytes) -> tuple[Part, list[str]]:
    """The tree of *raw* and warnings, one plain sentence each, about what was left out.

    Never fails. Limits: 50 MB, 1,000 parts, 50 levels, 256 KB of header, 64 KB per field.
    """
    budget = _Budget()
    if len(raw) > MAIL_BYTES:
        budget.warn("The mail is larger than 50 MB; only its beginning was read.")
        raw = raw[:MAIL_BYTES]
    raw = raw.lstrip()
    if b"\n" not in raw:  # line ends of an ancient Mac, or a single line
        raw = raw.replace(b"\r", b"\n")
    root = _read(raw, 0, len(raw), 0, budget, "text/plain")
    return root, budget.warnings


def _read(raw: bytes, start: int, end: int, depth: int, budget: _Budget, default: str) -> Part:
    """The part in raw[start:end], its children included."""
    body = _body_start(raw, start, end) if _begins_with_field(raw, start, end) else start
    headers, warnings = read_headers(raw[start:body])
    for sentence in warnings:
        budget.warn(sentence)
    kind, values = parameters(headers.get("content-type"))
    if "/" not in kind:
        kind = default
    disposition, more = parameters(headers.get("content-disposition"))
    name = more.get("filename") or values.get("name", "")
    part = Part(headers, kind, values, disposition, name, raw, body, end)
    if kind.startswith("multipart/"):
        _add_children(part, depth, budget)
    return part


def _begins_with_field(raw: bytes, start: int, end: int) -> bool:
    """Whether a header stands at *start*, and not text without one."""
    return bool(_FIRST_LINE.match(raw, start, min(end, start + 200)))


def _body_start(raw: bytes, start: int, end: int) -> int:
    """Where the header that begins at *start* ends, its empty line included."""
    if raw.startswith((b"\n", b"\r\n"), start, end):
        return raw.index(b"\n", start, end) + 1
    unix, dos = raw.find(b"\n\n", start, end), raw.find(b"\n\r\n", start, end)
    if unix < 0 and dos < 0:
        return end
    if dos < 0 or 0 <= unix < dos:
        return unix + 2
    return dos + 3


def _add_children(part: Part, depth: int, budget: _Budget) -> None:
    """Read the parts between the delimiter lines; without any, the container stays one text."""
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")[:200].rstrip()
    if depth >= MAX_DEPTH:
        budget.warn("The mail is nested too deeply; its innermost parts were not read.")
    elif boundary:
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        for start, end in _sections(part.raw, part.start, part.end, boundary, budget):
            if budget.parts <= 0:
                budget.warn("The mail has more than 1,000 parts; the rest was not read.")
                break
            budget.parts -= 1
            part.children.append(_read(part.raw, start, end, depth + 1, budget, default))
    if not part.children:
        part.type = "text/plain"


def _sections(
    raw: bytes, start: int, end: int, boundary: bytes, budget: _Budget
) -> Iterator[tuple[int, int]]:
    """The ranges between delimiter lines. A missing last delimiter means the end of the range."""
    needle = b"--" + boundary
    opened, position = -1, start
    while budget.false_delimiters > 0:
        found = raw.find(needle, position, end)
        if found < 0:
            break
        position = found + len(needle)
        line_end = raw.find(b"\n", position, min(end, position + 80))
        rest = raw[position : min(end, position + 80) if line_end < 0 else line_end].rstrip()
        if (found > start and raw[found - 1] != 0x0A) or rest not in {b"", b"--"}:
            budget.false_delimiters -= 1
            continue
        if opened >= 0:
            yield opened, _before_line_end(raw, opened, found)
        if rest or line_end < 0:
            return
        opened = position = line_end + 1
    if opened >= 0:
        yield opened, end


def _before_line_end(raw: bytes, start: int, position: int) -> int:
    """*position* without the line end before it, which belongs to the delimiter (RFC 2046 §5.1)."""
    if position > start and raw[position - 1] == 0x0A:
        position -= 1
    if position > start and raw[position - 1] == 0x0D:
        position -= 1
    return position


def _transfer_decoded(encoding: str, data: bytes) -> bytes:
    """*data* without its Content-Transfer-Encoding; unknown encodings are taken as none."""
    match encoding.partition("(")[0].strip(" \t\"'").lower():
        case "base64":
            return _base64_body(data)
        case "quoted-printable":
            return binascii.a2b_qp(data)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _uudecoded(data)
        case _:
            return data


def _base64_body(data: bytes) -> bytes:
    """Base64, with what mailing lists append in plain text after it left out."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        pass
    padding = data.find(b"=")
    if padding >= 0:
        data = data[:padding]
    return lenient_base64(data) or b""


def _uudecoded(data: bytes) -> bytes:
    """What stands between `begin` and `end`; lines that are no uuencode are skipped."""
    out = bytearray()
    for line in data.partition(b"begin ")[2].split(b"\n", _MAX_UU_LINES)[1:_MAX_UU_LINES]:
        if line.strip() == b"end":
            break
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(out)

"""Reads `winmail.dat` (application/ms-tnef), in which Outlook hides text and files of a mail.

Own reader, because tnefparse 1.4 copies the rest of its input for every attribute (quadratic), lets
a forged count of values loop four thousand million times, and decodes names with codecs that the
mail chooses. Here every length is compared with what is there before it is used, so the work is
linear in the input. Source: [MS-OXTNEF] §2.1 and [MS-OXPROPS].
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from agentdesk.mail.charsets import decode
from agentdesk.mail.richtext import RTF_BYTES, decompress, is_markup, rtf_to_text

MAX_FILES: Final = 200
_MAX_ATTRIBUTES: Final = 20_000
_MAX_NESTING: Final = 3
_SIGNATURE: Final = 0x223E9F78
_HEADER: Final = struct.Struct("<BHHI")
_NUMBER: Final = struct.Struct("<I")

_BODY, _MESSAGE_PROPERTIES, _CODE_PAGE = 0x800C, 0x9003, 0x9007
_FILE_BEGINS, _FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005

_SUBJECT, _TEXT, _RTF, _HTML, _CHARSET = 0x0037, 0x1000, 0x1009, 0x1013, 0x3FDE
_DISPLAY_NAME, _DATA, _SHORT_NAME, _LONG_NAME = 0x3001, 0x3701, 0x3704, 0x3707
_MEDIA_TYPE, _CONTENT_ID, _METHOD = 0x370E, 0x3712, 0x3705
_EMBEDDED_MESSAGE, _OBJECT_ID_BYTES = 5, 16

_FIXED: Final = {0x02: 2, 0x0B: 2, 0x03: 4, 0x04: 4, 0x0A: 4, 0x48: 16} | dict.fromkeys(
    (0x05, 0x06, 0x07, 0x14, 0x40), 8
)
_INTEGER, _STRING, _UNICODE, _OBJECT, _BINARY = 0x03, 0x1E, 0x1F, 0x0D, 0x102
_MANY: Final = 0x1000


class DamagedTnef(Exception):
    """The bytes contradict themselves, or are no TNEF."""


@dataclass(frozen=True, slots=True)
class TnefFile:
    """A file in the container. `name` and `type` are as the sender wrote them, or empty."""

    name: str
    type: str
    content: bytes
    inline: bool = False


@dataclass(slots=True)
class Tnef:
    """What a container holds. Of its bodies each may be empty; `rtf` is still compressed."""

    subject: str = ""
    plain: str = ""
    html: str = ""
    rtf: bytes = b""
    files: list[TnefFile] = field(default_factory=list)

    def body(self, rtf_bytes: int = RTF_BYTES) -> tuple[str, bool]:
        """The text, and whether it is HTML: plain text, else HTML, else rich text made one of both.

        Of rich text at most `rtf_bytes` are read.
        """
        if self.plain.strip():
            return self.plain, False
        if self.html.strip():
            return self.html, True
        rtf = decompress(self.rtf, rtf_bytes)
        return rtf_to_text(rtf), is_markup(rtf)


_Properties = dict[int, bytes | str | int]


def read_tnef(data: bytes) -> Tnef:
    """The text and files in *data*. Raises `DamagedTnef`."""
    return _read(data, _Budget(), 0)


@dataclass(slots=True)
class _Budget:
    """What the messages inside one container may still cost together."""

    rtf_bytes: int = RTF_BYTES


def _read(data: bytes, budget: _Budget, depth: int) -> Tnef:
    tnef = Tnef()
    charset, open_file = "cp1252", _OpenFile()
    for name, content in _attributes(data):
        if name == _CODE_PAGE and len(content) >= 4:
            charset = _charset(_NUMBER.unpack_from(content)[0])
        elif name == _BODY:
            tnef.plain = tnef.plain or decode(content, charset).rstrip("\0")
        elif name == _MESSAGE_PROPERTIES:
            _take_bodies(tnef, _properties(content, charset))
        elif name == _FILE_BEGINS:
            _close(tnef, open_file, budget, depth)
            open_file = _OpenFile(begun=True)
        elif name == _FILE_TITLE:
            open_file.title = decode(content, charset).rstrip("\0")
        elif name == _FILE_DATA:
            open_file.data = content
        elif name == _FILE_PROPERTIES:
            open_file.properties |= _properties(content, charset)
    _close(tnef, open_file, budget, depth)
    return tnef


@dataclass(slots=True)
class _OpenFile:
    """A file whose attributes are still coming."""

    begun: bool = False
    title: str = ""
    data: bytes = b""
    properties: _Properties = field(default_factory=dict)

    def text(self, *ids: int) -> str:
        """The first of the properties that is a text with something in it."""
        values = (self.properties.get(i) for i in ids)
        return next((v for v in values if isinstance(v, str) and v), "")


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The ids and contents of the container's attributes."""
    if len(data) < 6 or _NUMBER.unpack_from(data)[0] != _SIGNATURE:
        raise DamagedTnef("no TNEF")
    position, end = 6, len(data)
    for _ in range(_MAX_ATTRIBUTES):
        if end - position < _HEADER.size + 2:
            return
        level, name, _, length = _HEADER.unpack_from(data, position)
        if level not in {1, 2}:
            if data[position:].strip(b"\0\r\n \t"):
                raise DamagedTnef("unknown level")
            return
        position += _HEADER.size
        if length + 2 > end - position:
            raise DamagedTnef("cut off")
        yield name, data[position : position + length]
        position += length + 2  # a checksum follows, which no sender is held to
    raise DamagedTnef("too many attributes")


def _take_bodies(tnef: Tnef, found: _Properties) -> None:
    text, html, rtf = found.get(_TEXT), found.get(_HTML), found.get(_RTF)
    page = found.get(_CHARSET)
    charset = _charset(page) if isinstance(page, int) else ""
    if isinstance(text, str):
        tnef.plain = text
    if isinstance(html, bytes):
        tnef.html = decode(html, charset)
    elif isinstance(html, str):
        tnef.html = html
    if isinstance(rtf, bytes):
        tnef.rtf = rtf
    subject = found.get(_SUBJECT)
    tnef.subject = subject if isinstance(subject, str) else ""


def _close(tnef: Tnef, file: _OpenFile, budget: _Budget, depth: int) -> None:
    """Put a finished file into *tnef*; an embedded message becomes its text and its own files."""
    if not file.begun or len(tnef.files) >= MAX_FILES:
        return
    data = file.properties.get(_DATA, file.data)
    content = data if isinstance(data, bytes) else b""
    title = file.text(_LONG_NAME) or file.title or file.text(_SHORT_NAME, _DISPLAY_NAME)
    if file.properties.get(_METHOD) == _EMBEDDED_MESSAGE and depth < _MAX_NESTING:
        message = _read(content[_OBJECT_ID_BYTES:], budget, depth + 1)
        _add_message(tnef, title, message, budget)
        return
    inline = bool(file.text(_CONTENT_ID))
    tnef.files.append(TnefFile(title, file.text(_MEDIA_TYPE), content or file.data, inline))


def _add_message(tnef: Tnef, title: str, message: Tnef, budget: _Budget) -> None:
    text, is_html = message.body(budget.rtf_bytes)
    budget.rtf_bytes -= len(text) if message.rtf else 0
    stem = (message.subject or title or "message").strip()
    if text.strip():
        ending, type_ = (".html", "text/html") if is_html else (".txt", "text/plain")
        tnef.files.append(TnefFile(stem + ending, type_, text.encode("utf-8", "replace")))
    tnef.files += message.files[: MAX_FILES - len(tnef.files)]


def _properties(data: bytes, charset: str) -> _Properties:
    """The MAPI properties that the reader wants; the others are only stepped over."""
    reader = _Reader(data)
    found: _Properties = {}
    for _ in range(reader.number()):
        if reader.left < 4:
            raise DamagedTnef("fewer properties than announced")
        kind, name = reader.pair()
        if name >= 0x8000:
            _skip_name(reader)
        value = _value(reader, kind, charset)
        if value is not None:
            found.setdefault(name, value)
    return found


class _Reader:
    """Takes bytes from the front; more than there are is damage."""

    def __init__(self, data: bytes) -> None:
        self._data, self._position = data, 0

    @property
    def left(self) -> int:
        return len(self._data) - self._position

    def take(self, length: int) -> bytes:
        if length > self.left:
            raise DamagedTnef("cut off")
        start = self._position
        self._position += length
        return self._data[start : start + length]

    def skip_to_word(self) -> None:
        """Values are filled up to four bytes; the last may lack its filling."""
        self._position = min(len(self._data), self._position + -self._position % 4)

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def pair(self) -> tuple[int, int]:
        both = self.number()
        return both & 0xFFFF, both >> 16


def _skip_name(reader: _Reader) -> None:
    """A named property: its set, then a number or a name."""
    reader.take(16)
    if reader.number() == 0:
        reader.take(4)
    else:
        reader.take(reader.number())
        reader.skip_to_word()


def _value(reader: _Reader, kind: int, charset: str) -> bytes | str | int | None:
    """One value; the first of several. `None` for what has no use here."""
    many, kind = kind & _MANY, kind & ~_MANY
    size = _FIXED.get(kind, 0)
    if size:
        data = reader.take(size * (reader.number() if many else 1))
        reader.skip_to_word()
        return int.from_bytes(data, "little") if kind == _INTEGER and not many else None
    if kind not in {_STRING, _UNICODE, _OBJECT, _BINARY}:
        raise DamagedTnef("unknown kind of property")
    first: bytes | None = None
    for _ in range(reader.number()):
        data = reader.take(reader.number())  # at least four bytes each: the loop ends with the data
        reader.skip_to_word()
        first = data if first is None else first
    if first is None or kind in {_OBJECT, _BINARY}:
        return first
    return decode(first, "utf-16-le" if kind == _UNICODE else charset).rstrip("\0")


def _charset(page: int) -> str:
    """The name of a Windows code page, for `charsets.decode`, which knows the allowed ones."""
    known = {
        65001: "utf-8",
        20127: "us-ascii",
        20866: "koi8-r",
        21866: "koi8-u",
        50220: "iso-2022-jp",
    }
    known |= {936: "gb18030", 932: "cp932", 949: "cp949", 950: "cp950", 51932: "euc-jp"}
    if 28591 <= page <= 28605:
        return f"iso-8859-{page - 28590}"
    return known.get(page, f"cp{page}")

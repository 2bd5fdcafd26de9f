"""Writes the containers that Outlook sends (application/ms-tnef), for tests. [MS-OXTNEF] §2.1."""

import struct

from agentdesk.mail.richtext import _FIRST

Property = tuple[int, int, bytes | str | int]
"""Id, type and value of a MAPI property."""

STRING, UNICODE, BINARY, OBJECT, INTEGER = 0x1E, 0x1F, 0x102, 0x0D, 0x03


def winmail(*attributes: bytes, code_page: int = 1252) -> bytes:
    """A container of *attributes*."""
    page = attribute(1, 0x9007, struct.pack("<II", code_page, 0))
    return struct.pack("<IH", 0x223E9F78, 1) + page + b"".join(attributes)


def attribute(level: int, name: int, content: bytes) -> bytes:
    """One attribute with its checksum."""
    head = struct.pack("<BHHI", level, name, 6, len(content))
    return head + content + struct.pack("<H", sum(content) & 0xFFFF)


def message(*properties: Property) -> bytes:
    """The properties of the message itself."""
    return attribute(1, 0x9003, packed(*properties))


def file(title: str, content: bytes, *properties: Property) -> bytes:
    """An attached file, as Outlook writes it."""
    parts = [
        attribute(2, 0x9002, b"\0" * 14),
        attribute(2, 0x8010, title.encode("cp1252", "replace") + b"\0"),
        attribute(2, 0x800F, content),
        attribute(2, 0x9005, packed(*properties)),
    ]
    return b"".join(parts)


def packed(*properties: Property) -> bytes:
    """A list of properties."""
    return struct.pack("<I", len(properties)) + b"".join(_property(*p) for p in properties)


def _property(name: int, kind: int, value: bytes | str | int) -> bytes:
    head = struct.pack("<HH", kind, name)
    if name >= 0x8000:
        head += b"\x11" * 16 + struct.pack("<II", 0, 7)
    if isinstance(value, int):
        return head + struct.pack("<i", value)
    if isinstance(value, str):
        value = (value + "\0").encode("utf-16-le" if kind == UNICODE else "cp1252")
    filled = value + b"\0" * (-len(value) % 4)
    return head + struct.pack("<II", 1, len(value)) + filled


def packed_rtf(rtf: bytes) -> bytes:
    """*rtf* packed with references to the window wherever three bytes or more repeat."""
    window = bytearray(b" " * (4096 - len(_FIRST)) + _FIRST)
    shift, tokens, position = len(_FIRST) - 4096, list[bytes](), 0
    while position < len(rtf):
        length = next(
            (n for n in range(17, 2, -1) if rtf[position : position + n] in window[-4000:]), 1
        )
        piece = rtf[position : position + length]
        if len(piece) > 2:
            place = len(window) - 4000 + window[-4000:].index(piece)
            tokens.append(struct.pack(">H", ((place + shift) % 4096) << 4 | (len(piece) - 2)))
        else:
            piece = piece[:1]
            tokens.append(piece)
        window += piece
        position += len(piece)
    tokens.append(struct.pack(">H", ((len(window) + shift) % 4096) << 4))
    body = b""
    for group in (tokens[i : i + 8] for i in range(0, len(tokens), 8)):
        control = sum((len(token) == 2) << bit for bit, token in enumerate(group))
        body += bytes([control]) + b"".join(group)
    return struct.pack("<II", len(body) + 12, len(rtf)) + b"LZFu" + b"\0" * 4 + body

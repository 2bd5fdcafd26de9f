"""vCard 3.0 and 4.0, read line by line and written. Source: RFC 2426, RFC 6350.

vobject stops a whole file at its first bad line and tells no place; here each card is read or refused
by itself, in time linear in its bytes.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

LONGEST_LINE: Final = 100_000
"""Characters of an unfolded line; photographs are longer, and are passed over."""

WIDTH: Final = 75
"""Octets of a line that is written. Source: RFC 6350 §3.2."""

_NAME = re.compile(r"(?:[\w-]+\.)?([\w-]+)", re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PARTS = re.compile(r"(?:[^\\;]|\\.)+|;", re.DOTALL)
_LIST = re.compile(r"(?:[^\\,]|\\.)+|,", re.DOTALL)


@dataclass(slots=True)
class Card:
    """One card: its first line in the file, its properties by upper-case name in order, and why it
    cannot be used, if so.
    """

    line: int
    values: dict[str, list[str]] = field(default_factory=dict)
    wrong: str = ""

    def first(self, name: str) -> str:
        """The first value of a property as text, or nothing."""
        return plain(self.values.get(name, [""])[0])

    def every(self, name: str) -> list[str]:
        """All values of a property as text."""
        return [plain(value) for value in self.values.get(name, [])]

    def parts(self, name: str) -> list[str]:
        """The parts of the first value between semicolons."""
        return _split(_PARTS, ";", self.values.get(name, [""])[0])

    def listed(self, name: str) -> list[str]:
        """The members of a list between commas, of all values."""
        return [m for value in self.values.get(name, []) for m in _split(_LIST, ",", value) if m]


def plain(value: str) -> str:
    """A value without its escapes."""
    return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], value)


def _split(pattern: re.Pattern[str], mark: str, value: str) -> list[str]:
    found = [""]
    for piece in pattern.findall(value):
        if piece == mark:
            found.append("")
        else:
            found[-1] = plain(piece).strip()
    return found


def read(lines: Iterable[str]) -> Iterator[Card]:
    """The cards in *lines*; what stands outside of cards makes a refused one."""
    card: Card | None = None
    outside = False  # one word about a stretch of lines outside of cards is enough
    for number, line in _unfolded(lines):
        name, value = _property(line)
        if name == "BEGIN" and value.strip().upper() == "VCARD":
            if card is not None:
                yield _refused(card, "It has no end: another card begins inside it.")
            card, outside = Card(number), False
        elif card is None:
            if line.strip() and not outside:
                outside = True
                yield Card(number, wrong="This line belongs to no card.")
        elif name == "END":
            yield card
            card = None
        elif name:
            card.values.setdefault(name, []).append(value)
        elif line.strip() and not card.wrong:
            card.wrong = f"Line {number} is no property: it has no colon."
    if card is not None:
        yield _refused(card, "It has no end: END:VCARD is missing.")


def _refused(card: Card, why: str) -> Card:
    card.wrong = card.wrong or why
    return card


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Logical lines with the numbers of their first ones; soft breaks of quoted-printable join, too."""
    held: list[str] = []
    began = size = 0
    soft = False
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if held and (line[:1] in (" ", "\t") or soft):
            piece = line if soft else line[1:]
            size += len(piece)
            if size <= LONGEST_LINE:
                held.append(piece[:-1] if soft and piece.endswith("=") else piece)
            soft = soft and piece.endswith("=")
            continue
        if held:
            yield began, "".join(held)
        began, size = number, len(line)
        soft = "QUOTED-PRINTABLE" in line[:200].upper() and line.endswith("=")
        held = [(line[:-1] if soft else line)[:LONGEST_LINE]]
    if held:
        yield began, "".join(held)


def _property(line: str) -> tuple[str, str]:
    """Upper-case name without its group, and the value, decoded where it is encoded."""
    at = _colon(line)
    if at < 0:
        return "", ""
    head, value = line[:at], line[at + 1 :]
    name, _, parameters = head.partition(";")
    found = _NAME.fullmatch(name.strip())
    if found is None:
        return "", ""
    said = parameters.upper()
    if "QUOTED-PRINTABLE" in said:
        charset = re.search(r"CHARSET=([\w-]{1,40})", said)
        value = _decoded(quopri.decodestring(value.encode("utf-8", "replace")), charset)
    elif "ENCODING=B" in said and found[1].upper() not in ("PHOTO", "LOGO", "SOUND", "KEY"):
        try:
            value = base64.b64decode(value).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return "", ""
    return found[1].upper(), value


def _decoded(raw: bytes, charset: re.Match[str] | None) -> str:
    try:
        return raw.decode(charset[1] if charset else "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _colon(line: str) -> int:
    """Where the value begins: the first colon outside quoted parameters."""
    quoted = False
    for at, char in enumerate(line[:4_000]):
        if char == '"':
            quoted = not quoted
        elif char == ":" and not quoted:
            return at
    return -1


def written(properties: Iterable[tuple[str, str]]) -> str:
    """One card of version 4.0 with these names and values, which are escaped already."""
    lines = ["BEGIN:VCARD", "VERSION:4.0", *(f"{n}:{v}" for n, v in properties), "END:VCARD"]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def escaped(value: str, more: str = ",") -> str:
    """*value* as text in a card."""
    for mark in ("\\", *more):
        value = value.replace(mark, f"\\{mark}")
    return value.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    piece = ""
    size = 0
    for char in line:
        octets = len(char.encode("utf-8", "replace"))
        if size + octets > WIDTH:
            yield piece
            piece, size = " ", 1
        piece += char
        size += octets
    yield piece

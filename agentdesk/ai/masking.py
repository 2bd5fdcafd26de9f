"""Personal data is masked before a text leaves this machine, and put back into the answer.

What is found: mail addresses, IBANs (by their checksum), card numbers (by theirs), other long numbers
that may be telephone numbers, and given names of people. What is not: docs/assistance.md says so.
All of it takes time in proportion to the text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from agentdesk.ai.common_words import COMMON

_PLACEHOLDER = re.compile(
    r"\[(?:EMAIL|IBAN|CARD|PHONE|NAME|TEXT)_\d{1,6}[A-Z]{0,3}\]", re.IGNORECASE
)
_UNFINISHED = re.compile(r"\[[A-Z]{0,5}(?:_[0-9]{0,6}[A-Z]{0,3})?$", re.IGNORECASE)

_LOCAL = r"\w.!#$%&'*+/=?^`{|}~-"
_EMAIL = re.compile(rf"(?<![{_LOCAL}])[{_LOCAL}]++@[\w-]++(?:\.[\w-]++)*+")
_IBAN_START = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?=[ -]?[A-Z0-9])", re.IGNORECASE | re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE | re.ASCII)
_IBAN_LENGTHS = range(15, 35)
_DIGITS = re.compile(r"(?<!\d)[+(]{0,2}\d(?:[ \t\u00a0./()-]{0,3}\d)*+")
_DATE = re.compile(
    r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})(?:[ \t\u00a0]+\d{1,2})?"
)
_CARD_LENGTHS = range(13, 20)
LONGEST_RUN = 400
"""Characters of a run of digits in which a card is looked for; the run is hidden in any case."""

SHORTEST_NUMBER = 7
"""Digits from which a number may be somebody's telephone."""

SHORTEST_NAME = 2
FIRST_IDEOGRAPH = 0x2E80
LONGEST_NAME, MOST_NAMES = 100, 100
"""What strangers call themselves is bounded."""


class Mask:
    """What was hidden in the texts of one request, and what stands for it.

    The same original has the same placeholder everywhere. *names* are those of the people who take
    part: whole names and their parts are hidden, in any case.
    """

    def __init__(self, names: Iterable[str] = (), *, on: bool = True) -> None:
        self._on = on
        self._by_original: dict[tuple[str, str], str] = {}
        self._originals: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        parts = [(n, part) for n, name in _numbered(names) for part in _spellings(name)]
        self._people = {_folded(part): n for n, part in reversed(parts)}
        self._names = _any_of(part for _, part in parts)

    def hide(self, text: str) -> str:
        """*text* with placeholders. What looks like a placeholder already is hidden, too."""
        if not self._on:
            return text
        text = _PLACEHOLDER.sub(lambda m: self._for("TEXT", m[0]), text)
        for hide in (self._emails, self._ibans, self._numbers, self._people_in):
            text = _between_placeholders(text, hide)
        return text

    def show(self, text: str, *, whole: bool = True) -> str:
        """*text* of an answer with the originals; while it grows, without a placeholder cut in two."""
        if not self._on:
            return text
        if not whole:
            text = _UNFINISHED.sub("", text)
        return _PLACEHOLDER.sub(lambda m: self._originals.get(m[0].upper(), m[0]), text)

    def _emails(self, text: str) -> str:
        return _EMAIL.sub(lambda m: self._for("EMAIL", m[0]), text)

    def _ibans(self, text: str) -> str:
        done, at = "", 0
        for start, end in _ibans(text):
            done += text[at:start] + self._for("IBAN", text[start:end])
            at = end
        return done + text[at:]

    def _numbers(self, text: str) -> str:
        return _DIGITS.sub(lambda m: self._number(m[0]), text)

    def _number(self, text: str) -> str:
        if sum(c.isdigit() for c in text) < SHORTEST_NUMBER or _DATE.fullmatch(text):
            return text
        return self._for("CARD" if _holds_card(text) else "PHONE", text)

    def _people_in(self, text: str) -> str:
        return self._names.sub(lambda m: self._name(m[0]), text) if self._names else text

    def _for(self, kind: str, original: str) -> str:
        key = kind, original
        if key not in self._by_original:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._keep(key, f"[{kind}_{self._counts[kind]}]")
        return self._by_original[key]

    def _name(self, original: str) -> str:
        """One number for a person, with a letter for each way in which their name is written."""
        key = "NAME", original
        if key not in self._by_original:
            person = f"NAME_{self._people.get(_folded(original), 0)}"
            nth = self._counts.get(person, 0)
            self._counts[person] = nth + 1
            self._keep(key, f"[{person}{_letters(nth)}]")
        return self._by_original[key]

    def _keep(self, key: tuple[str, str], placeholder: str) -> None:
        self._by_original[key] = placeholder
        self._originals[placeholder] = key[1]


def _between_placeholders(text: str, hide: Callable[[str], str]) -> str:
    pieces: list[str] = []
    at = 0
    for held in _PLACEHOLDER.finditer(text):
        pieces += [hide(text[at : held.start()]), held[0]]
        at = held.end()
    return "".join([*pieces, hide(text[at:])])


def _letters(nth: int) -> str:
    """Nothing for the first, then B, C … Z, BA …"""
    found = ""
    while nth:
        nth, rest = divmod(nth, 26)
        found = chr(ord("A") + rest) + found
    return found


# Names


def _numbered(names: Iterable[str]) -> list[tuple[int, str]]:
    """The different names, each with its number."""
    bare = dict.fromkeys(" ".join(name[:LONGEST_NAME].split()) for name in names)
    return list(enumerate([name for name in bare if name][:MOST_NAMES], start=1))


def _spellings(name: str) -> Iterator[str]:
    """The name, and those parts of it that are not also usual words."""
    whole = name.strip(" \"'.,;:()<>[]")
    for part in (whole, *re.split(r"[\s,;()]+", whole)):
        bare = part.strip("\"'.")
        if len(bare) >= SHORTEST_NAME and bare.casefold() not in COMMON:
            yield bare


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Every one of *names*, as words of their own where their script has spaces."""
    forms = {form for name in names for form in _forms(name)}
    joined = {form for form in forms if any(ord(c) >= FIRST_IDEOGRAPH for c in form)}
    words = rf"(?<![^\W_])(?:{_branches(forms - joined)})(?![^\W_])"
    both = [*([words] if forms - joined else []), *([_branches(joined)] if joined else [])]
    return re.compile("|".join(both), re.IGNORECASE) if both else None


def _branches(names: Iterable[str]) -> str:
    """*names* by their first letter, so that most places in a text are passed over at once.

    The longest stand first. White space inside a name may be of any kind.
    """
    rests: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        rest = re.escape(name[1:]).replace(r"\ ", r"\s+")
        rests.setdefault(name[0], []).append(rest)
    return "|".join(f"{re.escape(first)}(?:{'|'.join(some)})" for first, some in rests.items())


def _forms(name: str) -> Iterator[str]:
    """A letter with an accent is one character or two; some letters are others in lower case."""
    for form in (name, name.casefold(), name.upper()):
        yield from (unicodedata.normalize("NFC", form), unicodedata.normalize("NFD", form))


# Numbers with a checksum


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    """Where IBANs stand in *text*."""
    done = 0
    for start in _IBAN_START.finditer(text):
        found = _IBAN.match(text, start.start()) if start.start() >= done else None
        end = _end_of_iban(found[0]) if found else None
        if end is not None:
            done = start.start() + end
            yield start.start(), done


def _end_of_iban(text: str) -> int | None:
    """Where the longest IBAN that begins *text* ends. Source: ISO 13616."""
    for end in range(len(text), _IBAN_LENGTHS[0] - 1, -1):
        bare = "".join(c for c in text[:end] if c.isalnum()).upper()
        cut = text[end - 1 : end + 1].isalnum() and end < len(text)
        if not cut and len(bare) in _IBAN_LENGTHS and _mod97(bare) == 1:
            return end - (not text[end - 1].isalnum())
    return None


def _mod97(bare: str) -> int:
    return int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97


def _holds_card(text: str) -> bool:
    """Whether groups of digits that follow each other make a card's number."""
    groups = re.findall(r"\d+", text[:LONGEST_RUN])
    return any(
        _begins_card(groups[first : first + _CARD_LENGTHS[-1]]) for first in range(len(groups))
    )


def _begins_card(groups: list[str]) -> bool:
    digits = ""
    for group in groups:
        digits += group
        if len(digits) > _CARD_LENGTHS[-1]:
            return False
        if len(digits) in _CARD_LENGTHS and _luhn(digits):
            return True
    return False


def _luhn(digits: str) -> bool:
    """Source: ISO/IEC 7812-1, annex B."""
    doubled = [int(d) * 2 if n % 2 else int(d) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0

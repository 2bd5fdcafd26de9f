"""What people and companies are found by: folded words of their names, addresses and accounts."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from agentdesk.domain.text import safe

LONGEST_WORD: Final = 48
MOST_WORDS: Final = 60
"""Words by which one record is found; people with dozens of addresses are found by the first ones."""
MOST_TERMS: Final = 6

# Letters that Unicode does not take apart into a plain one and a mark.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    | {"’": "'", "‘": "'", "`": "'", "‐": "-", "‑": "-"}
)
_PIECES = re.compile(r"[^\W_]+")
_AROUND = "".join(chr(c) for c in range(33, 127) if not chr(c).isalnum()) + "“”„«»…·"


def fold(text: str) -> str:
    """*text* without case, accents and typographic variants: `Ólsen` becomes `olsen`. Linear."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(c for c in apart if not unicodedata.combining(c)).translate(_PLAIN)


def terms(typed: str) -> tuple[str, ...]:
    """The beginnings of words that somebody types to find a record, in any order; at most
    `MOST_TERMS`. Those that another one implies are left out.
    """
    found = [w.strip(_AROUND)[:LONGEST_WORD] for w in fold(safe(typed[:500])).split()]
    found = list(dict.fromkeys(w for w in found if w))[:MOST_TERMS]
    return tuple(w for w in found if not any(o != w and o.startswith(w) for o in found))


def words_of_name(name: str) -> tuple[str, ...]:
    """Every word of a name, whole (`el-khoury`), in pieces (`khoury`), and joined (`obrien`)."""
    return tuple(dict.fromkeys(_of_name(name)))


def _of_name(name: str) -> Iterator[str]:
    for word in fold(name[:200]).split():
        whole = word.strip(_AROUND)
        pieces = _PIECES.findall(whole)
        if whole:
            yield whole
        if len(pieces) > 1:
            yield from pieces
            yield "".join(pieces)


def _of_address(email: str) -> Iterator[str]:
    whole = fold(email)
    local, _, domain = whole.rpartition("@")
    yield whole
    yield from _PIECES.findall(local)
    yield domain


def words(name: str, emails: Iterable[str] = (), account: str = "") -> str:
    """All words that a record is found by, each between spaces; what `storage.finding` keeps."""
    found: dict[str, None] = {}
    for word in (*_of_name(name), *(w for e in emails for w in _of_address(e)), *_of_name(account)):
        if word:
            found[word[:LONGEST_WORD]] = None
    return f" {' '.join(list(found)[:MOST_WORDS])} " if found else ""

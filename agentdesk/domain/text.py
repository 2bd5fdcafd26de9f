"""Foreign text made safe for a terminal, in one place.

Whatever comes from a mail, a provider or another person passes `safe` before it is stored as text
or drawn. What it removes can move the cursor, reorder the line, hide words or smuggle data past the
reader. Source: research/mail.md §4.3 and DESIGN §7; Unicode Technical Report 36.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Literal, NewType

SafeText = NewType("SafeText", str)

MARKS_PER_BASE = 4
"""Combining marks kept on one base character; real writing seldom needs three."""

TAB_WIDTH = 8
"""What writers of plain text saw while they aligned with tabs."""

_Class = Literal["keep", "space", "mark", "join", "vary", "drop", "bad"]

# Characters that need no second look: assigned since Unicode 14, visible, no marks, no format.
_PLAIN = re.compile(
    "[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0384-\u038a\u038e-\u03a1\u03a3-\u0482\u048a-\u052f"
    "\u05d0-\u05ea\u0620-\u064a\u0660-\u066f\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u2074-\u208e"
    "\u20a0-\u20c0\u2100-\u218b\u2190-\u23ff\u2500-\u27ff\u3001-\u3029\u3030-\u303f\u3041-\u3096"
    "\u309b-\u30ff\u3131-\u3163\u3165-\u318e\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9f"
    "\U0001f300-\U0001f6d7\U0001f900-\U0001fa53]*"
)
_ASCII_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# Invisible although Unicode files them under letters, marks or symbols.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0\ufffc"
)
_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd")  # Arabic number signs
_JOINERS = frozenset("\u200c\u200d")
_BY_CATEGORY: dict[str, _Class] = {
    "Cc": "drop",
    "Cf": "drop",
    "Cn": "bad",
    "Co": "bad",
    "Cs": "bad",
    "Mc": "mark",
    "Me": "mark",
    "Mn": "mark",
    "Zl": "space",
    "Zp": "space",
    "Zs": "space",
}


def safe(text: str, *, multiline: bool = True) -> SafeText:
    """*text* without anything that a terminal or a reader could be deceived by.

    Line ends become LF and tabs spaces; with `multiline=False` all white space becomes single
    spaces. Never fails, idempotent, linear. Characters without a meaning (lone surrogates, private
    use, unassigned) become U+FFFD; invisible ones vanish.
    """
    if text.isascii():
        cleaned = _safe_ascii(text)
    else:
        lines = _LINE_ENDS.sub("\n", text).split("\n")
        cleaned = "\n".join(x if _PLAIN.fullmatch(x) else _clean_line(x) for x in lines)
    if not multiline:
        return SafeText(" ".join(cleaned.split()))
    return SafeText(cleaned.expandtabs(TAB_WIDTH) if "\t" in cleaned else cleaned)


def _safe_ascii(text: str) -> str:
    if text.isprintable():
        return text
    return _ASCII_CONTROLS.sub("", _LINE_ENDS.sub("\n", text))


def _clean_line(line: str) -> str:
    """One line, character by character.

    Every decision looks only at what was already kept and at whether the next character will be,
    so a second pass decides the same: that is what makes `safe` idempotent.
    """
    kept: list[str] = []
    base = ""  # the last kept character that is no mark, selector or joiner
    marks = 0
    for index, char in enumerate(line):
        match _class_of(char):
            case "keep" | "bad" as what:
                base, marks = (char if what == "keep" else "\ufffd"), 0
                kept.append(base)
            case "space":
                base, marks = "", 0
                kept.append(char if char in "\t\u3000" else " ")
            case "mark" if base and marks < MARKS_PER_BASE:
                marks += 1
                kept.append(char)
            case "vary" if base and kept[-1] == base and _takes_selector(base):
                kept.append(char)
            case "join" if kept and kept[-1] not in _JOINERS and _may_join(base, line, index + 1):
                kept.append(char)
    return "".join(kept)


@lru_cache(maxsize=8192)
def _class_of(char: str) -> _Class:
    """What happens to *char*."""
    if char == "\t" or char == "\u2800":  # the blank braille cell is a space in disguise
        return "space"
    if char in _JOINERS:
        return "join"
    if char in "\ufe0e\ufe0f":
        return "vary"
    if char in _INVISIBLE or "\ufe00" <= char <= "\ufe0d" or "\U000e0000" <= char <= "\U000e01ef":
        return "drop"
    if char in _VISIBLE_FORMAT or "\U0001f000" <= char <= "\U0001faff":
        return "keep"  # the second range: emoji newer than this Python's Unicode tables
    return _BY_CATEGORY.get(unicodedata.category(char), "keep")


@lru_cache(maxsize=1024)
def _takes_selector(base: str) -> bool:
    """Whether text or emoji presentation may be chosen for *base* (symbols, digits, `#`, `*`)."""
    return base in "#*\u2139" or unicodedata.category(base) in {"So", "Sm", "Po", "Nd"}


def _may_join(base: str, line: str, following: int) -> bool:
    """Whether a joiner has something to join: two emoji, or two letters of a joining script."""
    after = line[following : following + 1]
    return bool(base and after) and _joinable(base) and _joinable(after)


@lru_cache(maxsize=1024)
def _joinable(char: str) -> bool:
    if char >= "\u2190":
        return _class_of(char) == "keep" and unicodedata.category(char) in {"So", "Sk", "Cn", "Sm"}
    joining = "\u0600" <= char <= "\u0dff" or "\u1000" <= char <= "\u18af"
    return joining and unicodedata.category(char).startswith("L")

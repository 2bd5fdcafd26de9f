"""A mail cut into the sentences that its writer wrote: prose only, no tables, greetings or quotes; pure.

By rules, for the languages that desks write most; text is safe for a terminal, and work is bounded
whatever a mail holds.
"""

import re
from collections.abc import Iterator
from typing import Final

from agentdesk.ai.common_words import COMMON
from agentdesk.domain.text import safe

HEAD: Final = 4_000
TAIL: Final = 1_500
"""Characters of a long mail that are read: its beginning, and its end, where people ask."""

MOST: Final = 80
LAST: Final = 20
"""Sentences of one mail, and how many of them come from the end of a long one."""

_WRAPPED: Final = 45
"""From this length on a line may have been broken by a mail program, so that it goes on in the next."""

_SIGNED: Final = 8
"""Lines that may stand from a closing on."""

_QUOTED: Final = re.compile(r"\s*(?:\w{0,12}>|[|%]|On .{5,80}wrote:\s*$)")
_PROMPT: Final = re.compile(r"\s*(?:[\w.@:/~-]{1,40}\s?[#$]\s|\[[^\]]{0,30}\d[^\]]{0,30}\]\s)")
_SIGNS: Final = re.compile(r"[{}<>=()\[\];#/\\_|+:]")
_BULLET: Final = re.compile(r"\s*(?:[-*•–·+]|\(?\d{1,2}[.)]|[a-z]\))\s+(?=\S)")
_TABLE: Final = re.compile(r"\|.*\||[-=_*#~]{4,}")
_GAP: Final = re.compile(r"(?<=\S) {3,}(?=\S)")
_GREETING: Final = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|day|afternoon|evening)|greetings|hallo|liebe[rs]?|moin"
    r"|sehr geehrte[rs]?|guten (?:tag|morgen|abend)|bonjour|bonsoir|chers?|chère|madame|monsieur"
    r"|hola|buenos días|buenas tardes|estimad[oa]s?|querid[oa]s?|ciao|salve|beste|geachte)\b"
    r"(?:[\s,]+[^\s,.!?]+){0,4}\s*[,!:.]?$",
    re.IGNORECASE,
)
_CLOSING: Final = re.compile(
    r"(?:(?:(?:with )?(?:kind|best|warm)?(?:est)? ?regards|best wishes|best|cheers|sincerely|thanks"
    r"|yours (?:sincerely|faithfully|truly)|many thanks|thank you"
    r"|(?:mit )?freundlichen? gr(?:ü|ue)(?:ß|ss)en?"
    r"|(?:viele|liebe|beste|schöne) grüße|vielen dank|danke|mfg|lg|cordialement|bien à vous"
    r"|(?:meilleures )?salutations|merci|(?:un cordial )?saludos?(?: cordiales)?|atentamente|gracias"
    r"|(?:med )?vennlig hilsen|mvh|(?:med )?vänliga hälsningar|pozdrawiam"
    r"|cordiali saluti|grazie|(?:met )?vriendelijke groet(?:en)?)\s*[,.!]?)$",
    re.IGNORECASE,
)
_ABBREVIATED = """
mr mrs ms dr prof st no nr nos vs etc eg ie approx ca inc ltd co corp dept est fig vol tel ext al
bzw usw evtl ggf inkl zzgl exkl vgl abs str hr fr frl z.b u.a d.h o.ä i.d.r zb m mm mme mlle env
p.ex réf ref art av bd sr sra srta ud uds vd núm pág aprox p.ej ej jan feb mar apr jun jul aug sep
sept oct nov dec mo di mi do sa so mon tue wed thu fri sat sun e.g i.e a.m p.m
"""
_SHORT_WORDS: Final = frozenset(_ABBREVIATED.split())
_ENDS: Final = re.compile(r"[.!?…؟]+[\"'”’»)\]]*\s+|[。！？]+[」』”]*\s*")
_WORD: Final = re.compile(r"[^\W_][\w-]*[^\W_]")
_DIGIT: Final = re.compile(r"\d")
_LAST_WORD: Final = re.compile(r"[\w.]+$")
_SAYS: Final = re.compile("[^\\W\\d_]|[\u2600-\u27bf\U0001f300-\U0001faff]")
"""A letter, or a sign such as a thumb."""


def sentences(text: str) -> list[str]:
    """The sentences of *text* in their order, white space single; at most 80."""
    parts = [
        [s for block in _blocks(part) for s in _split(block) if _SAYS.search(s)]
        for part in _parts(text)
    ]
    head, tail = parts[0], parts[-1] if len(parts) > 1 else []
    last = tail[-LAST:]
    return [*head[: MOST - len(last)], *last]


def words_in(text: str) -> frozenset[str]:
    """The words that say something, cut to their first six letters so that forms of a word meet."""
    found = _WORD.findall(text.lower())
    return frozenset(w if _DIGIT.search(w) else w[:6] for w in found if w not in COMMON)


def _parts(text: str) -> Iterator[str]:
    """All of it, or its beginning and its end without what the cuts broke."""
    if len(text) <= HEAD + TAIL:
        yield safe(text)
        return
    head, _, _ = text[:HEAD].rpartition("\n")
    yield safe(head or text[:HEAD].rpartition(". ")[0])
    yield safe(text[-TAIL:].partition("\n")[2])


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, points of lists and lines that stand alone, each on one line."""
    block, began = "", False
    lines = text.split("\n")
    for number, line in enumerate(lines):
        line, bullet = line.rstrip(), _BULLET.match(line)
        stands = _kind(line)
        if stands == "closing" and not began:
            stands = ""  # a mail that is nothing but thanks
        if stands == "closing" and len(lines) - number <= _SIGNED:
            break
        if block and (stands or bullet or not _goes_on(block, lines[number - 1], line)):
            yield block
            block = ""
        if not stands:
            began = True
            block = f"{block} {line[bullet.end() :] if bullet else line}".strip()
    if block:
        yield block


def _kind(line: str) -> str:
    """What a line is that is no prose; empty for prose."""
    stripped = line.strip()
    if not stripped:
        return "blank"
    if _CLOSING.fullmatch(stripped):
        return "closing"
    if len(stripped) < 60 and _GREETING.fullmatch(stripped):
        return "greeting"
    strange = _QUOTED.match(line) or _PROMPT.match(line) or _TABLE.search(line)
    columns = len(_GAP.findall(stripped)) > 1
    return "other" if strange or columns or _is_code(stripped) else ""


def _is_code(line: str) -> bool:
    """Numbers, paths, output of programs: few letters, or many signs; a sign alone is none."""
    signs = len(_SIGNS.findall(line))
    letters = sum(map(str.isalpha, line)) + line.count(" ")
    return (signs >= 5 and signs * 9 > len(line)) or (letters * 2 < len(line) and len(line) > 4)


def _goes_on(block: str, before: str, line: str) -> bool:
    if line.lstrip()[:1].islower():
        return True
    return len(before.rstrip()) >= _WRAPPED or block.endswith(",")


def _split(block: str) -> Iterator[str]:
    start = 0
    for end in _ENDS.finditer(block):
        if _is_end(block, end):
            yield " ".join(block[start : end.end()].split())
            start = end.end()
    rest = " ".join(block[start:].split())
    if rest:
        yield rest


def _is_end(block: str, end: re.Match[str]) -> bool:
    """Whether a sentence ends there: not after an abbreviation, an initial or an ordinal number."""
    following = block[end.end() : end.end() + 1]
    if following.islower():
        return False
    if not end[0].startswith(".") or end[0].startswith(".."):
        return True
    found = _LAST_WORD.search(block, max(0, end.start() - 20), end.start())
    if found is None:
        return True
    word = found[0].lower()
    ordinal = word.isdigit() and len(word) <= 2 and block[found.start() - 1].isspace()
    return not (word in _SHORT_WORDS or ordinal or (len(word) == 1 and word.isalpha()))

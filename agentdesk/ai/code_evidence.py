"""Which wrap-up code a conversation speaks for, by its words; pure.

What we wrote counts, not what customers wish: a mail that asks to be closed as something is no
evidence. Where nothing is clear, no code is named.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agentdesk.ai.cues import is_question, is_settled, names_fault, promises, tells_done
from agentdesk.ai.reading import Reading, Said
from agentdesk.ai.sentences import words_in
from agentdesk.domain.assistance import CodeOffered, CodeSuggestion, Speaker

CLEAR: Final = 0.5
"""Evidence from which on a code is named."""

AHEAD: Final = 0.1
"""By so much it must lead."""

DEED, SAID, FITS, MAY_FIT = 1.0, 0.75, 0.6, 0.5
"""How much counts: done by us; said by us; how it began and ended fits; only how it ended does."""

NOT_CLEAR: Final = "Nothing in the conversation speaks clearly for one of the codes."


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})", re.IGNORECASE)


_RESOLVED: Final = _words("resolv|solved|fixed|erledigt|gelöst|résolu|resuelt")
_INFORMATION: Final = _words("inform|advice|answer|question|auskunft|renseign")
_SPAM: Final = _words("spam|junk")
_ADVERTS: Final = _words(
    r"unsubscribe|seo\b|backlinks?|rankings?\b|guest posts?|lottery|casino|crypto|bitcoin|viagra"
    r"|web ?traffic|first page of google|investment opportunity|click here|newsletter|leads\b"
)
_MEANT: Final = (
    (
        _words("refund|credit|erstatt|gutschrift|rembours|reembols"),
        _words("refund|money back|credited|back to your (?:card|account)|erstatt|gutschrift"
               "|gutgeschrieben|rembours|reembols"),
    ),
    (
        _words("replace|exchange|ersatz|umtausch|remplac|échange|reemplaz|cambio"),
        _words("replac|exchang|new one|spare|ersatz|umtausch|remplac|échang|reemplaz|recambio"),
    ),
    (
        _words("pass(?:ed)? on|passed|forward|transfer|escalat|weiterge|transmis|derivad"),
        _words(r"pass(?:ed)? (?:it|this|you|your|the) .{0,40}(?:on|to)\b|forwarded|colleague"
               "|weitergeleitet|kolleg|transmis|collègue|compañer"),
    ),
    (
        _words("duplicat|doppel|doublon"),
        _words("duplicate|already (?:wrote|writing|answered|open)|same (?:question|matter|request)"
               "|other (?:mail|request|ticket)|doppelt|doublon|duplicad"),
    ),
    (
        _words("chang|amend|updated|geändert|änder|modif|cambiad"),
        _words("changed|updated|corrected|amended|moved|now goes to|geändert|modifi|cambiad"),
    ),
    (_words("offer|quot|angebot|devis|oferta"), _words("offer|quot|discount|angebot|rabatt|devis|oferta")),
)  # fmt: skip
"""Codes that many desks have, by words of their names, and the words with which people do it."""

_GENERAL: Final = words_in(
    "given sent made done other another team customer code closed case task created reply replied"
)
"""Words of labels that are no evidence."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much speaks for a code, and what."""

    weight: float
    why: str


NONE: Final = Evidence(0.0, "")


def fitting_code(reading: Reading, codes: Sequence[CodeOffered], by: str) -> CodeSuggestion:
    """The code with clear evidence that leads; key None where there is none."""
    found = sorted(((_evidence(reading, c), c) for c in codes), key=lambda pair: -pair[0].weight)
    if not found or found[0][0].weight < CLEAR:
        return CodeSuggestion(None, NOT_CLEAR, by)
    (best, code), *others = found
    if others and others[0][0].weight > best.weight - AHEAD:
        return CodeSuggestion(None, NOT_CLEAR, by)
    return CodeSuggestion(code.key, best.why, by)


def _evidence(reading: Reading, code: CodeOffered) -> Evidence:
    named = f"{code.label} {code.key.replace('_', ' ')}"
    if _RESOLVED.search(named):
        return _settled(reading)
    if _SPAM.search(named):
        return _advert(reading)
    for meant, said in _MEANT:
        if meant.search(named):
            return _spoken_of(reading, said)
    if _INFORMATION.search(named):
        return _answered(reading)
    words = words_in(code.label) - _GENERAL
    return _shares(reading, words) if words else NONE


def _settled(reading: Reading) -> Evidence:
    last = reading.last_mail
    if last is None or last.passage.speaker is not Speaker.CUSTOMER:
        return NONE
    if not reading.by(Speaker.DESK) or not is_settled(last.sentences):
        return NONE
    return Evidence(FITS if _faulty(reading) else MAY_FIT, reading.cite(last, [0]))


def _faulty(reading: Reading) -> bool:
    """Whether it began with something that is wrong."""
    return any(map(names_fault, reading.by(Speaker.CUSTOMER)[0].sentences))


def _advert(reading: Reading) -> Evidence:
    """A first mail that advertises, which nobody answered."""
    customers = reading.by(Speaker.CUSTOMER)
    if not customers or reading.by(Speaker.DESK):
        return NONE
    found = {w.lower() for s in customers[0].sentences for w in _ADVERTS.findall(s)}
    if len(found) < 2:
        return NONE
    words = ", ".join(f"“{w}”" for w in sorted(found)[:4])
    return Evidence(DEED, f"{customers[0].who} advertises: {words}")


def _spoken_of(reading: Reading, said: re.Pattern[str]) -> Evidence:
    """The newest sentence of ours with these words: done counts more than said."""
    best = NONE
    for one in reversed(_ours(reading)):
        for n, sentence in enumerate(one.sentences):
            if said.search(sentence[:600]) and not is_question(sentence):
                weight = DEED if tells_done(sentence) or promises(sentence) else SAID
                if weight > best.weight:
                    best = Evidence(weight, reading.cite(one, [n]))
    return best


def _answered(reading: Reading) -> Evidence:
    """A customer asked, and we answered."""
    first = next(iter(reading.by(Speaker.CUSTOMER)), None)
    if first is None:
        return NONE
    answers = reading.after(first, Speaker.DESK)
    asked = [n for n, s in enumerate(first.sentences) if is_question(s)]
    if not asked or not answers:
        return NONE
    weight = MAY_FIT if _faulty(reading) else FITS
    return Evidence(weight, f"asked and answered: {reading.cite(first, asked[:1])}")


def _shares(reading: Reading, words: frozenset[str]) -> Evidence:
    """All words of a label in one sentence of ours."""
    for one in reversed(_ours(reading)):
        for n, sentence in enumerate(one.sentences):
            if words <= words_in(sentence):
                return Evidence(SAID, reading.cite(one, [n]))
    return NONE


def _ours(reading: Reading) -> list[Said]:
    return [s for s in reading.by(Speaker.DESK, Speaker.NOTE) if s.sentences]

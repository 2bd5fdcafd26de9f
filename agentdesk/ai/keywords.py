"""The matcher that works offline: shared words, subject, time and who is spoken to.

A conditional logistic model over a few numbers that people understand, so that its score is a
probability. The weights were fitted on one half of 398 tasks from a public mailing list by
`python -m tests.tuning.link`, which prints how they do on the other half.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agentdesk.ai.common_words import COMMON
from agentdesk.domain.matching import Conversation, Letter, Match, Weighed

LATEST = 5
"""So many letters count, beside the first. Source: research on the reference, *latest five emails*."""

LONGEST = 6_000
"""Characters of a letter that count."""

HEAD = 300
"""Characters in which somebody is spoken to."""

SHOWN = 6
"""Words shown as reasons."""

_AROUND = " .,;:!?'\"()[]{}<>*_~`|\\/-=+#%&^“”„‘’«»…–—"
"""What may stand around a word; inside it belongs to it (`T-5512`, `dev/md50`, `a@b.example`)."""

_MARKS = re.compile(r"^(?:(?:re|aw|antw|sv|vs|fwd?|wg)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_GREETS = re.compile(r"\s*(?:hi|hello|dear|hey|good (?:morning|day)|greetings)\b", re.IGNORECASE)
_ANSWERS = re.compile(r"\s*(?:re|aw|antw|sv|vs)(?:\[\d+\])?\s*:", re.IGNORECASE)

WEIGHTS = {
    "other_subject": -1.455,
    "subject": 0.329,
    "only": 0.737,
    "hours": -0.171,
    "this_week": 1.117,
    "newest": 1.17,
    "spoken_to": 0.348,
    "wrote_last": -0.948,
}
"""What each number of a conversation adds to its weight."""

NOTHING = {
    "length": 0.489,
    "subject": 0.585,
    "answer": -1.262,
    "greeting": 0.975,
    "many": 0.330,
    "usual": -1.070,
}
"""What makes it likelier that a mail belongs to none of them."""


@dataclass(frozen=True, slots=True)
class Features:
    """The numbers of one conversation, by name, and the words of the mail that only it has."""

    numbers: dict[str, float]
    words: tuple[str, ...]
    hours: float
    same_subject: bool
    spoken_to: str


class Keywords:
    """The default matcher."""

    name = "keywords"

    async def match(self, letter: Letter, conversations: Sequence[Conversation]) -> Match:
        """Weigh *conversations*; a few milliseconds for fifty."""
        return weigh(letter, conversations)


def weigh(letter: Letter, conversations: Sequence[Conversation]) -> Match:
    """The answer itself, pure."""
    if not conversations:
        return Match((), 1.0, Keywords.name)
    found = features(letter, conversations)
    scores = [sum(WEIGHTS[name] * value for name, value in f.numbers.items()) for f in found]
    scores.append(sum(NOTHING[name] * value for name, value in nothing(letter, found).items()))
    *some, none = softmax(scores)
    weighed = [
        Weighed(c.id, p, f.words[:SHOWN], _reasons(f))
        for c, p, f in zip(conversations, some, found, strict=True)
    ]
    return Match(tuple(sorted(weighed, key=lambda w: -w.probability)), none, Keywords.name)


def softmax(scores: Sequence[float]) -> list[float]:
    """Weights as probabilities."""
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return [power / sum(powers) for power in powers]


def features(letter: Letter, conversations: Sequence[Conversation]) -> list[Features]:
    """The numbers of each conversation."""
    asked = _counted(letter.text)
    subject = bare(letter.subject)
    has = [_words_of(c) for c in conversations]
    spread = Counter(word for words in has for word in words & asked)
    newest = max(c.letters[-1].at for c in conversations)
    return [
        _features(letter, subject, spread, c, words, is_newest=c.letters[-1].at == newest)
        for c, words in zip(conversations, has, strict=True)
    ]


def _features(
    letter: Letter,
    subject: str,
    spread: Counter[str],
    c: Conversation,
    words: frozenset[str],
    *,
    is_newest: bool,
) -> Features:
    only = sorted((w for w in words if spread[w] == 1), key=lambda w: (-_rarity(w), w))
    subjects = {bare(c.subject), *(bare(x.subject) for x in c.letters)} - {""}
    same = bool(subject) and subject in subjects
    hours = max((letter.at - c.letters[-1].at).total_seconds() / 3600, 0.01)
    spoken_to = _spoken_to(letter, c)
    numbers = {
        "other_subject": float(bool(subject) and not same),
        "subject": max((_alike(subject, other) for other in subjects), default=0.0),
        "only": math.log1p(sum(_rarity(w) for w in only)),
        "hours": math.log1p(hours),
        "this_week": float(hours < 7 * 24),
        "newest": float(is_newest),
        "spoken_to": float(bool(spoken_to)),
        "wrote_last": float(c.letters[-1].sender == letter.sender),
    }
    return Features(numbers, tuple(only), hours, same, spoken_to)


def nothing(letter: Letter, found: Sequence[Features]) -> dict[str, float]:
    """What speaks for a conversation of its own."""
    return {
        "length": math.log1p(len(_counted(letter.text))),
        "subject": float(bool(bare(letter.subject))),
        "answer": float(bool(_ANSWERS.match(letter.subject))),
        "greeting": float(bool(_GREETS.match(letter.text))),
        "many": math.log(len(found)),
        "usual": 1.0,
    }


def _reasons(f: Features) -> tuple[str, ...]:
    said = ["same subject"] if f.same_subject else []
    if f.spoken_to:
        said.append(f"speaks to {f.spoken_to}")
    return (*said, f"{_span(f.hours)} after its last mail")


def _span(hours: float) -> str:
    for unit, length in (("day", 24.0), ("hour", 1.0)):
        if hours >= length:
            count = round(hours / length)
            return f"{count} {unit}{'s' * (count != 1)}"
    return "minutes"


def words(text: str) -> list[str]:
    """The words of a text, in lower case: names of things, numbers and addresses stay whole."""
    return [word.strip(_AROUND) for word in text[:LONGEST].lower().split()]


def _counted(text: str) -> frozenset[str]:
    """The words of a text that say something."""
    return frozenset(w for w in words(text) if len(w) > 1 and w not in COMMON)


def _words_of(c: Conversation) -> frozenset[str]:
    """The words of a conversation: its record, its first letter and the latest ones."""
    counted = (*c.letters[:1], *c.letters[1:][-LATEST:])
    texts = (c.subject, c.description, *(t for x in counted for t in (x.subject, x.text)))
    return frozenset().union(*map(words, texts)) - {""}


def _rarity(word: str) -> float:
    """Numbers, names of things and long words say more than others."""
    return (
        1.0
        + any(c.isdigit() for c in word)
        + 0.7 * any(c in "-_.@:/+" for c in word)
        + 0.5 * (len(word) > 8)
    )


def bare(subject: str) -> str:
    """A subject without marks of answers, in lower case."""
    return " ".join(_MARKS.sub("", subject.strip()).lower().split())


def _alike(one: str, other: str) -> float:
    """How many of the words of two subjects are the same, 0 to 1 (Dice)."""
    a, b = _counted(one), _counted(other)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _spoken_to(letter: Letter, c: Conversation) -> str:
    """Somebody else of the conversation whom the mail calls by name; empty where it calls nobody."""
    head = set(words(letter.text[:HEAD]))
    for other in c.letters:
        first = next(iter(other.name.split()), "")
        if other.sender != letter.sender and len(first) > 2 and first.lower() in head:
            return first
    return ""

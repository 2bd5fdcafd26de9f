"""The matcher that works offline: shared words, subject, time and who is spoken to.

A conditional logistic model over a few numbers that people understand, so that its score is a
probability. The weights were fitted on one half of 398 tasks from a public mailing list, and on the
same tasks without their right answer, by `python -m tests.tuning.link`, which prints how they do on
the other half.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

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
    "other_subject": -2.776,
    "subject": 1.528,
    "only": 0.719,
    "size": 0.62,
    "hours": -0.508,
    "this_month": 1.183,
    "newest": 0.851,
    "spoken_to": 1.92,
    "asks": 0.714,
    "wrote_last": -0.841,
}
"""What each number of a conversation adds to its weight."""

NOTHING = {
    "shared": 1.072,
    "subject": 0.886,
    "answer": -1.302,
    "greeting": 0.326,
    "many": 0.986,
    "alone": 2.856,
    "usual": 0.041,
}
"""What makes it likelier that a mail belongs to none of them."""


@dataclass(frozen=True, slots=True)
class Features:
    """The numbers of one conversation, by name, and the words of the mail that only it has.

    `shared` weighs all words that it has in common with the mail.
    """

    numbers: dict[str, float]
    words: tuple[str, ...]
    shared: float
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
    found = features(letter, conversations)
    return weigh_by(
        [f.numbers for f in found],
        nothing(letter, found),
        Weights(WEIGHTS, NOTHING),
        [Weighed(c.id, 0.0, *reasons(f)) for c, f in zip(conversations, found, strict=True)],
        Keywords.name,
    )


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each number counts: of a conversation, and for none."""

    conversations: Mapping[str, float]
    nothing: Mapping[str, float]


def weigh_by(
    numbers: Sequence[Mapping[str, float]],
    about: Mapping[str, float],
    weights: Weights,
    reasoned: Sequence[Weighed],
    matcher: str,
) -> Match:
    """Probabilities for what is *reasoned*, most probable first, from its numbers and the mail's."""
    if not reasoned:
        return Match((), 1.0, matcher)
    scores = [sum(weights.conversations[n] * x for n, x in some.items()) for some in numbers]
    scores.append(sum(weights.nothing[n] * x for n, x in about.items()))
    *some, none = softmax(scores)
    weighed = [replace(w, probability=p) for w, p in zip(reasoned, some, strict=True)]
    return Match(tuple(sorted(weighed, key=lambda w: -w.probability)), none, matcher)


def softmax(scores: Sequence[float]) -> list[float]:
    """Weights as probabilities."""
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return [power / sum(powers) for power in powers]


def features(letter: Letter, conversations: Sequence[Conversation]) -> list[Features]:
    """The numbers of each conversation."""
    if not conversations:
        return []
    asked = _counted(letter.text)
    subject = bare(letter.subject)
    has = [_words_of(c) for c in conversations]
    called = _called(letter, conversations)
    seen = _Seen(
        Counter(word for words in has for word in words & asked),
        max(c.letters[-1].at for c in conversations),
        Counter(name for names in called for name in names),
    )
    return [
        _features(letter, subject, seen, c, words, names)
        for c, words, names in zip(conversations, has, called, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What all conversations have together: in how many a word of the mail stands, when the newest
    letter came, in how many somebody takes part whom the mail calls by name.
    """

    spread: Counter[str]
    newest: datetime
    called: Counter[str]


def _features(
    letter: Letter,
    subject: str,
    seen: _Seen,
    c: Conversation,
    words: frozenset[str],
    called: Sequence[str],
) -> Features:
    common = [w for w in words if w in seen.spread]
    only = sorted((w for w in common if seen.spread[w] == 1), key=lambda w: (-_rarity(w), w))
    subjects = {bare(c.subject), *(bare(x.subject) for x in c.letters)} - {""}
    same = bool(subject) and subject in subjects
    last = c.letters[-1]
    hours = max((letter.at - last.at).total_seconds() / 3600, 0.01)
    spoken_to = next((n for n in called if seen.called[n] == 1), "")
    numbers = {
        "other_subject": float(bool(subject) and not same),
        "subject": max((_alike(subject, other) for other in subjects), default=0.0),
        "only": math.log1p(sum(map(_rarity, only))),
        "size": math.log1p(len(words)),
        "hours": math.log1p(hours),
        "this_month": float(hours < 30 * 24),
        "newest": float(last.at == seen.newest),
        "spoken_to": float(bool(spoken_to)),
        "asks": float(last.sender != letter.sender and "?" in last.text[:LONGEST]),
        "wrote_last": float(last.sender == letter.sender),
    }
    return Features(numbers, tuple(only), sum(map(_rarity, common)), hours, same, spoken_to)


def nothing(letter: Letter, found: Sequence[Features]) -> dict[str, float]:
    """What speaks for a conversation of its own: words that it shares with any, by chance, too."""
    count = max(len(found), 1)
    return {
        "shared": math.log1p(sum(f.shared for f in found) / count),
        "subject": float(bool(bare(letter.subject))),
        "answer": float(bool(_ANSWERS.match(letter.subject))),
        "greeting": float(bool(_GREETS.match(letter.text))),
        "many": math.log(count),
        "alone": float(count == 1),
        "usual": 1.0,
    }


def reasons(f: Features) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that counted, and the other reasons."""
    said = ["same subject"] if f.same_subject else []
    if f.spoken_to:
        said.append(f"speaks to {f.spoken_to}")
    asks = ", which asks something" if f.numbers["asks"] else ""
    return f.words[:SHOWN], (*said, f"{_span(f.hours)} after its last mail{asks}")


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


def _called(letter: Letter, conversations: Sequence[Conversation]) -> list[tuple[str, ...]]:
    """For each conversation, the others who take part and whom the mail calls by name."""
    head = set(words(letter.text[:HEAD]))
    found = []
    for c in conversations:
        others = (next(iter(x.name.split()), "") for x in c.letters if x.sender != letter.sender)
        found.append(tuple(dict.fromkeys(n for n in others if len(n) > 2 and n.lower() in head)))
    return found

"""How well a matcher links: accuracy, precision where it claims, coverage, and whether its
probabilities mean what they say; beside the simple choices that anybody could make.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agentdesk.ai.keywords import bare, words
from agentdesk.ai.matcher import Matcher
from agentdesk.ai.tasks import Task
from agentdesk.domain.matching import CLAIM, Letter, Match

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose probability of the best conversation lies in one tenth."""

    low: float
    count: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Report:
    """One way of choosing, over the tasks that have an answer. Shares are 0 to 1.

    `accuracy`: the likeliest answer, also "none", is right. `precision`: what is claimed at the
    threshold is right; None where nothing is. `coverage`: the share of tasks in which something is
    claimed. `false_links`: of the mails that belong to none, those that were linked at the threshold.
    `bins` is empty for choices that give no probability.
    """

    name: str
    tasks: int
    accuracy: float
    precision: float | None = None
    coverage: float | None = None
    false_links: float | None = None
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A task with what a matcher said of it."""

    task: Task
    match: Match


async def answer(matcher: Matcher, task: Task) -> Answered:
    """Ask *matcher*."""
    return Answered(task, await matcher.match(task.letter, task.conversations))


def report(name: str, answered: Sequence[Answered], threshold: float = CLAIM) -> Report:
    """How *answered* tasks did; those without a known answer do not count."""
    known = [a for a in answered if a.task.answered]
    claims = [(a, w) for a in known if (w := a.match.claimed(threshold)) is not None]
    right = [w.id == a.task.answer for a, w in claims]
    foreign = [a for a in known if a.task.answer is None]
    linked = [a for a in foreign if a.match.claimed(threshold) is not None]
    return Report(
        name,
        len(known),
        _share([_likeliest(a.match) == a.task.answer for a in known]) or 0.0,
        _share(right),
        len(claims) / len(known) if known else None,
        len(linked) / len(foreign) if foreign else None,
        _bins(known),
    )


def _likeliest(match: Match) -> str | None:
    best = match.likeliest
    return best.id if best is not None else None


def _share(right: Sequence[bool]) -> float | None:
    return sum(right) / len(right) if right else None


def _bins(known: Sequence[Answered]) -> tuple[Bin, ...]:
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for a in known:
        if a.match.weighed:
            best = a.match.weighed[0]
            tenth = min(int(best.probability * BINS), BINS - 1)
            pair = (best.probability, best.id == a.task.answer)
            tenths.setdefault(tenth, []).append(pair)
    return tuple(
        Bin(
            tenth / BINS,
            len(pairs),
            sum(p for p, _ in pairs) / len(pairs),
            sum(ok for _, ok in pairs) / len(pairs),
        )
        for tenth, pairs in sorted(tenths.items())
    )


# The simple choices


def latest(task: Task) -> str | None:
    """The conversation that was active last."""
    return max(task.conversations, key=lambda c: c.letters[-1].at).id


def same_subject(task: Task) -> str | None:
    """The conversation with the same subject, the latest of several; none where there is none."""
    subject = bare(task.letter.subject)
    same = [
        c
        for c in task.conversations
        if subject and any(bare(x.subject) == subject for x in c.letters)
    ]
    return max(same, key=lambda c: c.letters[-1].at).id if same else None


def tf_idf(task: Task) -> str | None:
    """The conversation with the nearest words: cosine of plain TF-IDF vectors."""
    documents = [
        Counter(word for x in c.letters for word in _plain_words(x)) for c in task.conversations
    ]
    spread = Counter(word for d in documents for word in d)
    asked = Counter(_plain_words(task.letter))
    idf = {w: math.log((len(documents) + 1) / (spread[w] + 0.5)) for w in {*asked, *spread}}
    best = max(range(len(documents)), key=lambda i: _cosine(asked, documents[i], idf))
    return task.conversations[best].id


SIMPLE: tuple[tuple[str, Callable[[Task], str | None]], ...] = (
    ("latest", latest),
    ("same subject", same_subject),
    ("plain TF-IDF", tf_idf),
)


def simple_reports(tasks: Sequence[Task]) -> list[Report]:
    """How the simple choices do; "none" is right where they find none."""
    known = [t for t in tasks if t.answered and t.conversations]
    return [
        Report(name, len(known), _share([choice(t) == t.answer for t in known]) or 0.0)
        for name, choice in SIMPLE
    ]


def _plain_words(letter: Letter) -> list[str]:
    return [w for w in words(f"{letter.subject} {letter.text}") if len(w) > 1]


def _cosine(a: Counter[str], b: Counter[str], idf: dict[str, float]) -> float:
    dot = sum(n * b[w] * idf[w] ** 2 for w, n in a.items() if w in b)
    size = math.hypot(*(n * idf[w] for w, n in a.items())) * math.hypot(
        *(n * idf[w] for w, n in b.items())
    )
    return dot / size if size else 0.0

"""Fit the weights of a matcher on one half of a file of linking tasks.

`python -m tests.tuning.link FILE [embeddings]` prints the weights of the keywords, or of embeddings, how
they do on the other half, and how weights fitted on eight other random halves do on theirs. The same
file gives the same weights.

A desk often asks about a mail whose conversation is none of the candidates, and sometimes about one
candidate. The file has neither, so that each task is also asked, with less weight, without its right
answer, with that alone, and with one wrong answer alone. For embeddings there is one more: no common
word, as between two languages.
"""

import asyncio
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agentdesk.ai import embeddings, evaluation, keywords, tasks
from agentdesk.ai.matcher import Matcher
from agentdesk.ai.tasks import Task
from agentdesk.commands.evaluation import own_words

Numbers = tuple[list[dict[str, float]], dict[str, float]]
"""Those of each conversation, and those of the mail, by name."""

Row = tuple[list[list[float]], list[float], int, float]
"""The same without names, which answer is right, and how much that counts."""

PENALTY, STEPS, RATE = 0.0007, 1_500, 0.3
"""L2 per task; steps and first rate of Adam, over all tasks at once."""

SIGNS = {
    "other_subject": -1,
    "subject": 1,
    "only": 1,
    "hours": -1,
    "this_month": 1,
    "newest": 1,
    "spoken_to": 1,
    "asks": 1,
    "shared": 1,
    "meaning": 1,
}
"""More of what speaks for a conversation, or for none, must never count against it."""

WITHOUT, ALONE, WRONG, SILENT = 0.3, 0.15, 0.1, 0.3
"""How much a task counts without its right answer, with that alone, with a wrong one alone, and
without words.
"""

OF_WORDS = ("only", "shared", "subject", "spoken_to")


@dataclass(frozen=True)
class Fitted:
    """A matcher whose weights are fitted in place."""

    matcher: Matcher
    weights: dict[str, float]
    nothing: dict[str, float]
    meaning: embeddings.Embeddings | None = None

    def numbers(self, task: Task) -> Numbers:
        """What it looks at."""
        found = keywords.features(task.letter, task.conversations)
        if self.meaning is not None:
            return self.meaning.numbers(task.letter, task.conversations, found)
        return [f.numbers for f in found], keywords.nothing(task.letter, found)

    def rows(self, task: Task) -> list[Row]:
        """The numbers of a task and of its variants."""
        rows = [self._row(v, self.numbers(v), counts) for v, counts in variants(task)]
        if self.meaning is not None:
            rows.append(self._row(task, _silent(self.numbers(task)), SILENT))
        return rows

    def _row(self, task: Task, numbers: Numbers, counts: float) -> Row:
        some, about = numbers
        ids = [c.id for c in task.conversations]
        right = len(ids) if task.answer is None else ids.index(task.answer)
        return (
            [[x[n] for n in self.weights] for x in some],
            [about[n] for n in self.nothing],
            right,
            counts,
        )

    def use(self, w: Sequence[float]) -> None:
        """Let the matcher weigh with these."""
        self.nothing.update(zip(self.nothing, w[len(self.weights) :], strict=True))
        self.weights.update(zip(self.weights, w, strict=False))

    def signs(self) -> list[int]:
        """Of all weights: 1, -1, or 0 where any is good."""
        return [SIGNS.get(name, 0) for name in (*self.weights, *self.nothing)]


def _silent(numbers: Numbers) -> Numbers:
    some, about = numbers
    none = dict.fromkeys(OF_WORDS, 0.0)
    return [{**x, **none} for x in some], {**about, "shared": 0.0}


def by_name(name: str) -> Fitted:
    """`keywords` or `embeddings`."""
    if name == "embeddings":
        both = embeddings.Embeddings()
        return Fitted(both, embeddings.WEIGHTS, embeddings.NOTHING, both)
    return Fitted(keywords.Keywords(), keywords.WEIGHTS, keywords.NOTHING)


def variants(task: Task) -> Iterator[tuple[Task, float]]:
    """The task, and what else it can teach, with how much each counts."""
    yield task, 1.0
    wrong = tuple(c for c in task.conversations if c.id != task.answer)
    if wrong and task.answer is not None:
        yield replace(task, conversations=wrong, answer=None), WITHOUT
        right = tuple(c for c in task.conversations if c.id == task.answer)
        yield replace(task, conversations=right), ALONE
    if wrong:
        one = wrong[sum(map(ord, task.qid)) % len(wrong)]
        yield replace(task, conversations=(one,), answer=None), WRONG


def without_right_answer(some: Sequence[Task]) -> list[Task]:
    """Tasks that have lost their right answer: none fits."""
    return [v for t in some for v, counts in variants(t) if counts == WITHOUT]


def gradient(w: list[float], rows: Sequence[Row], k: int) -> list[float]:
    """Of the mean negative log-likelihood with its penalty; the first *k* are of conversations."""
    total = [0.0] * len(w)
    for some, about, right, counts in rows:
        scores = [sum(a * b for a, b in zip(w, x, strict=False)) for x in some]
        scores.append(sum(a * b for a, b in zip(w[k:], about, strict=True)))
        for i, p in enumerate(keywords.softmax(scores)):
            off = counts * (p - (i == right))
            values, start = (some[i], 0) if i < len(some) else (about, k)
            for j, value in enumerate(values, start):
                total[j] += off * value
    all_count = sum(counts for _, _, _, counts in rows)
    return [t / all_count + 2 * PENALTY * x for t, x in zip(total, w, strict=True)]


def fit(rows: Sequence[Row], k: int, signs: Sequence[int]) -> list[float]:
    """The weights that make the right answers likeliest (Adam: the numbers differ in size)."""
    size = len(signs)
    w, mean, square = [0.0] * size, [0.0] * size, [0.0] * size
    for step in range(1, STEPS + 1):
        rate = RATE / math.sqrt(step)
        for j, g in enumerate(gradient(w, rows, k)):
            mean[j] = 0.9 * mean[j] + 0.1 * g
            square[j] = 0.99 * square[j] + 0.01 * g * g
            m, s = mean[j] / (1 - 0.9**step), square[j] / (1 - 0.99**step)
            w[j] -= rate * m / (math.sqrt(s) + 1e-9)
        w = [x if x * sign >= 0 else 0.0 for sign, x in zip(signs, w, strict=True)]
    return w


def halves(all_tasks: Sequence[Task], seed: int) -> Iterator[tuple[list[Task], list[Task]]]:
    """Two random halves, each once to fit and once to judge by."""
    mixed = list(all_tasks)
    random.Random(seed).shuffle(mixed)
    one, other = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
    yield one, other
    yield other, one


async def judge(matcher: Matcher, some: Sequence[Task]) -> evaluation.Report:
    """How the weights in use do."""
    return evaluation.report("", [await evaluation.answer(matcher, t) for t in some])


async def line(matcher: Matcher, some: Sequence[Task]) -> str:
    """How they do, and how often they link what has lost its right answer."""
    r, lost = await judge(matcher, some), await judge(matcher, without_right_answer(some))
    apart = sum(abs(b.said - b.right) * b.count for b in r.bins) / r.tasks
    return (
        f"right {r.accuracy:.3f}  claimed {r.coverage:.3f}  of these right {r.precision:.3f}"
        f"  false {r.false_links:.3f}  without the right one {lost.false_links:.3f}"
        f"  apart {apart:.3f}"
    )


async def main(lines: Sequence[str], name: str) -> None:
    """Fit, print, and check on halves that were not used."""
    all_tasks = list(tasks.read(lines, own_words))
    fitted = by_name(name)
    rows = {t.qid: fitted.rows(t) for t in all_tasks}

    def learn(some: Sequence[Task]) -> list[float]:
        w = fit([r for t in some for r in rows[t.qid]], len(fitted.weights), fitted.signs())
        fitted.use(w)
        return w

    for seed in range(1, 5):
        for one, other in halves(all_tasks, seed):
            learn(one)
            print(f"seed {seed}:", await line(fitted.matcher, other), flush=True)
    one, other = next(halves(all_tasks, 0))
    for named, value in zip((*fitted.weights, *fitted.nothing), learn(one), strict=True):
        print(f"{named:14} {value:7.3f}")
    print(await line(fitted.matcher, other))
    for tenth in (await judge(fitted.matcher, other)).bins:
        print(tenth)
    for simple in evaluation.simple_reports(other):
        print(simple)


if __name__ == "__main__":
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    asyncio.run(main(text.splitlines(), "".join(sys.argv[2:])))

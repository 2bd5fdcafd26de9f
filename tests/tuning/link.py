"""Fit the weights of `agentdesk.ai.keywords` on one half of a file of linking tasks.

`python -m tests.tuning.link FILE` prints the weights, how they do on the other half, and how weights
fitted on eight other random halves do on theirs. The same file gives the same weights.

A desk often asks about a mail whose conversation is none of the candidates, and sometimes about one
candidate. The file has neither, so that each task is also asked, with less weight, without its right
answer, with that alone, and with one wrong answer alone.
"""

import asyncio
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from agentdesk.ai import evaluation, keywords, tasks
from agentdesk.ai.tasks import Task
from agentdesk.commands.evaluation import own_words

Row = tuple[list[list[float]], list[float], int, float]
"""The numbers of each conversation, of the mail, which answer is right, and how much it counts."""

NAMES, NOTHING = list(keywords.WEIGHTS), list(keywords.NOTHING)
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
}
"""More of what speaks for a conversation, or for none, must never count against it."""

WITHOUT, ALONE, WRONG = 0.3, 0.15, 0.1
"""How much a task counts without its right answer, with that alone, and with a wrong one alone."""


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


def rows_of(task: Task) -> list[Row]:
    """The numbers of a task and of its variants."""
    return [row(v, counts) for v, counts in variants(task)]


def row(task: Task, counts: float) -> Row:
    """The numbers of one task."""
    found = keywords.features(task.letter, task.conversations)
    about = keywords.nothing(task.letter, found)
    ids = [c.id for c in task.conversations]
    right = len(ids) if task.answer is None else ids.index(task.answer)
    return (
        [[f.numbers[n] for n in NAMES] for f in found],
        [about[n] for n in NOTHING],
        right,
        counts,
    )


def gradient(w: list[float], rows: Sequence[Row]) -> list[float]:
    """Of the mean negative log-likelihood with its penalty."""
    k = len(NAMES)
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


def fit(rows: Sequence[Row]) -> list[float]:
    """The weights that make the right answers likeliest (Adam: the numbers differ in size)."""
    size = len(NAMES) + len(NOTHING)
    w, mean, square = [0.0] * size, [0.0] * size, [0.0] * size
    for step in range(1, STEPS + 1):
        rate = RATE / math.sqrt(step)
        for j, g in enumerate(gradient(w, rows)):
            mean[j] = 0.9 * mean[j] + 0.1 * g
            square[j] = 0.99 * square[j] + 0.01 * g * g
            m, s = mean[j] / (1 - 0.9**step), square[j] / (1 - 0.99**step)
            w[j] -= rate * m / (math.sqrt(s) + 1e-9)
        w = [_signed(name, x) for name, x in zip((*NAMES, *NOTHING), w, strict=True)]
    return w


def _signed(name: str, x: float) -> float:
    sign = SIGNS.get(name, 0)
    return x if x * sign >= 0 else 0.0


def use(w: Sequence[float]) -> None:
    """Let the matcher weigh with these."""
    keywords.WEIGHTS.update(zip(NAMES, w, strict=False))
    keywords.NOTHING.update(zip(NOTHING, w[len(NAMES) :], strict=True))


def halves(all_tasks: Sequence[Task], seed: int) -> Iterator[tuple[list[Task], list[Task]]]:
    """Two random halves, each once to fit and once to judge by."""
    mixed = list(all_tasks)
    random.Random(seed).shuffle(mixed)
    one, other = mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]
    yield one, other
    yield other, one


async def judge(some: Sequence[Task]) -> evaluation.Report:
    """How the weights in use do."""
    matcher = keywords.Keywords()
    return evaluation.report("keywords", [await evaluation.answer(matcher, t) for t in some])


async def line(some: Sequence[Task]) -> str:
    """How they do, and how often they link what has lost its right answer."""
    r, lost = await judge(some), await judge(without_right_answer(some))
    apart = sum(abs(b.said - b.right) * b.count for b in r.bins) / r.tasks
    return (
        f"right {r.accuracy:.3f}  claimed {r.coverage:.3f}  of these right {r.precision:.3f}"
        f"  false {r.false_links:.3f}  without the right one {lost.false_links:.3f}"
        f"  apart {apart:.3f}"
    )


async def main(lines: Sequence[str]) -> None:
    """Fit, print, and check on halves that were not used."""
    all_tasks = list(tasks.read(lines, own_words))
    rows = {t.qid: rows_of(t) for t in all_tasks}
    for seed in range(1, 5):
        for fitted, other in halves(all_tasks, seed):
            use(fit([r for t in fitted for r in rows[t.qid]]))
            print(f"seed {seed}:", await line(other), flush=True)
    fitted, other = next(halves(all_tasks, 0))
    weights = fit([r for t in fitted for r in rows[t.qid]])
    use(weights)
    for name, value in zip((*NAMES, *NOTHING), weights, strict=True):
        print(f"{name:14} {value:7.3f}")
    print(await line(other))
    for tenth in (await judge(other)).bins:
        print(tenth)
    for simple in evaluation.simple_reports(other):
        print(simple)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()))

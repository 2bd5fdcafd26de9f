"""Fit the weights of `agentdesk.ai.keywords` on one half of a file of linking tasks.

`python -m tests.tuning.link FILE` prints the weights, how they do on the other half, and how weights
fitted on eight other random halves do on theirs. The same file gives the same weights.
"""

import asyncio
import math
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from agentdesk.ai import evaluation, keywords, tasks
from agentdesk.ai.tasks import Task
from agentdesk.commands.evaluation import own_words

Row = tuple[list[list[float]], list[float], int]
NAMES, NOTHING = list(keywords.WEIGHTS), list(keywords.NOTHING)
PENALTY, STEPS, RATE = 0.006, 800, 0.3
"""L2 per task; steps and first rate of Adam, over all tasks at once."""

SIGNS = {
    "other_subject": -1,
    "subject": 1,
    "only": 1,
    "hours": -1,
    "this_week": 1,
    "newest": 1,
    "spoken_to": 1,
}
"""More of what speaks for a conversation must never count against it, whatever these tasks say."""


def row(task: Task) -> Row:
    """The numbers of a task: of each conversation, of the mail, and which answer is right."""
    found = keywords.features(task.letter, task.conversations)
    about = keywords.nothing(task.letter, found)
    ids = [c.id for c in task.conversations]
    right = len(ids) if task.answer is None else ids.index(task.answer)
    return (
        [[f.numbers[n] for n in NAMES] for f in found],
        [about[n] for n in NOTHING],
        right,
    )


def gradient(w: list[float], rows: Sequence[Row]) -> list[float]:
    """Of the mean negative log-likelihood with its penalty."""
    k = len(NAMES)
    total = [0.0] * len(w)
    for some, about, right in rows:
        scores = [sum(a * b for a, b in zip(w, x, strict=False)) for x in some]
        scores.append(sum(a * b for a, b in zip(w[k:], about, strict=True)))
        for i, p in enumerate(keywords.softmax(scores)):
            off = p - (i == right)
            values, start = (some[i], 0) if i < len(some) else (about, k)
            for j, value in enumerate(values, start):
                total[j] += off * value
    return [t / len(rows) + 2 * PENALTY * x for t, x in zip(total, w, strict=True)]


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
        w = [_signed(name, x) for name, x in zip((*NAMES, *[""] * len(NOTHING)), w, strict=True)]
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


async def main(lines: Sequence[str]) -> None:
    """Fit, print, and check on halves that were not used."""
    all_tasks = list(tasks.read(lines, own_words))
    rows = {t.qid: row(t) for t in all_tasks}
    for seed in range(1, 5):
        for fitted, other in halves(all_tasks, seed):
            use(fit([rows[t.qid] for t in fitted]))
            print(f"seed {seed}:", await judge(other))
    fitted, other = next(halves(all_tasks, 0))
    weights = fit([rows[t.qid] for t in fitted])
    use(weights)
    for name, value in zip((*NAMES, *NOTHING), weights, strict=True):
        print(f"{name:14} {value:7.3f}")
    print(await judge(other))
    for simple in evaluation.simple_reports(other):
        print(simple)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()))

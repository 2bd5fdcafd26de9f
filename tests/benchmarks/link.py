"""Linking by keywords: 50 conversations of 20 letters each, beside plain TF-IDF in the same run."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from agentdesk.ai import evaluation, keywords
from agentdesk.ai.tasks import Task
from agentdesk.domain.matching import Conversation, Letter

CONVERSATIONS, LETTERS, WORDS, ROUNDS = 50, 20, 120, 30


def task() -> Task:
    """Letters of invented words, always the same."""
    chance = random.Random(5)
    vocabulary = [
        "".join(chance.choices("abcdefghiklmnoprstu", k=chance.randint(3, 10)))
        for _ in range(8_000)
    ]
    now = datetime(2026, 3, 2, tzinfo=UTC)

    def letter(n: int) -> Letter:
        text = " ".join(chance.choices(vocabulary, k=WORDS))
        return Letter(
            "Order", f"p{n % 2}@fjord.example", f"Person {n % 2}", now + timedelta(hours=n), text
        )

    some = tuple(
        Conversation(f"CS{n}", tuple(letter(m) for m in range(LETTERS)))
        for n in range(CONVERSATIONS)
    )
    return Task("1", letter(LETTERS + 5), some)


def median_ms(what: Callable[[], object]) -> float:
    """Of some rounds, in milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        what()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


async def run() -> None:
    """Both ways, and their ratio."""
    asked = task()
    ours = median_ms(lambda: keywords.weigh(asked.letter, asked.conversations))
    plain = median_ms(lambda: evaluation.tf_idf(asked))
    print(f"link: a mail weighed against {CONVERSATIONS} conversations of {LETTERS} letters")
    print(
        f"  keywords {ours:.1f} ms     {ours / plain:.2f} x plain TF-IDF over all letters ({plain:.1f} ms)"
    )

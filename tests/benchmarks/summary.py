"""Offline summaries: 200 mails of about 650 characters, beside one plain search of each for words."""

import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from agentdesk.ai.extractive import summary
from agentdesk.demo.letters import matters
from agentdesk.domain.assistance import Passage, Speaker, Transcript

MAILS, ROUNDS = 200, 15
PLAIN = re.compile(r"\b(?:please|could you|refund|thank you)\b", re.IGNORECASE)


def conversation() -> Transcript:
    """What the demo's customers and agents write, four letters a mail."""
    letters = [text for m in matters() for text in (m.opening, m.answer, m.second) if text]
    began = datetime(2026, 3, 2, tzinfo=UTC)
    passages = tuple(
        Passage(
            n,
            began + timedelta(hours=n),
            "Mara Olsen" if n % 2 else "Ana Ruiz",
            Speaker.CUSTOMER if n % 2 else Speaker.DESK,
            "\n\n".join(letters[(4 * n + m) % len(letters)] for m in range(4)),
        )
        for n in range(1, MAILS + 1)
    )
    return Transcript("IMS0000001", "Everything", "Mara Olsen", passages)


def median_ms(what: Callable[[], object]) -> float:
    """Of some rounds, in milliseconds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        what()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


async def run() -> None:
    """Both, and their ratio."""
    asked = conversation()
    size = sum(len(p.text) for p in asked.passages) // MAILS
    ours = median_ms(lambda: summary(asked, UTC))
    plain = median_ms(lambda: [PLAIN.findall(p.text) for p in asked.passages])
    print(f"summary: {MAILS} mails of {size} characters, without a model")
    print(
        f"  offline {ours:.0f} ms     {ours / plain:.1f} x one search of their text ({plain:.1f} ms)"
    )

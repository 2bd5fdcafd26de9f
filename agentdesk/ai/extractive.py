"""The assistant that works offline: a summary of sentences that the conversation itself holds.

It writes no word of its own about the matter, so it cannot invent any: every sentence is cited with
its writer and its date. What it cannot do without a model, it says.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import tzinfo
from itertools import islice
from typing import Final

from agentdesk.ai.code_evidence import fitting_code
from agentdesk.ai.cues import asks, is_pleasant, is_settled, tells_done, tells_trouble, wishes
from agentdesk.ai.open_ends import next_steps
from agentdesk.ai.reading import Reading, Said, read
from agentdesk.domain.assistance import (
    CodeOffered,
    CodeSuggestion,
    Passage,
    Speaker,
    Suggestion,
    Summary,
    Transcript,
)
from agentdesk.domain.errors import AssistantProblem
from agentdesk.domain.text import safe

LATER_MATTERS: Final = 2
"""Mails of customers after the first that the issue cites."""

STEPS: Final = 6
"""Passages that say what was done."""

CHANGES: Final = 2

_TOGETHER: Final = 240
"""Characters of sentences that are shown of one passage, if more than one is."""

NO_REPLY: Final = (
    "Writing a reply needs a model: name one in [ai] of the settings, or start from a template."
)
NO_TRANSLATION: Final = "Translating needs a model: name one in [ai] of the settings."

Weigh = Callable[[str], float]
"""How much a sentence tells, by what it does."""


class Extractive:
    """The default assistant. Dates are shown as clocks in *zone* show them; None: this machine's."""

    name = "offline"

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone

    async def summarise(self, said: Transcript) -> AsyncIterator[Summary]:
        """One whole summary; well below 200 ms for 200 messages, in a thread."""
        yield await asyncio.to_thread(summary, said, self._zone)

    async def suggest_reply(self, said: Transcript, wish: str = "") -> AsyncIterator[Suggestion]:
        """Raises `AssistantProblem`: it writes nothing."""
        raise AssistantProblem(NO_REPLY)
        yield Suggestion()  # makes it an iterator, as its port is

    async def suggest_code(self, said: Transcript, codes: Sequence[CodeOffered]) -> CodeSuggestion:
        """The code that the words of the conversation speak for; none where they are not clear."""
        return await asyncio.to_thread(fitting_code, read(said, self._zone), codes, self.name)

    async def translate(self, text: str, language: str) -> AsyncIterator[Suggestion]:
        """Raises `AssistantProblem`: it knows no languages."""
        raise AssistantProblem(NO_TRANSLATION)
        yield Suggestion()  # makes it an iterator, as its port is


def summary(said: Transcript, zone: tzinfo | None) -> Summary:
    """The summary itself, pure."""
    reading = read(said, zone)
    return Summary(
        issue=_lines(_issue(reading, said)),
        done=_lines(_done(reading)),
        next_steps=_lines(next_steps(reading)),
        by=Extractive.name,
        extractive=True,
        whole=True,
    )


def _lines(lines: Sequence[str]) -> str:
    return lines[0] if len(lines) == 1 else "\n".join(f"• {line}" for line in lines)


def _issue(reading: Reading, transcript: Transcript) -> list[str]:
    """How it began, and what customers brought up later."""
    customers = [s for s in reading.by(Speaker.CUSTOMER) if s.sentences]
    begun = customers or [s for s in reading.said if s.sentences and _begins(s.passage)]
    if not begun:
        return [_by_record(transcript)]
    first, *later = customers or begun[:1]
    lines = [_cited(reading, first, _matter)]
    weighed = sorted(later, key=lambda s: -_best(reading, s, _matter))
    telling = (s for s in weighed if any(asks(x) or tells_trouble(x) for x in s.sentences))
    chosen = sorted(islice(telling, LATER_MATTERS), key=later.index)
    return [*lines, *(_cited(reading, s, _matter) for s in chosen)]


def _begins(passage: Passage) -> bool:
    return passage.speaker in (Speaker.DESK, Speaker.NOTE)


def _by_record(transcript: Transcript) -> str:
    """Where nobody says anything, the record may."""
    for text in (transcript.description, transcript.subject):
        words = safe(text[:2_000], multiline=False)[:300]
        if words:
            return f"Nobody wrote a sentence yet. The record says: {words}"
    return "There is nothing to summarise yet: no mail and no note."


def _done(reading: Reading) -> list[str]:
    """Our answers and notes that tell most; changes if there is room; that the customer is content."""
    chosen = _most_telling(reading, _ours(reading))
    room = min(CHANGES, STEPS - len(chosen))
    if room > 0:
        chosen += [s for s in reading.by(Speaker.CHANGE) if s.sentences][-room:]
    last = reading.last_mail
    if last and last.passage.speaker is Speaker.CUSTOMER and is_settled(last.sentences):
        chosen.append(last)
    lines = [_cited(reading, s, _deed) for s in sorted(chosen, key=reading.said.index)]
    if reading.skipped:
        lines.append(f"{reading.skipped:,} entries in the middle were not read.")
    return lines or ["Nothing yet: nobody has answered."]


def _ours(reading: Reading) -> list[Said]:
    """What we say; a mail without a sentence only where it is the last."""
    said = reading.by(Speaker.DESK, Speaker.NOTE)
    return [s for s in said if s.sentences or s is reading.last_mail]


def _most_telling(reading: Reading, ours: list[Said]) -> list[Said]:
    """Those that tell most, the first and the last always."""
    if len(ours) <= STEPS:
        return list(ours)
    between = sorted(ours[1:-1], key=lambda s: -_best(reading, s, _deed))
    return [ours[0], *between[: STEPS - 2], ours[-1]]


def _cited(reading: Reading, said: Said, weigh: Weigh) -> str:
    if not said.sentences:
        return f"{said.who}, {reading.when(said)}, wrote a mail without a sentence."
    what = "in a note" if said.passage.speaker is Speaker.NOTE else ""
    return reading.cite(said, list(_chosen(reading, said, weigh)), what)


def _chosen(reading: Reading, said: Said, weigh: Weigh) -> Iterator[int]:
    """The sentence that tells most, and the second if both are short."""
    weights = _weights(reading, said, weigh)
    one, *rest = sorted(range(len(weights)), key=lambda n: -weights[n])
    yield one
    if rest and weights[rest[0]] > 0:
        together = len(said.sentences[one]) + len(said.sentences[rest[0]])
        if together <= _TOGETHER:
            yield rest[0]


def _best(reading: Reading, said: Said, weigh: Weigh) -> float:
    return max(_weights(reading, said, weigh), default=0.0)


def _weights(reading: Reading, said: Said, weigh: Weigh) -> list[float]:
    """Sentences weigh by words that others take up, by what they do, and by standing near the top."""
    return [
        _taken_up(reading, words) + weigh(sentence) + 0.8 / (1 + number)
        for number, (sentence, words) in enumerate(zip(said.sentences, said.words_of, strict=True))
    ]


def _taken_up(reading: Reading, words: frozenset[str]) -> float:
    if len(words) < 2:
        return -0.5
    spread = reading.spread
    shared = sum(1 for w in words if spread[w] > 1)
    return 1.5 * shared / (len(words) + 2)


def _matter(sentence: str) -> float:
    """What a customer wants, or what is wrong."""
    if is_pleasant(sentence):
        return -3.0
    return 1.0 * wishes(sentence) + 1.0 * tells_trouble(sentence) - 0.5 * _is_long(sentence)


def _deed(sentence: str) -> float:
    """What we say that we did."""
    if is_pleasant(sentence):
        return -3.0
    return 1.0 * tells_done(sentence) - 0.5 * wishes(sentence) - 0.5 * _is_long(sentence)


def _is_long(sentence: str) -> bool:
    return len(sentence) > 220

"""The matcher that asks a model, and lets the keywords decide where it does not answer well."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from agentdesk.ai.choosing import Key
from agentdesk.ai.keywords import weigh
from agentdesk.ai.masking import Mask
from agentdesk.ai.model import budget, forms, plain, questions, refusals
from agentdesk.ai.model.budget import Entry
from agentdesk.ai.model.connection import Meter, Server
from agentdesk.ai.model.forms import WrongForm
from agentdesk.domain.assistance import AiRules
from agentdesk.domain.errors import AssistantProblem
from agentdesk.domain.matching import Conversation, Letter, Match
from agentdesk.domain.text import safe

SHOWN = 10
"""Conversations that the model gets to see: those that share most with the mail."""

LETTERS = 4
LETTER_TOKENS, OLD_TOKENS, RECORD_TOKENS = 1_000, 250, 150
SUREST = 0.99
"""No model is surer than this."""

LONGEST_WHY = 160
AT_ONCE = 4
"""Questions at a time, of all mails that come in together."""

FAILURES, REST_S = 3, 60.0
"""After so many failures in a row nobody is asked for so long; one more failure begins it anew."""

log = logging.getLogger(__name__)


class Rest:
    """A server that fails again and again is left alone for a while: mail must not wait for it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failures = 0
        self._until = float("-inf")
        self._last = ""

    @property
    def cause(self) -> str:
        """Why nobody is asked now; empty where somebody is."""
        return self._last if self._now() < self._until else ""

    def after(self, error: AssistantProblem) -> AssistantProblem:
        """*error*, counted."""
        self._failures += 1
        self._last = str(error)
        if self._failures >= FAILURES:
            self._until = self._now() + REST_S
        return error

    def over(self) -> None:
        """It answered."""
        self._failures = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What the model answered: which of the shown conversations, from 0, how sure, and why."""

    chosen: int | None
    confidence: float
    why: str


class ModelMatcher:
    """Asks the model of *rules*; *key* gives its server's key."""

    name = "openai"

    def __init__(self, rules: AiRules, key: Key, now: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._server = Server(rules, key)
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._rest = Rest(now)

    async def match(self, letter: Letter, conversations: Sequence[Conversation]) -> Match:
        """Weigh *conversations*. Without a good answer in time, the keywords' match says the cause."""
        usual = weigh(letter, conversations)
        if not conversations:
            return usual
        async with self._at_once:
            cause = self._rest.cause
            if not cause:
                try:
                    return await self._in_time(letter, conversations, usual)
                except AssistantProblem as error:
                    cause = str(error)
        log.warning("keywords matched instead of the model: %s", cause)
        return replace(usual, cause=cause)

    async def _in_time(
        self, letter: Letter, conversations: Sequence[Conversation], usual: Match
    ) -> Match:
        seconds = self._rules.matcher_timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                answer = await self._asked(letter, conversations, usual)
        except TimeoutError:
            sentence = f"The model did not answer within {seconds:g} seconds."
            raise self._rest.after(AssistantProblem(sentence)) from None
        except AssistantProblem as error:
            raise self._rest.after(error) from error
        self._rest.over()
        return answer

    async def _asked(
        self, letter: Letter, conversations: Sequence[Conversation], usual: Match
    ) -> Match:
        by_id = {c.id: c for c in conversations}
        shown = [by_id[w.id] for w in usual.weighed[:SHOWN]]
        mask, read = await asyncio.to_thread(_read, letter, shown, self._rules.mask)
        entries = self._fitting(read)
        question = questions.link(entries)
        for asked in (question, question.again):
            try:
                said = _understood(await self._answer(asked), len(entries) - 1)
            except WrongForm:
                continue
            why = plain.line(mask.show(said.why), LONGEST_WHY)
            return _weighed(usual, said, why)
        raise refusals.wrong_form(self._rules)

    def _fitting(self, entries: list[Entry]) -> list[Entry]:
        """The mail and as many conversations as one request holds, the likeliest first."""
        left = self._rules.most_tokens - budget.SPARE
        kept: list[Entry] = []
        for head, text in entries:
            left -= budget.tokens(text) + budget.HEAD
            if left < 0 and len(kept) > 1:
                break
            kept.append((head, text))
        return kept

    async def _answer(self, question: questions.Question) -> str:
        said, meter = "", Meter(self._rules)
        async with aclosing(self._server.answer(question.system, question.user, meter)) as answer:
            async for piece in answer:
                said += piece
                if len(said) > forms.LONGEST:
                    raise WrongForm
        return said


def _read(letter: Letter, shown: Sequence[Conversation], masked: bool) -> tuple[Mask, list[Entry]]:
    mask = Mask(_names(letter, shown), on=masked)
    return mask, [_mail(letter, mask), *_records(shown, mask)]


def _names(letter: Letter, shown: Iterable[Conversation]) -> Iterable[str]:
    yield letter.name
    yield from (x.name for c in shown for x in c.letters)


def _mail(letter: Letter, mask: Mask) -> Entry:
    return "the new mail", _text(letter, mask, LETTER_TOKENS)


def _records(shown: Sequence[Conversation], mask: Mask) -> Iterable[Entry]:
    for number, c in enumerate(shown, start=1):
        about = budget.clipped(
            mask.hide(safe(f"{c.subject}\n{c.description}")).strip(), RECORD_TOKENS
        )
        letters = [_text(x, mask, OLD_TOKENS) for x in c.letters[-LETTERS:]]
        yield f"conversation number {number}", "\n\n".join(filter(None, (about, *letters)))


def _text(letter: Letter, mask: Mask, most: int) -> str:
    who = safe(f"{letter.name} <{letter.sender}>", multiline=False)
    head = f"From: {who}\nDate: {letter.at:%Y-%m-%d %H:%M}\nSubject: {safe(letter.subject, multiline=False)}"
    return budget.clipped(mask.hide(f"{head}\n{safe(letter.text)}"), most)


def _understood(answer: str, shown: int) -> Said:
    """Only the number of a conversation that was *shown* counts. Raises `WrongForm`."""
    found = forms.decision(answer, questions.LINK)
    number, confidence, why = (found[key] for key in questions.LINK)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        raise WrongForm
    if not 0 <= confidence <= 1 or not isinstance(why, str):
        raise WrongForm
    if number is None:
        return Said(None, confidence, why)
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= shown:
        raise WrongForm
    return Said(number - 1, confidence, why)


def _weighed(usual: Match, said: Said, why: str) -> Match:
    """What the model is sure of, and the rest as the keywords share it. Together they are 1."""
    chosen = None if said.chosen is None else usual.weighed[said.chosen].id
    sure = min(said.confidence, SUREST)
    likely: dict[str | None, float] = {None: usual.none}
    likely |= {w.id: w.probability for w in usual.weighed}
    rest = 1 - likely[chosen]

    def share(answer: str | None) -> float:
        if answer == chosen:
            return sure
        return (1 - sure) * (likely[answer] / rest if rest > 0 else 1 / (len(likely) - 1))

    weighed = [
        replace(w, probability=share(w.id), reasons=(why,) if why and w.id == chosen else w.reasons)
        for w in usual.weighed
    ]
    best_first = tuple(sorted(weighed, key=lambda w: -w.probability))
    return Match(best_first, share(None), ModelMatcher.name)

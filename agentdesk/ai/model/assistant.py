"""The assistant that asks a model."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import tzinfo

from agentdesk.ai.choosing import Key
from agentdesk.ai.masking import Mask
from agentdesk.ai.model import budget, forms, plain, questions, refusals
from agentdesk.ai.model.budget import Entry
from agentdesk.ai.model.connection import Meter, Server
from agentdesk.ai.model.forms import WrongForm
from agentdesk.ai.model.questions import Question
from agentdesk.domain.assistance import (
    AiRules,
    CodeOffered,
    CodeSuggestion,
    Speaker,
    Suggestion,
    Summary,
    Transcript,
)
from agentdesk.domain.errors import AssistantProblem
from agentdesk.domain.text import safe

LONGEST_WHY = 200
LONGEST_WISH = 1_000
LONGEST_LANGUAGE = 40
TRANSLATED = 2_500
"""Tokens translated at once, so that the answer stays below `forms.LONGEST` in every language."""

MOST_TRANSLATED = 24

MAILS = (Speaker.CUSTOMER, Speaker.DESK)
"""What a reply is made from: notes, changes and our own description never become mail."""


@dataclass(frozen=True, slots=True)
class Growing:
    """The sections of an answer so far, still masked. `step` says what takes long."""

    texts: tuple[str, ...] = ()
    whole: bool = False
    step: str = ""


class ModelAssistant:
    """Asks the model of *rules*; *key* gives its server's key. Dates are those of *zone*."""

    def __init__(self, rules: AiRules, key: Key, zone: tzinfo | None = None) -> None:
        self._rules, self._zone = rules, zone
        self._server = Server(rules, key)

    @property
    def name(self) -> str:
        """The model."""
        return self._rules.model

    async def summarise(self, said: Transcript) -> AsyncGenerator[Summary, None]:
        """Read in parts where it is long: each part, then their summaries together."""
        meter, (mask, entries) = Meter(self._rules), await self._entries(said)
        async with aclosing(self._read(entries, meter, mask)) as growing:
            async for g in growing:
                shown = (plain.points(mask.show(t, whole=g.whole)) for t in g.texts)
                issue, done, next_steps = shown if g.texts else ("", "", "")
                yield Summary(
                    issue,
                    done,
                    next_steps,
                    by=self.name,
                    whole=g.whole,
                    step=g.step,
                    usage=meter.usage,
                )

    async def suggest_reply(
        self, said: Transcript, wish: str = ""
    ) -> AsyncGenerator[Suggestion, None]:
        """From as many of the newest mails as one request holds. Links only of our own mails."""
        meter = Meter(self._rules)
        mask, (about, *mails) = await self._entries(replace(said, description=""), MAILS)
        asked = mask.hide(safe(wish, multiline=False)[:LONGEST_WISH])
        question = questions.reply(self._fitting(about, mails, budget.tokens(asked)), asked)
        known = plain.addresses(
            (wish, *(p.text for p in said.passages if p.speaker is Speaker.DESK))
        )
        async with aclosing(self._sections(question, questions.TEXT, meter)) as growing:
            async for g in growing:
                yield self._suggestion(g, mask, known, meter)

    async def suggest_code(self, said: Transcript, codes: Sequence[CodeOffered]) -> CodeSuggestion:
        """One of *codes*, whatever the model says."""
        meter, (mask, (about, *rest)) = Meter(self._rules), await self._entries(said)
        question = questions.code(self._fitting(about, rest), codes)
        keys = {code.key for code in codes}
        for asked in (question, question.again):
            try:
                found = forms.decision(await self._all_of(asked, meter), questions.CODE)
                key, why = found["key"], found["why"]
                if not isinstance(why, str) or not (key is None or key in keys):
                    raise WrongForm
            except (WrongForm, TypeError):  # a key that is a list cannot be among them
                continue
            return CodeSuggestion(
                key, plain.line(mask.show(why), LONGEST_WHY), self.name, meter.usage
            )
        raise refusals.wrong_form(self._rules)

    async def translate(self, text: str, language: str) -> AsyncGenerator[Suggestion, None]:
        """Piece by piece where it is long. Links only of *text* itself."""
        meter, mask = Meter(self._rules), Mask(on=self._rules.mask)
        into = _language(language)
        hidden = await asyncio.to_thread(mask.hide, safe(text))
        cut = budget.pieces(hidden, min(self._room // 2, TRANSLATED))
        if len(cut) > MOST_TRANSLATED:
            raise AssistantProblem("This text is too long to translate: translate a part of it.")
        known, done = plain.addresses((text,)), ""
        for number, piece in enumerate(cut, start=1):
            step = f"translating part {number} of {len(cut)}" if len(cut) > 1 else ""
            question = questions.translation(piece, into)
            async with aclosing(self._sections(question, questions.TEXT, meter)) as growing:
                async for g in growing:
                    so_far = replace(
                        g,
                        texts=(done + "".join(g.texts),),
                        whole=g.whole and number == len(cut),
                        step=g.step or step,
                    )
                    yield self._suggestion(so_far, mask, known, meter)
            done = f"{so_far.texts[0]}\n"

    async def _entries(
        self, said: Transcript, speakers: Iterable[Speaker] = Speaker
    ) -> tuple[Mask, list[Entry]]:
        """Beside the loop: a long conversation takes a while to mask."""
        return await asyncio.to_thread(
            questions.read, said, speakers, self._zone, masked=self._rules.mask
        )

    def _fitting(self, about: Entry, entries: Sequence[Entry], beside: int = 0) -> list[Entry]:
        """What one request holds: the record's beginning, and the newest of its *entries*.

        *beside*: tokens that it holds, too.
        """
        head, text = about
        room = max(self._room - beside, self._room // 2)
        text = budget.clipped(text, room // 4)
        left = room - budget.tokens(text) - budget.HEAD
        return [(head, text), *budget.newest(entries, left)]

    @property
    def _room(self) -> int:
        """Tokens for the conversation in one request."""
        return self._rules.most_tokens - budget.SPARE

    def _suggestion(
        self, g: Growing, mask: Mask, known: frozenset[str], meter: Meter
    ) -> Suggestion:
        shown = plain.plain(mask.show("".join(g.texts), whole=g.whole), known)
        return Suggestion(shown, self.name, g.whole, g.step, meter.usage)

    async def _read(
        self, entries: Sequence[Entry], meter: Meter, mask: Mask
    ) -> AsyncGenerator[Growing, None]:
        """The summary of *entries*, of which the last is whole."""
        parts, left_out = budget.parts(entries, self._room)
        read: list[Entry] = []
        for number, part in enumerate(parts if len(parts) > 1 else [], start=1):
            step = f"reading part {number} of {len(parts)}"
            yield Growing(step=step)
            async with aclosing(self._summary(part, meter, part=True)) as growing:
                async for g in growing:
                    if g.whole:
                        texts = zip(questions.SUMMARY, g.texts, strict=True)
                        read.append((step, "\n".join(f"{name}: {text}" for name, text in texts)))
        together = budget.newest(read, self._room) if read else parts[0]
        async with aclosing(self._summary(together, meter, part=bool(read))) as growing:
            async for g in growing:
                yield replace(g, step=left_out) if g.whole else g

    def _summary(
        self, entries: Sequence[Entry], meter: Meter, *, part: bool
    ) -> AsyncGenerator[Growing, None]:
        question = questions.summary(entries, part=part)
        return self._sections(question, questions.SUMMARY, meter)

    async def _sections(
        self, question: Question, names: Sequence[str], meter: Meter
    ) -> AsyncGenerator[Growing, None]:
        """The sections as they grow. Another form is asked for again once, then refused."""
        for asked in (question, question.again):
            step = "" if asked is question else "asking again"
            said = ""
            try:
                async with aclosing(self._server.answer(asked.system, asked.user, meter)) as answer:
                    async for piece in answer:
                        said += piece
                        yield Growing(tuple(forms.sections(said, names, whole=False)), step=step)
                texts = tuple(forms.sections(said, names, whole=True))
            except WrongForm:
                continue
            yield Growing(texts, whole=True)
            return
        raise refusals.wrong_form(self._rules)

    async def _all_of(self, question: Question, meter: Meter) -> str:
        """A short answer; one that goes on and on is no longer listened to."""
        said = ""
        async with aclosing(self._server.answer(question.system, question.user, meter)) as answer:
            async for piece in answer:
                said += piece
                if len(said) > forms.LONGEST:
                    raise WrongForm
        return said


def _language(name: str) -> str:
    """It stands among our own words, so it may be nothing but a name. Raises `AssistantProblem`."""
    into = safe(name, multiline=False)
    if 0 < len(into) <= LONGEST_LANGUAGE and all(c.isalpha() or c in " -()" for c in into):
        return into
    raise AssistantProblem("Name the language in English, such as German.")

"""An assistant that answers by script: a whole one of its port, with a gate that the test opens."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from agentdesk.domain.assistance import (
    CodeOffered,
    CodeSuggestion,
    Suggestion,
    Summary,
    Transcript,
    Usage,
)
from agentdesk.domain.errors import AssistantProblem
from tests.desks import World

WHOLE = Summary(
    issue="Mara's parcel arrived broken.",
    done="• Ana asked for a photo.",
    next_steps="Send a new lid.",
    by="test-model",
    whole=True,
    usage=Usage(1_200, 80, 0.0042),
)
CODE = CodeSuggestion("question", "Ana answered it.", "test-model")


@dataclass
class Scripted:
    """Says *summary* after half of it; `texts` one after the other for replies and translations.

    `gate`, where there is one, stands between the first half and the rest. `problem` is raised instead.
    `ended` counts answers that were closed before their end.
    """

    summary: Summary = WHOLE
    texts: Sequence[str] = ("Dear Mara, a new lid is on its way.",)
    code: CodeSuggestion = CODE
    gate: asyncio.Event | None = None
    problem: str = ""
    name: str = "test-model"
    read: list[Transcript] = field(default_factory=list)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    ended: int = 0

    async def summarise(self, said: Transcript) -> AsyncIterator[Summary]:
        self._begin(said)
        try:
            yield replace(self.summary, done="", next_steps="", whole=False, step="part 1 of 2")
            await self._wait()
        except (GeneratorExit, asyncio.CancelledError):
            self.ended += 1
            raise
        yield self.summary

    async def suggest_reply(self, said: Transcript, wish: str = "") -> AsyncIterator[Suggestion]:
        self._begin(said)
        self.asked.append((wish,))
        async with aclosing(self._text()) as texts:
            async for each in texts:
                yield each

    async def suggest_code(self, said: Transcript, codes: Sequence[CodeOffered]) -> CodeSuggestion:
        self._begin(said)
        self.asked.append(tuple(c.key for c in codes))
        await self._wait()
        return self.code

    async def translate(self, text: str, language: str) -> AsyncIterator[Suggestion]:
        self._must_answer()
        self.asked.append((text, language))
        async with aclosing(self._text()) as texts:
            async for each in texts:
                yield each

    def _begin(self, said: Transcript) -> None:
        self._must_answer()
        self.read.append(said)

    def _must_answer(self) -> None:
        if self.problem:
            raise AssistantProblem(self.problem)

    async def _text(self) -> AsyncGenerator[Suggestion, None]:
        text = self.texts[min(len(self.asked), len(self.texts)) - 1]
        try:
            yield Suggestion(text[: len(text) // 2], self.name)
            await self._wait()
        except (GeneratorExit, asyncio.CancelledError):
            self.ended += 1
            raise
        yield Suggestion(text, self.name, whole=True)

    async def _wait(self) -> None:
        if self.gate is not None:
            await self.gate.wait()


def advised(world: World, assistant: Scripted | None = None) -> Scripted:
    """The desk has this assistant from now on."""
    made = assistant or Scripted()
    world.desk = replace(world.desk, assistant=made)
    return made

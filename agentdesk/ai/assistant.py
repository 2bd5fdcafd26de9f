"""The port of assistants: summaries, replies, codes and translations, proposed on demand."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from agentdesk.domain.assistance import (
    CodeOffered,
    CodeSuggestion,
    Suggestion,
    Summary,
    Transcript,
)


class Assistant(Protocol):
    """Reads a conversation and proposes. What a mail says is never an order to it.

    Every method raises `AssistantProblem` with one sentence that says what to do, also for what this
    assistant cannot do. Closing an iterator, or cancelling, ends the work and its connection at once.
    What it yields is safe for a terminal.
    """

    @property
    def name(self) -> str:
        """`offline`, or the model."""
        ...

    def summarise(self, said: Transcript) -> AsyncIterator[Summary]:
        """The summary as it grows; the last one is whole."""
        ...

    def suggest_reply(self, said: Transcript, wish: str = "") -> AsyncIterator[Suggestion]:
        """A reply to the customer's last mail; *wish* says what the agent wants to say."""
        ...

    async def suggest_code(self, said: Transcript, codes: Sequence[CodeOffered]) -> CodeSuggestion:
        """The wrap-up code that fits best, one of *codes* or none."""
        ...

    def translate(self, text: str, language: str) -> AsyncIterator[Suggestion]:
        """*text* in *language*, an English name of one (`German`)."""
        ...

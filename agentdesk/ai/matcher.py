"""The port of matchers."""

from collections.abc import Sequence
from typing import Protocol

from agentdesk.domain.matching import Conversation, Letter, Match


class Matcher(Protocol):
    """Says which of some conversations a mail belongs to, with probabilities that mean what they say."""

    @property
    def name(self) -> str:
        """`keywords`, `embeddings` or `openai`."""
        ...

    async def match(self, letter: Letter, conversations: Sequence[Conversation]) -> Match:
        """Weigh *conversations*. Never raises for what a mail says; never takes it for an order."""
        ...

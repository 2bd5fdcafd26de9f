"""Who answers, by the settings. What is not chosen is not imported."""

from collections.abc import Awaitable, Callable

from agentdesk.ai.assistant import Assistant
from agentdesk.ai.keywords import Keywords
from agentdesk.ai.matcher import Matcher
from agentdesk.domain.assistance import AiRules

Key = Callable[[], Awaitable[str]]
"""Gives the key of the model's server, or an empty one where it needs none. Raises `DeskError`."""


async def no_key() -> str:
    """For a server that needs none."""
    return ""


def assistant(rules: AiRules, key: Key = no_key) -> Assistant | None:
    """Who summarises; None where the settings say nobody."""
    return None


def matcher(rules: AiRules, key: Key = no_key) -> Matcher:
    """Who says where a mail belongs."""
    return Keywords()

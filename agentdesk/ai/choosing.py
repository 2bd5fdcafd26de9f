"""Who answers, by the settings. What is not chosen is not imported."""

from collections.abc import Awaitable, Callable
from datetime import tzinfo

from agentdesk.ai.assistant import Assistant
from agentdesk.ai.extractive import Extractive
from agentdesk.ai.keywords import Keywords
from agentdesk.ai.matcher import Matcher
from agentdesk.domain.assistance import AiRules
from agentdesk.domain.errors import AssistantProblem

Key = Callable[[], Awaitable[str]]
"""Gives the key of the model's server, or an empty one where it needs none. Raises `DeskError`."""


async def no_key() -> str:
    """For a server that needs none."""
    return ""


def assistant(rules: AiRules, key: Key = no_key, zone: tzinfo | None = None) -> Assistant | None:
    """Who summarises; None where the settings say nobody. Dates are those of *zone*."""
    if rules.summaries == "openai":
        from agentdesk.ai.model.assistant import ModelAssistant

        return ModelAssistant(rules, key, zone)
    return Extractive(zone) if rules.summaries == "offline" else None


def matcher(rules: AiRules, key: Key = no_key) -> Matcher:
    """Who says where a mail belongs. Raises `AssistantProblem` where a package is to be installed."""
    if rules.matcher == "embeddings":
        return _embeddings()
    if rules.matcher == "openai":
        from agentdesk.ai.model.matcher import ModelMatcher

        return ModelMatcher(rules, key)
    return Keywords()


def _embeddings() -> Matcher:
    from agentdesk.ai.embeddings import Embeddings

    found = Embeddings()
    if missing := found.available():
        raise AssistantProblem(missing)
    return found

"""The matchers that `agentdesk eval` measures, by their names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from agentdesk.ai import choosing
from agentdesk.ai.embeddings import Embeddings
from agentdesk.ai.matcher import Matcher
from agentdesk.domain.assistance import AiRules
from agentdesk.domain.errors import BadInput, DeskError

NAMES: Final = ("keywords", "embeddings", "openai")
ALL: Final = "all"


def named(said: Sequence[str]) -> tuple[str, ...]:
    """The adapters that *said* names, each once, in their order; `a,b` names two, `all` every one.

    Raises `BadInput` for another name.
    """
    words = [word.strip() for text in said for word in text.split(",") if word.strip()]
    if unknown := [w for w in words if w not in (*NAMES, ALL)]:
        raise BadInput(
            f"There is no adapter {unknown[0]!r}; choose from {', '.join(NAMES)} or {ALL}."
        )
    wanted = [name for w in words for name in (NAMES if w == ALL else (w,))]
    return tuple(dict.fromkeys(wanted)) or NAMES[:1]


def matchers(said: Sequence[str], settings: Path) -> tuple[list[Matcher], list[str]]:
    """Those that *said* names, and a sentence for each that `all` has to leave out.

    The file *settings* is read for openai alone. Raises `DeskError` for one that was asked for by its
    name and cannot be had.
    """
    everything = any(ALL in text.split(",") for text in said)
    found: list[Matcher] = []
    left_out = []
    for name in named(said):
        try:
            found.append(_matcher(name, settings))
        except DeskError as error:
            if not everything:
                raise
            left_out.append(f"{name} is left out. {error}")
    return found, left_out


def _matcher(name: str, settings: Path) -> Matcher:
    if name == "openai":
        return _model(settings)
    if name == Embeddings.name:
        return choosing.matcher(AiRules(matcher="embeddings"))
    return choosing.matcher(AiRules())


def _model(path: Path) -> Matcher:
    from dataclasses import replace

    from agentdesk.bootstrap.credentials import ai_key_of
    from agentdesk.settings import load
    from agentdesk.settings.ai import rules_of

    ai = load(path).ai
    if not ai.model.strip():
        raise BadInput(f"The adapter openai needs a model: name one in [ai] of {path}.")
    return choosing.matcher(replace(rules_of(ai), matcher="openai"), ai_key_of(ai))

"""The routing sections as a document of their own: what an import and the admin screen read."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from agentdesk.domain.policy import Policy
from agentdesk.settings import loading, routing_advice
from agentdesk.settings.policy import policy_of
from agentdesk.settings.problems import Problem
from agentdesk.settings.root import Settings
from agentdesk.settings.routing import RoutingSettings


@dataclass(frozen=True, slots=True)
class Document:
    """What a text says. `policy` is None where it has `problems`.

    `skipped`: sections of settings.toml that are not about routing.
    """

    policy: Policy | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    skipped: tuple[str, ...] = ()


def read(text: str) -> Document:
    """Understand *text*, or say all that is wrong with it, each with its line."""
    text = text.replace("\r\n", "\n")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Document(None, (loading.not_toml(error, text),))
    others = Settings.model_fields.keys() - RoutingSettings.model_fields.keys()
    skipped = tuple(name for name in data if name in others)
    for name in skipped:
        del data[name]
    settings, troubles = loading.validate(RoutingSettings, data, Path())
    if settings is None:
        found = sorted(loading.problems(troubles, text, {}), key=lambda p: p.line)
        return Document(None, tuple(found), skipped=skipped)
    advice = tuple(loading.problems(routing_advice.warnings(settings), text, {}))
    return Document(policy_of(settings), (), advice, skipped)

"""AGENTDESK_… environment variables, which win over settings.toml.

`AGENTDESK_DESK__BELL=false` sets [desk] bell; a whole list is given as JSON. Read by
pydantic-settings.
"""

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from agentdesk.settings.problems import Loc, Problem

if TYPE_CHECKING:
    from agentdesk.settings.root import Settings

PREFIX = "AGENTDESK_"
NESTED = "__"


class Unreadable(Exception):
    """A variable that holds a list or table is not JSON."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read(model: type["Settings"]) -> dict[str, Any]:
    """What the environment says, nested like the file. Raises `Unreadable`."""
    if not any(_section(name) in model.model_fields for name in os.environ):
        return {}
    from pydantic_settings import (  # costs 50 ms, and is rarely needed
        BaseSettings,
        EnvSettingsSource,
        SettingsError,
    )

    class Variables(BaseSettings, model):  # type: ignore[misc, valid-type]
        """The same sections, as pydantic-settings wants them."""

    source = EnvSettingsSource(Variables, env_prefix=PREFIX, env_nested_delimiter=NESTED)
    try:
        return source()
    except SettingsError as error:
        raise Unreadable(_not_json(model)) from error


def _not_json(model: type["Settings"]) -> Problem:
    whole = [n for n in sorted(os.environ) if NESTED not in n and _section(n) in model.model_fields]
    name = next(iter(whole), f"{PREFIX}…")
    return Problem("", "is not JSON; write a whole section or list as JSON", variable=name)


def _section(name: str) -> str:
    """The section that a variable names; empty for one that is not ours."""
    ours = name.upper().startswith(PREFIX)
    return name[len(PREFIX) :].lower().split(NESTED)[0] if ours else ""


def over(file: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """*file* with *variables* laid over it, table by table; a list is replaced as a whole."""
    merged = dict(file)
    for key, value in variables.items():
        below = merged.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[key] = over(below, value) if both and below is not None else value
    return merged


def variable_for(loc: Loc, variables: Mapping[str, Any]) -> str:
    """The variable that *loc* came from, or an empty string."""
    names: list[str] = []
    value: Any = variables
    for part in loc:
        if not isinstance(value, Mapping) or part not in value:
            break
        names.append(str(part))
        value = value[part]
    whole = not isinstance(value, Mapping) or len(names) == len(loc)
    return _written(names) if names and whole else ""


def _written(names: list[str]) -> str:
    """The variable as it is really set: the longest one that names this value."""
    wanted = [PREFIX + NESTED.join(names[:n]).upper() for n in range(len(names), 0, -1)]
    there = {name.upper(): name for name in os.environ}
    return next((there[name] for name in wanted if name in there), wanted[0])


def unknown(model: type["Settings"]) -> Iterator[Problem]:
    """Variables that look like settings and name no section: they have no effect."""
    for name in sorted(os.environ):
        section = _section(name)
        if section and NESTED in name and section not in model.model_fields:
            close = get_close_matches(section, model.model_fields, n=1)
            hint = f". Did you mean {PREFIX}{close[0].upper()}{NESTED}…?" if close else ""
            yield Problem("", f"has no effect: there is no section {section}{hint}", variable=name)

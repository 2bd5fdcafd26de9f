"""What a person begins with who adds an item on the admin screen, and the help on each key."""

import re
from collections.abc import Collection
from typing import Any

from agentdesk.domain.condition import FIELDS, OPERATORS
from agentdesk.settings import toml
from agentdesk.settings.changes import NAMES
from agentdesk.settings.routing import RoutingSettings
from agentdesk.settings.schema import Model, describe, model_at
from agentdesk.settings.sentences import first_sentence

BEGIN: dict[str, Any] = {
    "name": "New",
    "label": "New",
    "account": "New account",
    "work": False,
    "time_zone": "Europe/Madrid",
    "condition": 'subject contains "refund"',
    "agents": [],
}
"""What a required key says at first."""
_NUMBERED = re.compile(r"(.*?)-?\d*")


def template(section: str, taken: Collection[str]) -> str:
    """A new item of *section* with every key: those that are not required are switched off.

    *taken*: the names that items of the section have already.
    """
    what, own = NAMES[section]
    lines = [f"[[{section}]]"]
    for key, field in _model(section).model_fields.items():
        if key == own:
            lines.append(toml.line(key, unused(what.replace(" ", "-"), taken)))
        elif field.is_required():
            lines.append(toml.line(key, BEGIN[key]))
        else:
            usual = field.get_default(call_default_factory=True)
            lines.append(f"# {key} =" if usual is None else f"# {toml.line(key, usual)}")
    return "\n".join(lines) + "\n"


def unused(name: str, taken: Collection[str]) -> str:
    """*name* with the first number that is not taken."""
    found = _NUMBERED.fullmatch(name)
    stem = (found[1] if found else name) or name
    return next(n for n in (f"{stem}-{i}" for i in range(1, len(taken) + 2)) if n not in taken)


def help_on(section: str, line: str) -> str:
    """What the key that stands in *line* is for and may say; for any other line, the section."""
    model = _model(section)
    written = re.match(r"\s*#?\s*([a-z_]+)\s*=", line)
    field = model.model_fields.get(written[1]) if written else None
    if field is None or written is None:
        keys = ", ".join(model.model_fields)
        return f"{' '.join((model.__doc__ or '').split())} Keys: {keys}."
    words = " ".join((field.description or first_sentence(field)).split())
    help_ = f"{written[1]}: {describe(field)}. {words}"
    return f"{help_} {_language()}" if written[1] == "condition" else help_


def _language() -> str:
    how = "; ".join(signs for signs in OPERATORS)
    return f'Fields: {", ".join(FIELDS)}, header["…"]. Signs: {how}.'


def _model(section: str) -> Model:
    model = model_at(RoutingSettings, (section,))
    assert model is not None
    return model

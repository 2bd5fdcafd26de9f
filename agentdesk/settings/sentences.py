"""Turns pydantic's error list into troubles: what is wrong, and what is allowed."""

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from agentdesk.settings.problems import Loc, Trouble, name_of
from agentdesk.settings.schema import choices, describe, field_at, keys, model_at

Model = type[BaseModel]
SECRET = re.compile(r"(^|_)(pass|password|passwd|passphrase|pwd|secret|token|api_key)$", re.I)
NOT_CALLED = "default_factory_not_called"


def troubles_of(errors: list[ErrorDetails], root: Model) -> Iterator[Trouble]:
    """One trouble for each error that a person can correct."""
    for error in errors:
        if error["type"] == "rules":
            yield from error["ctx"]["troubles"]
        elif error["type"] != NOT_CALLED:
            yield _trouble(error, root)


def _trouble(error: ErrorDetails, root: Model) -> Trouble:
    loc: Loc = error["loc"]
    if error["type"] == "extra_forbidden":
        return Trouble(loc, _unknown_key(loc, root))
    if error["type"] == "refused":
        key = error["ctx"]["key"]
        return Trouble((*loc, key) if key else loc, error["ctx"]["sentence"])
    field = field_at(root, loc)
    if error["type"] == "missing":
        about = f", {first_sentence(field)}" if field else ""
        return Trouble(loc, f"is missing{about}")
    return Trouble(loc, _wrong_value(loc, error["input"], field))


def _wrong_value(loc: Loc, value: object, field: FieldInfo | None) -> str:
    if isinstance(value, dict) and field and get_origin(field.annotation) is tuple:
        return f"is one table; write [[{name_of(loc)}]] with double brackets"
    allowed = describe(field) if field else "another value"
    close = get_close_matches(str(value), choices(field.annotation) if field else [], n=1)
    hint = f'. Did you mean "{close[0]}"?' if close else ""
    return f"is {shown(loc, value)}; use {allowed}{hint}"


def shown(loc: Loc, value: object) -> str:
    """*value* as one short line; never that of a key that may hold a secret."""
    if any(SECRET.search(str(part)) for part in loc):
        return "not shown"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(c if c.isprintable() else "?" for c in text)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _unknown_key(loc: Loc, root: Model) -> str:
    here = model_at(root, loc[:-1])
    name = str(loc[-1])
    close = get_close_matches(name, here.model_fields if here else [], n=1, cutoff=0.6)
    if close:
        return f"is not a setting. Did you mean {close[0]}?"
    elsewhere = [place for place, field in keys(root) if field == name]
    if len(elsewhere) == 1:
        return f"is not a setting here. Did you mean {elsewhere[0]}.{name}?"
    if here is root:
        return f"is not a section; there are {', '.join(root.model_fields)}"
    return f"is not a setting; there are {', '.join(here.model_fields if here else ())}"


def first_sentence(field: FieldInfo) -> str:
    """What a field is for, in a few words, to stand inside a sentence."""
    text = " ".join((field.description or "").split()).partition(". ")[0].removesuffix(".")
    return text[:1].lower() + text[1:]

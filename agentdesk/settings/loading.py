"""From a settings.toml to `Settings`, or to all that is wrong with it at once."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agentdesk.settings import environment, positions, sentences
from agentdesk.settings.problems import Loc, Problem, SettingsError, SettingsMissing, Trouble
from agentdesk.settings.root import Settings

Sections = TypeVar("Sections", bound=BaseModel)
PASSWORD_ADVICE = (
    "is a secret, which must not stand in this file. Remove the line and run agentdesk init, "
    "or name an environment variable in password_env"
)
KEY_ADVICE = (
    "is a secret, which must not stand in this file. Remove the line and run agentdesk model-key, "
    "or name an environment variable in key_env"
)
CENTRE_ADVICE = (
    "is a secret, which must not stand in this file. Remove the line and run agentdesk ccaas secret, "
    "or name an environment variable in secret_env"
)
URL_ADVICE = (
    "contains a password, which must not stand in this file. Remove it from the address and set "
    "PGPASSWORD, or the whole address as AGENTDESK_DATABASE__URL"
)
SECRET_ADVICE: dict[str | int, str] = {"ai": KEY_ADVICE, "contact_centres": CENTRE_ADVICE}


def load(path: Path) -> Settings:
    """The settings in *path*, with AGENTDESK_… variables over them.

    Raises `SettingsError` naming every problem with its line, `SettingsMissing` without a file.
    """
    text = _text(path)
    file = _parse(path, text)
    secrets = list(_secrets(file))
    for trouble in secrets:
        _remove(file, trouble.loc)
    try:
        variables = environment.read(Settings)
    except environment.Unreadable as error:
        raise SettingsError(path, [error.problem]) from error
    merged = environment.over(file, variables)
    settings, troubles = validate(Settings, merged, path.absolute().parent)
    if settings is None or secrets:
        found = [*problems(secrets, text, {}), *problems(troubles, text, variables)]
        raise SettingsError(path, sorted(found, key=lambda p: p.line or len(text)))
    return settings


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise SettingsMissing(path) from None
    except UnicodeDecodeError:
        raise SettingsError(path, [Problem("", "is not UTF-8 text; save it as UTF-8")]) from None
    except OSError as error:
        words = f"cannot be read: {error.strerror}"
        raise SettingsError(path, [Problem("", words)]) from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(path, [not_toml(error, text)]) from error


def not_toml(error: tomllib.TOMLDecodeError, text: str) -> Problem:
    """Where *text* stops being TOML."""
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = int(found[1]) if found else text.count("\n") + 1
    words = re.sub(r" \(at .*\)$", "", str(error))
    return Problem("", f"is not valid TOML: {words[:1].lower()}{words[1:]}", line)


def _secrets(table: Mapping[str, Any], place: Loc = ()) -> Iterator[Trouble]:
    """Passwords that somebody wrote into the file."""
    for key, value in table.items():
        loc = (*place, key)
        if loc == ("ai", "key") or sentences.SECRET.search(key):
            yield Trouble(loc, SECRET_ADVICE.get(loc[0], PASSWORD_ADVICE))
        elif loc == ("database", "url") and isinstance(value, str) and _has_password(value):
            yield Trouble(loc, URL_ADVICE)
        elif isinstance(value, dict):
            yield from _secrets(value, loc)
        elif isinstance(value, list):
            for i, item in enumerate(value):
                yield from _secrets(item, (*loc, i)) if isinstance(item, dict) else ()


def _has_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password) or "password=" in url
    except ValueError:
        return False


def validate(
    model: type[Sections], data: dict[str, Any], folder: Path
) -> tuple[Sections | None, list[Trouble]]:
    """The settings, or what is wrong with them: values first, then how the rest fits together."""
    try:
        return model.model_validate(data, context={"folder": folder}), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    troubles = [*sentences.troubles_of(errors, model), *_broken_rules(model, data, errors)]
    return None, list(dict.fromkeys(troubles))


def _broken_rules(
    model: type[BaseModel], data: dict[str, Any], errors: list[ErrorDetails]
) -> Iterator[Trouble]:
    """Rules that sections without wrong values break, so that one run shows everything.

    Wrong values are taken away, then sections in which something is missing, until the rest is read.
    """
    wrong = {e["loc"][0] for e in errors if e["loc"] and e["type"] != "extra_forbidden"}
    rest = deepcopy(data)
    for _ in range(3):
        if errors[0]["type"] == "rules":
            return
        for error in errors:
            _remove(rest, error["loc"][:1] if error["type"] == "missing" else error["loc"])
        try:
            model.model_validate(rest)
        except ValidationError as error:
            errors = error.errors(include_url=False)
        else:
            return
        for trouble in sentences.troubles_of(_new(errors), model):
            if not trouble.reads & wrong and not _gone(rest, trouble.loc):
                yield trouble


def _new(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    return [e for e in errors if e["type"] in ("rules", "refused")]


def _gone(rest: Mapping[str, Any], loc: Loc) -> bool:
    """Whether the section was taken away, so that a rule saw its usual values instead."""
    return len(loc) > 1 and loc[0] not in rest


def _remove(data: Any, loc: Loc) -> None:
    """Take the value at *loc* away, where there is one; for an item of a list, the whole list."""
    while isinstance(loc[-1], int):
        loc = loc[:-1]
    for part in loc[:-1]:
        data = _step(data, part)
    if isinstance(data, dict):
        data.pop(loc[-1], None)


def _step(data: Any, part: str | int) -> Any:
    if isinstance(part, int):
        return data[part] if isinstance(data, list) and part < len(data) else None
    return data.get(part) if isinstance(data, dict) else None


def problems(
    troubles: Iterable[Trouble], text: str, variables: Mapping[str, Any]
) -> Iterator[Problem]:
    """Each trouble with its line in *text*, or the variable that it came from."""
    where = positions.lines(text)
    for trouble in troubles:
        variable = environment.variable_for(trouble.loc, variables)
        line = 0 if variable else positions.line_of(where, trouble.loc)
        yield Problem(trouble.name, trouble.words, line, variable)

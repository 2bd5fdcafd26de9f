"""Plain values as TOML text, written the way a person would. Reading is `tomllib`'s."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 100
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def line(key: str, value: Any) -> str:
    """`key = value`; a list that is long, or one of tables, has an item a line."""
    written = f"{_key(key)} = {_value(value)}"
    tables = isinstance(value, Sequence) and any(isinstance(v, Mapping) for v in value)
    if "\n" in written or (len(written) <= WIDTH and not tables):
        return written
    if isinstance(value, str) or not isinstance(value, Sequence):
        return written
    return "\n".join((f"{_key(key)} = [", *(f"  {_value(item)}," for item in value), "]"))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(str(value))
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(item) for item in value)}]"
    return repr(value)


def _text(text: str) -> str:
    if "\n" in text:
        return f'"""\n{_escaped(text, lines=True)}"""'
    if '"' in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return _quoted(text)


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str, *, lines: bool = False) -> str:
    """TOML escapes as JSON does, and the one control character that JSON lets through."""
    escaped = json.dumps(text, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f")
    return escaped.replace("\\n", "\n") if lines and "\\\\n" not in escaped else escaped

"""Plain values as TOML text, written the way a person would. Reading is `tomllib`'s."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 100
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def line(key: str, said: Any) -> str:
    """`key = value`; a list that is long, or one of tables, has an item a line."""
    written = f"{_key(key)} = {value(said)}"
    tables = isinstance(said, Sequence) and any(isinstance(v, Mapping) for v in said)
    if "\n" in written or (len(written) <= WIDTH and not tables):
        return written
    if isinstance(said, str) or not isinstance(said, Sequence):
        return written
    return "\n".join((f"{_key(key)} = [", *(f"  {value(item)}," for item in said), "]"))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def value(said: Any) -> str:
    """What stands behind the equals sign."""
    if isinstance(said, bool):
        return "true" if said else "false"
    if isinstance(said, str):
        return _text(str(said))
    if isinstance(said, Mapping):
        inside = ", ".join(f"{_key(k)} = {value(v)}" for k, v in said.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(said, Sequence):
        return f"[{', '.join(value(item) for item in said)}]"
    return repr(said)


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

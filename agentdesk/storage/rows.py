"""Between rows and domain values: columns carry the names of the fields."""

from collections.abc import Hashable, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from sqlalchemy import Row

T = TypeVar("T")


@cache
def _converters(cls: Hashable) -> dict[str, Any]:
    """How each field of *cls* comes out of its column: enums by value, sets and tuples from lists."""
    hints = get_type_hints(cls)
    return {f.name: _converter(hints[f.name]) for f in fields(cls)}  # type: ignore[arg-type]


def _converter(hint: Any) -> Any:
    if isinstance(hint, UnionType):
        hint = next(a for a in get_args(hint) if a is not type(None))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    return {frozenset: frozenset, tuple: tuple}.get(get_origin(hint))


def load(cls: type[T], row: Row[Any] | Mapping[str, Any]) -> T:
    """A domain value from a row that has a column for each of its fields."""
    values = row._mapping if isinstance(row, Row) else row
    made, key = {}, cast(Any, cls)
    for name, convert in _converters(key).items():
        value = values[name]
        made[name] = convert(value) if convert and value is not None else value
    return cls(**made)


def dump(value: Any) -> dict[str, Any]:
    """Column values of a domain value; sets become sorted lists."""
    return {name: _plain(getattr(value, name)) for name in _names(cast(Any, type(value)))}


@cache
def _names(cls: Hashable) -> tuple[str, ...]:
    """The fields of *cls*; asked once, because whole batches are written."""
    return tuple(f.name for f in fields(cls))  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value

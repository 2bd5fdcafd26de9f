"""What the settings models allow: found by place, described in words."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from agentdesk.settings.problems import Loc

Model = type[BaseModel]


def keys(model: Model, place: str = "") -> Iterator[tuple[str, str]]:
    """Each key below *model* as (table, key), such as ("mail_accounts.imap", "port")."""
    for name, field in model.model_fields.items():
        inner = _model_of(field.annotation)
        if inner is None:
            yield place, name
        else:
            yield from keys(inner, f"{place}.{name}".removeprefix("."))


def model_at(root: Model, loc: Loc) -> Model | None:
    """The model of the table at *loc*; None where there is no table."""
    model: Model | None = root
    for part in loc:
        if isinstance(part, str) and model:
            field = model.model_fields.get(part)
            model = _model_of(field.annotation) if field else None
    return model


def field_at(root: Model, loc: Loc) -> FieldInfo | None:
    """The field at *loc*; for an item of a list, what an item must be."""
    names = [i for i, part in enumerate(loc) if isinstance(part, str)]
    if not names:
        return None
    model = model_at(root, loc[: names[-1]])
    if model is None and len(names) > 1:
        return _value_of(field_at(root, loc[: names[-1]]))
    field = model.model_fields.get(str(loc[names[-1]])) if model else None
    if field and names[-1] < len(loc) - 1:
        return FieldInfo.from_annotation(get_args(field.annotation)[0])
    return field


def _value_of(field: FieldInfo | None) -> FieldInfo | None:
    """What each value of a table of free names must be."""
    if field is None or not _is_mapping(field.annotation):
        return None
    return FieldInfo.from_annotation(get_args(field.annotation)[1])


def _given(annotation: Any) -> Any:
    """Without the None of a field that may be left out."""
    if get_origin(annotation) is UnionType or get_origin(annotation) is Union:
        return next(a for a in get_args(annotation) if a is not type(None))
    return annotation


def _model_of(annotation: Any) -> Model | None:
    item = get_args(annotation)[0] if get_origin(annotation) is tuple else annotation
    return item if isinstance(item, type) and issubclass(item, BaseModel) else None


def choices(annotation: Any) -> list[str]:
    """The words that a field takes; empty where it takes anything of its type."""
    annotation = _given(annotation)
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return [member.value for member in annotation]
    return []


def describe(field: FieldInfo) -> str:
    """What may be written for *field*: "a whole number from 1 to 65535"."""
    annotation = _given(field.annotation)
    if allowed := choices(annotation):
        return _either([f'"{choice}"' for choice in allowed])
    if get_origin(annotation) is tuple:
        return _list(get_args(annotation)[0])
    if _model_of(annotation) or _is_mapping(annotation):
        return "a table"
    names = {bool: "true or false", int: f"a whole number{_range(field)}", float: "a number"}
    names[float] += _range(field)
    return next((text for kind, text in names.items() if annotation is kind), "text in quotes")


def _is_mapping(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _list(item: Any) -> str:
    if _model_of(item):
        return "tables with double brackets"
    base = get_args(item)[0] if get_origin(item) is Annotated else item
    allowed = choices(base)
    return f"a list of {_either(allowed)}" if allowed else 'a list, such as ["a", "b"]'


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _range(field: FieldInfo) -> str:
    low = next((m.ge for m in field.metadata if isinstance(m, Ge)), None)
    high = next((m.le for m in field.metadata if isinstance(m, Le)), None)
    if low is None:
        return ""
    return f" from {low} to {high}" if high is not None else f" of at least {low}"

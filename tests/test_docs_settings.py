"""docs/settings.md and the example settings.toml say what the settings really are."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from agentdesk.settings import Settings, load, warnings
from agentdesk.settings.schema import describe, keys, model_at

ROOT = Path(__file__).parent.parent
DOCS = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "settings.toml").read_text(encoding="utf-8")
COMPUTED = {
    ("database", "url"): "`desk.db` in your data folder",
    ("mail_accounts.imap", "port"): "by `security`",
    ("mail_accounts.smtp", "port"): "by `security`",
}
EVERY_KEY = sorted(keys(Settings))


@dataclass(frozen=True)
class Row:
    """One line of a table in docs/settings.md."""

    allowed: str
    default: str
    meaning: str


def documented() -> dict[tuple[str, str], Row]:
    rows = {}
    place = ""
    for line in DOCS.splitlines():
        if heading := re.match(r"## \[+([a-z_.]+)\]+$", line):
            place = heading[1]
        elif cells := re.match(r"\| `(\w+)` \| (.+?) \| (.+?) \| (.+) \|$", line):
            rows[place, cells[1]] = Row(cells[2], cells[3], cells[4])
    return rows


def field_of(place: str, key: str) -> FieldInfo:
    model = model_at(Settings, tuple(place.split(".")))
    assert model is not None
    return model.model_fields[key]


def written(place: str, key: str) -> str:
    """The default as the docs must write it."""
    field = field_of(place, key)
    if field.is_required():
        return "required"
    if field.default is PydanticUndefined and describe(field) == "a table":
        return "`{}`"
    if field.default is PydanticUndefined:
        return COMPUTED[place, key]
    if field.default is None:
        return "not given"
    value = list(field.default) if isinstance(field.default, tuple) else field.default
    return f"`{json.dumps(value, ensure_ascii=False)}`"


@pytest.mark.parametrize(("place", "key"), EVERY_KEY)
def test_key_is_documented_with_its_default(place: str, key: str) -> None:
    row = documented().get((place, key))
    assert row, f"docs/settings.md does not describe {key} of [{place}]"
    assert row.default == written(place, key)
    assert row.allowed == describe(field_of(place, key))


@pytest.mark.parametrize(("place", "key"), EVERY_KEY)
def test_documented_meaning_is_the_docstring(place: str, key: str) -> None:
    assert documented()[place, key].meaning == " ".join(
        str(field_of(place, key).description).split()
    )


def test_docs_describe_no_key_that_does_not_exist() -> None:
    assert set(documented()) == set(EVERY_KEY)


def tables(model: type[BaseModel], place: str = "") -> Iterator[tuple[str, bool]]:
    for name, field in model.model_fields.items():
        loc = f"{place}.{name}".removeprefix(".")
        inner = model_at(Settings, tuple(loc.split(".")))
        if inner is not None:
            yield loc, get_origin(field.annotation) is tuple
            yield from tables(inner, loc)


@pytest.mark.parametrize(("place", "several"), list(tables(Settings)))
def test_heading_shows_how_a_table_is_written(place: str, several: bool) -> None:
    brackets = f"[[{place}]]" if several else f"[{place}]"
    assert f"\n## {brackets}\n" in DOCS


def test_every_field_has_a_docstring() -> None:
    assert [key for key in EVERY_KEY if not field_of(*key).description] == []


# -- the example ---------------------------------------------------------------------------


def test_the_example_loads_without_a_warning() -> None:
    assert list(warnings(load(ROOT / "settings.toml"))) == []


def switched_on() -> str:
    """The example with every key that is switched off."""
    return re.sub(r"^#(?=\w)", "", EXAMPLE, flags=re.MULTILINE)


def test_the_example_loads_with_every_key_switched_on(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(switched_on(), encoding="utf-8")
    assert load(path).database.path == tmp_path / "desk.db"


@pytest.mark.parametrize(("place", "key"), EVERY_KEY)
def test_the_example_explains_the_key(place: str, key: str) -> None:
    if place == "queues.pools":
        assert f"# {key}: " in re.sub(r"^ +", "", EXAMPLE, flags=re.MULTILINE)
        return
    table = next(t for t in EXAMPLE.split("\n[") if re.match(rf"\[*{re.escape(place)}\]+\n", t))
    before = re.split(rf"^#?{key} = ", table, maxsplit=1, flags=re.MULTILINE)
    assert len(before) == 2, f"settings.toml has no {key} in [{place}]"
    assert before[0].splitlines()[-1].startswith("# ")


@pytest.mark.parametrize(("place", "key"), EVERY_KEY)
def test_a_key_switched_off_in_the_example_shows_its_default(place: str, key: str) -> None:
    table = next((t for t in EXAMPLE.split("\n[") if t.lstrip("[").startswith(f"{place}]")), "")
    shown = re.search(rf"^#{key} = (.+)$", table, flags=re.MULTILINE)
    field = field_of(place, key)
    if shown and not field.is_required() and field.default not in (PydanticUndefined, None):
        value = list(field.default) if isinstance(field.default, tuple) else field.default
        assert shown[1] == json.dumps(value)

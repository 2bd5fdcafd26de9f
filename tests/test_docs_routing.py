"""docs/routing.md explains the whole language of conditions."""

from pathlib import Path

import pytest

from agentdesk.domain.condition import FIELDS, OPERATORS

DOCS = (Path(__file__).parent.parent / "docs/routing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_documented_with_its_meaning(name: str) -> None:
    field = FIELDS[name]
    (row,) = (line for line in DOCS.splitlines() if line.startswith(f"| `{name}` |"))
    assert f"| {field.kind} | {field.help}" in row
    assert all(choice in row for choice in field.choices)


@pytest.mark.parametrize("signs", OPERATORS)
def test_every_sign_is_documented(signs: str) -> None:
    assert f"| `{signs}` | {OPERATORS[signs]} |" in DOCS

"""What one policy has that another has not, a line each, in the words of settings.toml."""

from collections.abc import Iterator, Mapping
from typing import Any

from agentdesk.domain.policy import Policy
from agentdesk.settings import toml
from agentdesk.settings.export import Row, rows

NAMES = {
    "agents": ("agent", "login"),
    "groups": ("group", "key"),
    "skills": ("skill", "key"),
    "schedules": ("schedule", "key"),
    "channels": ("channel", "key"),
    "presences": ("presence", "key"),
    "queues": ("queue", "key"),
    "work_rules": ("work rule", "name"),
    "account_teams": ("account team", "account"),
    "reject_reasons": ("reject reason", "key"),
}
"""What an item of each section is called, and which key tells it from the others."""
LONGEST = 60


def changes(before: Policy, after: Policy) -> tuple[str, ...]:
    """`queue billing: order 100 → 50`, section by section; none if they say the same."""
    old, new = rows(before), rows(after)
    found: list[str] = []
    for section, (what, key) in NAMES.items():
        found += _items(what, _by(key, old[section]), _by(key, new[section]))
    found += (f"routing: {words}" for words in _keys(old["routing"][0], new["routing"][0]))
    return tuple(found)


def _by(key: str, items: list[Row]) -> dict[str, Row]:
    return {str(item[key]): item for item in items}


def _items(what: str, old: Mapping[str, Row], new: Mapping[str, Row]) -> Iterator[str]:
    yield from (f"{what} {name} is new" for name in new if name not in old)
    yield from (f"{what} {name} goes" for name in old if name not in new)
    both = [name for name in new if name in old]
    for name in both:
        yield from (f"{what} {name}: {words}" for words in _keys(old[name], new[name]))
    if both != [name for name in old if name in new]:
        yield f"{what}s: another order"


def _keys(old: Row, new: Row) -> Iterator[str]:
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield f"{key} {_short(old.get(key))} → {_short(new.get(key))}"


def _short(value: Any) -> str:
    if value is None:
        return "usual"
    text = toml.value(value)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

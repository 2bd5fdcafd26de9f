"""What moves with a mail, and how a record stood before; pure. Source: docs/linking.md, *Moving*."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from agentdesk.domain.case import Case, CaseState
from agentdesk.domain.interaction import Interaction, State

Letter = tuple[int, Collection[str], Collection[str]]
"""A mail of a record: its id, the Message-IDs that it is known by, and those that it cites."""

Thread = TypeVar("Thread", Interaction, Case)


def following(message_ids: Collection[int], letters: Iterable[Letter]) -> list[int]:
    """These mails, and every later one of *letters* that cites one of them or of what cites them."""
    found, known_as = [], set[str]()
    for key, names, cited in sorted(letters, key=lambda letter: letter[0]):
        if key in message_ids or not known_as.isdisjoint(cited):
            found.append(key)
            known_as |= {*names} - {""}
    return found


_INTERACTION = ("state", "owner_id", "held_at", "reminders", "snoozed_until", "until_reply")
_CASE = ("state", "owner_id", "waiting_since", "resolved_at", "reopened")


def remembered(thread: Interaction | Case) -> dict[str, Any]:
    """How a record stands, as JSON: what `restored` needs. `closed_at` is left out: nothing is moved
    into a closed record."""
    names = _INTERACTION if isinstance(thread, Interaction) else _CASE
    return {name: _plain(getattr(thread, name)) for name in names}


def restored(thread: Thread, before: Mapping[str, Any], now: datetime) -> Thread:
    """The record as it was remembered, open again."""
    times = {f.name for f in fields(thread) if f.name.endswith(("_at", "_until", "_since"))}
    values: dict[str, Any]
    values = {k: datetime.fromisoformat(v) if v and k in times else v for k, v in before.items()}
    kind = State if isinstance(thread, Interaction) else CaseState
    values |= {"state": kind(before["state"]), "closed_at": None, "changed_at": now}
    return replace(thread, **values)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value

"""What we write into a task's attributes, all under `agentdesk`. Others write there as well, so nothing is
trusted to have its form.

Twilio's expressions read a dot as a step into an object: `agentdesk.key` is `{"agentdesk": {"key": …}}`.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from agentdesk.domain.ccaas.values import CentreTarget, RemoteCode, TargetKind, WorkRequest

OURS: Final = "agentdesk"
KEY, FIRST = "agentdesk.key", "agentdesk.first"
BOOKS: Final = ("wrap_up", "segments", "transfers")  # kept for segments, not told as attributes
LONGEST_NOTES: Final = 500  # attributes are no place for letters
Attributes = dict[str, Any]


def parsed(text: str) -> Attributes:
    """The attributes of a task; none where they are no object."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def written(attributes: Attributes) -> str:
    """As they are sent."""
    return json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))


def ours(attributes: Attributes) -> Attributes:
    """What is under our name."""
    return _part(attributes, OURS)


def flat(attributes: Attributes, before: str = "") -> dict[str, str]:
    """Texts by their names, with dots: as the desk knows attributes. Our books are left out."""
    found: dict[str, str] = {}
    for name, value in attributes.items():
        if isinstance(value, dict) and not (before == f"{OURS}." and name in BOOKS):
            found |= flat(value, f"{before}{name}.")
        elif isinstance(value, str):
            found[before + name] = value
    return found


def handed_over(work: WorkRequest, key: str) -> Attributes:
    """What a new task says of a mail: never what is in it."""
    about: Attributes = {
        "type": "email",
        "subject": work.subject[:200],
        "from": work.from_address,
        "from_name": work.from_name,
        "to": work.to_address,
        "number": work.number,
    }
    for name, value in {**work.attributes, KEY: key}.items():
        _put(about, name.split("."), value)
    return about


def with_code(
    attributes: Attributes, segment: str, code: str, notes: str, at: datetime
) -> Attributes:
    """With the wrap-up code of a segment."""
    said = {"code": code, "notes": notes[:LONGEST_NOTES], "at": at.isoformat()}
    return _booked(attributes, "wrap_up", segment, said)


def described(attributes: Attributes, segment: str, texts: Mapping[str, str]) -> Attributes:
    """With more attributes of a segment."""
    known = _part(_part(ours(attributes), "segments"), segment)
    return _booked(attributes, "segments", segment, {**known, **texts})


def replied(attributes: Attributes, key: str, at: datetime) -> Attributes:
    """With the moment of the customer's newest mail."""
    said = {"replied_key": key, "replied_at": at.isoformat()}
    return {**attributes, OURS: {**ours(attributes), **said}}


def passing(attributes: Attributes, key: str) -> Attributes:
    """With the mark that another task takes the place of this one."""
    return {**attributes, OURS: {**ours(attributes), "passing": key}}


def succeeding(attributes: Attributes, first: str, previous: str, **more: object) -> Attributes:
    """Of the task that takes the place of *previous*."""
    kept = {name: value for name, value in ours(attributes).items() if name != "passing"}
    return {**attributes, OURS: {**kept, "first": first, "previous": previous, **more}}


def transfer(
    key: str, task: str, segment: str, by: str, queue: str, target: CentreTarget, at: datetime
) -> Attributes:
    """A transfer, as the tasks after it tell of it."""
    to = "to_queue" if target.kind is TargetKind.QUEUE else "to_agent"
    where = {"task": task, "segment": segment, "by": by, "from": queue, to: target.external_id}
    return {"id": key, "at": at.isoformat(), **where}


def transfers(attributes: Attributes) -> tuple[Mapping[str, str], ...]:
    """The transfers that led to this task, the oldest first."""
    found = ours(attributes).get("transfers")
    listed = (
        [flat(one) for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    )
    return tuple(one for one in listed if {"id", "segment", "by"} <= one.keys())


def code_of(attributes: Attributes, segment: str) -> RemoteCode | None:
    """The wrap-up code of a segment."""
    said = flat(_part(_part(ours(attributes), "wrap_up"), segment))
    if not said.get("code"):
        return None
    return RemoteCode(said["code"], said.get("notes", ""), moment(said.get("at", "")))


def texts_of(attributes: Attributes, segment: str) -> Mapping[str, str]:
    """What is described of a segment."""
    return flat(_part(_part(ours(attributes), "segments"), segment))


def moment(text: str) -> datetime | None:
    """A moment that somebody wrote, UTC; None where it is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _part(value: Attributes, name: str) -> Attributes:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _booked(attributes: Attributes, book: str, segment: str, said: object) -> Attributes:
    mine = ours(attributes)
    return {**attributes, OURS: {**mine, book: {**_part(mine, book), segment: said}}}


def _put(into: Attributes, steps: Iterable[str], value: str) -> None:
    """Where a text already stands in the way, that stays."""
    *way, last = steps
    for step in way:
        found = into.setdefault(step, {})
        if not isinstance(found, dict):
            return
        into = found
    into[last] = value

"""Whatever stands in the place of any part of an answer: it is read, or it is a `ContractViolation`."""

import copy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from agentdesk.ccaas.genesys import reading
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import ContractViolation
from agentdesk.domain.ccaas.values import CentreTarget, Snapshot, TargetKind
from agentdesk.domain.clock import ManualClock
from tests.ccaas.rooms import Room
from tests.sandbox.wire import CONVERSATIONS

NONSENSE = [
    None,
    True,
    -1,
    1.5e300,
    float("nan"),
    "",
    "x",
    "9999-12-31T23:59:59-23:59",
    [],
    {},
    [[]],
]
Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    items = (
        value
        if isinstance(value, dict)
        else dict(enumerate(value if isinstance(value, list) else ()))
    )
    for key, one in items.items():
        yield from places(one, (*path, key))


def replaced(value: Any, path: Path, by: Any) -> Any:
    if not path:
        return by
    made = copy.copy(value)
    made[path[0]] = replaced(value[path[0]], path[1:], by)
    return made


def read(body: Any) -> Snapshot:
    return reading.snapshot(Wire("Genesys Cloud", "conversations", body), ManualClock().now())


async def test_each_part_of_a_conversation_in_turn_is_nonsense(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    await here.centre.wrap_up(at, here.code(), "Done", "1")
    await here.centre.transfer(
        at, CentreTarget(TargetKind.QUEUE, here.queue("Returns"), "", True), "2"
    )
    await here.offered("ana")
    service = await here.wire.service()
    body = (await service("GET", f"{CONVERSATIONS}/{at.external_id}")).body
    assert read(body).transfers
    outcomes = {"read": 0, "refused": 0}
    for path in places(body):
        for by in NONSENSE:
            try:
                read(replaced(body, path, by))
                outcomes["read"] += 1
            except ContractViolation:
                outcomes["refused"] += 1
    assert min(outcomes.values()) > 100, outcomes


def test_a_time_without_a_zone_is_utc() -> None:
    ended = read({"id": "c", "endTime": "2026-03-02T10:00:00"}).ended_at
    assert ended == ManualClock().now() + timedelta(hours=1)

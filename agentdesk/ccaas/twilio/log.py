"""What TaskRouter's log still knows: for 30 days, while tasks are deleted minutes after their end."""

from collections.abc import Mapping
from typing import Any, Final

from agentdesk.ccaas.twilio.asking import TaskRouter
from agentdesk.ccaas.twilio.reading import Reservation, Task, reservation_of, task_of
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import UnknownThere

DAYS_30: Final = str(30 * 24 * 60)
ENDS: Final = {"task.completed": "completed", "task.canceled": "canceled"}
BECAME: Final = {
    "reservation.created": "pending",
    "reservation.accepted": "accepted",
    "reservation.rejected": "rejected",
    "reservation.timeout": "timeout",
    "reservation.canceled": "canceled",
    "reservation.rescinded": "rescinded",
    "reservation.wrapup": "wrapping",
    "reservation.completed": "completed",
}


async def remembered(router: TaskRouter, sid: str) -> tuple[Task, list[Reservation]]:
    """A deleted task as its events tell of it. Raises `UnknownThere` where they tell of no end."""
    router.path("Tasks", sid)
    query = {"TaskSid": sid, "Minutes": DAYS_30}
    events = await router.list("events", query, "Events")
    events.sort(key=lambda one: one.number("event_date_ms"))
    said: dict[str, Any] = {"sid": sid}
    held: dict[str, dict[str, Any]] = {}
    for event in events:
        _take(said, held, event)
    if "assignment_status" not in said:
        raise UnknownThere(f"{router.name} does not know this conversation (any more): look there.")
    task = task_of(Wire(router.name, "a task of the log", said))
    told = [Wire(router.name, "a reservation of the log", one) for one in held.values()]
    return task, [reservation_of(one) for one in told if one.text("worker_sid")]


def _take(said: dict[str, Any], held: dict[str, dict[str, Any]], event: Wire) -> None:
    kind, at, data = event.text("event_type"), event.text("event_date"), event.part("event_data")
    told: Mapping[str, str] = {
        "attributes": data.text("task_attributes"),
        "task_queue_sid": data.text("task_queue_sid"),
    }
    said |= {name: value for name, value in told.items() if value}
    if kind in ENDS:
        said |= {"assignment_status": ENDS[kind], "date_updated": at}
    if kind in BECAME:
        sid = data.text("reservation_sid") or event.text("resource_sid")
        one = held.setdefault(sid, {"sid": sid, "task_sid": said["sid"], "date_created": at})
        one |= {"reservation_status": BECAME[kind], "date_updated": at}
        one["worker_sid"] = data.text("worker_sid") or one.get("worker_sid")

"""The demo's past as the log of work, so that the wallboard and its charts have something to show."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from agentdesk.domain.event import Event, Happened, Record
from agentdesk.domain.interaction import CLOSED, State
from agentdesk.domain.work import LogEntry, Logged, WorkItem

LOGGED = {
    Happened.OPENED: Logged.ARRIVED,
    Happened.OFFERED: Logged.OFFERED,
    Happened.OFFER_TIMED_OUT: Logged.TIMED_OUT,
    Happened.OFFER_ACCEPTED: Logged.ACCEPTED,
}

WORKED_SHARE = 0.06
EVENING_S = 2_400.0
"""What takes longer lay over night."""


def logged(events: Iterable[Event], works: Mapping[int, WorkItem]) -> Iterator[LogEntry]:
    """What `services.tally` would have written of *events*, which are in the order of time.

    *works* are the work items by their id, as they ended.
    """
    searched = {int(w.interaction_id): w for w in works.values()}
    busy: dict[int, _Handling] = {}
    for event in events:
        if event.record is Record.WORK_ITEM and event.type in LOGGED:
            yield _of_search(event, works[event.record_id])
        elif (s := _ended(event, busy)) is not None:
            w = searched[event.record_id]
            yield LogEntry(event.at, w.queue_id, Logged.HANDLED, w.agent_id, s)


def efforts(events: Iterable[Event], works: Mapping[int, WorkItem]) -> Iterator[dict[str, Any]]:
    """How long agents worked on each interaction that ended, as `services.effort` keeps it."""
    searched = {int(w.interaction_id): w for w in works.values()}
    busy: dict[int, _Handling] = {}
    for event in events:
        if (s := _ended(event, busy)) is not None:
            w = searched[event.record_id]
            whose = {"case_id": None, "agent_id": w.agent_id, "queue_id": w.queue_id}
            yield {
                "at": event.at,
                "record": Record.INTERACTION.value,
                "thread_id": event.record_id,
                "seconds": min(s, EVENING_S),
                **whose,
            }


def case_efforts(cases: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The same for solved cases: some of their time was work, more for the longer ones."""
    for row in cases:
        if row["closed_at"] is not None:
            open_s = (row["closed_at"] - row["opened_at"]).total_seconds()
            yield {
                "at": row["closed_at"],
                "record": Record.CASE.value,
                "thread_id": row["id"],
                "seconds": open_s * WORKED_SHARE,
                "case_id": row["id"],
                "agent_id": row["owner_id"],
                "queue_id": row["queue_id"],
            }


def _ended(event: Event, busy: "dict[int, _Handling]") -> float | None:
    """Seconds of work on an interaction that ends with this event; None for other events."""
    if event.record is not Record.INTERACTION or not event.data.get("to"):
        return None
    handling = busy.setdefault(event.record_id, _Handling())
    handling.go_on(event.at, State(event.data["to"]))
    return handling.seconds if State(event.data["to"]) in CLOSED else None


def _of_search(event: Event, w: WorkItem) -> LogEntry:
    what = LOGGED[event.type]
    if what is not Logged.ACCEPTED:
        return LogEntry(event.at, w.queue_id, what)
    waited = (event.at - w.queued_at).total_seconds()
    in_time = w.target_at is None or event.at <= w.target_at
    return LogEntry(event.at, w.queue_id, what, w.agent_id, waited, in_time)


class _Handling:
    """How long an interaction used its agent's capacity."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since: datetime | None = None

    def go_on(self, at: datetime, state: State) -> None:
        """From *at* on it is in *state*."""
        if self._since is not None:
            self.seconds += (at - self._since).total_seconds()
        self._since = at if state.uses_capacity else None

"""The demo's past as the log of work, so that the wallboard and its charts have something to show."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from agentdesk.domain.event import Event, Happened, Record
from agentdesk.domain.interaction import CLOSED, State
from agentdesk.domain.work import LogEntry, Logged, WorkItem

LOGGED = {
    Happened.OPENED: Logged.ARRIVED,
    Happened.OFFERED: Logged.OFFERED,
    Happened.OFFER_TIMED_OUT: Logged.TIMED_OUT,
    Happened.OFFER_ACCEPTED: Logged.ACCEPTED,
}


def logged(events: Iterable[Event], works: Mapping[int, WorkItem]) -> Iterator[LogEntry]:
    """What `services.tally` would have written of *events*, which are in the order of time.

    *works* are the work items by their id, as they ended.
    """
    searched = {int(w.interaction_id): w for w in works.values()}
    busy: dict[int, _Handling] = {}
    for event in events:
        if event.record is Record.WORK_ITEM and event.type in LOGGED:
            yield _of_search(event, works[event.record_id])
        elif event.record is Record.INTERACTION and event.data.get("to"):
            handling = busy.setdefault(event.record_id, _Handling())
            handling.go_on(event.at, State(event.data["to"]))
            if State(event.data["to"]) in CLOSED:
                w, s = searched[event.record_id], handling.seconds
                yield LogEntry(event.at, w.queue_id, Logged.HANDLED, w.agent_id, s)


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

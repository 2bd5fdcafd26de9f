"""Tasks, reservations and workers, as the desk's plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from agentdesk.ccaas.answers import Answer
from agentdesk.ccaas.twilio import attributes as written
from agentdesk.ccaas.twilio.asking import version_of
from agentdesk.ccaas.twilio.attributes import Attributes
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.values import (
    AgentState,
    CentreRecord,
    Kind,
    Outcome,
    RemoteTransfer,
    Segment,
    SegmentState,
    Snapshot,
    Why,
)

OVER: Final = frozenset({"completed", "canceled"})
TAKEN: Final = frozenset({"assigned", "wrapping"})
STATES: Final = {"pending": SegmentState.OFFERED, "accepted": SegmentState.CONNECTED}
WHYS: Final = {
    "rejected": Why.REJECTED,
    "timeout": Why.NO_ANSWER,
    "canceled": Why.NOT_AVAILABLE,
    "rescinded": Why.NOT_AVAILABLE,
    "wrapping": Why.FINISHED,
    "completed": Why.FINISHED,
}


@dataclass(frozen=True, slots=True)
class Task:
    """A task at one moment; `version` is what `If-Match` wants."""

    sid: str
    status: str
    queue: str
    workflow: str
    priority: int
    attributes: Attributes
    created: datetime | None
    updated: datetime | None
    version: str = ""

    @property
    def live(self) -> bool:
        """Neither completed nor canceled."""
        return self.status not in OVER

    @property
    def first(self) -> str:
        """The task that its chain began with, whose id is the conversation's."""
        return self.named("first") or self.sid

    def named(self, name: str) -> str:
        """A text of ours in its attributes."""
        value = written.ours(self.attributes).get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A task reserved for a worker."""

    sid: str
    task: str
    agent: str
    status: str
    created: datetime | None
    updated: datetime | None


def task_of(wire: Wire, answer: Answer | None = None) -> Task:
    """Raises `ContractViolation`."""
    return Task(
        sid=wire.named("sid"),
        status=wire.named("assignment_status"),
        queue=wire.text("task_queue_sid"),
        workflow=wire.text("workflow_sid"),
        priority=wire.number("priority"),
        attributes=written.parsed(wire.text("attributes")),
        created=wire.moment("date_created"),
        updated=wire.moment("date_updated"),
        version=version_of(answer) if answer else "",
    )


def reservation_of(wire: Wire) -> Reservation:
    """Raises `ContractViolation`."""
    return Reservation(
        sid=wire.named("sid"),
        task=wire.text("task_sid"),
        agent=wire.named("worker_sid"),
        status=wire.named("reservation_status"),
        created=wire.moment("date_created"),
        updated=wire.moment("date_updated"),
    )


def snapshot_of(
    conversation: str,
    task: Task,
    held: Iterable[Reservation],
    at: datetime,
    patience: timedelta | None,
) -> Snapshot:
    """A conversation by the newest task of its chain; *patience*: how long its workflow lets one answer."""
    now = [_segment(task, one, at, patience) for one in held]
    now.sort(key=lambda pair: pair[0])
    segments = (*_left(task), *(segment for _, segment in now))
    return Snapshot(
        external_id=conversation,
        at=at,
        queue=task.queue,
        waiting=task.live and not any(segment.open for segment in segments),
        segments=segments,
        transfers=tuple(_transfer(one, at) for one in written.transfers(task.attributes)),
        ended_at=None if task.live else task.updated or at,
        attributes=written.flat(task.attributes),
    )


def _segment(
    task: Task, held: Reservation, at: datetime, patience: timedelta | None
) -> tuple[datetime, Segment]:
    state = STATES.get(held.status, SegmentState.ENDED) if task.live else SegmentState.ENDED
    taken = held.status in ("accepted", "wrapping", "completed")
    code = written.code_of(task.attributes, held.sid)
    segment = Segment(
        id=held.sid,
        agent=held.agent,
        queue=task.queue,
        state=state,
        communication=task.sid,
        connected_at=(held.updated if held.status == "accepted" else held.created)
        if taken
        else None,
        code=code,
        attributes=written.texts_of(task.attributes, held.sid),
    )
    if state is SegmentState.OFFERED and patience is not None and held.created:
        segment = replace(segment, expires_in=max(held.created + patience - at, timedelta()))
    if state is SegmentState.ENDED:
        why = WHYS.get(held.status, Why.FINISHED if taken else Why.NOT_AVAILABLE)
        owes = held.status == "wrapping" and task.live and code is None
        segment = replace(segment, ended_at=held.updated or at, why=why, owes_code=owes)
    return held.created or at, segment


def _left(task: Task) -> tuple[Segment, ...]:
    """The parts of those who transferred: their tasks are deleted soon, the attributes go along."""
    return tuple(
        Segment(
            id=one["segment"],
            agent=one["by"],
            queue=one.get("from", ""),
            state=SegmentState.ENDED,
            communication=one.get("task", ""),
            connected_at=written.moment(one.get("at", "")),
            ended_at=written.moment(one.get("at", "")),
            why=Why.TRANSFERRED,
            code=written.code_of(task.attributes, one["segment"]),
            attributes=written.texts_of(task.attributes, one["segment"]),
        )
        for one in written.transfers(task.attributes)
    )


def _transfer(one: Mapping[str, str], at: datetime) -> RemoteTransfer:
    return RemoteTransfer(
        id=one["id"],
        outcome=Outcome.COMPLETE,
        issued_at=written.moment(one.get("at", "")) or at,
        by=one["by"],
        to_queue=one.get("to_queue", ""),
        to_agent=one.get("to_agent", ""),
    )


def state_of(worker: Wire, channels: Iterable[Wire], channel: str) -> AgentState:
    """A worker, and what they have of the channel that mail comes by. Raises `ContractViolation`."""
    mine = [one for one in channels if one.text("task_channel_unique_name") == channel]
    return AgentState(
        agent=worker.named("sid"),
        presence=worker.named("activity_sid"),
        on_queue=worker.flag("available"),
        responding=True,
        capacity=sum(one.number("configured_capacity") for one in mine),
        used=sum(one.number("assigned_tasks") for one in mine),
        changed_at=worker.moment("date_status_changed"),
    )


def record_of(kind: Kind, wire: Wire) -> CentreRecord:
    """Raises `ContractViolation`."""
    about = written.flat(written.parsed(wire.text("attributes")))
    details = {
        Kind.AGENT: about.get("email", ""),
        Kind.PRESENCE: "takes work" if wire.flag("available") else "takes no work",
    }
    return CentreRecord(kind, wire.named("sid"), wire.text("friendly_name"), details.get(kind, ""))

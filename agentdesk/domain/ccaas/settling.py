"""What brings the desk to where a contact centre has a conversation. Pure.

The centre decides who is asked, who has it, in which queue, and whether it takes capacity; mails, drafts
and codes are no matter of this. Source: docs/ccaas.md, *What moves an interaction*.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.values import Kind, Segment, SegmentState, Snapshot, Why
from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.interaction import State
from agentdesk.domain.work import WorkState


@dataclass(frozen=True, slots=True)
class Here:
    """How the desk has it. `work` and `asked`: the work item that waits, and to whom it is offered.

    `segment` and `queue` are ids of the centre: the part that was noted last, and what our queue is
    called there. `agents` and `queues` say whom of ours, and which, the ids in the snapshot mean.
    `parks`: the centre puts aside what is On Hold.
    """

    state: State
    owner: AgentId | None = None
    work: WorkState | None = None
    asked: AgentId | None = None
    segment: str = ""
    queue: str = ""
    agents: Mapping[str, AgentId] = field(default_factory=dict)
    queues: Mapping[str, QueueId] = field(default_factory=dict)
    parks: bool = True


# Steps, in the order in which they are to be done


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something of theirs stands for nothing of ours."""

    kind: Kind
    external_id: str


@dataclass(frozen=True, slots=True)
class EndOffer:
    """Nobody is asked any more, or somebody else: back to the queue."""

    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """It waits there, so it waits here, too."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An agent is asked."""

    agent: AgentId
    expires_in: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """An agent has it."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class TakeAway:
    """Its owner has it no more; *to*: who has it instead, if anybody. It goes to another *queue*, or
    back to its own.
    """

    to: AgentId | None = None
    queue: QueueId | None = None


@dataclass(frozen=True, slots=True)
class ToQueue:
    """It belongs to another queue."""

    queue: QueueId


@dataclass(frozen=True, slots=True)
class Hold:
    """It takes no capacity."""


@dataclass(frozen=True, slots=True)
class Resume:
    """It takes capacity again."""


@dataclass(frozen=True, slots=True)
class WrapUp:
    """It ended there: the countdown begins."""


@dataclass(frozen=True, slots=True)
class HandOverAgain:
    """It ended there before anybody had it: its customer still waits."""


@dataclass(frozen=True, slots=True)
class End:
    """It is over here, and not there: *agent* ends their part, or the service the whole."""

    agent: AgentId | None = None
    segment: str = ""


Step = (
    Unknown
    | EndOffer
    | Search
    | Offer
    | Take
    | TakeAway
    | ToQueue
    | Hold
    | Resume
    | WrapUp
    | HandOverAgain
    | End
)


class _At(StrEnum):
    """Where the centre has it. `AWAY`: at an agent of whom we know nothing; `BETWEEN`: on its way."""

    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTED = "connected"
    PARKED = "parked"
    AWAY = "away"
    ENDED = "ended"
    BETWEEN = "between"


_OF_SEGMENT = {
    SegmentState.OFFERED: _At.OFFERED,
    SegmentState.CONNECTED: _At.CONNECTED,
    SegmentState.PARKED: _At.PARKED,
}


def over(there: Snapshot) -> bool:
    """Nobody has it there, nobody is asked, and it does not wait."""
    if there.ended_at is not None:
        return True
    last = there.segments[-1] if there.segments else None
    finished = last is not None and last.why is Why.FINISHED
    return finished and there.current is None and not there.waiting


def settle(here: Here, there: Snapshot, in_flight: AbstractSet[Op]) -> tuple[Step, ...]:
    """The steps from *here* to *there*. What an order of *in_flight* is about is left alone meanwhile."""
    now, at, agent = there.current, *_place(here, there)
    if here.state.closed:
        return tuple(_closed(at, agent, now, in_flight))
    steps = [*_unknown(here, there, at)]
    if here.state is State.NEW:
        steps += _new(here, there, at, agent, in_flight)
    else:
        steps += _owned(here, there, at, agent, in_flight)
    return tuple(steps)


def _place(here: Here, there: Snapshot) -> tuple[_At, AgentId | None]:
    now = there.current
    if now is None:
        return (
            _At.ENDED if over(there) else _At.WAITING if there.waiting else _At.BETWEEN,
            None,
        )
    agent = here.agents.get(now.agent)
    at = _OF_SEGMENT[now.state]
    if agent is not None:
        return at, agent
    return (_At.WAITING if at is _At.OFFERED else _At.AWAY), None


def _queue_there(there: Snapshot) -> str:
    now = there.current
    return (now.queue if now is not None else "") or there.queue


def _unknown(here: Here, there: Snapshot, at: _At) -> Iterator[Step]:
    now, queue = there.current, _queue_there(there)
    if now is not None and now.agent not in here.agents:
        yield Unknown(Kind.AGENT, now.agent)
    elsewhere = at is not _At.ENDED and queue != here.queue
    if queue and elsewhere and queue not in here.queues:
        yield Unknown(Kind.QUEUE, queue)


def _other_queue(here: Here, there: Snapshot) -> QueueId | None:
    """Where it belongs now, if not where we have it; several of ours may be one of theirs."""
    queue = _queue_there(there)
    return here.queues.get(queue) if queue != here.queue else None


def _moved(here: Here, there: Snapshot) -> Iterator[Step]:
    queue = _other_queue(here, there)
    if queue is not None:
        yield ToQueue(queue)


def _new(
    here: Here, there: Snapshot, at: _At, agent: AgentId | None, in_flight: AbstractSet[Op]
) -> Iterator[Step]:
    now = there.current
    asked = here.work is WorkState.OFFERED
    theirs = asked and here.asked == agent and agent is not None
    stands = theirs and at is _At.OFFERED and now is not None and now.id == here.segment
    taken = theirs and at in (_At.CONNECTED, _At.PARKED)
    if asked and not stands and not taken:
        yield EndOffer(_why(here, there))
    if here.work is None and at in (_At.WAITING, _At.OFFERED):
        yield Search()
    if at is _At.ENDED:
        if Op.REPLY not in in_flight:
            yield HandOverAgain()
        return
    if not stands and not taken:
        yield from _moved(here, there)
    if at is _At.OFFERED and not stands and now is not None and agent is not None:
        yield Offer(agent, now.expires_in)
    elif agent is not None and at in (_At.CONNECTED, _At.PARKED):
        yield from _taken(here, at, agent)


def _why(here: Here, there: Snapshot) -> Why | None:
    offered = there.segment(here.segment)
    return offered.why if offered is not None else None


def _taken(here: Here, at: _At, agent: AgentId) -> Iterator[Step]:
    yield Take(agent)
    if at is _At.PARKED and here.parks:
        yield Hold()


def _owned(
    here: Here, there: Snapshot, at: _At, agent: AgentId | None, in_flight: AbstractSet[Op]
) -> Iterator[Step]:
    if at is _At.BETWEEN:
        return
    if at is _At.ENDED:
        if here.state is not State.WRAP_UP and Op.REPLY not in in_flight:
            yield WrapUp()
        return
    if at in (_At.CONNECTED, _At.PARKED) and agent == here.owner:
        yield from _moved(here, there)
        yield from _side(here, at, in_flight)
        return
    has_it = at in (_At.CONNECTED, _At.PARKED)
    yield TakeAway(agent if has_it else None, _other_queue(here, there))
    now = there.current
    if at is _At.OFFERED and now is not None and agent is not None:
        yield Offer(agent, now.expires_in)
    elif has_it and agent is not None:
        yield from _taken(here, at, agent)


def _side(here: Here, at: _At, in_flight: AbstractSet[Op]) -> Iterator[Step]:
    """Whether it takes capacity. A centre that cannot park says nothing about that."""
    if not here.parks:
        return
    if at is _At.PARKED and here.state is State.WORK_IN_PROGRESS:
        if not in_flight & {Op.UNPARK, Op.REPLY}:
            yield Hold()
    elif at is _At.CONNECTED and here.state is State.ON_HOLD and Op.PARK not in in_flight:
        yield Resume()


def _closed(
    at: _At, agent: AgentId | None, now: Segment | None, in_flight: AbstractSet[Op]
) -> Iterator[Step]:
    """It ends there, too: by the service, unless an agent has it."""
    if Op.END in in_flight:
        return
    if at in (_At.WAITING, _At.OFFERED):
        yield End()
    elif at in (_At.CONNECTED, _At.PARKED) and now is not None:
        yield End(agent, now.id)

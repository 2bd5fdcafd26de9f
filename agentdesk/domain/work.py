"""The work item: one attempt to find an agent for an interaction. Source: docs/architecture.md, *Routing*."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from agentdesk.domain.errors import IllegalTransition, OfferGone
from agentdesk.domain.ids import AgentId, InteractionId, QueueId, WorkItemId
from agentdesk.domain.policy import SkillNeed


class WorkState(StrEnum):
    """Queued → Offered → Accepted, back to Queued after a refusal, or Canceled."""

    QUEUED = "queued"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    CANCELED = "canceled"


class CancelReason(StrEnum):
    """Why nobody will be asked any more."""

    ASSIGNED = "manually assigned"
    DISQUALIFIED = "disqualified from service channel"
    TIMED_OUT = "waited past the queue's maximum"
    CLOSED = "interaction closed"
    BY_HAND = "canceled by a supervisor"
    MOVED = "moved to another queue"


@dataclass(frozen=True, slots=True)
class Preferred:
    """An agent whom affinity puts first, and the reason as people read it: `answered last`."""

    agent_id: AgentId
    why: str


class Logged(StrEnum):
    """What the log of work counts. `MOVED` left its queue for another, where it arrived anew.

    Source: docs/routing.md, *Figures*.
    """

    ARRIVED = "arrived"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    ABANDONED = "abandoned"
    HANDLED = "handled"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the log. `seconds`: the wait of what was accepted or abandoned, in business time;
    the handling of what was handled. `within_target`: only for what was accepted.
    """

    at: datetime
    queue_id: QueueId
    what: Logged
    agent_id: AgentId | None = None
    seconds: float | None = None
    within_target: bool | None = None


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Where the search stands. `passed` are agents who may not be asked again: they rejected it with
    a reason that is not reassignable. Others who let it pass are not asked again before `not_before`,
    which is set when everybody at work did; `rounds` counts how often that was.

    `needs` are the skills that it asks for. Who is `preferred` goes first among the eligible, in this
    order. It should be accepted by `target_at`, and waited too long at `overdue_at` (None: never).
    `note` is what the last agent, or a supervisor, says to the next.
    """

    id: WorkItemId
    interaction_id: InteractionId
    queue_id: QueueId
    state: WorkState
    queued_at: datetime
    priority: int = 3
    size: int = 1
    agent_id: AgentId | None = None
    offered_at: datetime | None = None
    expires_at: datetime | None = None
    offers: int = 0
    timeouts: int = 0
    passed: frozenset[AgentId] = frozenset()
    not_before: datetime | None = None
    needs_attention: bool = False
    cancel_reason: str = ""
    version: int = 0
    channel: str = "email"
    needs: tuple[SkillNeed, ...] = ()
    preferred: tuple[Preferred, ...] = ()
    vip: bool = False
    target_at: datetime | None = None
    overdue_at: datetime | None = None
    accepted_at: datetime | None = None
    note: str = ""
    rounds: int = 0


BACK_OFF = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(minutes=10)


def offer(w: WorkItem, agent: AgentId, now: datetime, timeout: timedelta | None) -> WorkItem:
    """Queued → Offered until *timeout* (None: no limit). Raises `IllegalTransition`."""
    if w.state is not WorkState.QUEUED:
        raise IllegalTransition("This work is not waiting in a queue any more.")
    return replace(
        w,
        state=WorkState.OFFERED,
        agent_id=agent,
        offered_at=now,
        expires_at=now + timeout if timeout else None,
        offers=w.offers + 1,
        not_before=None,
    )


def accept(w: WorkItem, agent: AgentId, now: datetime) -> WorkItem:
    """Offered → Accepted by the agent to whom it was offered. Raises `OfferGone`."""
    _check_offered(w, agent)
    return _taken(w, agent, now)


def reject(w: WorkItem, agent: AgentId, *, reassignable: bool) -> WorkItem:
    """Offered → Queued; unless *reassignable* the agent is not asked again. Raises `OfferGone`."""
    _check_offered(w, agent)
    passed = w.passed if reassignable else w.passed | {agent}
    return _back_to_queue(w, passed=passed)


def time_out(w: WorkItem) -> WorkItem:
    """Offered → Queued after silence; from the second time on a person should look."""
    if w.state is not WorkState.OFFERED:
        raise OfferGone("The offer was already answered.")
    return replace(
        _back_to_queue(w, passed=w.passed),
        timeouts=w.timeouts + 1,
        needs_attention=w.needs_attention or w.timeouts > 0,
    )


def hold_back(w: WorkItem, now: datetime) -> WorkItem:
    """Everybody at work let it pass: a person should look, and whoever may be asked again is asked
    later, each round later still. Who has not been asked yet does not wait for that.
    """
    if w.state is not WorkState.QUEUED:
        raise IllegalTransition("This work is not waiting in a queue any more.")
    doublings = min(w.rounds, 10)  # far past the longest; without a limit it overflows
    wait = min(BACK_OFF * 2**doublings, LONGEST_BACK_OFF)
    return replace(w, rounds=w.rounds + 1, not_before=now + wait, needs_attention=True)


def withdraw(w: WorkItem) -> WorkItem:
    """Offered → Queued without blame: the agent went offline."""
    return _back_to_queue(w, passed=w.passed) if w.state is WorkState.OFFERED else w


def cancel(w: WorkItem, reason: CancelReason) -> WorkItem:
    """Queued or Offered → Canceled. Raises `IllegalTransition` once accepted."""
    if w.state in (WorkState.ACCEPTED, WorkState.CANCELED):
        raise IllegalTransition("This work was already taken or canceled.")
    return replace(
        w, state=WorkState.CANCELED, agent_id=None, expires_at=None, cancel_reason=reason.value
    )


def assign(w: WorkItem, agent: AgentId, now: datetime) -> WorkItem:
    """Queued or Offered → Accepted without asking: Assign to me, a supervisor, auto-accept."""
    if w.state in (WorkState.ACCEPTED, WorkState.CANCELED):
        raise IllegalTransition("This work was already taken or canceled.")
    return _taken(w, agent, now)


def _taken(w: WorkItem, agent: AgentId, now: datetime) -> WorkItem:
    return replace(
        w,
        state=WorkState.ACCEPTED,
        agent_id=agent,
        accepted_at=now,
        expires_at=None,
        needs_attention=False,
    )


def _check_offered(w: WorkItem, agent: AgentId) -> None:
    if w.state is not WorkState.OFFERED or w.agent_id != agent:
        raise OfferGone("This offer is gone: it timed out, was withdrawn or went to somebody else.")


def _back_to_queue(w: WorkItem, passed: frozenset[AgentId]) -> WorkItem:
    return replace(
        w, state=WorkState.QUEUED, agent_id=None, offered_at=None, expires_at=None, passed=passed
    )

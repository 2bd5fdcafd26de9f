"""The interaction: a customer's email conversation, and every move that it may make.

Each command takes an interaction and returns the next one, or raises `IllegalTransition` with a
sentence for the screen. Source of the table: docs/architecture.md, *States*.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec

from agentdesk.domain.errors import IllegalTransition
from agentdesk.domain.ids import (
    AccountId,
    AgentId,
    CaseId,
    CustomerId,
    InteractionId,
    MailAccountId,
    QueueId,
)


class State(StrEnum):
    """Where an interaction stands."""

    NEW = "new"
    WORK_IN_PROGRESS = "work_in_progress"
    ON_HOLD = "on_hold"
    WRAP_UP = "wrap_up"
    CLOSED_COMPLETE = "closed_complete"
    CLOSED_ABANDONED = "closed_abandoned"

    @property
    def label(self) -> str:
        """As people read it: `Work in Progress`."""
        return self.value.replace("_", " ").title().replace(" In ", " in ")

    @property
    def closed(self) -> bool:
        """Final: nothing reopens it and nothing is written to it."""
        return self in CLOSED

    @property
    def uses_capacity(self) -> bool:
        """Work in Progress and Wrap Up use capacity; On Hold and open tabs never do."""
        return self in (State.WORK_IN_PROGRESS, State.WRAP_UP)


CLOSED = frozenset({State.CLOSED_COMPLETE, State.CLOSED_ABANDONED})
OPEN = frozenset(State) - CLOSED
WRITABLE = frozenset({State.WORK_IN_PROGRESS, State.ON_HOLD})


class Direction(StrEnum):
    """Who wrote first."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Interaction:
    """One email conversation with one customer.

    `routing_source` is "awa" or a provider's name, decided once. `size` is the capacity that it uses
    while it is worked on. `parent_id` is the closed interaction that a reply continues. `sent` counts
    mails that went out. `opened_on` is the kind of record that we wrote first from (`contact`,
    `consumer`, `guest`, `account`), empty where the customer did. `reminders` counts those of this
    time On Hold; `snoozed_until`: it comes back to its owner then; `until_reply`: it is snoozed until
    the customer answers, without reminders. `worked_since`: its owner has it in hand since then.
    `transferring_to` names where a contact centre is passing it on to: until that is known, nobody
    writes in it. `version` grows with every change: the compare-and-set key of storage.
    """

    id: InteractionId
    number: str
    direction: Direction
    state: State
    customer_id: CustomerId
    subject: str
    mail_account_id: MailAccountId
    opened_at: datetime
    changed_at: datetime
    queue_id: QueueId | None = None
    owner_id: AgentId | None = None
    account_id: AccountId | None = None
    parent_id: InteractionId | None = None
    case_id: CaseId | None = None
    routing_source: str = "awa"
    channel: str = "email"
    priority: int = 3
    size: int = 1
    sent: int = 0
    first_response_at: datetime | None = None
    held_at: datetime | None = None
    closed_at: datetime | None = None
    opened_on: str = ""
    reminders: int = 0
    snoozed_until: datetime | None = None
    until_reply: bool = False
    worked_since: datetime | None = None
    transferring_to: str = ""
    version: int = 0

    @property
    def worked_on(self) -> bool:
        """An agent has it in hand: it uses, or would use, their capacity."""
        return self.owner_id is not None and self.state.uses_capacity

    @property
    def capacity_used(self) -> int:
        """What it takes of its owner's capacity now."""
        return self.size if self.owner_id is not None and self.state.uses_capacity else 0

    @property
    def snoozed(self) -> bool:
        """On Hold by its agent's wish, until a date or an answer."""
        return self.until_reply or self.snoozed_until is not None


P = ParamSpec("P")
Command = Callable[Concatenate[Interaction, P], Interaction]


def _from(*allowed: State, meanwhile: bool = False) -> Callable[[Command[P]], Command[P]]:
    """A command that only *allowed* states permit; its name makes the sentence.

    *meanwhile*: also while a contact centre is transferring it.
    """

    def decorate(command: Command[P]) -> Command[P]:
        words = command.__name__.replace("_", " ")

        @wraps(command)
        def checked(i: Interaction, /, *args: P.args, **kwargs: P.kwargs) -> Interaction:
            if i.state not in allowed:
                hint = "Closed is final" if i.state.closed else f"It is {i.state.label}"
                raise IllegalTransition(f"{i.number} cannot {words}. {hint}.")
            if i.transferring_to and not meanwhile:
                raise IllegalTransition(still_transferring(i))
            return _timed(i, command(i, *args, **kwargs))

        return checked

    return decorate


def still_transferring(i: Interaction) -> str:
    """Why nothing is done in it now."""
    return (
        f"{i.number} is on its way to {i.transferring_to}. Wait for the contact centre to say "
        "whether it arrived."
    )


def _timed(before: Interaction, after: Interaction) -> Interaction:
    """When a stretch of one agent's work begins or ends, it is said since when; every command dates."""
    same = before.worked_on == after.worked_on and before.owner_id == after.owner_id
    if same:
        return after
    return replace(after, worked_since=after.changed_at if after.worked_on else None)


def _waits_no_more(i: Interaction, now: datetime) -> Interaction:
    """What belongs to one time On Hold ends with it."""
    rest = replace(i, reminders=0, snoozed_until=None, until_reply=False)
    return replace(rest, held_at=None, changed_at=now)


@_from(State.NEW)
def be_assigned(i: Interaction, agent: AgentId, now: datetime) -> Interaction:
    """New → Work in Progress: offer accepted, auto-assigned, Assign to me, or by a supervisor."""
    return replace(i, state=State.WORK_IN_PROGRESS, owner_id=agent, changed_at=now)


@_from(State.WORK_IN_PROGRESS)
def be_put_on_hold(i: Interaction, now: datetime) -> Interaction:
    """Work in Progress → On Hold: waiting for the customer; capacity is released."""
    if i.owner_id is None:
        raise IllegalTransition(f"{i.number} cannot be put on hold. Assign it first.")
    return replace(i, state=State.ON_HOLD, held_at=now, changed_at=now)


@_from(State.WORK_IN_PROGRESS, State.ON_HOLD)
def be_snoozed(i: Interaction, until: datetime | None, now: datetime) -> Interaction:
    """Work in Progress or On Hold → On Hold until a moment; None: until the customer answers."""
    if i.owner_id is None:
        raise IllegalTransition(f"{i.number} cannot be snoozed. Assign it first.")
    held = replace(i, state=State.ON_HOLD, held_at=i.held_at or now, changed_at=now)
    return replace(held, snoozed_until=until, until_reply=until is None)


@_from(State.ON_HOLD)
def be_reminded(i: Interaction, now: datetime) -> Interaction:
    """On Hold, and its customer was reminded once more."""
    return replace(i, reminders=i.reminders + 1, changed_at=now)


@_from(State.ON_HOLD, State.WRAP_UP)
def be_resumed(i: Interaction, now: datetime) -> Interaction:
    """On Hold or Wrap Up → Work in Progress by its agent: the undo of a hold or a close."""
    return replace(_waits_no_more(i, now), state=State.WORK_IN_PROGRESS)


@_from(*OPEN, meanwhile=True)
def take_a_reply(
    i: Interaction, now: datetime, *, owner_available: bool = True, reroute: bool = False
) -> Interaction:
    """The customer writes again.

    On Hold → Work in Progress with the same owner; with *reroute*, when the owner is not available,
    → New without owner. Wrap Up → Work in Progress: a customer who writes is not finished with.
    """
    if i.state is State.ON_HOLD and reroute and not owner_available:
        return replace(_waits_no_more(i, now), state=State.NEW, owner_id=None)
    if i.state in (State.ON_HOLD, State.WRAP_UP):
        return replace(_waits_no_more(i, now), state=State.WORK_IN_PROGRESS)
    return replace(i, changed_at=now)


@_from(State.WORK_IN_PROGRESS, State.ON_HOLD)
def be_requeued(i: Interaction, queue: QueueId, now: datetime) -> Interaction:
    """Work in Progress or On Hold → New: given back to a queue, without owner."""
    return replace(_waits_no_more(i, now), state=State.NEW, owner_id=None, queue_id=queue)


@_from(State.WORK_IN_PROGRESS, State.ON_HOLD)
def be_closed(i: Interaction, now: datetime) -> Interaction:
    """Work in Progress or On Hold → Wrap Up: the countdown starts, capacity is in use."""
    return replace(_waits_no_more(i, now), state=State.WRAP_UP)


@_from(State.WRAP_UP)
def be_wrapped_up(i: Interaction, now: datetime) -> Interaction:
    """Wrap Up → Closed Complete: a code was submitted, or the countdown ended."""
    return replace(i, state=State.CLOSED_COMPLETE, closed_at=now, changed_at=now)


@_from(*OPEN)
def become_a_case(i: Interaction, case: CaseId, now: datetime) -> Interaction:
    """Any open state → Closed Complete, without dialog: code *Task created*."""
    done = _waits_no_more(i, now)
    return replace(done, state=State.CLOSED_COMPLETE, case_id=case, closed_at=now)


@_from(State.ON_HOLD)
def close_for_silence(i: Interaction, now: datetime) -> Interaction:
    """On Hold → Closed Complete: *Closed due to customer inactivity*."""
    return replace(_waits_no_more(i, now), state=State.CLOSED_COMPLETE, closed_at=now)


@_from(State.WORK_IN_PROGRESS)
def be_abandoned(i: Interaction, now: datetime) -> Interaction:
    """Work in Progress → Closed Abandoned: an outbound interaction from which nothing was sent."""
    if i.direction is not Direction.OUTBOUND or i.sent:
        raise IllegalTransition(
            f"{i.number} cannot be abandoned. Only unsent outbound interactions can."
        )
    return replace(i, state=State.CLOSED_ABANDONED, closed_at=now, changed_at=now)


@_from(*OPEN)
def be_emptied(i: Interaction, now: datetime) -> Interaction:
    """Any open state → Closed Abandoned: all its mail was moved to another record."""
    return replace(_waits_no_more(i, now), state=State.CLOSED_ABANDONED, closed_at=now)


@_from(State.WORK_IN_PROGRESS, State.ON_HOLD)
def be_answered(
    i: Interaction,
    sender: AgentId,
    now: datetime,
    *,
    subject: str = "",
    answers: bool = True,
    leaves: datetime | None = None,
) -> Interaction:
    """A mail went into the outbox: the sender owns it; the first that *answers* is the first response.

    It *leaves* now, or later if so said. The first mail of one that we opened gives it its *subject*.
    """
    begins = i.direction is Direction.OUTBOUND and not i.sent
    return replace(
        i,
        subject=subject if begins and subject else i.subject,
        owner_id=sender if i.direction is Direction.OUTBOUND else i.owner_id or sender,
        sent=i.sent + 1,
        first_response_at=i.first_response_at or ((leaves or now) if answers else None),
        changed_at=now,
    )


@_from(*OPEN)
def take_back_a_mail(i: Interaction, now: datetime) -> Interaction:
    """Sending was undone before the mail went: it does not count, nor was it the first response."""
    sent = max(i.sent - 1, 0)
    first = i.first_response_at if sent else None
    return replace(i, sent=sent, first_response_at=first, changed_at=now)


@_from(State.WORK_IN_PROGRESS)
def begin_transfer(i: Interaction, to: str, now: datetime) -> Interaction:
    """Work in Progress at a contact centre: it is asked to pass it on; nobody writes until it says so."""
    return replace(i, transferring_to=to, changed_at=now)


@_from(*OPEN, meanwhile=True)
def end_transfer(i: Interaction, now: datetime) -> Interaction:
    """The contact centre has said what became of the transfer; where it failed, it goes on as before."""
    return replace(i, transferring_to="", changed_at=now)


@_from(State.WORK_IN_PROGRESS)
def be_taken_over(i: Interaction, agent: AgentId, now: datetime) -> Interaction:
    """The same work under another owner: a second drafter, a transfer, a supervisor."""
    return replace(i, owner_id=agent, changed_at=now)

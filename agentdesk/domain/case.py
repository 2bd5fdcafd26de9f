"""The case: a query that needs investigation, grown from an interaction, and every move it may make.

Each command takes a case and returns the next one, or raises `IllegalTransition` with a sentence for
the screen. Source of the table: docs/cases.md, *States*.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from agentdesk.domain.errors import BadInput, IllegalTransition
from agentdesk.domain.ids import AccountId, AgentId, CaseId, CustomerId, MailAccountId, QueueId


class CaseState(StrEnum):
    """Where a case stands."""

    NEW = "new"
    OPEN = "open"
    AWAITING_INFO = "awaiting_info"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """As people read it: `Awaiting Info`."""
        return self.value.replace("_", " ").title()

    @property
    def closed(self) -> bool:
        """Final: nothing reopens it; a later mail makes a new interaction that is linked to it."""
        return self is CaseState.CLOSED


WORKED_ON = frozenset({CaseState.NEW, CaseState.OPEN, CaseState.AWAITING_INFO})
"""What somebody still has to do something about."""
NOT_CLOSED = frozenset(CaseState) - {CaseState.CLOSED}
"""What later mail goes to: a resolved case is opened again by its customer."""


@dataclass(frozen=True, slots=True)
class Case:
    """One investigation for one customer.

    `group` is a key of the policy, empty for none; `category` one of the settings', empty for none.
    `mail_account_id` is where its mails leave from; `queue_id` where the interaction came from, for
    reports. `opened_by` is the agent who made it. `sent` counts mails that went out of the case
    itself. `code` and `notes` say how it was resolved. `due_at` is what a person promised.
    `waiting_since`: Awaiting Info since then. `parent_id` is the case that this one is a part of;
    `merged_into` the one that took it over: later mail goes there. `reopened` counts how often.
    `worked_since`: it is Open in its owner's hands since then.
    `version` grows with every change: the compare-and-set key of storage.
    """

    id: CaseId
    number: str
    state: CaseState
    subject: str
    customer_id: CustomerId
    mail_account_id: MailAccountId
    opened_at: datetime
    changed_at: datetime
    description: str = ""
    account_id: AccountId | None = None
    owner_id: AgentId | None = None
    group: str = ""
    category: str = ""
    priority: int = 3
    queue_id: QueueId | None = None
    opened_by: AgentId | None = None
    sent: int = 0
    first_response_at: datetime | None = None
    waiting_since: datetime | None = None
    due_at: datetime | None = None
    code: str = ""
    notes: str = ""
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    parent_id: CaseId | None = None
    merged_into: CaseId | None = None
    reopened: int = 0
    worked_since: datetime | None = None
    version: int = 0

    @property
    def worked_on(self) -> bool:
        """An agent has it in hand."""
        return self.owner_id is not None and self.state is CaseState.OPEN


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a person says of a case to come. Empty `subject`: that of its interaction. `category` and
    `group` are keys, empty for none.
    """

    subject: str = ""
    description: str = ""
    priority: int = 3
    category: str = ""
    group: str = ""
    assign_to: AgentId | None = None


@dataclass(frozen=True, slots=True)
class CaseChanges:
    """What a person changes of a case; None leaves it as it is. `drop_due`: nothing is promised."""

    subject: str | None = None
    description: str | None = None
    priority: int | None = None
    category: str | None = None
    due_at: datetime | None = None
    drop_due: bool = False


P = ParamSpec("P")
Command = Callable[Concatenate[Case, P], Case]


def _from(*allowed: CaseState) -> Callable[[Command[P]], Command[P]]:
    """A command that only *allowed* states permit; its name makes the sentence."""

    def decorate(command: Command[P]) -> Command[P]:
        words = command.__name__.replace("_", " ")

        @wraps(command)
        def checked(c: Case, /, *args: P.args, **kwargs: P.kwargs) -> Case:
            if c.state not in allowed:
                hint = "Closed is final" if c.state.closed else f"It is {c.state.label}"
                raise IllegalTransition(f"{c.number} cannot {words}. {hint}.")
            return _timed(c, command(c, *args, **kwargs))

        return checked

    return decorate


def _timed(before: Case, after: Case) -> Case:
    """When a stretch of one agent's work begins or ends, it is said since when; every command dates."""
    same = before.worked_on == after.worked_on and before.owner_id == after.owner_id
    if same:
        return after
    return replace(after, worked_since=after.changed_at if after.worked_on else None)


@_from(*NOT_CLOSED)
def be_assigned(c: Case, agent: AgentId | None, group: str, now: datetime) -> Case:
    """Another agent and group; a new case that an agent takes becomes Open."""
    taken = c.state is CaseState.NEW and agent is not None
    state = CaseState.OPEN if taken else c.state
    return replace(c, state=state, owner_id=agent, group=group, changed_at=now)


@_from(CaseState.NEW, CaseState.OPEN)
def await_information(c: Case, now: datetime) -> Case:
    """New or Open → Awaiting Info: the customer is to answer; service levels pause."""
    return replace(c, state=CaseState.AWAITING_INFO, waiting_since=now, changed_at=now)


@_from(CaseState.AWAITING_INFO)
def go_on(c: Case, now: datetime) -> Case:
    """Awaiting Info → Open by an agent."""
    return replace(c, state=CaseState.OPEN, waiting_since=None, changed_at=now)


@_from(*NOT_CLOSED)
def hear_from_its_customer(c: Case, now: datetime) -> Case:
    """A customer's mail: Awaiting Info → Open; Resolved → Open, which counts as reopened."""
    if c.state is CaseState.RESOLVED:
        return reopen(c, now)
    state = CaseState.OPEN if c.state is CaseState.AWAITING_INFO else c.state
    return replace(c, state=state, waiting_since=None, changed_at=now)


@_from(*WORKED_ON)
def be_resolved(c: Case, code: str, notes: str, now: datetime) -> Case:
    """→ Resolved, with a code and notes. Raises `BadInput` without either."""
    if not code or not notes.strip():
        raise BadInput(f"Say how {c.number} was resolved: choose a code and write notes.")
    done = replace(c, state=CaseState.RESOLVED, code=code, notes=notes.strip())
    return replace(done, waiting_since=None, resolved_at=now, changed_at=now)


@_from(CaseState.RESOLVED)
def reopen(c: Case, now: datetime) -> Case:
    """Resolved → Open: it was not resolved after all. Code and notes stay until the next time."""
    again = replace(c, state=CaseState.OPEN, resolved_at=None, reopened=c.reopened + 1)
    return replace(again, changed_at=now)


@_from(CaseState.RESOLVED)
def be_closed(c: Case, now: datetime) -> Case:
    """Resolved → Closed: by an agent, or some days after it was resolved."""
    return replace(c, state=CaseState.CLOSED, closed_at=now, changed_at=now)


@_from(*NOT_CLOSED)
def be_emptied(c: Case, now: datetime) -> Case:
    """→ Closed: it was made for a mail that went back to where it came from."""
    return replace(c, state=CaseState.CLOSED, waiting_since=None, closed_at=now, changed_at=now)


@_from(*NOT_CLOSED)
def be_merged(c: Case, into: Case, now: datetime) -> Case:
    """→ Closed: *into* takes it over, with later mail. Raises `BadInput` for another customer's."""
    if into.id == c.id or into.state.closed:
        raise BadInput(f"{c.number} cannot be merged into {into.number}. Choose another open case.")
    if into.customer_id != c.customer_id and (
        c.account_id is None or into.account_id != c.account_id
    ):
        raise BadInput(f"{into.number} is of another customer. Relate them instead of merging.")
    merged = replace(c, state=CaseState.CLOSED, merged_into=into.id, waiting_since=None)
    return replace(merged, closed_at=now, changed_at=now)


@_from(CaseState.CLOSED)
def leave_a_merge(c: Case, was: CaseState, now: datetime) -> Case:
    """Closed by a merge → the state before: the merge was a mistake. Nothing else opens a closed case."""
    if c.merged_into is None:
        raise IllegalTransition(f"{c.number} was not merged into another case. Closed is final.")
    waits = now if was is CaseState.AWAITING_INFO else None
    back = replace(c, state=was, merged_into=None, waiting_since=waits)
    return replace(back, closed_at=None, changed_at=now)


@_from(*NOT_CLOSED)
def be_changed(c: Case, changes: CaseChanges, now: datetime) -> Case:
    """What a person says of it changes. The values were checked before."""
    given = {
        "subject": changes.subject,
        "description": changes.description,
        "priority": changes.priority,
        "category": changes.category,
        "due_at": changes.due_at,
    }
    named: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    if changes.drop_due:
        named["due_at"] = None
    return replace(c, changed_at=now, **named)


@_from(*NOT_CLOSED)
def become_part_of(c: Case, parent: CaseId | None, now: datetime) -> Case:
    """It is a part of another case, or of none any more."""
    return replace(c, parent_id=parent, changed_at=now)


@_from(*NOT_CLOSED)
def be_answered(c: Case, sender: AgentId, now: datetime, *, answers: bool = True) -> Case:
    """A mail of it went into the outbox; the first that *answers* is its first response.

    A new case becomes the sender's, and Open.
    """
    first = c.first_response_at or (now if answers else None)
    taken = (
        c if c.state is not CaseState.NEW else be_assigned(c, c.owner_id or sender, c.group, now)
    )
    return replace(
        taken,
        owner_id=taken.owner_id or sender,
        sent=c.sent + 1,
        first_response_at=first,
        changed_at=now,
    )


@_from(*NOT_CLOSED)
def take_back_a_mail(c: Case, now: datetime) -> Case:
    """Sending was undone before the mail went: it does not count, nor was it the first response."""
    sent = max(c.sent - 1, 0)
    first = c.first_response_at if sent else None
    return replace(c, sent=sent, first_response_at=first, changed_at=now)

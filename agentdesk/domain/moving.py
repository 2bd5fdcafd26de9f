"""Where a mail may be moved to."""

from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain.ids import MessageId, ThreadId


class Place(StrEnum):
    """A record that is there, or one that is made for the mail."""

    THREAD = "thread"
    NEW_INTERACTION = "new_interaction"
    NEW_CASE = "new_case"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where mails go. `thread_id` is set for a record that is there."""

    place: Place
    thread_id: ThreadId | None = None


OWN_INTERACTION = Destination(Place.NEW_INTERACTION)
OWN_CASE = Destination(Place.NEW_CASE)


def to(thread_id: ThreadId) -> Destination:
    """An interaction or case that is there."""
    return Destination(Place.THREAD, thread_id)


@dataclass(frozen=True, slots=True)
class MoveChoice:
    """A record that a mail may be moved to. `state` as people read it. `score` is the matcher's, 0 to
    1, where it weighed the record; None where it did not.
    """

    thread_id: ThreadId
    number: str
    subject: str
    state: str
    customer: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What can become of a mail. `number` is where it lies now, `rest` how many later mails
    of its thread lie there, too. `near` are the open records around it: those that were weighed first, the
    best first, then the customer's others, newest first.
    """

    message_id: MessageId
    number: str
    rest: int
    near: tuple[MoveChoice, ...]

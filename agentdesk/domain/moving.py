"""Where a mail may be moved to."""

from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain.ids import ThreadId


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

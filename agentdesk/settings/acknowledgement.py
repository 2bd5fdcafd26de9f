"""The section [acknowledgement]: how often a program may answer."""

from typing import Annotated

from pydantic import Field

from agentdesk.settings.section import Section


class Acknowledgement(Section):
    """The limits of automatic acknowledgements; their text is set for each mail account."""

    per_sender_per_day: Annotated[int, Field(ge=1, le=100)] = 3
    """At most so many to one sender within 24 hours."""
    per_thread: Annotated[int, Field(ge=1, le=10)] = 1
    """At most so many in an interaction together with those that it continues."""
    per_hour: Annotated[int, Field(ge=1, le=10000)] = 200
    """At most so many from the whole desk within an hour; then none, and the wallboard says so."""
    newer_than_minutes: Annotated[int, Field(ge=1, le=2880)] = 60
    """Mail that has lain on the server for longer than this is never acknowledged."""

"""The sections on kinds of work, hours, what new work is given, and [routing]."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from agentdesk.domain import policy
from agentdesk.settings import spelling
from agentdesk.settings.queues import Need
from agentdesk.settings.section import Key, Section, Text, refuse


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        refuse('is not a known time zone; use a name such as "Europe/Madrid"')
    return name


def _hours(text: str) -> str:
    return spelling.hours_text(spelling.hours(text))


def _date(text: str) -> str:
    return spelling.date(text)


class Schedule(Section):
    """Business hours. Outside them nothing is offered, and waiting does not count."""

    key: Key
    """A short name that queues refer to."""
    name: Text
    """The name on the screen."""
    time_zone: Annotated[str, AfterValidator(_zone)]
    """The time zone of its hours, such as Europe/Madrid."""
    hours: tuple[Annotated[str, AfterValidator(_hours)], ...] = ("mon-fri 09:00-17:00",)
    """When it is open: days and a time, such as "mon-fri 09:00-17:30", "sat,sun 10:00-14:00",
    "daily 00:00-24:00"."""
    holidays: tuple[Annotated[str, AfterValidator(_date)], ...] = ()
    """Days on which it is closed, such as "2026-12-25"."""


class Channel(Section):
    """A kind of work: which records belong to it, and what they take of an agent's capacity."""

    key: Key
    """A short name; keep it, stored work refers to it."""
    name: Text
    """The name on the screen."""
    table: Literal["interaction"] = "interaction"
    """The kind of record."""
    condition: str = ""
    """Which records belong to it; empty is all."""
    order: int = 100
    """Channels with a lower number are tried first for a new record."""
    size: Annotated[int, Field(ge=1, le=1000)] = 1
    """The capacity that one record takes."""
    capacity: int | None = Field(default=None, ge=0, le=1000)
    """How much of it an agent may have at once, unless the agent or a group says otherwise; not
    given is no bound of its own."""
    uses: tuple[Literal["work_in_progress", "on_hold", "wrap_up"], ...] = policy.EMAIL.uses  # type: ignore[assignment]
    """The states in which a record takes capacity; an offer always does."""


CHANNELS = (Channel(key=policy.EMAIL.key, name=policy.EMAIL.name),)


class WorkRule(Section):
    """What new work is given: the first rule that holds and has a size or priority decides it, the
    skills of all add up.
    """

    name: Text
    """What the rule is for, as explanations name it."""
    condition: Text
    """The work that it is for."""
    size: int | None = Field(default=None, ge=1, le=1000)
    """The capacity that the work takes; not given leaves it."""
    priority: int | None = Field(default=None, ge=1, le=5)
    """Its priority, 1 is the most urgent; not given leaves it."""
    skills: tuple[Need, ...] = ()
    """What it asks of an agent, as in [[queues]]."""


class AccountTeam(Section):
    """The agents who look after an account; a queue prefers them by affinity."""

    account: Text
    """The account's name."""
    agents: tuple[Key, ...]
    """The agents' logins, whom to ask first stands first."""


class RejectReason(Section):
    """Why an agent may reject an offer."""

    key: Key
    """A short name; keep it, history refers to it."""
    label: Text
    """The name on the screen."""
    reassignable: bool = True
    """Whether the same work may be offered to this agent again."""
    channels: tuple[Key, ...] = ()
    """The channels whose offers may be rejected with it; empty is all."""


REJECT_REASONS = tuple(
    RejectReason(key=reason.key, label=reason.label, reassignable=reason.reassignable)
    for reason in policy.REJECT_REASONS
)


class Routing(Section):
    """How work is offered to agents."""

    reroute: bool = False
    """When a customer answers and the agent is not available, let others have it."""
    ramp_s: Annotated[int, Field(ge=0, le=3600)] = 10
    """Seconds between two offers to one agent, so that who comes back is filled gradually; 0 is no limit."""
    universal_capacity: Annotated[int, Field(ge=0, le=1000)] = 0
    """The most that anybody may have at once over all channels, whatever else is said; 0 is no bound."""
    sign_in_presence: Key = "available"
    """The presence of an agent who opens the desk."""
    timeout_presence: Key = "away"
    """The presence of an agent who let an offer time out, or was away from the keyboard."""
    away_after_s: Annotated[int, Field(ge=0, le=86400)] = 0
    """Seconds without a key press after which an agent gets timeout_presence; 0 is never."""
    offline_presence: Key = "offline"
    """The presence of an agent whose desk is closed."""
    offline_after_s: Annotated[int, Field(ge=0, le=86400)] = 60
    """Seconds after which an agent without a session gets offline_presence: a dropped line is no
    resignation."""

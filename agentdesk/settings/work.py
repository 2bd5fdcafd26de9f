"""The sections on how work reaches agents and how it ends: queues, offers, wrap-up, periods."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from agentdesk.domain import policy
from agentdesk.domain.setup import INACTIVITY, RESOLVED, TASK_CREATED, CodeSetup
from agentdesk.settings.section import Days, Key, Section, Text, refuse


class Pool(Section):
    """Agents who become eligible once an interaction has waited long enough."""

    groups: tuple[Key, ...] = ()
    """The groups in this pool; empty is everyone."""
    after_s: Annotated[int, Field(ge=0)] = 0
    """Seconds of waiting before this pool is asked too."""


class Queue(Section):
    """Where new interactions wait for an agent."""

    key: Key
    """A short name; keep it, stored work refers to it."""
    name: Text
    """The name on the screen."""
    order: int = 100
    """Queues with a lower number are served first."""
    rule: Literal["most_capacity", "last_assigned"] = "most_capacity"
    """Who is asked: the agent with the most free capacity, or who has waited longest for work."""
    groups: tuple[Key, ...] = ()
    """The groups that serve this queue; empty is everyone."""
    pools: tuple[Pool, ...] = ()
    """Instead of groups: pools that widen with waiting time, each with groups and after_s."""
    accept_timeout_s: Annotated[int, Field(ge=0, le=86400)] = 60
    """Seconds to accept an offer before it goes on; 0 offers without a limit."""
    auto_accept: bool = False
    """Assign without asking: no accept, no reject, no time limit."""
    target_wait_s: Annotated[int, Field(ge=1)] = 600
    """Seconds within which work should be accepted: the service level on the wallboard."""
    size: Annotated[int, Field(ge=1, le=1000)] = 1
    """The capacity that one interaction of this queue takes."""
    default: bool = False
    """Takes mail whose account names no queue. A single queue is the default without saying so."""

    @property
    def eligibility(self) -> tuple[Pool, ...]:
        """Who may be asked and when; `groups` is one pool from the start."""
        return self.pools or (Pool(groups=self.groups),)

    @model_validator(mode="after")
    def _one_way_to_say_who(self) -> Self:
        if self.groups and self.pools:
            refuse("and pools exclude each other; put the groups into a pool", key="groups")
        waits = [p.after_s for p in self.pools]
        if waits != sorted(set(waits)):
            refuse("must be in order of after_s, each later than the one before", key="pools")
        return self


class WrapUpCode(Section):
    """How an interaction ended."""

    key: Key
    """A short name; keep it, reports refer to it."""
    label: Text
    """The name on the screen."""
    default: bool = False
    """Taken when the countdown ends without a choice. Exactly one code is the default."""
    automatic: bool = False
    """Given by the desk only; agents cannot choose it."""


def _code(code: CodeSetup) -> WrapUpCode:
    return WrapUpCode(
        key=code.key, label=code.label, default=code.default, automatic=code.automatic
    )


CODES = (
    _code(RESOLVED),
    WrapUpCode(key="information_given", label="Information given"),
    WrapUpCode(key="passed_on", label="Passed on to another team"),
    WrapUpCode(key="duplicate", label="Duplicate"),
    WrapUpCode(key="spam", label="Spam"),
    _code(TASK_CREATED),
    _code(INACTIVITY),
)


class WrapUp(Section):
    """What happens between Close and Closed."""

    duration_s: Annotated[int, Field(ge=1, le=86400)] = 120
    """Seconds to choose a code before the default is taken."""
    codes: tuple[WrapUpCode, ...] = CODES
    """The tables [[wrap_up.codes]]; giving any replaces all the usual ones."""

    @property
    def default_code(self) -> WrapUpCode:
        """The code that is taken when nobody chooses."""
        return next(c for c in self.codes if c.default)


class RejectReason(Section):
    """Why an agent may reject an offer."""

    key: Key
    """A short name; keep it, history refers to it."""
    label: Text
    """The name on the screen."""
    reassignable: bool = True
    """Whether the same work may be offered to this agent again."""


REJECT_REASONS = tuple(
    RejectReason(key=reason.key, label=reason.label, reassignable=reason.reassignable)
    for reason in policy.REJECT_REASONS
)


class Inactivity(Section):
    """When silence ends an interaction."""

    inbound_days: Days = 5
    """Days On Hold without an answer before an interaction that the customer began is closed."""
    outbound_days: Days = 30
    """Days On Hold without an answer before an interaction that we began is closed."""
    draft_days: Days = 30
    """Days without touching the draft before an unsent interaction is abandoned."""


class Routing(Section):
    """How work is offered to agents."""

    reroute: bool = False
    """When a customer answers and the agent is not available, let others have it."""
    ramp_s: Annotated[int, Field(ge=0, le=3600)] = 10
    """Seconds between two offers to one agent, so that who comes back is filled gradually; 0 is no limit."""
    sign_in_presence: Key = "available"
    """The presence of an agent who opens the desk."""
    timeout_presence: Key = "away"
    """The presence of an agent who let an offer time out."""
    offline_presence: Key = "offline"
    """The presence of an agent whose desk is closed."""

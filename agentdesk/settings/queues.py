"""The section [[queues]]: where new work waits, and for whom."""

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from agentdesk.domain.policy import AutoAccept, Overflow, Rule, Sort
from agentdesk.settings import spelling
from agentdesk.settings.section import Key, KeyOrNothing, Section, Text, refuse


def _need(text: str) -> str:
    return spelling.need_text(spelling.need(text))


def _affinity(text: str) -> str:
    return spelling.affinity_text(spelling.affinity(text))


def _accepts(value: object) -> object:
    """`true` and `false` are what this key was before there was a choice."""
    if isinstance(value, bool):
        return AutoAccept.CARD_AND_TAB if value else AutoAccept.NO
    return value


Need = Annotated[str, AfterValidator(_need)]
Preference = Annotated[str, AfterValidator(_affinity)]


class Pool(Section):
    """Agents who become eligible once an interaction has waited long enough."""

    groups: tuple[Key, ...] = ()
    """The groups in this pool; empty is everyone."""
    after_s: Annotated[int, Field(ge=0)] = 0
    """Seconds of waiting before this pool is asked too."""
    rule: Rule | None = None
    """Who is asked first in this pool; not given is the queue's rule."""


class Queue(Section):
    """Where new interactions wait for an agent."""

    key: Key
    """A short name; keep it, stored work refers to it."""
    name: Text
    """The name on the screen."""
    order: int = 100
    """Queues with a lower number are served first."""
    channel: Key = "email"
    """The channel of its work."""
    condition: str = ""
    """New work that meets it comes here by itself, the lowest order first; empty takes only what
    mail accounts and people send here."""
    schedule: KeyOrNothing = ""
    """The hours in which its work is offered and its waiting counts; empty is always."""
    rule: Rule = Rule.MOST_CAPACITY
    """Who is asked: the agent with the most free capacity, or who has waited longest for work."""
    groups: tuple[Key, ...] = ()
    """The groups that serve this queue; empty is everyone."""
    pools: tuple[Pool, ...] = ()
    """Instead of groups: pools that widen with waiting time, each with groups, after_s and rule.
    An empty list is nobody: then agents take the work themselves."""
    sort: tuple[Sort, ...] = (Sort.PRIORITY, Sort.OLDEST)
    """Whose turn it is: what decides first stands first; service_level is whose target ends first."""
    skills: tuple[Need, ...] = ()
    """What its work asks of an agent: "german", "german>=2" for a level, "german?" for a wish."""
    affinity: tuple[Preference, ...] = ()
    """Whom it prefers among those who can take the work, up to three: "last_agent" (within 30 days,
    or as in "last_agent within 14 days"), "account_team", "related_case"."""
    accept_timeout_s: Annotated[int, Field(ge=0, le=86400)] = 60
    """Seconds to accept an offer before it goes on; 0 offers without a limit."""
    timeout_presence: KeyOrNothing = ""
    """The presence of an agent who let an offer of this queue time out; empty is that of [routing]."""
    allow_reject: bool = True
    """Whether agents may reject its offers."""
    auto_accept: Annotated[AutoAccept, BeforeValidator(_accepts)] = AutoAccept.NO
    """Assign without asking, with no reject and no time limit: card puts it into the agent's list,
    card_and_tab opens it, too. true is card_and_tab, false is no."""
    pick: bool = True
    """Whether agents may take its work themselves."""
    target_wait_s: Annotated[int, Field(ge=1)] = 600
    """Seconds within which work should be accepted: the service level on the wallboard."""
    goal: Annotated[int, Field(ge=1, le=100)] = 80
    """The percentage that should be accepted within target_wait_s."""
    warn_waiting: Annotated[int, Field(ge=0)] = 0
    """As many waiting colour the queue on the wallboard; 0 is never."""
    max_wait_s: int | None = Field(default=None, ge=1)
    """Seconds of waiting after which overflow happens; not given is never."""
    overflow: Overflow = Overflow.ATTENTION
    """After max_wait_s: attention marks the work for a supervisor, move puts it into overflow_queue,
    cancel takes it out of routing."""
    overflow_queue: KeyOrNothing = ""
    """The queue that overflow = "move" moves to."""
    size: int | None = Field(default=None, ge=1, le=1000)
    """The capacity that one interaction of this queue takes; not given is that of its channel."""
    external: KeyOrNothing = ""
    """The contact centre that routes its work; groups, pools, sort, skills and capacity do not count
    then. Empty is our own routing."""
    default: bool = False
    """Takes mail whose account names no queue. A single queue is the default without saying so."""

    @property
    def eligibility(self) -> tuple[Pool, ...]:
        """Who may be asked and when; `groups` is one pool from the start."""
        return self.pools if "pools" in self.model_fields_set else (Pool(groups=self.groups),)

    @model_validator(mode="after")
    def _one_way_to_say_who(self) -> Self:
        if self.groups and "pools" in self.model_fields_set:
            refuse("and pools exclude each other; put the groups into a pool", key="groups")
        waits = [p.after_s for p in self.pools]
        if waits != sorted(set(waits)):
            refuse("must be in order of after_s, each later than the one before", key="pools")
        return self

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        if len(set(self.sort)) < len(self.sort) or {Sort.OLDEST, Sort.NEWEST} <= set(self.sort):
            refuse("must name each only once, and only one of oldest and newest", key="sort")
        if not self.sort:
            refuse("is empty; remove it for the usual order", key="sort")
        return self

    @model_validator(mode="after")
    def _few_preferences(self) -> Self:
        kinds = [spelling.affinity(text).kind for text in self.affinity]
        if len(kinds) > 3 or len(set(kinds)) < len(kinds):
            refuse("must name each only once", key="affinity")
        return self

    @model_validator(mode="after")
    def _overflow_is_whole(self) -> Self:
        if self.overflow is not Overflow.ATTENTION and self.max_wait_s is None:
            refuse("happens after max_wait_s, which is not given", key="overflow")
        if self.overflow is Overflow.MOVE and not self.overflow_queue:
            refuse('is "move"; say where to with overflow_queue', key="overflow")
        if self.overflow is not Overflow.MOVE and self.overflow_queue:
            refuse('is only for overflow = "move"; remove it, or set that', key="overflow_queue")
        return self

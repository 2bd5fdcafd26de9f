"""How work reaches agents: the whole routing setup as plain values, one document.

settings.toml defines it, or an administrator's edit; storage keeps the version that holds. Nothing
here is checked: `agentdesk.settings` refuses a policy that does not fit together. Source of the
model: docs/routing.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agentdesk.domain.actor import Role

EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Rule(StrEnum):
    """Who is picked among several who can take an item; ties go to who is idle for the longest."""

    MOST_CAPACITY = "most_capacity"
    LAST_ASSIGNED = "last_assigned"


class Sort(StrEnum):
    """One key of the order in which the items of a queue take their turn.

    `service_level`: whose target ends first. `vip`: important customers first. `oldest` and `newest`
    go by waiting time.
    """

    PRIORITY = "priority"
    OLDEST = "oldest"
    NEWEST = "newest"
    SERVICE_LEVEL = "service_level"
    VIP = "vip"


class AutoAccept(StrEnum):
    """Whether work is given without asking: only in the work list, or opened as a tab, too."""

    NO = "no"
    CARD = "card"
    CARD_AND_TAB = "card_and_tab"


class Overflow(StrEnum):
    """What happens to an item that waited for longer than its queue allows."""

    ATTENTION = "attention"
    MOVE = "move"
    CANCEL = "cancel"


class Affinity(StrEnum):
    """Who is preferred among the eligible: who answered this customer last, the team of their
    account, or who owns an open case of theirs.
    """

    LAST_AGENT = "last_agent"
    ACCOUNT_TEAM = "account_team"
    RELATED_CASE = "related_case"


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """A skill that work asks for. Without it at `level` nobody is asked if it is `mandatory`; else
    agents with more of the wished skills come first.
    """

    skill: str
    level: int = 1
    mandatory: bool = True


@dataclass(frozen=True, slots=True)
class SkillSetup:
    """Something that an agent can know, from level 1 to `levels`."""

    key: str
    name: str
    levels: int = 5


@dataclass(frozen=True, slots=True)
class Hours:
    """Open on `days` (mon … sun) from `start` until `end`, minutes after midnight; 1440 is its end."""

    days: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ScheduleSetup:
    """Business hours in a time zone. `holidays` are closed all day, as ISO dates."""

    key: str
    name: str
    time_zone: str
    hours: tuple[Hours, ...] = (Hours(EVERY_DAY[:5], 9 * 60, 17 * 60),)
    holidays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """A kind of work: which records of `table` meet `condition`, and what they take.

    `capacity` is what an agent may have of it at once, unless their own or their group's says
    otherwise. Offers use capacity, and records in one of the states `uses`. Lower `order` is tried
    first for a new record.
    """

    key: str
    name: str
    table: str = "interaction"
    condition: str = ""
    order: int = 100
    size: int = 1
    capacity: int | None = None
    uses: tuple[str, ...] = ("work_in_progress", "wrap_up")


EMAIL = ChannelSetup("email", "Email")


@dataclass(frozen=True, slots=True)
class PresenceSetup:
    """A state that an agent may choose. `work`: new work is offered in it, of `channels` or, where
    none is named, of all. `colour` is one of `PRESENCE_COLOURS`; empty: by `work`. Only `groups` may
    choose it; none: everybody.
    """

    key: str
    label: str
    work: bool
    channels: tuple[str, ...] = ()
    colour: str = ""
    groups: frozenset[str] = frozenset()

    def takes(self, channel: str) -> bool:
        """Whether work of *channel* is offered in it."""
        return self.work and (not self.channels or channel in self.channels)

    def open_to(self, groups: frozenset[str]) -> bool:
        """Whether a member of *groups* may choose it."""
        return not self.groups or bool(self.groups & groups)


PRESENCE_COLOURS = ("green", "yellow", "orange", "red", "blue", "violet", "grey")


@dataclass(frozen=True, slots=True)
class RejectReason:
    """Why an agent lets an offer pass. `reassignable`: it may be offered to the same agent again.
    Only for `channels`; none: all.
    """

    key: str
    label: str
    reassignable: bool
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentSetup:
    """A person who signs in as `login`. `groups` make them eligible, `skills` are levels by key.

    `capacity` in units of work over all channels, `channel_capacity` of single ones; None or absent:
    as `domain.capacity` says.
    """

    login: str
    name: str
    email: str = ""
    role: Role = Role.AGENT
    capacity: int | None = 4
    groups: frozenset[str] = frozenset()
    signature: str = ""
    channel_capacity: Mapping[str, int] = field(default_factory=dict)
    skills: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupSetup:
    """A team. `queue_orders`: which queues its members serve first; absent ones count as 100.

    Its capacities hold for members who have none of their own; of several groups the largest.
    """

    key: str
    name: str
    capacity: int | None = None
    channel_capacity: Mapping[str, int] = field(default_factory=dict)
    queue_orders: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PoolSetup:
    """Groups that become eligible after an item has waited `after_s` seconds. No group: everybody.

    `rule` None: that of the queue.
    """

    groups: frozenset[str] = frozenset()
    after_s: int = 0
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class AffinitySetup:
    """Whom a queue prefers. `days` bounds how far back `last_agent` looks."""

    kind: Affinity
    days: int = 30


@dataclass(frozen=True, slots=True)
class QueueSetup:
    """A queue. Lower `position` is served first.

    `condition` brings it new work by itself (`domain.condition`); empty: only what names it. Outside
    its `schedule` nothing of it is offered, and waiting does not count. `accept_timeout_s` None:
    offers do not time out. `pick`: agents may take its work themselves. `target_wait_s` is the
    service level's, in business time, as is `max_wait_s`, after which `overflow` happens (`move`: to
    `overflow_queue`). `goal` is the percentage that should be accepted within the target;
    `warn_waiting` items colour the wallboard, 0 none. `size` None: that of the channel. `external`: the
    key of the contact centre that routes its work; then pools, sort, skills and capacity do not apply.
    """

    key: str
    name: str
    position: int = 100
    channel: str = "email"
    condition: str = ""
    schedule: str = ""
    rule: Rule = Rule.MOST_CAPACITY
    pools: tuple[PoolSetup, ...] = (PoolSetup(),)
    sort: tuple[Sort, ...] = (Sort.PRIORITY, Sort.OLDEST)
    skills: tuple[SkillNeed, ...] = ()
    affinity: tuple[AffinitySetup, ...] = ()
    accept_timeout_s: int | None = 60
    timeout_presence: str = ""
    allow_reject: bool = True
    auto_accept: AutoAccept = AutoAccept.NO
    pick: bool = True
    target_wait_s: int = 600
    max_wait_s: int | None = None
    overflow: Overflow = Overflow.ATTENTION
    overflow_queue: str = ""
    goal: int = 80
    warn_waiting: int = 0
    size: int | None = None
    external: str = ""


@dataclass(frozen=True, slots=True)
class WorkRule:
    """What new work that meets `condition` is given: the first rule with a size or priority decides
    it, the skills of all such rules add up.
    """

    name: str
    condition: str
    size: int | None = None
    priority: int | None = None
    skills: tuple[SkillNeed, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountTeam:
    """The agents, by login, who look after an account, by its name."""

    account: str
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoutingOptions:
    """What holds for all queues.

    `universal_capacity` bounds everybody's work over all channels; 0: no bound. An agent without a
    key press for `away_after_s` becomes `timeout_presence`; 0: never. Who has no
    session any more becomes `offline_presence` after `offline_after_s`: a dropped line is no resignation.
    """

    reroute: bool = False
    ramp_s: float = 0.0
    sign_in_presence: str = "available"
    timeout_presence: str = "away"
    offline_presence: str = "offline"
    universal_capacity: int = 0
    away_after_s: int = 0
    offline_after_s: int = 60


PRESENCES = (
    PresenceSetup("available", "Available", True),
    PresenceSetup("away", "Away", False),
    PresenceSetup("offline", "Offline", False),
)
REJECT_REASONS = (
    RejectReason("busy", "Busy with other work", True),
    RejectReason("skill", "Needs somebody else's knowledge", False),
    RejectReason("conflict", "I know this customer", False),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The document: everything that routing goes by."""

    agents: tuple[AgentSetup, ...] = ()
    groups: tuple[GroupSetup, ...] = ()
    skills: tuple[SkillSetup, ...] = ()
    schedules: tuple[ScheduleSetup, ...] = ()
    channels: tuple[ChannelSetup, ...] = (EMAIL,)
    presences: tuple[PresenceSetup, ...] = PRESENCES
    queues: tuple[QueueSetup, ...] = ()
    work_rules: tuple[WorkRule, ...] = ()
    account_teams: tuple[AccountTeam, ...] = ()
    reject_reasons: tuple[RejectReason, ...] = REJECT_REASONS
    options: RoutingOptions = RoutingOptions()

    def presence(self, key: str) -> PresenceSetup | None:
        """The presence with this key, or None when the policy no longer has it."""
        return next((p for p in self.presences if p.key == key), None)

    def channel(self, key: str) -> ChannelSetup:
        """The channel with this key; the first one for work whose channel is gone."""
        return next((c for c in self.channels if c.key == key), self.channels[0])

    def works(self, presence: str) -> bool:
        """Whether any new work is offered in the presence with this key."""
        found = self.presence(presence)
        return found is not None and found.work

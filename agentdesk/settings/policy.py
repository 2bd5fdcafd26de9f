"""From the sections of settings.toml on routing to the policy that they define."""

from agentdesk.domain.policy import (
    AccountTeam,
    AgentSetup,
    ChannelSetup,
    GroupSetup,
    Policy,
    PoolSetup,
    PresenceSetup,
    QueueSetup,
    RejectReason,
    RoutingOptions,
    ScheduleSetup,
    SkillSetup,
    WorkRule,
)
from agentdesk.settings import people, spelling, work
from agentdesk.settings.queues import Queue
from agentdesk.settings.routing import RoutingSettings


def policy_of(s: RoutingSettings) -> Policy:
    """The routing policy that *s* defines."""
    bounded = {g.key for g in s.groups if g.capacity is not None}
    return Policy(
        agents=tuple(_agent(a, bounded) for a in s.agents),
        groups=tuple(_group(g) for g in s.groups),
        skills=tuple(SkillSetup(k.key, k.name, k.levels) for k in s.skills),
        schedules=tuple(_schedule(p) for p in s.schedules),
        channels=tuple(_channel(c) for c in s.channels),
        presences=tuple(_presence(p) for p in s.presences),
        queues=tuple(_queue(q) for q in s.queues),
        work_rules=tuple(_work_rule(r) for r in s.work_rules),
        account_teams=tuple(AccountTeam(t.account, t.agents) for t in s.account_teams),
        reject_reasons=tuple(
            RejectReason(r.key, r.label, r.reassignable, r.channels) for r in s.reject_reasons
        ),
        options=_options(s.routing),
    )


def _agent(a: people.Agent, bounded: set[str]) -> AgentSetup:
    """*bounded*: the groups that say how much their members may have."""
    says_nothing = a.capacity is None and not bounded & set(a.groups)
    return AgentSetup(
        a.login,
        a.name,
        a.email,
        a.role,
        people.USUAL_CAPACITY if says_nothing else a.capacity,
        frozenset(a.groups),
        a.signature,
        dict(a.channel_capacity),
        dict(a.skills),
    )


def _group(g: people.Group) -> GroupSetup:
    return GroupSetup(g.key, g.name, g.capacity, dict(g.channel_capacity), dict(g.queue_orders))


def _schedule(p: work.Schedule) -> ScheduleSetup:
    hours = tuple(spelling.hours(text) for text in p.hours)
    return ScheduleSetup(p.key, p.name, p.time_zone, hours, p.holidays)


def _channel(c: work.Channel) -> ChannelSetup:
    return ChannelSetup(c.key, c.name, c.table, c.condition, c.order, c.size, c.capacity, c.uses)


def _presence(p: people.Presence) -> PresenceSetup:
    return PresenceSetup(p.key, p.label, p.work, p.channels, p.colour, frozenset(p.groups))


def _work_rule(r: work.WorkRule) -> WorkRule:
    needs = tuple(spelling.need(text) for text in r.skills)
    return WorkRule(r.name, r.condition, r.size, r.priority, needs)


def _queue(q: Queue) -> QueueSetup:
    return QueueSetup(
        q.key,
        q.name,
        position=q.order,
        channel=q.channel,
        condition=q.condition.strip(),
        schedule=q.schedule,
        rule=q.rule,
        pools=tuple(PoolSetup(frozenset(p.groups), p.after_s, p.rule) for p in q.eligibility),
        sort=q.sort,
        skills=tuple(spelling.need(text) for text in q.skills),
        affinity=tuple(spelling.affinity(text) for text in q.affinity),
        accept_timeout_s=q.accept_timeout_s or None,
        timeout_presence=q.timeout_presence,
        allow_reject=q.allow_reject,
        auto_accept=q.auto_accept,
        pick=q.pick,
        target_wait_s=q.target_wait_s,
        max_wait_s=q.max_wait_s,
        overflow=q.overflow,
        overflow_queue=q.overflow_queue,
        goal=q.goal,
        warn_waiting=q.warn_waiting,
        size=q.size,
        external=q.external,
    )


def _options(r: work.Routing) -> RoutingOptions:
    return RoutingOptions(
        reroute=r.reroute,
        ramp_s=r.ramp_s,
        sign_in_presence=r.sign_in_presence,
        timeout_presence=r.timeout_presence,
        offline_presence=r.offline_presence,
        universal_capacity=r.universal_capacity,
        away_after_s=r.away_after_s,
        offline_after_s=r.offline_after_s,
    )

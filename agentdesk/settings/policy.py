"""From the sections of settings.toml on routing to the policy that they define."""

from agentdesk.domain.policy import (
    AgentSetup,
    AutoAccept,
    GroupSetup,
    Policy,
    PoolSetup,
    PresenceSetup,
    QueueSetup,
    RejectReason,
    RoutingOptions,
    Rule,
)
from agentdesk.settings.people import Agent
from agentdesk.settings.root import Settings
from agentdesk.settings.work import Queue


def policy_of(s: Settings) -> Policy:
    """The routing policy that *s* defines."""
    return Policy(
        agents=tuple(_agent(a) for a in s.agents),
        groups=tuple(GroupSetup(g.key, g.name) for g in s.groups),
        presences=tuple(PresenceSetup(p.key, p.label, p.work) for p in s.presences),
        queues=tuple(_queue(q) for q in s.queues),
        reject_reasons=tuple(
            RejectReason(r.key, r.label, r.reassignable) for r in s.reject_reasons
        ),
        options=RoutingOptions(
            s.routing.reroute,
            s.routing.ramp_s,
            s.routing.sign_in_presence,
            s.routing.timeout_presence,
            s.routing.offline_presence,
        ),
    )


def _agent(a: Agent) -> AgentSetup:
    return AgentSetup(
        a.login, a.name, a.email, a.role, a.capacity, frozenset(a.groups), a.signature
    )


def _queue(q: Queue) -> QueueSetup:
    return QueueSetup(
        q.key,
        q.name,
        position=q.order,
        rule=Rule(q.rule),
        pools=tuple(PoolSetup(frozenset(p.groups), p.after_s) for p in q.eligibility),
        accept_timeout_s=q.accept_timeout_s or None,
        auto_accept=AutoAccept.CARD_AND_TAB if q.auto_accept else AutoAccept.NO,
        target_wait_s=q.target_wait_s,
        size=q.size,
    )

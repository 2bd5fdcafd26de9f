"""Desks for routing: by hand, at random, and a plain reference that looks at everybody each time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from agentdesk.domain.capacity import Limits
from agentdesk.domain.ids import AgentId, QueueId, WorkItemId
from agentdesk.domain.policy import PresenceSetup, Rule, SkillNeed, Sort
from agentdesk.domain.routing import decide
from agentdesk.domain.snapshot import (
    NEVER,
    AgentSeat,
    Pool,
    QueueRules,
    Snapshot,
    WaitingItem,
)
from agentdesk.domain.work import Preferred

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANA, BO, CLEO = AgentId(1), AgentId(2), AgentId(3)
NAMES = {ANA: "Ana", BO: "Bo", CLEO: "Cleo"}
SUPPORT, BACKUP = frozenset({"support"}), frozenset({"backup"})
AVAILABLE = PresenceSetup("available", "Available", True)
AWAY = PresenceSetup("away", "Away", False)
MAIL_ONLY = PresenceSetup("mail", "Mail only", True, channels=("email",))
Pairs = list[tuple[int, int | None]]


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def seat(agent: AgentId, busy: int = 0, capacity: int = 4, **more: Any) -> AgentSeat:
    used = {"email": busy} if busy else {}
    plain = AgentSeat(agent, NAMES[agent], AVAILABLE, Limits(capacity), used, SUPPORT)
    return replace(plain, **more)


def queue(serial: int = 1, **more: Any) -> QueueRules:
    return replace(QueueRules(QueueId(serial), f"Queue {serial}", pools=(Pool(SUPPORT),)), **more)


def item(serial: int, waited_s: float = 0, queue_id: int = 1, **more: Any) -> WaitingItem:
    return replace(WaitingItem(WorkItemId(serial), QueueId(queue_id), ago(waited_s)), **more)


def desk(*parts: AgentSeat | QueueRules | WaitingItem, **more: Any) -> Snapshot:
    made = Snapshot(
        NOW,
        tuple(p for p in parts if isinstance(p, AgentSeat)),
        tuple(p for p in parts if isinstance(p, QueueRules)) or (queue(),),
        tuple(p for p in parts if isinstance(p, WaitingItem)),
    )
    return replace(made, **more)


def pairs(snapshot: Snapshot) -> Pairs:
    return [(d.item.work_item_id, d.agent_id) for d in decide(snapshot, with_candidates=False)]


def served(snapshot: Snapshot) -> list[int]:
    return [work_item for work_item, _ in pairs(snapshot)]


def may_take(snapshot: Snapshot, work: WaitingItem, agent: AgentSeat, pool: Pool) -> bool:
    """Whether nothing keeps the agent from the item, said as plainly as can be."""
    waited = (snapshot.now - (work.counted_from or work.queued_at)).total_seconds()
    rested = agent.last_offered_at is None or agent.ramp_s == 0
    if agent.last_offered_at is not None:
        rested |= (snapshot.now - agent.last_offered_at).total_seconds() >= agent.ramp_s
    of_channel = agent.limits.channels.get(work.channel)
    fits = of_channel is None or agent.used.get(work.channel, 0) + work.size <= of_channel
    return (
        pool.after_s <= max(waited, 0)
        and (not pool.groups or bool(pool.groups & agent.groups))
        and agent.presence.work
        and (not agent.presence.channels or work.channel in agent.presence.channels)
        and all(agent.skills.get(n.skill, 0) >= n.level for n in work.needs if n.mandatory)
        and agent.id not in work.passed
        and work.rests.get(agent.id, NEVER) <= snapshot.now
        and fits
        and sum(agent.used.values()) + work.size <= agent.limits.total
        and rested
    )


def taking(agent: AgentSeat, work: WaitingItem, now: datetime) -> AgentSeat:
    """The agent once the item is theirs."""
    used = {**agent.used, work.channel: agent.used.get(work.channel, 0) + work.size}
    return replace(agent, used=used, last_offered_at=now)


def tier_of(rules: QueueRules, agent: AgentSeat) -> int:
    """The lowest order of the groups by which the agent may serve the queue."""
    serving = {
        group
        for group in agent.groups
        if any(not pool.groups or group in pool.groups for pool in rules.pools)
    }
    return min([rules.orders.get(group, 100) for group in serving] or [100])


def sort_key(rules: QueueRules, work: WaitingItem) -> tuple[object, ...]:
    """An item's place among those of its queue."""
    target = work.target_at.timestamp() if work.target_at else float("inf")
    since = work.queued_at.timestamp()
    by = {
        Sort.PRIORITY: work.priority,
        Sort.OLDEST: since,
        Sort.NEWEST: -since,
        Sort.SERVICE_LEVEL: target,
        Sort.VIP: 0 if work.vip else 1,
    }
    return (*(by[s] for s in rules.sort), since, work.work_item_id)


@dataclass
class Reference:
    """Each item looks at each agent, in each round."""

    snapshot: Snapshot

    def __post_init__(self) -> None:
        self.agents = {agent.id: agent for agent in self.snapshot.agents}
        self.queues = {rules.id: rules for rules in self.snapshot.queues}
        self.turns: dict[AgentId, tuple[datetime, int]] = {
            a.id: (max(a.last_assigned_at or NEVER, a.last_offered_at or NEVER), 0)
            for a in self.snapshot.agents
        }

    def decisions(self) -> Iterator[tuple[WaitingItem, AgentSeat]]:
        """The item, and the agent as they were before they got it."""
        waiting = [work for work in self.snapshot.items if work.queue_id in self.queues]
        waiting.sort(key=self._turn)
        count = 0
        rounds = {tier_of(q, a) for q in self.queues.values() for a in self.snapshot.agents}
        for tier in sorted(rounds):
            for work in list(waiting):
                best = self._best(work, tier)
                if best is not None:
                    yield work, best
                    count += 1
                    waiting.remove(work)
                    self.agents[best.id] = taking(best, work, self.snapshot.now)
                    self.turns[best.id] = (self.snapshot.now, count)

    def _turn(self, work: WaitingItem) -> tuple[object, ...]:
        rules = self.queues[work.queue_id]
        return (rules.position, rules.sort, *sort_key(rules, work))

    def _best(self, work: WaitingItem, tier: int) -> AgentSeat | None:
        rules = self.queues[work.queue_id]
        pools = sorted(rules.pools, key=lambda pool: pool.after_s)
        able = [
            [
                a
                for a in self.agents.values()
                if tier_of(rules, a) == tier and may_take(self.snapshot, work, a, pool)
            ]
            for pool in pools
        ]
        for preferred in work.preferred:
            for agents in able:
                for agent in agents:
                    if agent.id == preferred.agent_id:
                        return agent
        for pool, agents in zip(pools, able, strict=True):
            if agents:
                return min(agents, key=lambda a: self._rank(work, a, pool.rule or rules.rule))
        return None

    def _rank(self, work: WaitingItem, agent: AgentSeat, rule: Rule) -> tuple[object, ...]:
        wished = [
            agent.skills[n.skill]
            for n in work.needs
            if not n.mandatory and agent.skills.get(n.skill, 0) >= n.level
        ]
        free = agent.limits.total - sum(agent.used.values())
        if work.channel in agent.limits.channels:
            free = min(free, agent.limits.channels[work.channel] - agent.used.get(work.channel, 0))
        fullness = -free if rule is Rule.MOST_CAPACITY else 0
        return (-len(wished), -sum(wished), fullness, *self.turns[agent.id], agent.id)


class RandomDesk:
    """A desk on which work, room for it and every excuse are about equally frequent."""

    def __init__(self, seed: int, agents: int = 6, items: int = 20) -> None:
        self.random, self.agents = Random(seed), agents
        number, pick = self.random.randint, self.random.choice
        seats = tuple(self.seat(n) for n in range(1, number(1, agents) + 1))
        works = tuple(self.item(n) for n in range(1, items + 1))
        rules = tuple(self.queue(n) for n in (1, 2, 3))
        self.snapshot = Snapshot(NOW, seats, rules, works)

    def groups(self) -> frozenset[str]:
        pick = self.random.choice
        return frozenset(pick(["support", "backup", "vip"]) for _ in range(pick([0, 1, 1, 2, 2])))

    def moment(self) -> datetime | None:
        return self.random.choice([None, ago(self.random.randint(0, 90)), ago(60)])

    def seat(self, n: int) -> AgentSeat:
        pick, number = self.random.choice, self.random.randint
        channels = {c: number(1, 4) for c in ("email", "chat") if pick([False, False, True])}
        return AgentSeat(
            AgentId(n),
            f"Agent {n}",
            pick([AVAILABLE, AVAILABLE, AVAILABLE, MAIL_ONLY, AWAY]),
            Limits(number(2, 6), channels),
            {"email": number(0, 2), "chat": number(0, 1)},
            self.groups(),
            {s: number(1, 3) for s in ("german", "billing") if pick([False, True])},
            self.moment(),
            self.moment(),
            pick([0.0, 0.0, 0.0, 30.0]),
        )

    def queue(self, n: int) -> QueueRules:
        pick, number = self.random.choice, self.random.randint
        pools = tuple(
            Pool(self.groups(), pick([0.0, 0.0, 30.0, 60.0]), pick([None, None, *Rule]))
            for _ in range(pick([0, 1, 2, 3, 3]))
        )
        sort = tuple(self.random.sample(list(Sort), number(0, 3)))
        orders = {g: pick([10, 50, 100]) for g in ("support", "backup") if pick([False, True])}
        return QueueRules(
            QueueId(n), "Support", number(1, 2), pick(list(Rule)), pools, sort=sort, orders=orders
        )

    def item(self, n: int) -> WaitingItem:
        pick, number = self.random.choice, self.random.randint
        needs = tuple(
            SkillNeed(s, number(1, 3), pick([True, False]))
            for s in ("german", "billing")
            if pick([False, False, True])
        )
        some = [AgentId(number(1, self.agents)) for _ in range(4)]
        return WaitingItem(
            WorkItemId(n),
            QueueId(number(1, 4)),
            ago(number(-5, 90)),
            number(1, 3),
            number(1, 3),
            frozenset(some[: number(0, 2)]),
            {some[2]: ago(pick([-9, 9]))} if pick([False, True]) else {},
            pick(["email", "email", "chat"]),
            needs,
            tuple(Preferred(a, "answered last") for a in some[number(0, 4) :]),
            pick([False, True]),
            self.moment(),
            pick([None, None, ago(20)]),
        )


def some_desk(seed: int, agents: int = 6, items: int = 20) -> Snapshot:
    """A desk by its number."""
    return RandomDesk(seed, agents, items).snapshot

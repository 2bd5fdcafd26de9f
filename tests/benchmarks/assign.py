"""Routing: decisions a second on a large desk with skills, beside looking at every agent each time."""

import time
from random import Random

from agentdesk.domain.capacity import Limits
from agentdesk.domain.ids import AgentId, QueueId, WorkItemId
from agentdesk.domain.policy import PRESENCES, Rule, SkillNeed
from agentdesk.domain.routing import decide
from agentdesk.domain.snapshot import AgentSeat, Pool, QueueRules, Snapshot, WaitingItem
from tests.domain.routing_desks import NOW, Reference, ago

AGENTS, QUEUES, NAIVE = 1_000, 50, 200
LANGUAGES = ("german", "french", "spanish", "polish", "dutch", "italian")
TOPICS = ("billing", "returns", "technical", "orders", "legal", "press")
GROUPS = tuple(f"team-{n}" for n in range(20))


def snapshot(items: int) -> Snapshot:
    """A desk of AGENTS × QUEUES; each queue asks for its topic, most mails for a language, too."""
    r = Random(7)

    def seat(n: int) -> AgentSeat:
        skills = {s: r.randint(1, 5) for s in (*r.sample(LANGUAGES, 2), *r.sample(TOPICS, 2))}
        idle = ago(r.randint(1, 3_600))
        groups = frozenset(r.sample(GROUPS, 2))
        room = Limits(12, {"email": 10})
        return AgentSeat(AgentId(n), f"Agent {n}", PRESENCES[0], room, {}, groups, skills, idle)

    def queue(n: int) -> QueueRules:
        pools = Pool(frozenset(r.sample(GROUPS, 4))), Pool(frozenset(), 600)
        return QueueRules(QueueId(n), f"Queue {n}", n // 5, r.choice(list(Rule)), pools)

    def waiting(n: int) -> WaitingItem:
        queue_id = r.randint(1, QUEUES)
        needs = [SkillNeed(TOPICS[queue_id % len(TOPICS)], 1 + queue_id % 3, r.random() < 0.5)]
        if r.random() < 0.7:
            needs.append(SkillNeed(r.choice(LANGUAGES), r.randint(1, 4)))
        since, priority = ago(r.randint(1, 3_600)), r.randint(1, 4)
        return WaitingItem(WorkItemId(n), QueueId(queue_id), since, priority, needs=tuple(needs))

    seats = tuple(seat(n) for n in range(1, AGENTS + 1))
    queues = tuple(queue(n) for n in range(1, QUEUES + 1))
    return Snapshot(NOW, seats, queues, tuple(waiting(n) for n in range(1, items + 1)))


def _timed(desk: Snapshot) -> tuple[int, float]:
    began = time.perf_counter()
    made = len(decide(desk, with_candidates=False))
    return made, time.perf_counter() - began


def _naive(desk: Snapshot) -> float:
    """Seconds a decision when each looks at everybody; the same first NAIVE decisions."""
    began = time.perf_counter()
    found = []
    for work, agent in Reference(desk).decisions():
        found.append((work.work_item_id, agent.id))
        if len(found) == NAIVE:
            break
    took = time.perf_counter() - began
    ours = [
        (d.item.work_item_id, d.agent_id) for d in decide(desk, limit=NAIVE, with_candidates=False)
    ]
    assert found == ours
    return took / NAIVE


async def run() -> None:
    """Print decisions a second at 1,000 and 10,000 items, and the ratio to the naive scan."""
    costs = {}
    for items in (1_000, 10_000):
        made, took = min((_timed(snapshot(items)) for _ in range(3)), key=lambda m: m[1])
        costs[items] = took / made
        print(
            f"assign: {items:,} items × {AGENTS:,} agents × {QUEUES} queues with skills: ", end=""
        )
        print(f"{made:,} decisions in {took:.2f} s, {made / took:,.0f} a second")
    naive = _naive(snapshot(10_000))
    print(f"assign: the naive scan: {1 / naive:,.0f} decisions a second (over {NAIVE})")
    print(f"assign: {naive / costs[10_000]:.0f} times as fast as the naive scan; a decision among")
    print(f"assign: 10,000 items costs {costs[10_000] / costs[1_000]:.2f} times one among 1,000")
    kept = snapshot(10_000)
    began = time.perf_counter()
    decisions = len(decide(kept, limit=NAIVE))
    took = time.perf_counter() - began
    print(
        f"assign: with a sentence for every candidate: {decisions / took:,.0f} decisions a second"
    )
    nobodys = tuple(
        WaitingItem(w.work_item_id, w.queue_id, w.queued_at, needs=(SkillNeed("icelandic"),))
        for w in kept.items
    )
    made, took = _timed(Snapshot(NOW, kept.agents, kept.queues, nobodys))
    print(f"assign: 10,000 items that nobody can take: looked through in {took:.2f} s")

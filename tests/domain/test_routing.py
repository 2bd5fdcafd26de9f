"""Routing: by example, against a plain reference, and for a large desk."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain import routing
from agentdesk.domain.ids import AgentId, QueueId, WorkItemId
from agentdesk.domain.routing import (
    NEVER,
    AgentSeat,
    Ask,
    Pool,
    QueueRules,
    Rule,
    Snapshot,
    Sort,
    WaitingItem,
    decide,
    explain,
    next_wake,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANA, BO, CLEO = AgentId(1), AgentId(2), AgentId(3)
NAMES = {ANA: "Ana", BO: "Bo", CLEO: "Cleo"}
SUPPORT, BACKUP = frozenset({"support"}), frozenset({"backup"})
Pairs = list[tuple[int, int | None]]


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def seat(agent: AgentId, used: int = 0, capacity: int = 4, **more: object) -> AgentSeat:
    plain = AgentSeat(agent, NAMES[agent], True, capacity, used, SUPPORT)
    return replace(plain, **more)  # type: ignore[arg-type]


def queue(serial: int = 1, **more: object) -> QueueRules:
    plain = QueueRules(QueueId(serial), f"Queue {serial}", pools=(Pool(SUPPORT),))
    return replace(plain, **more)  # type: ignore[arg-type]


def item(serial: int, waited_s: float = 0, queue_id: int = 1, **more: object) -> WaitingItem:
    plain = WaitingItem(WorkItemId(serial), QueueId(queue_id), ago(waited_s))
    return replace(plain, **more)  # type: ignore[arg-type]


def desk(*parts: AgentSeat | QueueRules | WaitingItem, now: datetime = NOW) -> Snapshot:
    return Snapshot(
        now,
        tuple(p for p in parts if isinstance(p, AgentSeat)),
        tuple(p for p in parts if isinstance(p, QueueRules)) or (queue(),),
        tuple(p for p in parts if isinstance(p, WaitingItem)),
    )


def pairs(snapshot: Snapshot) -> Pairs:
    return [(d.item.work_item_id, d.agent_id) for d in decide(snapshot, with_candidates=False)]


def served(snapshot: Snapshot) -> list[int]:
    return [work_item for work_item, _ in pairs(snapshot)]


def test_most_capacity_fills_the_emptiest_desk_first() -> None:
    snapshot = desk(seat(ANA, 2), seat(BO), *(item(n, 10 - n) for n in range(1, 4)))
    assert pairs(snapshot) == [(1, BO), (2, BO), (3, ANA)]


def test_equal_capacity_goes_to_who_is_idle_for_the_longest_then_by_number() -> None:
    idle = desk(seat(ANA, last_assigned_at=ago(60)), seat(BO, last_assigned_at=ago(90)), item(1))
    assert pairs(idle) == [(1, BO)]
    newcomer = desk(seat(ANA, last_assigned_at=ago(60)), seat(BO), item(1))
    assert pairs(newcomer) == [(1, BO)]
    assert pairs(desk(seat(BO), seat(ANA), item(1))) == [(1, ANA)]


def test_last_assigned_goes_round_whatever_the_capacity() -> None:
    seats = seat(ANA, 3, last_assigned_at=ago(90)), seat(BO, 0, last_assigned_at=ago(60))
    items = [item(n, 10 - n) for n in range(1, 5)]
    snapshot = desk(*seats, queue(rule=Rule.LAST_ASSIGNED), *items)
    assert pairs(snapshot) == [(1, ANA), (2, BO), (3, BO), (4, BO)]
    rejecting = replace(seats[0], used=0, last_offered_at=ago(5))
    assert pairs(desk(rejecting, seats[1], queue(rule=Rule.LAST_ASSIGNED), items[0])) == [(1, BO)]


def test_moments_keep_last_assigned_in_turn_even_while_the_clock_stands_still() -> None:
    seats, order = {ANA: seat(ANA, capacity=9), BO: seat(BO, capacity=9)}, []
    for serial in range(6):
        (made,) = decide(desk(*seats.values(), queue(rule=Rule.LAST_ASSIGNED), item(serial)))
        assert made.agent_id is not None
        seats[made.agent_id] = replace(seats[made.agent_id], last_offered_at=made.at)
        order.append(made.agent_id)
    assert order == [ANA, BO] * 3


def test_queues_go_by_order_and_items_by_priority_then_waiting_time() -> None:
    items = [
        item(1, 10, queue_id=2, priority=1),
        item(2, 10, priority=3),
        item(3, 99, priority=3),
        item(4, 5, priority=2),
    ]
    snapshot = desk(seat(ANA), queue(1, order=10), queue(2, order=20), *items)
    assert served(snapshot) == [4, 3, 2, 1]


def test_queues_of_one_order_are_considered_together() -> None:
    items = item(1, 10, queue_id=2), item(2, 20, queue_id=1), item(3, 5, queue_id=2, priority=1)
    assert served(desk(seat(ANA), queue(1), queue(2), *items)) == [3, 2, 1]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ((Sort.PRIORITY, Sort.OLDEST), [3, 1, 2]),
        ((Sort.OLDEST,), [1, 3, 2]),
        ((Sort.NEWEST,), [2, 3, 1]),
        ((Sort.PRIORITY, Sort.NEWEST), [3, 2, 1]),
        ((), [1, 3, 2]),
    ],
)
def test_a_queue_sorts_as_it_is_set(sort: tuple[Sort, ...], expected: list[int]) -> None:
    items = item(1, 30), item(2, 10), item(3, 20, priority=1)
    assert served(desk(seat(ANA), queue(sort=sort), *items)) == expected


def test_an_item_that_nobody_can_take_keeps_none_behind_it_waiting() -> None:
    snapshot = desk(seat(ANA, 3), item(1, 90, size=2), item(2, 60, passed={ANA}), item(3, 10))
    assert pairs(snapshot) == [(3, ANA)]


def test_an_earlier_pool_goes_before_a_later_one_that_is_open_too() -> None:
    pools = Pool(BACKUP, 30), Pool(SUPPORT)
    busy, idle = seat(ANA, 3), seat(BO, 0, groups=BACKUP)
    snapshot = desk(busy, idle, queue(pools=pools), item(1, 60), item(2, 50), item(3, 29))
    assert pairs(snapshot) == [(1, ANA), (2, BO)]
    assert decide(snapshot)[0].why(BO) == "Ana is in an earlier pool"


def test_a_pool_opens_to_the_second_and_the_wake_up_is_set_for_it() -> None:
    rules = queue(pools=(Pool(SUPPORT), Pool(BACKUP, 30)))
    waiting = desk(seat(ANA, groups=BACKUP), rules, item(1, 29))
    assert pairs(waiting) == []
    assert next_wake(waiting) == NOW + timedelta(seconds=1)
    assert pairs(replace(waiting, now=NOW + timedelta(seconds=1))) == [(1, ANA)]


def test_without_a_pool_nothing_is_assigned() -> None:
    assert pairs(desk(seat(ANA), queue(pools=()), item(1, 3600))) == []


def test_an_item_of_an_unknown_queue_is_left_alone() -> None:
    snapshot = desk(seat(ANA), item(1, queue_id=9))
    assert pairs(snapshot) == []
    assert explain(snapshot, snapshot.items[0]).reason == "its queue is not routed here"


def test_an_item_that_is_held_back_waits_for_its_moment() -> None:
    snapshot = desk(seat(ANA), item(1, 60, not_before=NOW + timedelta(seconds=20)))
    assert pairs(snapshot) == []
    assert next_wake(snapshot) == NOW + timedelta(seconds=20)
    assert pairs(replace(snapshot, now=NOW + timedelta(seconds=20))) == [(1, ANA)]


def test_an_agent_who_returns_is_filled_gradually() -> None:
    snapshot = desk(seat(ANA, ramp_s=20), item(1, 60), item(2, 50))
    assert pairs(snapshot) == [(1, ANA)]
    offered = desk(seat(ANA, 1, ramp_s=20, last_offered_at=NOW), item(2, 50))
    assert pairs(offered) == []
    assert next_wake(offered) == NOW + timedelta(seconds=20)
    assert pairs(replace(offered, now=NOW + timedelta(seconds=20))) == [(2, ANA)]


def test_with_nothing_to_wait_for_there_is_no_wake_up() -> None:
    assert next_wake(desk(seat(ANA, ramp_s=20, last_offered_at=NOW))) is None
    assert next_wake(desk(seat(ANA, 4), item(1, 60), item(2, queue_id=9))) is None


def test_a_clock_behind_another_machines_leaves_the_first_pool_open() -> None:
    ahead = seat(ANA, last_assigned_at=NOW + timedelta(seconds=5))
    assert pairs(desk(ahead, seat(BO), item(1, -5), item(2, -5))) == [(1, BO), (2, ANA)]


def test_a_decision_says_how_to_offer() -> None:
    (asked,) = decide(desk(seat(ANA), queue(accept_timeout_s=30), item(1)))
    assert (asked.accept_timeout, asked.auto_accept) == (timedelta(seconds=30), False)
    (given_,) = decide(desk(seat(ANA), queue(accept_timeout_s=30, auto_accept=True), item(1)))
    assert (given_.accept_timeout, given_.auto_accept) == (None, True)


def test_a_run_can_be_limited() -> None:
    snapshot = desk(seat(ANA), *(item(n, 10 - n) for n in range(4)))
    assert [d.item.work_item_id for d in decide(snapshot, limit=2)] == [0, 1]
    assert decide(snapshot, limit=0) == ()


EXCUSES = [
    ({"used": 4}, "at capacity 4/4"),
    ({"used": 5}, "at capacity 5/4"),
    ({"used": 3}, "needs 2, has 1 of 4 free"),
    ({"works": False}, "not available"),
    ({"id": CLEO}, "rejected it before"),
    ({"groups": BACKUP}, "not in a group of this queue yet: in 30 s"),
    ({"groups": frozenset()}, "not in a group of this queue"),
    ({"ramp_s": 20.0, "last_offered_at": ago(5.5)}, "filled gradually: in 15 s"),
    ({"used": 1}, "less free capacity: 3, Ana has 4"),
    ({"last_assigned_at": ago(60)}, "had new work more recently than Ana"),
    ({}, "equal to Ana, who is listed first"),
]


@pytest.mark.parametrize(("how", "reason"), EXCUSES)
def test_everybody_who_is_passed_over_can_read_why(how: dict[str, object], reason: str) -> None:
    other = replace(seat(BO), **how)  # type: ignore[arg-type]
    rules = queue(pools=(Pool(SUPPORT), Pool(BACKUP, 90)))
    snapshot = desk(seat(ANA), other, rules, item(1, 60, size=2, passed=frozenset({CLEO})))
    (decision,) = decide(snapshot)
    assert decision.why(other.id) == reason
    assert decision.why(ANA) == decision.reason == "chosen by most capacity: 4 of 4 free"


def test_what_nobody_can_take_is_explained_too() -> None:
    held = item(1, 60, not_before=NOW + timedelta(seconds=20))
    told = explain(desk(seat(ANA), held), held)
    assert (told.agent_id, told.reason) == (None, "nobody can take it now")
    assert told.why(ANA) == "the item is held back: in 20 s"


def test_capacity_given_earlier_in_the_run_counts_in_an_explanation() -> None:
    snapshot = desk(seat(ANA, 3), item(1, 60), item(2, 30))
    told = explain(snapshot, snapshot.items[1], after=decide(snapshot))
    assert told.why(ANA) == "at capacity 4/4"


def may_take(snapshot: Snapshot, work: WaitingItem, agent: AgentSeat, pool: Pool) -> bool:
    waited = (snapshot.now - work.queued_at).total_seconds()
    rested = agent.last_offered_at is None or agent.ramp_s == 0
    if agent.last_offered_at is not None:
        rested |= (snapshot.now - agent.last_offered_at).total_seconds() >= agent.ramp_s
    return (
        (work.not_before is None or work.not_before <= snapshot.now)
        and pool.after_s <= max(waited, 0)
        and bool(pool.groups & agent.groups)
        and agent.works
        and agent.id not in work.passed
        and agent.used + work.size <= agent.capacity
        and rested
    )


def reference(snapshot: Snapshot) -> Iterator[tuple[int, AgentSeat]]:
    """Each item looks at each agent. Yields the item and the agent as they were before it."""
    agents = {agent.id: agent for agent in snapshot.agents}
    queues = {rules.id: rules for rules in snapshot.queues}
    turns = {
        agent.id: (max(agent.last_assigned_at or NEVER, agent.last_offered_at or NEVER), 0)
        for agent in snapshot.agents
    }
    routed = [work for work in snapshot.items if work.queue_id in queues]
    routed.sort(key=lambda w: (queues[w.queue_id].order, w.priority, w.queued_at, w.work_item_id))
    for turn, work in enumerate(routed, 1):
        rules = queues[work.queue_id]
        for pool in sorted(rules.pools, key=lambda pool: pool.after_s):
            able = [a for a in agents.values() if may_take(snapshot, work, a, pool)]
            most = max((a.free for a in able), default=0)
            if rules.rule is Rule.MOST_CAPACITY:
                able = [a for a in able if a.free == most]
            if able:
                best = min(able, key=lambda a: (*turns[a.id], a.id))
                yield work.work_item_id, best
                used = best.used + work.size
                agents[best.id] = replace(best, used=used, last_offered_at=snapshot.now)
                turns[best.id] = (snapshot.now, turn)
                break


def some_desk(seed: int, agents: int = 6, items: int = 20) -> Snapshot:
    """A desk on which work, room for it and every excuse are about equally frequent."""
    r = Random(seed)
    pick, number = r.choice, r.randint

    def groups() -> frozenset[str]:
        return frozenset(pick(["support", "backup", "vip"]) for _ in range(pick([0, 1, 1, 2, 2])))

    def moment() -> datetime | None:
        return pick([None, ago(number(0, 90)), ago(60)])

    def member(n: int) -> AgentSeat:
        works, ramp_s = pick([True, True, True, False]), pick([0.0, 0.0, 0.0, 30.0])
        last = moment(), moment()
        return AgentSeat(
            AgentId(n), "Ana", works, number(2, 6), number(0, 3), groups(), *last, ramp_s
        )

    def rules(n: int) -> QueueRules:
        pools = tuple(
            Pool(groups(), pick([0.0, 0.0, 30.0, 60.0])) for _ in range(pick([0, 1, 2, 3, 3]))
        )
        return QueueRules(QueueId(n), "Support", number(1, 2), pick(list(Rule)), pools)

    def waiting(n: int) -> WaitingItem:
        passed = frozenset(AgentId(number(1, agents)) for _ in range(number(0, 2)))
        priority, size, held_until = (
            number(1, 3),
            number(1, 3),
            pick([None, None, moment(), ago(-9)]),
        )
        since, place = ago(number(-5, 90)), QueueId(number(1, 4))
        return WaitingItem(WorkItemId(n), place, since, priority, size, passed, held_until)

    seats = tuple(member(n) for n in range(1, number(1, agents) + 1))
    works = tuple(waiting(n) for n in range(1, items + 1))
    return Snapshot(NOW, seats, tuple(map(rules, (1, 2, 3))), works)


snapshots = st.integers(0, 2**32).map(some_desk)


@settings(max_examples=1500, deadline=None)
@given(snapshots)
def test_every_decision_is_the_one_that_looking_at_everybody_gives(snapshot: Snapshot) -> None:
    assert pairs(snapshot) == [(work, best.id) for work, best in reference(snapshot)]


@settings(max_examples=500, deadline=None)
@given(snapshots)
def test_nobody_gets_what_they_may_not_take_and_nobody_able_is_left_idle(
    snapshot: Snapshot,
) -> None:
    seats = {agent.id: agent for agent in snapshot.agents}
    pools = {rules.id: rules.pools for rules in snapshot.queues}
    waiting = {work.work_item_id: work for work in snapshot.items if work.queue_id in pools}
    for decision in decide(snapshot, with_candidates=False):
        assert decision.agent_id is not None
        agent, work = seats[decision.agent_id], waiting.pop(decision.item.work_item_id)
        assert any(may_take(snapshot, work, agent, pool) for pool in pools[work.queue_id])
        seats[agent.id] = replace(agent, used=agent.used + work.size, last_offered_at=snapshot.now)
        assert seats[agent.id].used <= agent.capacity
    assert not any(
        may_take(snapshot, work, agent, pool)
        for work in waiting.values()
        for agent in seats.values()
        for pool in pools[work.queue_id]
    )


@settings(max_examples=300, deadline=None)
@given(snapshots)
def test_the_order_of_rows_changes_no_decision(snapshot: Snapshot) -> None:
    turned = Snapshot(
        snapshot.now, snapshot.agents[::-1], snapshot.queues[::-1], snapshot.items[::-1]
    )
    assert decide(turned, with_candidates=False) == decide(snapshot, with_candidates=False)


@settings(max_examples=300, deadline=None)
@given(snapshots)
def test_each_decision_can_be_explained_afterwards_as_it_was_made(snapshot: Snapshot) -> None:
    decisions = decide(snapshot)
    for place, decision in enumerate(decisions):
        assert explain(snapshot, decision.item, decisions[:place]) == decision
        chosen = [c.agent_id for c in decision.candidates if c.reason.startswith("chosen")]
        assert chosen == [decision.agent_id]


@settings(max_examples=300, deadline=None)
@given(snapshots, st.floats(0, 1))
def test_nothing_changes_by_time_alone_before_the_wake_up(snapshot: Snapshot, part: float) -> None:
    wake = next_wake(snapshot) or snapshot.now + timedelta(days=1)
    assert wake > snapshot.now
    just_before = timedelta(seconds=(wake - snapshot.now).total_seconds() * part * 0.999)
    assert pairs(replace(snapshot, now=snapshot.now + just_before)) == pairs(snapshot)


@pytest.mark.parametrize("seed", range(3))
def test_a_large_desk_is_decided_without_meeting_everybody_for_each_item(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    met = 0

    def count(_: Ask, __: AgentSeat) -> None:
        nonlocal met
        met += 1

    monkeypatch.setattr(routing, "CHECKS", (count, *routing.CHECKS))
    large = some_desk(seed, agents=1_000, items=10_000)
    decisions = decide(large, with_candidates=False)
    assert 100 < len(decisions) < met < 5 * len(decisions)

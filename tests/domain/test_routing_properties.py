"""What holds for routing on any desk, and what a large one costs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain import benches
from agentdesk.domain.ids import AgentId
from agentdesk.domain.policy import SkillNeed
from agentdesk.domain.routing import decide, explain, next_wake, passed_by_all
from agentdesk.domain.snapshot import AgentSeat, Snapshot, WaitingItem
from tests.domain.routing_desks import (
    Reference,
    may_take,
    pairs,
    some_desk,
    sort_key,
    taking,
    tier_of,
)

snapshots = st.integers(0, 2**32).map(some_desk)


def waiting_and_seats(
    snapshot: Snapshot,
) -> tuple[dict[int, WaitingItem], dict[AgentId, AgentSeat]]:
    """What is left to decide, and the seats, after every decision was carried out."""
    seats = {agent.id: agent for agent in snapshot.agents}
    waiting = {work.work_item_id: work for work in snapshot.items}
    for decision in decide(snapshot, with_candidates=False):
        assert decision.agent_id is not None
        work = waiting.pop(decision.item.work_item_id)
        seats[decision.agent_id] = taking(seats[decision.agent_id], work, snapshot.now)
    return {w.work_item_id: w for w in waiting.values()}, seats


@settings(max_examples=1500, deadline=None)
@given(snapshots)
def test_every_decision_is_the_one_that_looking_at_everybody_gives(snapshot: Snapshot) -> None:
    expected = [(work.work_item_id, best.id) for work, best in Reference(snapshot).decisions()]
    assert pairs(snapshot) == expected


@settings(max_examples=500, deadline=None)
@given(snapshots)
def test_nobody_gets_what_they_may_not_take_or_have_no_room_for(snapshot: Snapshot) -> None:
    seats = {agent.id: agent for agent in snapshot.agents}
    pools = {rules.id: rules.pools for rules in snapshot.queues}
    given_: set[int] = set()
    for decision in decide(snapshot, with_candidates=False):
        assert decision.agent_id is not None
        agent, work = seats[decision.agent_id], decision.item
        assert work.work_item_id not in given_
        given_.add(work.work_item_id)
        assert any(may_take(snapshot, work, agent, pool) for pool in pools[work.queue_id])
        after = seats[agent.id] = taking(agent, work, snapshot.now)
        assert sum(after.used.values()) <= after.limits.total
        assert after.used[work.channel] <= after.limits.channels.get(work.channel, 99)


@settings(max_examples=500, deadline=None)
@given(snapshots)
def test_no_item_is_left_while_somebody_able_has_room_for_it(snapshot: Snapshot) -> None:
    pools = {rules.id: rules.pools for rules in snapshot.queues}
    waiting, seats = waiting_and_seats(snapshot)
    assert not any(
        may_take(snapshot, work, agent, pool)
        for work in waiting.values()
        for agent in seats.values()
        for pool in pools.get(work.queue_id, ())
    )


@settings(max_examples=300, deadline=None)
@given(snapshots)
def test_the_order_of_rows_changes_no_decision(snapshot: Snapshot) -> None:
    turned = replace(
        snapshot,
        agents=snapshot.agents[::-1],
        queues=snapshot.queues[::-1],
        items=snapshot.items[::-1],
    )
    assert decide(turned, with_candidates=False) == decide(snapshot, with_candidates=False)


@settings(max_examples=300, deadline=None)
@given(snapshots)
def test_rounds_go_up_and_in_each_round_the_order_of_queues_and_items_holds(
    snapshot: Snapshot,
) -> None:
    seats = {agent.id: agent for agent in snapshot.agents}
    queues = {rules.id: rules for rules in snapshot.queues}
    places = []
    for decision in decide(snapshot, with_candidates=False):
        assert decision.agent_id is not None
        rules = queues[decision.item.queue_id]
        tier = tier_of(rules, seats[decision.agent_id])
        places.append((tier, rules.position, rules.sort, *sort_key(rules, decision.item)))
    assert places == sorted(places)


@settings(max_examples=300, deadline=None)
@given(snapshots)
def test_whom_an_item_prefers_gets_it_only_if_they_could_without(snapshot: Snapshot) -> None:
    seats = {agent.id: agent for agent in snapshot.agents}
    queues = {rules.id: rules for rules in snapshot.queues}
    for decision in decide(snapshot, with_candidates=False):
        assert decision.agent_id is not None
        work, rules = decision.item, queues[decision.item.queue_id]
        tier = tier_of(rules, seats[decision.agent_id])
        able = [
            p.agent_id
            for p in work.preferred
            if p.agent_id in seats
            and tier_of(rules, seats[p.agent_id]) == tier
            and any(may_take(snapshot, work, seats[p.agent_id], pool) for pool in rules.pools)
        ]
        if able:
            assert decision.agent_id == able[0]
        seats[decision.agent_id] = taking(seats[decision.agent_id], work, snapshot.now)


@settings(max_examples=300, deadline=None)
@given(snapshots)
def test_each_decision_can_be_explained_afterwards_as_it_was_made(snapshot: Snapshot) -> None:
    decisions = decide(snapshot)
    for place, decision in enumerate(decisions):
        told = explain(snapshot, decision.item, decisions[:place])
        assert replace(told, candidates=()) == replace(decision, candidates=())
        assert {c.agent_id for c in decision.candidates} <= {c.agent_id for c in told.candidates}
        for candidates in (decision.candidates, told.candidates):
            chosen = [c.agent_id for c in candidates if c.reason.startswith("chosen")]
            assert chosen == [decision.agent_id]


@settings(max_examples=300, deadline=None)
@given(snapshots, st.floats(0, 1))
def test_nothing_changes_by_time_alone_before_the_wake_up(snapshot: Snapshot, part: float) -> None:
    wake = next_wake(snapshot) or snapshot.now + timedelta(days=1)
    assert wake > snapshot.now
    just_before = timedelta(seconds=(wake - snapshot.now).total_seconds() * part * 0.999)
    assert pairs(replace(snapshot, now=snapshot.now + just_before)) == pairs(snapshot)


@settings(max_examples=500, deadline=None)
@given(snapshots)
def test_an_item_is_passed_by_all_when_nobody_at_work_is_left_to_ask(snapshot: Snapshot) -> None:
    later, roomy = snapshot.now + timedelta(days=1), []
    for agent in snapshot.agents:
        limits = replace(agent.limits, total=99, channels={})
        roomy.append(replace(agent, limits=limits, used={}, last_offered_at=None))
    pools = {rules.id: rules.pools for rules in snapshot.queues}
    expected = set()
    for work in snapshot.items:
        resting = {a for a, until in work.rests.items() if until > snapshot.now}
        barred = replace(work, passed=work.passed | resting, rests={})
        asked = replace(snapshot, now=later)
        left = any(
            may_take(asked, barred, agent, pool)
            for agent in roomy
            for pool in pools.get(work.queue_id, ())
        )
        if (work.passed or work.rests) and not left and work.queue_id in pools:
            expected.add(work.work_item_id)
    assert {w.work_item_id for w in passed_by_all(snapshot)} == expected


class Met:
    """How many entries of benches a run touched."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0

        def heappop(heap: list[object]) -> object:
            self.count += 1
            return pop(heap)

        pop = benches.heappop
        monkeypatch.setattr(benches, "heappop", heappop)


@pytest.mark.parametrize("seed", range(3))
def test_a_large_desk_is_decided_without_meeting_everybody_for_each_item(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = some_desk(seed, agents=1_000, items=10_000)
    met = Met(monkeypatch)
    decisions = decide(large, with_candidates=False)
    assert 100 < len(decisions) <= met.count < len(decisions) * len(large.agents) / 10


def test_what_nobody_can_take_costs_no_look_at_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    large = some_desk(1, agents=1_000, items=10_000)
    nobodys = (SkillNeed("icelandic"),)
    items = tuple(
        replace(w, needs=nobodys, passed=frozenset(), rests={}, preferred=()) for w in large.items
    )
    met = Met(monkeypatch)
    assert decide(replace(large, items=items)) == ()
    big = tuple(replace(w, needs=(), size=7, passed=frozenset(), rests={}) for w in items)
    assert decide(replace(large, items=big)) == ()
    assert met.count == 0

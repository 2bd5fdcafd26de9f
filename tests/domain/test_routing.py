"""Routing by example."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agentdesk.domain.capacity import Limits
from agentdesk.domain.policy import AutoAccept, Rule, SkillNeed, Sort
from agentdesk.domain.routing import decide, explain, next_wake, passed_by_all
from agentdesk.domain.snapshot import Pool
from agentdesk.domain.work import Preferred
from tests.domain.routing_desks import (
    ANA,
    AWAY,
    BACKUP,
    BO,
    CLEO,
    MAIL_ONLY,
    NOW,
    SUPPORT,
    ago,
    desk,
    item,
    pairs,
    queue,
    seat,
    served,
)

GERMAN = SkillNeed("german", 3)
WISHES = (SkillNeed("german", 1, mandatory=False), SkillNeed("billing", 1, mandatory=False))


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
    rejecting = replace(seats[0], used={}, last_offered_at=ago(5))
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
    snapshot = desk(seat(ANA), queue(1, position=10), queue(2, position=20), *items)
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
    assert explain(snapshot, snapshot.items[0]).why(BO) == "Ana is in an earlier pool"


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
    assert explain(snapshot, snapshot.items[0]).reason == "its queue is not routed now"


def test_who_let_an_item_pass_rests_from_it_and_others_do_not() -> None:
    snapshot = desk(seat(ANA), item(1, 60, rests={ANA: NOW + timedelta(seconds=20)}))
    assert pairs(snapshot) == []
    assert next_wake(snapshot) == NOW + timedelta(seconds=20)
    assert pairs(replace(snapshot, now=NOW + timedelta(seconds=20))) == [(1, ANA)]
    assert pairs(replace(snapshot, agents=(seat(ANA), seat(BO)))) == [(1, BO)]


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
    assert (asked.accept_timeout, asked.auto_accept) == (timedelta(seconds=30), AutoAccept.NO)
    giving = queue(accept_timeout_s=30, auto_accept=AutoAccept.CARD_AND_TAB)
    (given_,) = decide(desk(seat(ANA), giving, item(1)))
    assert (given_.accept_timeout, given_.auto_accept) == (None, AutoAccept.CARD_AND_TAB)


def test_a_run_can_be_limited() -> None:
    snapshot = desk(seat(ANA), *(item(n, 10 - n) for n in range(4)))
    assert [d.item.work_item_id for d in decide(snapshot, limit=2)] == [0, 1]
    assert decide(snapshot, limit=0) == ()


def test_a_pool_may_have_a_rule_of_its_own() -> None:
    seats = seat(ANA, 0, last_assigned_at=ago(60)), seat(BO, 2, last_assigned_at=ago(90))
    assert pairs(desk(*seats, item(1))) == [(1, ANA)]
    turns = queue(pools=(Pool(SUPPORT, rule=Rule.LAST_ASSIGNED),))
    assert pairs(desk(*seats, turns, item(1))) == [(1, BO)]


def test_a_pool_without_groups_is_for_everybody() -> None:
    assert pairs(desk(seat(ANA, groups=frozenset()), queue(pools=(Pool(),)), item(1))) == [(1, ANA)]


def test_a_night_on_which_the_queue_was_closed_opens_no_pool() -> None:
    rules = queue(pools=(Pool(BACKUP), Pool(SUPPORT, 60)))
    overnight = item(1, 50_000, counted_from=ago(20))
    snapshot = desk(seat(ANA), rules, overnight)
    assert pairs(snapshot) == []
    assert next_wake(snapshot) == NOW + timedelta(seconds=40)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [((Sort.SERVICE_LEVEL,), [2, 3, 1]), ((Sort.VIP, Sort.OLDEST), [3, 1, 2])],
)
def test_targets_and_important_customers_can_come_first(
    sort: tuple[Sort, ...], expected: list[int]
) -> None:
    items = item(1, 30), item(2, 10, target_at=ago(5)), item(3, 20, vip=True, target_at=ago(-5))
    assert served(desk(seat(ANA), queue(sort=sort), *items)) == expected


def test_a_mandatory_skill_keeps_others_away_and_its_level_ranks_nobody() -> None:
    fluent, good, some = (
        seat(a, used, skills={"german": level})
        for a, used, level in ((ANA, 2, 5), (BO, 1, 3), (CLEO, 0, 2))
    )
    snapshot = desk(fluent, good, some, item(1, needs=(GERMAN,)))
    assert pairs(snapshot) == [(1, BO)]


def test_more_wished_skills_beat_a_higher_level_and_that_beats_the_rule() -> None:
    both, one = seat(ANA, 3, skills={"german": 1, "billing": 1}), seat(BO, skills={"german": 5})
    assert pairs(desk(both, one, item(1, needs=WISHES))) == [(1, ANA)]
    better = seat(CLEO, 3, skills={"german": 2, "billing": 1})
    assert pairs(desk(both, one, better, item(1, needs=WISHES))) == [(1, CLEO)]
    assert pairs(desk(seat(ANA, 3), seat(BO), item(1, needs=WISHES))) == [(1, BO)]


def test_who_is_preferred_goes_first_in_their_order_if_they_can_take_it() -> None:
    wanted = item(1, preferred=(Preferred(CLEO, "owns a case"), Preferred(BO, "answered last")))
    away = seat(CLEO, presence=AWAY)
    assert pairs(desk(seat(ANA), seat(BO, 3), away, wanted)) == [(1, BO)]
    assert pairs(desk(seat(ANA), seat(BO, 4), away, wanted)) == [(1, ANA)]
    outsider = seat(BO, groups=BACKUP)
    assert pairs(desk(seat(ANA), outsider, away, wanted)) == [(1, ANA)]
    later = queue(pools=(Pool(SUPPORT), Pool(BACKUP, 5)))
    waiting = replace(wanted, queued_at=ago(9))
    assert pairs(desk(seat(ANA), outsider, away, later, waiting)) == [(1, BO)]


def test_groups_serve_their_queues_in_rounds() -> None:
    first = queue(1, position=10, pools=(Pool(SUPPORT | BACKUP),), orders={"backup": 200})
    second = queue(2, position=20, pools=(Pool(SUPPORT | BACKUP),), orders={"backup": 50})
    ana, bo = seat(ANA, 3), seat(BO, 3, groups=BACKUP)
    items = item(1, 90), item(2, 60), item(3, 30, queue_id=2)
    assert pairs(desk(ana, bo, first, second, *items)) == [(3, BO), (1, ANA)]
    only_backup = desk(bo, first, items[0])
    assert pairs(only_backup) == [(1, BO)]


def test_of_several_groups_the_lowest_order_counts_if_it_may_serve_the_queue() -> None:
    rules = queue(pools=(Pool(SUPPORT),), orders={"support": 20, "backup": 10})
    assert rules.tier(seat(ANA, groups=SUPPORT | BACKUP)) == 20
    assert rules.tier(seat(ANA, groups=BACKUP)) == 100
    everybody = replace(rules, pools=(Pool(SUPPORT), Pool(frozenset(), 60)))
    assert everybody.tier(seat(ANA, groups=BACKUP)) == 10


def test_channels_have_room_of_their_own_and_presences_take_only_some() -> None:
    chat = item(1, channel="chat")
    full = seat(ANA, limits=Limits(9, {"chat": 1}), used={"chat": 1})
    assert pairs(desk(full, chat)) == []
    assert pairs(desk(full, item(1))) == [(1, ANA)]
    assert pairs(desk(seat(ANA, presence=MAIL_ONLY), chat)) == []
    assert pairs(desk(seat(ANA, presence=MAIL_ONLY), item(1))) == [(1, ANA)]
    both = desk(seat(ANA, capacity=2), item(1, 9, channel="chat"), item(2, 5), item(3, 1))
    assert served(both) == [1, 2]


def test_nobody_is_left_once_everybody_at_work_let_an_item_pass() -> None:
    said_no = item(1, passed=frozenset({ANA}))
    assert passed_by_all(desk(seat(ANA), said_no)) == (said_no,)
    assert passed_by_all(desk(seat(ANA), seat(BO, presence=AWAY), said_no)) == (said_no,)
    assert passed_by_all(desk(seat(ANA), seat(BO, 4), said_no)) == ()
    assert passed_by_all(desk(seat(ANA), item(1))) == ()
    needing = replace(said_no, needs=(GERMAN,))
    assert passed_by_all(desk(seat(ANA), seat(BO), needing)) == (needing,)
    later = queue(pools=(Pool(SUPPORT), Pool(BACKUP, 600)))
    assert passed_by_all(desk(seat(ANA), seat(BO, groups=BACKUP), later, said_no)) == ()

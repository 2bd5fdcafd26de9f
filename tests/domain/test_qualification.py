"""What new work is, by a policy and the facts of its record."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.facts import Facts, facts
from agentdesk.domain.policy import EMAIL, ChannelSetup, Policy, QueueSetup, SkillNeed, WorkRule
from agentdesk.domain.qualification import Criteria, merged

URGENT = ChannelSetup("urgent", "Urgent", condition='subject contains "urgent"', order=10, size=2)
SUPPORT = QueueSetup("support", "Support")
REFUNDS = QueueSetup("refunds", "Refunds", position=20, condition='subject contains "refund"')
VIPS = QueueSetup("vips", "Important", position=10, condition="customer.vip")
POLICY = Policy(queues=(SUPPORT, REFUNDS, VIPS))
REFUND = facts({"subject": "Refund for order 5512"})
HELLO = facts({"subject": "Hello"})


def test_the_first_queue_by_position_whose_condition_holds_takes_it() -> None:
    what = Criteria(POLICY)
    assert what.qualify(REFUND, SUPPORT).queue == REFUNDS
    both = facts({"subject": "Refund", "customer.vip": True})
    assert what.qualify(both, SUPPORT).queue == VIPS
    assert what.qualify(both, SUPPORT).why == "Important takes what meets: customer.vip"


def test_else_the_queue_that_was_named_takes_it() -> None:
    found = Criteria(POLICY).qualify(HELLO, SUPPORT)
    assert (found.queue, found.why) == (SUPPORT, "")


def test_a_queue_that_is_gone_takes_it_as_usual_work() -> None:
    found = Criteria(POLICY).qualify(HELLO, None)
    assert (found.queue, found.channel, found.size, found.priority) == (None, EMAIL, 1, 3)


def test_the_first_channel_whose_condition_holds_decides_size_and_queues() -> None:
    policy = replace(POLICY, channels=(EMAIL, URGENT))
    found = Criteria(policy).qualify(facts({"subject": "Urgent: where is it"}), SUPPORT)
    assert (found.channel, found.queue, found.size) == (URGENT, SUPPORT, 2)
    assert Criteria(policy).qualify(HELLO, SUPPORT).channel == EMAIL


def test_a_queue_gets_by_itself_only_work_of_its_channel() -> None:
    mine = replace(REFUNDS, channel="urgent")
    policy = Policy(channels=(EMAIL, URGENT), queues=(SUPPORT, mine))
    assert Criteria(policy).qualify(REFUND, SUPPORT).queue == SUPPORT
    urgent = facts({"subject": "Urgent refund"})
    assert Criteria(policy).qualify(urgent, SUPPORT).queue == mine


def test_a_named_queue_brings_its_channel_where_the_record_meets_it() -> None:
    complaints = ChannelSetup("complaints", "Complaints", size=3)
    queue = QueueSetup("board", "Board", channel="complaints")
    policy = Policy(channels=(EMAIL, complaints, URGENT), queues=(SUPPORT, queue))
    assert Criteria(policy).qualify(HELLO, queue).channel == complaints
    assert Criteria(policy).qualify(HELLO, queue).size == 3
    foreign = replace(queue, channel="urgent")
    assert Criteria(policy).qualify(HELLO, foreign).channel == EMAIL


def test_a_record_that_is_work_of_no_channel_is_not_lost() -> None:
    strict = Policy(channels=(URGENT, replace(EMAIL, condition="customer.vip")), queues=(SUPPORT,))
    what = Criteria(strict)
    assert what.qualify(HELLO, SUPPORT).channel.key == "email"
    assert not what.meets_any(HELLO)


def test_channels_of_other_tables_are_no_concern_of_a_mail() -> None:
    cases = ChannelSetup("case", "Cases", table="case", order=1)
    assert Criteria(Policy(channels=(cases, EMAIL))).qualify(HELLO, SUPPORT).channel == EMAIL


def test_rules_say_size_and_priority_first_come_and_skills_all_together() -> None:
    rules = (
        WorkRule("spanish", 'customer.language = "es"', skills=(SkillNeed("es", 3),)),
        WorkRule(
            "refund", 'subject contains "refund"', size=2, skills=(SkillNeed("es", 2, False),)
        ),
        WorkRule("money", 'subject contains "refund"', 4, 1, (SkillNeed("money", 1, False),)),
        WorkRule("all", "", 5, 5),
    )
    queue = replace(SUPPORT, skills=(SkillNeed("english", 2),), size=9)
    policy = Policy(queues=(queue,), work_rules=rules)
    spanish = facts({"subject": "refund", "customer.language": "es"})
    found = Criteria(policy).qualify(spanish, queue)
    assert (found.size, found.priority) == (2, 1)
    assert found.needs == (
        SkillNeed("english", 2),
        SkillNeed("es", 3),
        SkillNeed("money", 1, False),
    )
    assert Criteria(replace(policy, work_rules=())).qualify(spanish, queue).size == 9


def test_a_queue_may_ask_for_the_priority_that_a_rule_gave() -> None:
    hot = QueueSetup("hot", "Hot", condition="priority = 1")
    policy = Policy(
        queues=(SUPPORT, hot), work_rules=(WorkRule("r", 'subject = "Hello"', None, 1),)
    )
    assert Criteria(policy).qualify(HELLO, SUPPORT).queue == hot
    assert Criteria(policy).qualify(REFUND, SUPPORT).queue == SUPPORT


def test_a_channel_may_ask_for_the_priority_that_a_rule_gave() -> None:
    hot = ChannelSetup("hot", "Hot", condition="priority = 1", order=1)
    rules = (WorkRule("r", 'subject = "Hello"', None, 1), WorkRule("s", 'channel = "hot"', 7))
    what = Criteria(Policy(channels=(EMAIL, hot), queues=(SUPPORT,), work_rules=rules))
    found = what.qualify(HELLO, SUPPORT)
    assert (found.channel, found.priority, found.size) == (hot, 1, 7)
    found = what.qualify(HELLO, SUPPORT, 4)
    assert (found.channel, found.priority, found.size) == (EMAIL, 4, 1)


def test_moved_work_keeps_its_priority_and_takes_the_size_and_skills_of_the_queue() -> None:
    hard = replace(REFUNDS, size=3, skills=(SkillNeed("money"),))
    rules = (WorkRule("low", "priority = 5", skills=(SkillNeed("patience"),)),)
    found = Criteria(Policy(queues=(SUPPORT, hard), work_rules=rules)).requalify(HELLO, hard, 5)
    assert (found.queue, found.priority, found.size) == (hard, 5, 3)
    assert found.needs == (SkillNeed("money"), SkillNeed("patience"))


def test_work_is_of_its_channel_while_the_condition_holds() -> None:
    what = Criteria(replace(POLICY, channels=(EMAIL, URGENT)))
    assert what.meets(HELLO, "email")
    assert not what.meets(HELLO, "urgent")
    assert what.meets(HELLO, "a channel that is gone")


def test_a_condition_that_cannot_be_read_is_never_met_and_stops_nothing() -> None:
    broken = QueueSetup("broken", "Broken", condition="subject contains", position=1)
    what = Criteria(replace(POLICY, queues=(broken, *POLICY.queues)))
    assert what.qualify(REFUND, SUPPORT).queue == REFUNDS


def test_only_what_conditions_name_needs_to_be_known() -> None:
    listed = QueueSetup("lists", "Lists", condition='header["List-ID"] is not empty')
    what = Criteria(replace(POLICY, queues=(*POLICY.queues, listed)))
    assert what.fields == {"subject", "customer.vip"}
    assert what.headers == {"list-id"}
    assert Criteria(Policy(queues=(SUPPORT,))).fields == frozenset()


needs = st.builds(SkillNeed, st.sampled_from("abc"), st.integers(1, 5), st.booleans())


@given(st.lists(needs))
def test_merged_skills_are_each_the_strictest_in_any_order(several: list[SkillNeed]) -> None:
    found = {n.skill: n for n in merged(several)}
    assert len(found) == len(merged(several))
    for skill, need in found.items():
        same = [n for n in several if n.skill == skill]
        assert need.level == max(n.level for n in same)
        assert need.mandatory is any(n.mandatory for n in same)
    assert {n.skill for n in several} == set(found)
    assert set(merged(reversed(several))) == set(found.values())


def test_nothing_known_is_usual_work() -> None:
    assert Criteria(POLICY).qualify(Facts(), SUPPORT).queue == SUPPORT

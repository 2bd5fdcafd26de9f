"""Why work goes to one agent and not to another."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agentdesk import services
from agentdesk.domain.board import Explanation
from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import WorkItemId
from agentdesk.domain.policy import Hours, ScheduleSetup, SkillNeed, SkillSetup
from agentdesk.storage import work
from tests.desks import POLICY, World, mail


async def waiting(world: World) -> WorkItemId:
    """The item that waits for the longest."""
    async with world.desk.store.read() as tx:
        return WorkItemId((await work.queued(tx))[0].id)


def said(told: Explanation) -> dict[str, str]:
    """What each agent reads, by first name."""
    return {reason.agent.split()[0]: reason.why for reason in told.reasons}


async def test_a_waiting_item_says_what_keeps_each_agent_from_it(world: World) -> None:
    ana, ben, sue = POLICY.agents
    support, sales = POLICY.queues
    await world.change_policy(
        skills=(SkillSetup("german", "German"),),
        agents=(replace(ana, skills={"german": 1}), replace(ben, skills={"german": 3}), sue),
        queues=(replace(support, skills=(SkillNeed("german", 3),)), sales),
    )
    await world.arrive(mail())
    ana_, ben_ = await world.sign_in("ana"), await world.sign_in("ben")
    await services.presence.set_presence(world.desk, ben_, "away")
    told = await services.explaining.why(world.desk, ana_, await waiting(world))
    since = world.clock.now().astimezone()
    assert said(told) == {
        "Ana": "lacks German 3 (has 1)",
        "Ben": f"Away since {since:%H:%M} takes no work",
        "Sue": "is in no group that serves this queue",
    }
    assert [reason.agent for reason in told.reasons] == ["Ben Okafor", "Ana Ruiz", "Sue Lind"]
    assert told.sentence == (
        "Nobody can take it now: 1 without a skill that it needs, 1 not at work."
    )
    assert (told.subject, told.queue, told.at) == ("Order 5512 damaged", "Support", None)


async def test_an_offer_says_why_it_is_whose_it_is_and_who_rejected_it_before(
    world: World,
) -> None:
    await world.arrive(mail())
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    (card,) = await world.inbox("ana")
    told = await services.explaining.why(world.desk, ben, card.work_item_id)
    at = world.clock.now().astimezone()
    until = at + timedelta(seconds=60)
    assert told.sentence == f"Offered to Ana Ruiz since {at:%H:%M} until {until:%H:%M}."
    assert said(told) == {
        "Ana": "chosen by most capacity: 4 of 4 free",
        "Ben": "has less free capacity: 2, Ana Ruiz has 4",
    }
    assert told.reasons[0].chosen
    assert [p.sentence for p in told.past] == ["Ana Ruiz was chosen by most capacity: 4 of 4 free."]
    assert told.past[0].at == world.clock.now()
    await services.offers.reject(world.desk, ana, card.work_item_id, "skill")
    told = await services.explaining.why(world.desk, ben, card.work_item_id)
    assert told.sentence == "Ben Okafor is chosen by most capacity: 2 of 2 free."
    assert said(told)["Ana"] == "rejected it before: Needs somebody else's knowledge"


async def test_what_was_let_pass_says_when_it_is_offered_again(world: World) -> None:
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    (card,) = await world.inbox("ana")
    await services.offers.reject(world.desk, ana, card.work_item_id, "busy")
    await world.inbox("ana")
    world.clock.turn(20)
    told = await services.explaining.why(world.desk, ana, card.work_item_id)
    expected = "let it pass (Busy with other work), is asked again in 40 s"
    assert said(told)["Ana"] == expected
    assert told.sentence == (
        "Nobody can take it now: 1 not at work, 1 let it pass. "
        "It needs attention: nobody who was asked took it."
    )


async def test_a_closed_queue_is_the_reason_for_whoever_could_take_it(world: World) -> None:
    support, sales = POLICY.queues
    now = world.clock.now()
    minute = now.hour * 60 + now.minute
    later = Hours(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), minute + 30, minute + 90)
    await world.change_policy(
        schedules=(ScheduleSetup("hours", "Hours", "UTC", (later,)),),
        queues=(replace(support, schedule="hours"), sales),
    )
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    told = await services.explaining.why(world.desk, ana, await waiting(world))
    opens = (now + timedelta(minutes=30)).astimezone()
    assert told.sentence == f"The queue is closed until {opens:%H:%M}."
    assert said(told)["Ana"] == f"the queue is closed until {opens:%H:%M}"
    assert not any(reason.chosen for reason in told.reasons)


async def test_an_agent_reads_of_each_waiting_item_why_it_is_not_theirs(world: World) -> None:
    await world.arrive(mail(subject="First"), mail(subject="Second"))
    ana = await world.sign_in("ana")
    await services.presence.set_presence(world.desk, ana, "away")
    told = await services.explaining.why_agent(world.desk, ana, ana.agent_id)
    since = world.clock.now().astimezone()
    sentence = f"Ana Ruiz: Away since {since:%H:%M} takes no work."
    assert [(t.subject, t.sentence) for t in told] == [("First", sentence), ("Second", sentence)]


async def test_an_interaction_tells_of_its_newest_search(world: World) -> None:
    await world.arrive(mail())
    ana, interaction_id = await world.at_work("ana")
    told = await services.explaining.why_interaction(world.desk, ana, interaction_id)
    assert told.sentence == f"Ana Ruiz took it at {world.clock.now().astimezone():%H:%M}."
    assert told.past
    with pytest.raises(NotFound, match="came from no queue"):
        await services.explaining.why_interaction(world.desk, ana, type(interaction_id)(999))

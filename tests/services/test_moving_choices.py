"""What a person is shown before a mail is moved."""

from datetime import timedelta

from agentdesk import services
from agentdesk.domain.case import NewCase
from agentdesk.domain.ids import MessageId
from agentdesk.domain.moving import OWN_INTERACTION
from tests.desks import World, mail

FIRST, SECOND, ANSWER = MessageId(1), MessageId(2), MessageId(3)


async def test_near_are_the_customers_open_records_and_the_rest_is_what_answers_later(
    world: World,
) -> None:
    await world.arrive(mail("The lid is broken.", subject="Lid", message_id="lid@fjord.example"))
    ana, key = await world.at_work()
    await services.cases.create(world.desk, ana, key, NewCase())
    await world.arrive(mail("Where is it?", subject="100 % late_", message_id="b@fjord.example"))
    await world.arrive(mail("I asked.", in_reply_to="b@fjord.example"))
    plan = await services.moving_choices.plan(world.desk, ana, SECOND)
    assert (plan.number, plan.rest) == ("IMS0000003", 1)
    assert [(c.number, c.state) for c in plan.near] == [("CS0000001", "New")]
    plan = await services.moving_choices.plan(world.desk, ana, FIRST)
    assert (plan.number, plan.rest) == ("IMS0000001", 0)
    assert {c.number for c in plan.near} == {"CS0000001", "IMS0000003"}


async def test_open_records_are_found_by_number_subject_and_customer(world: World) -> None:
    await world.arrive(mail("One.", subject="100 % late_"), mail("Two.", subject="Lid"))
    ana = await world.sign_in("ana")

    async def found(words: str) -> set[str]:
        hits = await services.moving_choices.find(world.desk, ana, FIRST, words)
        return {hit.number for hit in hits}

    assert await found("ims000000") == {"IMS0000002"}
    assert await found("lid") == {"IMS0000002"}
    assert await found("%") == set(), "a percent sign is no wildcard"
    assert await found("mara") == {"IMS0000002"}


async def test_the_last_move_is_offered_for_a_day_unless_it_was_undone(world: World) -> None:
    await world.arrive(mail("One.", message_id="a@fjord.example"))
    await world.arrive(mail("Two.", in_reply_to="a@fjord.example"))
    ana, _ = await world.at_work()
    assert await services.moving_choices.last_move(world.desk, ana) is None
    moved = await services.moving.move(
        world.desk, ana, [SECOND], OWN_INTERACTION, rest_of_thread=False
    )
    assert await services.moving_choices.last_move(world.desk, ana) == moved
    world.clock.turn(timedelta(days=1, seconds=1).total_seconds())
    assert await services.moving_choices.last_move(world.desk, ana) is None
    world.clock.turn(-60)
    await services.moving.undo(world.desk, ana, moved)
    assert await services.moving_choices.last_move(world.desk, ana) is None

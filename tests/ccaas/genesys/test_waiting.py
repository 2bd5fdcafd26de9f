"""What waits in a queue is told, so that the conversation of a lost answer is found."""

from tests.ccaas.rooms import Room


async def test_what_waits_in_a_queue_is_told_the_longest_waiting_first(here: Room) -> None:
    first = await here.waiting()
    await here.turn(5)
    second = await here.waiting()
    other = await here.waiting("Returns")
    assert await here.centre.waiting_in(here.queue("Claims")) == (first, second)
    assert await here.centre.waiting_in(here.queue("Returns")) == (other,)


async def test_what_is_offered_or_had_by_an_agent_does_not_wait(here: Room) -> None:
    await here.on_queue("ana")
    await here.offered("ana")
    assert await here.centre.waiting_in(here.queue("Claims")) == ()

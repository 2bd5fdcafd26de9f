"""The lists of an agent's own work: wrap-ups page by page, and what may be taken from the queues."""

from agentdesk import services
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.message import Address
from agentdesk.domain.policy import PoolSetup, QueueSetup
from tests.desks import POLICY, RULES, World, mail


async def wrapped_up(world: World, count: int) -> list[InteractionId]:
    """*count* interactions that ana wrapped up, the oldest first."""
    done = []
    for number in range(count):
        await world.arrive(mail(subject=f"Question {number}"))
        ana, key = await world.at_work()
        await services.handling.close(world.desk, ana, key)
        codes = await services.handling.wrap_up_codes(world.desk, ana, key)
        await services.handling.wrap_up(world.desk, ana, key, codes[0].code_id, f"note {number}")
        world.clock.turn(60)
        done.append(key)
    return done


async def test_wrap_ups_are_read_page_by_page_both_ways_with_the_running_ones_on_top(
    world: World,
) -> None:
    await wrapped_up(world, 5)
    await world.arrive(mail(subject="Runs"))
    ana, key = await world.at_work()
    await services.handling.close(world.desk, ana, key)

    first = await services.wrap_up_list.page(world.desk, ana, limit=2)
    assert [r.subject for r in first.rows] == ["Runs", "Question 4", "Question 3"]
    assert first.rows[0].submitted_at is None
    assert first.rows[0].due_at == world.clock.now() + RULES.wrap_up
    assert first.before is None
    second = await services.wrap_up_list.page(world.desk, ana, after=first.after, limit=2)
    assert [r.subject for r in second.rows] == ["Question 2", "Question 1"]
    third = await services.wrap_up_list.page(world.desk, ana, after=second.after, limit=2)
    assert [r.subject for r in third.rows] == ["Question 0"]
    assert third.after is None
    back = await services.wrap_up_list.page(world.desk, ana, before=third.before, limit=2)
    assert back.rows == second.rows
    top = await services.wrap_up_list.page(world.desk, ana, before=back.before, limit=2)
    assert [r.subject for r in top.rows] == ["Runs", "Question 4", "Question 3"]
    assert top.before is None
    last = await services.wrap_up_list.page(world.desk, ana, before="0.0", limit=2)
    assert [r.subject for r in last.rows] == ["Question 1", "Question 0"]


async def test_a_wrap_up_says_how_it_ended_and_belongs_to_its_agent(world: World) -> None:
    await wrapped_up(world, 1)
    await world.arrive(mail(subject="Left alone"))
    ana, key = await world.at_work()
    await services.handling.close(world.desk, ana, key)
    world.clock.turn(RULES.wrap_up.total_seconds() + 1)
    await services.deadlines.run_passed(world.desk)
    rows = (await services.wrap_up_list.page(world.desk, ana)).rows
    assert [(r.by, r.notes) for r in rows] == [("timed out", ""), ("chosen", "note 0")]
    assert all(r.code and r.seconds is not None for r in rows)
    ben = await world.sign_in("ben")
    assert (await services.wrap_up_list.page(world.desk, ben)).rows == ()
    found = await services.wrap_up_list.page(world.desk, ana, search=rows[1].number)
    assert [r.number for r in found.rows] == [rows[1].number]


async def test_an_agent_sees_what_waits_in_the_queues_that_let_them_take_it(world: World) -> None:
    await world.change_policy(
        queues=(
            QueueSetup("support", "Support", pools=(PoolSetup(frozenset({"support"})),)),
            QueueSetup("sales", "Sales", position=200, pools=(PoolSetup(frozenset({"sales"})),)),
        )
    )
    people = [Address(f"p{n}@fjord.example", f"Person {n}") for n in range(5)]
    for n, sender in enumerate(people):
        await world.arrive(mail(subject=f"Question {n}", sender=sender))
        world.clock.turn(1)
    await world.arrive(mail(subject="An order"), account="sales")
    ana, sue = await world.sign_in("ana"), await world.sign_in("sue")
    first = await services.picking.page(world.desk, ana, limit=2)
    assert [r.subject for r in first.rows] == ["Question 0", "Question 1"]
    second = await services.picking.page(world.desk, ana, after=first.after, limit=2)
    assert [r.subject for r in second.rows] == ["Question 2", "Question 3"]
    back = await services.picking.page(world.desk, ana, before=second.before, limit=2)
    assert back.rows == first.rows
    found = await services.picking.page(world.desk, ana, search="question 4")
    assert [r.subject for r in found.rows] == ["Question 4"]
    everything = await services.picking.page(world.desk, sue)
    assert {r.queue for r in everything.rows} == {"Support", "Sales"}


async def test_what_its_queue_does_not_let_be_taken_is_not_listed(world: World) -> None:
    closed = QueueSetup("support", "Support", pick=False)
    await world.change_policy(queues=(closed, *POLICY.queues[1:]))
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    assert (await services.picking.page(world.desk, ana)).rows == ()

"""Effort: intake on interactions and resolution on cases, each second once, on hold never."""

import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import NewCase
from agentdesk.domain.errors import BadInput, DeskError, NotAllowed
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from tests.desks import World, mail

MINUTE = timedelta(minutes=1)


async def test_intake_counts_work_and_wrap_up_but_no_hold(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    begun = world.clock.now()
    world.clock.turn(5 * 60)
    await services.handling.hold(world.desk, ana, key)
    world.clock.turn(60 * 60)
    await services.handling.resume(world.desk, ana, key)
    world.clock.turn(2 * 60)
    await services.handling.close(world.desk, ana, key)
    world.clock.turn(60)
    codes = await services.handling.wrap_up_codes(world.desk, ana, key)
    await services.handling.wrap_up(world.desk, ana, key, codes[0].code_id, "")
    sue = await world.sign_in("sue")
    report = await services.effort.report(world.desk, sue, begun, world.clock.now() + MINUTE)
    (row,) = report.agents
    assert (row.name, row.interactions, row.cases) == ("Ana Ruiz", 1, 0)
    assert (row.effort.intake_s, row.effort.resolution_s) == (8 * 60, 0)
    assert [(q.name, q.effort.intake_s) for q in report.queues] == [("Support", 8 * 60)]


async def test_a_case_tells_what_it_took_before_and_since(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    world.clock.turn(4 * 60)
    case_id = await services.cases.create(world.desk, ana, key, NewCase(assign_to=ana.agent_id))
    world.clock.turn(10 * 60)
    spent = (await services.cases.view(world.desk, ana, case_id)).effort
    assert (spent.intake_s, spent.resolution_s) == (4 * 60, 10 * 60)


async def test_who_gives_back_has_worked_until_then(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    begun = world.clock.now()
    world.clock.turn(3 * 60)
    queues = await services.transferring.targets(world.desk, ana, key)
    await services.transferring.to_queue(world.desk, ana, key, queues.queues[0].queue_id, "")
    world.clock.turn(30 * 60)
    sue = await world.sign_in("sue")
    report = await services.effort.report(world.desk, sue, begun, world.clock.now())
    assert [(r.name, r.effort.intake_s) for r in report.agents] == [("Ana Ruiz", 3 * 60)]


async def test_only_supervisors_read_it(world: World) -> None:
    ana, sue = await world.sign_in("ana"), await world.sign_in("sue")
    now = world.clock.now()
    with pytest.raises(NotAllowed):
        await services.effort.report(world.desk, ana, now, now + MINUTE)
    with pytest.raises(BadInput, match="after it begins"):
        await services.effort.report(world.desk, sue, now, now)


MOVES = ("hold", "resume", "close", "give back", "take", "nothing")


async def move(world: World, actor: Actor, key: InteractionId, what: str) -> None:
    desk, handling = world.desk, services.handling
    match what:
        case "hold":
            await handling.hold(desk, actor, key)
        case "resume":
            await handling.resume(desk, actor, key)
        case "close":
            await handling.close(desk, actor, key)
        case "give back":
            found = await services.transferring.targets(desk, actor, key)
            await services.transferring.to_queue(desk, actor, key, found.queues[0].queue_id, "")
        case "take":
            await services.offers.assign_to_me(desk, actor, key)


@pytest.mark.parametrize("seed", range(6))
async def test_every_second_in_somebodys_hands_is_counted_once(world: World, seed: int) -> None:
    rng = random.Random(seed)
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben, sue = await world.sign_in("ben"), await world.sign_in("sue")
    begun = world.clock.now()
    expected: Counter[str] = Counter()
    for _ in range(25):
        with suppress(DeskError):
            await move(world, rng.choice([ana, ben, sue]), key, rng.choice(MOVES))
        view = await services.views.interaction(world.desk, sue, key)
        seconds = rng.randint(1, 60)
        if view.owner and view.state.uses_capacity:
            expected[view.owner] += seconds
        world.clock.turn(seconds)
        if view.state is State.WRAP_UP and rng.random() < 0.5:
            await services.handling.resume(world.desk, sue, key)
    await services.cases.create(world.desk, sue, key, NewCase())
    until = world.clock.now() + MINUTE
    report = await services.effort.report(world.desk, sue, begun, until)
    assert {r.name: r.effort.intake_s for r in report.agents if r.effort.intake_s} == dict(expected)
    page = await services.cases.page(world.desk, sue, which="all")
    spent = (await services.cases.view(world.desk, sue, page.rows[0].case_id)).effort
    assert spent.intake_s == sum(expected.values())


async def test_a_case_passed_on_counts_for_each_who_had_it(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    begun = world.clock.now()
    case_id = await services.cases.create(world.desk, ana, key, NewCase(assign_to=ana.agent_id))
    ben, sue = await world.sign_in("ben"), await world.sign_in("sue")
    world.clock.turn(10 * 60)
    await services.cases.assign(world.desk, ana, case_id, ben.agent_id, "")
    world.clock.turn(20 * 60)
    await services.cases.await_information(world.desk, ben, case_id)
    world.clock.turn(600 * 60)
    await services.cases.go_on(world.desk, ben, case_id)
    world.clock.turn(5 * 60)
    await services.cases.resolve(world.desk, ben, case_id, "solved", "Sent again.")
    world.clock.turn(60 * 60)
    await services.cases.close(world.desk, ben, case_id)
    report = await services.effort.report(world.desk, sue, begun, world.clock.now())
    found = {r.name: (r.cases, r.effort.resolution_s) for r in report.agents}
    assert found == {"Ana Ruiz": (1, 10 * 60), "Ben Okafor": (1, 25 * 60)}
    spent = (await services.cases.view(world.desk, ana, case_id)).effort
    assert spent.resolution_s == 35 * 60

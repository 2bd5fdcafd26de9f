"""Effort: intake on interactions and resolution on cases, each second once, on hold never."""

from datetime import timedelta

import pytest

from agentdesk import services
from agentdesk.domain.case import NewCase
from agentdesk.domain.errors import BadInput, NotAllowed
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

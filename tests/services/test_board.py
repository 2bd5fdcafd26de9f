"""The board, what agents hold, and charts, on both databases."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.board import QueueTile
from agentdesk.domain.errors import NotAllowed
from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.policy import Hours, ScheduleSetup
from agentdesk.domain.work import LogEntry, Logged
from agentdesk.storage import work
from agentdesk.storage.tables import work_log
from tests.desks import POLICY, World, mail

SUPPORT = QueueId(1)


async def logged(world: World, *entries: LogEntry) -> None:
    """Nothing else is in the log from now on but these."""
    async with world.desk.store.write() as tx:
        await tx.execute(sa.delete(work_log))
        await work.log(tx, entries)


def entry(world: World, ago_s: float, what: Logged, **more: Any) -> LogEntry:
    """Something that happened so many seconds ago in the first queue."""
    return LogEntry(world.clock.now() - timedelta(seconds=ago_s), SUPPORT, what, **more)


async def first_queue(world: World) -> QueueTile:
    """The tile of support."""
    sue = world.actors.get("sue") or await world.sign_in("sue")
    return (await services.board.board(world.desk, sue)).queues[0]


async def test_counts_of_today_and_the_service_level(world: World) -> None:
    world.clock.turn(3 * 3600)
    taken: dict[str, Any] = {"agent_id": AgentId(1), "seconds": 30.0}
    await logged(
        world,
        *(entry(world, 60, Logged.ARRIVED) for _ in range(4)),
        *(entry(world, 50, Logged.OFFERED) for _ in range(3)),
        entry(world, 40, Logged.ACCEPTED, within_target=True, **taken),
        entry(world, 7_000, Logged.ACCEPTED, within_target=False, **taken),
        entry(world, 30, Logged.REJECTED),
        entry(world, 20, Logged.TIMED_OUT),
        entry(world, 10, Logged.ABANDONED),
        entry(world, 86_400, Logged.ARRIVED),
    )
    tile = await first_queue(world)
    assert (tile.arrived, tile.offered, tile.accepted) == (4, 3, 2)
    assert (tile.rejected, tile.timed_out, tile.abandoned) == (1, 1, 1)
    assert (tile.service_level, tile.goal) == (0.5, 0.8)


async def test_waits_are_counted_from_what_waits(world: World) -> None:
    await world.arrive(mail())
    world.clock.turn(60)
    await world.arrive(mail(subject="Two"))
    world.clock.turn(30)
    tile = await first_queue(world)
    assert (tile.waiting, tile.offered_now, tile.longest_s) == (2, 0, 90.0)
    assert tile.average_s == pytest.approx(60.0, abs=0.01)
    assert tile.trend[-1] == 2
    assert len(tile.trend) == 16


async def test_outside_business_hours_waiting_does_not_count(world: World) -> None:
    shut = ScheduleSetup("never", "Office", "UTC", hours=(Hours(("mon",), 540, 600),))
    queues = (POLICY.queues[0].__class__("support", "Support", schedule="never"), POLICY.queues[1])
    await world.change_policy(schedules=(shut,), queues=queues)
    now = world.clock.now()
    ahead = (7 - now.weekday()) % 7 or 7
    world.clock.turn(ahead * 86_400 - (now.hour * 3600 + now.minute * 60 + now.second) + 8 * 3600)
    await world.arrive(mail())
    tile = await first_queue(world)
    assert not tile.open
    assert tile.opens_at == world.clock.now() + timedelta(hours=1)
    world.clock.turn(3_600 + 120)
    tile = await first_queue(world)
    assert (tile.open, tile.opens_at) == (True, None)
    assert tile.longest_s == pytest.approx(120.0, abs=1.0)
    assert tile.average_s == pytest.approx(120.0, abs=1.0)


async def test_agents_of_a_queue_are_free_or_busy(world: World) -> None:
    ben = await world.sign_in("ben")
    await world.sign_in("ana")
    tile = await first_queue(world)
    assert (tile.available, tile.busy, tile.used, tile.capacity) == (2, 0, 0, 6)
    await services.presence.set_presence(world.desk, ben, "away")
    tile = await first_queue(world)
    assert (tile.available, tile.busy, tile.capacity) == (1, 0, 4)


async def test_an_agents_line_tells_presence_load_and_skills(world: World) -> None:
    await world.arrive(mail())
    ana, _ = await world.at_work()
    sue = await world.sign_in("sue")
    found = {line.name: line for line in (await services.board.board(world.desk, sue)).agents}
    line = found["Ana Ruiz"]
    assert (line.presence_label, line.works, line.used, line.capacity) == ("Available", True, 1, 4)
    assert line.groups == ("support",)
    assert line.last_assigned_at is not None
    assert found["Ben Okafor"].colour == "grey"
    assert ana.agent_id == line.agent_id


async def test_what_an_agent_holds(world: World) -> None:
    await world.arrive(mail(subject="One"))
    ana, one = await world.at_work()
    await services.handling.hold(world.desk, ana, one)
    await world.arrive(mail(subject="Two"))
    await world.at_work()
    await world.arrive(mail(subject="Three"))
    await world.inbox()
    sue = await world.sign_in("sue")
    held = await services.board.held(world.desk, sue, ana.agent_id)
    assert [(h.subject, h.state) for h in held] == [
        ("Three", "Offered"),
        ("Two", "Work in Progress"),
        ("One", "On Hold"),
    ]


async def test_figures_are_for_supervisors(world: World) -> None:
    ana = await world.sign_in("ana")
    for asked in (
        services.board.board(world.desk, ana),
        services.board.held(world.desk, ana, ana.agent_id),
        services.board.chart(world.desk, ana, 4),
    ):
        with pytest.raises(NotAllowed):
            await asked


async def test_an_entry_that_comes_late_is_counted_though_its_quarter_was_read(
    world: World,
) -> None:
    world.clock.turn(3 * 3600)
    await logged(world, entry(world, 1, Logged.ARRIVED))
    assert (await first_queue(world)).arrived == 1
    world.clock.turn(901)
    async with world.desk.store.write() as tx:
        await work.log(tx, [entry(world, 901, Logged.ARRIVED)])
    assert (await first_queue(world)).arrived == 2


async def test_quarters_that_are_over_are_not_read_again(world: World) -> None:
    world.clock.turn(3 * 3600)
    await logged(world, entry(world, 7_200, Logged.ARRIVED))
    assert (await first_queue(world)).arrived == 1
    async with world.desk.store.write() as tx:
        await tx.execute(sa.delete(work_log))
    assert (await first_queue(world)).arrived == 1


@pytest.mark.parametrize(("hours", "count"), [(4, 16), (24, 48), (168, 84)])
async def test_a_chart_has_as_many_steps_as_a_screen_can_show(
    world: World, hours: int, count: int
) -> None:
    await world.arrive(mail())
    await logged(
        world,
        entry(world, 60, Logged.ARRIVED),
        entry(world, 3_700, Logged.HANDLED, seconds=100.0),
        entry(world, 3_700, Logged.HANDLED, seconds=300.0),
    )
    sue = await world.sign_in("sue")
    chart = await services.board.chart(world.desk, sue, hours)
    assert len(chart.starts) == len(chart.handle_s) == count
    assert sum(chart.arrivals["Support"]) == 1
    assert chart.backlog["Support"][-1] == 1
    assert chart.backlog["Support"][0] == 0
    assert [s for s in chart.handle_s if s is not None] == [200.0]
    assert _even(chart.starts)


def _even(starts: Sequence[Any]) -> bool:
    steps = {b - a for a, b in pairwise(starts)}
    return len(steps) == 1

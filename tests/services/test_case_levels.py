"""Service levels of cases on a desk: begun, met, paused and missed, each thing told once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseChanges, CaseState, NewCase
from agentdesk.domain.case_rules import CaseRules
from agentdesk.domain.case_views import Target, TargetMood, TargetView
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.event import By
from agentdesk.domain.ids import CaseId
from agentdesk.domain.policy import EVERY_DAY, Hours, ScheduleSetup
from agentdesk.domain.service_level import LevelRule
from agentdesk.services import cases_inside, deadlines
from agentdesk.storage import cases, events
from tests.desks import RULES, World, desk, mail

HOUR = 3_600
OFFICE = ScheduleSetup("office", "Office", "UTC", (Hours(EVERY_DAY[:5], 540, 1020),))
LEVELS = (
    LevelRule(1, first_response_s=HOUR, next_response_s=2 * HOUR, resolution_s=8 * HOUR),
    LevelRule(schedule="office", first_response_s=4 * HOUR, resolution_s=40 * HOUR),
)


@asynccontextmanager
async def a_desk(url: str) -> AsyncIterator[World]:
    """A desk that promises something, on a Monday at nine."""
    clock = ManualClock()
    rules = replace(RULES, cases=CaseRules(levels=LEVELS))
    async with desk(url, clock=clock, rules=rules) as made:
        world = World(made, clock)
        await world.change_policy(schedules=(OFFICE,))
        yield world


async def a_case(world: World, priority: int = 1) -> tuple[Actor, CaseId]:
    await world.arrive(mail())
    ana, key = await world.at_work()
    new = NewCase(priority=priority, assign_to=ana.agent_id)
    return ana, await services.cases.create(world.desk, ana, key, new)


async def targets(world: World, ana: Actor, case_id: CaseId) -> dict[Target, TargetView]:
    view = await services.cases.view(world.desk, ana, case_id)
    return {t.kind: t for t in view.targets}


async def passes(world: World, hours: float) -> None:
    world.clock.turn(hours * HOUR)
    await deadlines.run_passed(world.desk)


async def told(world: World, case_id: CaseId) -> list[tuple[str, str]]:
    async with world.desk.store.read() as tx:
        rows = await events.of_types(tx, "case", case_id, ("target_near", "target_missed"))
    return [(r.type.removeprefix("target_"), r.data["kind"]) for r in rows]


async def answer(world: World, ana: Actor, case_id: CaseId) -> None:
    async with world.desk.store.write() as tx:
        case = await cases.get(tx, case_id)
        await cases_inside.was_answered(world.desk, tx, case, ana.agent_id)


async def hear(world: World, case_id: CaseId) -> None:
    async with world.desk.store.write() as tx:
        case = await cases.get(tx, case_id)
        await cases_inside.heard_from_customer(world.desk, tx, case, "Mara Olsen", "And now?")


async def test_owners_are_warned_once_and_told_once_that_it_was_missed(url: str) -> None:
    async with a_desk(url) as world:
        ana, case_id = await a_case(world)
        await passes(world, 0.74)
        assert await told(world, case_id) == []
        await passes(world, 0.01)
        assert await told(world, case_id) == [("near", "first_response")]
        (row,) = (await services.views.desktop(world.desk, ana)).cases
        assert (row.unread, row.next_target and row.next_target.mood) == (1, TargetMood.WARNING)
        await passes(world, 0.25)
        await passes(world, 1)
        assert await told(world, case_id) == [
            ("near", "first_response"),
            ("missed", "first_response"),
        ]
        sue = await world.sign_in("sue")
        page = await services.cases.page(world.desk, sue, which="overdue")
        assert [r.number for r in page.rows] == ["CS0000001"]
        stream = await services.cases.stream(world.desk, ana, case_id)
        said = [e.title for e in stream.entries]
        assert any(title.startswith("The first response is due ") for title in said)
        assert "The first response is overdue" in said


async def test_answers_meet_responses_and_each_mail_asks_for_the_next_one(url: str) -> None:
    async with a_desk(url) as world:
        ana, case_id = await a_case(world)
        await hear(world, case_id)
        assert set(await targets(world, ana, case_id)) == {
            Target.FIRST_RESPONSE,
            Target.RESOLUTION,
        }
        await passes(world, 0.5)
        await answer(world, ana, case_id)
        found = await targets(world, ana, case_id)
        assert found[Target.FIRST_RESPONSE].mood is TargetMood.MET
        await hear(world, case_id)
        await passes(world, 1)
        await hear(world, case_id)
        found = await targets(world, ana, case_id)
        assert found[Target.NEXT_RESPONSE].left_s == HOUR
        await answer(world, ana, case_id)
        found = await targets(world, ana, case_id)
        assert found[Target.NEXT_RESPONSE].mood is TargetMood.MET
        await passes(world, 4)
        await hear(world, case_id)
        found = await targets(world, ana, case_id)
        assert found[Target.NEXT_RESPONSE].left_s == 2 * HOUR


async def test_an_answer_that_is_taken_back_is_still_waited_for(url: str) -> None:
    async with a_desk(url) as world:
        ana, case_id = await a_case(world)
        await passes(world, 0.5)
        sent_at = world.clock.now()
        await answer(world, ana, case_id)
        world.clock.turn(10)
        async with world.desk.store.write() as tx:
            case = await cases.get(tx, case_id)
            by = By.actor(ana)
            await cases_inside.answer_taken_back(world.desk, tx, case, sent_at, by)
        await passes(world, 0.5)
        assert await told(world, case_id) == [("missed", "first_response")]


async def test_a_mail_that_goes_out_later_answers_when_it_leaves(url: str) -> None:
    async with a_desk(url) as world:
        ana, case_id = await a_case(world)
        leaves = world.clock.now() + timedelta(minutes=30)
        async with world.desk.store.write() as tx:
            case = await cases.get(tx, case_id)
            await cases_inside.was_answered(world.desk, tx, case, ana.agent_id, leaves=leaves)
        assert (await targets(world, ana, case_id))[
            Target.FIRST_RESPONSE
        ].mood is TargetMood.RUNNING
        await passes(world, 0.5)
        async with world.desk.store.write() as tx:
            await cases_inside.answer_left(world.desk, tx, await cases.get(tx, case_id))
        assert (await targets(world, ana, case_id))[Target.FIRST_RESPONSE].mood is TargetMood.MET


async def test_nothing_runs_while_the_customer_is_awaited_or_it_is_resolved(url: str) -> None:
    async with a_desk(url) as world:
        ana, case_id = await a_case(world)
        await answer(world, ana, case_id)
        await passes(world, 2)
        await services.cases.await_information(world.desk, ana, case_id)
        await passes(world, 48)
        assert (await targets(world, ana, case_id))[Target.RESOLUTION].mood is TargetMood.PAUSED
        await hear(world, case_id)
        found = await targets(world, ana, case_id)
        assert found[Target.RESOLUTION].left_s == 6 * HOUR
        await answer(world, ana, case_id)
        await services.cases.resolve(world.desk, ana, case_id, "solved", "Sent again.")
        assert (await targets(world, ana, case_id))[Target.RESOLUTION].mood is TargetMood.MET
        await passes(world, 20)
        await services.cases.reopen(world.desk, ana, case_id)
        found = await targets(world, ana, case_id)
        assert found[Target.RESOLUTION].left_s == 6 * HOUR
        await passes(world, 6)
        assert await told(world, case_id) == [("missed", "resolution")]


async def test_business_time_passes_in_the_hours_of_the_level(url: str) -> None:
    async with a_desk(url) as world:
        ana, case_id = await a_case(world, priority=3)
        await passes(world, 2.5)
        assert await told(world, case_id) == []
        found = await targets(world, ana, case_id)
        assert found[Target.FIRST_RESPONSE].left_s == 1.5 * HOUR
        assert found[Target.RESOLUTION].due_at == world.clock.now() + timedelta(days=4, hours=5.5)


async def test_another_priority_is_another_promise_for_what_is_not_over(url: str) -> None:
    async with a_desk(url) as world:
        ana, case_id = await a_case(world, priority=3)
        await passes(world, 0.5)
        await answer(world, ana, case_id)
        await passes(world, 0.5)
        await services.cases.edit(world.desk, ana, case_id, CaseChanges(priority=1))
        found = await targets(world, ana, case_id)
        assert found[Target.RESOLUTION].left_s == 7 * HOUR
        assert found[Target.FIRST_RESPONSE].mood is TargetMood.MET
        await passes(world, 7)
        assert ("missed", "resolution") in await told(world, case_id)
        await services.cases.edit(world.desk, ana, case_id, CaseChanges(priority=4))
        found = await targets(world, ana, case_id)
        assert found[Target.RESOLUTION].mood is TargetMood.RUNNING


async def test_two_engines_warn_once(url: str) -> None:
    async with a_desk(url) as world:
        _, case_id = await a_case(world)
        twin = replace(world.desk, session="twin")
        for hours in (0.75, 0.25, 10):
            world.clock.turn(hours * HOUR)
            await asyncio.gather(deadlines.run_passed(world.desk), deadlines.run_passed(twin))
        said = await told(world, case_id)
        assert len(said) == len(set(said))
        assert ("near", "first_response") in said
        assert ("missed", "resolution") in said


async def test_a_closed_case_is_waited_for_no_more(url: str) -> None:
    async with a_desk(url) as world:
        ana, case_id = await a_case(world)
        await services.cases.resolve(world.desk, ana, case_id, "withdrawn", "Not needed.")
        await services.cases.close(world.desk, ana, case_id)
        await passes(world, 100)
        assert await told(world, case_id) == []
        assert set(await targets(world, ana, case_id)) == {Target.RESOLUTION}


async def test_where_settings_say_so_an_answer_awaits_the_customer_until_it_is_undone(
    url: str,
) -> None:
    async with a_desk(url) as world:
        rules = replace(world.desk.rules, cases=CaseRules(levels=LEVELS, await_after_send=True))
        world.desk = replace(world.desk, rules=rules)
        ana, case_id = await a_case(world)
        await passes(world, 0.25)
        sent_at = world.clock.now()
        await answer(world, ana, case_id)
        view = await services.cases.view(world.desk, ana, case_id)
        assert view.state is CaseState.AWAITING_INFO
        async with world.desk.store.write() as tx:
            case = await cases.get(tx, case_id)
            by = By.actor(ana)
            await cases_inside.answer_taken_back(world.desk, tx, case, sent_at, by)
        view = await services.cases.view(world.desk, ana, case_id)
        assert view.state is CaseState.OPEN
        assert {t.mood for t in view.targets} == {TargetMood.RUNNING}


async def test_what_a_merge_ended_runs_on_when_it_is_undone(url: str) -> None:
    async with a_desk(url) as world:
        ana, one = await a_case(world)
        _, two = await a_case(world)
        await passes(world, 0.5)
        await services.cases.merge(world.desk, ana, one, two)
        assert await targets(world, ana, one) == {}
        await passes(world, 10)
        assert await told(world, one) == []
        await services.cases.undo_merge(world.desk, ana, one)
        found = await targets(world, ana, one)
        assert found[Target.RESOLUTION].left_s == 7.5 * HOUR
        await passes(world, 0.5)
        assert await told(world, one) == [("missed", "first_response")]

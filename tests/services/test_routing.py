"""Routing on a real desk: what is claimed, kept, held back and left alone."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.policy import (
    AutoAccept,
    GroupSetup,
    Hours,
    PoolSetup,
    PresenceSetup,
    RoutingOptions,
    ScheduleSetup,
    SkillNeed,
    SkillSetup,
)
from agentdesk.domain.work import WorkItem
from agentdesk.services import looking
from agentdesk.storage import work
from agentdesk.storage.tables import decisions, work_items
from tests.desks import POLICY, World, mail

GERMAN = SkillSetup("german", "German")


async def item_of(world: World) -> WorkItem:
    """The only work item there is."""
    async with world.desk.store.read() as tx:
        (row,) = await tx.all(sa.select(work_items))
    return work.made(row)


async def test_work_goes_to_whoever_has_the_skill_that_its_queue_needs(world: World) -> None:
    ana, ben, sue = POLICY.agents
    support, sales = POLICY.queues
    await world.change_policy(
        skills=(GERMAN,),
        agents=(replace(ana, skills={"german": 2}), replace(ben, skills={"german": 4}), sue),
        queues=(replace(support, skills=(SkillNeed("german", 3),)), sales),
    )
    await world.arrive(mail())
    await world.sign_in("ana")
    assert await world.inbox("ana") == ()
    assert len(await world.inbox("ben")) == 1


async def test_a_closed_queue_waits_for_its_hours_and_the_loop_wakes_for_them(world: World) -> None:
    support, sales = POLICY.queues
    now = world.clock.now()
    minute = now.hour * 60 + now.minute
    later = Hours(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), minute + 30, minute + 90)
    await world.change_policy(
        schedules=(ScheduleSetup("hours", "Hours", "UTC", (later,)),),
        queues=(replace(support, schedule="hours"), sales),
    )
    await world.arrive(mail())
    await world.sign_in("ana")
    opens = now.replace(second=0, microsecond=0) + timedelta(minutes=30)
    assert await services.routing.route(world.desk) == opens
    assert await world.inbox("ana") == ()
    world.clock.turn((opens - world.clock.now()).total_seconds())
    assert len(await world.inbox("ana")) == 1


async def test_a_presence_takes_only_its_channels(world: World) -> None:
    chat_only = PresenceSetup("chat", "Chat only", True, channels=("chat",))
    await world.change_policy(presences=(*POLICY.presences, chat_only))
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    await services.presence.set_presence(world.desk, ana, "chat")
    assert await world.inbox("ana") == ()
    await services.presence.set_presence(world.desk, ana, "available")
    assert len(await world.inbox("ana")) == 1


async def test_the_groups_of_an_agent_say_which_queue_they_serve_first(world: World) -> None:
    ana, _, sue = POLICY.agents
    support, sales = POLICY.queues
    await world.change_policy(
        agents=(replace(ana, capacity=1), sue),
        groups=(GroupSetup("support", "Support", queue_orders={"sales": 10}),),
        queues=(support, replace(sales, pools=(PoolSetup(frozenset({"support"})),))),
    )
    await world.arrive(mail(subject="Support"))
    await world.arrive(mail(subject="Sales", to=("sales@northwind.example",)), account="sales")
    assert [card.subject for card in await world.inbox("ana")] == ["Sales"]


async def test_a_decision_keeps_who_was_passed_over_by_reason(world: World) -> None:
    await world.arrive(mail())
    await world.sign_in("ana")
    await world.inbox("ana")
    async with world.desk.store.read() as tx:
        (row,) = await tx.all(sa.select(decisions))
    ben = world.desk.in_force.agent_ids["ben"]
    assert row.reason == "chosen by most capacity: 4 of 4 free"
    assert row.candidates == {"Offline takes no work": [ben]}


async def test_what_the_only_agent_at_work_let_pass_needs_attention_and_waits_longer(
    world: World,
) -> None:
    await world.change_policy(options=RoutingOptions(timeout_presence=""))
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    (card,) = await world.inbox("ana")
    waits = []
    for _ in range(3):
        await services.offers.reject(world.desk, ana, card.work_item_id, "busy")
        assert await world.inbox("ana") == ()
        held = await item_of(world)
        assert held.needs_attention
        assert held.not_before is not None
        waits.append(held.not_before - world.clock.now())
        assert await services.routing.route(world.desk) == held.not_before
        world.clock.turn(waits[-1].total_seconds())
        (card,) = await world.inbox("ana")
    assert waits == [timedelta(minutes=m) for m in (1, 2, 4)]


async def test_somebody_new_does_not_wait_for_what_everybody_else_let_pass(world: World) -> None:
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    for _ in range(2):
        (card,) = await world.inbox("ana")
        await services.offers.reject(world.desk, ana, card.work_item_id, "busy")
        await world.inbox("ana")
        world.clock.turn(61)
    assert (await item_of(world)).needs_attention
    assert await world.inbox("ana") == ()
    assert len(await world.inbox("ben")) == 1


async def test_what_everybody_rejected_for_good_needs_attention(world: World) -> None:
    await world.arrive(mail())
    for login in ("ana", "ben"):
        await world.sign_in(login)
    for login in ("ana", "ben"):
        (card,) = await world.inbox(login)
        assert not (await item_of(world)).needs_attention
        actor = world.actors[login]
        await services.offers.reject(world.desk, actor, card.work_item_id, "skill")
    await services.routing.route(world.desk)
    assert (await item_of(world)).needs_attention
    world.clock.turn(86_400)
    assert await world.inbox("ana") == await world.inbox("ben") == ()


async def test_who_is_busy_is_waited_for_without_alarm(world: World) -> None:
    ana, ben, sue = POLICY.agents
    await world.change_policy(agents=(ana, replace(ben, capacity=1), sue))
    await world.arrive(mail(subject="First"))
    await world.at_work("ben")
    await world.arrive(mail(subject="Second"))
    (card,) = await world.inbox("ana")
    await services.offers.reject(world.desk, world.actors["ana"], card.work_item_id, "skill")
    await services.routing.route(world.desk)
    async with world.desk.store.read() as tx:
        item = await work.get(tx, card.work_item_id)
    assert not item.needs_attention


async def test_windows_of_waiting_work_hide_nothing_behind_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben, sue = POLICY.agents
    support, sales = POLICY.queues
    await world.change_policy(
        agents=(replace(ana, capacity=9), ben, sue),
        queues=(support, replace(sales, skills=(SkillNeed("icelandic"),))),
        skills=(SkillSetup("icelandic", "Icelandic"),),
    )
    nobodys = [mail(subject=f"Sales {n}", to=("sales@northwind.example",)) for n in range(5)]
    await world.arrive(*nobodys, account="sales")
    world.clock.turn(60)
    await world.arrive(mail(subject="Support"))
    monkeypatch.setattr(looking, "WINDOW", 2)
    assert [card.subject for card in await world.inbox("ana")] == ["Support"]


async def test_many_engines_give_each_item_once_and_exceed_nobody(world: World) -> None:
    ana, ben, sue = POLICY.agents
    await world.change_policy(agents=(replace(ana, capacity=3), ben, sue))
    await world.arrive(*(mail(subject=f"Question {n}") for n in range(8)))
    for login in ("ana", "ben"):
        await world.sign_in(login)
    await asyncio.gather(*(services.routing.route(world.desk) for _ in range(5)))
    assert [len(await world.inbox(login)) for login in ("ana", "ben")] == [3, 2]
    async with world.desk.store.read() as tx:
        assert len(await tx.all(sa.select(decisions))) == 5


async def test_work_that_is_given_without_asking_is_kept_as_a_decision_too(world: World) -> None:
    support, sales = POLICY.queues
    giving = replace(support, auto_accept=AutoAccept.CARD)
    await world.change_policy(queues=(giving, sales))
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    assert await world.inbox("ana") == ()
    assert len((await services.views.desktop(world.desk, ana)).ongoing) == 1
    async with world.desk.store.read() as tx:
        (row,) = await tx.all(sa.select(decisions))
    assert row.agent_id == ana.agent_id


async def test_a_snapshot_that_a_new_policy_made_old_is_not_acted_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.arrive(mail())
    await world.sign_in("ana")
    seen = await looking.look(world.desk)
    assert seen is not None
    ana, ben, sue = POLICY.agents
    await world.change_policy(agents=(replace(ana, groups=frozenset()), ben, sue))
    plan = services.routing._plan(world.desk, seen)
    assert [d.agent_id for d in plan.decisions] == [world.actors["ana"].agent_id]
    assert not await services.routing._commit(world.desk, plan, plan.decisions[0])
    assert await world.inbox("ana") == ()

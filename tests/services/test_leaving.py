"""Leaving, dropped lines, inactivity, and the presence and capacity that a supervisor gives."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import DraftContent
from agentdesk.domain.errors import BadInput, NotAllowed
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import PRESENCES, PresenceSetup, RoutingOptions
from agentdesk.storage.tables import events
from tests.desks import World, mail


async def presence_of(world: World, actor: Actor) -> str:
    return (await services.presence.status(world.desk, actor)).presence


async def leave(world: World, actor: Actor, *, deliberate: bool) -> None:
    window = replace(world.desk, session=actor.session)
    await services.presence.sign_out(window, actor, deliberate=deliberate)


async def after(world: World, seconds: float) -> None:
    """Some time passes in which an engine lives."""
    world.clock.turn(seconds)
    await services.presence.keep_alive(world.desk)


async def told(world: World, actor: Actor) -> list[dict[str, str]]:
    """What the events say of the agent's presence."""
    query = sa.select(events.c.data).where(
        events.c.record == "agent",
        events.c.record_id == actor.agent_id,
        events.c.type == "presence_changed",
    )
    async with world.desk.store.read() as tx:
        return [r.data for r in await tx.all(query.order_by(events.c.seq))]


async def test_who_leaves_deliberately_is_offline_at_once(world: World) -> None:
    ana = await world.sign_in("ana")
    await leave(world, ana, deliberate=True)
    assert await presence_of(world, ana) == "offline"


async def test_a_dropped_line_is_no_resignation(world: World) -> None:
    await services.presence.start_engine(world.desk)
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    assert len(await world.inbox("ana")) == 1
    await leave(world, ana, deliberate=False)
    await after(world, 59)
    assert await presence_of(world, ana) == "available"
    assert len(await world.inbox("ana")) == 1
    await after(world, 1)
    assert await presence_of(world, ana) == "offline"
    assert await world.inbox("ana") == ()


async def test_who_comes_back_in_time_finds_everything_as_it_was(world: World) -> None:
    await services.presence.start_engine(world.desk)
    ana = await world.sign_in("ana")
    await services.presence.set_presence(world.desk, ana, "away")
    await leave(world, ana, deliberate=False)
    await after(world, 30)
    ana = await world.sign_in("ana")
    await keep(world, 300, ana)
    assert [d["to"] for d in await told(world, ana)] == ["available", "away"]


async def test_who_comes_back_too_late_was_offline_meanwhile(world: World) -> None:
    ana = await world.sign_in("ana")
    await services.presence.set_presence(world.desk, ana, "away")
    await leave(world, ana, deliberate=False)
    world.clock.turn(3_600)  # no engine ran that could have noticed
    await world.sign_in("ana")
    assert [d["to"] for d in await told(world, ana)] == [
        "available",
        "away",
        "offline",
        "available",
    ]


async def test_a_machine_that_slept_is_there_again_when_it_wakes(world: World) -> None:
    await services.presence.start_engine(world.desk)
    ana = await world.sign_in("ana")
    await after(world, 3_600)
    assert await presence_of(world, ana) == "offline"
    await keep(world, 1, ana)
    await services.presence.set_presence(world.desk, ana, "available")
    await keep(world, 60, ana)
    assert await presence_of(world, ana) == "available"


async def test_without_a_grace_period_every_end_is_one(world: World) -> None:
    await world.change_policy(options=RoutingOptions(offline_after_s=0))
    ana = await world.sign_in("ana")
    await leave(world, ana, deliberate=False)
    assert await presence_of(world, ana) == "offline"


async def test_an_agent_without_a_key_press_is_away_and_stays_so(world: World) -> None:
    await world.change_policy(options=RoutingOptions(away_after_s=600))
    ana = await world.sign_in("ana")
    window = replace(world.desk, session=ana.session)
    await keep(world, 599, ana)
    assert await presence_of(world, ana) == "available"
    await services.presence.touch(window, idle_s=0)
    await keep(world, 599, ana)
    assert await presence_of(world, ana) == "available"
    await keep(world, 1, ana)
    assert await presence_of(world, ana) == "away"
    assert (await told(world, ana))[-1]["why"] == "no key for 10 minutes"
    await services.presence.touch(window, idle_s=0)
    await keep(world, 1, ana)
    assert await presence_of(world, ana) == "away"


async def keep(world: World, seconds: int, *clients: Actor) -> None:
    """Time passes for clients that live."""
    for passed in [30] * (seconds // 30) + [seconds % 30]:
        world.clock.turn(passed)
        for client in clients:
            await services.presence.keep_alive(replace(world.desk, session=client.session))


async def test_a_key_in_any_window_counts(world: World) -> None:
    await world.change_policy(options=RoutingOptions(away_after_s=600))
    one, two = await world.sign_in("ana"), await world.sign_in("ana")
    await keep(world, 500, one, two)
    await services.presence.touch(replace(world.desk, session=one.session), idle_s=20)
    await keep(world, 550, one, two)
    assert await presence_of(world, two) == "available"


@pytest.mark.parametrize("presence", ["away", "offline"])
async def test_who_takes_no_work_is_not_sent_away(world: World, presence: str) -> None:
    await world.change_policy(options=RoutingOptions(away_after_s=60))
    ana = await world.sign_in("ana")
    await services.presence.set_presence(world.desk, ana, presence)
    await keep(world, 600, ana)
    assert await presence_of(world, ana) == presence


async def test_a_presence_of_other_groups_is_neither_shown_nor_taken(world: World) -> None:
    chat = PresenceSetup("training", "Training", False, groups=frozenset({"coaches"}))
    await world.change_policy(presences=(*PRESENCES, chat))
    ana, sue = await world.sign_in("ana"), await world.sign_in("sue")
    offered = await services.presence.choices(world.desk, ana)
    assert [c.key for c in offered] == ["available", "away", "offline"]
    with pytest.raises(NotAllowed, match="Training is for other groups"):
        await services.presence.set_presence(world.desk, ana, "training")
    await services.presence.set_presence_of(world.desk, sue, ana.agent_id, "training")
    assert await presence_of(world, ana) == "training"


async def test_a_supervisor_sends_an_agent_away_and_offers_go_back(world: World) -> None:
    await world.arrive(mail())
    assert len(await world.inbox("ana")) == 1
    ana, sue = world.actors["ana"], await world.sign_in("sue")
    await services.presence.set_presence_of(world.desk, sue, ana.agent_id, "away")
    assert await world.inbox("ana") == ()
    assert (await told(world, ana))[-1]["why"] == "set by Sue Lind"
    with pytest.raises(BadInput):
        await services.presence.set_presence_of(world.desk, sue, ana.agent_id, "asleep")
    with pytest.raises(NotAllowed):
        await services.presence.set_presence_of(world.desk, ana, sue.agent_id, "away")


async def test_who_is_not_signed_in_cannot_be_made_available(world: World) -> None:
    sue = await world.sign_in("sue")
    ben = world.desk.in_force.agent_ids["ben"]
    with pytest.raises(NotAllowed, match="Ben Okafor is not signed in"):
        await services.presence.set_presence_of(world.desk, sue, ben, "available")


async def test_a_capacity_for_a_while_holds_and_ends_by_itself(world: World) -> None:
    await world.arrive(*[mail(subject=f"Question {n}") for n in range(5)])
    ben, sue = await world.sign_in("ben"), await world.sign_in("sue")
    assert len(await world.inbox("ben")) == 2
    until = world.clock.now() + timedelta(hours=12)
    await services.presence.override_capacity(world.desk, sue, ben.agent_id, 3, until)
    assert len(await world.inbox("ben")) == 3
    assert (await services.presence.status(world.desk, ben)).capacity == 3
    world.clock.turn(12 * 3_600)
    await services.deadlines.run_passed(world.desk)
    assert (await services.presence.status(world.desk, ben)).capacity == 2
    assert await capacities(world) == [(2, 3), (3, 2)]


async def capacities(world: World) -> list[tuple[int, int]]:
    """What the events say of capacities: before and after."""
    query = sa.select(events.c.data).where(events.c.type == "capacity_changed")
    async with world.desk.store.read() as tx:
        return [(r.data["from"], r.data["to"]) for r in await tx.all(query.order_by("seq"))]


async def test_a_capacity_for_a_while_can_be_ended(world: World) -> None:
    ben, sue = await world.sign_in("ben"), await world.sign_in("sue")
    until = world.clock.now() + timedelta(hours=12)
    await services.presence.override_capacity(world.desk, sue, ben.agent_id, 0, until)
    await world.arrive(mail())
    assert await world.inbox("ben") == ()
    await services.presence.end_override(world.desk, sue, ben.agent_id)
    assert len(await world.inbox("ben")) == 1
    assert await capacities(world) == [(2, 0), (0, 2)]


@pytest.mark.parametrize(("capacity", "hours"), [(-1, 1), (1_001, 1), (2, 0), (2, 24 * 31)])
async def test_a_capacity_that_makes_no_sense_is_refused(
    world: World, capacity: int, hours: int
) -> None:
    sue = await world.sign_in("sue")
    until = world.clock.now() + timedelta(hours=hours)
    with pytest.raises(BadInput):
        await services.presence.override_capacity(world.desk, sue, sue.agent_id, capacity, until)


async def test_only_supervisors_change_capacities(world: World) -> None:
    ana = await world.sign_in("ana")
    until = world.clock.now() + timedelta(hours=1)
    with pytest.raises(NotAllowed):
        await services.presence.override_capacity(world.desk, ana, ana.agent_id, 9, until)
    with pytest.raises(NotAllowed):
        await services.presence.end_override(world.desk, ana, ana.agent_id)


async def two_of(world: World, actor: Actor) -> None:
    await world.arrive(mail(subject="one"), mail(subject="two"))
    for card in await world.inbox("ana"):
        await services.offers.accept(world.desk, actor, card.work_item_id)


@pytest.mark.parametrize("reroute", [True, False])
async def test_what_an_agent_worked_on_finds_somebody_else_with_reroute(
    world: World, reroute: bool
) -> None:
    await world.change_policy(options=RoutingOptions(reroute=reroute))
    ana = await world.sign_in("ana")
    await two_of(world, ana)
    one, two = (await services.views.desktop(world.desk, ana)).ongoing
    await services.handling.hold(world.desk, ana, one.interaction_id)
    await leave(world, ana, deliberate=True)
    states = [
        (await services.views.interaction(world.desk, ana, r.interaction_id)).state
        for r in (one, two)
    ]
    assert states == [State.ON_HOLD, State.NEW if reroute else State.WORK_IN_PROGRESS]
    given = [c.interaction_id for c in await world.inbox("ben")]
    assert given == ([two.interaction_id] if reroute else [])


async def test_what_somebody_writes_in_is_not_taken_away(world: World) -> None:
    await world.change_policy(options=RoutingOptions(reroute=True))
    await world.arrive(mail())
    ana, key = await world.at_work()
    sue = await world.sign_in("sue")
    draft = await services.drafts.open_reply(world.desk, sue, key, everyone=False)
    content = DraftContent("mara.olsen@fjord.example", "", "", "Re", "I will help")
    await services.drafts.save(world.desk, sue, draft.id, draft.token, content)
    await leave(world, ana, deliberate=True)
    view = await services.views.interaction(world.desk, ana, key)
    assert view.state is State.WORK_IN_PROGRESS

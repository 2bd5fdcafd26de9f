"""Snooze: put aside until a date or an answer, and back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agentdesk import services
from agentdesk.domain.errors import BadInput, IllegalTransition, NotAllowed
from agentdesk.domain.interaction import State
from agentdesk.storage import interactions
from tests.desks import World, mail
from tests.services.test_reminders import a_desk, due_kinds, later, titles, waiting

WEEK = timedelta(days=7)


async def test_until_a_date_nobody_is_reminded_and_nothing_closes(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, _ = await waiting(world)
        await services.snoozing.snooze(world.desk, ana, key, world.clock.now() + WEEK)
        assert await due_kinds(world, key) == {"snooze"}
        for _ in range(6):
            assert await later(world, timedelta(days=1)) == []
        (row,) = (await services.views.desktop(world.desk, ana)).on_hold
        assert (row.unread, row.closes_at) == (0, None)
        assert row.snoozed_until == world.clock.now() + timedelta(days=1)
        await later(world, timedelta(days=1))
        (row,) = (await services.views.desktop(world.desk, ana)).ongoing
        assert (row.state, row.unread) == (State.WORK_IN_PROGRESS, 1)
        assert await due_kinds(world, key) == set()
        told = await titles(world, ana, key)
        assert "Snoozed until Mon 9 Mar 09:00 by Ana Ruiz" in told
        assert "Back from its snooze, for Ana Ruiz" in told


async def test_an_answer_ends_a_snooze_at_once(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, job = await waiting(world)
        await services.snoozing.snooze(world.desk, ana, key, world.clock.now() + WEEK)
        await world.arrive(mail("It is 5512.", in_reply_to=job.header_id))
        (row,) = (await services.views.desktop(world.desk, ana)).ongoing
        assert (row.unread, row.snoozed_until) == (1, None)
        assert await due_kinds(world, key) == set()
        await later(world, WEEK)
        assert (await services.views.desktop(world.desk, ana)).ongoing[0].unread == 1


async def test_until_an_answer_silence_closes_but_nobody_is_reminded(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, _ = await waiting(world)
        await services.snoozing.snooze(world.desk, ana, key, None)
        assert await due_kinds(world, key) == {"notice", "silence"}
        assert "Snoozed until the customer answers by Ana Ruiz" in await titles(world, ana, key)
        (row,) = (await services.views.desktop(world.desk, ana)).on_hold
        assert row.until_reply
        assert await later(world, timedelta(days=4)) == []
        await later(world, timedelta(days=1))
        view = await services.views.interaction(world.desk, ana, key)
        assert view.state is State.CLOSED_COMPLETE


async def test_work_in_progress_is_snoozed_too_and_its_capacity_is_free(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    assert (await services.presence.status(world.desk, ana)).used == 1
    await services.snoozing.snooze(world.desk, ana, key, world.clock.now() + WEEK)
    assert (await services.presence.status(world.desk, ana)).used == 0


@pytest.mark.parametrize("how", ["wake", "resume"])
async def test_it_is_woken_by_hand(url: str, how: str) -> None:
    async with a_desk(url) as world:
        ana, key, _ = await waiting(world)
        await services.snoozing.snooze(world.desk, ana, key, world.clock.now() + WEEK)
        by_hand = services.snoozing.wake if how == "wake" else services.handling.resume
        await by_hand(world.desk, ana, key)
        (row,) = (await services.views.desktop(world.desk, ana)).ongoing
        assert (row.unread, row.snoozed_until) == (0, None)
        assert await due_kinds(world, key) == set()
        with pytest.raises(IllegalTransition, match="not snoozed"):
            await services.snoozing.wake(world.desk, ana, key)


async def test_the_date_may_be_changed(url: str) -> None:
    async with a_desk(url) as world:
        ana, key, _ = await waiting(world)
        for days in (7, 9):
            until = world.clock.now() + timedelta(days=days)
            await services.snoozing.snooze(world.desk, ana, key, until)
        await later(world, timedelta(days=8))
        assert (await services.views.desktop(world.desk, ana)).on_hold != ()
        await later(world, timedelta(days=1))
        assert (await services.views.desktop(world.desk, ana)).on_hold == ()


@pytest.mark.parametrize("reroute", [False, True])
async def test_whose_owner_is_gone_when_it_wakes(url: str, reroute: bool) -> None:
    async with a_desk(url) as world:
        await world.change_policy(options=replace(world.desk.policy.options, reroute=reroute))
        ana, key, _ = await waiting(world)
        await services.snoozing.snooze(world.desk, ana, key, world.clock.now() + WEEK)
        await services.presence.set_presence(world.desk, ana, "offline")
        await later(world, WEEK)
        async with world.desk.store.read() as tx:
            i = await interactions.get(tx, key)
        if not reroute:
            assert (i.state, i.owner_id) == (State.WORK_IN_PROGRESS, ana.agent_id)
            return
        assert (i.state, i.owner_id) == (State.NEW, None)
        (card,) = await world.inbox("ben")
        assert card.note == "Ana Ruiz snoozed it until now"


async def test_only_times_to_come_within_a_year(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    now = world.clock.now()
    with pytest.raises(BadInput, match="over"):
        await services.snoozing.snooze(world.desk, ana, key, now)
    with pytest.raises(BadInput, match="a year ahead"):
        await services.snoozing.snooze(world.desk, ana, key, now + timedelta(days=400))
    ben = await world.sign_in("ben")
    with pytest.raises(NotAllowed):
        await services.snoozing.snooze(world.desk, ben, key, now + WEEK)


async def test_what_nobody_works_on_is_not_snoozed(world: World) -> None:
    await world.arrive(mail())
    sue = await world.sign_in("sue")
    with pytest.raises(IllegalTransition, match="It is New"):
        await services.snoozing.snooze(world.desk, sue, 1, None)  # type: ignore[arg-type]

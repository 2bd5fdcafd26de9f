"""Presence, offers that nobody takes, and clients that vanish."""

import os
from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.errors import BadInput, NotAllowed, NotFound, OfferGone
from agentdesk.domain.policy import AgentSetup, AutoAccept, QueueSetup, RoutingOptions
from agentdesk.storage.tables import sessions
from tests.desks import POLICY, World, mail


async def test_a_rejected_offer_goes_to_somebody_else(world: World) -> None:
    await world.arrive(mail())
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    (card,) = await world.inbox("ana")
    await services.offers.reject(world.desk, ana, card.work_item_id, "skill")
    assert await world.inbox("ana") == ()
    assert [c.work_item_id for c in await world.inbox("ben")] == [card.work_item_id]
    with pytest.raises(OfferGone):
        await services.offers.accept(world.desk, ana, card.work_item_id)


async def test_a_final_reason_is_remembered_and_a_passing_one_for_a_minute(world: World) -> None:
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    (card,) = await world.inbox("ana")
    await services.offers.reject(world.desk, ana, card.work_item_id, "busy")
    assert await world.inbox("ana") == ()
    world.clock.turn(61)
    (card,) = await world.inbox("ana")
    await services.offers.reject(world.desk, ana, card.work_item_id, "conflict")
    world.clock.turn(3600)
    assert await world.inbox("ana") == ()


async def test_rejecting_needs_a_reason(world: World) -> None:
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    (card,) = await world.inbox("ana")
    with pytest.raises(BadInput):
        await services.offers.reject(world.desk, ana, card.work_item_id, "")


async def test_going_away_gives_offers_back_without_blame(world: World) -> None:
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    assert len(await world.inbox("ana")) == 1
    await services.presence.set_presence(world.desk, ana, "away")
    assert await world.inbox("ana") == ()
    await services.presence.set_presence(world.desk, ana, "available")
    assert len(await world.inbox("ana")) == 1


async def test_an_item_that_everybody_let_pass_needs_attention(world: World) -> None:
    await world.arrive(mail())
    ana, sue = await world.sign_in("ana"), await world.sign_in("sue")
    for _ in range(3):
        await services.presence.set_presence(world.desk, ana, "available")
        world.clock.turn(700)
        assert len(await world.inbox("ana")) == 1
        world.clock.turn(61)
        await services.deadlines.run_passed(world.desk)
    board = await services.board.board(world.desk, sue)
    assert [q.attention for q in board.queues] == [1, 0]


async def test_the_wallboard_counts_and_is_for_supervisors(world: World) -> None:
    await world.arrive(mail(), mail(subject="two"))
    ana, sue = await world.sign_in("ana"), await world.sign_in("sue")
    await world.inbox("ana")
    world.clock.turn(30)
    board = await services.board.board(world.desk, sue)
    support = board.queues[0]
    assert (support.waiting, support.offered_now, support.longest_s) == (0, 2, 30.0)
    assert {a.name: (a.used, a.works) for a in board.agents}["Ana Ruiz"] == (2, True)
    assert board.received == 2
    with pytest.raises(NotAllowed):
        await services.board.board(world.desk, ana)


async def test_signing_out_of_the_last_window_makes_offline(world: World) -> None:
    one, two = await world.sign_in("ana"), await world.sign_in("ana")
    for window, expected in ((one, "available"), (two, "offline")):
        await services.presence.sign_out(replace(world.desk, session=window.session), window)
        assert (await services.presence.status(world.desk, two)).presence == expected


async def test_a_client_that_fell_silent_is_offline_after_the_grace_period(world: World) -> None:
    await world.arrive(mail())
    await services.presence.start_engine(world.desk)
    ana = await world.sign_in("ana")
    assert len(await world.inbox("ana")) == 1
    world.clock.turn(59)
    await services.presence.keep_alive(world.desk)
    assert (await services.presence.status(world.desk, ana)).presence == "available"
    world.clock.turn(2)
    await services.presence.keep_alive(world.desk)
    assert (await services.presence.status(world.desk, ana)).presence == "offline"
    assert await world.inbox("ana") == ()


async def test_a_killed_client_keeps_its_agent_present_for_a_while(world: World) -> None:
    ana = await world.sign_in("ana")
    await services.presence.start_engine(world.desk)
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    async with world.desk.store.write() as tx:
        same = sessions.c.id == ana.session
        await tx.execute(sa.update(sessions).where(same).values(pid=gone))
    for seconds, expected in ((0, "available"), (59, "available"), (2, "offline")):
        world.clock.turn(seconds)
        await services.presence.keep_alive(world.desk)
        assert (await services.presence.status(world.desk, ana)).presence == expected


async def test_an_unknown_login_names_those_that_exist(world: World) -> None:
    with pytest.raises(NotFound, match=r"'zoe'.*ana, ben, sue"):
        await world.sign_in("zoe")


async def test_an_agent_whom_settings_drop_cannot_sign_in_and_gets_nothing(world: World) -> None:
    await world.sign_in("ana")
    await world.change_policy(agents=(AgentSetup("ben", "Ben"),))
    with pytest.raises(NotFound):
        await world.sign_in("ana")
    await world.arrive(mail())
    await services.routing.route(world.desk)
    sue = world.actors["ana"]
    assert (await services.views.desktop(world.desk, sue)).inbox == ()


async def test_auto_accept_gives_without_asking(world: World) -> None:
    queue = QueueSetup("support", "Support", auto_accept=AutoAccept.CARD)
    await world.change_policy(queues=(queue, POLICY.queues[1]))
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    assert await world.inbox("ana") == ()
    assert len((await services.views.desktop(world.desk, ana)).ongoing) == 1


async def test_a_reply_finds_another_agent_when_its_owner_is_away_and_reroute_is_on(
    world: World,
) -> None:
    desk = world.desk
    await world.change_policy(options=RoutingOptions(reroute=True))
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    (card,) = await world.inbox("ana")
    key = await services.offers.accept(desk, ana, card.work_item_id)
    await services.handling.hold(desk, ana, key)
    await services.presence.set_presence(desk, ana, "away")
    await world.arrive(mail("Hello again", in_reply_to="a@fjord.example"))
    assert [c.interaction_id for c in await world.inbox("ben")] == [key]


async def test_silence_closes_what_is_on_hold(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    await services.handling.hold(world.desk, ana, key)
    world.clock.turn(5 * 86_400 + 1)
    await services.deadlines.run_passed(world.desk)
    page = await services.views.stream(world.desk, ana, key)
    assert "Wrapped up as Closed due to customer inactivity" in [e.title for e in page.entries]

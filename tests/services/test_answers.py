"""A customer answers what we wrote first: the same interaction, off hold, and its owner hears of it."""

from dataclasses import replace

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.storage import interactions
from tests.desks import World, mail
from tests.services.test_outbound import person
from tests.services.test_reminders import due_kinds, take


async def written(world: World) -> tuple[Actor, InteractionId, str]:
    """Ana wrote to Mara of her own accord; the mail went out. Its Message-ID comes last."""
    ana = world.actors.get("ana") or await world.sign_in("ana")
    mara = await person(world.desk)
    draft = await services.outbound.open_for_customer(world.desk, ana, mara)
    content = replace(draft.content, subject="Your parcel", body="It waits for you.")
    draft = await services.drafts.save(world.desk, ana, draft.id, draft.token, content)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    world.clock.turn(10)
    (job,) = await take(world)
    return ana, draft.interaction_id, job.header_id


async def test_the_answer_lands_on_it_takes_it_off_hold_and_tells_its_owner(world: World) -> None:
    ana, key, sent = await written(world)
    assert await due_kinds(world, key) == {"silence", "notice", "reminder"}
    before = await services.views.desktop(world.desk, ana)
    assert [r.interaction_id for r in before.on_hold] == [key]
    await world.arrive(mail("I fetch it today.", subject="Re: Your parcel", in_reply_to=sent))
    after = await services.views.desktop(world.desk, ana)
    (row,) = after.ongoing
    assert (row.interaction_id, row.state, row.unread) == (key, State.WORK_IN_PROGRESS, 1)
    assert after.on_hold == ()
    assert await due_kinds(world, key) == set()


@pytest.mark.parametrize("reroute", [False, True])
async def test_where_its_owner_is_away_reroute_decides(world: World, reroute: bool) -> None:
    await world.change_policy(options=replace(world.desk.policy.options, reroute=reroute))
    ana, key, sent = await written(world)
    await services.presence.set_presence(world.desk, ana, "offline")
    await world.arrive(mail("I fetch it today.", in_reply_to=sent))
    async with world.desk.store.read() as tx:
        i = await interactions.get(tx, key)
    assert i.owner_id == (None if reroute else ana.agent_id)
    assert i.state is (State.NEW if reroute else State.WORK_IN_PROGRESS)
    offered = [card.interaction_id for card in await world.inbox("ben")]
    assert offered == ([key] if reroute else [])


async def test_an_answer_during_the_wrap_up_stops_it(world: World) -> None:
    ana, key, sent = await written(world)
    await services.handling.close(world.desk, ana, key)
    await world.arrive(mail("One more thing.", in_reply_to=sent))
    (row,) = (await services.views.desktop(world.desk, ana)).ongoing
    assert (row.interaction_id, row.state, row.unread) == (key, State.WORK_IN_PROGRESS, 1)
    world.clock.turn(1_000)
    await services.deadlines.run_passed(world.desk)
    assert (await services.views.interaction(world.desk, ana, key)).state is row.state


async def test_an_answer_to_a_closed_one_opens_a_child(world: World) -> None:
    ana, key, sent = await written(world)
    await services.handling.close(world.desk, ana, key)
    world.clock.turn(1_000)
    await services.deadlines.run_passed(world.desk)
    await world.arrive(mail("One more thing.", in_reply_to=sent))
    assert (await services.views.interaction(world.desk, ana, key)).state is State.CLOSED_COMPLETE
    (card,) = await world.inbox()
    view = await services.views.interaction(world.desk, ana, card.interaction_id)
    assert (view.parent, view.direction) == ("IMS0000001", "inbound")

"""Offers: reasons, silence, picking, and what is given without asking."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput, CapacityExceeded, NotAllowed
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.policy import (
    AgentSetup,
    AutoAccept,
    Overflow,
    PresenceSetup,
    RejectReason,
)
from agentdesk.domain.work import WorkItem, WorkState
from agentdesk.storage import work
from agentdesk.storage.tables import events, work_log
from tests.desks import POLICY, World, mail

SUPPORT, SALES = POLICY.queues


async def with_support(world: World, **changes: object) -> None:
    await world.change_policy(queues=(replace(SUPPORT, **changes), SALES))  # type: ignore[arg-type]


async def presence_of(world: World, actor: Actor) -> str:
    return (await services.presence.status(world.desk, actor)).presence


async def newest(world: World, key: InteractionId) -> WorkItem:
    async with world.desk.store.read() as tx:
        found = await work.newest_of(tx, key)
    assert found is not None
    return found


async def log(world: World) -> list[tuple[str, str, float | None, bool | None]]:
    """What the log of work says: happening, queue, seconds, within the target."""
    names = {key: queue.key for key, queue in world.desk.in_force.queues.items()}
    async with world.desk.store.read() as tx:
        rows = await tx.all(sa.select(work_log).order_by(work_log.c.id))
    return [(r.what, names[r.queue_id], r.seconds, r.within_target) for r in rows]


# Rejecting


async def test_a_queue_may_allow_no_rejecting(world: World) -> None:
    await with_support(world, allow_reject=False)
    await world.arrive(mail())
    (card,) = await world.inbox("ana")
    ana = world.actors["ana"]
    assert not card.can_reject
    sentence = r"Work of Support cannot be rejected\. Accept it, or let it pass\."
    with pytest.raises(NotAllowed, match=sentence):
        await services.offers.reject_reasons(world.desk, ana, card.work_item_id)
    with pytest.raises(NotAllowed, match=sentence):
        await services.offers.reject(world.desk, ana, card.work_item_id, "busy")


async def test_only_reasons_of_this_kind_of_work_count(world: World) -> None:
    reasons = (RejectReason("busy", "Busy", True), RejectReason("noise", "Noise", True, ("phone",)))
    await world.change_policy(reject_reasons=reasons)
    await world.arrive(mail())
    (card,) = await world.inbox("ana")
    ana = world.actors["ana"]
    shown = await services.offers.reject_reasons(world.desk, ana, card.work_item_id)
    assert [r.key for r in shown] == ["busy"]
    with pytest.raises(BadInput):
        await services.offers.reject(world.desk, ana, card.work_item_id, "noise")


# Silence


@pytest.mark.parametrize(("own", "expected"), [("", "away"), ("offline", "offline")])
async def test_silence_changes_presence_as_the_queue_or_the_desk_says(
    world: World, own: str, expected: str
) -> None:
    await with_support(world, timeout_presence=own)
    await world.arrive(mail())
    assert len(await world.inbox("ana")) == 1
    world.clock.turn(60)
    await services.deadlines.run_passed(world.desk)
    ana = world.actors["ana"]
    assert await presence_of(world, ana) == expected
    async with world.desk.store.read() as tx:
        query = sa.select(events.c.data).where(events.c.type == "presence_changed")
        last = (await tx.all(query.order_by(events.c.seq)))[-1]
    assert last.data["why"] == "did not answer an offer"


async def test_an_offer_of_a_queue_without_a_limit_stays(world: World) -> None:
    await with_support(world, accept_timeout_s=None)
    await world.arrive(mail())
    (card,) = await world.inbox("ana")
    world.clock.turn(30)
    assert card.expires_at is None
    assert [c.work_item_id for c in await world.inbox("ana")] == [card.work_item_id]


async def test_a_presence_for_other_channels_gives_offers_back(world: World) -> None:
    phone = PresenceSetup("calls", "On calls", True, channels=("phone",))
    await world.change_policy(presences=(*POLICY.presences, phone))
    await world.arrive(mail())
    assert len(await world.inbox("ana")) == 1
    ana = world.actors["ana"]
    await services.presence.set_presence(world.desk, ana, "calls")
    assert await world.inbox("ana") == ()


# Waiting for too long


async def overdue(world: World, **changes: object) -> tuple[Actor, InteractionId]:
    """Work of Support that waited for its ten minutes, while nobody is there."""
    await with_support(world, max_wait_s=600, **changes)
    await world.arrive(mail())
    sue = await world.sign_in("sue")
    await services.presence.set_presence(world.desk, sue, "away")
    (row,) = (await services.views.interactions(world.desk, sue, which="queued")).rows
    world.clock.turn(599)
    await services.deadlines.run_passed(world.desk)
    assert not (await newest(world, row.interaction_id)).needs_attention
    world.clock.turn(1)
    await services.deadlines.run_passed(world.desk)
    return sue, row.interaction_id


async def test_what_waited_too_long_needs_attention(world: World) -> None:
    sue, key = await overdue(world)
    item = await newest(world, key)
    assert (item.state, item.needs_attention) == (WorkState.QUEUED, True)
    page = await services.views.stream(world.desk, sue, key)
    assert "Waited for longer than Support allows" in [e.title for e in page.entries]


async def test_what_waited_too_long_moves_on_and_keeps_its_place(world: World) -> None:
    sue, key = await overdue(world, overflow=Overflow.MOVE, overflow_queue="sales")
    item = await newest(world, key)
    assert (world.clock.now() - item.queued_at).total_seconds() == 600
    await services.presence.set_presence(world.desk, sue, "available")
    (card,) = await world.inbox("sue")
    assert (card.interaction_id, card.queue) == (key, "Sales")
    assert [(what, queue) for what, queue, *_ in await log(world)] == [
        ("arrived", "support"),
        ("moved", "support"),
        ("arrived", "sales"),
        ("offered", "sales"),
    ]


async def test_a_search_that_took_too_long_may_end(world: World) -> None:
    _, key = await overdue(world, overflow=Overflow.CANCEL)
    item = await newest(world, key)
    assert item.cancel_reason == "waited past the queue's maximum"
    assert (await log(world))[-1] == ("abandoned", "support", 600.0, None)


async def test_an_offer_is_answered_before_its_waiting_has_consequences(world: World) -> None:
    await with_support(world, max_wait_s=30, overflow=Overflow.CANCEL)
    await world.arrive(mail())
    (card,) = await world.inbox("ana")
    world.clock.turn(31)
    await services.deadlines.run_passed(world.desk)
    assert (await newest(world, card.interaction_id)).state is WorkState.OFFERED
    world.clock.turn(29)
    await services.deadlines.run_passed(world.desk)
    assert (await newest(world, card.interaction_id)).state is WorkState.CANCELED


async def test_what_was_accepted_does_not_wait_any_more(world: World) -> None:
    await with_support(world, max_wait_s=600)
    await world.arrive(mail())
    _, key = await world.at_work()
    world.clock.turn(601)
    await services.deadlines.run_passed(world.desk)
    assert not (await newest(world, key)).needs_attention


# Picking


async def test_a_queue_may_let_nobody_pick(world: World) -> None:
    await with_support(world, pick=False)
    await world.arrive(mail())
    ben, sue = await world.sign_in("ben"), await world.sign_in("sue")
    key = InteractionId(1)
    with pytest.raises(NotAllowed, match="Work of Support is given out by the desk"):
        await services.offers.assign_to_me(world.desk, ben, key)
    await services.offers.assign_to_me(world.desk, sue, key)
    assert (await services.views.interaction(world.desk, sue, key)).mine


async def test_agents_pick_where_their_groups_serve(world: World) -> None:
    zoe = AgentSetup("zoe", "Zoe", groups=frozenset({"billing"}))
    await world.change_policy(agents=(*POLICY.agents, zoe))
    await world.arrive(mail())
    stranger, ben = await world.sign_in("zoe"), await world.sign_in("ben")
    with pytest.raises(NotAllowed, match="You are in no group that serves Support"):
        await services.offers.assign_to_me(world.desk, stranger, InteractionId(1))
    await services.offers.assign_to_me(world.desk, ben, InteractionId(1))
    assert (await services.presence.status(world.desk, ben)).used == 1


async def test_what_is_offered_to_one_may_be_picked_by_another(world: World) -> None:
    await world.arrive(mail())
    (card,) = await world.inbox("ana")
    ben = await world.sign_in("ben")
    await services.offers.assign_to_me(world.desk, ben, card.interaction_id)
    assert await world.inbox("ana") == ()
    assert (await services.presence.status(world.desk, world.actors["ana"])).used == 0


async def test_a_full_agent_picks_nothing(world: World) -> None:
    await world.arrive(*[mail(subject=f"Question {n}") for n in range(3)])
    await world.inbox("ben")
    with pytest.raises(CapacityExceeded, match="You have 2 of 2 in use"):
        await services.offers.assign_to_me(world.desk, world.actors["ben"], InteractionId(3))


# What figures are counted from


async def test_the_log_says_what_became_of_every_offer(world: World) -> None:
    await world.arrive(mail())
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    (card,) = await world.inbox("ana")
    await services.offers.reject(world.desk, ana, card.work_item_id, "skill")
    await world.inbox("ben")
    world.clock.turn(60)
    await world.inbox("ben")
    await services.presence.set_presence(world.desk, ben, "available")
    world.clock.turn(60)
    (card,) = await world.inbox("ben")
    await services.offers.accept(world.desk, ben, card.work_item_id)
    assert await log(world) == [
        ("arrived", "support", None, None),
        ("offered", "support", None, None),
        ("rejected", "support", None, None),
        ("offered", "support", None, None),
        ("timed_out", "support", None, None),
        ("offered", "support", None, None),
        ("accepted", "support", 120.0, True),
    ]


async def test_what_was_accepted_late_is_not_within_the_target(world: World) -> None:
    await with_support(world, target_wait_s=30)
    await world.arrive(mail())
    world.clock.turn(31)
    await world.at_work()
    assert (await log(world))[-1] == ("accepted", "support", 31.0, False)


async def test_handling_counts_work_and_wrap_up_but_not_days_on_hold(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    world.clock.turn(100)
    await services.handling.hold(world.desk, ana, key)
    world.clock.turn(86_400)
    await services.handling.resume(world.desk, ana, key)
    world.clock.turn(20)
    await services.handling.close(world.desk, ana, key)
    world.clock.turn(3)
    code = (await services.handling.wrap_up_codes(world.desk, ana, key))[0]
    await services.handling.wrap_up(world.desk, ana, key, code.code_id, "")
    assert (await log(world))[-1] == ("handled", "support", 123.0, None)


async def test_each_agent_has_their_own_handling(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    world.clock.turn(40)
    await services.transferring.to_agent(world.desk, ana, key, ben.agent_id, "")
    assert ("handled", "support", 40.0, None) in await log(world)
    (card,) = await world.inbox("ben")
    await services.offers.accept(world.desk, ben, card.work_item_id)
    world.clock.turn(7)
    await services.transferring.to_queue(
        world.desk, ben, key, world.desk.in_force.queue_ids["sales"], ""
    )
    handled = [seconds for what, _, seconds, _ in await log(world) if what == "handled"]
    assert handled == [40.0, 7.0]


async def test_what_is_given_without_asking_counts_as_accepted(world: World) -> None:
    await with_support(world, auto_accept=AutoAccept.CARD_AND_TAB)
    await world.arrive(mail())
    assert await world.inbox("ana") == ()
    (row,) = (await services.views.desktop(world.desk, world.actors["ana"])).ongoing
    assert (row.given, row.opens) == (True, True)
    assert [what for what, *_ in await log(world)] == ["arrived", "accepted"]

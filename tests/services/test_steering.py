"""Steering: what supervisors do with work items, many at once, and how they take it back."""

from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.board import Steered
from agentdesk.domain.errors import BadInput, NotAllowed, NotFound
from agentdesk.domain.ids import InteractionId, QueueId, WorkItemId
from agentdesk.domain.interaction import State
from agentdesk.domain.work import WorkItem, WorkState
from agentdesk.storage import work
from agentdesk.storage.tables import decisions
from tests.desks import World, mail


async def waiting(world: World, count: int = 1) -> tuple[Actor, list[WorkItem]]:
    """Work that nobody was asked for yet, and the supervisor who sees it."""
    await world.arrive(*[mail(subject=f"Question {n}") for n in range(count)])
    return await world.sign_in("sue"), await items(world)


async def items(world: World) -> list[WorkItem]:
    """What waits in queues, the oldest first."""
    async with world.desk.store.read() as tx:
        found = [work.made(r) for r in await work.queued(tx)]
    return sorted(found, key=lambda w: w.id)


async def item_of(world: World, key: InteractionId) -> WorkItem:
    async with world.desk.store.read() as tx:
        found = await work.newest_of(tx, key)
    assert found is not None
    return found


async def titles(world: World, actor: Actor, key: InteractionId) -> list[str]:
    page = await services.views.stream(world.desk, actor, key)
    return [e.title for e in page.entries]


def sales(world: World) -> QueueId:
    return world.desk.in_force.queue_ids["sales"]


def ids(found: list[WorkItem]) -> list[WorkItemId]:
    return [w.id for w in found]


async def test_waiting_work_is_offered_to_the_chosen_agent_and_taken_back(world: World) -> None:
    sue, (item,) = await waiting(world)
    ana = await world.sign_in("ana")
    done = await services.steering.assign(world.desk, sue, [item.id], ana.agent_id)
    assert (done.done, done.refused) == (1, ())
    offered = await item_of(world, item.interaction_id)
    assert (offered.state, offered.agent_id) == (WorkState.OFFERED, ana.agent_id)
    assert offered.expires_at is not None
    async with world.desk.store.read() as tx:
        (row,) = await tx.all(sa.select(decisions))
    assert (row.agent_id, row.reason) == (ana.agent_id, "assigned by Sue Lind")
    assert (await services.steering.undo(world.desk, sue, done)).done == 1
    assert (await item_of(world, item.interaction_id)).state is WorkState.QUEUED


async def test_why_not_somebody_else_is_answered_for_what_a_person_decided(world: World) -> None:
    sue, (item,) = await waiting(world)
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    await services.steering.assign(world.desk, sue, [item.id], ben.agent_id)
    told = await services.explaining.why(world.desk, ana, item.id)
    assert [(r.agent, r.why, r.chosen) for r in told.reasons] == [
        ("Ben Okafor", "assigned by Sue Lind", True),
        ("Ana Ruiz", "could have taken it, too", False),
    ]


async def test_an_agent_gets_no_more_than_fits_and_the_rest_is_named(world: World) -> None:
    sue, found = await waiting(world, 3)
    ben = await world.sign_in("ben")
    done = await services.steering.assign(world.desk, sue, ids(found), ben.agent_id)
    assert done.done == 2
    (refused,) = done.refused
    assert refused.number == "IMS0000003"
    assert refused.sentence == "Ben Okafor cannot take it now: 2 of 2 in use."


async def test_who_is_not_there_is_not_assigned_anything(world: World) -> None:
    sue, (item,) = await waiting(world)
    ana = world.desk.in_force.agent_ids["ana"]
    done = await services.steering.assign(world.desk, sue, [item.id], ana)
    assert [r.sentence for r in done.refused] == ["Ana Ruiz cannot take it now: Offline."]


async def test_work_moves_to_another_queue_in_its_place_and_back(world: World) -> None:
    sue, (item,) = await waiting(world)
    world.clock.turn(90)
    done = await services.steering.move(world.desk, sue, [item.id], sales(world))
    moved = await item_of(world, item.interaction_id)
    assert (moved.queue_id, moved.queued_at) == (sales(world), item.queued_at)
    async with world.desk.store.read() as tx:
        old = await work.get(tx, item.id)
    assert (old.state, old.cancel_reason) == (WorkState.CANCELED, "moved to another queue")
    assert "Moved from Support to Sales by Sue Lind" in await titles(
        world, sue, item.interaction_id
    )
    back = await services.steering.undo(world.desk, sue, done)
    assert back.done == 1
    again = await item_of(world, item.interaction_id)
    assert (again.queue_id, again.queued_at) == (item.queue_id, item.queued_at)


async def test_priorities_change_in_bulk_and_back_but_not_what_somebody_else_changed(
    world: World,
) -> None:
    sue, found = await waiting(world, 3)
    done = await services.steering.set_priority(world.desk, sue, ids(found), 1)
    assert done.done == 3
    await services.steering.set_priority(world.desk, sue, [found[0].id], 2)
    back = await services.steering.undo(world.desk, sue, done)
    assert back.done == 2
    assert [(r.number, r.sentence) for r in back.refused] == [
        ("IMS0000001", "It was changed since.")
    ]
    assert [w.priority for w in await items(world)] == [2, 3, 3]
    view = await services.views.interaction(world.desk, sue, found[0].interaction_id)
    assert view.priority == 2


async def test_a_canceled_search_leaves_the_record_new_and_can_be_assigned_by_hand(
    world: World,
) -> None:
    sue, (item,) = await waiting(world)
    await services.steering.cancel(world.desk, sue, [item.id])
    ana = await world.sign_in("ana")
    assert await world.inbox("ana") == ()
    assert (await item_of(world, item.interaction_id)).cancel_reason == "canceled by a supervisor"
    await services.offers.assign_to_me(world.desk, ana, item.interaction_id)
    view = await services.views.interaction(world.desk, ana, item.interaction_id)
    assert (view.state, view.mine) == (State.WORK_IN_PROGRESS, True)


async def test_a_canceled_search_goes_on_after_an_undo(world: World) -> None:
    sue, (item,) = await waiting(world)
    done = await services.steering.cancel(world.desk, sue, [item.id])
    assert (await services.steering.undo(world.desk, sue, done)).done == 1
    (again,) = await items(world)
    assert (again.queue_id, again.queued_at) == (item.queue_id, item.queued_at)
    assert [c.interaction_id for c in await world.inbox("ana")] == [item.interaction_id]


async def test_a_cancel_is_not_undone_once_somebody_has_it(world: World) -> None:
    sue, (item,) = await waiting(world)
    done = await services.steering.cancel(world.desk, sue, [item.id])
    ana = await world.sign_in("ana")
    await services.offers.assign_to_me(world.desk, ana, item.interaction_id)
    back = await services.steering.undo(world.desk, sue, done)
    assert [r.sentence for r in back.refused] == ["Somebody looks after it already."]


@pytest.mark.parametrize("held", [False, True])
async def test_work_is_taken_from_who_has_it_and_given_back(world: World, held: bool) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    if held:
        await services.handling.hold(world.desk, ana, key)
    sue = await world.sign_in("sue")
    done = await services.steering.requeue(world.desk, sue, [(await item_of(world, key)).id])
    assert done.done == 1
    assert (await services.presence.status(world.desk, ana)).used == 0
    assert "Put back from Ana Ruiz into Support by Sue Lind" in await titles(world, sue, key)
    assert (await services.steering.undo(world.desk, sue, done)).done == 1
    assert (await services.views.interaction(world.desk, ana, key)).mine


async def test_an_offer_is_taken_back_into_its_queue(world: World) -> None:
    sue, (item,) = await waiting(world)
    assert len(await world.inbox("ana")) == 1
    done = await services.steering.requeue(world.desk, sue, [item.id])
    assert (done.done, done.undo) == (1, ())
    assert (await item_of(world, item.interaction_id)).state is WorkState.QUEUED


async def test_what_cannot_be_done_is_refused_with_a_sentence(world: World) -> None:
    sue, (item,) = await waiting(world)
    steering, desk = services.steering, world.desk
    assert await sentence(steering.requeue(desk, sue, [item.id])) == (
        "It waits in its queue already."
    )
    assert await sentence(steering.move(desk, sue, [item.id], item.queue_id)) == (
        "It is in Support already."
    )
    (card,) = await world.inbox("ana")
    ana = world.actors["ana"]
    assert await sentence(steering.assign(desk, sue, [item.id], ana.agent_id)) == (
        "They have it already."
    )
    key = await services.offers.accept(desk, ana, card.work_item_id)
    assert await sentence(steering.cancel(desk, sue, [item.id])) == (
        "An agent has it. Requeue it first."
    )
    await services.handling.close(desk, ana, key)
    assert await sentence(steering.requeue(desk, sue, [item.id])) == "It is Wrap Up."
    assert await sentence(steering.cancel(desk, sue, [WorkItemId(99)])) == (
        "This work item does not exist any more."
    )
    with pytest.raises(BadInput):
        await steering.set_priority(desk, sue, [item.id], 6)
    with pytest.raises(NotFound):
        await steering.move(desk, sue, [item.id], QueueId(99))


async def sentence(word: Awaitable[Steered]) -> str:
    (refused,) = (await word).refused
    return refused.sentence


WORDS: list[Callable[[World, Actor], Awaitable[object]]] = [
    lambda w, a: services.steering.targets(w.desk, a, [WorkItemId(1)]),
    lambda w, a: services.steering.assign(w.desk, a, [WorkItemId(1)], a.agent_id),
    lambda w, a: services.steering.requeue(w.desk, a, [WorkItemId(1)]),
    lambda w, a: services.steering.move(w.desk, a, [WorkItemId(1)], sales(w)),
    lambda w, a: services.steering.set_priority(w.desk, a, [WorkItemId(1)], 1),
    lambda w, a: services.steering.cancel(w.desk, a, [WorkItemId(1)]),
    lambda w, a: services.steering.undo(w.desk, a, Steered(0)),
]


@pytest.mark.parametrize("word", WORDS)
async def test_only_supervisors_steer(
    world: World, word: Callable[[World, Actor], Awaitable[object]]
) -> None:
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    with pytest.raises(NotAllowed):
        await word(world, ana)


async def test_targets_of_work_items_are_everybody_who_could_take_them(world: World) -> None:
    sue, (item,) = await waiting(world)
    await world.sign_in("ana")
    found = await services.steering.targets(world.desk, sue, [item.id])
    assert [(a.name, a.why_not) for a in found.agents] == [
        ("Ana Ruiz", ""),
        ("Sue Lind", ""),
        ("Ben Okafor", "Offline"),
    ]

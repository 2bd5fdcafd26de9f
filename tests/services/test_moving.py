"""Mails are moved to where they belong, later replies follow them, and an undo puts all back."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseState, NewCase
from agentdesk.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from agentdesk.domain.ids import CaseId, InteractionId, MessageId, MoveId, ThreadId
from agentdesk.domain.interaction import State
from agentdesk.domain.moved import following
from agentdesk.domain.moving import OWN_CASE, OWN_INTERACTION, Destination, to
from agentdesk.domain.views import StreamEntry
from agentdesk.services.batch import thread_of
from agentdesk.storage import cases, interactions, messages
from tests.desks import World, mail


def test_a_mail_takes_along_only_what_came_after_it_and_hangs_on_it() -> None:
    letters = [
        (1, {"a@x"}, set[str]()),
        (2, {"b@x", "b2@x"}, {"a@x"}),
        (3, {"c@x"}, {"a@x"}),
        (4, {"d@x"}, {"a@x", "b2@x"}),
        (5, {"e@x"}, {"d@x"}),
        (6, {""}, {""}),
    ]
    assert following([2], letters) == [2, 4, 5]
    assert following([1], letters) == [1, 2, 3, 4, 5]
    assert following([6], letters) == [6]


async def lies_in(world: World, message_id: int) -> int:
    async with world.desk.store.read() as tx:
        return thread_of(await messages.get(tx, message_id)) or 0


async def thread(world: World, key: int) -> Any:
    async with world.desk.store.read() as tx:
        found: list[Any] = [*await interactions.get_many(tx, [key])]
        return (found or await cases.get_many(tx, [key]))[0]


async def shown(world: World, actor: Actor, key: int) -> tuple[list[int], list[str]]:
    """The mails of a record's stream, and its other lines."""
    record = await thread(world, key)
    if isinstance(record.state, CaseState):
        page = await services.cases.stream(world.desk, actor, CaseId(key))
    else:
        page = await services.views.stream(world.desk, actor, InteractionId(key))
    return _mails(page.entries), [e.title for e in page.entries if not e.message_id]


def _mails(entries: tuple[StreamEntry, ...]) -> list[int]:
    return [e.message_id for e in entries if e.message_id]


async def go(
    world: World, actor: Actor, message_id: int, where: Destination, *, rest: bool = False
) -> MoveId:
    return await services.moving.move(
        world.desk, actor, (MessageId(message_id),), where, rest_of_thread=rest
    )


async def two_talks(world: World) -> tuple[Actor, InteractionId, InteractionId]:
    """Ana's conversation about a parcel with two mails, and another about a lamp."""
    await world.arrive(mail(message_id="one@fjord.example"))
    ana, parcel = await world.at_work()
    await world.arrive(
        mail("The lamp, too.", in_reply_to="one@fjord.example", message_id="two@fjord.example")
    )
    await world.arrive(mail("A lamp.", subject="Lamp", message_id="lamp@fjord.example"))
    ana, lamp = await world.at_work()
    return ana, parcel, lamp


async def test_a_moved_mail_stands_in_the_new_stream_and_leaves_one_line_in_the_old(
    world: World,
) -> None:
    ana, parcel, lamp = await two_talks(world)
    await go(world, ana, 2, to(lamp))
    assert await lies_in(world, 2) == lamp
    assert (await shown(world, ana, parcel))[0] == [1]
    assert (await shown(world, ana, lamp))[0] == [3, 2]
    async with world.desk.store.read() as tx:
        assert await messages.found(tx, "lamp too", 5) == [lamp], "it is found where it lies"


async def test_a_reply_to_a_moved_mail_goes_where_that_lies_now(world: World) -> None:
    ana, _, lamp = await two_talks(world)
    await go(world, ana, 2, to(lamp))
    await world.arrive(mail("And its cable.", in_reply_to="two@fjord.example"))
    assert await lies_in(world, 4) == lamp
    view = await services.links.decision(world.desk, ana, MessageId(4))
    assert view.reason == "It refers to a message that was moved to IMS0000003."
    await world.arrive(mail("The parcel again.", in_reply_to="one@fjord.example"))
    assert await lies_in(world, 5) != lamp


async def test_undo_puts_mails_and_states_back_exactly(world: World) -> None:
    ana, parcel, lamp = await two_talks(world)
    await services.handling.hold(world.desk, ana, lamp)
    held = await thread(world, lamp)
    before = [await shown(world, ana, key) for key in (parcel, lamp)]
    move = await go(world, ana, 2, to(lamp))
    assert (await thread(world, lamp)).state is State.WORK_IN_PROGRESS, "its customer wrote"
    await services.moving.undo(world.desk, ana, move)
    after = await thread(world, lamp)
    assert (after.state, after.held_at) == (State.ON_HOLD, held.held_at)
    for key, (mails, _) in zip((parcel, lamp), before, strict=True):
        assert (await shown(world, ana, key))[0] == mails
    with pytest.raises(Conflict, match="undone already"):
        await services.moving.undo(world.desk, ana, move)


async def test_the_rest_of_the_thread_goes_along_if_asked(world: World) -> None:
    ana, parcel, lamp = await two_talks(world)
    await world.arrive(mail("More.", in_reply_to="two@fjord.example"))
    await go(world, ana, 2, to(lamp), rest=True)
    assert [await lies_in(world, n) for n in (1, 2, 3, 4)] == [parcel, lamp, lamp, lamp]


async def test_a_split_mail_has_an_interaction_or_a_case_of_its_own(world: World) -> None:
    ana, parcel, _ = await two_talks(world)
    await go(world, ana, 2, OWN_CASE)
    own = await thread(world, await lies_in(world, 2))
    assert (own.number, own.state, own.owner_id) == ("CS0000001", CaseState.OPEN, ana.agent_id)
    await go(world, ana, 2, OWN_INTERACTION)
    again = await thread(world, await lies_in(world, 2))
    assert (again.state, again.owner_id) == (State.WORK_IN_PROGRESS, ana.agent_id)
    assert again.subject == "Order 5512 damaged"
    assert again.id not in (parcel, own.id)


async def test_an_interaction_without_any_mail_left_is_abandoned_until_the_undo(
    world: World,
) -> None:
    ana, _, lamp = await two_talks(world)
    await world.arrive(mail("Third.", subject="Third", message_id="three@fjord.example"))
    third = await lies_in(world, 4)
    assert len(await world.inbox()) == 1
    move = await go(world, ana, 4, to(lamp))
    assert (await thread(world, third)).state is State.CLOSED_ABANDONED
    assert await world.inbox() == ()
    await services.moving.undo(world.desk, ana, move)
    assert (await thread(world, third)).state is State.NEW
    assert len(await world.inbox()) == 1, "an agent is searched for again"


async def test_a_record_that_was_made_for_a_mail_closes_with_the_undo(world: World) -> None:
    ana, parcel, _ = await two_talks(world)
    move = await go(world, ana, 2, OWN_CASE)
    made = await lies_in(world, 2)
    await services.moving.undo(world.desk, ana, move)
    assert (await thread(world, made)).state is CaseState.CLOSED
    assert await lies_in(world, 2) == parcel


async def test_an_undo_waits_for_nothing_that_hangs_on_the_move(world: World) -> None:
    ana, _, lamp = await two_talks(world)
    move = await go(world, ana, 2, to(lamp))
    await world.arrive(mail("And its cable.", in_reply_to="two@fjord.example"))
    with pytest.raises(Conflict, match="came into IMS0000003 since"):
        await services.moving.undo(world.desk, ana, move)
    further = await go(world, ana, 2, OWN_INTERACTION)
    with pytest.raises(Conflict, match="moved on since"):
        await services.moving.undo(world.desk, ana, move)
    await services.moving.undo(world.desk, ana, further)
    assert await lies_in(world, 2) == lamp


async def test_closed_is_final_for_what_goes_in_but_not_for_what_comes_out(world: World) -> None:
    ana, parcel, lamp = await two_talks(world)
    case_id = await services.cases.create(world.desk, ana, parcel, NewCase())
    with pytest.raises(BadInput, match="IMS0000001 is closed"):
        await go(world, ana, 3, to(parcel))
    await go(world, ana, 2, to(lamp))
    assert (await shown(world, ana, case_id))[0] == [1]
    await go(world, ana, 3, to(case_id))
    assert (await shown(world, ana, case_id))[0] == [1, 3]


async def test_mails_of_a_merged_case_are_moved_and_replies_still_find_them(world: World) -> None:
    ana, parcel, lamp = await two_talks(world)
    gone = await services.cases.create(world.desk, ana, parcel, NewCase())
    kept = await services.cases.create(world.desk, ana, lamp, NewCase())
    await go(world, ana, 2, to(gone))
    async with world.desk.store.write() as tx:
        from agentdesk.domain import case as case_moves

        one, other = await cases.get(tx, gone), await cases.get(tx, kept)
        await cases.save(tx, case_moves.be_merged(one, other, world.clock.now()))
    await world.arrive(mail("Yes?", in_reply_to="two@fjord.example"))
    assert await lies_in(world, 4) == kept
    await go(world, ana, 2, OWN_INTERACTION)
    await world.arrive(mail("Yes?", in_reply_to="two@fjord.example"))
    assert await lies_in(world, 5) == await lies_in(world, 2)


async def test_only_who_has_one_of_the_records_moves_mail(world: World) -> None:
    _, _, lamp = await two_talks(world)
    ben = await world.sign_in("ben")
    with pytest.raises(NotAllowed, match="IMS0000001 is not yours"):
        await go(world, ben, 2, to(lamp))
    sue = await world.sign_in("sue")
    await go(world, sue, 2, to(lamp))
    with pytest.raises(NotFound):
        await go(world, sue, 99, to(lamp))
    with pytest.raises(BadInput, match="lies in IMS0000003 already"):
        await go(world, sue, 2, to(lamp))


@dataclass
class Model:
    """Where each mail should lie, and which moves hold."""

    place: dict[int, ThreadId] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    moves: list[tuple[MoveId, list[int], dict[int, ThreadId], set[int]]] = field(
        default_factory=list
    )


@pytest.mark.parametrize("seed", range(6))
async def test_each_mail_lies_in_one_record_and_replies_follow_whatever_is_moved(
    world: World, seed: int
) -> None:
    chance, model = random.Random(seed), Model()
    sue = await world.sign_in("sue")
    for n in range(1, 4):
        await world.arrive(mail(f"Matter {n}.", subject=f"Matter {n}", message_id=f"{n}@x.example"))
        model.place[n] = InteractionId(await lies_in(world, n))
    for _ in range(12):
        step = chance.choice([_reply, _reply, _move, _move, _undo])
        await step(world, sue, chance, model)
        there = {n: await lies_in(world, n) for n in model.place}
        assert there == model.place
    for key in {*model.place.values()}:
        mails, _ = await shown(world, sue, key)
        assert sorted(mails) == sorted(n for n, place in model.place.items() if place == key)


async def _reply(world: World, sue: Actor, chance: random.Random, model: Model) -> None:
    """A customer answers some mail: it goes where that lies, if that is open."""
    cited = chance.choice(list(model.place))
    key = max(model.place) + 1
    raw = mail(f"Answer {key}.", in_reply_to=f"{cited}@x.example", message_id=f"{key}@x.example")
    await world.arrive(raw)
    target = await thread(world, model.place[cited])
    model.place[key] = InteractionId(await lies_in(world, key))
    if not target.state.closed:
        assert model.place[key] == model.place[cited]


async def _move(world: World, sue: Actor, chance: random.Random, model: Model) -> None:
    chosen = chance.choice(list(model.place))
    where = chance.choice([OWN_CASE, OWN_INTERACTION, *(to(k) for k in {*model.place.values()})])
    before = dict(model.place)
    try:
        move = await go(world, sue, chosen, where, rest=chance.random() < 0.5)
    except BadInput:
        return
    now = {n: InteractionId(await lies_in(world, n)) for n in before}
    gone = [n for n in before if now[n] != before[n]]
    assert chosen in gone
    assert {before[n] for n in gone} == {before[chosen]}
    assert len({now[n] for n in gone}) == 1
    model.place.update(now)
    model.moves.append((move, gone, before, set(before)))


async def _undo(world: World, sue: Actor, chance: random.Random, model: Model) -> None:
    if not model.moves:
        return
    move, gone, before, _ = model.moves[-1]
    try:
        await services.moving.undo(world.desk, sue, move)
    except Conflict:
        return
    model.place.update({n: before[n] for n in gone})
    model.moves.pop()

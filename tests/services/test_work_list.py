"""The list of work items: pages without gaps in every order, on both databases."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from agentdesk import services
from agentdesk.domain.board import WorkLine
from agentdesk.domain.errors import BadInput, NotAllowed
from agentdesk.domain.ids import QueueId
from agentdesk.domain.work import WorkState
from agentdesk.storage import work
from tests.desks import World, mail

SORTS = {
    "waited": lambda r: (r.queued_at, r.work_item_id),
    "priority": lambda r: (r.priority, r.queued_at, r.work_item_id),
    "target": lambda r: (r.target_at is None, r.target_at or r.queued_at, r.work_item_id),
}


async def waiting(world: World, count: int = 23) -> None:
    """Items of every kind: some without a target, some of the same moment, some offered."""
    await world.arrive(*(mail(subject=f"Order {n}") for n in range(count)))
    chance = random.Random(7)
    async with world.desk.store.write() as tx:
        for row in await work.queued(tx):
            item = work.made(row)
            at = item.queued_at - timedelta(minutes=chance.randrange(6))
            target = None if chance.random() < 0.3 else at + timedelta(minutes=10)
            await work.save(
                tx,
                replace(
                    item,
                    queued_at=at,
                    priority=chance.randrange(1, 4),
                    target_at=target,
                    queue_id=QueueId(1 + item.id % 2),
                    needs_attention=item.id % 5 == 0,
                    state=WorkState.OFFERED if item.id % 4 == 0 else WorkState.QUEUED,
                ),
            )


async def pages(world: World, limit: int, **asked: object) -> list[WorkLine]:
    """Every page forwards; read back, they are the same."""
    sue = world.actors.get("sue") or await world.sign_in("sue")
    found, after = [], None
    last = None
    while True:
        page = await services.work_list.page(
            world.desk,
            sue,
            after=after,
            limit=limit,
            **asked,  # type: ignore[arg-type]
        )
        found.append(page)
        if page.after is None:
            break
        after, last = page.after, page
    if last is not None and found[-1].rows:
        back = await services.work_list.page(
            world.desk,
            sue,
            before=found[-1].before,
            limit=limit,
            **asked,  # type: ignore[arg-type]
        )
        assert back.rows == last.rows
    return [row for page in found for row in page.rows]


@pytest.mark.parametrize("order", ["waited", "priority", "target"])
@pytest.mark.parametrize("limit", [1, 4, 200])
async def test_every_item_is_on_one_page_in_its_order(world: World, order: str, limit: int) -> None:
    await waiting(world)
    found = await pages(world, limit, order=order)
    assert len({row.work_item_id for row in found}) == len(found) == 23
    assert found == sorted(found, key=SORTS[order])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("which", "meant"),
    [
        ("waiting", lambda row: row.state is WorkState.QUEUED),
        ("offered", lambda row: row.state is WorkState.OFFERED),
        ("attention", lambda row: row.needs_attention),
    ],
)
async def test_a_list_holds_what_its_name_says(world: World, which: str, meant: object) -> None:
    await waiting(world)
    everything = await pages(world, 200)
    found = await pages(world, 3, which=which)
    assert found
    assert found == [row for row in everything if meant(row)]  # type: ignore[operator]
    sue = world.actors["sue"]
    counts = await services.work_list.counts(world.desk, sue)
    assert counts[which] == len(found)
    assert counts["open"] == 23


async def test_one_queue_and_words_narrow_the_list(world: World) -> None:
    await waiting(world)
    of_queue = await pages(world, 5, queue_id=QueueId(2))
    assert {row.queue for row in of_queue} == {"Sales"}
    assert [row.subject for row in await pages(world, 5, search="Order 17")] == ["Order 17"]
    number = of_queue[0].number
    assert [row.number for row in await pages(world, 5, search=number)] == [number]
    assert await pages(world, 5, search="zeppelin") == []


async def test_the_list_is_for_supervisors_and_knows_its_names(world: World) -> None:
    ana, sue = await world.sign_in("ana"), await world.sign_in("sue")
    with pytest.raises(NotAllowed):
        await services.work_list.page(world.desk, ana)
    with pytest.raises(NotAllowed):
        await services.work_list.counts(world.desk, ana)
    with pytest.raises(BadInput):
        await services.work_list.page(world.desk, sue, which="lost")
    with pytest.raises(BadInput):
        await services.work_list.page(world.desk, sue, order="colour")


async def test_a_line_says_how_long_it_waited_and_who_is_asked(world: World) -> None:
    await world.arrive(mail(subject="Order 1"))
    world.clock.turn(42)
    await world.inbox("ana")
    (row,) = await pages(world, 5)
    assert (row.waited_s, row.agent, row.state) == (42.0, "Ana Ruiz", WorkState.OFFERED)
    assert (row.customer, row.queue, row.offers) == ("Mara Olsen", "Support", 1)

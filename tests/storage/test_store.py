"""Transactions, events, blobs, deadlines and the feed, alike on both databases."""

import asyncio
import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.domain.deadline import Due
from agentdesk.domain.errors import Conflict
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.interaction import State
from agentdesk.storage import blobs, deadlines, events, feed, interactions
from agentdesk.storage.schema import open_store
from agentdesk.storage.tables import events as event_table
from tests.desks import World, mail


def _event(world: World, record_id: int = 1) -> Event:
    about = (Record.INTERACTION, record_id, Happened.NOTE_ADDED)
    return Event(world.clock.now(), SYSTEM, *about, {"text": "Grüße 👋"})


async def test_a_cancelled_write_leaves_the_database_free_at_once(world: World) -> None:
    async def write_on() -> None:
        while True:
            async with world.desk.store.write() as tx:
                await blobs.put_one(tx, b"content")
                tx.record(_event(world))

    for instant in range(60):
        writing = asyncio.create_task(write_on())
        for _ in range(instant):
            await asyncio.sleep(0)
        for _ in range(3):
            writing.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(writing, return_exceptions=True)
        async with asyncio.timeout(5), world.desk.store.write() as tx:
            tx.record(_event(world))


async def test_an_error_rolls_everything_back(world: World) -> None:
    async def fail() -> None:
        async with world.desk.store.write() as tx:
            await blobs.put_one(tx, b"content")
            tx.record(_event(world))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with world.desk.store.read() as tx:
        assert await events.of_record(tx, "interaction", 1) == []
        assert await blobs.get_many(tx, [blobs.sha256(b"content")]) == {}


async def test_new_ids_are_never_used_twice(world: World) -> None:
    async def take() -> list[int]:
        async with world.desk.store.write() as tx:
            return await tx.new_ids(event_table, 5)

    taken = await asyncio.gather(*[take() for _ in range(8)])
    assert len({n for ids in taken for n in ids}) == 40


async def test_an_altered_event_breaks_its_chain(world: World) -> None:
    for _ in range(4):
        async with world.desk.store.write() as tx:
            tx.record(_event(world), _event(world, 2))
    async with world.desk.store.read() as tx:
        assert await events.first_broken_link(tx, "interaction", 1) is None
        second = (await events.of_record(tx, "interaction", 1))[1].seq
    async with world.desk.store.write() as tx:
        same = event_table.c.seq == second
        await tx.execute(sa.update(event_table).where(same).values(data={"text": "forged"}))
    async with world.desk.store.read() as tx:
        assert await events.first_broken_link(tx, "interaction", 1) == second
        assert await events.first_broken_link(tx, "interaction", 2) is None


async def test_a_removed_event_breaks_its_chain(world: World) -> None:
    for _ in range(3):
        async with world.desk.store.write() as tx:
            tx.record(_event(world))
    async with world.desk.store.write() as tx:
        newest = await events.last_seq(tx, "interaction", 1)
        await tx.execute(sa.delete(event_table).where(event_table.c.seq == newest))
    async with world.desk.store.read() as tx:
        assert await events.first_broken_link(tx, "interaction", 1) == -1


async def test_many_writers_of_one_record_make_one_chain(world: World) -> None:
    async def write() -> None:
        async with world.desk.store.write() as tx:
            tx.record(_event(world, 9))

    await asyncio.gather(*[write() for _ in range(12)])
    async with world.desk.store.read() as tx:
        assert len(await events.of_record(tx, "interaction", 9)) == 12
        assert await events.first_broken_link(tx, "interaction", 9) is None


async def test_the_second_writer_of_one_version_is_told(world: World) -> None:
    await world.arrive(mail())
    async with world.desk.store.read() as tx:
        (seen,) = await interactions.get_many(tx, [1])
    async with world.desk.store.write() as tx:
        await interactions.save(tx, seen)
    with pytest.raises(Conflict):
        async with world.desk.store.write() as tx:
            await interactions.save(tx, seen)
    assert seen.state is State.NEW


async def test_a_deadline_is_claimed_once(world: World) -> None:
    now = world.clock.now()
    async with world.desk.store.write() as tx:
        await deadlines.put(tx, Due.WRAP_UP, 7, now)
    async with world.desk.store.read() as tx:
        (due,) = await deadlines.passed(tx, now, list(Due))

    async def claim() -> bool:
        async with world.desk.store.write() as tx:
            return await deadlines.claim(tx, due)

    assert sorted(await asyncio.gather(*[claim() for _ in range(5)])) == [False] * 4 + [True]


async def test_a_moved_deadline_cannot_be_claimed_by_its_old_generation(world: World) -> None:
    now = world.clock.now()
    async with world.desk.store.write() as tx:
        await deadlines.put(tx, Due.OFFER, 7, now)
        (old,) = await deadlines.passed(tx, now, list(Due))
        await deadlines.put(tx, Due.OFFER, 7, now + timedelta(hours=1))
        assert not await deadlines.claim(tx, old)
        assert await deadlines.due_at(tx, Due.OFFER, 7) == now + timedelta(hours=1)


@given(content=st.binary(max_size=2000) | st.sampled_from([os.urandom(700_000), b""]))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_blobs_come_back_byte_for_byte(world: World, content: bytes) -> None:
    async with world.desk.store.write() as tx:
        address = await blobs.put_one(tx, content)
        assert await blobs.put_one(tx, content) == address
    async with world.desk.store.read() as tx:
        assert await blobs.get(tx, address) == content


async def test_the_feed_tells_of_every_commit_once(world: World) -> None:
    seen: list[int] = []

    async def follow() -> None:
        async for change in feed.follow(world.desk.store):
            seen.extend(change.interactions)
            if seen and max(seen) == 20:
                return

    task = asyncio.create_task(follow())
    await asyncio.sleep(0)
    while not world.desk.store._listeners:
        await asyncio.sleep(0.01)

    async def commit(n: int) -> None:
        async with world.desk.store.write() as tx:
            tx.record(_event(world, n))

    await asyncio.gather(*[commit(n) for n in range(1, 20)])
    await commit(20)
    async with asyncio.timeout(10):
        await task
    assert set(seen) == set(range(1, 21))


OTHER_PROCESS = """
import asyncio, sys
from datetime import UTC, datetime
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.storage.schema import open_store
async def main():
    store = await open_store(sys.argv[1])
    for n in (1, 2, 3):
        sys.stdin.readline()
        async with store.write() as tx:
            tx.record(Event(datetime.now(UTC), SYSTEM, Record.INTERACTION, n, Happened.OPENED))
    await store.close()
asyncio.run(main())
"""


async def test_two_processes_see_each_others_changes(url: str) -> None:
    store = await open_store(url)
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER_PROCESS, url, stdin=subprocess.PIPE
    )
    assert writer.stdin is not None
    following = feed.follow(store)
    waits = []
    for n in (1, 2, 3):
        heard = asyncio.ensure_future(anext(following))
        while not store._listeners:
            await asyncio.sleep(0.01)
        started = time.monotonic()
        writer.stdin.write(b"\n")
        async with asyncio.timeout(10):
            assert n in (await heard).interactions
        waits.append(time.monotonic() - started)
    await writer.wait()
    await following.aclose()  # type: ignore[attr-defined]
    await store.close()
    print("seconds until another process's change was seen:", [f"{w:.3f}" for w in waits])

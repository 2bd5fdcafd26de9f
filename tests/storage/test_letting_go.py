"""A write that is given up never keeps the database from the next one."""

import asyncio
import random
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from agentdesk.storage import letting_go
from agentdesk.storage import store as storage
from agentdesk.storage.schema import open_store
from agentdesk.storage.store import Store
from agentdesk.storage.tables import deadlines

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
PATIENCE_MS = 1_000


async def write(store: Store, subject: int) -> None:
    async with store.write() as tx:
        await tx.all(sa.select(deadlines))
        row = {"kind": "outbox", "subject": subject, "due_at": NOW, "generation": 1}
        await tx.put(deadlines, row)
        for _ in range(5):
            await tx.all(sa.select(deadlines))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_writes_cancelled_at_any_instant_leave_no_lock_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(storage, "BUSY_MS", PATIENCE_MS)  # a lock left behind ends in an error
    chance = random.Random(seed)
    store = await open_store(f"sqlite:///{tmp_path / 'desk.db'}")
    try:
        for n in range(30):
            given_up = [asyncio.create_task(write(store, k)) for k in range(4)]
            await asyncio.sleep(chance.uniform(0, 0.02))  # the instant itself
            for task in given_up:
                task.cancel()
            await asyncio.gather(*given_up, return_exceptions=True)
            await write(store, 100 + n)
        async with store.read() as tx:
            kept = {r.subject for r in await tx.all(sa.select(deadlines))}
        assert kept >= set(range(100, 130))
    finally:
        await store.close()


async def test_a_connection_that_is_stopped_while_it_closes_ends(tmp_path: Path) -> None:
    connection = await letting_go.connect(str(tmp_path / "desk.db"))
    closing = asyncio.create_task(connection.close())
    await asyncio.sleep(0)
    connection.stop()
    async with asyncio.timeout(20):
        await closing
        await connection.close()


def test_an_answer_to_a_loop_that_has_ended_is_dropped_and_the_thread_ends(tmp_path: Path) -> None:
    running, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        running.set()
        go_on.wait(20)

    async def begin() -> letting_go.LettingGo:
        connection = await letting_go.connect(str(tmp_path / "x.db"))
        waiting = asyncio.create_task(connection._execute(slow))
        await asyncio.to_thread(running.wait, 20)
        waiting.cancel()
        connection.stop()
        return connection

    connection = asyncio.run(begin())
    go_on.set()
    connection._thread.join(20)
    assert not connection._thread.is_alive()

"""The feed: what happened since the last look, whoever did it.

This process's commits wake it at once; those of others by `PRAGMA data_version` (SQLite) or
LISTEN/NOTIFY (PostgreSQL).
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from itertools import count
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.event import Happened, Record
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import AccountId, AgentId, CaseId, CustomerId, DraftId, InteractionId
from agentdesk.storage import drafts, events
from agentdesk.storage.store import Store, Transaction, sqlite_file

POLL_S = 0.1
READ_ALONG_S = 0.5
"""How often a server is asked while a draft is read along: saving one tells nobody else."""
ALIVE_EVERY = 10


async def follow(store: Store) -> AsyncIterator[Change]:
    """Every change from now on, merged per wake-up. Ends only by cancellation or `StorageProblem`."""
    async with store.read() as tx:
        cursor = await events.end(tx)
    seen: dict[int, int] = {}
    with store.listening() as woken:
        async with _others(store, woken):
            while True:
                await woken.wait()
                woken.clear()
                async with store.read() as tx:
                    rows = await events.tail(tx, cursor)
                    typed = await _typed(tx, store, seen)
                if typed:
                    yield Change(drafts=typed, last_seq=max(cursor[1], 1))
                if rows:
                    cursor = (rows[-1].txid, rows[-1].seq)
                    if len(rows) == events.TAIL:  # there may be more
                        woken.set()
                    yield _merged(rows)


async def _typed(tx: Transaction, store: Store, seen: dict[int, int]) -> frozenset[DraftId]:
    """The drafts that are read along and were saved since the last look; saving is no event."""
    for key in seen.keys() - store.watched.keys():
        del seen[key]
    if not store.watched:
        return frozenset()
    now = await drafts.typed(tx, [*store.watched])
    found = {key for key, version in now.items() if seen.get(key) != version}
    found |= seen.keys() - now.keys()  # sent or discarded
    seen.clear()
    seen.update(now)
    return frozenset(map(DraftId, found))


def _merged(rows: list[sa.Row[Any]]) -> Change:
    change = Change()
    for row in rows:
        change |= _change(row)
    return change


def _change(row: sa.Row[Any]) -> Change:
    about = Record(row.record)
    i = frozenset({InteractionId(row.record_id)} if about is Record.INTERACTION else ())
    a = frozenset({AgentId(row.record_id)} if about is Record.AGENT else ())
    d = frozenset({DraftId(row.record_id)} if about is Record.DRAFT else ())
    offers = about is Record.WORK_ITEM
    deliveries = row.outbox_id is not None or row.type == Happened.DELIVERY_CHANGED.value
    policy = about is Record.POLICY
    c = frozenset({CustomerId(row.record_id)} if about is Record.CUSTOMER else ())
    companies = frozenset({AccountId(row.record_id)} if about is Record.ACCOUNT else ())
    return Change(
        i,
        a,
        d,
        offers=offers,
        deliveries=deliveries,
        policy=policy,
        customers=c,
        accounts=companies,
        templates=about is Record.TEMPLATE,
        cases=frozenset({CaseId(row.record_id)} if about is Record.CASE else ()),
        centres=about is Record.CENTRE,
        last_seq=row.seq,
    )


@asynccontextmanager
async def _others(store: Store, woken: asyncio.Event) -> AsyncIterator[None]:
    watch = _watch_file if store.sqlite else _watch_server
    task = asyncio.create_task(watch(store, woken), name="feed watch")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _watch_file(store: Store, woken: asyncio.Event) -> None:
    """A look takes microseconds here; through the driver's thread it was a third of a desk's work."""
    path = sqlite_file(store.url)
    assert path is not None
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as conn:
        seen = None
        while True:
            with suppress(sqlite3.OperationalError):  # locked at this moment: the next look tells
                (version,) = conn.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    woken.set()
                seen = version
            await asyncio.sleep(POLL_S)


async def _watch_server(store: Store, woken: asyncio.Event) -> None:
    async with store.reader.connect() as conn:
        raw: Any = (await conn.get_raw_connection()).driver_connection
        await raw.add_listener("agentdesk", lambda *_: woken.set())
        for turn in count(1):
            await asyncio.sleep(READ_ALONG_S)
            if turn % ALIVE_EVERY == 0:
                await raw.execute("SELECT 1")
            if store.watched or turn % ALIVE_EVERY == 0:
                woken.set()

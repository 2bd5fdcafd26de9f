"""The database: one writer, several readers, and errors that say what to do."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Executable, event
from sqlalchemy.engine import URL, CursorResult, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from agentdesk.domain.errors import Conflict, StorageProblem
from agentdesk.domain.event import Event
from agentdesk.storage import events, letting_go, tables

BUSY_MS = 10_000
NO_ROOM = 64 * 1024
WRITER = (
    *("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=8000", "cache_size=-16000"),
    "secure_delete=FAST",
)
"""How SQLite writes. The log is taken over after 32 MB instead of 4, and 16 MB of pages are kept:
a backlog of mail touches the same pages of indexes again and again. What is deleted is overwritten
where that needs no more writing."""


class Transaction:
    """One transaction on the database. Events recorded in it are written just before the commit."""

    def __init__(self, conn: AsyncConnection) -> None:
        self.conn = conn
        self.dialect = conn.dialect.name
        self.events: list[Event] = []

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run one statement; a list of parameters becomes one executemany."""
        return await self.conn.execute(statement, parameters)

    async def one(self, statement: Executable) -> sa.Row[Any] | None:
        """The first row or None."""
        return (await self.conn.execute(statement)).first()

    async def all(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> list[sa.Row[Any]]:
        """Every row; statements carry their own limit."""
        return list((await self.conn.execute(statement, parameters)).all())

    async def insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Write *rows* with one executemany; nothing for no rows."""
        if rows:
            await self.conn.execute(sa.insert(table), rows)

    async def insert_new(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Like `insert`, but rows whose unique key exists are left as they are."""
        if not rows:
            return
        module: Any = _dialect_module(self.dialect)
        await self.conn.execute(module.insert(table).on_conflict_do_nothing(), rows)

    async def put(self, table: sa.Table, row: dict[str, Any]) -> None:
        """Insert *row*, or replace the row that has its primary key."""
        module: Any = _dialect_module(self.dialect)
        keys = [c.name for c in table.primary_key]
        rest = {k: v for k, v in row.items() if k not in keys}
        statement = module.insert(table).values(**row)
        await self.conn.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))

    async def new_ids(self, table: sa.Table, count: int = 1) -> list[int]:
        """*count* fresh keys for *table*, never used before."""
        module: Any = _dialect_module(self.dialect)
        last = tables.serials.c.last
        statement = module.insert(tables.serials).values(name=table.name, last=count)
        statement = statement.on_conflict_do_update(
            index_elements=["name"], set_={"last": last + count}
        ).returning(last)
        end = (await self.conn.execute(statement)).scalar_one()
        return list(range(end - count + 1, end + 1))

    async def new_id(self, table: sa.Table) -> int:
        """One fresh key for *table*."""
        return (await self.new_ids(table))[0]

    def record(self, *happened: Event) -> None:
        """Append to the event table when this transaction commits."""
        self.events.extend(happened)


def _dialect_module(dialect: str) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql
    from sqlalchemy.dialects import sqlite

    return sqlite


class Store:
    """An open database. `listening` wakes after each commit of this process.

    `watched`: the drafts that somebody here reads along, and how many do.
    """

    def __init__(self, url: str) -> None:
        self.url = normal_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.writer = self._engine(write=True)
        self.reader = self._engine(write=False) if self.sqlite else self.writer
        self._listeners: set[asyncio.Event] = set()
        self.watched: Counter[int] = Counter()

    def _engine(self, *, write: bool) -> AsyncEngine:
        if not self.sqlite:
            return create_async_engine(self.url, pool_size=8, max_overflow=8)
        size = 1 if write else 4
        engine = create_async_engine(
            self.url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=60,
            poolclass=sa.AsyncAdaptedQueuePool,
            connect_args={"async_creator_fn": letting_go.connect},
        )
        _prepare_sqlite(engine, write=write)
        return engine

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction that may change things: committed at the end, rolled back on any error."""
        with explained(self.url):
            async with self.writer.begin() as conn:
                tx = Transaction(conn)
                yield tx
                await events.append(tx)
        self.announce()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A consistent view that never waits for writers."""
        with explained(self.url):
            async with self.reader.connect() as conn:
                yield Transaction(conn)

    def announce(self) -> None:
        """Wake the feeds of this process."""
        for listener in self._listeners:
            listener.set()

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set after each commit of this process."""
        listener = asyncio.Event()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def compact(self) -> None:
        """SQLite: leave nothing of deleted rows in the file; it is written anew, while nobody else
        can write. PostgreSQL does this by itself (autovacuum).
        """
        if self.sqlite:
            with explained(self.url):
                await self._outside("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")

    async def empty_log(self) -> None:
        """SQLite: take what was committed into the file, so that its log holds nothing older."""
        if self.sqlite:
            with explained(self.url):
                await self._outside("PRAGMA secure_delete=FAST", "PRAGMA wal_checkpoint(TRUNCATE)")

    async def _outside(self, *statements: str) -> None:
        """Run these on the writing connection, in no transaction."""
        async with self.writer.connect() as conn:
            raw: Any = (await conn.get_raw_connection()).driver_connection
            for statement in statements:
                await raw.execute(statement)

    async def close(self) -> None:
        """Give back every connection."""
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()


def normal_url(url: str) -> URL:
    """*url* with the asyncio driver that we ship. Raises `StorageProblem` for other databases."""
    try:
        made = make_url(url)
    except sa.exc.ArgumentError as error:
        raise StorageProblem(
            "The database address in settings.toml cannot be read. "
            "Write sqlite:///path/to/file or postgresql://user@host/name."
        ) from error
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    backend = made.get_backend_name()
    if backend not in drivers:
        raise StorageProblem(f"{backend} is not supported. Use sqlite:/// or postgresql://.")
    return made.set(drivername=drivers[backend])


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite address; None for a server."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _prepare_sqlite(engine: AsyncEngine, *, write: bool) -> None:
    pragmas = [f"busy_timeout={BUSY_MS}", "foreign_keys=ON", "temp_store=MEMORY"]
    pragmas += [*WRITER] if write else ["query_only=ON"]

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


SENTENCES = (
    ("disk is full", "The disk is full. Free some space on it; nothing was lost."),
    ("no space left", "The disk is full. Free some space on it; nothing was lost."),
    ("locked", "Another program holds the database. Close it, or wait and try again."),
    ("readonly", "The database may not be written. Give this user write permission."),
    ("read-only", "The database may not be written. Give this user write permission."),
    ("unable to open", "The database file cannot be opened. Check that its folder exists."),
    ("not a database", "The file is not an agentdesk database. Name another in settings.toml."),
    ("malformed", "The database file is damaged. Restore it from a backup."),
    ("disk i/o", "The disk reports an error. Check it before going on; nothing was lost."),
    ("password authentication", "The database server refused the password. Check settings.toml."),
    ("does not exist", "That database does not exist on the server. Create it first."),
    ("connect", "The database server does not answer. Check its address and that it runs."),
)


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn driver errors that a person can mend into `StorageProblem`; let defects through."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except (DBAPIError, PoolTimeout, OSError) as error:
        said = f"{getattr(error, 'orig', error)}"
        if "disk i/o" in said.lower() and _is_full(url):  # so SQLite calls it where it maps a file
            said = "disk is full"
        if "deadlock detected" in said:
            raise Conflict("Somebody else changed this at the same moment. Try again.") from error
        for words, sentence in SENTENCES:
            if words in said.lower() or (words == "connect" and isinstance(error, OSError)):
                raise StorageProblem(f"{sentence} ({_place(url)})") from error
        raise


def _is_full(url: URL) -> bool:
    path = sqlite_file(url)
    return path is not None and shutil.disk_usage(path.parent).free < NO_ROOM


def _place(url: URL) -> str:
    return str(sqlite_file(url) or url.render_as_string(hide_password=True))

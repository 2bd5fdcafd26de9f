"""Databases for tests: with the newest tables and nothing in them, or without any tables.

Making the tables takes longer than most tests. A worker makes them once of each kind: each SQLite test
gets a copy of the file; a PostgreSQL database is emptied after its test and lent to the next one, as
copying a template costs the server half a second.
"""

import asyncio
import os
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from agentdesk.storage.schema import open_store
from agentdesk.storage.store import normal_url, sqlite_file

POSTGRES = os.environ.get("AGENTDESK_TEST_POSTGRES", "")
_EMPTY = """
DO $$
DECLARE found record;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;  -- rows go in any order
    FOR found IN SELECT tablename AS name FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE format('DELETE FROM %I', found.name);
    END LOOP;
    PERFORM setval(sequencename::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public';
END $$
"""
_sqlite: list[bytes] = []
_idle: list[str] = []
"""Names of PostgreSQL databases of this worker that no test uses."""


def databases() -> list[str]:
    """The kinds of database that storage and service tests run on."""
    return ["sqlite", "postgresql"]


@asynccontextmanager
async def bare_database(kind: str, folder: Path) -> AsyncIterator[str]:
    """The address of a database without tables."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'desk.db'}"
        return
    name = await _create()
    try:
        yield _address(name)
    finally:
        await _drop([name])


@asynccontextmanager
async def database(kind: str, folder: Path) -> AsyncIterator[str]:
    """The address of a database with this program's tables and nothing in them."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'desk.db'}"
        await put_tables(url)
        yield url
        return
    name = _idle.pop() if _idle else await _create_with_tables()
    try:
        yield _address(name)
    finally:
        await _run(name, _EMPTY)
        _idle.append(name)


async def put_tables(url: str) -> None:
    """Make a SQLite file with tables where there is none yet."""
    path = sqlite_file(normal_url(url))
    if path is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(await empty_desk())


async def empty_desk() -> bytes:
    """A SQLite database with tables and nothing in them."""
    if not _sqlite:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "desk.db"
            await (await open_store(f"sqlite:///{path}")).close()
            _sqlite.append(await asyncio.to_thread(path.read_bytes))
    return _sqlite[0]


def drop_idle() -> None:
    """Remove this worker's PostgreSQL databases: the last word of a test run."""
    if _idle:
        asyncio.run(_drop(_idle))


def _address(name: str) -> str:
    return POSTGRES.rpartition("/")[0] + f"/{name}"


async def _run(name: str, *statements: str) -> None:
    conn: Any = await asyncpg.connect(_address(name) if name else POSTGRES)
    try:
        for statement in statements:
            await conn.execute(statement)
    finally:
        await conn.close()


async def _create() -> str:
    name = f"desk_{uuid.uuid4().hex[:12]}"
    await _run("", f"CREATE DATABASE {name}")
    return name


async def _create_with_tables() -> str:
    name = await _create()
    await (await open_store(_address(name))).close()
    return name


async def _drop(names: list[str]) -> None:
    await _run("", *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in names))

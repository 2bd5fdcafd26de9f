"""Bringing a database to this program's version, or refusing it untouched."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import StorageProblem
from agentdesk.storage.store import Store, explained, sqlite_file

HEAD = "0008"
KNOWN = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", HEAD)
MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x4144  # "AD": one migration at a time on a PostgreSQL server


async def open_store(url: str) -> Store:
    """An open, up-to-date database; created where there is none.

    Raises `StorageProblem`: unreachable, unwritable, damaged, or written by a newer program (which is
    then left exactly as it was).
    """
    store = Store(url)
    try:
        await _prepare(store)
    except BaseException:
        await store.close()
        raise
    return store


async def _prepare(store: Store) -> None:
    path = sqlite_file(store.url)
    if path is not None:
        _check_folder(path)
        if path.exists() and path.stat().st_size:
            async with store.read() as tx:  # before WAL is switched on: a refusal writes nothing
                if await tx.conn.run_sync(_version) == HEAD:
                    return
    with explained(store.url):
        async with store.writer.begin() as conn:
            await conn.run_sync(upgrade)


def _check_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageProblem(
            f"The folder {path.parent} cannot be made: {error.strerror}. Name another database "
            "in settings.toml, or give this user the right to write there."
        ) from error


def _version(conn: sa.Connection) -> str:
    """The revision of an existing database; empty for a new one. Refuses what it does not know."""
    names = sa.inspect(conn).get_table_names()
    if not names:
        return ""
    if "alembic_version" not in names:
        raise StorageProblem(
            "This database belongs to another program. Name another one in settings.toml."
        )
    found = str(conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")
    if found and found not in KNOWN:
        raise StorageProblem(
            f"This database was written by a newer agentdesk (schema {found}, this program knows "
            f"{HEAD}). Install the newer agentdesk; the database was left untouched."
        )
    return found


@dataclass(frozen=True, slots=True)
class Schema:
    """A database's revision; empty where there are no tables yet."""

    found: str

    @property
    def current(self) -> bool:
        """Whether this program's own."""
        return self.found == HEAD


async def schema_of(url: str) -> Schema:
    """The revision of an existing database, without changing it. Raises `StorageProblem`."""
    store = Store(url)
    try:
        async with store.read() as tx:
            return Schema(await tx.conn.run_sync(_version))
    finally:
        await store.close()


def upgrade(conn: sa.Connection, to: str = HEAD) -> None:
    """Run the missing migrations in the connection's transaction."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
    if _version(conn) == to:
        return
    command: Any = import_module("alembic.command")  # only here: it costs 0.2 s to import
    command.upgrade(alembic_config(conn), to)


def alembic_config(conn: sa.Connection) -> Any:
    """Alembic's configuration on an open connection."""
    config = import_module("alembic.config").Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config

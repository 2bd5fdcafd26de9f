"""Databases older, newer, foreign, damaged or locked: upgraded, or refused in a sentence."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from agentdesk import services
from agentdesk.domain.errors import StorageProblem
from agentdesk.storage import schema
from agentdesk.storage.schema import HEAD, KNOWN, alembic_config, open_store, upgrade
from agentdesk.storage.store import Store, explained, normal_url
from agentdesk.storage.tables import metadata
from tests.databases import POSTGRES, bare_database, databases
from tests.desks import World, desk, mail


@pytest.fixture(params=databases())
async def bare(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """A database without tables, once of each kind."""
    if request.param == "postgresql" and not POSTGRES:
        pytest.skip("no PostgreSQL here: set AGENTDESK_TEST_POSTGRES=postgresql://… (.ci/run does)")
    async with bare_database(request.param, tmp_path) as address:
        yield address


async def test_migrations_make_exactly_the_tables(bare: str) -> None:
    store = await open_store(bare)

    def differences(conn: sa.Connection) -> list[object]:
        def ours(thing: object, name: str | None, *_: object) -> bool:
            return not (name or "").startswith(("message_search", "ix_message_search"))

        context = MigrationContext.configure(conn, opts={"include_object": ours})
        return compare_metadata(context, metadata)

    async with store.read() as tx:
        assert await tx.conn.run_sync(differences) == []
    await store.close()


async def test_the_program_knows_every_migration(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'x.db'}")
    async with store.writer.connect() as conn:
        scripts = await conn.run_sync(lambda c: ScriptDirectory.from_config(alembic_config(c)))
    await store.close()
    assert scripts.get_current_head() == HEAD
    assert tuple(reversed([s.revision for s in scripts.walk_revisions()])) == KNOWN


OLD_ROWS: dict[str, dict[str, object]] = {
    "queues": {"id": 1, "key": "support", "name": "Support", "pools": []},
    "mail_accounts": {"id": 1, "key": "support", "aliases": [], "queue_id": 1, "active": True},
    "mailboxes": {"id": 1, "mail_account_id": 1, "name": "INBOX", "next_uid": 2},
    "customers": {"id": 1, "kind": "contact", "name": "Mara Olsen", "created_at": 0},
    "interactions": {
        "id": 1,
        "number": "IMS0000001",
        "direction": "inbound",
        "state": "new",
        "customer_id": 1,
        "mail_account_id": 1,
        "token": "a" * 22,
        "opened_at": 0,
        "changed_at": 0,
    },
    "blobs": {"sha256": "0" * 64, "size": 1},
    "mail_locations": {
        "id": 1,
        "mailbox_id": 1,
        "uidvalidity": 1,
        "uid": 1,
        "sha256": "0" * 64,
        "state": "filed",
        "stored_at": 0,
    },
    "messages": {
        "id": 1,
        "interaction_id": 1,
        "sha256": "0" * 64,
        "text": "The tent pole snapped in the storm.",
        "recipients": {},
        "latest": [],
        "attachments": [],
        "warnings": [],
        "refs": [],
        "at": 0,
    },
}


async def test_an_older_database_is_upgraded_and_its_mail_becomes_searchable(bare: str) -> None:
    store = Store(bare)

    def as_it_was(conn: sa.Connection) -> None:
        upgrade(conn, "0001")
        for name, row in OLD_ROWS.items():
            conn.execute(sa.insert(sa.Table(name, sa.MetaData(), autoload_with=conn)).values(row))
            conn.execute(sa.insert(metadata.tables["serials"]).values(name=name, last=1))

    async with store.writer.begin() as conn:
        await conn.run_sync(as_it_was)
    await store.close()
    async with desk(bare) as made:
        ana = await World(made, made.clock).sign_in("ana")  # type: ignore[arg-type]
        page = await services.views.interactions(made, ana, search="tent pole")
        assert [r.customer for r in page.rows] == ["Mara Olsen"]


async def test_an_upgrade_that_fails_leaves_the_old_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    store = Store(f"sqlite:///{path}")
    async with store.writer.begin() as conn:
        await conn.run_sync(lambda c: upgrade(c, "0001"))
    await store.close()

    def fail(conn: sa.Connection, to: str = HEAD) -> None:
        conn.execute(sa.text("CREATE TABLE half_done (x INT)"))
        raise RuntimeError("power cut")

    monkeypatch.setattr(schema, "upgrade", fail)
    with pytest.raises(RuntimeError):
        await open_store(f"sqlite:///{path}")
    names = {r[0] for r in sqlite3.connect(path).execute("SELECT name FROM sqlite_master")}
    assert "half_done" not in names
    monkeypatch.undo()
    await (await open_store(f"sqlite:///{path}")).close()


async def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    store = await open_store(f"sqlite:///{path}")
    async with store.write() as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    await store.close()
    before = path.read_bytes()
    with pytest.raises(StorageProblem, match=r"newer agentdesk.*9999.*untouched"):
        await open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


async def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE songs (title)")
    with pytest.raises(StorageProblem, match="another program"):
        await open_store(f"sqlite:///{path}")


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 500)
    with pytest.raises(StorageProblem, match="not an agentdesk database"):
        await open_store(f"sqlite:///{path}")


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageProblem, match="cannot be made"):
        await open_store(f"sqlite:///{tmp_path / 'file' / 'sub' / 'desk.db'}")


@pytest.mark.parametrize(
    "address", ["mysql://host/name", "no address at all", "postgresql://nobody@127.0.0.1:1/x"]
)
async def test_an_unusable_address_gets_a_sentence(address: str) -> None:
    with pytest.raises(StorageProblem):
        await open_store(address)


async def test_a_locked_database_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "desk.db"
    monkeypatch.setattr("agentdesk.storage.store.BUSY_MS", 50)
    store = await open_store(f"sqlite:///{path}")
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageProblem, match="Another program holds the database"):
        async with store.write():
            pass
    other.rollback()
    other.close()
    async with store.write() as tx:
        await tx.execute(sa.text("SELECT 1"))
    await store.close()


@pytest.mark.parametrize(("free", "sentence"), [(0, "disk is full"), (10**9, "reports an error")])
def test_an_error_of_a_disk_without_room_is_called_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, sentence: str
) -> None:
    usage = type(shutil.disk_usage(tmp_path))(10**9, 10**9 - free, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    said = sa.exc.OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))
    with (
        pytest.raises(StorageProblem, match=sentence),
        explained(normal_url(f"sqlite:///{tmp_path}/x.db")),
    ):
        raise said


async def test_a_full_disk_is_explained_and_loses_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    async with desk(url) as made:
        world = World(made, made.clock)  # type: ignore[arg-type]
        await world.arrive(mail("This one fits."))
        async with made.store.writer.connect() as conn:
            pages = (await conn.exec_driver_sql("PRAGMA page_count")).scalar_one()
            await conn.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
            await conn.rollback()
        with pytest.raises(StorageProblem, match="disk is full"):
            await world.arrive(
                mail("x" * 5, subject="too much", files=()),
                *[mail("word " * 20_000 + str(n)) for n in range(20)],
            )
        async with made.store.writer.connect() as conn:
            await conn.exec_driver_sql("PRAGMA max_page_count = 1000000")
            await conn.rollback()
        await world.arrive(mail("Room again."))
        ana = await world.sign_in("ana")
        page = await services.views.interactions(made, ana)
        assert len(page.rows) == 2

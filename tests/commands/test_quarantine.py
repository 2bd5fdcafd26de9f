"""`agentdesk quarantine`: everything that the screen can do, beside a running desk."""

import asyncio
import json
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from agentdesk import cli
from agentdesk.domain.clock import SystemClock
from agentdesk.engine.wake import Feed
from agentdesk.services import filing
from agentdesk.storage.schema import upgrade
from agentdesk.storage.store import Store
from tests.desks import World, desk, mail

NOISE = b"\x00\x01\x02\xa7\xb6" * 40


class Office:
    """A desk that runs, and the command line on the same machine."""

    group = "quarantine"

    def __init__(self, world: World, settings: Path) -> None:
        self.world, self.settings = world, settings

    async def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """The command in a process's stead: it runs a loop of its own."""
        line = [self.group, *arguments, "--settings", str(self.settings)]
        return await asyncio.to_thread(CliRunner().invoke, cli.app, line, stdin)

    async def says(self, *arguments: str) -> str:
        """Its output when all went well."""
        done = await self.run(*arguments)
        assert done.exit_code == 0, done.output
        return done.stdout

    async def listed(self, *arguments: str) -> list[dict[str, object]]:
        """The list, as programs read it."""
        found: list[dict[str, object]] = json.loads(await self.says("list", "--json", *arguments))
        return found


def write_settings(folder: Path, url: str) -> Path:
    path = folder / "settings.toml"
    agents = "".join(
        f'[[agents]]\nlogin = "{login}"\nname = "{name}"\nemail = "{login}@northwind.example"\n'
        f'role = "{role}"\n'
        for login, name, role in (("ana", "Ana Ruiz", "agent"), ("sue", "Sue Lind", "supervisor"))
    )
    account = (
        '[[mail_accounts]]\nkey = "support"\nname = "S"\naddress = "support@northwind.example"\n'
        '[mail_accounts.imap]\nhost = "127.0.0.1"\n[mail_accounts.smtp]\nhost = "127.0.0.1"\n'
    )
    path.write_text(f'{agents}{account}[database]\nurl = "{url}"\n[desk]\ntime_zone = "UTC"\n')
    return path


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with desk(url, clock=SystemClock()) as made:
        world = World(made, made.clock)  # type: ignore[arg-type]
        yield Office(world, write_settings(tmp_path, url))


async def test_list_tells_number_cause_writer_and_subject(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "_letter", _defect)
    await office.world.arrive(NOISE, mail(subject="[/order] \x1b[2J5512"))
    monkeypatch.undo()
    out = await office.says("list")
    lines = out.splitlines()
    assert lines[0].split() == ["ID", "Received", "Cause", "Size", "From", "Subject"]
    assert "Mara Olsen" in lines[1]
    assert "[/order] [2J5512" in lines[1]
    assert "Cannot be filed" in lines[1]
    assert "Cannot be read" in lines[2]
    assert "\x1b" not in out
    assert [m["cause"] for m in await office.listed()] == ["filing", "parse"]
    assert [m["cause"] for m in await office.listed("--cause", "parse")] == ["parse"]
    assert await office.listed("--discarded") == []


def _defect(*_: object) -> None:
    raise ValueError("defect")


async def test_nothing_set_aside_is_said_in_a_sentence(office: Office) -> None:
    assert await office.says("list") == (
        "Nothing is set aside. Every mail that arrived was filed.\n"
    )
    assert json.loads(await office.says("list", "--json")) == []
    assert (await office.says("retry", "--all")) == "There was no mail to do this with.\n"


async def test_show_tells_the_cause_first_and_then_what_can_be_read(office: Office) -> None:
    await office.world.arrive(NOISE)
    ((number,),) = [[str(m["id"])] for m in await office.listed()]
    out = await office.says("show", number)
    assert out.startswith("Cannot be read: This is not a mail")
    assert "support@northwind.example, INBOX, number 1 on the server" in out
    assert f"agentdesk quarantine retry {number} tries it again" in out
    assert "\x00" not in out
    assert "\\x00\\x01\\x02\\xa7" in await office.says("show", number, "--source")
    shown = json.loads(await office.says("show", number, "--json"))
    assert shown["history"][0]["what"].startswith("Set aside:")
    assert shown["downloaded"] is True


async def test_retry_files_what_can_be_filed_now_and_the_running_desk_hears_of_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "_letter", _defect)
    await office.world.arrive(mail())
    monkeypatch.undo()
    feed = Feed(office.world.desk.store)
    with feed.listening() as listener:
        following = asyncio.create_task(feed.run())
        await listener.changed(10)
        out = await office.says("retry", "--all")
        assert out == "Filed: 1 mail (IMS0000001).\n"
        while not (change := await listener.changed(20)) or not change.interactions:
            assert change is not None, "the desk did not hear of it"
        following.cancel()
    assert await office.listed() == []


async def test_retry_of_what_fails_again_says_why_and_exits_with_1(office: Office) -> None:
    await office.world.arrive(NOISE)
    done = await office.run("retry", "--all")
    assert done.exit_code == 1
    assert done.stdout.startswith("Set aside again: 1 mail. This is not a mail")


async def test_a_mail_is_discarded_restored_and_released(office: Office) -> None:
    await office.world.arrive(NOISE)
    number = str((await office.listed())[0]["id"])
    assert await office.says("discard", number, "--as", "sue") == "Discarded: 1 mail.\n"
    assert await office.listed() == []
    assert [str(m["id"]) for m in await office.listed("--discarded")] == [number]
    assert await office.says("restore", number) == "Taken back: 1 mail.\n"
    assert await office.says("release", number) == "Filed as plain text: 1 mail (IMS0000001).\n"
    assert await office.listed() == []


async def test_export_is_private_and_replaces_nothing_unasked(
    office: Office, tmp_path: Path
) -> None:
    await office.world.arrive(NOISE)
    number = str((await office.listed())[0]["id"])
    folder = tmp_path / "mails"
    folder.mkdir()
    await office.says("export", number, "--to", str(folder))
    (file,) = folder.iterdir()
    assert file.read_bytes() == NOISE
    assert file.suffix == ".eml"
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    file.write_bytes(b"mine")
    again = await office.run("export", number, "--to", str(folder))
    assert (again.exit_code, file.read_bytes()) == (2, b"mine")
    assert again.stderr == f"{file} exists already. Say --replace to replace it.\n"
    await office.says("export", number, "--to", str(file), "--replace")
    assert file.read_bytes() == NOISE
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    gone = await office.run("export", number, "--to", str(tmp_path / "no" / "x.eml"))
    assert "cannot be saved: no such file or directory." in gone.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", "999"], "No mail with the number 999 was set aside."),
        (["retry", "999"], "No mail was set aside under 999."),
        (["discard"], "Name the numbers of mails, or --all of them."),
        (["discard", "1", "--all"], "Name the numbers of mails, or --all of them."),
        (["retry", "1", "--cause", "parse"], "--cause goes with --all."),
        (["release", "--all"], "Say --yes to release all mails without being asked."),
        (["list", "--asked", "--discarded"], "Choose one of --asked and --discarded."),
        (["list", "--as", "zoe"], "There is no agent 'zoe'."),
        (["list", "--as", "ana"], "Only a supervisor can do this."),
    ],
)
async def test_what_cannot_be_done_is_one_sentence_and_exits_with_2(
    office: Office, arguments: list[str], sentence: str
) -> None:
    done = await office.run(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


async def test_a_mistyped_number_stops_all_before_anything_is_done(office: Office) -> None:
    await office.world.arrive(NOISE)
    number = str((await office.listed())[0]["id"])
    assert (await office.run("discard", number, "999")).exit_code == 2
    assert len(await office.listed()) == 1


async def test_all_are_released_when_somebody_agrees(office: Office) -> None:
    await office.world.arrive(NOISE, NOISE + b"x")
    out = await office.says("release", "--all", "--yes")
    assert out == "Filed as plain text: 2 mails (IMS0000001, IMS0000002).\n"


# Databases that are not ready


def test_no_database_yet_is_a_sentence_and_none_is_made(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    settings = write_settings(tmp_path, f"sqlite:///{path}")
    done = CliRunner().invoke(cli.app, ["quarantine", "list", "--settings", str(settings)])
    assert (done.exit_code, done.stderr) == (
        2,
        f"There is no database at {path} yet. The first start of agentdesk run makes it.\n",
    )
    assert not path.exists()


async def test_older_and_newer_databases_are_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    settings = write_settings(tmp_path, f"sqlite:///{path}")
    store = Store(f"sqlite:///{path}")
    async with store.writer.begin() as conn:
        await conn.run_sync(lambda c: upgrade(c, "0001"))
    line = ["quarantine", "list", "--settings", str(settings)]
    older = await asyncio.to_thread(CliRunner().invoke, cli.app, line)
    assert older.exit_code == 2
    assert "(0001) is older than this program's. Start agentdesk run once" in older.stderr
    async with store.writer.begin() as conn:
        await conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    await store.close()
    newer = await asyncio.to_thread(CliRunner().invoke, cli.app, line)
    assert newer.exit_code == 2
    assert "Install the newer agentdesk" in newer.stderr

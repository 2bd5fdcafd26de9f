"""`agentdesk people`: find, import, export, erase, beside a running desk."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentdesk import cli, services
from agentdesk.domain.clock import SystemClock
from tests.commands.test_quarantine import write_settings
from tests.desks import World, desk, mail

LIST = "name,email,account\nLea Berg,lea@berg.example,Berg AS\nJan,jan@,\n"


class Office:
    """A desk that runs, and the command line on the same machine."""

    def __init__(self, world: World, folder: Path, settings: Path) -> None:
        self.world, self.folder, self.settings = world, folder, settings

    async def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """The command in a process's stead: it runs a loop of its own."""
        line = ["people", *arguments, "--settings", str(self.settings)]
        return await asyncio.to_thread(CliRunner().invoke, cli.app, line, stdin)


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with desk(url, clock=SystemClock()) as made:
        world = World(made, made.clock)  # type: ignore[arg-type]
        yield Office(world, tmp_path, write_settings(tmp_path, url))


async def test_find_prints_who_fits_and_says_when_nobody_does(office: Office) -> None:
    await office.world.arrive(mail())
    done = await office.run("find", "ols", "mar")
    assert done.exit_code == 0, done.output
    assert [line.split()[1:4] for line in done.stdout.splitlines()[1:]] == [
        ["guest", "Mara", "Olsen"]
    ]
    done = await office.run("find", "mara", "--json")
    (found,) = json.loads(done.stdout)
    assert (found["email"], found["interactions"]) == ("mara.olsen@fjord.example", 1)
    done = await office.run("find", "zebra")
    assert (done.exit_code, done.stdout) == (1, "Nobody is found by these words.\n")


async def test_import_tells_refused_lines_and_a_dry_run_writes_nothing(office: Office) -> None:
    file = office.folder / "list.csv"
    file.write_text(LIST)
    done = await office.run("import", str(file), "--dry-run")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "CSV, utf-8, columns between “,”.",
        "Line 3: “jan@” is no email address.",
        "1 would be new, 0 would be updated, 0 as they were, 1 refused; 1 would be new accounts.",
        "Nothing was written: this was a dry run.",
    ]
    assert (await office.run("find", "lea")).exit_code == 1
    done = await office.run("import", "-", "--json", stdin=LIST)
    report = json.loads(done.stdout)
    assert (report["created"], report["refused"], report["dry_run"]) == (1, 1, False)
    assert report["refused_lines"] == [{"line": 3, "why": "“jan@” is no email address."}]
    assert (await office.run("find", "lea")).exit_code == 0
    assert (await office.run("import", str(office.folder / "none.csv"))).exit_code == 2


async def test_export_writes_a_private_file_and_replaces_none_unasked(office: Office) -> None:
    await office.run("import", "-", stdin=LIST)
    file = office.folder / "people.csv"
    done = await office.run("export", str(file))
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "Lea Berg,lea@berg.example,contact,Berg AS" in file.read_text("utf-8-sig")
    assert (await office.run("export", str(file))).exit_code == 2
    assert (await office.run("export", str(office.folder / "people.txt"))).exit_code == 2
    done = await office.run("export", "-", "--form", "vcard")
    assert "EMAIL:lea@berg.example" in done.stdout


async def test_erase_asks_and_needs_a_supervisor(office: Office) -> None:
    await office.world.arrive(mail())
    (found,) = json.loads((await office.run("find", "mara", "--json")).stdout)
    key = str(found["id"])
    assert (await office.run("erase", key)).exit_code == 2  # nobody is there to be asked
    assert (await office.run("erase", key, "--yes", "--as", "ana")).exit_code == 2
    done = await office.run("erase", key, "--dry-run")
    assert "mara.olsen@fjord.example) would be erased" in done.stdout
    done = await office.run("erase", key, "--yes", "--compact", "--as", "sue", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["messages"] == 1
    assert (await office.run("find", "mara")).exit_code == 1
    sue = await office.world.sign_in("sue")
    record = await services.people.record(office.world.desk, sue, found["id"])
    assert record.erased_at is not None
    assert (await office.run("erase", "999", "--yes")).exit_code == 2

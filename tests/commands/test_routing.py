"""`agentdesk routing`: the policy as a file, beside a running desk."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentdesk import cli
from agentdesk.bootstrap import plan
from agentdesk.commands.signing_in import who
from agentdesk.domain.clock import ManualClock, SystemClock
from agentdesk.services import configuration
from agentdesk.services.desk import Desk
from agentdesk.settings import load
from tests.commands.test_quarantine import write_settings
from tests.desks import World, desk, mail

QUEUES = '[[queues]]\nkey = "support"\nname = "Support"\n'


class Office:
    """A desk that runs, and the command line on the same machine."""

    def __init__(self, desk: Desk, settings: Path) -> None:
        self.desk, self.settings, self.folder = desk, settings, settings.parent

    async def run(self, *arguments: str, stdin: str | None = None) -> Result:
        line = ["routing", *arguments, "--settings", str(self.settings)]
        return await asyncio.to_thread(CliRunner().invoke, cli.app, line, stdin)

    async def says(self, *arguments: str, stdin: str | None = None) -> str:
        done = await self.run(*arguments, stdin=stdin)
        assert done.exit_code == 0, done.output
        return done.stdout

    def file(self, text: str) -> str:
        path = self.folder / "routing.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)


async def test_a_condition_is_tried_on_what_came(office: "Office") -> None:
    world = World(office.desk, ManualClock())
    await world.arrive(mail(subject="Refund please"), mail(subject="Where is my parcel?"))
    said = await office.says("try", 'subject contains "refund"')
    assert said == "The condition matches 1 of the last 2 interactions.\nIMS0000001\n"
    wrong = await office.run("try", "customer.vipp")
    assert wrong.exit_code != 0
    assert "column 1" in wrong.output


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncIterator[Office]:
    path = write_settings(tmp_path, url)
    async with desk(url, clock=SystemClock(), setup=plan.setup(load(path))) as made:
        yield Office(made, path)


async def test_what_is_exported_can_be_imported_and_changes_nothing(office: Office) -> None:
    text = await office.says("export")
    assert 'login = "ana"' in text
    assert "default = true" in text
    assert "Nothing changes: this is in force already." in await office.says(
        "import", office.file(text)
    )


async def test_an_import_says_what_it_changes_and_is_in_force_on_the_running_desk(
    office: Office,
) -> None:
    text = (await office.says("export")).replace('name = "Support"', 'name = "Help"')
    said = await office.says("import", "-", "--yes", stdin=text)
    assert '1 change:\n  queue support: name "Support" → "Help"' in said
    assert said.endswith("is in force.\n")
    await configuration.refresh(office.desk)
    assert office.desk.policy.queues[0].name == "Help"


async def test_a_dry_run_changes_nothing(office: Office) -> None:
    text = (await office.says("export")).replace('name = "Support"', 'name = "Help"')
    before = await office.says("history", "--json")
    assert 'name "Support"' in await office.says("import", office.file(text), "--dry-run")
    assert await office.says("history", "--json") == before


async def test_without_a_terminal_yes_is_said_beforehand(office: Office) -> None:
    text = (await office.says("export")).replace('name = "Support"', 'name = "Help"')
    done = await office.run("import", office.file(text))
    assert done.exit_code == 2
    assert "Say --yes" in done.output


async def test_problems_name_file_and_line_and_change_nothing(office: Office) -> None:
    path = office.file(QUEUES + "goal = 0\n")
    for command in ("import", "check"):
        done = await office.run(command, path)
        assert done.exit_code == 1
        assert f"fail  {path}, line 4: queues[1].goal is 0; use a whole number" in done.output
    assert "Nothing was changed." in (await office.run("import", path)).output


async def test_a_queue_that_nobody_can_serve_is_told_and_not_refused(office: Office) -> None:
    text = await office.says("export")
    path = office.file(f"{text}\n{QUEUES.replace('support', 'night')}size = 9\n")
    said = await office.says("check", path)
    assert 'queues[2] "night" can be served by nobody: its work takes 9, and nobody' in said
    assert "queue night is new" in said


async def test_check_without_a_file_is_of_what_is_in_force(office: Office) -> None:
    assert await office.says("check") == "ok    Everything holds together.\n"


async def test_a_whole_settings_file_is_imported_without_its_other_sections(
    office: Office,
) -> None:
    said = await office.says("check", str(office.settings))
    assert "Passed over, as it is not about routing: mail_accounts, database, desk." in said


async def test_history_and_restore(office: Office) -> None:
    text = (await office.says("export")).replace('name = "Support"', 'name = "Help"')
    await office.says("import", "-", "--yes", stdin=text)
    newest, first = json.loads(await office.says("history", "--json"))
    assert newest["by"].endswith("at the command line")
    assert "by agentdesk" in await office.says("history")
    assert 'name = "Support"' in await office.says("export", str(first["version"]))
    said = await office.says("restore", str(first["version"]), "--yes")
    assert 'name "Help" → "Support"' in said
    assert 'name = "Support"' in await office.says("export")
    done = await office.run("export", "99")
    assert (done.exit_code, "not kept any more" in done.output) == (2, True)


async def test_who_is_no_admin_is_refused(office: Office) -> None:
    done = await office.run("export", "--as", "sue")
    assert done.exit_code == 2
    assert "Only an admin can do this." in done.output


async def test_a_file_that_is_not_there_or_not_text_is_told(office: Office) -> None:
    done = await office.run("check", "nowhere.toml")
    assert (done.exit_code, "nowhere.toml cannot be read" in done.output) == (2, True)
    path = office.folder / "latin.toml"
    path.write_bytes("[[queues]]\nname = 'Büro'".encode("latin-1"))
    assert "is not UTF-8 text" in (await office.run("check", str(path))).output


async def test_an_agent_who_was_made_on_the_screen_may_sign_in(office: Office) -> None:
    text = await office.says("export")
    await office.says(
        "import", "-", "--yes", stdin=f'{text}\n[[agents]]\nlogin = "zoe"\nname = "Zoe"\n'
    )
    assert await asyncio.to_thread(who, office.settings, "zoe") == "zoe"

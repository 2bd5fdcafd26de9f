"""`agentdesk templates`: listed, exported, imported beside a desk that runs."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.domain.clock import SystemClock
from agentdesk.domain.template import TemplateKind
from tests.commands.test_quarantine import Office as QuarantineOffice
from tests.commands.test_quarantine import write_settings
from tests.desks import World, desk
from tests.services.test_templates import CHECK, REFUND, kept


class Office(QuarantineOffice):
    """The same desk, another group of commands."""

    group = "templates"


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with desk(url, clock=SystemClock()) as made:
        yield Office(World(made, made.clock), write_settings(tmp_path, url))  # type: ignore[arg-type]


async def test_list_names_key_folder_kind_and_queues(office: Office) -> None:
    assert await office.says("list") == "There are no templates yet.\n"
    await kept(office.world, replace(REFUND, queues=frozenset({"sales"})), CHECK)
    assert await office.says("list") == (
        "check-carrier   Check carrier  (note)\nrefund-started  Orders/Refund started  (sales)\n"
    )
    assert await office.says("list", "money", "refund") == (
        "refund-started  Orders/Refund started  (sales)\n"
    )
    assert await office.says("list", "zebra") == "No template has 'zebra'.\n"
    (row,) = json.loads(await office.says("list", "carrier", "--json"))
    assert (row["key"], row["kind"]) == ("check-carrier", TemplateKind.NOTE)


async def test_what_is_exported_can_be_imported_elsewhere(office: Office, tmp_path: Path) -> None:
    await kept(office.world, REFUND, CHECK)
    file = tmp_path / "templates.toml"
    file.write_text((await office.says("export")).replace("on its way", "on its long way"))
    dry = await office.says("import", str(file), "--dry-run")
    assert dry == "changed  Refund started\nIt would be: 0 new, 1 changed, 1 as they were.\n"
    done = await office.says("import", str(file), "--as", "sue")
    assert done == "changed  Refund started\n0 new, 1 changed, 1 as they were.\n"
    assert "long way" in await office.says("export")
    again = await office.run("import", "-", stdin=file.read_text())
    assert again.stdout == "0 new, 0 changed, 2 as they were.\n"


async def test_problems_name_file_and_line_and_nothing_changes(
    office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "templates.toml"
    file.write_text('[[templates]]\nkey = "a"\nname = "A"\nbody = "{{custmer.name}}"\n')
    done = await office.run("import", str(file))
    assert done.exit_code == 1
    assert done.stdout == (
        f"fail  {file}, line 4: templates[1].body: {{{{custmer.name}}}} is no variable. "
        "Did you mean {{customer.name}}?\nNothing was changed.\n"
    )
    assert await office.says("list") == "There are no templates yet.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["import", "nowhere.toml"], "nowhere.toml cannot be read: no such file"),
        (["import", "{file}", "--as", "ana"], "Only a supervisor can do this."),
        (["list", "--as", "zoe"], "There is no agent 'zoe'."),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(
    office: Office, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    file = tmp_path / "empty.toml"
    file.write_text("")
    done = await office.run(*(a.replace("{file}", str(file)) for a in arguments))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)

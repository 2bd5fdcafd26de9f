"""`agentdesk ccaas import|map|check` beside a desk, against a contact centre that is served."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agentdesk import cli
from agentdesk.bootstrap import plan
from agentdesk.commands.centre_checks import centres
from agentdesk.domain.clock import SystemClock
from agentdesk.sandbox import seeding
from agentdesk.services.desk import Desk
from agentdesk.settings import Level, load
from agentdesk.storage.tables import ccaas_centres
from tests.ccaas.rooms import room
from tests.desks import desk

pytestmark = pytest.mark.parametrize(
    "url", ["sqlite"], indirect=True
)  # databases have tests of their own
SETTINGS = """
[[agents]]
login = "ana"
name = "Ana Ruiz"
email = "ana@northwind.example"
role = "admin"
[[queues]]
key = "claims"
name = "Claims"
external = "genesys"
[[mail_accounts]]
key = "claims"
name = "Claims"
address = "claims@northwind.example"
[mail_accounts.imap]
host = "127.0.0.1"
[mail_accounts.smtp]
host = "127.0.0.1"
[[contact_centres]]
key = "genesys"
name = "Genesys Cloud"
address = "{address}"
login_address = "{address}"
client_id = "{client}"
agents_client_id = "agents"
keyring = false
[database]
url = "{url}"
"""


@dataclass
class Office:
    """A desk, a contact centre, and the command line on the desk's machine."""

    settings: Path
    desk: Desk

    async def run(self, *arguments: str) -> Result:
        line = ["ccaas", *arguments, "--settings", str(self.settings)]
        return await asyncio.to_thread(CliRunner().invoke, cli.app, line)

    async def says(self, *arguments: str) -> str:
        done = await self.run(*arguments)
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture
async def office(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    monkeypatch.setenv("AGENTDESK_SECRET_GENESYS", seeding.secret_of(1))
    async with room() as there:
        path = tmp_path / "settings.toml"
        client = seeding.service_client(1)
        path.write_text(SETTINGS.format(address=there.wire.address, url=url, client=client))
        async with desk(url, clock=SystemClock(), setup=plan.setup(load(path))) as made:
            yield Office(path, made)


async def test_what_a_centre_has_is_brought_in_and_mapped_by_name(office: Office) -> None:
    said = await office.says("import")
    assert said.startswith("Genesys Cloud has 3 queues, 4 agents,")
    assert "  mapped by name: queue Claims = Claims" in said.splitlines()
    assert "  mapped by name: agent Ana Ruiz = Ana Ruiz" in said.splitlines()
    (again,) = json.loads(await office.says("import", "genesys", "--json"))
    assert (again["new"], again["mapped"], again["counts"]["queue"]) == ([], [], 3)


async def test_a_mapping_is_made_by_names_listed_and_taken_back(office: Office) -> None:
    await office.says("import")
    said = await office.says("map", "genesys", "code", "issue_resolved", "call BACK")
    assert said == "The code Issue resolved is Call back at Genesys Cloud.\n"
    rows = json.loads(await office.says("map", "genesys", "code", "--json"))
    assert [r["theirs"] for r in rows if r["ours"] == "issue_resolved"] == ["Call back"]
    lines = [line.split() for line in (await office.says("map", "genesys")).splitlines()]
    assert ["agent", "ana", "Ana", "Ruiz"] in lines
    assert ["queue", "-", "Returns"] in lines
    back = await office.says("map", "genesys", "code", "Issue resolved", "--remove")
    assert back == "The code Issue resolved stands for nothing at Genesys Cloud any more.\n"


async def test_what_cannot_be_meant_is_refused_with_one_sentence(office: Office) -> None:
    await office.says("import")
    for arguments, words in (
        (("map", "genesys", "code", "nope", "Call back"), 'No code here is called "nope"'),
        (("map", "genesys", "code", "issue_resolved", "x"), 'No code there is called "x"'),
        (("map", "genesys", "code", "issue_resolved"), "Say what it is called there"),
        (("map", "five9"), 'There is no contact centre "five9"'),
        (("import", "five9"), "There is no contact centre five9; there are: genesys."),
        (("check", "five9"), "There is no contact centre five9; there are: genesys."),
    ):
        done = await office.run(*arguments)
        assert (done.exit_code, words in done.output) == (2, True), done.output


async def test_a_check_says_how_it_is_and_what_is_missing(office: Office) -> None:
    said = (await office.says("check")).splitlines()
    assert said[0].startswith(
        "ok    contact centre genesys: Genesys Cloud answers; it has 3 queues,"
    )
    assert "was never imported" in said[1]
    assert said[2] == "      → Run agentdesk ccaas import genesys."
    await office.says("import")
    found = json.loads(await office.says("check", "genesys", "--json"))
    sentences = [f["sentence"] for f in found]
    assert "0 of 1 agent can act there from this machine." in sentences
    assert any("wait here: these codes stand for none" in sentence for sentence in sentences)


async def test_a_wrong_secret_and_clocks_that_differ_are_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.says("import")
    async with office.desk.store.write() as tx:
        await tx.execute(ccaas_centres.update().values(skew_ms=-45_000))
    monkeypatch.setenv("AGENTDESK_SECRET_GENESYS", "wrong")
    found = await centres(load(office.settings), 10.0)
    assert found[0].level is Level.FAIL
    assert any("differ by 45 s" in f.sentence for f in found)
    monkeypatch.delenv("AGENTDESK_SECRET_GENESYS")
    first, *_ = await centres(load(office.settings), 10.0)
    assert "There is no secret for Genesys Cloud" in first.sentence

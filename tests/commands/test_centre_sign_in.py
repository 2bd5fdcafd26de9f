"""agentdesk ccaas sign-in, sign-out and secret: who acts at a contact centre, from the terminal."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from agentdesk.bootstrap import centres
from agentdesk.commands.centre_sign_in import run_secret, run_sign_in, run_sign_out
from agentdesk.domain.clock import ManualClock, SystemClock
from agentdesk.domain.errors import BadInput, LoginRefused
from agentdesk.sandbox import seeding
from agentdesk.settings import load
from agentdesk.settings.secrets import centre_secret
from tests.commands.command_world import Memory
from tests.commands.test_init import Script
from tests.signin.centres import Centre, centre, known

CENTRE = """
[[agents]]
login = "ana"
name = "Ana Ruiz"
email = "ana@northwind.example"
role = "admin"

[[agents]]
login = "ben"
name = "Ben Okafor"
email = "ben@northwind.example"

[[contact_centres]]
key = "genesys"
name = "Northwind Telephony"
address = "{address}"
client_id = "{service}"
agents_client_id = "{desk}"

[[contact_centres]]
key = "night"
name = "Night shift"
kind = "twilio"
address = "https://taskrouter.twilio.com"
client_id = "AC1"
workspace = "WS1"
workflow = "WW1"
"""


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Memory]:
    """No test touches this machine's keyring or folders."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def there() -> Iterator[Centre]:
    with centre(ManualClock(SystemClock().now())) as made:
        yield made


@pytest.fixture
def path(there: Centre, tmp_path: Path) -> Path:
    made = tmp_path / "settings.toml"
    clients = {"service": seeding.service_client(1), "desk": seeding.desk_client(1)}
    made.write_text(CENTRE.format(address=there.address, **clients))
    return made


def test_agents_sign_in_beside_each_other_and_nobody_for_another(path: Path, there: Centre) -> None:
    sign_ins = centres.sign_ins_of(centres.section(load(path), "genesys"))
    said = Script()
    assert run_sign_in(path, "genesys", "ana", there.waiting("Ana Ruiz"), said) == 0
    assert "Signed in as Ana Ruiz." in said.lines
    with pytest.raises(LoginRefused, match="this sign-in is for Ben Okafor"):
        run_sign_in(path, "genesys", "ben", there.waiting("Ana Ruiz"), Script())
    run_sign_in(path, "genesys", "ben", there.waiting("Ben Okafor"), Script())
    assert sign_ins.has(known("Ana Ruiz"))
    assert sign_ins.has(known("Ben Okafor"))


def test_whoever_cannot_sign_in_is_told_why(path: Path) -> None:
    with pytest.raises(BadInput, match=r"no contact centre nowhere; there are: genesys, night\."):
        run_sign_in(path, "nowhere", "ana", talk=Script())
    with pytest.raises(BadInput, match="its service acts for all agents"):
        run_sign_in(path, "night", "ana", talk=Script())
    with pytest.raises(BadInput, match="Nobody at Northwind Telephony stands for ana"):
        run_sign_out(path, "genesys", "ana", Script())
    path.write_text(path.read_text().replace("agents_client_id", "# agents_client_id"))
    with pytest.raises(BadInput, match="add the id of the client"):
        run_sign_in(path, "genesys", "ana", talk=Script())


def test_the_secret_of_the_service_goes_to_the_keyring(path: Path) -> None:
    with pytest.raises(BadInput, match="none is stored"):
        run_secret(path, "genesys", Script(""))
    assert run_secret(path, "genesys", Script("s3cret")) == 0
    assert centre_secret(centres.section(load(path), "genesys")) == "s3cret"

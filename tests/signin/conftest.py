"""A login server, a keyring and a data folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from tests.commands.command_world import Memory
from tests.mail.certificates import Authority
from tests.signin.endpoint import Endpoint


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Memory]:
    """No test touches this machine's keyring, variables or folders."""
    for name in ("AGENTDESK_CLIENT_SECRET_SUPPORT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def endpoint(authority: Authority) -> Iterator[Endpoint]:
    made = Endpoint(authority)
    made.start()
    yield made
    made.close()

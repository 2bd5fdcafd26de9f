"""No test of a command touches this machine's keyring, variables or folders."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import keyring
import pytest

from tests.commands.command_world import PASSWORD, USER, Memory, World, start


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Memory]:
    """A keyring of the test's own."""
    for name in (
        "AGENTDESK_PASSWORD_SUPPORT",
        "AGENTDESK_PASSWORD_SUPPORT_SMTP",
        "AGENTDESK_AI_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    before, memory = keyring.get_keyring(), Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
async def world(tmp_path: Path, ring: Memory) -> AsyncIterator[World]:
    ring.held["agentdesk 127.0.0.1", USER] = PASSWORD
    async with AsyncExitStack() as stack:
        yield await start(stack, tmp_path)

"""Fixtures of the screen tests."""

import pytest

from agentdesk import services
from agentdesk.tui import supervision
from tests.tui.fake_desk import FakeDesk, put_in_place

for name in services.__all__:  # the real ones, before a fake stands where they would import it from
    getattr(services, name)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDesk:
    """A fake desk behind every service that the shell calls."""
    monkeypatch.setattr(supervision, "APART_S", 0.0)
    desk = FakeDesk()
    put_in_place(desk, monkeypatch)
    return desk

"""Fixtures of the screen tests."""

import pytest

from tests.tui.fake_desk import FakeDesk, put_in_place


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDesk:
    """A fake desk behind every service that the shell calls."""
    desk = FakeDesk()
    put_in_place(desk, monkeypatch)
    return desk

"""How records look: small and wide, in two themes. Update: `pytest … --snapshot-update`."""

from collections.abc import Callable
from typing import Any

import pytest

from agentdesk.domain.views import Desktop
from agentdesk.tui import records
from agentdesk.tui.screens import people
from tests.tui.fake_desk import EVA, FakeDesk, desk_app, settle
from tests.tui.fake_people import ACME, MARA

SMALL, WIDE = (80, 24), (130, 36)
PLACES = [(SMALL, "paper"), (WIDE, "slate")]
Compare = Callable[..., bool]


@pytest.fixture
def calm(fake: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> FakeDesk:
    """No offer, so that no toast lies over the picture."""
    monkeypatch.setattr(people, "CALM_S", 0.0)
    fake.actor, fake.desktop = EVA, Desktop((), (), (), ())
    return fake


@pytest.mark.parametrize(("size", "theme"), PLACES)
def test_people_found(
    calm: FakeDesk, snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    async def ready(pilot: Any) -> None:
        await settle(pilot)
        await pilot.press("@")
        await settle(pilot)
        await pilot.press(*"ol")
        await pilot.pause(0.1)
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)

    assert snap_compare(desk_app(calm, theme=theme), terminal_size=size, run_before=ready)


@pytest.mark.parametrize("keys", ["", "2", "E", "m1"], ids=["history", "stream", "edit", "merge"])
@pytest.mark.parametrize(("size", "theme"), PLACES)
def test_a_person(
    calm: FakeDesk, snap_compare: Compare, size: tuple[int, int], theme: str, keys: str
) -> None:
    async def ready(pilot: Any) -> None:
        await settle(pilot)
        records.open_person(pilot.app, MARA)
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.05)
            await settle(pilot)
        await pilot.pause(0.1)

    assert snap_compare(desk_app(calm, theme=theme), terminal_size=size, run_before=ready)


@pytest.mark.parametrize(("size", "theme"), PLACES)
def test_an_account(
    calm: FakeDesk, snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    async def ready(pilot: Any) -> None:
        await settle(pilot)
        records.open_account(pilot.app, ACME)
        await settle(pilot)
        await pilot.press("3")
        await settle(pilot)
        await pilot.pause(0.1)

    assert snap_compare(desk_app(calm, theme=theme), terminal_size=size, run_before=ready)

"""A picture for each screen of the shell. Update: `pytest tests/tui -k snapshots --snapshot-update`."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from agentdesk.domain.ccaas.views import CentreUse
from agentdesk.domain.errors import StorageProblem
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import Desktop, Tab, Workspace
from agentdesk.tui.app import DeskApp
from agentdesk.tui.options import DeskOptions
from tests.tui.fake_desk import EVA, IVO, FakeDesk, busy_desktop, desk_app, offer, settle
from tests.tui.fake_quarantine import set_aside

SMALL, WIDER, NORMAL, LARGE = (80, 24), (120, 40), (140, 40), (200, 60)
TABS = Workspace(
    (
        Tab(InteractionId(123), "IMS0000123"),
        Tab(InteractionId(119), "IMS0000119"),
        Tab(InteractionId(98), "IMS0000098"),
    ),
    InteractionId(123),
)

Compare = Callable[..., bool]
Prepare = Callable[[Pilot[None]], Awaitable[None]]


def after(*keys: str) -> Prepare:
    """The screen after *keys*, at rest."""

    async def prepare(pilot: Pilot[None]) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        await pilot.pause(0.1)
        await settle(pilot)

    return prepare


@pytest.mark.parametrize("theme", ["slate", "paper"])
@pytest.mark.parametrize("size", [SMALL, NORMAL, LARGE], ids=["small", "normal", "large"])
def test_desk_with_tabs(
    fake: FakeDesk, snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    fake.workspace = TABS
    assert snap_compare(desk_app(fake, theme=theme), terminal_size=size, run_before=after())


@pytest.mark.parametrize("theme", ["contrast", "dusk"])
def test_desk_in_other_colours(fake: FakeDesk, snap_compare: Compare, theme: str) -> None:
    fake.workspace = TABS
    app = desk_app(fake, theme=theme)
    assert snap_compare(app, terminal_size=NORMAL, run_before=after("i", "down", "down"))


@pytest.mark.parametrize("size", [SMALL, NORMAL, LARGE], ids=["small", "normal", "large"])
def test_desk_without_tabs(fake: FakeDesk, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(desk_app(fake), terminal_size=size, run_before=after())


def test_desk_with_nothing_to_do(fake: FakeDesk, snap_compare: Compare) -> None:
    fake.desktop, fake.presence = Desktop((), (), (), ()), "lunch"
    assert snap_compare(desk_app(fake), terminal_size=SMALL, run_before=after())


def test_desk_that_cannot_be_opened(fake: FakeDesk, snap_compare: Compare) -> None:
    async def locked() -> Any:
        raise StorageProblem("The database is in use by a newer agentdesk. Update this one.")

    app = DeskApp(locked, DeskOptions())
    assert snap_compare(app, terminal_size=SMALL, run_before=after())


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "paper"), (NORMAL, "slate")])
def test_wallboard(
    fake: FakeDesk, snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    fake.actor = EVA
    app = desk_app(fake, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=after("b"))


@pytest.mark.parametrize(
    ("size", "theme"),
    [(SMALL, "paper"), (SMALL, "contrast"), (WIDER, "slate"), (WIDER, "dusk")],
)
@pytest.mark.parametrize(
    "keys", ["2", "3", "4", "5", "W"], ids=["agents", "items", "charts", "effort", "wall"]
)
def test_supervisor(
    fake: FakeDesk, snap_compare: Compare, keys: str, size: tuple[int, int], theme: str
) -> None:
    fake.actor, fake.desktop = EVA, Desktop((), (), (), ())
    app = desk_app(fake, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=after("b", keys))


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "paper"), (NORMAL, "slate")])
def test_lists(fake: FakeDesk, snap_compare: Compare, size: tuple[int, int], theme: str) -> None:
    app = desk_app(fake, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=after("/", "enter", "down"))


@pytest.mark.parametrize("size", [SMALL, NORMAL], ids=["small", "normal"])
def test_help(fake: FakeDesk, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(desk_app(fake), terminal_size=size, run_before=after("?"))


@pytest.mark.parametrize(
    ("size", "theme"),
    [(SMALL, "paper"), (SMALL, "contrast"), (WIDER, "slate"), (WIDER, "dusk")],
)
def test_quarantine(
    fake: FakeDesk, snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    fake.actor = EVA
    fake.set_aside.rows = [set_aside(n) for n in range(1, 12)]
    app = desk_app(fake, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=after("Q", "space", "down"))


def test_quarantine_with_nothing_in_it(fake: FakeDesk, snap_compare: Compare) -> None:
    fake.actor = EVA
    assert snap_compare(desk_app(fake), terminal_size=SMALL, run_before=after("Q"))


def test_desk_of_a_supervisor_with_mails_set_aside(fake: FakeDesk, snap_compare: Compare) -> None:
    fake.actor = EVA
    fake.set_aside.rows = [set_aside(n) for n in range(1, 4)]
    assert snap_compare(desk_app(fake), terminal_size=SMALL, run_before=after())


@pytest.mark.parametrize(
    ("size", "theme", "keys"),
    [(SMALL, "paper", "4"), (WIDER, "slate", "3"), (SMALL, "contrast", "1"), (WIDER, "dusk", "5")],
)
def test_contact_centres(
    fake: FakeDesk, snap_compare: Compare, size: tuple[int, int], theme: str, keys: str
) -> None:
    fake.actor, fake.desktop = IVO, Desktop((), (), (), ())
    app = desk_app(fake, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=after("&", keys))


@pytest.mark.parametrize(("size", "theme"), [(SMALL, "contrast"), (WIDER, "paper")])
def test_desk_with_an_offer_of_a_contact_centre(
    fake: FakeDesk, snap_compare: Compare, size: tuple[int, int], theme: str
) -> None:
    there = offer(1, centre="Genesys Cloud", asked="accepting")
    fake.desktop = replace(busy_desktop(), inbox=(there,))
    fake.uses = (
        CentreUse("genesys", "Genesys Cloud", "On Queue", 1, 2, known=True),
        CentreUse("night", "Night shift", signed_in=False),
    )
    app = desk_app(fake, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=after("i"))

"""The contact centres' screen: how each is, what is mapped to what, and what waits for a person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.views import Desktop, Health, LoopHealth
from agentdesk.tui.app import DeskApp
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.screens.centres import CentresScreen
from tests.tui.fake_desk import IVO, FakeDesk, running, screen_text, settle, toasts
from tests.tui.pane_host import until


@asynccontextmanager
async def looking(
    fake: FakeDesk, size: tuple[int, int] = (130, 40)
) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """The screen, open and at rest."""
    fake.actor, fake.desktop = IVO, Desktop((), (), (), ())
    async with running(fake, size) as (app, pilot):
        await press(pilot, "&")
        assert isinstance(app.screen, CentresScreen)
        yield app, pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys one after the other, and rest."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


def flat(app: DeskApp) -> str:
    """The screen's words, however its lines are broken."""
    return " ".join(screen_text(app).split())


async def test_each_centre_says_in_words_how_it_is(fake: FakeDesk) -> None:
    trouble = "Genesys Cloud refuses the service's secret. Set it anew."
    fake.loops = (LoopHealth("Genesys Cloud", Health.STOPPED, trouble),)
    async with looking(fake) as (app, _pilot):
        text = flat(app)
        assert "● Genesys Cloud connected · heard 12 s ago · read again 40 s ago" in text
        assert "2 of 3 agents signed in here · its clock is 4 s ahead" in text
        assert "unknown event v2.users.station · 2 orders wait for a person" in text
        assert trouble in text
        assert "○ Night shift (Twilio) not connected · never imported" in text


async def test_what_is_missing_is_mapped_by_choosing_its_counterpart(fake: FakeDesk) -> None:
    async with looking(fake) as (app, pilot):
        assert "Refunded is not sent to Genesys Cloud" in flat(app)
        await press(pilot, "enter", *"refund", "enter")
        await until(pilot, lambda: fake.calls_of("map") != [])
        assert fake.calls_of("map") == [("genesys", Kind.CODE, "c-7", "refunded")]
        assert "Refunded is mapped." in toasts(app)
        await press(pilot, "2", "down", "m", *"returns", "enter")
        await until(pilot, lambda: len(fake.calls_of("map")) == 2)
        assert fake.calls_of("map")[1] == ("genesys", Kind.QUEUE, "q-9", "returns")


async def test_a_mapping_says_which_way_it_holds_and_is_undone(fake: FakeDesk) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "3", "down")
        assert "Question answered is sent as Resolved to Genesys Cloud" in flat(app)
        await press(pilot, "end")
        assert "does not have Returns EMEA any more" in flat(app)
        await press(pilot, "home", "u")
        assert fake.calls_of("unmap") == [("genesys", Kind.AGENT, "u-1", "ana")]
        await press(pilot, "f", "5")
        text = screen_text(app)
        assert "only: Codes" in text
        assert "Returns EMEA" not in text.split("only: Codes")[1]


async def test_an_import_says_what_was_read(fake: FakeDesk) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "i", "1")
        await until(pilot, lambda: fake.calls_of("import") == [("genesys",)])
        assert any("40 agents" in toast for toast in toasts(app))


async def test_what_waits_says_what_it_needs_and_is_retried(fake: FakeDesk) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "4")
        assert "It goes on by itself once that is mended." in flat(app)
        await press(pilot, "down")
        assert "It was tried for a day. Retry it" in flat(app)
        await press(pilot, "r")
        assert fake.calls_of("retry") == [(5,)]


async def test_discarding_an_order_says_first_what_that_means(fake: FakeDesk) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "4", "x")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert "The code stays here; Genesys Cloud never gets it." in flat(app)
        await press(pilot, "enter")
        assert fake.calls_of("discard") == []
        await press(pilot, "x", "y")
        assert fake.calls_of("discard") == [(8,)]
        await press(pilot, "x", "y")
        assert "No order waits for a person." in screen_text(app)


async def test_which_of_two_codes_counts_is_decided_by_a_person(fake: FakeDesk) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "5")
        assert "Reports of both sides differ. c decides which counts." in flat(app)
        await press(pilot, "c", "2")
        await until(pilot, lambda: fake.calls_of("decide") == [(4, True)])
        await press(pilot, "down")
        assert "was written beside the conversation" in flat(app)
        await press(pilot, "c", "2")
        await until(pilot, lambda: len(fake.calls_of("decide")) == 2)
        await press(pilot, "o")
        assert app.desk_screen.tabs.workspace.active == 203


async def test_without_a_centre_it_says_what_to_do(fake: FakeDesk) -> None:
    fake.centres.centres = ()
    fake.centres.rows = dict.fromkeys(fake.centres.rows, ())
    async with looking(fake, (80, 24)) as (app, _pilot):
        assert "No contact centre is in the settings. docs/ccaas.md says how." in screen_text(app)

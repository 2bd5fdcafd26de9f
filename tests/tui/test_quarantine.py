"""The quarantine screen: each action by key, nothing that a mail could break."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from agentdesk.domain.errors import StorageProblem
from agentdesk.domain.feed import Change
from agentdesk.domain.quarantine import Cause, Place
from agentdesk.tui.app import DeskApp
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.save_attachment import SaveAttachmentDialog
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.panes.set_aside import MOST_LINES, SetAsidePane
from agentdesk.tui.screens.quarantine import QuarantineScreen
from agentdesk.tui.screens.wallboard import WallboardScreen
from tests.tui.fake_desk import EVA, HOSTILE, FakeDesk, running, screen_text, settle, toasts
from tests.tui.fake_quarantine import FakeSetAside, set_aside
from tests.tui.pane_host import until


@pytest.fixture
def quarantine(fake: FakeDesk) -> FakeSetAside:
    fake.actor = EVA
    fake.set_aside.rows = [set_aside(n) for n in range(1, 8)]
    return fake.set_aside


@asynccontextmanager
async def looking(
    fake: FakeDesk, size: tuple[int, int] = (140, 40), **options: object
) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """The quarantine, open and at rest."""
    async with running(fake, size, **options) as (app, pilot):
        await pilot.press("Q")
        await settle(pilot)
        yield app, pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys one after the other, and rest."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
        moving = [w for w in pilot.app.workers if w.group == "move" and not w.is_finished]
        if moving and not pilot.app.screen.is_modal:
            await pilot.app.workers.wait_for_complete(moving)
            await settle(pilot)


def shown(app: DeskApp) -> str:
    """What the pane of the highlighted mail says."""
    return str(app.screen.query_one(SetAsidePane).query_one(Static).render())


async def test_the_newest_mail_is_shown_with_its_cause_first(
    fake: FakeDesk, quarantine: FakeSetAside
) -> None:
    async with looking(fake) as (app, pilot):
        text = screen_text(app)
        assert "1 Set aside 7" in text
        assert "Order 5507 [/damaged]" in text
        assert shown(app).startswith("Cannot be filed\nFiling it failed: ValueError.")
        assert "What[/] now?" in shown(app)
        await press(pilot, "down")
        assert shown(app).startswith("Cannot be read\nThis is not a mail")
        assert "INBOX · number 506" in shown(app)


@pytest.mark.parametrize(
    ("key", "what", "words"),
    [
        ("r", "retry", "Filed: 1 mail."),
        ("f", "release", "Filed as plain text: 1 mail (IMS0000777)."),
        ("x", "discard", "Discarded: 1 mail. u takes it back."),
    ],
)
async def test_an_action_moves_the_highlighted_mail_and_says_what_became_of_it(
    fake: FakeDesk, quarantine: FakeSetAside, key: str, what: str, words: str
) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "down", key)
        assert quarantine.done == [(what, (6,))]
        assert words in toasts(app)
        assert "1 Set aside 6" in screen_text(app)
        assert shown(app).startswith("Too large")


async def test_a_discard_is_undone_at_once_or_from_its_list(
    fake: FakeDesk, quarantine: FakeSetAside
) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "u")
        assert quarantine.done == []
        await press(pilot, "x", "u")
        assert quarantine.done == [("discard", (7,)), ("restore", (7,))]
        assert "Taken back: 1 mail." in toasts(app)
        await press(pilot, "x", "3")
        assert "State" in shown(app)
        await press(pilot, "r", "x", "f")
        assert len(quarantine.done) == 3
        await press(pilot, "u")
        assert quarantine.done[-1] == ("restore", (6,))
        assert "No mail is discarded." in screen_text(app)


async def test_a_mail_that_fails_again_stays_with_a_warning(
    fake: FakeDesk, quarantine: FakeSetAside
) -> None:
    quarantine.again = {7}
    async with looking(fake) as (app, pilot):
        await press(pilot, "r")
        assert "Set aside again: 1 mail. It fails." in toasts(app)
        assert "1 Set aside 7" in screen_text(app)


async def test_marked_mails_are_taken_together(fake: FakeDesk, quarantine: FakeSetAside) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "space", "down", "space")
        assert "2 mails marked" in screen_text(app)
        await press(pilot, "x")
        assert quarantine.done == [("discard", (5, 7))]
        assert "marked" not in screen_text(app)
        await press(pilot, "u")
        assert quarantine.done[-1][0] == "restore"
        assert set(quarantine.done[-1][1]) == {5, 7}


async def test_filing_many_as_text_is_asked_for_once_more(
    fake: FakeDesk, quarantine: FakeSetAside
) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "a", "f")
        assert isinstance(app.screen, ConfirmDialog)
        await press(pilot, "n")
        assert quarantine.done == []
        await press(pilot, "f", "y")
        await until(pilot, lambda: not quarantine.rows)
        assert [what for what, _ in quarantine.done] == ["release"] * 4
        await settle(pilot)
        assert "Nothing is set aside. Every mail that arrived was filed." in screen_text(app)
        assert shown(app) == ""


async def test_progress_is_shown_and_escape_stops_what_has_not_begun(
    fake: FakeDesk, quarantine: FakeSetAside
) -> None:
    quarantine.hold = asyncio.Event()
    async with looking(fake) as (app, pilot):
        await pilot.press("a", "x")
        await until(pilot, lambda: "Discarding: 2 · esc stops" in screen_text(app))
        await pilot.press("escape")
        quarantine.hold.set()
        await until(pilot, lambda: any("Discarded: 4 mails." in t for t in toasts(app)))
        assert isinstance(app.screen, QuarantineScreen)
        assert len(quarantine.rows) == 7
        assert sum(r.place is Place.ASIDE for r in quarantine.rows) == 3


async def test_what_cannot_be_done_is_told_and_the_screen_stays(
    fake: FakeDesk, quarantine: FakeSetAside
) -> None:
    quarantine.error = StorageProblem("The disk is full.")
    async with looking(fake) as (app, pilot):
        await press(pilot, "r")
        assert "The disk is full." in toasts(app)
        assert "1 Set aside 7" in screen_text(app)


async def test_the_export_is_a_private_file_of_the_bytes(
    fake: FakeDesk, quarantine: FakeSetAside, tmp_path: Path
) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "s")
        assert isinstance(app.screen, SaveAttachmentDialog)
        assert app.screen.query_one("#name", Input).value == "damaged] 7.eml"
        app.screen.query_one("#name", Input).value = "broken.eml"
        app.screen.query_one("#folder", Input).value = str(tmp_path)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: (tmp_path / "broken.eml").exists())
        await settle(pilot)
        file = tmp_path / "broken.eml"
        assert file.read_bytes() == b"\x00raw"
        assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
        assert quarantine.done == [("export", (7,))]
        assert f"broken.eml is in {tmp_path}." in toasts(app)


async def test_only_mails_with_one_cause(fake: FakeDesk, quarantine: FakeSetAside) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "c", "3")
        text = screen_text(app)
        assert "only: Too large" in text
        assert "Order 5505" in text
        assert "Order 5507" not in text
        await press(pilot, "c", "4")
        assert "No mail with this cause. c chooses another." in screen_text(app)
        await press(pilot, "c", "1")
        assert "Order 5507" in screen_text(app)


async def test_the_source_is_shown_and_hidden(fake: FakeDesk, quarantine: FakeSetAside) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "v")
        assert "\\x00\\x1b[2J source" in shown(app)
        await press(pilot, "v")
        assert "the lamp came in pieces" in shown(app)


async def test_escape_goes_from_the_text_to_the_list_and_then_back(
    fake: FakeDesk, quarantine: FakeSetAside
) -> None:
    async with looking(fake) as (app, pilot):
        await press(pilot, "enter")
        assert isinstance(app.focused, SetAsidePane)
        await press(pilot, "escape")
        assert app.focused is not None
        assert app.focused.id == "mails"
        await press(pilot, "escape")
        assert app.screen is app.desk_screen


async def test_news_show_at_once(fake: FakeDesk, quarantine: FakeSetAside) -> None:
    quarantine.rows = []
    async with looking(fake) as (app, pilot):
        assert "Nothing is set aside." in screen_text(app)
        quarantine.rows.append(set_aside(9, cause=Cause.LOOP, why="It was here before."))
        app.post_message(RecordsChanged(Change(last_seq=1)))
        await settle(pilot)
        assert "Runs in a loop" in screen_text(app)
        assert shown(app).startswith("Runs in a loop\nIt was here before.")


# Where supervisors learn of it


async def test_the_header_tells_supervisors_and_a_click_opens_it(
    fake: FakeDesk, quarantine: FakeSetAside
) -> None:
    async with running(fake) as (app, pilot):
        line = screen_text(app).splitlines()[0]
        assert "7 set aside" in line
        await pilot.click("StatusLine", offset=(line.index("set aside"), 0))
        await settle(pilot)
        assert isinstance(app.screen, QuarantineScreen)


async def test_the_wallboard_tells_too_and_leads_there(
    fake: FakeDesk, quarantine: FakeSetAside
) -> None:
    async with running(fake, (80, 24)) as (app, pilot):
        await press(pilot, "b")
        assert "7 set aside" in screen_text(app).splitlines()[0]
        await press(pilot, "Q")
        assert isinstance(app.screen, QuarantineScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, WallboardScreen)


async def test_agents_neither_see_nor_open_it(fake: FakeDesk) -> None:
    fake.set_aside.rows = [set_aside(1)]
    async with running(fake) as (app, pilot):
        assert "set aside" not in screen_text(app)
        await press(pilot, "Q")
        assert app.screen is app.desk_screen


# Hostile and large


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40), (200, 60)])
async def test_hostile_words_leave_every_screen_whole(
    fake: FakeDesk, quarantine: FakeSetAside, size: tuple[int, int]
) -> None:
    quarantine.rows = [
        set_aside(n, subject=words, sender=words, why=words, mailbox=words)
        for n, words in enumerate(HOSTILE, 1)
    ]
    async with looking(fake, size) as (app, pilot):
        for _ in HOSTILE:
            assert "\x1b" not in screen_text(app)
            await press(pilot, "down")


async def test_a_huge_text_is_cut_and_says_so(fake: FakeDesk, quarantine: FakeSetAside) -> None:
    quarantine.text = "line\n" * 50_000
    async with looking(fake) as (app, _):
        assert "Only the beginning is shown. The export is whole." in shown(app)
        assert shown(app).count("\n") < MOST_LINES + 30


async def test_thousands_open_as_fast_as_ten(fake: FakeDesk, quarantine: FakeSetAside) -> None:
    quarantine.rows = [replace(set_aside(n), cause=Cause.PARSE) for n in range(1, 3_000)]
    async with looking(fake) as (app, pilot):
        assert "1 Set aside 1,000+" in screen_text(app)
        assert len(app.screen.query_one("#mails")._window.rows) <= 400  # type: ignore[attr-defined]
        await press(pilot, "a")
        assert "all marked" in screen_text(app)

"""People in and out as files, from the screen that finds them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.widgets import Button, Input

from agentdesk import services
from agentdesk.domain.errors import BadInput
from agentdesk.tui import people_exchange
from agentdesk.tui.dialogs.import_people import (
    ImportDialog,
    ImportFileDialog,
    Outcome,
    RefusedLine,
    report,
)
from agentdesk.tui.dialogs.picker import PickDialog
from agentdesk.tui.dialogs.save_attachment import SaveAttachmentDialog
from agentdesk.tui.screens.people import PeopleScreen
from tests.tui.asking import problem
from tests.tui.fake_desk import EVA, HOSTILE, FakeDesk, running, screen_text, settle, toasts
from tests.tui.pane_host import until


class FakeFiles:
    """What `people_files` answers; `hold` is waited for before the real import ends."""

    def __init__(self) -> None:
        self.runs: list[tuple[bytes, bool]] = []
        self.hold: asyncio.Event | None = None
        self.error: Exception | None = None
        self.refused = [
            SimpleNamespace(line=3, why="Its address is no address."),
        ]

    async def bring_in(
        self, _desk: Any, _actor: Any, raw: bytes, *, dry_run: bool = False, progress: Any = None
    ) -> Any:
        self.runs.append((raw, dry_run))
        if self.error is not None:
            raise self.error
        progress(500)
        if self.hold is not None and not dry_run:
            await self.hold.wait()
        return SimpleNamespace(
            source=SimpleNamespace(form="csv", unknown=("shoe size",)),
            created=480,
            updated=12,
            as_was=7,
            accounts=3,
            refused_count=len(self.refused),
            refused=self.refused,
        )

    async def export(self, _desk: Any, _actor: Any, form: str) -> AsyncIterator[str]:
        yield "name,email\n"
        yield f"Mara,{form}\n"


@pytest.fixture
def files(fake: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> FakeFiles:
    """Import and export in memory; a supervisor sits here."""
    fake.actor, made = EVA, FakeFiles()
    monkeypatch.setattr(services, "people_files", made, raising=False)
    return made


async def to_report(app: Any, pilot: Any, path: Path) -> None:
    """`I`, the path, and the dry run."""
    await pilot.press("@")
    await settle(pilot)
    await pilot.press("enter", "I")
    await until(pilot, lambda: isinstance(app.screen, ImportFileDialog))
    await pilot.pause()
    app.screen.query_one("#path", Input).value = str(path)
    await pilot.press("enter")
    await pilot.pause(0.1)
    await until(pilot, lambda: isinstance(app.screen, ImportDialog))


async def test_a_file_is_looked_at_first_and_then_taken_in(
    fake: FakeDesk, files: FakeFiles, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text("name,email\n")
    async with running(fake) as (app, pilot):
        await to_report(app, pilot, tmp_path / "people.csv")
        await until(pilot, lambda: "480 people would be new" in screen_text(app))
        text = screen_text(app)
        assert "Its address is no address." in text
        assert "Columns that mean nothing here: shoe size." in text
        assert files.runs == [(b"name,email\n", True)]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PeopleScreen))
        assert files.runs[1:] == [(b"name,email\n", False)]
        assert any("480 people new" in toast for toast in toasts(app))


async def test_a_file_that_is_too_large_says_what_to_do(
    fake: FakeDesk, files: FakeFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_exchange, "LARGEST", 10)
    (tmp_path / "people.csv").write_text("x" * 11)
    async with running(fake) as (app, pilot):
        await pilot.press("@")
        await settle(pilot)
        await pilot.press("enter", "I")
        await until(pilot, lambda: isinstance(app.screen, ImportFileDialog))
        await pilot.pause()
        app.screen.query_one("#path", Input).value = str(tmp_path / "people.csv")
        await pilot.press("enter")
        await until(pilot, lambda: "split it" in problem(app))


async def test_leaving_after_the_report_changes_nothing(
    fake: FakeDesk, files: FakeFiles, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text("name,email\n")
    async with running(fake) as (app, pilot):
        await to_report(app, pilot, tmp_path / "people.csv")
        await until(pilot, lambda: "would be new" in screen_text(app))
        await pilot.press("escape")
        await settle(pilot)
        assert [trial for _, trial in files.runs] == [True]


async def test_an_import_tells_how_far_it_is_and_is_stopped(
    fake: FakeDesk, files: FakeFiles, tmp_path: Path
) -> None:
    files.hold = asyncio.Event()
    (tmp_path / "people.csv").write_text("name,email\n")
    async with running(fake) as (app, pilot):
        await to_report(app, pilot, tmp_path / "people.csv")
        await until(pilot, lambda: "would be new" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "Importing: 500 people" in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, PeopleScreen))


async def test_a_file_that_is_no_list_is_refused_in_a_sentence(
    fake: FakeDesk, files: FakeFiles, tmp_path: Path
) -> None:
    files.error = BadInput("The file is empty.")
    (tmp_path / "people.csv").write_text("x")
    async with running(fake) as (app, pilot):
        await to_report(app, pilot, tmp_path / "people.csv")
        await until(pilot, lambda: problem(app) == "The file is empty.")
        assert app.screen.query_one("#import", Button).disabled


async def test_hostile_lines_leave_the_report_whole(
    fake: FakeDesk, files: FakeFiles, tmp_path: Path
) -> None:
    files.refused = [SimpleNamespace(line=n, why=words) for n, words in enumerate(HOSTILE, 1)]
    (tmp_path / "people.csv").write_text("x")
    async with running(fake, (80, 24)) as (app, pilot):
        await to_report(app, pilot, tmp_path / "people.csv")
        await until(pilot, lambda: "would be new" in screen_text(app))
        assert "\x1b" not in screen_text(app)


async def test_agents_neither_import_nor_export(fake: FakeDesk) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("@")
        await settle(pilot)
        await pilot.press("enter", "I", "s")
        await settle(pilot)
        assert isinstance(app.screen, PeopleScreen)


async def test_everybody_is_saved_in_a_private_file(
    fake: FakeDesk, files: FakeFiles, tmp_path: Path
) -> None:
    async with running(fake) as (app, pilot):
        await pilot.press("@")
        await settle(pilot)
        await pilot.press("enter", "s")
        await until(pilot, lambda: isinstance(app.screen, PickDialog))
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, SaveAttachmentDialog))
        await pilot.pause()
        app.screen.query_one("#folder", Input).value = str(tmp_path)
        await pilot.press("ctrl+g")
        saved = tmp_path / "people.vcf"
        await until(pilot, lambda: isinstance(app.screen, PeopleScreen))
        assert saved.read_text() == "name,email\nMara,vcard\n"
        assert saved.stat().st_mode & 0o777 == 0o600


def test_the_report_counts_lines_that_are_not_listed() -> None:
    lines = (RefusedLine(1, "x"),)
    found = report(Outcome("csv", 1, 0, 0, 0, 20_000, lines), trial=False)
    assert "20,000 lines refused. The first 1 are listed." in found

"""The composer: nothing typed is lost, and only one person writes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from agentdesk.domain.draft import DraftContent, DraftFile
from agentdesk.domain.errors import FencedOff
from agentdesk.domain.ids import AgentId
from agentdesk.tui.widgets import draft_keeper
from agentdesk.tui.widgets.attachments import AttachmentStrip
from agentdesk.tui.widgets.composer import Composer, Mode
from agentdesk.tui.widgets.draft_keeper import DraftKeeper
from tests.tui.pane_host import ANA, HostApp, until
from tests.tui.pane_services import REPLY, FakeDesk, install

PDF = DraftFile("invoice.pdf", "application/pdf", 84_200, "sha-1")
PNG = DraftFile("photo.png", "image/png", 900, "sha-2")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeDesk:
    """Services in memory; saving starts in the next turn of the loop."""
    monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 0)
    monkeypatch.setattr(draft_keeper, "RETRY_AFTER_S", 0)
    return install(monkeypatch, FakeDesk())


def body(text: str) -> DraftContent:
    """The draft with another text."""
    return replace(REPLY, body=text)


# The widget


class Hearing(HostApp):
    """Remembers what the composer asks for."""

    def __init__(self, mode: Mode) -> None:
        super().__init__(lambda: Composer(mode, id="composer"))
        self.heard: list[str] = []
        self._last: Message | None = None

    def hear(self, message: Message) -> None:
        """A message visits several pumps; it is remembered once."""
        if isinstance(getattr(message, "composer", None), Composer) and message is not self._last:
            self._last = message
            self.heard.append(type(message).__name__)


@asynccontextmanager
async def composing(
    fake: FakeDesk, mode: Mode = Mode.REPLY, size: tuple[int, int] = (80, 16), **changes: Any
) -> AsyncIterator[tuple[Hearing, Composer, Pilot[None]]]:
    """An open composer."""
    app = Hearing(mode)
    async with app.run_test(size=size, message_hook=app.hear) as pilot:
        composer = app.query_one(Composer)
        if mode is Mode.NOTE:
            composer.open_note()
        else:
            fake.draft = fake.new_draft(**changes)
            keeper = DraftKeeper(
                app.desk,  # type: ignore[arg-type]
                ANA,
                fake.draft,
                lambda: composer.show_standing(),
            )
            composer.open_draft(keeper)
        await pilot.pause()
        app.heard.clear()
        yield app, composer, pilot


def title(composer: Composer) -> str:
    """The frame's words."""
    return composer._title().plain


async def test_keystrokes_reach_the_database(fake: FakeDesk) -> None:
    async with composing(fake) as (_, _composer, pilot):
        await pilot.press(*"Hi")
        await until(
            pilot, lambda: fake.draft is not None and fake.draft.content.body.startswith("Hi")
        )


async def test_opening_alone_saves_nothing(fake: FakeDesk) -> None:
    async with composing(fake) as (_, composer, pilot):
        await pilot.pause()
        assert fake.named("save") == []
        assert title(composer) == "Reply · saved 09:41 · lock: you"


async def test_every_field_is_saved(fake: FakeDesk) -> None:
    async with composing(fake) as (_, composer, pilot):
        for name in ("to", "cc", "bcc", "subject"):
            composer.query_one(f"#{name}", Input).value = f"{name}@example.org"
        await until(
            pilot, lambda: fake.draft is not None and fake.draft.content.bcc == "bcc@example.org"
        )
        assert fake.draft is not None
        assert fake.draft.content.subject == "subject@example.org"


async def test_the_last_keystroke_is_saved_when_the_app_ends(
    fake: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 1_000)
    async with composing(fake) as (_, _composer, pilot):
        await pilot.press(*"Hi")
        await pilot.pause()
        assert fake.named("save") == []
    assert fake.draft is not None
    assert fake.draft.content.body.startswith("Hi")
    assert fake.named("release")


async def test_a_draft_starts_in_its_text(fake: FakeDesk) -> None:
    async with composing(fake) as (app, composer, _):
        assert app.focused is composer.body
        assert composer.body.cursor_location == (0, 0)


async def test_a_draft_without_recipient_starts_in_to(fake: FakeDesk) -> None:
    async with composing(fake, content=replace(REPLY, to="")) as (app, _, _pilot):
        assert app.focused is not None
        assert app.focused.id == "to"


async def test_copies_are_folded_until_asked_for(fake: FakeDesk) -> None:
    async with composing(fake) as (app, composer, pilot):
        assert not composer.query_one("#cc-line").display
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert composer.query_one("#cc-line").display
        assert app.focused is not None
        assert app.focused.id == "cc"
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert not composer.query_one("#cc-line").display


async def test_filled_copies_are_never_hidden(fake: FakeDesk) -> None:
    async with composing(fake, content=replace(REPLY, cc="ben@example.org")) as (_, composer, p):
        assert composer.query_one("#cc-line").display
        await p.press("ctrl+l")
        await p.pause()
        assert composer.query_one("#cc-line").display


async def test_fields_are_walked_by_key(fake: FakeDesk) -> None:
    async with composing(fake) as (app, composer, pilot):
        composer.query_one("#to").focus()
        await pilot.pause()
        walked = []
        for key in ("down", "enter", "shift+tab", "up"):
            await pilot.press(key)
            await pilot.pause()
            assert app.focused is not None
            walked.append(app.focused.id)
        assert walked == ["subject", "body", "subject", "to"]


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("ctrl+g", "SendWanted"),
        ("ctrl+o", "AttachWanted"),
        ("escape", "Left"),
    ],
)
async def test_each_key_asks_for_one_thing(fake: FakeDesk, key: str, asked: str) -> None:
    async with composing(fake) as (app, _, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.heard == [asked]


async def test_another_writer_makes_it_read_only(fake: FakeDesk) -> None:
    other = {"holder_id": AgentId(2), "holder_session": "other"}
    async with composing(fake, **other) as (app, composer, pilot):
        before = composer.content
        await pilot.press(*"x", "ctrl+g", "ctrl+o")
        await pilot.pause()
        assert composer.content == before
        assert app.heard == []
        assert title(composer) == "Reply · Ben Okafor is writing this. ^T takes over"
        await pilot.press("ctrl+t")
        await pilot.pause()
        assert app.heard == ["TakeOverWanted"]


async def test_a_reader_sees_what_the_writer_types(fake: FakeDesk) -> None:
    async with composing(fake, holder_id=AgentId(2), holder_session="other") as (_, composer, p):
        assert composer.keeper is not None
        composer.keeper.replace_draft(replace(composer.keeper.draft, content=body("theirs")))
        await p.pause()
        assert composer.body.text == "theirs"
        assert fake.named("save") == []


async def test_losing_the_draft_keeps_my_words_on_the_screen(fake: FakeDesk) -> None:
    async with composing(fake) as (_, composer, pilot):
        fake.refuse["save"] = FencedOff("This draft was opened elsewhere.")
        await pilot.press("m")
        await until(pilot, lambda: composer.keeper is not None and composer.keeper.lost)
        await pilot.press(*"no more")
        await pilot.pause()
        assert composer.body.text.startswith("m\n")
        assert composer.body.read_only
        assert "What you typed last is kept here." in title(composer)


async def test_a_save_that_fails_is_said_in_the_frame(fake: FakeDesk) -> None:
    async with composing(fake) as (_, composer, pilot):
        assert composer.keeper is not None
        composer.keeper.problem = "The disk is full."
        composer.show_standing()
        await pilot.pause()
        assert title(composer) == "Reply · not saved: The disk is full."


async def test_the_composer_says_that_somebody_still_writes(fake: FakeDesk) -> None:
    async with composing(fake) as (_, composer, _pilot):
        await composer.beat()
        assert fake.named("heartbeat") == [(7, 1)]
        composer.close()
        await composer.beat()
        assert len(fake.named("heartbeat")) == 1


async def test_files_are_shown_and_removed_by_key(fake: FakeDesk) -> None:
    async with composing(fake, files=(PDF, PNG)) as (app, composer, pilot):
        strip = composer.query_one(AttachmentStrip)
        assert "📎 invoice.pdf 84 KB ×" in strip.render().plain
        strip.focus()
        await pilot.press("right", "delete")
        await pilot.pause()
        assert app.heard == ["DetachWanted"]


async def test_a_file_is_removed_by_mouse(fake: FakeDesk) -> None:
    async with composing(fake, files=(PDF,)) as (app, composer, pilot):
        strip = composer.query_one(AttachmentStrip)
        at = cell_len(strip.render().plain.partition("×")[0]) + 1
        await pilot.click(strip, offset=(at, 0))
        await pilot.pause()
        assert "DetachWanted" in app.heard


async def test_a_note_has_no_envelope_and_no_draft(fake: FakeDesk) -> None:
    async with composing(fake, Mode.NOTE) as (app, composer, pilot):
        assert not composer.query(Input)
        await pilot.press(*"check", "ctrl+o", "ctrl+g")
        await pilot.pause()
        assert composer.body.text == "check"
        assert app.heard == ["SendWanted"]
        assert fake.calls == []
        assert title(composer) == "Note · only colleagues see it"


async def test_any_text_can_be_written(fake: FakeDesk) -> None:
    wild = "[b]x[/b] [/order] 漢字 שלום 👩‍👩‍👧 " + "w" * 5_000
    async with composing(fake, content=replace(REPLY, body=wild, subject=wild)) as (_, composer, p):
        await p.pause()
        assert composer.content.body == wild
        assert fake.named("save") == []

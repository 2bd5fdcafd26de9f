"""Dialogs: each asks one thing, by key and by mouse, and loses nothing that was typed."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Button, Input, OptionList, Static, TextArea

from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import CodeId
from agentdesk.domain.views import PresenceChoice, RejectChoice
from agentdesk.tui import local_files
from agentdesk.tui.dialogs.attach import AttachDialog, ChosenFile
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.presence import PresenceDialog
from agentdesk.tui.dialogs.reject import RejectDialog
from agentdesk.tui.dialogs.save_attachment import Saveable, SaveAttachmentDialog, Saved
from agentdesk.tui.dialogs.something_new import AfterStop, SomethingNewDialog
from agentdesk.tui.dialogs.wrap_up import LONGEST_NOTES, WrapUpDialog, WrapUpDraft
from agentdesk.tui.local_files import NameTaken
from agentdesk.tui.widgets.wrap_up_bar import WrapUpBar
from tests.tui.pane_host import CODES, HostApp, until, wrap_up

NOTHING = object()


class Asking(HostApp):
    """Shows one dialog; `answer` is what it was closed with."""

    answer: Any = NOTHING

    def ask(self, dialog: Screen[Any]) -> None:
        """Push it."""

        def answered(answer: Any) -> None:
            self.answer = answer

        self.push_screen(dialog, answered)


@asynccontextmanager
async def asking(
    dialog: Screen[Any], size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Asking, Pilot[None]]]:
    """An app that asks."""
    app = Asking()
    async with app.run_test(size=size) as pilot:
        app.ask(dialog)
        await pilot.pause()
        yield app, pilot


def problem(app: Asking) -> str:
    """The sentence that a dialog complains with; empty while it does not."""
    line = app.screen.query_one(".problem", Static)
    return str(line.render()) if line.has_class("-shown") else ""


# Confirm


@pytest.mark.parametrize(
    ("key", "answer"), [("y", True), ("n", False), ("enter", True), ("escape", None)]
)
async def test_a_question_is_answered_by_one_key(key: str, answer: bool | None) -> None:
    async with asking(ConfirmDialog("Send [b]anyway[/b] to [/order]?")) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.answer is answer


async def test_a_dangerous_question_starts_on_no() -> None:
    async with asking(ConfirmDialog("Throw it away?", danger=True)) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer is False


async def test_a_question_is_answered_by_mouse() -> None:
    async with asking(ConfirmDialog("Send?", yes="Send")) as (app, pilot):
        await pilot.click("#yes")
        await pilot.pause()
        assert app.answer is True


async def test_a_click_beside_the_box_cancels() -> None:
    async with asking(ConfirmDialog("Send?")) as (app, pilot):
        await pilot.click(offset=(1, 1))
        await pilot.pause()
        assert app.answer is None


# Pickers

PRESENCES = (
    PresenceChoice("available", "Available", True),
    PresenceChoice("lunch", "Lunch [/b]", False),
    PresenceChoice("offline", "Offline", False),
)
REASONS = (RejectChoice("busy", "Busy"), RejectChoice("skill", "Needs somebody else"))


async def test_presence_starts_on_the_present_one() -> None:
    async with asking(PresenceDialog(PRESENCES, "lunch")) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == "lunch"


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["down", "enter"], "lunch"), (["3"], "offline"), (["9", "1"], "available")],
)
async def test_presence_is_chosen_by_key(keys: list[str], answer: str) -> None:
    async with asking(PresenceDialog(PRESENCES)) as (app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        assert app.answer == answer


async def test_an_offer_is_rejected_with_a_reason() -> None:
    async with asking(RejectDialog(REASONS, "IMS0000123")) as (app, pilot):
        await pilot.click("#choices", offset=(6, 1))
        await pilot.pause()
        assert app.answer == "skill"


async def test_escape_keeps_the_offer() -> None:
    async with asking(RejectDialog(REASONS)) as (app, pilot):
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer is None


async def test_no_choices_is_no_crash() -> None:
    async with asking(RejectDialog(())) as (app, pilot):
        await pilot.press("enter", "1", "escape")
        await pilot.pause()
        assert app.answer is None


# Something new


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("s", AfterStop.SHOW),
        ("a", AfterStop.SEND),
        ("e", AfterStop.EDIT),
        ("enter", AfterStop.SHOW),
        ("escape", None),
    ],
)
async def test_a_stopped_send_offers_three_ways_on(key: str, answer: AfterStop | None) -> None:
    async with asking(SomethingNewDialog("Mara wrote a minute ago.")) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.answer is answer


# Wrap-up


class Submitting:
    """Stands for the service: remembers, and may refuse."""

    def __init__(self, *, accept: bool = True) -> None:
        self.accept = accept
        self.got: list[tuple[CodeId, str]] = []

    async def __call__(self, code: CodeId, notes: str) -> bool:
        self.got.append((code, notes))
        return self.accept


def wrapping(submit: Submitting, draft: WrapUpDraft | None = None) -> WrapUpDialog:
    """A wrap-up of two minutes that begins now."""
    return WrapUpDialog("IMS0000123", wrap_up(120), CODES, submit, draft)


async def test_the_default_code_is_submitted_by_one_chord() -> None:
    submit = Submitting()
    async with asking(wrapping(submit)) as (app, pilot):
        await pilot.press("ctrl+g")
        await until(pilot, lambda: app.answer is None)
        assert submit.got == [(CodeId(1), "")]


async def test_code_and_notes_are_submitted() -> None:
    submit = Submitting()
    async with asking(wrapping(submit)) as (app, pilot):
        await pilot.press("down", "enter", *"new lid sent", "ctrl+g")
        await until(pilot, lambda: app.answer is None)
        assert submit.got == [(CodeId(2), "new lid sent")]


async def test_submit_works_by_mouse() -> None:
    submit = Submitting()
    async with asking(wrapping(submit)) as (app, pilot):
        await pilot.click("#submit")
        await until(pilot, lambda: app.answer is None)
        assert submit.got == [(CodeId(1), "")]


async def test_a_refused_wrap_up_keeps_the_notes_on_the_screen() -> None:
    submit = Submitting(accept=False)
    async with asking(wrapping(submit)) as (app, pilot):
        await pilot.press("tab", *"lid", "ctrl+g")
        await pilot.pause()
        assert app.answer is NOTHING
        assert app.screen.query_one("#notes", TextArea).text == "lid"


async def test_escape_answers_what_was_typed_for_next_time() -> None:
    async with asking(wrapping(Submitting())) as (app, pilot):
        await pilot.press("down", "tab", *"lid", "escape")
        await pilot.pause()
        assert app.answer == WrapUpDraft(CodeId(2), "lid")


async def test_what_was_typed_before_is_there_again() -> None:
    dialog = wrapping(Submitting(), WrapUpDraft(CodeId(3), "half a sen"))
    async with asking(dialog) as (app, _):
        assert app.screen.query_one("#codes", OptionList).highlighted == 2
        assert app.screen.query_one("#notes", TextArea).text == "half a sen"


async def test_notes_that_are_too_long_are_refused_before_sending() -> None:
    submit = Submitting()
    dialog = wrapping(submit, WrapUpDraft(None, "x" * (LONGEST_NOTES + 5)))
    async with asking(dialog) as (app, pilot):
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert submit.got == []
        assert problem(app) == "The notes are 5 characters too long. Shorten them."


@pytest.mark.parametrize(
    ("seconds", "shown", "pace"),
    [
        (0, "2:00 left", "-calm"),
        (59, "1:01 left", "-calm"),
        (61, "0:59 left", "-soon"),
        (100, "0:20 left", "-late"),
        (121, "0:00 left", "-over"),
    ],
)
async def test_the_countdown_ticks_and_changes_its_colour(
    seconds: float, shown: str, pace: str
) -> None:
    async with asking(wrapping(Submitting())) as (app, pilot):
        app.turn(seconds)
        await pilot.pause()
        bar = app.screen.query_one(WrapUpBar)
        assert str(bar.render()).startswith(shown)
        assert {c for c in bar.classes if c in {"-calm", "-soon", "-late", "-over"}} == {pace}


async def test_every_pace_has_its_own_colour() -> None:
    colours = set()
    for seconds in (0, 70, 100, 121):
        async with asking(wrapping(Submitting())) as (app, pilot):
            app.turn(seconds)
            await pilot.pause()
            colours.add(app.screen.query_one(WrapUpBar).styles.color.hex)
    assert len(colours) == 4


async def test_a_wrap_up_that_ended_elsewhere_closes() -> None:
    dialog = wrapping(Submitting())
    async with asking(dialog) as (app, pilot):
        dialog.close_for_good()
        await pilot.pause()
        assert app.answer is None


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (140, 40)])
async def test_the_whole_wrap_up_fits_the_screen(size: tuple[int, int]) -> None:
    async with asking(wrapping(Submitting()), size) as (app, pilot):
        await pilot.pause()
        button = app.screen.query_one("#submit", Button)
        assert app.screen.region.contains_region(button.region)
        assert button.region.height == 1


# Files on this machine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files, a hidden one and a folder with one more."""
    (tmp_path / "invoice.pdf").write_bytes(b"x" * 1_500)
    (tmp_path / "Invite.txt").write_text("come")
    (tmp_path / ".secret").write_text("no")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "photo.jpg").write_bytes(b"pixels")
    return tmp_path


def names(typed: str, root: Path | None = None) -> list[str]:
    """What a path may become."""
    return [each.name for each in local_files.complete(typed, root)]


def test_a_path_is_completed_whatever_the_case(folder: Path) -> None:
    assert names(f"{folder}/inv") == ["Invite.txt", "invoice.pdf"]
    assert names(f"{folder}/") == ["inner", "Invite.txt", "invoice.pdf"]
    assert names(f"{folder}/.s") == [".secret"]
    assert names(f"{folder}/nothing/") == []


def test_a_file_is_read_with_its_name(folder: Path) -> None:
    assert local_files.read(f"{folder}/inner/photo.jpg", 100) == ("photo.jpg", b"pixels")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("{}/nope.txt", "There is no file {}/nope.txt."),
        ("{}/inner", "inner is a folder. Choose a file in it."),
        ("{}/invoice.pdf", "invoice.pdf has 2 KB. At most 1 KB can be mailed."),
        ("  ", "Type the path of a file."),
        ("a\0b", "This path cannot be used."),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    folder: Path, typed: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        local_files.read(typed.replace("{}", str(folder)), 1_000)
    assert str(refused.value) == sentence.replace("{}", str(folder))


def test_a_pipe_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(BadInput, match="pipe is not a plain file"):
        local_files.read(f"{folder}/pipe", 1_000)


def test_a_served_desk_reads_only_its_own_folder(folder: Path) -> None:
    root = folder / "inner"
    (root / "out").symlink_to(folder / "invoice.pdf")
    assert local_files.read("~/photo.jpg", 100, root)[0] == "photo.jpg"
    for typed in ("/etc/passwd", "../invoice.pdf", "~/../invoice.pdf", "out"):
        with pytest.raises(BadInput, match="Only files in"):
            local_files.read(typed, 10_000, root)
    assert names("/etc/", root) == []
    with pytest.raises(BadInput, match="Only files in"):
        local_files.write("/tmp", "x", b"", replace=False, root=root)


def test_saving_never_replaces_without_being_told(folder: Path) -> None:
    with pytest.raises(NameTaken):
        local_files.write(str(folder), "invoice.pdf", b"new", replace=False)
    assert (folder / "invoice.pdf").read_bytes() == b"x" * 1_500
    local_files.write(str(folder), "invoice.pdf", b"new", replace=True)
    assert (folder / "invoice.pdf").read_bytes() == b"new"
    assert not list(folder.glob("*.part")) + list(folder.glob(".*.part"))


def test_saving_does_not_follow_a_link_that_lies_in_wait(folder: Path) -> None:
    (folder / "photo.jpg").symlink_to(folder / "elsewhere")
    with pytest.raises(NameTaken):
        local_files.write(str(folder), "photo.jpg", b"new", replace=False)
    assert not (folder / "elsewhere").exists()


@pytest.mark.parametrize("name", ["", "..", "a/b", "../up", "a\0b"])
def test_a_name_with_a_way_in_it_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(BadInput, match="without slashes"):
        local_files.write(str(folder), name, b"", replace=False)


def test_a_name_that_is_taken_gets_a_number(folder: Path) -> None:
    assert local_files.free_name(str(folder), "invoice.pdf") == "invoice (2).pdf"
    assert local_files.free_name(str(folder), "new.pdf") == "new.pdf"


# Attach


async def test_a_file_is_attached_by_typing_and_completing(folder: Path) -> None:
    async with asking(AttachDialog(f"{folder}/")) as (app, pilot):
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 3)
        await pilot.press(*"inn", "tab")
        await until(pilot, lambda: app.screen.query_one(Input).value.endswith("inner/"))
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer == ChosenFile("photo.jpg", b"pixels")


async def test_folders_open_and_sizes_are_shown(folder: Path) -> None:
    async with asking(AttachDialog(f"{folder}/")) as (app, pilot):
        found = app.screen.query_one(OptionList)
        await until(pilot, lambda: found.option_count == 3)
        assert "2 KB" in str(found.get_option_at_index(2).prompt)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one(Input).value == f"{folder}/inner/")
        assert app.answer is NOTHING


async def test_lines_are_chosen_by_arrow_and_mouse(folder: Path) -> None:
    async with asking(AttachDialog(f"{folder}/")) as (app, pilot):
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 3)
        await pilot.press("down", "down", "up", "enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer.name == "Invite.txt"
    async with asking(AttachDialog(f"{folder}/")) as (app, pilot):
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 3)
        await pilot.click("#found", offset=(3, 2))
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer.name == "invoice.pdf"


async def test_a_missing_file_is_said_and_the_path_stays(folder: Path) -> None:
    async with asking(AttachDialog(f"{folder}/zzz")) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: problem(app))
        assert problem(app) == f"There is no file {folder}/zzz."
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer is None


# Save


async def fetch() -> bytes | None:
    """The content of every file here."""
    return b"pixels"


async def fetch_nothing() -> bytes | None:
    """The service refused and said so."""
    return None


PHOTO = Saveable("photo.jpg", 6, fetch)
INVOICE = Saveable("invoice.pdf", 6, fetch)


async def test_a_file_is_saved_under_the_proposed_name(tmp_path: Path) -> None:
    async with asking(SaveAttachmentDialog([PHOTO], folder=str(tmp_path))) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer == Saved(tmp_path, ("photo.jpg",))
        assert (tmp_path / "photo.jpg").read_bytes() == b"pixels"


async def test_a_taken_name_is_asked_about_before_it_is_replaced(folder: Path) -> None:
    async with asking(SaveAttachmentDialog([INVOICE], folder=str(folder))) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: problem(app))
        assert problem(app) == "invoice.pdf exists there already. Save again to replace it."
        assert str(app.screen.query_one("#save", Button).label) == "Replace"
        assert (folder / "invoice.pdf").read_bytes() == b"x" * 1_500
        await pilot.press("enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert (folder / "invoice.pdf").read_bytes() == b"pixels"


async def test_another_name_takes_the_permission_back(folder: Path) -> None:
    async with asking(SaveAttachmentDialog([INVOICE], folder=str(folder))) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: problem(app))
        app.screen.query_one("#name", Input).value = "Invite.txt"
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: problem(app))
        assert (folder / "Invite.txt").read_text() == "come"


async def test_one_of_several_files_is_chosen(folder: Path) -> None:
    files = [PHOTO, replace(INVOICE, name="new.pdf")]
    dialog = SaveAttachmentDialog(files, selected=1, folder=str(folder))
    async with asking(dialog) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer == Saved(folder, ("new.pdf",))


async def test_all_files_are_saved_under_free_names(folder: Path) -> None:
    async with asking(SaveAttachmentDialog([PHOTO, INVOICE], folder=str(folder))) as (app, pilot):
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer == Saved(folder, ("photo.jpg", "invoice (2).pdf"))


async def test_a_folder_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    dialog = SaveAttachmentDialog([PHOTO], folder=f"{tmp_path}/nowhere")
    async with asking(dialog) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: problem(app))
        assert problem(app) == f"There is no folder {tmp_path}/nowhere."


async def test_a_file_that_cannot_be_fetched_leaves_the_dialog_open(tmp_path: Path) -> None:
    dialog = SaveAttachmentDialog([replace(PHOTO, fetch=fetch_nothing)], folder=str(tmp_path))
    async with asking(dialog) as (app, pilot):
        await pilot.press("ctrl+g")
        await pilot.pause()
        assert app.answer is NOTHING
    assert os.listdir(tmp_path) == []

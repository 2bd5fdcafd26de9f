"""Attaching and saving files: every failure is one sentence, nothing is replaced unasked."""

import asyncio
import errno
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.widgets import Button, Input, OptionList, Static

from agentdesk.domain.errors import BadInput
from agentdesk.tui import local_files
from agentdesk.tui.dialogs.attach import ChosenFile
from agentdesk.tui.dialogs.attach_files import AttachFilesDialog
from agentdesk.tui.dialogs.save_attachment import Saveable, SaveAttachmentDialog, Saved
from agentdesk.tui.local_files import NameTaken
from agentdesk.tui.transfer import PIECE, Canceled, Transfer
from tests.tui.asking import NOTHING, asking, problem
from tests.tui.pane_host import until

MOST = 25 * 1024 * 1024

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
        (
            "{}/invoice.pdf",
            "invoice.pdf has 2 KB. At most 1 KB can be mailed: send a link to it, or a smaller file.",
        ),
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


def left_over(folder: Path) -> list[str]:
    """Incomplete files."""
    return [name for name in os.listdir(folder) if name.endswith(".part")]


class StopsAfter(Transfer):
    """Somebody cancels once *pieces* were moved; `seen` is what the folder held at each piece."""

    def __init__(self, pieces: int, folder: Path) -> None:
        super().__init__()
        self._pieces, self._folder = pieces, folder
        self.seen: list[list[str]] = []

    def step(self, size: int) -> None:
        self.seen.append(sorted(os.listdir(self._folder)))
        if self.done + size >= self._pieces * PIECE:
            self.cancel()
        super().step(size)


def test_a_file_bears_its_name_only_once_it_is_whole(tmp_path: Path) -> None:
    watched = StopsAfter(1_000, tmp_path)
    content = os.urandom(3 * PIECE + 17)
    local_files.write(str(tmp_path), "big.bin", content, replace=False, transfer=watched)
    assert len(watched.seen) == 5
    assert all(name.endswith(".part") for names in watched.seen for name in names)
    assert os.listdir(tmp_path) == ["big.bin"]
    assert (tmp_path / "big.bin").read_bytes() == content
    assert watched.words() == "big.bin · 3.1 MB of 3.1 MB"


@pytest.mark.parametrize("replace", [False, True])
def test_saving_that_is_stopped_leaves_nothing_incomplete(tmp_path: Path, replace: bool) -> None:
    if replace:
        (tmp_path / "big.bin").write_text("old")
    stopping = StopsAfter(2, tmp_path)
    with pytest.raises(Canceled, match="Nothing incomplete is left"):
        local_files.write(
            str(tmp_path), "big.bin", bytes(4 * PIECE), replace=replace, transfer=stopping
        )
    assert stopping.done == 2 * PIECE
    assert os.listdir(tmp_path) == (["big.bin"] if replace else [])
    assert not replace or (tmp_path / "big.bin").read_text() == "old"


def test_reading_is_stopped_between_two_pieces(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(bytes(5 * PIECE))
    stopping = StopsAfter(2, tmp_path)
    with pytest.raises(Canceled):
        local_files.read(f"{tmp_path}/big.bin", MOST, None, stopping)
    assert stopping.done == 2 * PIECE


def test_what_is_too_large_is_not_read_at_all(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(bytes(5 * PIECE))
    watched = StopsAfter(1_000, tmp_path)
    with pytest.raises(BadInput, match=r"big.bin has 5.2 MB. At most 1.0 MB can be mailed"):
        local_files.read(f"{tmp_path}/big.bin", PIECE, None, watched)
    assert watched.done == 0


def test_a_full_disk_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1_000))
    with pytest.raises(BadInput) as refused:
        local_files.write(str(tmp_path), "big.bin", bytes(5_000), replace=False)
    assert str(refused.value) == (
        f"big.bin has 5 KB, but only 1 KB are free in {tmp_path}. Choose another folder."
    )
    assert os.listdir(tmp_path) == []


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(Transfer):
        def step(self, size: int) -> None:
            if size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(BadInput, match=r"big.bin cannot be saved: no space left on device"):
        local_files.write(str(tmp_path), "big.bin", b"x", replace=False, transfer=Full())
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(BadInput, match=r"x.bin cannot be saved: permission denied"):
        local_files.write(str(tmp_path), "x.bin", b"x", replace=False)


def test_a_folder_without_hard_links_is_saved_to_as_well(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr("os.link", refused)
    local_files.write(str(folder), "new.bin", b"new", replace=False)
    assert (folder / "new.bin").read_bytes() == b"new"
    with pytest.raises(NameTaken):
        local_files.write(str(folder), "invoice.pdf", b"new", replace=False)
    assert left_over(folder) == []


# Attach


kept: list[ChosenFile] = []


async def keep(file: ChosenFile, transfer: Transfer) -> str:
    """Takes every file but one."""
    if file.name == "invoice.pdf" and refused:
        return refused[0]
    kept.append(file)
    return ""


refused: list[str] = []


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Each test begins without files."""
    kept.clear()
    refused.clear()


async def test_a_file_is_attached_by_typing_and_completing(folder: Path) -> None:
    async with asking(AttachFilesDialog(MOST, keep, f"{folder}/")) as (app, pilot):
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 3)
        await pilot.press(*"inn", "tab")
        await until(pilot, lambda: app.screen.query_one(Input).value.endswith("inner/"))
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer == ChosenFile("photo.jpg", b"pixels")
        assert kept == [ChosenFile("photo.jpg", b"pixels")]


async def test_folders_open_and_sizes_are_shown(folder: Path) -> None:
    async with asking(AttachFilesDialog(MOST, keep, f"{folder}/")) as (app, pilot):
        found = app.screen.query_one(OptionList)
        await until(pilot, lambda: found.option_count == 3)
        assert "2 KB" in str(found.get_option_at_index(2).prompt)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one(Input).value == f"{folder}/inner/")
        assert app.answer is NOTHING


async def test_lines_are_chosen_by_arrow_and_mouse(folder: Path) -> None:
    async with asking(AttachFilesDialog(MOST, keep, f"{folder}/")) as (app, pilot):
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 3)
        await pilot.press("down", "down", "up", "enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer.name == "Invite.txt"
    async with asking(AttachFilesDialog(MOST, keep, f"{folder}/")) as (app, pilot):
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 3)
        await pilot.click("#found", offset=(3, 2))
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer.name == "invoice.pdf"


async def test_a_missing_file_is_said_and_the_path_stays(folder: Path) -> None:
    async with asking(AttachFilesDialog(MOST, keep, f"{folder}/zzz")) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: problem(app))
        assert problem(app) == f"There is no file {folder}/zzz."
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer is None


async def test_several_files_are_marked_and_attached_at_once(folder: Path) -> None:
    async with asking(AttachFilesDialog(MOST, keep, f"{folder}/")) as (app, pilot):
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 3)
        await pilot.press("down", "f2", "f2")
        marked = str(app.screen.query_one("#marked", Static).render())
        assert marked == "2 marked: Invite.txt, invoice.pdf"
        await pilot.press("enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert [file.name for file in kept] == ["Invite.txt", "invoice.pdf"]


async def test_a_refused_file_is_told_and_the_others_stay_attached(folder: Path) -> None:
    refused.append("With invoice.pdf the files have 26.0 MiB together.")
    async with asking(AttachFilesDialog(MOST, keep, f"{folder}/")) as (app, pilot):
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 3)
        await pilot.press("down", "f2", "f2", "enter")
        await until(pilot, lambda: problem(app))
        assert problem(app) == refused[0]
        await pilot.press("escape")
        await until(pilot, lambda: app.answer is None)
        assert [file.name for file in kept] == ["Invite.txt"]


async def test_packing_is_shown_and_stopped_by_escape(folder: Path) -> None:
    going_on = asyncio.Event()

    async def pack(file: ChosenFile, transfer: Transfer) -> str:
        transfer.begin(file.name, 4_000_000)
        transfer.step(1_000_000)
        try:
            while True:
                await going_on.wait()
                going_on.clear()
                transfer.step(0)
        except Canceled as error:
            return str(error)

    async with asking(AttachFilesDialog(MOST, pack, f"{folder}/invoice.pdf")) as (app, pilot):
        await pilot.press("enter")
        progress = app.screen.query_one("#progress", Static)

        def shown() -> bool:
            app.screen._show_progress()
            return "1.0 MB of 4.0 MB" in str(progress.render())

        await until(pilot, shown)
        assert str(progress.render()).startswith("━━━━━───────────────")
        await pilot.press("escape")
        going_on.set()
        await until(pilot, lambda: problem(app))
        assert "was canceled" in problem(app)
        assert app.answer is NOTHING


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


async def test_the_mail_itself_is_no_part_of_all_its_files(tmp_path: Path) -> None:
    whole = Saveable("2026-03-02 Mara Olsen.eml", None, fetch, whole=True)
    files = [PHOTO, INVOICE, whole]
    async with asking(SaveAttachmentDialog(files, folder=str(tmp_path))) as (app, pilot):
        await pilot.press("up", "enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer == Saved(tmp_path, ("photo.jpg", "invoice.pdf"))
    async with asking(SaveAttachmentDialog(files, selected=2, folder=str(tmp_path))) as (
        app,
        pilot,
    ):
        await pilot.press("enter")
        await until(pilot, lambda: app.answer is not NOTHING)
        assert app.answer == Saved(tmp_path, (whole.name,))


async def test_progress_is_shown_and_escape_stops_it(tmp_path: Path) -> None:
    asked, given = asyncio.Event(), asyncio.Event()

    async def slow() -> bytes | None:
        asked.set()
        await given.wait()
        return bytes(3 * PIECE)

    dialog = SaveAttachmentDialog([replace(PHOTO, fetch=slow)], folder=str(tmp_path))
    async with asking(dialog) as (app, pilot):
        await pilot.press("enter")
        await asked.wait()
        line = app.screen.query_one("#progress", Static)
        await until(pilot, lambda: line.display and "photo.jpg" in str(line.render()))
        await pilot.press("escape")
        given.set()
        await until(pilot, lambda: problem(app))
        assert problem(app) == "photo.jpg was canceled. Nothing incomplete is left."
        assert not line.display
        assert os.listdir(tmp_path) == []
        await pilot.press("escape")
        await until(pilot, lambda: app.answer is None)


async def test_what_was_saved_before_a_failure_is_counted(tmp_path: Path) -> None:
    bad = Saveable("x" * 300, 6, fetch)
    async with asking(SaveAttachmentDialog([PHOTO, bad], folder=str(tmp_path))) as (app, pilot):
        await pilot.press("up", "enter")
        await until(pilot, lambda: problem(app))
        assert problem(app).startswith("1 of 2 files are saved. xxx")
        assert os.listdir(tmp_path) == ["photo.jpg"]


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

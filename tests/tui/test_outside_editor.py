"""The person's own editor: their words come back, whatever happens there, and nothing is left lying."""

import asyncio
import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from agentdesk.domain.errors import BadInput, FencedOff
from agentdesk.tui import outside_editor
from agentdesk.tui.options import DeskOptions
from tests.tui.pane_app import begin_reply, opened
from tests.tui.pane_host import until


def script(folder: Path, words: str, monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    """An editor that does *words* with the file `$1`; set as VISUAL with *monkeypatch*."""
    path = folder / "editor"
    path.write_text(f"#!/bin/sh\n{words}\n", encoding="utf-8")
    path.chmod(0o700)
    if monkeypatch is not None:
        monkeypatch.setenv("VISUAL", str(path))
    return str(path)


async def edit(text: str, visual: str) -> str:
    """One editing."""
    return await outside_editor.edit(text, "IMS1.txt", nullcontext(), {"VISUAL": visual})


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({"VISUAL": "code --wait", "EDITOR": "vi"}, ("code", "--wait")),
        ({"VISUAL": " ", "EDITOR": "vi"}, ("vi",)),
        ({"EDITOR": "'/opt/my editor/ed'"}, ("/opt/my editor/ed",)),
    ],
)
def test_visual_comes_before_editor(environ: dict[str, str], command: tuple[str, ...]) -> None:
    assert outside_editor.editor(environ) == command


@pytest.mark.parametrize("environ", [{}, {"EDITOR": ""}, {"VISUAL": "'unclosed"}])
def test_without_an_editor_a_sentence_names_the_variable(environ: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="VISUAL"):
        outside_editor.editor(environ)


async def test_the_text_comes_back_and_nothing_is_left(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    visual = script(
        tmp_path,
        f'stat -c "%a" "$1" "$(dirname "$1")" > {seen}; echo "$1" >> {seen}; echo more >> "$1"',
    )
    assert await edit("Dear Mara,\n", visual) == "Dear Mara,\nmore\n"
    file_mode, folder_mode, path = seen.read_text().split()
    assert (file_mode, folder_mode) == ("600", "700")
    assert path.endswith("/IMS1.txt")
    assert not Path(path).parent.exists()


@pytest.mark.parametrize(
    ("before", "does", "after"),
    [
        ("no end", 'echo "" >> "$1"', "no end"),
        ("", 'printf "one\\r\\ntwo" > "$1"', "one\ntwo"),
        ("", 'printf "\\033[2Jbell\\007" > "$1"', "[2Jbell"),
        ("", 'printf "\\377" > "$1"', "�"),
    ],
)
async def test_what_editors_do_to_text_is_taken_as_a_person_means_it(
    tmp_path: Path, before: str, does: str, after: str
) -> None:
    assert await edit(before, script(tmp_path, does)) == after


@pytest.mark.parametrize(
    ("does", "sentence"),
    [
        ("exit 3", r"ended with an error \(3\). Your text is as it was."),
        ('rm "$1"', "left no text behind"),
        ('head -c 5000000 /dev/zero > "$1"', "longer than a mail may be"),
    ],
)
async def test_an_editor_that_fails_changes_nothing(
    tmp_path: Path, does: str, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        await edit("Dear Mara,", script(tmp_path, does))


async def test_an_editor_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInput, match="/nowhere/ed cannot be started: no such file"):
        await edit("Dear Mara,", "/nowhere/ed")


async def test_f8_edits_the_body_and_saves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path, 'echo "Dear Mara, from vi" > "$1"', monkeypatch)
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, "f8")
        await until(pilot, lambda: pane.reply_composer.body.text.startswith("Dear Mara, from vi"))
        assert app.lent == 1
        await until(pilot, lambda: fake.draft.content.body.startswith("Dear Mara, from vi"))
        await until(pilot, lambda: app.focused is pane.reply_composer.body)
        pane.reply_composer.body.undo()
        assert "On 2 March" in pane.reply_composer.body.text


async def test_f8_edits_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path, 'echo "ask the carrier" > "$1"', monkeypatch)
    async with opened() as (_, pane, pilot, _fake):
        await pilot.press("n")
        await until(pilot, lambda: pane.note_composer.is_open)
        await pilot.press("f8")
        await until(pilot, lambda: pane.note_composer.body.text == "ask the carrier")


async def test_a_failing_editor_is_told_and_the_text_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path, "exit 1", monkeypatch)
    async with opened() as desk:
        app, pane, pilot, _ = desk
        await begin_reply(desk, *"Hi", "f8")
        await until(pilot, lambda: app.told)
        assert app.told[0].endswith("ended with an error (1). Your text is as it was.")
        assert pane.reply_composer.body.text.startswith("Hi")


async def test_the_draft_stays_locked_while_the_editor_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = tmp_path / "door"
    os.mkfifo(door)
    script(tmp_path, f'cat {door} > "$1"', monkeypatch)
    async with opened() as desk:
        _, pane, pilot, fake = desk
        await begin_reply(desk, "f8")
        await until(pilot, lambda: desk[0].lent)
        await pane.reply_composer.beat()
        assert fake.named("heartbeat")
        await asyncio.to_thread(door.write_text, "let in")
        await until(pilot, lambda: pane.reply_composer.body.text == "let in")


async def test_words_from_the_editor_are_kept_where_the_draft_was_lost_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = tmp_path / "door"
    os.mkfifo(door)
    script(tmp_path, f'cat {door} > "$1"', monkeypatch)
    async with opened() as desk:
        app, pane, pilot, fake = desk
        await begin_reply(desk, "f8")
        await until(pilot, lambda: app.lent)
        fake.refuse["heartbeat"] = FencedOff("This draft was opened elsewhere.")
        await pane.reply_composer.beat()
        await asyncio.to_thread(door.write_text, "my own words")
        await until(pilot, lambda: pane.reply_composer.body.text == "my own words")
        assert pane.reply_composer.keeper.unsaved.body == "my own words"
        assert "What you typed last is kept here" in str(pane.reply_composer.border_title)


async def test_the_editor_is_not_offered_where_the_desk_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with opened() as desk:
        app, pane, pilot, _ = desk
        monkeypatch.setattr(type(app), "may_lend", False)
        await begin_reply(desk, "f8")
        await pilot.pause()
        assert app.lent == 0
        assert not pane.reply_composer.check_action("edit_outside", ())
        await pane._composing.edit_outside(pane.reply_composer)
        assert app.lent == 0


def test_a_desk_with_a_folder_for_files_is_served(tmp_path: Path) -> None:
    assert DeskOptions(files_root=tmp_path).served
    assert not DeskOptions().served

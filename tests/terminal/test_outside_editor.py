"""The person's own editor has the real terminal, and gives it back however it ends."""

from pathlib import Path

from tests.terminal import steps
from tests.terminal.test_a_query import database

EDITOR = """#!/bin/sh
trap 'exit 130' INT
printf '\\033[2J\\033[Hthe editor is here\\n'
read line
[ "$line" = fail ] && exit 3
printf '%s\\n' "$line" > "$1"
"""


async def test_the_editor_gets_the_terminal_and_gives_it_back_however_it_ends(
    tmp_path: Path,
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(EDITOR, encoding="utf-8")
    editor.chmod(0o700)
    async with steps.demo(tmp_path, env={"VISUAL": str(editor)}) as terminal:
        await steps.go_to_first_offer(terminal)
        await steps.accept(terminal)
        await steps.begin_reply(terminal, database(tmp_path), "typed in the desk")
        for answer, told in (("fail\n", "(3)"), ("\x03", "(130)")):
            terminal.press("f8")
            await terminal.wait_for("the editor is here")
            terminal.send(answer.encode())
            await terminal.wait_for(told, "typed in the desk")
        terminal.press("f8")
        await terminal.wait_for("the editor is here")
        terminal.send(b"written in the editor\n")
        await steps.kept(terminal, database(tmp_path), "written in the editor")
        await steps.leave(terminal)

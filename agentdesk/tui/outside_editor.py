"""A text in the person's own editor: the one place on the screen that starts a program.

Only the person's own words go there, never a mail or a file that came by mail, and only on their own
machine: `options.served` forbids it. The editor runs beside the event loop, so that mail goes on and a
draft stays locked. Source: docs/architecture.md, *Screen*; DESIGN §7.
"""

import asyncio
import os
import shlex
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

from agentdesk.domain.errors import BadInput
from agentdesk.domain.text import safe

MOST_BYTES = 4_000_000
"""A file that grew beyond this is no mail."""


def editor(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The program and its arguments, from VISUAL or EDITOR. Raises `BadInput` where there is none."""
    for name in ("VISUAL", "EDITOR"):
        text = environ.get(name, "").strip()
        try:
            words = tuple(shlex.split(text))
        except ValueError:
            raise BadInput(f"{name} is set to {text!r}, which is no command.") from None
        if words:
            return words
    raise BadInput("Set the variable VISUAL or EDITOR to write in an editor of your own.")


async def edit(
    text: str, name: str, terminal: AbstractContextManager[None], environ: Mapping[str, str]
) -> str:
    """*text* as the person leaves it; the editor has the terminal inside *terminal*.

    The file is called *name*, in a folder that only this person may read and that goes afterwards.
    Raises `BadInput` with a sentence when the editor cannot be run or fails: nothing was changed.
    """
    command = editor(environ)
    with TemporaryDirectory(prefix="agentdesk-") as folder:
        path = Path(folder, name)
        await asyncio.to_thread(_write, path, text)
        with terminal:
            await _run(command, path)
        return await asyncio.to_thread(_read, path, text)


async def _run(command: tuple[str, ...], path: Path) -> None:
    try:
        process = await asyncio.create_subprocess_exec(*command, str(path))
    except OSError as error:
        why = (error.strerror or "the system refused it").lower()
        raise BadInput(f"{command[0]} cannot be started: {why}. Your text is as it was.") from error
    try:
        code = await process.wait()
    finally:
        if process.returncode is None:  # the desk is being left
            process.terminate()
    if code:
        raise BadInput(f"{command[0]} ended with an error ({code}). Your text is as it was.")


def _write(path: Path, text: str) -> None:
    only_mine = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(only_mine, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def _read(path: Path, before: str) -> str:
    """What stands there now. Editors end the last line; a text that was not ended stays so."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError:
        raise BadInput("The editor left no text behind. Your text is as it was.") from None
    if len(raw) > MOST_BYTES:
        raise BadInput("This text is longer than a mail may be. Your text is as it was.")
    text = raw.decode("utf-8", errors="replace").replace("\r\n", "\n")
    if text.endswith("\n") and not before.endswith("\n"):
        text = text[:-1]
    return safe(text)

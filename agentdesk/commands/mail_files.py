"""Mails in files: which files are meant, and their bytes, whatever the paths lead to.

Nothing here blocks on a pipe or device, and nothing larger than a mail may be is read.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from enum import StrEnum

from agentdesk.domain.quarantine import Cause
from agentdesk.mail.parts import MAIL_BYTES

STANDARD_INPUT = "-"
_READ = 65_536


class FileTrouble(StrEnum):
    """Why a path gave no bytes; beside `Cause`, which is about the bytes."""

    NOT_FOUND = "not_found"
    UNREADABLE = "unreadable"


class NoBytes(Exception):
    """A path without a mail's bytes: the word for programs and a sentence for people."""

    def __init__(self, word: FileTrouble | Cause, sentence: str) -> None:
        super().__init__(sentence)
        self.word = word


def batches(paths: Sequence[str]) -> Iterator[Iterator[str]]:
    """The files that *paths* mean, in order; `-` stands for paths on standard input.

    What standard input brings at once is one batch, so that a slow writer is answered path by path.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            yield from (_files(lines) for lines in _lines_as_they_come())
    named = [path for path in paths if path != STANDARD_INPUT]
    if named:
        yield _files(named)


def _lines_as_they_come() -> Iterator[list[str]]:
    rest = b""
    while block := os.read(0, _READ):
        *lines, rest = (rest + block).split(b"\n")
        yield [os.fsdecode(line.removesuffix(b"\r")) for line in lines if line.strip()]
    if rest.strip():
        yield [os.fsdecode(rest.removesuffix(b"\r"))]


def _files(paths: Sequence[str]) -> Iterator[str]:
    """Every path; of a folder the files below it, by name, hidden files left out."""
    for path in paths:
        if os.path.isdir(path):
            yield from _below(path)
        else:
            yield path


def _below(folder: str) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders.sort()
        yield from (os.path.join(place, name) for name in sorted(files) if name[0] != ".")


def content(path: str) -> bytes:
    """The bytes of a file. Raises `NoBytes`, also for pipes, devices and files over 50 MB."""
    try:
        # without O_NONBLOCK, opening a pipe would wait for its writer
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        raise NoBytes(FileTrouble.NOT_FOUND, "There is no such file.") from None
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None
    with open(descriptor, "rb", buffering=0) as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise NoBytes(FileTrouble.UNREADABLE, "This is no ordinary file.")
        if found.st_size > MAIL_BYTES:
            raise NoBytes(Cause.TOO_LARGE, "This file is larger than 50 MB.")
        try:
            return file.read(MAIL_BYTES)
        except OSError as error:
            raise _unreadable(error) from None


def _unreadable(error: OSError | ValueError) -> NoBytes:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return NoBytes(FileTrouble.UNREADABLE, f"This file cannot be read: {why}.")

"""A terminal for tests: runs a program on a pty of its own, reads its screen, presses its keys.

Nothing of the developer's machine is touched: HOME and every XDG folder lie where the test says, and
the environment is made from nothing.
"""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]
DESK = (sys.executable, "-m", "agentdesk")
PATIENCE_S = 20.0
"""For anything that should come soon; twenty times what it takes, because CI is slow."""

LOOK_S = 0.25

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "ctrl+end": "\x1b[1;5F",
    "ctrl+home": "\x1b[1;5H",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f8": "\x1b[19~",
}
FRAME_BEGINS, FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
QUESTIONS = {b"\x1b[?2026$p": b"\x1b[?2026;1$y"}
"""What Textual asks a terminal, and our answers: frames come whole, so no half one is ever read."""

MAIN_SCREEN = b"\x1b[?1049l"
TAKES_THE_TTY = 'exec 0<>"$0" 1>&0 2>&0 "$@"'
"""A session leader's first tty becomes its own, and a hang-up reaches it."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a terminal, in cells."""

    columns: int = 140
    rows: int = 40


def environment(home: Path, **more: str) -> dict[str, str]:
    """A person's environment whose every folder lies in *home*."""
    folders = {
        f"XDG_{name}_HOME": str(home / name.lower())
        for name in ("CONFIG", "DATA", "STATE", "CACHE")
    }
    fixed = {
        "HOME": str(home),
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
    return {**fixed, **folders, **more}


class Terminal:
    """One running program. Made by `opened`; every wait is for a condition, never for a time."""

    def __init__(self, process: asyncio.subprocess.Process, pty_end: int, size: Size) -> None:
        self.process = process
        self.screen = pyte.Screen(size.columns, size.rows)
        self.written = bytearray()
        self._parser = pyte.ByteStream(self.screen)
        self._pty = pty_end
        self._held = b""
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(pty_end, self._read)
        self._end = asyncio.create_task(self._watch_end())

    # The screen

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.split("\n")

    def line_with(self, words: str) -> str:
        """The first line with *words*; empty without one."""
        return next((line for line in self.lines if words in line), "")

    def look_of(self, words: str) -> tuple[str, str, bool]:
        """Foreground, background and weight of the first *words* on the screen."""
        y = next(n for n, line in enumerate(self.screen.display) if words in line)
        cell = self.screen.buffer[y][self.screen.display[y].index(words)]
        return cell.fg, cell.bg, cell.bold

    @property
    def after_end(self) -> str:
        """What was written to the main screen after the program gave it back."""
        return bytes(self.written).rpartition(MAIN_SCREEN)[2].decode(errors="replace")

    async def wait_for(self, *words: str, seconds: float = PATIENCE_S) -> None:
        """Until all *words* stand on the screen. Fails with a picture of it after *seconds*."""
        await self.wait_until(
            lambda: all(w in self.text for w in words), f"{words} to be there", seconds
        )

    async def wait_gone(self, words: str, seconds: float = PATIENCE_S) -> None:
        """Until *words* stand nowhere on the screen."""
        await self.wait_until(lambda: words not in self.text, f"{words!r} to be gone", seconds)

    async def wait_until(
        self, found: Callable[[], object], what: str = "it", seconds: float = PATIENCE_S
    ) -> None:
        """Until *found* is true; looked at after every frame, and now and then in between."""
        try:
            async with asyncio.timeout(seconds):
                while not found():
                    self._news.clear()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), LOOK_S)
                    if self.process.returncode is not None and not found():
                        raise AssertionError(f"Ended while waiting for {what}:\n{self.text}")
        except TimeoutError:
            raise AssertionError(f"No sign of {what} in {seconds} s:\n{self.text}") from None

    async def _watch_end(self) -> None:
        await self.process.wait()
        self._news.set()

    def _read(self) -> None:
        try:
            data = os.read(self._pty, 65536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._pty)
        self._answer(data)
        self.written += data
        self._show(self._held + data)
        self._news.set()

    def _answer(self, data: bytes) -> None:
        for question, answer in QUESTIONS.items():
            for _ in range(data.count(question)):
                self.send(answer)

    def _show(self, data: bytes) -> None:
        """Feed whole frames; one that is not complete yet is held back."""
        begun = data.rfind(FRAME_BEGINS)
        complete = begun < 0 or FRAME_ENDS in data[begun:]
        self._held = b"" if complete else data[begun:]
        self._parser.feed(data if complete else data[:begun])

    # Hands

    def send(self, data: bytes) -> None:
        """Exactly these bytes."""
        os.write(self._pty, data)

    def press(self, *keys: str) -> None:
        """Keys by name (`enter`, `ctrl+g`) or character."""
        for key in keys:
            letter = key.removeprefix("ctrl+")
            control = key != letter and len(letter) == 1
            self.send(bytes([ord(letter) & 0x1F]) if control else KEYS.get(key, key).encode())

    def type(self, words: str) -> None:
        """Words, as fast as a paste by hand."""
        self.send(words.replace("\n", "\r").encode())

    def resize(self, size: Size) -> None:
        """Another size, as when a window is dragged."""
        self.screen.resize(size.rows, size.columns)
        _set_size(self._pty, size)

    # The end

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """The line drops: the pty is gone, and the kernel tells the program."""
        self._close_pty()

    async def ended(self, seconds: float = PATIENCE_S) -> int:
        """Its exit code, once it ended by itself. Fails after *seconds*."""
        try:
            return await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            raise AssertionError(f"It still runs after {seconds} s:\n{self.text}") from None

    async def kill(self) -> None:
        """As `kill -9`."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    def _close_pty(self) -> None:
        if self._pty >= 0:
            asyncio.get_running_loop().remove_reader(self._pty)
            os.close(self._pty)
            self._pty = -1

    async def close(self) -> None:
        """Whatever still runs goes."""
        if self.process.returncode is None:
            await self.kill()
        await self._end
        self._close_pty()


@asynccontextmanager
async def opened(
    command: Sequence[str],
    *,
    home: Path,
    size: Size | None = None,
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Terminal]:
    """*command* in a terminal of *size*; killed at the end if it still runs."""
    size = size or Size()
    ours, theirs = _new_pty(home, size)
    try:
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", TAKES_THE_TTY, os.ttyname(theirs), *command),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            cwd=home,
            env=environment(home, **(env or {})),
        )
        terminal = Terminal(process, ours, size)
        try:
            yield terminal
        finally:
            await terminal.close()
    finally:
        os.close(theirs)


def _new_pty(home: Path, size: Size) -> tuple[int, int]:
    home.mkdir(parents=True, exist_ok=True)
    ours, theirs = pty.openpty()
    _set_size(theirs, size)
    return ours, theirs


def _set_size(pty_end: int, size: Size) -> None:
    fcntl.ioctl(pty_end, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))

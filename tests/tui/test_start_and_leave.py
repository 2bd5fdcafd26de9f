"""A fast start, and a clean end whatever ends it: on a real terminal, in a process of its own."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "tui" / "desk_program.py"
HEAVY = ("sqlalchemy", "aiosqlite", "asyncpg", "alembic", "pydantic", "typer", "keyring")
OURS = ("agentdesk.storage", "agentdesk.engine", "agentdesk.mail", "agentdesk.settings")


def run_python(code: str) -> list[str]:
    """The lines that *code* prints in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_importing_the_app_loads_nothing_heavy() -> None:
    loaded = set(run_python("import sys, agentdesk.tui.app; print(*sys.modules)"))
    assert not loaded & {*HEAVY, *OURS}


def test_the_first_paint_comes_before_anything_heavy() -> None:
    code = """
import asyncio, sys
from agentdesk.tui.app import DeskApp

async def open_desk():
    print(*sys.modules, file=out)
    painted.set()
    await asyncio.Event().wait()

async def main():
    global painted, out
    painted, out = asyncio.Event(), sys.stdout
    app = DeskApp(open_desk)
    async with app.run_test() as pilot:
        await painted.wait()
        lines = app.screen._compositor.render_strips(app.size)
        print(*("first-paint-" + word for line in lines for word in line.text.split()), file=out)

asyncio.run(main())
"""
    loaded = set(run_python(code))
    assert "first-paint-opening" in loaded
    assert "agentdesk.tui.screens.desk" in loaded
    assert not loaded & {*HEAVY, *OURS}


class Terminal:
    """The program on a pty of its own."""

    def __init__(self, diary: Path, temper: str) -> None:
        self.diary = diary
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.environ.update(
                TERM="xterm-256color", COLUMNS="100", LINES="30", PYTHONPATH=str(ROOT)
            )
            os.execv(sys.executable, [sys.executable, str(PROGRAM), str(diary), temper])

    def read_until(self, words: str, within_s: float = 20.0) -> str:
        """Everything written until *words* appear."""
        seen, until = b"", time.monotonic() + within_s
        while words.encode() not in seen:
            assert time.monotonic() < until, seen[-2000:]
            if select.select([self.fd], [], [], 0.1)[0]:
                seen += os.read(self.fd, 65536)
        return seen.decode(errors="replace")

    def wait(self, within_s: float) -> int:
        """The exit code. Output is read on, as a terminal does."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            self.drain()
        raise AssertionError(f"still running after {within_s} s; {self.notes()}")

    def drain(self) -> None:
        """What is written while nobody waits for a word."""
        if self.fd < 0:
            select.select([], [], [], 0.02)
        elif select.select([self.fd], [], [], 0.02)[0]:
            try:
                os.read(self.fd, 65536)
            except OSError:
                self.hang_up()

    def hang_up(self) -> None:
        """The line drops: the kernel sends SIGHUP, and writing fails from now on."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def notes(self) -> list[str]:
        """What the program wrote into its diary."""
        return self.diary.read_text().split() if self.diary.exists() else []


@contextmanager
def terminal(tmp_path: Path, temper: str = "calm") -> Iterator[Terminal]:
    """The program, open and painted."""
    term = Terminal(tmp_path / "diary", temper)
    try:
        term.read_until("Refund for order 5512")
        yield term
    finally:
        term.hang_up()
        if term.pid:
            os.kill(term.pid, signal.SIGKILL)
            os.waitpid(term.pid, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_program_cleanly_within_two_seconds(
    tmp_path: Path, number: signal.Signals
) -> None:
    with terminal(tmp_path) as term:
        os.kill(term.pid, number)
        term.read_until("\x1b[?1049l")
        assert term.wait(2.0) == 0
        assert term.notes() == ["opened", "closing", "closed", "left"]


def test_a_dropped_line_ends_the_program_cleanly(tmp_path: Path) -> None:
    with terminal(tmp_path) as term:
        term.hang_up()
        assert term.wait(2.0) == 0
        assert term.notes() == ["opened", "closing", "closed", "left"]


def test_a_stopped_program_comes_back_to_its_screen(tmp_path: Path) -> None:
    with terminal(tmp_path) as term:
        os.kill(term.pid, signal.SIGTSTP)
        os.waitpid(term.pid, os.WUNTRACED)
        os.kill(term.pid, signal.SIGCONT)
        term.read_until("\x1b[?1049h")
        os.write(term.fd, b"\x11")
        assert term.wait(2.0) == 0


def test_the_quit_key_ends_the_program_and_gives_the_terminal_back(tmp_path: Path) -> None:
    with terminal(tmp_path) as term:
        os.write(term.fd, b"\x11")
        term.read_until("\x1b[?1049l")
        assert term.wait(2.0) == 0
        assert term.notes() == ["opened", "resigning", "closed", "left"]


def test_an_engine_that_does_not_stop_cannot_hold_the_program(tmp_path: Path) -> None:
    with terminal(tmp_path, "stubborn") as term:
        os.kill(term.pid, signal.SIGTERM)
        assert term.wait(2.5) == 0
        assert term.notes() == ["opened", "closing", "left"]


def test_two_signals_are_one_leaving(tmp_path: Path) -> None:
    with terminal(tmp_path) as term:
        os.kill(term.pid, signal.SIGTERM)
        os.kill(term.pid, signal.SIGTERM)
        assert term.wait(2.0) == 0
        assert term.notes().count("closed") == 1

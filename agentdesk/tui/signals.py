"""Signals: the program leaves like a person does, and lets go of a terminal that is gone."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

TERMINAL = (0, 1, 2)


class Signals:
    """Turns SIGINT, SIGTERM and SIGHUP into *leave*, on the loop. Only the main thread may."""

    def __init__(self, leave: Callable[[], object]) -> None:
        self._leave = leave
        self._loop: asyncio.AbstractEventLoop | None = None
        self._before: dict[signal.Signals, object] = {}
        self.ignore_interrupts = False
        """While another program has the terminal, ctrl+c is meant for it."""

    def start(self) -> None:
        """Listen from now on; nothing where the system has no such signals."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._loop = asyncio.get_running_loop()
        with suppress(NotImplementedError):
            self._loop.add_signal_handler(signal.SIGTERM, self._leave)
            self._loop.add_signal_handler(signal.SIGINT, self._interrupted)
        if hasattr(signal, "SIGHUP"):
            self._catch(signal.SIGHUP, self._hung_up)
            self._catch(signal.SIGCONT, self._continued)

    def _interrupted(self) -> None:
        if not self.ignore_interrupts:
            self._leave()

    def stop(self) -> None:
        """Leave the signals to whoever had them before."""
        for each, handler in self._before.items():
            signal.signal(each, handler)  # type: ignore[arg-type]
        self._before.clear()
        self._loop = None

    def _catch(
        self, which: signal.Signals, handler: Callable[[int, FrameType | None], None]
    ) -> None:
        self._before[which] = signal.signal(which, handler) or signal.SIG_DFL

    def _hung_up(self, _number: int, _frame: FrameType | None) -> None:
        """Somebody asks us to leave; when it was the line that dropped, let go of it first."""
        if not os.isatty(TERMINAL[0]):
            _let_go()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._leave)

    def _continued(self, number: int, frame: FrameType | None) -> None:
        """After a stop Textual takes the terminal again. A hang-up sends SIGCONT too: not then."""
        resume = self._before.get(signal.SIGCONT)
        if callable(resume) and os.isatty(TERMINAL[0]):
            resume(number, frame)


def _let_go() -> None:
    """Writing to a dead line would fail, and stop Textual's writer for good."""
    null = os.open(os.devnull, os.O_RDWR)
    for each in TERMINAL:
        os.dup2(null, each)
    os.close(null)

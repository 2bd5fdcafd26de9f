"""`agentdesk inspect`: tells how the desk understands mails in files. Needs no database, no settings.

A few files are read here at once; many are shared out to all processors, in the order given.
"""

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from types import TracebackType

from agentdesk.commands.inspected import Wanted, given_up, inspected
from agentdesk.commands.mail_files import STANDARD_INPUT, batches
from agentdesk.domain.errors import BadInput

FEW = 32
"""Up to so many files, starting other processes takes longer than reading."""
_SHARE = 8
_SHARES_AHEAD = 16


def run_inspect(paths: Sequence[str], wanted: Wanted) -> int:
    """Print what every file holds; always 0: a file that cannot be read is a finding.

    Raises `BadInput` when no file is named and nothing is piped in.
    """
    if not paths and sys.stdin.isatty():
        raise BadInput("Name the files to inspect, or pipe in their paths, one a line.")
    try:
        with _Readers(wanted) as readers:
            for batch in batches(paths or [STANDARD_INPUT]):
                for text in readers.read(batch):
                    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
                    sys.stdout.buffer.flush()
    except BrokenPipeError:  # as with `| head`: nobody wants the rest
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


class _Readers:
    """This process for few files, all processors for many."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "_Readers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def read(self, paths: Iterator[str]) -> Iterator[str]:
        """What each file holds, in order."""
        few = list(islice(paths, FEW))
        more = list(islice(paths, 1))
        yield from (inspected(path, self._wanted) for path in few)
        rest = (path for some in (more, paths) for path in some)
        if not more or (os.cpu_count() or 1) < 2:
            yield from (inspected(path, self._wanted) for path in rest)
            return
        yield from self._shared_out(rest)

    def _shared_out(self, paths: Iterator[str]) -> Iterator[str]:
        ahead: deque[tuple[list[str], Future[list[str]]]] = deque()
        while True:
            while len(ahead) < _SHARES_AHEAD and (share := list(islice(paths, _SHARE))):
                ahead.append((share, self._submit(share)))
            if not ahead:
                return
            share, future = ahead.popleft()
            try:
                yield from future.result()
            except BrokenProcessPool:
                self._close()
                yield from self._one_by_one(share)
                ahead = deque((s, self._submit(s)) for s, _ in ahead)

    def _one_by_one(self, paths: Iterable[str]) -> Iterator[str]:
        """Some mail took its reader down: the others must not suffer for it."""
        for path in paths:
            try:
                yield from self._submit([path]).result()
            except BrokenProcessPool:
                self._close()
                yield given_up(path, self._wanted)

    def _submit(self, share: list[str]) -> "Future[list[str]]":
        if self._pool is None:
            # a fork is ready at once and has everything imported; elsewhere the platform's own way
            way = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
            self._pool = ProcessPoolExecutor(mp_context=way, initializer=_leave_interrupts)
        try:
            return self._pool.submit(_read_share, share, self._wanted)
        except BrokenProcessPool:  # a mail took a reader down while nobody looked
            self._close()
            return self._submit(share)

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _leave_interrupts() -> None:
    """Ctrl-C ends the command, which then ends its readers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _read_share(paths: Iterable[str], wanted: Wanted) -> list[str]:
    return [inspected(path, wanted) for path in paths]

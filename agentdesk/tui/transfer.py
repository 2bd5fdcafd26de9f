"""A file on its way: moved piece by piece in a thread, watched and canceled from the screen."""

from threading import Event

from agentdesk.domain.errors import BadInput
from agentdesk.tui.widgets.entry_text import size_text

PIECE = 1024 * 1024
"""Bytes moved between two looks at whether it shall stop."""


class Canceled(BadInput):
    """A person stopped it."""


class Transfer:
    """How far one file is. The thread calls `begin` and `step`, the screen reads and cancels."""

    def __init__(self) -> None:
        self.name = ""
        self.done = self.total = 0
        self._canceled = Event()

    def begin(self, name: str, total: int) -> None:
        """*name* is moved from now on, *total* bytes of it. Raises `Canceled`."""
        self.name, self.total, self.done = name, total, 0
        self.step(0)

    def step(self, size: int) -> None:
        """*size* more bytes were moved. Raises `Canceled` once somebody wants it to stop."""
        self.done += size
        if self._canceled.is_set():
            raise Canceled(f"{self.name} was canceled. Nothing incomplete is left.")

    def cancel(self) -> None:
        """Stop at the next piece."""
        self._canceled.set()

    @property
    def is_canceled(self) -> bool:
        """Whether it was asked to stop."""
        return self._canceled.is_set()

    def words(self) -> str:
        """`photo.jpg · 12 MB of 40 MB`; only the name while its size is not known."""
        if not self.total:
            return self.name
        return f"{self.name} · {size_text(self.done)} of {size_text(self.total)}"

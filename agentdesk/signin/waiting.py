"""A sign-in under way: what the person must do, and how long we wait for it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from agentdesk.domain.errors import LoginRefused
from agentdesk.signin import browser

PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Task:
    """What the person must do: open `address` and, if there is a `code`, type it there.

    `port`: where the browser's answer is awaited on this machine; 0 with a code.
    `opened`: a browser was opened already.
    """

    address: str
    code: str = ""
    port: int = 0
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """`show` tells the person, once; `stop` ends the wait, from any thread."""

    show: Callable[[Task], None]
    stop: threading.Event = field(default_factory=threading.Event)
    patience: float = PATIENCE_S
    open_browser: Callable[[str], bool] = browser.show

    def ended(self) -> LoginRefused:
        """What to raise when nothing came."""
        if self.stop.is_set():
            return LoginRefused("The sign-in was called off: nothing was changed.")
        minutes = max(1, round(self.patience / 60))
        return LoginRefused(f"Nobody signed in within {minutes} minutes: try again.")

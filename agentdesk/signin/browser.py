"""Whether the person who asks has a browser on this machine, and opening it."""

import os
import sys
import webbrowser
from collections.abc import Mapping

REMOTE = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def is_here(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a browser started here would be seen: never over SSH, only with a screen."""
    if any(environ.get(name) for name in REMOTE):
        return False
    return sys.platform in ("darwin", "win32") or any(environ.get(name) for name in SCREENS)


def show(address: str) -> bool:
    """Open *address*, if there is a browser here; whether it was."""
    if not is_here():
        return False
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False

"""Notifications of the desktop, asked for through the terminal: OSC 9, OSC 777 and OSC 99.

What a mail says never reaches the terminal raw: no control character, no separator of these
sequences, and only so much of it.
"""

import unicodedata
from collections.abc import Mapping

from agentdesk.domain.text import safe

OFF = ""
WAYS = ("osc9", "osc777", "osc99")
LONGEST_TITLE = 60
LONGEST_TEXT = 200
END = "\x1b\\"

BY_PROGRAM: Mapping[str, str] = {
    "iTerm.app": "osc9",
    "WezTerm": "osc9",
    "ghostty": "osc9",
    "rio": "osc777",
    "kitty": "osc99",
    "foot": "osc99",
}
"""What a terminal's name in TERM_PROGRAM says. The others are known by a variable of their own."""


def way(setting: str, environ: Mapping[str, str]) -> str:
    """How to ask: what the setting names; with auto what this terminal is known to show.

    Inside tmux and screen auto is silent: they swallow these sequences, or pass them on to whoever
    looks at another window.
    """
    if setting != "auto":
        return setting if setting in WAYS else OFF
    term = environ.get("TERM", "")
    if environ.get("TMUX") or environ.get("STY") or term.startswith(("tmux", "screen")):
        return OFF
    if environ.get("KITTY_WINDOW_ID") or term == "xterm-kitty":
        return "osc99"
    if term.startswith("foot"):
        return "osc99"
    if environ.get("VTE_VERSION") or term.startswith("rxvt"):
        return "osc777"
    return BY_PROGRAM.get(environ.get("TERM_PROGRAM", ""), OFF)


def sequence(how: str, title: str, text: str) -> str:
    """What to write to the terminal; empty for a way that is not known."""
    head, body = plain(title, LONGEST_TITLE), plain(text, LONGEST_TEXT)
    match how:
        case "osc9":
            # "agentdesk" first: a text that begins with a digit is something else to some terminals
            return f"\x1b]9;agentdesk: {head}: {body}{END}"
        case "osc777":
            return f"\x1b]777;notify;agentdesk: {head};{body}{END}"
        case "osc99":
            first = f"\x1b]99;i=agentdesk:d=0;agentdesk: {head}{END}"
            return f"{first}\x1b]99;i=agentdesk:d=1:p=body;{body}{END}"
    return ""


def plain(text: str, longest: int) -> str:
    """*text* of at most *longest* characters, of which none means anything to a terminal."""
    words = safe(text[: longest * 4], multiline=False)[:longest]
    kept = (" " if unicodedata.category(c)[0] in "CZ" else c for c in words)
    return "".join("," if c == ";" else c for c in kept).strip()

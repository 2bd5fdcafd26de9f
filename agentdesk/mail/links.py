"""Where a link really leads, said beside its text. Nothing is ever fetched."""

import re
from typing import Final
from urllib.parse import urlsplit

from agentdesk.domain.text import safe

URL_CHARS: Final = 100
"""Longer addresses are shown by their host only; the whole one stays in the raw mail."""

_SHOWN_HOST = re.compile(
    r"^\W{0,3}(?:https?://|www\.)?((?:[\w-]{1,63}\.){1,6}[a-z]{2,24})(?=[/:?#]|\W*$)", re.IGNORECASE
)
_INVISIBLE = re.compile(r"[\x00-\x20\x7f]+")


def describe_link(href: str, label: str) -> str:
    """What to show after *label* for a link to *href*; empty when the label already says it.

    A label that names one host while the link leads to another gets a warning.
    """
    target = _INVISIBLE.sub("", href[:4_000]).replace("\\", "/")
    scheme = target.partition(":")[0].lower()
    if not label or target.startswith("#") or scheme in {"tel", "cid", "sms"}:
        return ""
    if scheme == "mailto":
        address = safe(target[7:].partition("?")[0], multiline=False)[:URL_CHARS]
        return "" if not address or address.lower() in label.lower() else f"<{address}>"
    if scheme not in {"http", "https"}:
        return f"[{scheme} link]" if scheme in {"javascript", "data", "file", "vbscript"} else ""
    host = true_host(target)
    if not host:
        return "[broken link]"
    shown = _SHOWN_HOST.match(label[:300])
    if shown and not same_site(shown[1], host):
        return f"[leads to {host}!]"
    if shown:
        return ""
    if len(target) > URL_CHARS or not target.isascii():
        return f"<{host}/…>"
    return f"<{safe(target, multiline=False)}>"


def true_host(url: str) -> str:
    """The host that a browser would open for *url*, in ASCII, so that no letter can deceive."""
    try:
        host = urlsplit(url).hostname or ""
        wire = host if host.isascii() else host[:253].encode("idna").decode("ascii")
    except ValueError:
        return ""
    return safe(wire, multiline=False).lower()


def same_site(shown: str, true: str) -> bool:
    """Whether two hosts are one, or one is a part of the other (`www.`, `shop.`)."""
    a, b = shown.lower().removeprefix("www."), true.lower().removeprefix("www.")
    return a == b or a.endswith(f".{b}") or b.endswith(f".{a}")

"""Where a link really leads, said beside its text. Nothing is ever fetched."""

import re
import unicodedata
from typing import Final
from urllib.parse import unquote, urlsplit

from agentdesk.domain.text import safe

URL_CHARS: Final = 100
"""Longer addresses are shown by their host only; the whole one stays in the raw mail."""

_SHOWN_HOST = re.compile(
    r"^\W{0,3}(?:https?://|www\.)?((?:[\w-]{1,63}\.){1,6}[a-z]{2,24})(?=[/:?#]|\W*$)", re.IGNORECASE
)
_WEB = re.compile(r"(https?):/*", re.IGNORECASE)
_ADDRESS = re.compile(r"\W{0,3}[\w.+-]{1,64}@[\w.-]{3,200}\W{0,3}")
_DISPUTED: Final = frozenset("ßς\u200c\u200d")
_FILES: Final = frozenset(
    {"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "txt", "csv", "rtf", "xml"}
    | {"jpg", "jpeg", "png", "gif", "html", "htm", "ics", "eml"}
)
_INVISIBLE = re.compile(r"[\x00-\x20\x7f]+")


def describe_link(href: str, label: str) -> str:
    """What to show after *label* for a link to *href*; empty when the label already says it.

    A label that names one host while the link leads to another gets a warning.
    """
    target = _with_slashes(_INVISIBLE.sub("", href[:4_000]).replace("\\", "/"))
    scheme = target.partition(":")[0].lower()
    if not label or target.startswith("#") or scheme in {"tel", "cid", "sms"}:
        return ""
    if scheme == "mailto":
        return _describe_address(safe(target[7:].partition("?")[0], multiline=False), label)
    if scheme not in {"http", "https"}:
        return f"[{scheme} link]" if scheme in {"javascript", "data", "file", "vbscript"} else ""
    host = true_host(target)
    if not host:
        return "[broken link]"
    shown = _SHOWN_HOST.match(label[:300])
    if shown and not (_is_file(shown) or _is_shown(shown[1], host)):
        return f"[leads to {host}!]"
    if shown and shown[1].isascii() and not _is_file(shown):
        return ""
    hides = len(target) > URL_CHARS or not target.isascii() or "@" in target or "%" in host
    return f"<{host}/…>" if hides else f"<{safe(target, multiline=False)}>"


def _with_slashes(target: str) -> str:
    """*target* as a browser completes it: `//host` and `https:host` lead to that host."""
    if target.startswith("//"):
        return f"https:{target}"
    found = _WEB.match(target)
    return f"{found[1].lower()}://{target[found.end() :]}" if found else target


def _describe_address(address: str, label: str) -> str:
    """What to show after *label* for a link that writes to *address*."""
    address = address[:URL_CHARS]
    if not address or address.lower() in label.lower():
        return ""
    return f"[leads to {address}!]" if _ADDRESS.fullmatch(label[:300]) else f"<{address}>"


def _is_file(shown: re.Match[str]) -> bool:
    """Whether what looks like a host is a file's name: `invoice.pdf`."""
    return shown[0] == shown[1] and shown[1].rpartition(".")[2].lower() in _FILES


def _is_shown(shown: str, host: str) -> bool:
    """Whether *shown* names *host* to a reader; letters of several scripts in it never do."""
    if shown.isascii():
        return same_site(shown, host)
    scripts = {unicodedata.name(char, " ").partition(" ")[0] for char in shown if char.isalpha()}
    try:
        return len(scripts) == 1 and same_site(_in_ascii(shown), host)
    except ValueError:
        return False


def true_host(url: str) -> str:
    """The host that a browser would open for *url*, in ASCII, so that no letter can deceive."""
    try:
        host = unquote(urlsplit(url).hostname or "")
        return str(safe(_in_ascii(host), multiline=False)).lower()
    except ValueError:
        return ""


def _in_ascii(host: str) -> str:
    """*host* in its xn-- form. Raises `ValueError` for what is none.

    Browsers keep the letters on which IDNA 2003, Python's, and IDNA 2008 disagree.
    """
    host = "".join(char for char in host[:253] if char not in "\u200b\u00ad")
    if host.isascii():
        return host
    if _DISPUTED.isdisjoint(host):
        return host.encode("idna").decode("ascii")
    labels = re.split("[.。．]", host.lower())
    return ".".join(
        x if x.isascii() else f"xn--{x.encode('punycode').decode('ascii')}" for x in labels
    )


def same_site(shown: str, true: str) -> bool:
    """Whether two hosts are one, or one is a part of the other (`www.`, `shop.`)."""
    a, b = shown.lower().removeprefix("www."), true.lower().removeprefix("www.")
    return a == b or a.endswith(f".{b}") or b.endswith(f".{a}")

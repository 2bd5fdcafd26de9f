"""What a model wrote, made plain: it may have been told what to write by a mail."""

import re
from collections.abc import Iterable

from agentdesk.domain.text import SafeText, safe

LEFT_OUT = "[link left out]"

# Possessive, so that what is no link after all is read once.
_IMAGE = re.compile(r"!\[([^\]\n]{0,200}+)\]\([^)\n]{0,800}+\)")
_LINK = re.compile(r"\[([^\]\n]{1,200}+)\]\(([^)\s]{1,600}+)[^)\n]{0,200}+\)")
_ADDRESS = re.compile(
    r"(?<![a-z0-9])(?:[a-z][a-z0-9+.-]{0,30}://|www\.|(?:javascript|data|file|mailto|tel):(?=\S))[^\s<>\"')\]]*",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^\s*(?:[-*+•·]|\d{1,2}[.)])\s+")
_ENDS = ".,;:!?"


def addresses(texts: Iterable[str]) -> frozenset[str]:
    """The links that stand in *texts*."""
    return frozenset(_bare(m[0]) for text in texts for m in _ADDRESS.finditer(text))


def plain(text: str, known: frozenset[str] = frozenset()) -> SafeText:
    """*text* without markup, control characters, and links other than *known* ones."""
    text = _IMAGE.sub(r"\1", safe(text))
    text = _LINK.sub(r"\1 (\2)", text)
    text = _ADDRESS.sub(lambda m: _kept(m[0], known), text)
    return safe(text.replace("**", "").replace("`", "").strip())


def points(text: str) -> SafeText:
    """*text* of a summary: no links at all, headings as lines, list items as `• `."""
    lines = (_HEADING.sub("", line) for line in plain(text).split("\n"))
    return safe("\n".join(_BULLET.sub("• ", line).rstrip() for line in lines).strip())


def line(text: str, most: int) -> SafeText:
    """*text* as one line of at most *most* characters."""
    one = safe(plain(text), multiline=False)
    return one if len(one) <= most else safe(f"{one[: most - 1].rstrip()}…")


def _kept(address: str, known: frozenset[str]) -> str:
    bare = _bare(address)
    return address if bare in known else LEFT_OUT + address[len(bare) :]


def _bare(address: str) -> str:
    return address.rstrip(_ENDS)

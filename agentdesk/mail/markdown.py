"""A mail written in Markdown as the HTML that stands beside its text.

Only the writer's own words are Markdown. What others wrote, quoted or passed on, is shown as it is, and
so is the signature. No HTML of theirs or ours gets through, no picture is fetched from anywhere, and a
link leads only to the web or to a mailbox.
"""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from html import escape
from itertools import groupby
from typing import Final

from markdown_it import MarkdownIt

from agentdesk.domain.text import safe
from agentdesk.mail.flowed import SIGNATURE_LINE
from agentdesk.mail.phrases import FORWARD_MARK

_SCHEMES: Final = ("http://", "https://", "mailto:")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_MARKS: Final = re.compile(r"(?:> ?)+")
_DEEPEST: Final = 10
_PAGE: Final = (
    '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head>\n'
    '<body style="font-family:sans-serif;font-size:14px;line-height:1.4">\n{}</body></html>\n'
)
_QUOTE: Final = (
    '<blockquote type="cite" '
    'style="margin:0 0 0 .5em;border-left:2px solid #bbb;padding-left:.8em;color:#555">\n'
)
_SIGNATURE: Final = '<div class="moz-signature" style="color:#777">{}</div>\n'


class _Markdown(MarkdownIt):
    """CommonMark with tables, where a line end is a line end."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Only the web and mailboxes; nothing on the reader's machine, no script."""
        return url.lower().startswith(_SCHEMES)


@cache
def _reader() -> _Markdown:
    """Without rules by which a plain mail would surprise: indented code, `---` below a line making a
    heading, and `[1]: …`, which would vanish."""
    made = _Markdown("commonmark", {"html": False, "breaks": True})
    made.enable(["table", "strikethrough"])
    made.disable(["image", "code", "lheading", "reference", "html_block", "html_inline"])
    return made


class _Kind(Enum):
    OWN = "own"
    QUOTE = "quote"
    SIGNATURE = "signature"
    ATTRIBUTION = "attribution"
    PASSED_ON = "passed on"


def to_html(text: str) -> str:
    """The HTML page that says what *text* says."""
    lines = safe(text).rstrip().split("\n")
    pieces = groupby(zip(_kinds(lines), lines, strict=True), key=lambda pair: pair[0])
    return _PAGE.format("".join(_piece(kind, [x for _, x in pair]) for kind, pair in pieces))


def _kinds(lines: Sequence[str]) -> Iterator[_Kind]:
    """What each line is part of. Inside a fence everything is the writer's own."""
    kind, fence = _Kind.OWN, ""
    for index, line in enumerate(lines):
        found = _FENCE.match(line)
        if fence:
            fence = "" if found and found[1].startswith(fence) else fence
        elif kind is _Kind.PASSED_ON or FORWARD_MARK.match(line):
            kind = _Kind.PASSED_ON
        elif line.startswith(">"):
            kind = _Kind.QUOTE
        elif line.endswith(":") and any(x.startswith(">") for x in lines[index + 1 : index + 2]):
            kind = _Kind.ATTRIBUTION
        elif line == SIGNATURE_LINE:
            kind = _Kind.SIGNATURE
        elif kind is not _Kind.SIGNATURE:
            kind, fence = _Kind.OWN, found[1] if found else ""
        yield kind


def _piece(kind: _Kind, lines: Sequence[str]) -> str:
    match kind:
        case _Kind.OWN:
            return str(_reader().render("\n".join(lines)))
        case _Kind.QUOTE:
            return "".join(_quoted(lines))
        case _Kind.SIGNATURE:
            return _SIGNATURE.format(_as_it_is(lines))
    return f"<p>{_as_it_is(lines)}</p>\n"


def _as_it_is(lines: Sequence[str]) -> str:
    return "<br>\n".join(escape(line) for line in lines)


def _quoted(lines: Sequence[str]) -> Iterator[str]:
    """Block quotes, one in the other as deep as the marks say."""
    depth = 0
    for deep, group in groupby(lines, key=_depth):
        yield _QUOTE * max(deep - depth, 0) + "</blockquote>\n" * max(depth - deep, 0)
        yield f"<p>{_as_it_is([_MARKS.sub('', line, count=1) for line in group])}</p>\n"
        depth = deep
    yield "</blockquote>\n" * depth


def _depth(line: str) -> int:
    found = _MARKS.match(line)
    return min(found[0].count(">"), _DEEPEST) if found else 0

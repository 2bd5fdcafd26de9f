"""HTML mail as the text that its reader would have seen.

One walk over the tree that selectolax builds: hidden nodes are left out, links say where they lead,
quotes are marked, tables keep their columns. Nothing is fetched and no script is run. Size and depth
are bounded, because parsers slow down with depth. Source: research/mail.md §4.3.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from agentdesk.domain.message import Span
from agentdesk.domain.text import SafeText, safe
from agentdesk.mail.containers import Holds, holds, is_indent
from agentdesk.mail.layout import Layout
from agentdesk.mail.links import describe_link
from agentdesk.mail.looks import Ink, apply, look_of
from agentdesk.mail.sheets import Names, Sheet, names_of, read_sheets

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MARKUP_CHARS: Final = 2_000_000
MAX_TAGS: Final = 60_000
"""The longest newsletters have a tenth of them."""

MAX_OPEN_TAGS: Final = 2_000
TOO_LONG: Final = "The text is very long; only its beginning is shown."

_SKIPPED = frozenset(
    {
        "script",
        "style",
        "head",
        "title",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "audio",
        "video",
        "select",
        "canvas",
        "map",
    }
)
_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "legend",
        "main",
        "nav",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "caption",
        "li",
        "ul",
        "ol",
    }
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote"})
_UNNESTED = frozenset(
    {
        "p",
        "li",
        "td",
        "th",
        "tr",
        "dd",
        "dt",
        "option",
        "br",
        "img",
        "hr",
        "input",
        "meta",
        "link",
        "col",
        "wbr",
        "area",
    }
)
_BLACK_ON_WHITE: Final = Ink()
_EMBEDDED = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=\s]+")
_PIXEL: Final = frozenset({"0", "1", "2", "0px", "1px", "2px"})
_PIXEL_STYLE = re.compile(r"(?:^|[;\s])(?:width|height)\s{0,9}:\s{0,9}[012](?:px|pt|;|\s|$)", re.I)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The text, the spans of it in quote containers, and sentences about what was cut."""

    text: SafeText
    quoted: tuple[Span, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Frame:
    """An open element."""

    id: int
    tag: str = ""
    skip: bool = False
    ink: Ink = _BLACK_ON_WHITE
    pre: bool = False
    href: str = ""
    mark: int = 0
    items: int = -1
    row_start: int = -1
    breaks: int = 0
    quote: str = ""
    names: Names = frozenset()


def html_to_text(markup: str) -> HtmlText:
    """*markup* as text. Never fails; costs about a millisecond for 10 KB."""
    from selectolax.lexbor import LexborHTMLParser

    bounded, warnings = _bounded(markup)
    tree = LexborHTMLParser(bounded)
    if tree.root is None:
        return HtmlText(safe(""))
    walker = _Walker(read_sheets(node.text() for node in tree.css("style")))
    walker.walk(tree.root)
    text, quoted = walker.layout.finish()
    if walker.layout.full:
        warnings.append(TOO_LONG)
    return HtmlText(text, quoted, tuple(warnings))


def _bounded(markup: str) -> tuple[str, list[str]]:
    """*markup* up to the size and depth that can be read in bounded time."""
    warnings = []
    if len(markup) > MARKUP_CHARS:
        markup = _EMBEDDED.sub("", markup)
    if len(markup) > MARKUP_CHARS:
        markup = markup[:MARKUP_CHARS]
        warnings.append("The HTML is very long; only its beginning was read.")
    if markup.count("<") > MAX_OPEN_TAGS:
        opened = 0
        for number, found in enumerate(_TAG.finditer(markup)):
            if number >= MAX_TAGS:
                warnings.append("The HTML is very long; only its beginning was read.")
                return markup[: found.start()], warnings
            if found[2].lower() not in _UNNESTED:
                opened += -1 if found[1] else 1
            if opened > MAX_OPEN_TAGS:
                warnings.append("The HTML is nested too deeply; only its beginning was read.")
                return markup[: found.start()], warnings
    return markup, warnings


class _Walker:
    """Goes through the tree once, keeping the open elements on a stack."""

    def __init__(self, sheet: Sheet) -> None:
        self.layout = Layout()
        self._sheet = sheet
        self._stack = [_Frame(0)]

    def walk(self, root: "LexborNode") -> None:
        """Lay out everything below *root*."""
        for node in root.traverse(include_text=True):
            tag = node.tag or ""
            parent = node.parent
            self._leave_until(parent.mem_id if parent else 0)
            if tag == "-text":
                self._text(node.text_content or "")
            elif not tag.startswith("-"):
                self._stack.append(self._enter(node, tag))
        self._leave_until(0)

    def _leave_until(self, parent_id: int) -> None:
        while len(self._stack) > 1 and self._stack[-1].id != parent_id:
            self._leave(self._stack.pop())

    def _text(self, content: str) -> None:
        frame = self._stack[-1]
        if frame.skip or not frame.ink.visible:
            return
        if frame.pre:
            self.layout.preformatted(content)
        else:
            self.layout.text(content)

    def _enter(self, node: "LexborNode", tag: str) -> _Frame:
        around = self._stack[-1]
        frame = _Frame(node.mem_id, tag, skip=around.skip or tag in _SKIPPED)
        if frame.skip:
            return frame
        attributes = node.attributes
        look = look_of(attributes, self._sheet_says(frame, attributes))
        frame.skip = look.gone
        if frame.skip:
            return frame
        frame.ink = apply(look, around.ink)
        frame.pre = around.pre or tag in {"pre", "textarea"}
        self._open_quote(frame, attributes)
        if tag in _PARAGRAPHS:
            tight = look.tight or "MsoNormal" in (attributes.get("class") or "")
            frame.breaks = 1 if tight else 2
        elif tag in _BLOCKS:
            frame.breaks = 1
        if frame.breaks:
            self.layout.block(frame.breaks)
        self._begin(frame, attributes)
        return frame

    def _sheet_says(self, frame: _Frame, attributes: dict[str, str | None]) -> list[str]:
        """The declarations of style sheets for the element of *frame*, weakest first."""
        if not self._sheet:
            return []
        frame.names = names_of(frame.tag, attributes)
        return self._sheet.matching(frame.names, [f.names for f in self._stack[-60:]])

    def _begin(self, frame: _Frame, attributes: dict[str, str | None]) -> None:
        """What an element writes, or lets its contents write, where it begins."""
        match frame.tag:
            case "br":
                self.layout.line_break()
            case "hr":
                self.layout.block()
                self.layout.text("─" * 20)
                self.layout.block()
            case "a":
                frame.href, frame.mark = attributes.get("href") or "", self.layout.mark
            case "img":
                self._picture(frame, attributes)
            case "ol" | "ul":
                frame.items = 0 if frame.tag == "ol" else -1
            case "li":
                self._list_item()
            case "tr":
                frame.row_start = self.layout.flushes
            case "td" | "th":
                self._cell()

    def _picture(self, frame: _Frame, attributes: dict[str, str | None]) -> None:
        """`[alt]` where a picture stands, `[image]` for one sent along without; pixels leave nothing."""
        pixel = any((attributes.get(side) or "").strip() in _PIXEL for side in ("width", "height"))
        if pixel or not frame.ink.visible or _PIXEL_STYLE.search(attributes.get("style") or ""):
            return
        alt = (attributes.get("alt") or "").strip()
        if alt:
            self.layout.text(f"[{alt[:100]}]")
        elif (attributes.get("src") or "").lstrip()[:4].lower() == "cid:":
            self.layout.text("[image]")

    def _list_item(self) -> None:
        around = self._stack[-1]
        indent = "  " * (sum(f.tag in {"ul", "ol"} for f in self._stack[-40:]) - 1)
        if around.items >= 0:
            around.items += 1
        self.layout.bullet(f"{indent}{around.items}. " if around.items >= 0 else f"{indent}• ")

    def _cell(self) -> None:
        row = self._stack[-1]
        if row.tag == "tr":
            self.layout.cell(row.row_start)

    def _open_quote(self, frame: _Frame, attributes: dict[str, str | None]) -> None:
        """Mark the containers in which mail programs put the mail that is answered, and signatures."""
        if frame.tag == "blockquote":
            self._open_block_quote(frame, attributes)
            return
        held = holds(attributes)
        if held is None:
            return
        self.layout.block()
        self.layout.open_quote()
        if held is not Holds.REST:  # that one is never closed: all that follows is old
            frame.quote = "whole" if held is Holds.WHOLE else "until block quote"

    def _open_block_quote(self, frame: _Frame, attributes: dict[str, str | None]) -> None:
        if is_indent(attributes):
            return
        for around in self._stack:
            if around.quote == "until block quote":
                around.quote = ""
                self.layout.close_quote()
        self.layout.block()
        self.layout.depth += 1
        frame.quote = "depth"

    def _leave(self, frame: _Frame) -> None:
        if frame.skip:
            return
        if frame.breaks:
            self.layout.block(frame.breaks)
        if frame.row_start >= 0:
            self.layout.end_row(frame.row_start)
        if frame.href:
            remark = describe_link(frame.href, self.layout.since(frame.mark))
            if remark:
                self.layout.word(remark)
        if frame.quote == "depth":
            self.layout.depth -= 1
        elif frame.quote:
            self.layout.close_quote()

"""Which parts of a mail are read as its text, and how each becomes text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from agentdesk.domain.message import Span
from agentdesk.domain.text import SafeText, safe
from agentdesk.mail.charsets import decode
from agentdesk.mail.flowed import unflow
from agentdesk.mail.html import TOO_LONG, html_to_text
from agentdesk.mail.layout import TEXT_CHARS
from agentdesk.mail.parts import Part

EMPTY: Final = safe("")

_READABLE = frozenset({"text/plain", "text/html", "text/enriched"})
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\s\"']{0,3}([\w-]{1,40})", re.IGNORECASE)
_JAPANESE_ESCAPE = re.compile(rb"\x1b(?:\$[@B]|\(J)")
_STUB = re.compile(r"\bhtml\b|view (?:it|this|the)", re.IGNORECASE)
_STUB_CHARS = 300


@dataclass
class Body:
    """The readable text of a mail. `read` holds parts that are no attachments, by `id`.

    `passed_on` says that it is another mail's text, all of which is to be shown.
    """

    text: SafeText = EMPTY
    quoted: tuple[Span, ...] = ()
    html_present: bool = False
    passed_on: bool = False
    read: set[int] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Piece:
    text: SafeText
    quoted: tuple[Span, ...] = ()
    warnings: tuple[str, ...] = ()


def read_body(root: Part) -> Body:
    """The text of the mail below *root*.

    Of alternatives the plain text is read, unless it is empty or only says that the mail is HTML.
    Texts beside each other are read one after the other. Parts that were read or deliberately not
    read are in `Body.read`, by `id`; all other leaves are attachments.
    """
    body = Body()
    chosen = list(_choose(root, body))
    if not chosen:
        chosen = [leaf for leaf in root.leaves() if _is_last_resort(leaf)][:1]
    body.html_present = any(p.type == "text/html" and _is_text(p) for p in root.leaves())
    pieces = []
    for part in chosen:
        body.read.add(id(part))
        pieces.append(_as_text(part))
    _join(pieces, body)
    return body


def body_of(text: str, is_html: bool, *, instead_of: Body) -> Body:
    """A body of text that was found elsewhere than in the mail's own parts, which had none."""
    body = Body(html_present=instead_of.html_present, read=instead_of.read)
    _join([_html(text) if is_html else _plain(text)], body)
    return body


def _choose(part: Part, body: Body) -> Iterator[Part]:
    """The leaves to read below *part*, in order."""
    if not part.children:
        if _is_text(part):
            yield part
    elif part.type == "multipart/alternative":
        yield from _best_alternative(part, body)
    elif part.type == "multipart/related":
        yield from _choose(part.children[0], body)
    else:
        for child in part.children:
            yield from _choose(child, body)


def _best_alternative(part: Part, body: Body) -> list[Part]:
    """The alternative that reads best in a terminal; the other texts count as read."""
    options = [option for child in part.children if (option := list(_choose(child, body)))]
    best = next((o for o in options if _is_worth_reading(o)), options[-1] if options else [])
    body.read.update(id(leaf) for option in options for leaf in option if option is not best)
    return best


def _is_worth_reading(option: list[Part]) -> bool:
    plain = [leaf for leaf in option if leaf.type == "text/plain"]
    content = b" ".join(leaf.content[: 2 * _STUB_CHARS] for leaf in plain).strip()
    return bool(content) and not (
        len(content) < _STUB_CHARS and _STUB.search(content.decode("latin-1"))
    )


def _is_text(part: Part) -> bool:
    return part.type in _READABLE and part.disposition != "attachment" and not part.filename


def _is_last_resort(part: Part) -> bool:
    """A named text that is the only thing to read, unless it was sent as a file."""
    return part.type in _READABLE and part.disposition not in {"attachment", "inline"}


def _as_text(part: Part) -> _Piece:
    text = _decoded(part)
    if part.type != "text/plain":
        return _html(text)
    if part.parameters.get("format", "").lower() == "flowed":
        delete_space = part.parameters.get("delsp", "").lower() == "yes"
        text = unflow(text[: TEXT_CHARS + 1], delete_space=delete_space)
    return _plain(text)


def _html(markup: str) -> _Piece:
    html = html_to_text(markup)
    return _Piece(html.text, html.quoted, html.warnings)


def _plain(text: str) -> _Piece:
    if len(text) > TEXT_CHARS:
        return _Piece(safe(text[:TEXT_CHARS]), (), (TOO_LONG,))
    return _Piece(safe(text))


def _decoded(part: Part) -> str:
    content, label = part.content, part.parameters.get("charset", "")
    if not label and part.type == "text/html":
        found = _META_CHARSET.search(content[:2048])
        label = found[1].decode("ascii") if found else ""
    if not label and _JAPANESE_ESCAPE.search(content[:65536]):
        label = "iso-2022-jp"
    return decode(content, label)


def _join(pieces: list[_Piece], body: Body) -> None:
    """Put the pieces one after the other, moving their spans along."""
    texts: list[str] = []
    quoted: list[Span] = []
    offset = 0
    for piece in pieces:
        body.warnings += [w for w in piece.warnings if w not in body.warnings]
        text = piece.text.rstrip()
        if not text:
            continue
        quoted += [Span(s.start + offset, min(s.end, len(text)) + offset) for s in piece.quoted]
        texts.append(text)
        offset += len(text) + 2
    body.text, body.quoted = SafeText("\n\n".join(texts)), tuple(quoted)

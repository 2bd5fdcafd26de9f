"""format=flowed: long paragraphs sent in short lines and put together again by the reader.

A line that ends in a space goes on in the next one of the same quote depth; a line that begins with a
space was stuffed with it. Source: RFC 3676 §4.
"""

import re
from collections.abc import Iterator
from typing import Final

LINE_CHARS: Final = 78
"""RFC 3676 §4.2: the longest line, its trailing space included."""

SIGNATURE_LINE: Final = "-- "
_MARKS: Final = re.compile(r">*")
_WORD: Final = re.compile(r"[^ ]* *")


def needs_flowing(text: str) -> bool:
    """Whether a line of *text* is longer than a line of mail should be."""
    return any(len(line) > LINE_CHARS for line in text.split("\n"))


def flow(text: str) -> str:
    """*text* in lines of at most `LINE_CHARS`, where words allow it; `unflow` gives it back.

    Spaces at the ends of lines are lost, except in the line that marks a signature.
    """
    return "\n".join(wired for line in text.split("\n") for wired in _wired(line))


def _wired(line: str) -> Iterator[str]:
    """The lines that go out for one."""
    if line == SIGNATURE_LINE:
        yield line
        return
    line = line.rstrip(" ")
    marks = _marks(line)
    if not marks:
        yield from map(_stuffed, _pieces(line, LINE_CHARS - 1))
        return
    body = _unmarked(line)
    head = line[: len(line) - len(body)]
    for piece in _pieces(body, LINE_CHARS - len(marks) - 1):
        yield head + piece
        head = f"{marks} "


def _pieces(body: str, width: int) -> Iterator[str]:
    """Words put together up to *width*; each piece but the last ends in a space."""
    piece = ""
    for word in filter(None, _WORD.findall(body)):
        if piece and len(piece) + len(word) > width and piece != SIGNATURE_LINE:
            yield piece
            piece = ""
        piece += word
    yield piece


def _stuffed(line: str) -> str:
    """RFC 3676 §4.4: a space before what would be read as a mark, a stuffed line or an mbox header."""
    return f" {line}" if line.startswith((" ", ">", "From ")) else line


def _marks(line: str) -> str:
    """The quote marks that begin the line."""
    found = _MARKS.match(line)
    return found[0] if found else ""


def _unmarked(line: str) -> str:
    """The line behind its marks, without the space that stuffs it."""
    return line[len(_marks(line)) :].removeprefix(" ")


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Paragraphs of format=flowed put together again; quote marks stay as they are, once a paragraph."""
    paragraphs: list[list[str]] = []
    soft, before = False, ""
    for line in text.replace("\r\n", "\n").split("\n"):
        marks, content = _marks(line), _unmarked(line)
        if soft and marks == before and content != SIGNATURE_LINE:
            paragraphs[-1].append(content)
        else:
            paragraphs.append([line if marks else content])
        soft = content.endswith(" ") and content != SIGNATURE_LINE
        before = marks
        if soft and delete_space:
            paragraphs[-1][-1] = paragraphs[-1][-1][:-1]
    return "\n".join("".join(pieces) for pieces in paragraphs)

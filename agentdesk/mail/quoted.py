"""What of a mail is quoted below its answer: its own words and what they answer, no more.

Whoever reads the answer has the mail, and we have the whole of it in the conversation.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from agentdesk.domain.message import Span

CUT: Final = "[…]"
"""Stands for what is left out."""

MOST_LINES: Final = 80
MOST_CHARS: Final = 20_000
READ_LINES: Final = 4_000
READ_CHARS: Final = 256 * 1024
"""Nothing beyond is looked at, as in `mail.quoting`."""

_ATTRIBUTION_LINES: Final = 4
_SIGNATURE_LINES: Final = 25
_MARKS: Final = re.compile(r"(?:> ?)+")
_SIGNATURE: Final = re.compile(r"--\s*")


def quotable(text: str, latest: Sequence[Span]) -> str:
    """*text* as it is quoted: what is new in it (`latest`), and of older mail one level of quotes.

    Signatures are left out; `[…]` stands for older mails and for what is too long.
    """
    lines = text[:READ_CHARS].rstrip().split("\n")[:READ_LINES]
    new = _new_lines(lines, latest)
    kept = list(_kept(lines, new)) if any(new) else lines
    return "\n".join(_shortened(_tidied(kept)))


def _new_lines(lines: Sequence[str], latest: Sequence[Span]) -> list[bool]:
    """Which lines hold something new; the empty ones between them do too."""
    found, start, spans = [], 0, [*latest]
    for line in lines:
        end = start + len(line)
        while spans and spans[0].end < start:
            spans.pop(0)
        found.append(bool(spans) and spans[0].start <= end)
        start = end + 1
    return found


def _kept(lines: Sequence[str], new: Sequence[bool]) -> Iterator[str]:
    index = 0
    while index < len(lines):
        if new[index] or not lines[index].strip():
            yield lines[index]
            index += 1
            continue
        end = _end_of_run(lines, new, index)
        run = lines[index:end]
        if _depth(run[0]):
            yield from _previous(run)
        elif _introduces(run, _next_filled(lines, end)):
            yield from run
        elif not _is_signature(run):
            yield CUT
        index = end


def _end_of_run(lines: Sequence[str], new: Sequence[bool], start: int) -> int:
    """Behind the last of the old lines that stand together, all quoted or none; blank ones join."""
    quoted = bool(_depth(lines[start]))
    end = start + 1
    for ahead in range(start + 1, len(lines)):
        if new[ahead] or (lines[ahead].strip() and bool(_depth(lines[ahead])) is not quoted):
            break
        if lines[ahead].strip():
            end = ahead + 1
        elif quoted or _attribution_follows(lines, new, ahead):
            break
    return end


def _attribution_follows(lines: Sequence[str], new: Sequence[bool], blank: int) -> bool:
    """Whether a few lines stand behind a blank one that introduce a quote."""
    for ahead in range(blank + 1, min(blank + 2 + _ATTRIBUTION_LINES, len(lines))):
        if new[ahead]:
            return False
        if _depth(lines[ahead]):
            return lines[ahead - 1].rstrip().endswith(":") or not lines[ahead - 1].strip()
    return False


def _next_filled(lines: Sequence[str], index: int) -> str:
    """The next line with something on it, looking at most three lines on."""
    near = range(index, min(index + 3, len(lines)))
    return next((lines[n] for n in near if lines[n].strip()), "")


def _introduces(run: Sequence[str], following: str) -> bool:
    return (
        len(run) <= _ATTRIBUTION_LINES
        and run[-1].rstrip().endswith((":", "："))
        and _depth(following) == 1
    )


def _is_signature(run: Sequence[str]) -> bool:
    """A marked one, or a few words such as `Sent from my phone`."""
    longest = _SIGNATURE_LINES if _SIGNATURE.fullmatch(run[0]) else 3
    return sum(bool(line.strip()) for line in run) <= longest


def _previous(run: Sequence[str]) -> Iterator[str]:
    """The quoted mail without what it quotes, and without its signature."""
    signed = False
    for line in run:
        if _depth(line) > 1:
            signed = False
            yield CUT
        elif _SIGNATURE.fullmatch(_MARKS.sub("", line, count=1)):
            signed = True
        elif not signed:
            yield line


def _depth(line: str) -> int:
    found = _MARKS.match(line)
    return found[0].count(">") if found else 0


def _tidied(lines: Sequence[str]) -> Iterator[str]:
    """No two cuts and no two blank lines behind each other, none at the end."""
    blank, last = list[str](), ""
    for line in lines:
        if not line.strip(" >"):
            blank = blank or ([line] if last else [])
        elif line != CUT or last != CUT:
            yield from blank
            yield line
            blank, last = [], line


def _shortened(lines: Iterator[str]) -> Iterator[str]:
    chars = 0
    for number, line in enumerate(lines):
        chars += len(line)
        if number >= MOST_LINES or chars > MOST_CHARS:
            yield CUT
            return
        yield line

"""What the writer of a mail wrote now, as spans of its text.

One pass over the lines with a bounded look ahead, so that it is linear on any input: the known
libraries take minutes on hostile ones (research/mail.md §5). The words of the mail programs are in
`mail.phrases`.
"""

from enum import Enum
from typing import Final

from agentdesk.domain.message import Span
from agentdesk.mail.phrases import (
    FORWARD_MARK,
    FORWARD_SUBJECT,
    HEADER_KINDS,
    HEADER_LABEL,
    ORIGINAL_MARK,
    PGP_END,
    PGP_SIGNATURE,
    PGP_SIGNED,
    REPLY_ABOVE,
    RULER,
    TITLED_RULER,
    has_attribution,
    is_attribution,
    is_dashed_attribution,
    is_notable,
    may_begin_attribution,
    names_writer,
)
from agentdesk.mail.signatures import (
    LIST_FOOTER,
    SIGNATURE_MARK,
    is_device_line,
    is_signed_name,
)

MAX_LINES: Final = 4_000
MAX_CHARS: Final = 256 * 1024
_LINE_CHARS: Final = 500
"""A longer line is prose; mail programs write no such lines."""

_ATTRIBUTION_LINES: Final = 4
_HEADER_LINES: Final = 9
_SIGNATURE_LINES: Final = 25
_COLONS: Final = frozenset(":：")
_OLD_BEGINS: Final = frozenset("->_*=‐–—─#")
"""How a line may begin that stands directly below a signature and is older."""

_ARMOUR_HEAD_LINES: Final = 10
_ARMOUR_LINES: Final = 200


def is_forward(subject: str) -> bool:
    """Whether the subject says that the mail passes another one on (Fwd:, WG:, TR:, …)."""
    return bool(FORWARD_SUBJECT.match(subject))


def latest_spans(
    text: str, quoted: tuple[Span, ...] = (), *, forwarded: bool = False
) -> tuple[Span, ...]:
    """The spans of *text* that are new: no quotes, attribution lines, signatures, old mails.

    `quoted` are spans known to be old from HTML. What somebody forwards is kept, because it is what
    they want to be read. Beyond 4,000 lines or 256 KB everything counts as new.
    """
    if forwarded:
        return _spans(text, [(0, len(text))])
    return _Scanner(text, quoted).scan()


def _spans(text: str, ranges: list[tuple[int, int]]) -> tuple[Span, ...]:
    """The ranges without white space at their ends, those that are nothing else left out."""
    spans = []
    for start, end in ranges:
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            start += len(piece) - len(piece.lstrip())
            spans.append(Span(start, start + len(stripped)))
    return tuple(spans)


class _Verdict(Enum):
    NEW = "new"
    OLD = "old"
    END = "all that follows is old"
    PASSED_ON = "all that follows is passed on"


class _Scanner:
    """Reads the lines once, from the top."""

    def __init__(self, text: str, quoted: tuple[Span, ...]) -> None:
        self._text = text
        head = text[:MAX_CHARS]
        self._lines = head.split("\n", MAX_LINES)[:MAX_LINES]
        self._stripped = [line.strip() if len(line) <= _LINE_CHARS else "" for line in self._lines]
        self._quoted = [*quoted, Span(len(text) + 1, len(text) + 1)]
        self._new: list[tuple[int, int]] = []

    def scan(self) -> tuple[Span, ...]:
        """The spans of new text."""
        index = offset = 0
        while index < len(self._lines):
            verdict, count = self._judge(index, offset)
            if verdict is _Verdict.PASSED_ON or (verdict is _Verdict.END and not self._new):
                break  # what is passed on, or has nothing above it, is the mail itself
            if verdict is _Verdict.END:
                return _spans(self._text, self._new)
            length = len(self._lines[index]) + 1
            if count > 1:
                length = sum(len(line) + 1 for line in self._lines[index : index + count])
            if verdict is _Verdict.NEW and (self._new or self._stripped[index]):
                self._keep(offset, offset + length)
            index, offset = index + count, offset + length
        self._keep(offset, len(self._text))
        return _spans(self._text, self._new)

    def _keep(self, start: int, end: int) -> None:
        if self._new and self._new[-1][1] == start:
            self._new[-1] = (self._new[-1][0], end)
        else:
            self._new.append((start, end))

    def _line(self, index: int) -> str:
        """A line fit for patterns; empty beyond the end and for what is too long to be one."""
        return self._stripped[index] if index < len(self._stripped) else ""

    def _judge(self, index: int, offset: int) -> tuple[_Verdict, int]:
        """What stands at *index*, and how many lines it takes."""
        if self._is_marked(index):
            return _Verdict.OLD, 1
        line, quoted = self._line(index), self._in_quoted(offset + len(self._lines[index]))
        if not line:
            return _Verdict.NEW, 1
        if not (quoted or is_notable(line)):
            return (_Verdict.OLD if self._closing_line(index, offset) else _Verdict.NEW), 1
        if FORWARD_MARK.match(line):
            return _Verdict.PASSED_ON, 1
        armour = self._armour_lines(index)
        if armour:
            return _Verdict.OLD, armour
        if self._begins_unmarked(index) or (quoted and self._quoted[0].end >= len(self._text)):
            return _Verdict.END, 1
        count = self._attribution_lines(index)
        if count and not quoted and not self._is_marked(self._next_filled(index + count)):
            return _Verdict.END, 1
        if (
            not count
            and RULER.fullmatch(line)
            and self._attribution_lines(self._next_filled(index + 1))
        ):
            return _Verdict.OLD, 1
        count = count or (
            1 if quoted else self._signature_lines(index) or self._closing_line(index, offset)
        )
        return (_Verdict.OLD, count) if count else (_Verdict.NEW, 1)

    def _armour_lines(self, index: int) -> int:
        """How many lines of armour begin at *index*: a signed text's head, or its signature."""
        line = self._line(index)
        if PGP_SIGNED.match(line):  # the head ends at an empty line (RFC 9580 §7)
            ends = (a for a in range(index, index + _ARMOUR_HEAD_LINES) if not self._line(a))
            return next(ends, index) - index + 1
        if PGP_SIGNATURE.match(line):
            limit = min(len(self._lines), index + _ARMOUR_LINES)
            ends = (a for a in range(index, limit) if PGP_END.match(self._line(a)))
            return next(ends, limit - 1) - index + 1
        return 0

    def _begins_unmarked(self, index: int) -> bool:
        """Whether an older mail follows in full, without marks before its lines."""
        line = self._line(index)
        if ORIGINAL_MARK.match(line) or self._is_header_block(index):
            return True
        if REPLY_ABOVE.fullmatch(line) or is_dashed_attribution(line) or has_attribution(line):
            return True
        if not (RULER.fullmatch(line) or TITLED_RULER.fullmatch(line)):
            return False
        following = self._next_filled(index + 1)
        return self._is_header_block(following) or self._ends_unmarked(following)

    def _ends_unmarked(self, index: int) -> bool:
        """Whether an attribution stands at *index*, and all below it is old although without marks."""
        count = self._attribution_lines(index)
        return count > 0 and not self._is_marked(self._next_filled(index + count))

    def _in_quoted(self, offset: int) -> bool:
        while self._quoted[0].end < offset:
            self._quoted.pop(0)
        return self._quoted[0].start < offset <= self._quoted[0].end

    def _is_marked(self, index: int) -> bool:
        """Whether the line bears a quote mark. `>From` is not one: mbox files escape so."""
        if index >= len(self._lines):
            return False
        start = self._lines[index][:5].lstrip()
        return start.startswith(">") and not start.startswith(">From")

    def _next_filled(self, index: int) -> int:
        """The next line with something on it, looking at most three lines on."""
        for ahead in range(index, index + 3):
            if ahead < len(self._lines) and self._lines[ahead].strip():
                return ahead
        return index + 3

    def _attribution_lines(self, index: int) -> int:
        """How many lines an attribution takes that begins at *index*; 0 without one."""
        line = self._line(index)
        if names_writer(line) and self._is_marked(self._next_filled(index + 1)):
            return 1
        if not may_begin_attribution(line):
            return 0
        joined = ""
        for count in range(1, _ATTRIBUTION_LINES + 1):
            piece = self._line(index + count - 1)
            if not piece or piece.startswith(">"):
                return 0
            joined = f"{joined} {piece}".lstrip()
            if piece[-1] in _COLONS:
                marked = self._is_marked(self._next_filled(index + count))
                return count if is_attribution(joined, marked=marked) else 0
        return 0

    def _is_header_block(self, index: int) -> bool:
        """Whether the fields of an older mail stand here: From, Subject and one more.

        Without a subject, From, To and a date do where one of them is an address: people, too, write
        from where to where and when they want to travel.
        """
        if not self._header_kind(index):
            return False
        kinds, others, address = set[str](), 0, False
        for ahead in range(index, index + _HEADER_LINES):
            kind = self._header_kind(ahead)
            if kind:
                kinds.add(kind)
                address = address or (kind in {"from", "to"} and "@" in self._line(ahead))
            elif self._line(ahead):
                others += 1
            if others > 2:
                break
        told = len(kinds & {"date", "to", "subject"})
        return "from" in kinds and told >= 2 and ("subject" in kinds or address)

    def _header_kind(self, index: int) -> str:
        found = HEADER_LABEL.match(self._line(index))
        return HEADER_KINDS.get(found[1].strip().lower(), "") if found else ""

    def _signature_lines(self, index: int) -> int:
        """How many lines the signature takes that begins at *index*; 0 without one."""
        if not self._is_signature_mark(index):
            return 0
        count = self._until_old(index + 1) - index
        filled = sum(bool(line.strip()) for line in self._lines[index + 1 : index + count])
        return count if filled <= _SIGNATURE_LINES else 0

    def _is_signature_mark(self, index: int) -> bool:
        """Whether a signature begins: `-- ` (RFC 3676 §4.3), or a mailing list's footer."""
        if SIGNATURE_MARK.fullmatch(self._lines[index]):
            return True
        is_ruler = bool(RULER.fullmatch(self._line(index)))
        return is_ruler and bool(LIST_FOOTER.fullmatch(self._line(self._next_filled(index + 1))))

    def _closing_line(self, index: int, offset: int) -> int:
        """1 for `Sent from my …`, or a name after a dash, where it ends what was written."""
        line, after = self._line(index), self._line(index + 1)
        contained = after and self._is_contained(offset + len(self._lines[index]) + 2)
        if after and not contained and after[0] not in _OLD_BEGINS and not is_device_line(after):
            return 0
        is_name = is_signed_name(line) and not (index and self._line(index - 1))
        if not (is_name or is_device_line(line)):
            return 0
        following = self._next_filled(index + 1)
        ends = following >= len(self._lines) or not self._line(following)
        return int(contained or ends or self._begins_old(following))

    def _is_contained(self, offset: int) -> bool:
        """Whether a container of old mail holds the character at *offset*, or just below it."""
        return any(span.start <= offset <= span.end for span in self._quoted[:2])

    def _begins_old(self, index: int) -> bool:
        line = self._line(index)
        return (
            self._is_marked(index)
            or bool(FORWARD_MARK.match(line) or RULER.fullmatch(line) or PGP_SIGNATURE.match(line))
            or self._begins_unmarked(index)
            or bool(self._attribution_lines(index))
            or (bool(line) and (self._is_signature_mark(index) or is_device_line(line)))
        )

    def _until_old(self, index: int) -> int:
        """The first line from *index* on that begins something old, or the end."""
        limit = min(len(self._lines), index + 4 * _SIGNATURE_LINES)
        return next((ahead for ahead in range(index, limit) if self._begins_old(ahead)), limit)

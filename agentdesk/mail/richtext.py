"""Rich text (RTF) of Outlook: unpacked, and made plain text or the HTML that it was made from.

Own reader, because compressed-rtf 1.0 writes byte by byte without a limit and gives up on a wrong
checksum, and RTFDE builds a grammar tree of the whole text. One pass over the tokens; sizes are
bounded. Source: [MS-OXRTFCP] §2 (packing), [MS-OXRTFEX] §2 (HTML in RTF), RTF 1.9.1.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from agentdesk.mail.charsets import decode

RTF_BYTES: Final = 1_000_000
"""More text than anybody reads; pictures and objects in it may be cut off."""

_WINDOW: Final = 4096
_FIRST: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What the window of every packed text holds before its first byte ([MS-OXRTFCP] §2.1.2.1)."""

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z\r\n])|([{}])|\\?[\r\n]+|([^\\{}\r\n]+)"
)
_NO_TEXT: Final = frozenset(
    {"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "themedata"}
    | {"headerl", "headerr", "headerf", "footerl", "footerr", "footerf", "listtable", "datastore"}
    | {
        "listoverridetable",
        "rsidtbl",
        "generator",
        "xmlnstbl",
        "latentstyles",
        "colorschememapping",
    }
    | {"filetbl", "revtbl", "fldinst", "bkmkstart", "bkmkend", "nonshppict", "pntext", "mhtmltag"}
)
_SIGNS: Final = {
    "par": "\n",
    "line": "\n",
    "sect": "\n",
    "page": "\n",
    "row": "\n",
    "cell": "\t",
    "tab": "\t",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": " ",
    "enspace": " ",
}
_CODE_PAGES: Final = {128: "932", 129: "949", 134: "936", 136: "950", 161: "1253", 162: "1254"} | {
    163: "1258", 177: "1255", 178: "1256", 186: "1257", 204: "1251", 222: "874", 238: "1250"
}  # fmt: skip


def decompress(data: bytes, limit: int) -> bytes:
    """The RTF packed in *data*, at most about *limit* bytes; what a damaged packing still gives.

    Empty for what is no packed RTF. The checksum is not looked at: half a text is better than none.
    """
    size, kind = int.from_bytes(data[:4], "little"), data[8:12]
    packed = data[16 : max(16, size + 4)]
    if kind == b"MELA":
        return packed[: min(limit, int.from_bytes(data[4:8], "little"))]
    return _unpacked(packed, limit) if kind == b"LZFu" else b""


def _unpacked(packed: bytes, limit: int) -> bytes:
    """LZ77 with a window of 4 KB that begins filled with `_FIRST` and blanks."""
    out = bytearray(b" " * (_WINDOW - len(_FIRST)) + _FIRST)
    shift = len(_FIRST) - len(out)  # place in the window = place in `out` + shift, modulo its size
    position, end, stop = 0, len(packed), len(out) + limit
    begin = len(out)
    while position < end and len(out) < stop:
        control = packed[position]
        position += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += packed[position : position + 1]
                position += 1
                continue
            token = int.from_bytes(packed[position : position + 2], "big")
            position += 2
            back = (len(out) + shift - (token >> 4)) % _WINDOW
            if position > end or not back:  # a reference to the place of writing ends the text
                return bytes(out[begin:])
            length = (token & 15) + 2
            piece = out[-back:][:length] if back < 20 else out[-back : length - back]
            while len(piece) < length:  # it overlaps what it writes
                piece += piece[: length - len(piece)]
            out += piece
    return bytes(out[begin:])


def is_markup(rtf: bytes) -> bool:
    r"""Whether *rtf* only wraps HTML (`\fromhtml1` in its head)."""
    return b"\\fromhtml1" in rtf[:500]


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until the closing brace."""

    skip: bool = False
    tag: bool = False
    without_html: bool = False
    code_page: str = ""
    width: int = 1


def rtf_to_text(rtf: bytes) -> str:
    """The text of *rtf*, or the HTML wrapped in it. Never fails; linear."""
    return _RtfReader(wraps_html=is_markup(rtf)).read(rtf[:RTF_BYTES].decode("latin-1"))


class _RtfReader:
    """Goes through the tokens once, keeping the open groups on a stack."""

    def __init__(self, *, wraps_html: bool) -> None:
        self._wraps_html = wraps_html
        self._groups: list[_Group] = []
        self._group = _Group(code_page="1252")
        self._out: list[str] = []
        self._bytes = bytearray()
        self._code_page = "1252"
        self._fonts: dict[int, str] = {}
        self._font = -1
        self._in_fonts = 0
        self._starred = False
        self._replaced = 0

    def read(self, rtf: str) -> str:
        """The text of *rtf*."""
        for found in _TOKEN.finditer(rtf):
            word, number, code, sign, brace, text = found.groups()
            if word:
                self._word(word, int(number) if number else None)
            elif code:
                self._byte(int(code, 16))
            elif brace:
                self._brace(brace)
            elif text:
                self._text(text)
            elif sign:
                self._sign(sign)
        self._flush()
        joined = "".join(self._out)  # `u` words give UTF-16, one half of a pair at a time
        return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _brace(self, brace: str) -> None:
        self._flush()
        self._replaced = 0
        if brace == "{":
            self._groups.append(self._group)
        elif self._groups:
            self._group = self._groups.pop()
            if len(self._groups) < self._in_fonts:
                self._in_fonts = 0
        self._starred = False

    def _word(self, word: str, number: int | None) -> None:
        starred, self._starred = self._starred, False
        self._flush()
        if word == "htmlrtf":
            self._group = replace(self._group, without_html=number != 0)
        elif word == "htmltag" and starred:
            self._group = replace(self._group, tag=True, skip=False)
        elif word == "fonttbl":
            self._in_fonts = len(self._groups)
            self._group = replace(self._group, skip=True)
        elif word in _NO_TEXT or (starred and word != "shppict"):
            self._group = replace(self._group, skip=True)
        elif word in {"ansicpg", "f", "fcharset", "uc"} and number is not None:
            self._set(word, number)
        elif word == "u" and number is not None:
            self._put(chr(number & 0xFFFF))
            self._replaced = self._group.width
        elif word in _SIGNS:
            self._put(_SIGNS[word])

    def _set(self, word: str, number: int) -> None:
        """A word that says how the following bytes are to be read."""
        if word == "uc":
            self._group = replace(self._group, width=min(number, 10))
        elif word == "ansicpg":
            self._code_page = str(number)
            self._group = replace(self._group, code_page=self._code_page)
        elif self._in_fonts and word == "f":
            self._font = number
        elif self._in_fonts:
            self._fonts[self._font] = _CODE_PAGES.get(number, "")
        else:
            page = self._fonts.get(number) or self._code_page
            self._group = replace(self._group, code_page=page)

    def _byte(self, value: int) -> None:
        if self._replaced > 0:
            self._replaced -= 1
        elif self._visible():
            self._bytes.append(value)

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._starred = True
        elif sign in "{}\\":
            self._text(sign)
        elif sign == "~":
            self._text("\xa0")
        elif sign == "_":
            self._text("-")

    def _text(self, text: str) -> None:
        self._flush()
        if self._replaced > 0:
            cut = min(self._replaced, len(text))
            self._replaced -= cut
            text = text[cut:]
        self._put(text)

    def _visible(self) -> bool:
        """Whether text here is shown: tags and what stands outside `htmlrtf`, where it wraps HTML."""
        if self._group.skip:
            return False
        return not self._wraps_html or self._group.tag or not self._group.without_html

    def _put(self, text: str) -> None:
        if self._visible():
            self._out.append(text)

    def _flush(self) -> None:
        """Bytes that belong together become letters together."""
        if self._bytes:
            data, page = bytes(self._bytes), self._group.code_page
            self._bytes.clear()
            self._out.append(decode(data, "utf-8" if page == "65001" else f"cp{page}"))

"""In which line of a TOML file a key stands: tomllib does not tell, and errors must."""

import tomllib
from bisect import bisect_left

from agentdesk.settings.problems import Loc

SPACE = " \t\r\n"
ENDS_BARE = SPACE + ",]}=.#"


def lines(text: str) -> dict[Loc, int]:
    """The line of each key, table and list item in *text*, counted from 1.

    *text* is TOML that tomllib accepts, with "\\n" line ends; a table stands where its header does.
    """
    return _Scanner(text).scan()


def line_of(positions: dict[Loc, int], loc: Loc) -> int:
    """The line of *loc* (of a list of tables: its first), or of the nearest table around it that is
    written; 0 if there is none.
    """
    for length in range(len(loc), 0, -1):
        place = loc[:length]
        if line := positions.get(place) or positions.get((*place, 0)):
            return line
    return 0


class _Scanner:
    """Reads valid TOML once, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[Loc, int] = {}
        self._counts: dict[Loc, int] = {}
        self._ends = [at for at, character in enumerate(text) if character == "\n"]

    def scan(self) -> dict[Loc, int]:
        table: Loc = ()
        while self._peek():
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _peek(self) -> str:
        """The next character that means something, or an empty string."""
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "#":
                self._at = self._find("\n")
            elif character not in SPACE:
                return character
            else:
                self._at += 1
        return ""

    def _find(self, what: str) -> int:
        found = self._text.find(what, self._at)
        return found if found >= 0 else len(self._text)

    def _note(self, loc: Loc) -> None:
        self._lines.setdefault(loc, bisect_left(self._ends, self._at) + 1)

    def _header(self) -> Loc:
        """`[a.b]` or `[[a.b]]`: the place that the following keys belong to."""
        several = self._text.startswith("[[", self._at)
        start = self._at
        self._at += 2 if several else 1
        *parents, last = self._keys()
        loc: Loc = (*self._current(tuple(parents)), last)
        self._at = self._find("]") + (2 if several else 1)
        if several:
            self._counts[loc] = self._counts.get(loc, -1) + 1
        loc = self._latest(loc)
        end, self._at = self._at, start
        self._note(loc)
        self._at = end
        return loc

    def _current(self, path: Loc) -> Loc:
        """*path* with the newest item of each list of tables on the way."""
        loc: Loc = ()
        for part in path:
            loc = self._latest((*loc, part))
        return loc

    def _latest(self, loc: Loc) -> Loc:
        return (*loc, self._counts[loc]) if loc in self._counts else loc

    def _keys(self) -> list[str]:
        """A dotted key, up to what follows it."""
        keys = [self._key()]
        while self._peek() == ".":
            self._at += 1
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        if self._peek() in "\"'":
            start = self._at
            self._string()
            name = tomllib.loads(f"k = {self._text[start : self._at]}")["k"]
            return str(name)
        start = self._at
        self._bare(ENDS_BARE)
        return self._text[start : self._at]

    def _pair(self, table: Loc) -> None:
        self._peek()
        start = self._at
        keys = self._keys()
        end, self._at = self._at, start
        for length in range(1, len(keys) + 1):
            self._note((*table, *keys[:length]))
        self._at = end
        self._peek()
        self._at += 1  # the equals sign
        self._value((*table, *keys))

    def _value(self, loc: Loc) -> None:
        first = self._peek()
        if first == "[":
            self._items(loc)
        elif first == "{":
            self._inline(loc)
        elif first in "\"'":
            self._string()
        else:
            self._bare(",]}#\n")

    def _items(self, loc: Loc) -> None:
        self._at += 1
        index = 0
        while self._peek() != "]":
            if self._peek() == ",":
                self._at += 1
                continue
            self._note((*loc, index))
            self._value((*loc, index))
            index += 1
        self._at += 1

    def _inline(self, loc: Loc) -> None:
        self._at += 1
        while self._peek() != "}":
            if self._peek() == ",":
                self._at += 1
                continue
            self._pair(loc)
        self._at += 1

    def _bare(self, ends: str) -> None:
        while self._at < len(self._text) and self._text[self._at] not in ends:
            self._at += 1

    def _string(self) -> None:
        quote = self._text[self._at]
        if self._text.startswith(quote * 3, self._at):
            self._long_string(quote * 3)
            return
        self._at += 1
        while self._text[self._at] != quote:
            self._at += 2 if quote == '"' and self._text[self._at] == "\\" else 1
        self._at += 1

    def _long_string(self, quotes: str) -> None:
        self._at += 3
        while not self._text.startswith(quotes, self._at):
            self._at += 2 if quotes[0] == '"' and self._text[self._at] == "\\" else 1
        self._at += 3
        while self._text[self._at : self._at + 1] == quotes[0]:  # up to two quotes may end the text
            self._at += 1

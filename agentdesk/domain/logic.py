"""What a condition means once it is understood: comparisons joined by and, or, not.

`domain.condition` reads them from text; `str` gives the text back in its plainest form.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from agentdesk.domain.facts import Facts, Field, Kind

Literal = str | Decimal | bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What a test asks about: a field, or the header field `header`."""

    field: Field
    header: str = ""

    def __str__(self) -> str:
        return f"header[{quoted(self.header)}]" if self.header else self.field.name

    def texts(self, facts: Facts) -> tuple[str, ...]:
        """Its values, folded; a header may have several."""
        if self.header:
            return facts.headers.get(self.header, ())
        return facts.texts.get(self.field.name, ())

    def number(self, facts: Facts) -> float | Decimal:
        """Its value; flags are 0 or 1."""
        return facts.numbers.get(self.field.name, 0)


@dataclass(frozen=True)
class Comparison:
    """One comparison. `negated`: `!=`, `is not empty`, `not in` and their like."""

    subject: Subject
    operator: str
    values: tuple[Literal, ...] = ()
    negated: bool = False
    _folded: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        texts = tuple(v.casefold() for v in self.values if isinstance(v, str))
        object.__setattr__(self, "_folded", texts)

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of *facts*."""
        if self.subject.field.kind in (Kind.NUMBER, Kind.FLAG):
            return self._number_fits(self.subject.number(facts)) is not self.negated
        found = self.subject.texts(facts)
        if self.operator == "is empty":
            return any(found) is self.negated
        test = TEXT_TESTS[self.operator]
        return any(test(v, w) for v in found for w in self._folded) is not self.negated

    def _number_fits(self, found: float | Decimal) -> bool:
        if not self.values:
            return bool(found)
        test = NUMBER_TESTS[self.operator]
        return any(test(found, v) for v in self.values if not isinstance(v, str))

    def __str__(self) -> str:
        if not self.operator:
            return str(self.subject)
        said = " ".join(filter(None, (str(self.subject), self._operator(), self._values())))
        return said

    def _operator(self) -> str:
        if not self.negated:
            return self.operator
        return {"=": "!=", "is empty": "is not empty"}.get(self.operator, f"not {self.operator}")

    def _values(self) -> str:
        said = ", ".join(_literal(v) for v in self.values)
        return f"({said})" if self.operator == "in" else said


def _literal(value: Literal) -> str:
    if isinstance(value, str):
        return quoted(value)
    return str(value).lower() if isinstance(value, bool) else format(value, "f")


def quoted(text: str) -> str:
    """A text as a condition writes it."""
    return '"' + text.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Node"

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of *facts*."""
        return not self.part.holds(facts)

    def __str__(self) -> str:
        return f"not {_inside(self.part, (All, Either))}"


@dataclass(frozen=True, slots=True)
class All:
    """`and`; without parts always true."""

    parts: tuple["Node", ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of *facts*."""
        return all(part.holds(facts) for part in self.parts)

    def __str__(self) -> str:
        return " and ".join(_inside(part, (All, Either)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Either:
    """`or`."""

    parts: tuple["Node", ...]

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of *facts*."""
        return any(part.holds(facts) for part in self.parts)

    def __str__(self) -> str:
        return " or ".join(_inside(part, (Either,)) for part in self.parts)


Node = Comparison | Not | All | Either


def _inside(part: Node, loose: tuple[type, ...]) -> str:
    return f"({part})" if isinstance(part, loose) else str(part)


@dataclass(frozen=True, slots=True)
class Condition:
    """An understood condition. `fields` and `headers` are what it needs to know."""

    root: Node = All()
    fields: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()

    def matches(self, facts: Facts) -> bool:
        """Whether it is true of *facts*; the empty condition always is."""
        return self.root.holds(facts)

    def __str__(self) -> str:
        return str(self.root)


def is_like(text: str, pattern: str) -> bool:
    """Whether the whole of *text* fits *pattern*, where * stands for anything.

    Each piece is taken where it is first found, which is right because * can always give way: one
    pass over the text.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    last = rest.pop()
    if len(text) < len(first) + len(last) or not text.startswith(first):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in rest:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return text.endswith(last)


TEXT_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "=": lambda found, wanted: found == wanted,
    "in": lambda found, wanted: found == wanted,
    "contains": lambda found, wanted: wanted in found,
    "starts with": str.startswith,
    "ends with": str.endswith,
    "like": is_like,
}
NUMBER_TESTS: Final[Mapping[str, Callable[[float | Decimal, Decimal | bool], bool]]] = {
    "=": lambda found, wanted: found == wanted,
    "in": lambda found, wanted: found == wanted,
    "<": lambda found, wanted: found < wanted,
    "<=": lambda found, wanted: found <= wanted,
    ">": lambda found, wanted: found > wanted,
    ">=": lambda found, wanted: found >= wanted,
}

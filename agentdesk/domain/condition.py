"""Conditions: which work a channel, a queue or a rule means, in a small safe language.

    customer.vip and subject contains "refund"
    priority <= 2 or customer.domain in ("acme.example", "fjord.example")
    header["list-id"] is not empty and not (to = "sales@northwind.example")

`FIELDS` says what can be asked, `OPERATORS` how. Texts stand in single or double quotes, a quote
inside doubled; they compare without regard to case. `like` knows * only. `and` binds more tightly
than `or`. Nothing is evaluated but what `domain.logic` defines, in a time that grows with the lengths
of condition and mail and no faster.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from agentdesk.domain.errors import BadInput
from agentdesk.domain.facts import FIELDS, HEADER, Facts, Field, Kind, facts
from agentdesk.domain.logic import (
    All,
    Comparison,
    Condition,
    Either,
    Literal,
    Node,
    Not,
    Subject,
    quoted,
)

__all__ = ["FIELDS", "OPERATORS", "Condition", "ConditionError", "Facts", "facts", "parse"]

LONGEST: Final = 2_000
"""Characters of one condition."""
DEEPEST: Final = 20
"""Parentheses and `not` inside each other."""
OPERATORS: Final[Mapping[str, str]] = {
    "= !=": "is, is not",
    "< <= > >=": "for numbers",
    "contains": 'part of a text: subject contains "refund"',
    "starts with, ends with": 'account.name starts with "Acme"',
    "like": 'the whole text, * for anything: subject like "order * damaged"',
    "in (…)": 'one of several: customer.language in ("es", "ca")',
    "is empty, is not empty": 'header["list-id"] is not empty',
    "not in, not contains, …": "the opposite",
    "and, or, not, ( )": "and binds more tightly than or",
}
"""How to compare and join, a line of help each, for docs and the admin screen."""


class ConditionError(BadInput, ValueError):
    """A condition that cannot be understood. `column`, from 1, is where; `sentence` says why."""

    def __init__(self, column: int, sentence: str) -> None:
        super().__init__(f"column {column}: {sentence}")
        self.column = column
        self.sentence = sentence


@lru_cache(maxsize=1_000)
def parse(text: str) -> Condition:
    """The condition that *text* says; an empty one is always true. Raises `ConditionError`."""
    if len(text) > LONGEST:
        raise ConditionError(LONGEST + 1, f"a condition has at most {LONGEST:,} characters")
    parser = Parser(_tokens(text))
    root = parser.whole()
    return Condition(root, frozenset(parser.fields), frozenset(parser.headers))


@dataclass(frozen=True, slots=True)
class Token:
    """One word, text, number or sign. `said`: as typed; `value`: what it means."""

    sort: str
    said: str
    value: str
    column: int


_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
    |(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))
    |(?P<word>[^\W\d][\w.\-]*)
    |(?P<sign><=|>=|!=|<>|==|[=<>(),\[\]])""",
    re.VERBOSE,
)
_LONGEST_NUMBER: Final = 12
_HEADER_NAME: Final = re.compile(r"[!-9;-~]{1,76}")
_SAME: Final = {"==": "=", "<>": "!="}
_SHOWN: Final = 40


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ConditionError(at + 1, _strange(text[at]))
        sort, said = str(match.lastgroup), match[0]
        if sort == "number" and len(said) > _LONGEST_NUMBER:
            raise ConditionError(at + 1, f"a number has at most {_LONGEST_NUMBER} digits")
        if sort != "space":
            found.append(Token(sort, said, _meant(sort, said), at + 1))
        at = match.end()
    found.append(Token("end", "", "", len(text) + 1))
    return found


def _strange(sign: str) -> str:
    if sign in "\"'":
        return f"the text that begins here has no closing {sign}"
    if sign in "“”‘’„«»":
        return f'write plain quotes " instead of {sign}'
    if sign.isdigit() or sign == "-":
        return "this is no number"
    return f"{sign if sign.isprintable() else 'this character'} means nothing here"


def _meant(sort: str, said: str) -> str:
    if sort == "text":
        return said[1:-1].replace(said[0] * 2, said[0])
    if sort == "sign":
        return _SAME.get(said, said)
    return said.casefold()


class Parser:
    """Reads tokens from left to right, each once. `taken` counts them."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._depth = 0
        self.taken = 0
        self.fields: set[str] = set()
        self.headers: set[str] = set()

    @property
    def _next(self) -> Token:
        return self._tokens[self.taken]

    def _take(self) -> Token:
        token = self._next
        self.taken += token.sort != "end"
        return token

    def _takes(self, *values: str) -> bool:
        """Take the next token if it is one of these words or signs."""
        there = self._next.sort in ("word", "sign") and self._next.value in values
        if there:
            self._take()
        return there

    def whole(self) -> Node:
        """The condition that all tokens make."""
        if self._next.sort == "end":
            return All()
        root = self._either()
        if self._next.sort != "end":
            raise self._expected("and, or, or the end")
        return root

    def _either(self) -> Node:
        return self._joined("or", lambda: self._joined("and", self._part, All), Either)

    def _joined(
        self, word: str, part: Callable[[], Node], join: Callable[[tuple[Node, ...]], Node]
    ) -> Node:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        return join(tuple(parts)) if len(parts) > 1 else parts[0]

    def _part(self) -> Node:
        opening = self._next
        if self._takes("not"):
            self._enter(opening)
            part: Node = Not(self._part())
        elif self._takes("("):
            self._enter(opening)
            part = self._either()
            self._need(")", f"a ) that closes the ( at column {opening.column}")
        else:
            return self._comparison()
        self._depth -= 1
        return part

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            why = f"parentheses and not go at most {DEEPEST} deep"
            raise ConditionError(token.column, why)

    def _comparison(self) -> Comparison:
        subject = self._subject()
        field = subject.field
        operator, negated = self._operator(subject)
        if operator in ("", "is empty"):
            return Comparison(subject, operator, (), negated)
        if operator == "in":
            return Comparison(subject, operator, self._list(field), negated)
        return Comparison(subject, operator, (self._value(field, operator),), negated)

    def _subject(self) -> Subject:
        token = self._next
        if token.sort != "word" or token.value in ("and", "or", "not", "in", "is"):
            raise self._expected("a field such as subject")
        self._take()
        if token.value == "header":
            return self._header()
        field = FIELDS.get(token.value)
        if field is None:
            raise ConditionError(token.column, _unknown(token))
        self.fields.add(field.name)
        return Subject(field)

    def _header(self) -> Subject:
        self._need("[", 'the name of a header field: header["list-id"]')
        name = self._take()
        if name.sort != "text" or not _HEADER_NAME.fullmatch(name.value):
            why = 'expected the name of a header field in quotes: header["list-id"]'
            raise ConditionError(name.column, why)
        self._need("]", "a ] after the name")
        self.headers.add(name.value.lower())
        return Subject(HEADER, name.value.lower())

    def _operator(self, subject: Subject) -> tuple[str, bool]:
        """The operator, and whether it is turned round; an empty one for a flag that stands alone."""
        token = self._next
        operator, negated = self._said_operator(subject)
        kind = subject.field.kind
        if operator not in _ALLOWED[kind]:
            raise ConditionError(token.column, _misused(subject, operator))
        return operator, negated

    def _said_operator(self, subject: Subject) -> tuple[str, bool]:
        if self._takes("is"):
            negated = self._takes("not")
            self._need("empty", "empty, or not empty, after is")
            return "is empty", negated
        negated = self._takes("not")
        token = self._next
        if self._takes("starts", "ends"):
            self._need("with", f"with after {token.value}")
            return f"{token.value} with", negated
        if self._takes("contains", "like", "in"):
            return token.value, negated
        if not negated and self._takes("!="):
            return "=", True
        if not negated and self._takes("=", "<", "<=", ">", ">="):
            return token.value, False
        if subject.field.kind is Kind.FLAG and not negated:
            return "", False
        if negated:
            raise self._expected("in, contains, starts with, ends with or like after not")
        raise self._expected(f"a comparison such as = after {subject}")

    def _list(self, field: Field) -> tuple[Literal, ...]:
        self._need("(", "a list in parentheses after in")
        values = [self._value(field, "in (")]
        while self._takes(","):
            values.append(self._value(field, "the comma"))
        self._need(")", "a comma or a ) after the value")
        return tuple(values)

    def _value(self, field: Field, after: str) -> Literal:
        token = self._next
        if field.kind is Kind.NUMBER and token.sort == "number":
            value: Literal = Decimal(self._take().value)
        elif field.kind is Kind.FLAG and token.sort == "word" and token.value in ("true", "false"):
            value = self._take().value == "true"
        elif field.kind in (Kind.TEXT, Kind.TEXTS) and token.sort == "text":
            value = self._take().value
            _check_choice(field, token, after)
        else:
            raise self._expected(f"{_VALUES[field.kind]} after {after}")
        return value

    def _need(self, value: str, what: str) -> None:
        if not self._takes(value):
            raise self._expected(what)

    def _expected(self, what: str) -> ConditionError:
        token = self._next
        said = f", not {token.said[:_SHOWN]}" if token.sort != "end" else ""
        return ConditionError(token.column, f"expected {what}{said}")


_TEXTUAL: Final = frozenset({"=", "in", "contains", "starts with", "ends with", "like", "is empty"})
_ALLOWED: Final = {
    Kind.TEXT: _TEXTUAL,
    Kind.TEXTS: _TEXTUAL,
    Kind.NUMBER: frozenset({"=", "<", "<=", ">", ">=", "in"}),
    Kind.FLAG: frozenset({"", "="}),
}
_VALUES: Final = {
    Kind.TEXT: "a text in quotes",
    Kind.TEXTS: "a text in quotes",
    Kind.NUMBER: "a number",
    Kind.FLAG: "true or false",
}
_KINDS: Final = {
    Kind.TEXT: "a text; use =, contains, starts with, ends with, like, in or is empty",
    Kind.TEXTS: "a text; use =, contains, starts with, ends with, like, in or is empty",
    Kind.NUMBER: "a number; use =, !=, <, <=, >, >= or in",
    Kind.FLAG: "true or false; write it alone, or with = or !=",
}


def _misused(subject: Subject, operator: str) -> str:
    return f"{operator} does not fit: {subject} is {_KINDS[subject.field.kind]}"


def _unknown(token: Token) -> str:
    near = get_close_matches(token.value[:_SHOWN], [*FIELDS, "header"], 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{quoted(token.said[:_SHOWN])} is not known{hint}"


def _check_choice(field: Field, token: Token, after: str) -> None:
    """A value that a field never has is a slip of the pen."""
    exact = after in ("=", "in (", "the comma")
    if field.choices and exact and token.value.casefold() not in field.choices:
        *others, last = field.choices
        why = f"{field.name} is never {quoted(token.value[:_SHOWN])}; it is {', '.join(others)} or {last}"
        raise ConditionError(token.column, why)

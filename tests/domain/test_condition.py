"""Conditions: what they say, what they mean, and how they refuse."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.condition import (
    DEEPEST,
    FIELDS,
    LONGEST,
    ConditionError,
    Parser,
    _tokens,
    facts,
    parse,
)
from agentdesk.domain.errors import DeskError
from agentdesk.domain.facts import HEADER, Facts, Kind
from agentdesk.domain.logic import (
    All,
    Comparison,
    Either,
    Node,
    Not,
    Subject,
    is_like,
)

MARA = facts(
    {
        "subject": "Refund for ORDER 5512",
        "text": "I want my money back, straße 5",
        "priority": 2,
        "direction": "inbound",
        "to": ("Support@northwind.example", "info@northwind.example"),
        "cc": (),
        "attachments": 1,
        "size_kb": 12.5,
        "kind": "normal",
        "customer.vip": True,
        "customer.domain": "acme.example",
        "customer.language": "",
        "account.name": "Acme Ltd",
    },
    {"list-id": ("<News.acme.example>",), "x-mailer": ("One", "Two")},
)

TRUE = [
    "",
    "customer.vip",
    'customer.vip and subject contains "refund"',
    'CUSTOMER.VIP AND Subject CONTAINS "REFUND"',
    'header["list-id"] is not empty',
    'header["List-ID"] contains "news"',
    'header["x-mailer"] = "two"',
    'header["x-priority"] is empty',
    'priority <= 2 or customer.domain in ("nobody.example", "fjord.example")',
    'customer.domain in ("acme.example", "fjord.example")',
    'to = "support@northwind.example"',
    'to ends with "@northwind.example"',
    'not (to = "sales@x.example")',
    "cc is empty",
    'cc != "a@b.example"',
    'account.name starts with "Acme"',
    "attachments > 0",
    "size_kb >= 12.5 and size_kb < 13",
    "priority in (1, 2)",
    "priority not in (3, 4)",
    'subject like "refund * order *"',
    'subject not like "order*"',
    "text contains 'STRASSE'",
    "customer.language is empty",
    "customer.known = false",
    "not customer.known and customer.known != true",
    'subject = "x" or priority = 2 and customer.vip',
    "subject != 'it''s'",
    'direction = "Inbound"',
    "customer.vip\n  and priority == 2",
    "priority <> -3",
]
FALSE = [
    "not customer.vip",
    'subject = "refund"',
    'subject like "refund"',
    "attachments > 1",
    '(subject = "x" or priority = 2) and customer.known',
    'to not ends with "@northwind.example"',
    'header["x-priority"] = ""',
    "customer.language is not empty",
    'header["x-mailer"] != "two"',
    "customer.time_zone is not empty",
]


@pytest.mark.parametrize("text", TRUE)
def test_true(text: str) -> None:
    assert parse(text).matches(MARA)


@pytest.mark.parametrize("text", FALSE)
def test_false(text: str) -> None:
    assert not parse(text).matches(MARA)


REFUSED = [
    ("customer.vip and customer.vipp", 18, "did you mean customer.vip?"),
    ('header["a"] = "x" and headr["b"] = 1', 23, "did you mean header?"),
    ("priority = ", 12, "expected a number after ="),
    ("priority =", 11, "expected a number after ="),
    ("subject = 5", 11, "expected a text in quotes after =, not 5"),
    ('subject < "x"', 9, "< does not fit: subject is a text"),
    ('priority contains "1"', 10, "contains does not fit: priority is a number"),
    ("priority is empty", 10, "is empty does not fit: priority is a number"),
    ('customer.vip = "yes"', 16, "expected true or false after ="),
    ("customer.vip > true", 14, "write it alone"),
    ('subject "x"', 9, "expected a comparison such as = after subject"),
    ("subject is 5", 12, "expected empty, or not empty, after is"),
    ('subject starts "x"', 16, "expected with after starts"),
    ('subject in "x"', 12, "expected a list in parentheses after in"),
    ('subject in ("x"', 16, "expected a comma or a ) after the value"),
    ("subject in ()", 13, "expected a text in quotes after in ("),
    ('subject in ("x",)', 17, "expected a text in quotes after the comma"),
    ('subject not = "x"', 13, "expected in, contains"),
    ('(subject = "x"', 15, "expected a ) that closes the ( at column 1"),
    ('subject = "x")', 14, "expected and, or, or the end, not )"),
    ("customer.vip customer.known", 14, "expected and, or, or the end"),
    ("customer.vip and", 17, "expected a field such as subject"),
    ("not", 4, "expected a field such as subject"),
    ('subject = "x', 11, "has no closing"),
    ("subject = 'x\"", 11, "has no closing '"),
    ("subject = “x”", 11, "write plain quotes"),
    ("subject ~ 5", 9, "~ means nothing here"),
    ("priority = 3x", 12, "this is no number"),
    ("priority = 1234567890123", 12, "at most 12 digits"),
    ('direction = "inbond"', 13, 'direction is never "inbond"; it is inbound or outbound'),
    ('kind in ("list", "spam")', 18, 'kind is never "spam"'),
    ("header = 3", 8, 'header["list-id"], not ='),
    ('header["a b"] is empty', 8, "expected the name of a header field in quotes"),
    ('header[""] is empty', 8, "expected the name of a header field in quotes"),
    ('header["a" is empty', 12, "expected a ] after the name"),
    ("not " * (DEEPEST + 1) + "customer.vip", 4 * DEEPEST + 1, "at most 20 deep"),
    ("(" * 500, DEEPEST + 1, "at most 20 deep"),
    ("x" * (LONGEST + 1), LONGEST + 1, "at most 2,000 characters"),
    ("subject\x00", 8, "this character means nothing here"),
]


@pytest.mark.parametrize(("text", "column", "said"), REFUSED)
def test_an_error_names_the_column_and_what_to_do(text: str, column: int, said: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse(text)
    assert caught.value.column == column
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"column {column}: ")
    assert isinstance(caught.value, DeskError)


def test_a_condition_says_what_it_needs_to_know() -> None:
    said = parse('customer.vip and (subject = "x" or header["List-ID"] is empty)')
    assert said.fields == {"customer.vip", "subject"}
    assert said.headers == {"list-id"}


def test_every_field_can_be_asked_and_is_explained() -> None:
    for name, field in FIELDS.items():
        test = {Kind.NUMBER: f"{name} = 1", Kind.FLAG: name}.get(field.kind, f"{name} is empty")
        assert parse(test).fields == {name}
        assert field.help


def test_empty_facts_are_empty_zero_and_false() -> None:
    for name, field in FIELDS.items():
        test = {Kind.NUMBER: f"{name} = 0", Kind.FLAG: f"not {name}"}
        assert parse(test.get(field.kind, f"{name} is empty")).matches(Facts())


words = st.text(max_size=12)
names = st.from_regex(r"[a-z][a-z0-9\-]{0,20}", fullmatch=True)
textual = [f for f in FIELDS.values() if f.kind in (Kind.TEXT, Kind.TEXTS) and not f.choices]
texts = st.sampled_from(textual).map(Subject) | names.map(lambda n: Subject(HEADER, n))
numbers = st.sampled_from([f for f in FIELDS.values() if f.kind is Kind.NUMBER]).map(Subject)
flags = st.sampled_from([f for f in FIELDS.values() if f.kind is Kind.FLAG]).map(Subject)
decimals = st.decimals(-99_999, 99_999, places=3)
one = st.tuples(words)
some = st.lists(words, min_size=1, max_size=3).map(tuple)
few = st.lists(decimals, min_size=1, max_size=3).map(tuple)
textual_operators = st.sampled_from(["=", "contains", "starts with", "ends with", "like"])
comparisons = (
    st.builds(Comparison, texts, textual_operators, one, st.booleans())
    | st.builds(Comparison, texts, st.just("in"), some, st.booleans())
    | st.builds(Comparison, texts, st.just("is empty"), st.just(()), st.booleans())
    | st.builds(Comparison, numbers, st.sampled_from(["<", "<=", ">", ">="]), st.tuples(decimals))
    | st.builds(Comparison, numbers, st.just("="), st.tuples(decimals), st.booleans())
    | st.builds(Comparison, numbers, st.just("in"), few, st.booleans())
    | st.builds(Comparison, flags, st.just(""))
    | st.builds(Comparison, flags, st.just("="), st.tuples(st.booleans()), st.booleans())
)


def _joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, parts) | st.builds(All, several) | st.builds(Either, several)


nodes: st.SearchStrategy[Node] = st.recursive(comparisons, _joined, max_leaves=8)
mails = st.builds(
    lambda texts, numbers, headers: facts({**texts, **numbers}, headers),
    st.dictionaries(st.sampled_from([f.name for f in textual]), words),
    st.dictionaries(st.sampled_from(["priority", "size_kb", "customer.vip"]), st.integers(0, 9)),
    st.dictionaries(names, st.lists(words, max_size=2).map(tuple), max_size=3),
)


@given(nodes)
def test_what_is_printed_is_read_as_the_same(node: Node) -> None:
    said = str(node)
    if len(said) <= LONGEST:
        assert parse(said).root == node
        assert str(parse(said)) == said


@given(nodes, nodes, mails)
def test_not_turns_round_and_goes_through(a: Node, b: Node, mail: Facts) -> None:
    assert Not(a).holds(mail) is not a.holds(mail)
    assert Not(Not(a)).holds(mail) is a.holds(mail)
    assert Not(All((a, b))).holds(mail) is Either((Not(a), Not(b))).holds(mail)
    assert Not(Either((a, b))).holds(mail) is All((Not(a), Not(b))).holds(mail)


@given(comparisons.filter(lambda c: c.values or c.operator == "is empty"), mails)
def test_a_turned_operator_is_the_opposite(c: Comparison, mail: Facts) -> None:
    turned = Comparison(c.subject, c.operator, c.values, not c.negated)
    assert turned.holds(mail) is not c.holds(mail)


pieces = st.sampled_from(
    [
        "and",
        "or",
        "not",
        "(",
        ")",
        "in",
        "is",
        "empty",
        "=",
        "!=",
        "<",
        ">=",
        "contains",
        "starts",
        "with",
        "like",
        '"x"',
        "'y'",
        "5",
        "-1.5",
        ",",
        "[",
        "]",
        '"',
        "subject",
        "to",
        "customer.vip",
        "priority",
        "header",
        "customer.vipp",
        "true",
        "~",
        "“",
        "é",
        "5x",
    ]
)


@given(st.text() | st.lists(pieces, max_size=30).map(" ".join))
def test_any_text_is_understood_or_refused_with_a_column(text: str) -> None:
    refused: ConditionError | None = None
    try:
        parse(text)
    except ConditionError as error:
        refused = error
    if refused is not None:
        assert 1 <= refused.column <= len(text) + 1
        assert refused.sentence


@given(st.lists(pieces, max_size=60).map(" ".join))
def test_every_token_is_looked_at_once(text: str) -> None:
    try:
        tokens = _tokens(text)
    except ConditionError:
        return
    parser = Parser(tokens)
    try:
        parser.whole()
        assert parser.taken == len(tokens) - 1
    except ConditionError:
        assert parser.taken <= len(tokens) - 1


class Counted(str):
    """A text that counts how often it is searched, and how far."""

    __slots__ = ("steps",)
    steps: int

    def find(self, sub: str, start: int = 0, end: int = -1) -> int:  # type: ignore[override]
        """As always, counting the characters that were passed."""
        found = super().find(sub, start, end)
        self.steps += (found + len(sub) if found >= 0 else end) - start
        return found


@given(st.text("ab", max_size=60), st.text("ab*", max_size=12))
def test_like_is_what_a_search_with_any_split_finds(text: str, pattern: str) -> None:
    def fits(text: str, pattern: str) -> bool:
        reached = {0}
        for sign in pattern:
            if sign == "*":
                reached = set(range(min(reached, default=len(text) + 1), len(text) + 1))
            else:
                reached = {n + 1 for n in reached if text[n : n + 1] == sign}
        return len(text) in reached

    assert is_like(text, pattern) is fits(text, pattern)


@given(st.integers(1, 40), st.integers(100, 400))
def test_like_passes_over_a_text_once(stars: int, length: int) -> None:
    text = Counted("a" * length)
    text.steps = 0
    assert not is_like(text, "*".join(["", *["a"] * stars, "b", ""]))
    assert text.steps <= length + stars + 1


def test_a_number_is_compared_exactly() -> None:
    assert parse("size_kb = 0.1").matches(facts({"size_kb": Decimal("0.1")}))
    assert not parse("priority > 2").matches(facts({"priority": 2}))

"""Who a note mentions: logins, first names and names; never an address or an @ in a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.ids import AgentId
from agentdesk.domain.mention import (
    Colleague,
    agents_of,
    begun,
    completions,
    excerpt,
    parse,
    written,
)

ANA = Colleague(AgentId(1), "ana", "Ana Ruiz")
BEN = Colleague(AgentId(2), "b.okafor", "Ben Okafor")
BEN_TOO = Colleague(AgentId(3), "bito", "Ben Ito")
MARIA = Colleague(AgentId(4), "mj", "Anna-Maria José")
EVERYBODY = (ANA, BEN, BEN_TOO, MARIA)


def named(text: str) -> list[int]:
    return [int(i) for i in agents_of(parse(text, EVERYBODY).found)]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@ana", [1]),
        ("@Ana, please look", [1]),
        ("Ask @Ana Ruiz.", [1]),
        ("(@ana ruiz)", [1]),
        ('@"Ana Ruiz" knows', [1]),
        ('@"ana"', [1]),
        ("@b.okafor.", [2]),
        ("@Ben Ito and @ben okafor", [3, 2]),
        ("@Anna-Maria José: hello", [4]),
        ("@ana @ana @ANA", [1]),
        ("@ana's customer", [1]),
        ("line\n@ana\n", [1]),
        ("mara@ana.example", []),
        ("ana@northwind.example", []),
        ("write to <ana@ana>", []),
        ("x@ana", []),
        ("a.@ana", []),
        ("@@ana", []),
        ("@ ana", []),
        ("@", []),
        ("@ana@fjord.example", []),
        ("@anabel", []),
        ("@Ana Ruizx", [1]),
        ("https://x.example/@ana", []),
    ],
)
def test_who_is_meant(text: str, who: list[int]) -> None:
    assert named(text) == who


def test_the_place_of_each_mention_is_known() -> None:
    text = 'Hi @ana, see @"Ben Ito" and @Ben Okafor!'
    said = [text[m.span.start : m.span.end] for m in parse(text, EVERYBODY).found]
    assert said == ["@ana", '@"Ben Ito"', "@Ben Okafor"]


def test_names_that_mean_nobody_or_several_are_told() -> None:
    made = parse("@bob and @ben and @bob", EVERYBODY)
    assert made.found == ()
    assert made.remarks == (
        "Nobody here is called @bob: nobody was told.",
        "@ben may be Ben Okafor (@b.okafor) or Ben Ito (@bito): nobody was told.",
    )
    assert len(parse("@a1 @a2 @a3 @a4 @a5", EVERYBODY).remarks) == 3


def test_a_login_goes_before_a_first_name() -> None:
    other = Colleague(AgentId(9), "ruiz", "Ana Silva")
    assert [m.agent_id for m in parse("@ana", (ANA, other)).found] == [1]
    assert [m.agent_id for m in parse("@ruiz", (ANA, other)).found] == [9]


def test_two_of_one_name_are_told_apart_by_login() -> None:
    twin = Colleague(AgentId(9), "ana2", "Ana Ruiz")
    assert parse("@Ana Ruiz", (ANA, twin)).found == ()
    assert written(twin, (ANA, twin)) == "@ana2"
    assert written(ANA, EVERYBODY) == "@Ana Ruiz"


@given(st.text(), st.sampled_from(EVERYBODY), st.text())
def test_what_a_menu_writes_is_read_as_that_colleague(
    before: str, who: Colleague, after: str
) -> None:
    text = f"{before} {written(who, EVERYBODY)} {after}"
    assert who.agent_id in {m.agent_id for m in parse(text, EVERYBODY).found} or '"' in before


@given(st.text(alphabet='@ anbe."\nR', max_size=80))
def test_any_text_is_read_and_places_lie_inside(text: str) -> None:
    for m in parse(text, EVERYBODY).found:
        assert text[m.span.start] == "@"
        assert m.span.end <= len(text)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("@", 0),
        ("hi @an", 3),
        ("hi @ana ru", 3),
        ("hi @ana ", None),
        ("hi @ana ruiz x", None),
        ("mara@fjord", None),
        ("", None),
        ("hi (@a", 4),
    ],
)
def test_where_a_name_is_being_typed(line: str, at: int | None) -> None:
    assert begun(line) == at


def test_completions_are_by_beginning_names_first() -> None:
    assert completions("", EVERYBODY) == [ANA, MARIA, BEN_TOO, BEN]
    assert completions("be", EVERYBODY) == [BEN_TOO, BEN]
    assert completions("oka", EVERYBODY) == [BEN]
    assert completions("ben o", EVERYBODY) == [BEN]
    assert completions("zz", EVERYBODY) == []


def test_the_list_shows_the_line_with_the_mention() -> None:
    text = "First line\n  please  check, @ana: urgent\nlast"
    assert excerpt(text, parse(text, EVERYBODY).found[0].span) == "please check, @ana: urgent"
    long = f"{'x' * 500} @ana {'y' * 500}"
    short = excerpt(long, parse(long, EVERYBODY).found[0].span)
    assert len(short) <= 200
    assert "@ana" in short

"""Recipients while they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.recipient import completed, typed_at, typed_entries

LINE = 'Mara Olsen <mara@example.org>, "Okafor, Ben" <ben@example.org>; lee@x.org'


def test_several_stand_in_a_line_and_a_comma_in_quotes_parts_nobody() -> None:
    assert [t.text for t in typed_entries(LINE)] == [
        "Mara Olsen <mara@example.org>",
        '"Okafor, Ben" <ben@example.org>',
        "lee@x.org",
    ]


@pytest.mark.parametrize(
    ("line", "cursor", "typed"),
    [
        ("mar", 3, "mar"),
        ("mara@x.org, be", 14, "be"),
        ("mara@x.org, be, lee@x.org", 14, "be"),
        ("mara@x.org, ", 12, None),
        ("", 0, None),
        ('"Okafor, B', 10, '"Okafor, B'),
    ],
)
def test_the_one_at_the_cursor_is_being_typed(line: str, cursor: int, typed: str | None) -> None:
    found = typed_at(line, cursor)
    assert (found.text if found else None) == typed


@pytest.mark.parametrize(
    ("line", "cursor", "after"),
    [
        ("mar", 3, "M <m@x.org>, |"),
        ("a@x.org, mar", 12, "a@x.org, M <m@x.org>, |"),
        ("a@x.org,mar", 11, "a@x.org, M <m@x.org>, |"),
        ("mar, a@x.org", 3, "M <m@x.org>, |a@x.org"),
        ("", 0, "M <m@x.org>, |"),
    ],
)
def test_a_found_person_takes_the_place_of_what_was_typed(
    line: str, cursor: int, after: str
) -> None:
    text, at = completed(line, cursor, "M <m@x.org>")
    assert f"{text[:at]}|{text[at:]}" == after


@given(st.text(alphabet='ab @,;"<> ', max_size=30), st.integers(0, 30))
def test_completing_loses_no_other_recipient(line: str, cursor: int) -> None:
    cursor = min(cursor, len(line))
    typed = typed_at(line, cursor)
    others = [t.text for t in typed_entries(line) if t != typed]
    text, at = completed(line, cursor, "m@x.org")
    assert text[:at].endswith("m@x.org, ")
    if '"' not in line and "<" not in line:
        assert [t.text for t in typed_entries(text) if t.text != "m@x.org"] == others

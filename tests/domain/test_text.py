"""Foreign text cannot move the cursor, reorder a line, hide words or smuggle data."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.text import MARKS_PER_BASE, safe

ARABIC_NUMBER_SIGNS = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd")
TROUBLE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("a\u0301\u200d\u200c\ufe0f\u202e\t\r\n\x1b\u2028❤👩🏽ن\u0915\u094d\u3164 "),
    )
)


def is_harmless(char: str) -> bool:
    """Visible, or a space, a line end or a joiner: nothing that acts on the terminal."""
    category = unicodedata.category(char)
    if char == "\n" or char in ARABIC_NUMBER_SIGNS or char in "\u200c\u200d":
        return True
    if category == "Cn":  # emoji newer than this Python
        return "\U0001f000" <= char <= "\U0001faff"
    return category not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@settings(deadline=None, max_examples=300)
@given(TROUBLE, st.booleans())
def test_making_text_safe_twice_changes_nothing(text: str, multiline: bool) -> None:
    once = safe(text, multiline=multiline)
    assert safe(once, multiline=multiline) == once


@settings(deadline=None, max_examples=300)
@given(TROUBLE)
def test_safe_text_holds_only_harmless_characters(text: str) -> None:
    assert all(is_harmless(char) for char in safe(text))


@settings(deadline=None)
@given(TROUBLE)
def test_a_single_line_has_no_line_end_and_no_double_space(text: str) -> None:
    line = safe(text, multiline=False)
    assert "\n" not in line
    assert "  " not in line
    assert line == line.strip()


@settings(deadline=None)
@given(TROUBLE, TROUBLE)
def test_safe_lines_put_together_are_safe(first: str, second: str) -> None:
    together = f"{safe(first)}\n{safe(second)}"
    assert safe(together) == together


def test_every_character_of_unicode_becomes_harmless_and_stays_so() -> None:
    for start in range(0, 0x110000, 0x1000):
        cleaned = safe("".join(f"a{chr(code)}" for code in range(start, start + 0x1000)))
        assert all(is_harmless(char) for char in cleaned), hex(start)
        assert safe(cleaned) == cleaned, hex(start)


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧‍👦 arrived ❤️ 1️⃣ 👍🏽 🏳️‍🌈",
        "می‌خواهم پول را پس بگیرم",
        "क्‍षमा कीजिए",
        "שלום, ההזמנה לא הגיעה",
        "ご注文の　確認をお願いします。",
        "Gr\u00fc\u00dfe \u2013 \u201eTeil\u201c f\u00fcr 3 €",
        "Ça a coûté très cher",
        "e\u0301te\u0301",
        "\U0001fa77\U0001fae8",
    ],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("a\x1b[31mred\x1b]0;title\x07", "a[31mred]0;title"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("a\u2066b\u2069\u200f\u061cc", "abc"),
        ("hid\u200b\u2060\ufeffden\u00ad", "hidden"),
        ("flag \U0001f3f4\U000e0067\U000e0062\U000e007f", "flag \U0001f3f4"),
        ("x\ufe0fy\u200dz", "xyz"),
        ("❤\ufe0f\ufe0f\ufe0f", "❤\ufe0f"),
        ("👩\u200d\u200d\u200d👧", "👩\u200d👧"),
        ("lone \ud800 private \ue000", "lone \ufffd private \ufffd"),
        ("one\r\ntwo\rthree\u2028four\x0bfive", "one\ntwo\nthree\nfour\nfive"),
        ("no\u00a0break", "no break"),
        ("\u3164\u115fempty\ufffc", "empty"),
        ("\u0301lone mark", "lone mark"),
        ("a\tb", "a       b"),
    ],
)
def test_what_deceives_is_taken_out(foreign: str, shown: str) -> None:
    assert safe(foreign) == shown


def test_a_flood_of_combining_marks_is_cut() -> None:
    assert safe("Z" + "\u0335" * 500 + "!") == "Z" + "\u0335" * MARKS_PER_BASE + "!"


def test_a_subject_becomes_one_line() -> None:
    assert safe(" Refund\r\n\tfor   order\u20285512 ", multiline=False) == "Refund for order 5512"


@pytest.mark.parametrize(
    "unit",
    ["a", "\x1b[31m", "\t", "é\u0301\u200d", "\u202e", "\n", "👩\u200d", "\ud800"],
)
def test_a_million_characters_take_less_than_seconds(unit: str) -> None:
    text = (unit * 1_000_000)[:1_000_000]
    start = time.perf_counter()
    safe(text)
    assert time.perf_counter() - start < 5

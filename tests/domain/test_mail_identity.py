"""What identifies a mail, read from its headers alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.mail_identity import (
    extract_marks,
    extract_numbers,
    extract_tokens,
    own_messages,
    token_of,
)
from tests.domain.test_ladder import OURS, THEIRS, TOKEN, mail


@pytest.mark.parametrize(
    ("message_id", "token"),
    [
        (OURS, TOKEN.lower()),
        (f"<{OURS}>", TOKEN.lower()),
        (f"support+ad.{TOKEN}.12@desk.example", TOKEN.lower()),
        (f"AD.{TOKEN.upper()}.3@DESK.EXAMPLE", TOKEN.lower()),
        (THEIRS, ""),
        ("", ""),
        (f"ad.{TOKEN}@desk.example", ""),
        (f"ad.{TOKEN}x.3@desk.example", ""),
        (f"ad.{TOKEN[:-1]}.3@desk.example", ""),
        (f"bad.{TOKEN}.3@desk.example", ""),
        (f"x@ad.{TOKEN}.3@desk.example", ""),
        (f"ad.{TOKEN}.x@desk.example", ""),
    ],
)
def test_a_token_is_read_only_from_the_shape_that_we_give_it(message_id: str, token: str) -> None:
    assert token_of(message_id) == token


def test_tokens_come_in_order_and_once() -> None:
    other = "0123456789012345678901"
    ids = [f"ad.{other}.1@desk.example", THEIRS, OURS, f"ad.{other}.2@desk.example"]
    assert extract_tokens(ids) == (other, TOKEN.lower())


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("Re: [IMS0000123] Order 5512 damaged", ("IMS0000123",)),
        ("AW: ims0000123, cs0000007", ("IMS0000123", "CS0000007")),
        ("Fwd: CS0000007 Re: CS0000007", ("CS0000007",)),
        ("(IMS12345678)", ("IMS12345678",)),
        ("IMS0000123: photos", ("IMS0000123",)),
        ("Order 5512 damaged", ()),
        ("IMS123", ()),
        ("IMS00001234", ()),
        ("XIMS0000123 IMS0000123x PCS0000007", ()),
        ("IMS-0000123 IMS 0000123", ()),
        ("", ()),
    ],
)
def test_a_number_is_read_only_as_a_whole_word(subject: str, numbers: tuple[str, ...]) -> None:
    assert extract_numbers(subject) == numbers


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_foreign_text_yields_only_well_formed_tokens_and_numbers(text: str) -> None:
    assert all(len(token) == 22 for token in extract_tokens([text]))
    assert all(number[:2] in ("IM", "CS") for number in extract_numbers(text))


def test_the_nearest_id_is_tried_first() -> None:
    cited = mail(in_reply_to=("c@x",), references=("a@x", "b@x", "c@x")).cited
    assert cited == ("c@x", "b@x", "a@x")


def test_tokens_are_read_from_replies_references_and_addressees() -> None:
    assert mail(in_reply_to=(OURS,)).tokens == (TOKEN.lower(),)
    assert mail(references=(THEIRS, OURS)).tokens == (TOKEN.lower(),)
    assert mail(to=f"support+ad.{TOKEN}.3@desk.example".lower()).tokens == (TOKEN.lower(),)


def test_quoted_text_identifies_nothing() -> None:
    quoting = mail()
    assert (quoting.tokens, quoting.numbers, quoting.cited) == ((), (), ())


def test_our_messages_are_named_with_their_token_the_nearest_first() -> None:
    other = f"ad.{TOKEN}.12@desk.example"
    cited = mail(in_reply_to=(other,), references=(THEIRS, OURS, other))
    assert cited.own == ((TOKEN.lower(), 12), (TOKEN.lower(), 3))
    assert own_messages([f"ad.{TOKEN}.{'9' * 40}@desk.example", THEIRS]) == ()


@pytest.mark.parametrize(
    ("mark", "said"),
    [("CS0000007.3", (("CS0000007", 3),)), ("ims0000123.7", (("IMS0000123", 7),)), ("CS7.3", ())],
)
def test_a_mark_may_be_of_an_interaction_or_of_a_case(
    mark: str, said: tuple[tuple[str, int], ...]
) -> None:
    assert extract_marks([mark]) == said

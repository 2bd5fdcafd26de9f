"""Header fields are read as mail programs read them, and hostile ones cost nothing."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.text import safe
from agentdesk.mail.addresses import parse_addresses, parse_sender
from agentdesk.mail.charsets import decode
from agentdesk.mail.headers import (
    decode_words,
    message_ids,
    parameters,
    read_headers,
    utc_date,
)


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?= aus Köln", "Grüße aus Köln"),
        ("=?utf-8?q?J=C3?= =?utf-8?q?=B6rg?=", "Jörg"),
        ("=?iso-8859-1*de?q?Gr=FC=DFe?=", "Grüße"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?utf-8?q?two_words?=\t=?utf-8?q?_joined?=", "two words joined"),
        ("=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "Привет"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        ("=?unknown?q?plain?=", "plain"),
        ("=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
        ("100 =? 50", "100 =? 50"),
    ],
)
def test_encoded_words_are_read(field: str, shown: str) -> None:
    assert decode_words(field) == shown


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Mara Olsen <Mara@Example.COM>", ["Mara Olsen <mara@example.com>"]),
        ('"Olsen, Mara" <mara@example.com>, b@c.de', ["Olsen, Mara <mara@example.com>", "b@c.de"]),
        ("=?utf-8?q?Olsen=2C_Mara?= <mara@example.com>", ["Olsen, Mara <mara@example.com>"]),
        ("=?utf-8?q?ceo=40bank.example=3E?= <m@x.de>", ["ceo@bank.example <m@x.de>"]),
        ("mara@example.com (Mara Olsen)", ["Mara Olsen <mara@example.com>"]),
        ("Team: a@x.de, Bob <b@x.de>; c@y.de", ["a@x.de", "Bob <b@x.de>", "c@y.de"]),
        ("undisclosed-recipients:;", []),
        ("<@relay.example:mara@example.com>", ["mara@example.com"]),
        ("'mara@example.com' <mara@example.com>", ["mara@example.com"]),
        ("mara @ example . com", ["mara@example.com"]),
        ("Mara <mara@example.com", ["Mara <mara@example.com>"]),
        ("a@x.de; b@x.de, A <a@x.de>", ["a@x.de", "b@x.de"]),
        ('"two words"@example.com', ['"two words"@example.com']),
        ('"', []),
        ("(c):", []),
    ],
)
def test_addresses_are_read(field: str, expected: list[str]) -> None:
    assert [str(address) for address in parse_addresses(field)] == expected


def test_a_sender_without_a_mailbox_is_still_named() -> None:
    assert parse_sender("MAILER-DAEMON <>").name == "MAILER-DAEMON <>"
    assert parse_sender("root").email == "root"
    assert parse_sender("") == parse_sender("   ")


def test_a_name_cannot_pretend_to_be_the_mailbox() -> None:
    sender = parse_sender('"Support <support@bank.example>" <thief@evil.example>')
    assert sender.email == "thief@evil.example"
    assert "<" not in sender.name


@pytest.mark.parametrize(
    ("field", "main", "values"),
    [
        ('Text/HTML; Charset="UTF-8"', "text/html", {"charset": "UTF-8"}),
        (
            "application/pdf; name*0*=utf-8''Rech%C3; name*1*=%BCnung; name*2=.pdf",
            "application/pdf",
            {"name": "Rechünung.pdf"},
        ),
        ('x/y; name="=?utf-8?q?Gr=C3=B6=C3=9Fe.pdf?="', "x/y", {"name": "Größe.pdf"}),
        ("x/y; name=Invoice (1).pdf; size=3", "x/y", {"name": "Invoice (1).pdf", "size": "3"}),
        (r'x/y; name="a\"b;c.txt"', "x/y", {"name": 'a"b;c.txt'}),
        ('x/y; name="first"; name="second"', "x/y", {"name": "first"}),
        ('x/y; name="unclosed', "x/y", {"name": "unclosed"}),
        ("text", "text", {}),
        ("", "", {}),
    ],
)
def test_parameters_are_read(field: str, main: str, values: dict[str, str]) -> None:
    assert parameters(field) == (main, values)


def test_message_ids_are_bare_and_unique() -> None:
    assert message_ids("<a@b> <[x@microsoft.com]>\t<a@b>") == ("a@b", "[x@microsoft.com]")
    assert message_ids("< spaced @ id >") == ("spaced@id",)
    assert message_ids("naked@example.com") == ("naked@example.com",)
    assert message_ids("your mail of Monday") == ()


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Mon, 2 Mar 2026 09:41:00 +0100", datetime(2026, 3, 2, 8, 41, tzinfo=UTC)),
        ("Mon, 2 Mar 2026 09:41:00 -0000", datetime(2026, 3, 2, 9, 41, tzinfo=UTC)),
        ("2 Mar 26 09:41 GMT (UTC)", datetime(2026, 3, 2, 9, 41, tzinfo=UTC)),
        ("Mon, 99 Foo 2026", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_nothing(field: str, expected: datetime | None) -> None:
    assert utc_date(field) == expected


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        (b"Gr\xfc\xdfe \x80", "iso-8859-1", "Grüße €"),
        (b"Gr\xfc\xdfe", "us-ascii", "Grüße"),
        (b"Gr\xfc\xdfe", "utf-8", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode(), "utf8mb4", "Grüße"),
        (b"ok", "hex", "ok"),
        (b"ok", "idna\x00", "ok"),
        (b"plain words", "utf-16", "plain words"),
        ("Grüße aus Köln an alle".encode() + b"\xff", "utf-8", "Grüße aus Köln an alle\ufffd"),
    ],
)
def test_lying_charset_labels_do_no_harm(data: bytes, label: str, text: str) -> None:
    assert decode(data, label) == text


def test_lines_that_are_no_fields_are_skipped() -> None:
    headers, _ = read_headers(
        b"From a@b Mon Mar 2\nnonsense\nSubject: x\n y\nX-A: 1\nX-A: 2\n\nbody"
    )
    assert headers.get("subject") == "x y"
    assert headers.all("x-a") == ["1", "2"]
    assert sorted(headers.names()) == ["subject", "x-a"]


def test_long_headers_are_cut_with_a_warning() -> None:
    headers, warnings = read_headers(b"Subject: " + b"a" * 100_000 + b"\r\nX: y\r\n\r\n")
    assert len(headers.get("subject")) == 64 * 1024
    assert warnings == ["The field subject is too long; its end was not read."]


@settings(deadline=None, max_examples=300)
@given(st.text())
def test_any_field_is_read_without_an_error(field: str) -> None:
    for address in (*parse_addresses(field), parse_sender(field)):
        assert safe(str(address), multiline=False) == " ".join(str(address).split())
    parameters(field)
    utc_date(field)
    assert all("<" not in each for each in message_ids(field))
    decode_words(field)


@settings(deadline=None)
@given(st.binary(), st.text(max_size=20))
def test_any_bytes_decode_under_any_label(data: bytes, label: str) -> None:
    decode(data, label)


HOSTILE = {
    "open parentheses": "(" * 60_000,
    "quotes that never close": '"\\' * 30_000,
    "open brackets": "<a@b," * 12_000,
    "commas": "a@b.c," * 10_000,
    "at signs": "a@" * 30_000,
    "semicolons": ";a=b" * 15_000,
    "encoded words": "=?utf-8?q?a?= " * 4_500,
    "half encoded words": "=?u?q?" * 10_000,
    "spaces": "a" + " " * 60_000 + "@b",
    "backslashes": "\\" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_field_costs_less_than_a_second(name: str) -> None:
    field = HOSTILE[name]
    start = time.process_time()
    parse_addresses(field)
    parse_sender(field)
    parameters(field)
    decode_words(field)
    message_ids(field)
    utc_date(field)
    assert time.process_time() - start < 2

"""Whatever the bytes: something to read, nothing that deceives, and never an error."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.message import MailKind
from agentdesk.domain.text import safe
from agentdesk.mail import unreadable
from tests.desks import mail

HOSTILE = {
    "nothing": b"",
    "zeros": b"\x00" * 5_000,
    "noise": bytes(range(256)) * 200,
    "escapes": b"From: a@b.example\r\nSubject: \x1b]0;owned\x07x\r\n\r\n\x1b[2J\xe2\x80\xaeevil",
    "brackets": b"From: " + b"(" * 20_000 + b"\r\nSubject: x\r\n\r\nhello",
    "one line": b"x" * 2_000_000,
    "nested": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(900)
    ),
    "many divs": b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
    "half a word": b"Subject: =?utf-8?b?8J+Yg\r\nFrom: =?x?q?\r\n\r\n\xff\xfe",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_bytes_become_a_message_that_says_what_is_wrong_with_it(raw: bytes) -> None:
    found = unreadable.as_text(raw)
    shown = [found.subject, str(found.sender), found.text, unreadable.source(raw)[0]]
    shown += [value for field in unreadable.fields(raw) for value in field]
    assert all(text == safe(text) for text in shown)
    assert found.subject
    assert unreadable.NOT_UNDERSTOOD in found.warnings
    assert len(found.text) <= unreadable.TEXT_CHARS


@given(st.binary(max_size=3_000))
def test_no_bytes_fail(raw: bytes) -> None:
    found = unreadable.as_text(raw)
    text, _ = unreadable.source(raw)
    assert found.text == safe(found.text)
    assert text == safe(text)
    unreadable.head(raw)


def test_what_can_be_read_is_read() -> None:
    raw = mail("The lamp came in pieces.", subject="Größe 42", message_id="a@fjord.example")
    found = unreadable.as_text(raw)
    assert (found.subject, found.sender.email) == ("Größe 42", "mara.olsen@fjord.example")
    assert "The lamp came in pieces." in found.latest_text
    assert found.message_id == "a@fjord.example"
    assert unreadable.head(raw).subject == "Größe 42"
    assert dict(unreadable.fields(raw))["Message-ID"] == "<a@fjord.example>"


def test_an_automatic_mail_stays_one() -> None:
    raw = b"Auto-Submitted: auto-replied\r\n" + mail("I am away.")
    assert unreadable.as_text(raw).kind is MailKind.AUTO_REPLY


def test_a_defect_in_every_reader_leaves_the_bytes_as_letters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    for name in ("read_headers", "read_tree", "parse_sender", "classify"):
        monkeypatch.setattr(unreadable, name, broken)
    found = unreadable.as_text(b"Subject: x\r\n\r\nWhere is my parcel?")
    assert "Where is my parcel?" in found.text
    assert found.subject == unreadable.NO_SUBJECT


def test_a_large_mail_is_read_only_at_its_beginning_and_says_so() -> None:
    raw = b"From: a@b.example\r\n\r\nThe beginning. " + os.urandom(1_000_000).hex().encode()
    found = unreadable.as_text(raw)
    assert found.text.startswith("The beginning.")
    assert unreadable.ONLY_BEGINNING in found.warnings
    assert unreadable.ONLY_BEGINNING in unreadable.as_text(b"From: a@b.example", size=99).warnings
    assert unreadable.ONLY_BEGINNING not in unreadable.as_text(b"From: a@b.example").warnings


@pytest.mark.parametrize(
    ("raw", "spelled"),
    [
        (b"a\x1b[31mb", "a\\x1b[31mb"),
        ("x\u202ey".encode(), "x\\u202ey"),
        (b"\xff\xfe", "\\xff\\xfe"),
        ("\u3164".encode(), "\\u3164"),
        ("Größe\r\n日本".encode(), "Größe\n日本"),
        (b"[bold]x[/]", "[bold]x[/]"),
    ],
)
def test_the_source_spells_out_what_would_not_be_seen(raw: bytes, spelled: str) -> None:
    assert unreadable.source(raw)[0] == spelled

"""Whatever arrives is understood or refused, in less than two seconds, and its files can be read.

Real and made-up mails are damaged at random: bytes turned, pieces cut out, doubled, moved between mails,
headers repeated, parts nested. `make fuzz` makes a longer run (`AGENTDESK_FUZZ_EXAMPLES`).
"""

import base64
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentdesk.domain.errors import Unparseable
from agentdesk.domain.message import ParsedMail
from agentdesk.domain.text import safe
from agentdesk.mail.mime import attachment_bytes, understand
from tests.mail.replies import HTML_MAILS, NEW, OLD_TEXTS
from tests.mail.winmail import BINARY, UNICODE, file, message, packed_rtf, winmail

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
EXAMPLES = int(os.environ.get("AGENTDESK_FUZZ_EXAMPLES", "250"))
SECONDS = 2.0
"""Of processor time, which a busy machine does not lengthen by much."""

OWN = frozenset({"support@acme.example"})
HEAD = (
    b"Received: from a.example by b.example; Mon, 2 Mar 2026 09:41:02 +0100\r\n"
    b"From: =?utf-8?q?Mara_=C3=98lsen?= <mara@example.com>\r\nTo: Support <support@acme.example>,\r\n"
    b' "Ruiz, Ana" <ana@acme.example>\r\nSubject: =?iso-8859-1?q?Gr=FC=DFe?= =?utf-8?b?w7xiZXI=?=\r\n'
    b"Date: Mon, 2 Mar 2026 09:41:00 +0100\r\nMessage-ID: <m1@example.com>\r\nMIME-Version: 1.0\r\n"
    b"In-Reply-To: <a@acme.example>\r\nReferences: <z@acme.example>\r\n <a@acme.example>\r\n"
    b"Authentication-Results: mx.acme.example; spf=pass smtp.mailfrom=example.com; dmarc=fail\r\n"
)


def mixed(*parts: bytes, kind: str = "mixed", boundary: bytes = b"b1") -> bytes:
    head = b"Content-Type: multipart/" + kind.encode() + b"; boundary=" + boundary + b"\r\n\r\n"
    return head + b"".join(b"--" + boundary + b"\r\n" + p + b"\r\n" for p in parts) + b"--b1--\r\n"


def encoded(type_: str, content: bytes) -> bytes:
    head = f"Content-Type: {type_}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    return head + base64.encodebytes(content)


TEXT = b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n" + NEW.encode()
RTF = rb"{\rtf1\ansi\ansicpg1252\fromhtml1{\fonttbl{\f0\fcharset204 A;}}{\*\htmltag64 <p>}\f0 \'cf\u8364?}"
OUTLOOK = winmail(
    message((0x1000, UNICODE, "Hello"), (0x1009, BINARY, packed_rtf(RTF))),
    file("a.pdf", b"%PDF", (0x3707, UNICODE, "Rechnung.pdf")),
)
CALENDAR = (
    b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n"
    b"BEGIN:VEVENT\r\nSUMMARY:Review\r\nDTSTART;TZID=Europe/Berlin:20260303T100000\r\nDURATION:PT1H\r\n"
    b"RRULE:FREQ=WEEKLY;COUNT=3\r\nORGANIZER;CN=Ana:mailto:ana@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR"
)
REPORT = (
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    b"Final-Recipient: rfc822; bob@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)
SEEDS = (
    HEAD + b"\r\n" + NEW.encode() + b"\r\n",
    HEAD + mixed(TEXT, encoded("application/ms-tnef; name=winmail.dat", OUTLOOK)),
    HEAD + encoded("application/ms-tnef; name=winmail.dat", OUTLOOK),
    HEAD + mixed(TEXT, CALENDAR, kind="alternative"),
    HEAD + mixed(TEXT, REPORT, b"Content-Type: message/rfc822\r\n\r\n" + HEAD, kind="report"),
    HEAD + mixed(TEXT, encoded("message/rfc822", HEAD + b"\r\nhello"), kind="digest"),
    HEAD
    + mixed(
        TEXT,
        b"Content-Type: image/png; name*0*=utf-8''%C3%A4; name*1=b.png\r\nContent-ID: <p1>\r\n\r\nPNG",
        b"Content-Type: application/pkcs7-signature\r\n\r\nMIIB",
        kind='signed; protocol="application/pkcs7-signature"',
    ),
    HEAD
    + b"\r\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: x\n\nHi\n-----BEGIN PGP SIGNATURE-----\n",
    *(HEAD + b"Content-Type: text/html\r\n\r\n" + m.encode() for m in HTML_MAILS.values()),
    *(HEAD + b"\r\n" + f"{NEW}\n\n{old}".encode() for old in OLD_TEXTS.values()),
)

TOKENS = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"--b1",
        b"--b1--",
        b"\0",
        b"\xff\xfe",
        b"\x1b$B",
        b"=?utf-8?q?=1B?=",
        b"=?b?",
    ),
    *(
        b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
    ),
    *(
        b"Content-Type: text/html; charset=utf-7\r\n",
        b"charset=hex",
        b"charset=utf8mb4",
        b"charset=idna",
    ),
    *(b"; charset=\x00", b"; name*0*=undefined'x'%FF; name*9999=y", b";a=b" * 500, b"=?x?b?" * 200),
    *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n"),
    *(
        b"Content-Disposition: attachment; filename=winmail.dat\r\n",
        b"Auto-Submitted: auto-replied\r\n",
    ),
    *(
        b"<div style='display:none'>",
        b"<table><tr><td>",
        b"<blockquote>",
        b"&#x202e;",
        b"<style>.a{",
        b"-->",
    ),
    *(
        b"> ",
        b"\nOn 2026 9:41 <a@b> wrote:\n",
        b"\nFrom: a\nTo: b\nSubject: c\n",
        b"-- \n",
        "\u202e€".encode(),
    ),
    *(b"\xff\xff\xff\xff", b"\x01\x03\x90\x06\0\xff\xff\xff\x7f", b"LZFu", b"{\\*\\htmltag"),
    *(
        b"BEGIN:VEVENT\r\n",
        b"DTSTART:99991231T235959Z\r\n",
        b"DURATION:P99999D\r\n",
        b"TZID=",
        b"RRULE:FREQ=",
    ),
)

PLACE = st.floats(0, 1, exclude_max=True)
CHANGES = st.one_of(
    st.tuples(st.just("byte"), PLACE, st.integers(0, 255)),
    st.tuples(st.just("cut"), PLACE, PLACE),
    st.tuples(st.just("drop"), PLACE, st.integers(1, 200)),
    st.tuples(st.just("repeat"), PLACE, st.integers(1, 60)),
    st.tuples(st.just("insert"), PLACE, st.sampled_from(TOKENS)),
    st.tuples(st.just("splice"), PLACE, st.tuples(st.integers(0, 10_000), PLACE)),
    st.tuples(st.just("header"), PLACE, st.integers(1, 40)),
    st.tuples(st.just("nest"), PLACE, st.integers(1, 60)),
    st.tuples(st.just("bytes"), PLACE, st.binary(max_size=30)),
)


def changed(raw: bytes, change: tuple[str, float, object], others: tuple[bytes, ...]) -> bytes:
    """*raw* after one change at a place between its beginning (0) and its end (1)."""
    what, where, how = change
    at = int(where * len(raw))
    match what, how:
        case "byte", int(value):
            return raw[:at] + bytes([value]) + raw[at + 1 :]
        case "cut", float(end):
            return raw[: int(end * len(raw))]
        case "drop", int(length):
            return raw[:at] + raw[at + length :]
        case "repeat", int(times):
            return raw[:at] + raw[at : at + 120] * times + raw[at:]
        case (("insert" | "bytes"), bytes(token)):
            return raw[:at] + token + raw[at:]
        case "splice", (int(number), float(place)):
            other = others[number % len(others)]
            return raw[:at] + other[int(place * len(other)) :]
        case "header", int(times):
            line = raw[raw.rfind(b"\n", 0, at) + 1 : raw.find(b"\n", at) + 1]
            return line * times + raw
        case "nest", int(levels):
            for level in range(levels):
                name = b"n%d" % level
                raw = (
                    b"Content-Type: multipart/mixed; boundary="
                    + name
                    + b"\r\n\r\n--"
                    + name
                    + b"\r\n"
                    + raw
                )
            return raw
    raise AssertionError(what)


def check(raw: bytes) -> ParsedMail | None:
    """Everything that must hold for any bytes."""
    start = time.process_time()
    try:
        mail = understand(raw, own_addresses=OWN, authserv_id="mx.acme.example")
    except Unparseable:
        mail = None
    assert time.process_time() - start < SECONDS
    if mail is None:
        return None
    for text in (mail.text, mail.latest_text):
        assert safe(text) == text
    names = [a.name for a in mail.attachments]
    for line in (
        mail.subject,
        str(mail.sender),
        mail.message_id,
        *names,
        *mail.notices,
        *mail.warnings,
    ):
        assert safe(line, multiline=False) == line
    edges = [0, *(edge for span in mail.latest for edge in (span.start, span.end)), len(mail.text)]
    assert edges == sorted(edges)
    assert len({name.casefold() for name in names}) == len(names)
    assert all(a.name and not set(a.name) & set("/\\") for a in mail.attachments)
    for attachment in (*mail.attachments[:3], *mail.attachments[-2:]):
        assert len(attachment_bytes(raw, attachment.part)) == attachment.size
    return mail


FUZZ = settings(
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)


@pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
def test_mails_are_understood_before_they_are_damaged(seed: bytes) -> None:
    mail = check(seed)
    assert mail is not None
    assert mail.text
    assert mail.sender.email == "mara@example.com"


@pytest.mark.timeout(0 if EXAMPLES > 1_000 else 300)
@FUZZ
@given(st.sampled_from(SEEDS), st.lists(CHANGES, min_size=1, max_size=8))
def test_damaged_mails_are_understood_or_refused(
    seed: bytes, changes: list[tuple[str, float, object]]
) -> None:
    for change in changes:
        seed = changed(seed, change, SEEDS)
    check(seed)


def corpus() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(CORPUS.rglob("*.eml")))


NEEDS_CORPUS = pytest.mark.skipif(
    not CORPUS.is_dir(), reason=f"no corpus of real mails in {CORPUS}"
)


@pytest.mark.corpus
@NEEDS_CORPUS
def test_every_real_mail_is_understood() -> None:
    mails = corpus()
    assert len(mails) > 100
    assert all(check(raw) is not None for raw in mails)


@pytest.mark.corpus
@NEEDS_CORPUS
@pytest.mark.timeout(0 if EXAMPLES > 1_000 else 300)
def test_damaged_real_mails_are_understood_or_refused() -> None:
    mails = corpus()

    @FUZZ
    @given(st.sampled_from(range(len(mails))), st.lists(CHANGES, min_size=1, max_size=6))
    def damage(number: int, changes: list[tuple[str, float, object]]) -> None:
        raw = mails[number]
        for change in changes:
            raw = changed(raw, change, mails)
        check(raw)

    damage()


MIB = 1024 * 1024
FILLINGS = {
    "letters": (b"text/plain", b"a"),
    "line ends": (b"text/plain", b"\n"),
    "soft lines": (b"text/plain; format=flowed; delsp=yes", b"word \r\n"),
    "quotes": (b"text/plain", b"> x\r\n"),
    "fields": (b"text/plain", b"From: a\nTo: b\nSubject: c\n"),
    "bidi marks": (b"text/plain; charset=utf-8", "\u202ea".encode()),
    "no utf-8": (b"text/plain; charset=utf-8", b"\xff"),
    "shifts": (b"text/plain; charset=iso-2022-jp", b"\x1b$B\x1b(B"),
    "damaged base64": (b"text/plain\r\nContent-Transfer-Encoding: base64", b"aG!Vs=bG8g\r\n"),
    "quoted-printable": (b"text/plain\r\nContent-Transfer-Encoding: quoted-printable", b"=4=="),
    "uuencode": (b"text/plain\r\nContent-Transfer-Encoding: x-uuencode", b"begin 6 x\n#0V%T\n"),
    "paragraphs": (b"text/html", b"<p>a"),
    "cells": (b"text/html", b"<table><tr><td>a<td>b"),
    "links": (b"text/html", b"<a href=http://x.de/a>http://y.de</a> "),
    "styles": (b"text/html", b"<style>.a{color:red}</style><b class=a style='color:#fff'>x</b>"),
    "pictures": (b"text/html", b"<img src='data:image/png;base64,AAAA'>"),
    "brackets": (b"text/html", b"<"),
    "delimiters": (b"multipart/mixed; boundary=b", b"--b\r\n"),
    "false delimiters": (b"multipart/mixed; boundary=b", b"--bx\r\n"),
    "events": (b"text/calendar", b"BEGIN:VEVENT\r\n"),
    "attributes": (b"application/ms-tnef", b"\1\4\x80\6\0\0\0\0\0\0\0"),
    "attached mails": (b"message/rfc822", b"Content-Type: message/rfc822\r\n\r\n"),
    "status blocks": (b"message/delivery-status", b"Final-Recipient: rfc822; a@b.de\r\n\r\n"),
    "armour": (b"text/plain", b"-----BEGIN PGP SIGNED MESSAGE-----\n"),
}


def fifty_megabytes(name: str) -> bytes:
    """A mail as large as is read, full of one thing."""
    type_, unit = FILLINGS[name]
    start = b"\x78\x9f\x3e\x22\1\0" if name == "attributes" else b""
    head = HEAD + b"Content-Type: " + type_ + b"\r\n\r\n" + start
    return head + unit * ((50 * MIB - len(head)) // len(unit))


@pytest.mark.parametrize("name", FILLINGS)
def test_fifty_megabytes_cost_less_than_two_seconds(name: str) -> None:
    check(fifty_megabytes(name))

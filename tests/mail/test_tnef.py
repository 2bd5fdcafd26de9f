"""What Outlook hides in winmail.dat is shown: its files as files, its text where there is no other."""

import base64
import struct
import time
from collections.abc import Callable

import compressed_rtf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.message import ParsedMail
from agentdesk.mail.mime import attachment_bytes, understand
from agentdesk.mail.richtext import decompress, rtf_to_text
from agentdesk.mail.tnef import DamagedTnef, read_tnef
from tests.mail.winmail import (
    BINARY,
    INTEGER,
    OBJECT,
    STRING,
    UNICODE,
    attribute,
    file,
    message,
    packed,
    packed_rtf,
    winmail,
)

HEAD = b"From: Mara <mara@example.com>\r\nSubject: Order 5512\r\nMIME-Version: 1.0\r\n"
INVOICE, PHOTO = b"%PDF-1.7 invoice", b"\xff\xd8 photo"
RTF = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}"
    rb"{\f1\fnil\fcharset204 Arial;}}{\*\generator Riched20;}\pard Gr\'fc\'dfe \b aus\b0  K\'f6ln,\par"
    rb" \f1\'cf\'f0\'e8\'e2\'e5\'f2\f0  \u8364? \u-10179?\u-8704?\tab 5\emdash 6\par}"
)
HTML_IN_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}}"
    rb"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 My parcel {\*\htmltag84 <b>}\htmlrtf \b\htmlrtf0 arrived"
    rb"{\*\htmltag92 </b>}\htmlrtf \b0\htmlrtf0  broken.\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}}"
)


def mail_with(container: bytes, *, text: str = "", type_: str = "application/ms-tnef") -> bytes:
    plain = f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n" if text else ""
    part = f'--b\r\nContent-Type: {type_}; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + (plain + part).encode()
        + base64.encodebytes(container)
        + b"\r\n--b--\r\n"
    )


def files_of(raw: bytes) -> list[tuple[str, str, bytes]]:
    return [(a.name, a.type, attachment_bytes(raw, a.part)) for a in understand(raw).attachments]


TWO_FILES = winmail(
    file("INVOIC~1.PDF", INVOICE, (0x3707, UNICODE, "Rechnung März.pdf")),
    file("photo.jpg", PHOTO, (0x370E, STRING, "image/jpeg"), (0x3712, STRING, "cid1")),
)


@pytest.mark.parametrize("type_", ["application/ms-tnef", "application/octet-stream"])
def test_files_in_the_container_are_files_of_the_mail(type_: str) -> None:
    raw = mail_with(TWO_FILES, text="See the invoice.", type_=type_)
    mail = understand(raw)
    assert mail.text == "See the invoice."
    assert [(a.name, a.size, a.inline) for a in mail.attachments] == [
        ("Rechnung März.pdf", len(INVOICE), False),
        ("photo.jpg", len(PHOTO), True),
    ]
    assert files_of(raw) == [
        ("Rechnung März.pdf", "application/pdf", INVOICE),
        ("photo.jpg", "image/jpeg", PHOTO),
    ]
    assert mail.warnings == ()


def test_files_of_the_container_are_numbered_after_the_parts() -> None:
    raw = mail_with(TWO_FILES, text="Hello.").replace(
        b"--b--", b"--b\r\nContent-Type: image/png\r\n\r\nPNG\r\n--b--"
    )
    parts = {a.name: a.part for a in understand(raw).attachments}
    assert parts == {"attachment-3.png": 2, "Rechnung März.pdf": 3, "photo.jpg": 4}
    assert attachment_bytes(raw, 3) == INVOICE


def test_names_in_the_container_are_made_safe_and_unlike() -> None:
    raw = mail_with(winmail(file("../../etc/passwd", b"a"), file("passwd", b"b"), file("", b"c")))
    assert [a.name for a in understand(raw).attachments] == [
        "passwd",
        "passwd (2)",
        "attachment-4.bin",
    ]


BODIES: dict[str, tuple[bytes, str]] = {
    "plain": (attribute(1, 0x800C, "Grüße aus Köln".encode("cp1252") + b"\0"), "Grüße aus Köln"),
    "unicode": (message((0x1000, UNICODE, "Grüße ☃")), "Grüße ☃"),
    "html": (
        message(
            (0x8004, INTEGER, 1), (0x3FDE, INTEGER, 65001), (0x1013, BINARY, "<p>Grüße".encode())
        ),
        "Grüße",
    ),
    "rich text": (
        message((0x1009, BINARY, packed_rtf(RTF))),
        "Grüße aus Köln,\nПривет € 😀      5—6\n",
    ),
    "html in rich text": (
        message((0x1009, BINARY, packed_rtf(HTML_IN_RTF))),
        "My parcel arrived broken.",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_text_in_the_container_is_read_where_the_mail_has_no_other(name: str) -> None:
    container, text = BODIES[name]
    assert understand(mail_with(winmail(container))).latest_text == text.strip()
    assert understand(mail_with(winmail(container), text="Own text.")).text == "Own text."
    blank = understand(mail_with(winmail(container), text=" "))
    assert (blank.latest_text, blank.attachments) == (text.strip(), ())


def test_a_message_in_the_container_becomes_its_text_and_files() -> None:
    inner = winmail(message((0x0037, UNICODE, "Old order"), (0x1000, UNICODE, "I ordered a lamp.")))
    inner += file("bulb.txt", b"60 W")
    embedded = file("x", b"", (0x3705, INTEGER, 5), (0x3701, OBJECT, b"\1" * 16 + inner))
    assert files_of(mail_with(winmail(embedded))) == [
        ("Old order.txt", "text/plain", b"I ordered a lamp."),
        ("bulb.txt", "text/plain", b"60 W"),
    ]


DAMAGED: dict[str, bytes] = {
    "no container": b"hello, this is no TNEF",
    "cut off": TWO_FILES[:-30],
    "a length of four gigabytes": winmail(
        struct.pack("<BHHI", 1, 0x9003, 6, 0xFFFFFFFF) + b"x" * 20
    ),
    "four thousand million properties": winmail(attribute(1, 0x9003, b"\xff" * 4)),
    "as many values": winmail(
        attribute(1, 0x9003, struct.pack("<IHHI", 1, 0x1003, 0x1234, 0xFFFFFFFF))
    ),
    "as many strings": winmail(
        attribute(1, 0x9003, struct.pack("<IHHI", 1, 0x101F, 0x1234, 0xFFFFFFFF))
    ),
    "an unknown kind": winmail(attribute(1, 0x9003, struct.pack("<IHH", 1, 0x77, 0x1000))),
    "an unknown level": winmail(b"\x77" * 40),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_container_stays_a_file_and_is_warned_about(name: str) -> None:
    raw = mail_with(DAMAGED[name], text="See the file.")
    mail = understand(raw)
    assert [(a.name, attachment_bytes(raw, a.part)) for a in mail.attachments] == [
        ("winmail.dat", DAMAGED[name])
    ]
    assert mail.warnings == ("The file winmail.dat is damaged; it is kept as it came.",)
    assert mail.latest_text == "See the file."


def nested(levels: int) -> bytes:
    container = winmail(message((0x1000, UNICODE, "innermost")))
    for _ in range(levels):
        container = winmail(
            file("m", b"", (0x3705, INTEGER, 5), (0x3701, OBJECT, b"\1" * 16 + container))
        )
    return container


BIG_RTF = packed(
    (0x1009, BINARY, struct.pack("<II", 10**7, 10**7) + b"LZFu" + b"\0" * 4 + b"\0abcdefgh" * 10**6)
)
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a million empty attributes": lambda: winmail(attribute(1, 0x8008, b"") * 1_000_000),
    "a million empty properties": lambda: winmail(
        attribute(
            1, 0x9003, struct.pack("<I", 1_000_000) + struct.pack("<HHI", 3, 1, 0) * 1_000_000
        )
    ),
    "100,000 files": lambda: winmail(attribute(2, 0x9002, b"") * 100_000),
    "60 levels": lambda: nested(60),
    "ten megabytes of packed text": lambda: winmail(attribute(1, 0x9003, BIG_RTF)),
    "a packed text of references": lambda: winmail(
        message(
            (
                0x1009,
                BINARY,
                struct.pack("<II", 10**7, 10**7) + b"LZFu" + b"\0" * 4 + b"\xff" * 10**6,
            )
        )
    ),
    "a packed text of braces": lambda: winmail(
        message(
            (0x1009, BINARY, struct.pack("<II", 10**7, 10**7) + b"MELA" + b"\0" * 4 + b"{" * 10**7)
        )
    ),
    "300 messages of packed text": lambda: winmail(
        *[
            file(
                "m",
                b"",
                (0x3705, INTEGER, 5),
                (
                    0x3701,
                    OBJECT,
                    b"\1" * 16 + winmail(message((0x1009, BINARY, packed_rtf(b"\\'41" * 9)))),
                ),
            )
            for _ in range(300)
        ]
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_container_costs_less_than_two_seconds(name: str) -> None:
    raw = mail_with(HOSTILE[name]())
    start = time.process_time()
    understand(raw)
    assert time.process_time() - start < 2


SMALL = winmail(
    message((0x1000, UNICODE, "Hello"), (0x1009, BINARY, packed_rtf(RTF))), file("a.pdf", INVOICE)
)


@settings(deadline=None, max_examples=400)
@given(
    st.integers(0, len(SMALL)),
    st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), max_size=6),
)
def test_any_damage_is_told_or_survived(length: int, changes: list[tuple[int, int]]) -> None:
    data = bytearray(SMALL)
    for place, value in changes:
        data[place] = value
    try:
        tnef = read_tnef(bytes(data[:length]))
    except DamagedTnef:
        return
    tnef.body()
    assert sum(len(f.content) for f in tnef.files) <= 4 * len(SMALL)


@settings(deadline=None)
@given(st.binary(max_size=300).flatmap(lambda b: st.sampled_from([b, b * 40, b"abc" + b * 9])))
def test_packed_text_is_unpacked_as_the_library_does(rtf: bytes) -> None:
    library = compressed_rtf.compress(rtf)
    assert decompress(library, 1_000_000) == rtf
    assert decompress(packed_rtf(rtf), 1_000_000) == rtf


RTF_BITS = (
    *(rb"{", rb"}", rb"\'e4", rb"\u8364?", rb"\uc0", rb"\f1", rb"{\fonttbl", rb"\*", rb"\htmltag"),
    *(
        rb"\htmlrtf",
        rb"\fromhtml1",
        rb"text",
        b"\n",
        rb"\par",
        rb"\u-1",
        b"\\",
        b"\xff",
        rb"\ansicpg9",
    ),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(RTF_BITS)).map(b"".join))
def test_any_rich_text_is_read(rtf: bytes) -> None:
    assert rtf_to_text(rtf).encode("utf-8", "strict") is not None


def test_an_ordinary_mail_brings_no_notice() -> None:
    mail: ParsedMail = understand(HEAD + b"\r\nHello.")
    assert mail.notices == ()

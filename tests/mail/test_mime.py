"""Any bytes become a mail or a typed refusal; real mails are understood as their writers meant."""

import base64
import email
import time
from datetime import UTC, datetime
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import fast_mail_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.errors import Unparseable
from agentdesk.domain.message import MailKind
from agentdesk.domain.text import safe
from agentdesk.mail.mime import attachment_bytes, understand
from agentdesk.mail.names import safe_name, unique_name
from agentdesk.mail.parts import read_tree

HEAD = (
    b"From: Mara Olsen <mara@example.com>\r\n"
    b"To: Support <support@acme.example>\r\n"
    b"Subject: Order 5512 damaged\r\n"
    b"Date: Mon, 2 Mar 2026 09:41:00 +0100\r\n"
    b"Message-ID: <m1@example.com>\r\n"
)


def multipart(kind: str, *parts: str, boundary: str = "=_b1") -> bytes:
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
    return (head + body + f"--{boundary}--\r\n").encode()


PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\nMy parcel arrived broken."
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>My parcel <b>arrived</b> broken.</p>"
PHOTO = (
    'Content-Type: image/jpeg; name="photo.jpg"\r\n'
    "Content-Transfer-Encoding: base64\r\n"
    'Content-Disposition: attachment; filename="photo.jpg"\r\n\r\n'
    + base64.b64encode(b"\xff\xd8jpeg").decode()
)


def test_a_plain_mail_is_understood() -> None:
    mail = understand(
        HEAD
        + b"Cc: Bob <bob@example.com>\r\nReply-To: <mara.private@example.net>\r\n"
        + b"In-Reply-To: <a@acme.example>\r\nReferences: <z@acme.example>\r\n <a@acme.example>\r\n"
        + b"\r\nMy parcel arrived broken.\r\n"
    )
    assert mail.subject == "Order 5512 damaged"
    assert str(mail.sender) == "Mara Olsen <mara@example.com>"
    assert [a.email for a in (*mail.to, *mail.cc, *mail.reply_to)] == [
        "support@acme.example",
        "bob@example.com",
        "mara.private@example.net",
    ]
    assert mail.date == datetime(2026, 3, 2, 8, 41, tzinfo=UTC)
    assert mail.message_id == "m1@example.com"
    assert mail.in_reply_to == ("a@acme.example",)
    assert mail.references == ("z@acme.example", "a@acme.example")
    assert mail.latest_text == mail.text == "My parcel arrived broken."
    assert mail.kind is MailKind.NORMAL
    assert not mail.html_present
    assert mail.warnings == ()


def test_of_alternatives_the_plain_text_is_read() -> None:
    mail = understand(HEAD + multipart("alternative", PLAIN, HTML))
    assert mail.text == "My parcel arrived broken."
    assert mail.html_present
    assert mail.attachments == ()


@pytest.mark.parametrize("stub", ["", "   ", "This message is in HTML format.", "View this online"])
def test_html_is_read_where_the_plain_alternative_says_nothing(stub: str) -> None:
    plain = f"Content-Type: text/plain\r\n\r\n{stub}"
    mail = understand(HEAD + multipart("alternative", plain, HTML))
    assert mail.text == "My parcel arrived broken."


def test_attachments_are_listed_and_can_be_read_back() -> None:
    raw = HEAD + multipart("mixed", PLAIN, PHOTO)
    (photo,) = understand(raw).attachments
    assert (photo.name, photo.size, photo.type, photo.inline) == (
        "photo.jpg",
        6,
        "image/jpeg",
        False,
    )
    assert attachment_bytes(raw, photo.part) == b"\xff\xd8jpeg"


def test_an_unknown_attachment_is_refused() -> None:
    with pytest.raises(Unparseable, match="no such attachment"):
        attachment_bytes(HEAD + b"\r\nhello", 7)


def test_pictures_inside_html_are_inline() -> None:
    picture = (
        "Content-Type: image/png\r\nContent-ID: <logo>\r\nContent-Disposition: inline\r\n\r\nPNG"
    )
    mail = understand(HEAD + multipart("related", HTML, picture))
    assert [(a.name, a.inline) for a in mail.attachments] == [("attachment-2.png", True)]


def test_an_attached_mail_is_called_by_its_subject() -> None:
    inner = "Content-Type: message/rfc822\r\n\r\nSubject: Re: your ../../order\r\n\r\nhello"
    raw = HEAD + multipart("mixed", PLAIN, inner)
    (attached,) = understand(raw).attachments
    assert attached.name == "order.eml"
    assert attachment_bytes(raw, attached.part) == b"Subject: Re: your ../../order\r\n\r\nhello"


def test_texts_beside_each_other_are_read_one_after_the_other() -> None:
    footer = "Content-Type: text/plain\r\n\r\nSent through the shop."
    mail = understand(HEAD + multipart("mixed", PLAIN, footer))
    assert mail.text == "My parcel arrived broken.\n\nSent through the shop."


def test_flowed_paragraphs_become_whole_again() -> None:
    raw = HEAD + (
        b"Content-Type: text/plain; format=flowed\r\n\r\n"
        b"This is one \r\nparagraph.\r\n> quoted \r\n> line\r\n-- \r\nMara\r\n"
    )
    assert understand(raw).text == "This is one paragraph.\n> quoted line\n-- \nMara"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("base64", b"R3LDvMOfZSBhdXMgS8O2bG4="),
        ("base64", b"R3LDvMOfZSBhdXMgS8O2bG4"),
        ("BASE64", b"R3LD\r\nvMOf!ZSBh dXMgS8O2bG4=\r\n\r\n-- \r\nlist footer"),
        ("quoted-printable", b"Gr=C3=BC=C3=9Fe a=\r\nus K=c3=b6ln"),
        ("8bit", "Grüße aus Köln".encode()),
        ("x-unknown", "Grüße aus Köln".encode()),
    ],
)
def test_transfer_encodings_are_read_even_when_damaged(encoding: str, body: bytes) -> None:
    head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n"
    assert understand(HEAD + head.encode() + b"\r\n" + body).text == "Grüße aus Köln"


def test_text_that_could_act_on_the_terminal_is_made_safe_everywhere() -> None:
    raw = (
        b"From: \x1b[2JMara <mara@example.com>\r\nSubject: =?utf-8?q?a=1B=5D0=3Bb=E2=80=AEc?=\r\n"
        b"Message-ID: <x\x1b@y>\r\n\r\nbody\x1b[31m \xe2\x80\xae end"
    )
    mail = understand(raw)
    for text in (mail.subject, str(mail.sender), mail.message_id, mail.text):
        assert safe(text) == text
        assert "\x1b" not in text


def test_inner_boundaries_that_begin_like_outer_ones_are_told_apart() -> None:
    inner = multipart("alternative", PLAIN, boundary="ABCi").decode()
    mail = understand(HEAD + multipart("mixed", inner, PHOTO, boundary="ABC"))
    assert mail.text == "My parcel arrived broken."
    assert [a.name for a in mail.attachments] == ["photo.jpg"]


def test_a_missing_last_boundary_loses_nothing() -> None:
    raw = HEAD + multipart("mixed", PLAIN, PHOTO).replace(b"--=_b1--\r\n", b"")
    assert [a.size for a in understand(raw).attachments] == [6]


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\x00" * 500, b"\x01\x02\x03\x7f" * 50])
def test_bytes_without_anything_legible_are_refused(raw: bytes) -> None:
    with pytest.raises(Unparseable):
        understand(raw)


@pytest.mark.parametrize(
    ("foreign", "saved_as"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\invoice.pdf", "invoice.pdf"),
        ("con.txt", "_con.txt"),
        ("COM1", "_COM1"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        (".htaccess", "htaccess"),
        ("a<b>:c|d?.txt ", "a_b__c_d_.txt"),
        ("...", ""),
        ("\x00\n", ""),
        ("Größe 管理.doc", "Größe 管理.doc"),
    ],
)
def test_file_names_are_safe_to_save_under(foreign: str, saved_as: str) -> None:
    assert safe_name(foreign) == saved_as


@settings(deadline=None)
@given(st.text())
def test_any_file_name_is_short_and_has_no_path(foreign: str) -> None:
    name = safe_name(foreign)
    assert len(name.encode()) <= 200
    assert not set(name) & set('/\\<>:"|?*\n\0')
    assert not name.startswith(".")


def test_equal_file_names_are_numbered() -> None:
    taken: set[str] = set()
    names = [unique_name(n, taken) for n in ("a.pdf", "A.pdf", "a.pdf", "b")]
    assert names == ["a.pdf", "A (2).pdf", "a (3).pdf", "b"]


FRAGMENTS = (
    *(
        b"\r\n",
        b"\n",
        b"--b",
        b"--",
        b" ",
        b":",
        b";",
        b"=",
        b'"',
        b"<",
        b">",
        b"(",
        b"\\",
        b"\x00",
    ),
    *(b"Content-Type: ", b"multipart/mixed; boundary=b", b"text/html", b"text/plain; charset=x"),
    *(b"message/rfc822", b"message/delivery-status", b"Subject: ", b"From: ", b"=?utf-8?q?=1B?="),
    *(b"Content-Transfer-Encoding: base64", b"quoted-printable", b"<b style='color:#fff'>", b"a@b"),
    *(b"\xff", "é".encode(), b"On 2026 <a@b> wrote:\n> x", b"-- \n", b"Auto-Submitted: x", b"&#0;"),
)
ALPHABET = st.sampled_from(FRAGMENTS)


@settings(deadline=None, max_examples=400)
@given(st.one_of(st.binary(), st.lists(ALPHABET, max_size=40).map(b"".join)))
def test_any_bytes_are_understood_or_refused(raw: bytes) -> None:
    try:
        mail = understand(raw, own_addresses=frozenset({"support@acme.example"}))
    except Unparseable:
        return
    for text in (mail.subject, mail.text, str(mail.sender), *(a.name for a in mail.attachments)):
        assert safe(text) == text
    ends = [0, *(edge for span in mail.latest for edge in (span.start, span.end))]
    assert ends == sorted(ends)
    assert ends[-1] <= len(mail.text)
    for attachment in mail.attachments:
        assert len(attachment_bytes(raw, attachment.part)) == attachment.size


def build_tree(shape: object, number: list[int]) -> MIMEMultipart | MIMEText:
    if not isinstance(shape, list):
        number[0] += 1
        return MIMEText(f"{shape}\n-- part {number[0]} ä\n", "plain", "utf-8")
    node = MIMEMultipart("mixed")
    for child in shape or ["empty"]:
        node.attach(build_tree(child, number))
    return node


@settings(deadline=None)
@given(
    st.recursive(st.text("ab-=\n ", max_size=30), lambda s: st.lists(s, max_size=4), max_leaves=12)
)
def test_the_tree_equals_what_the_standard_library_wrote(shape: object) -> None:
    raw = build_tree(shape, [0]).as_bytes()
    expected = [
        part.get_payload(decode=True)
        for part in email.message_from_bytes(raw).walk()
        if not part.is_multipart()
    ]
    assert [leaf.content for leaf in read_tree(raw)[0].leaves()] == expected


@settings(deadline=None)
@given(st.lists(st.sampled_from([PLAIN, HTML, PHOTO]), min_size=1, max_size=6))
def test_the_tree_equals_what_fast_mail_parser_reads(parts: list[str]) -> None:
    raw = HEAD + multipart("mixed", *parts)
    tree = fast_mail_parser.parse_email_tree(raw, mode="lazy")
    expected = [p.content for p in fast_mail_parser.walk(tree) if not p.children]
    assert [leaf.content for leaf in read_tree(raw)[0].leaves()] == expected


DEEP = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(2000)
)
HOSTILE = {
    "200,000 semicolons": HEAD + b"Content-Type: text/plain" + b";" * 200_000 + b"\r\n\r\nhello",
    "20,000 recipients": b"To: " + b"a@b.c, " * 20_000 + b"\r\n\r\nhello",
    "100,000 parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    + b"--x\r\n\r\nhello\r\n" * 100_000,
    "2,000 levels": HEAD + DEEP + b"hello",
    "100,000 encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\r\n\r\nhello",
    "a header of 5 MB": b"Subject: " + b"a" * 5_000_000 + b"\r\nFrom: a@b.de\r\n\r\nhello",
    "2,000 mails in mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 2_000 + b"hello",
    "delimiters that are none": HEAD
    + b"Content-Type: multipart/mixed; boundary=x\r\n\r\nhello\r\n"
    + b"--xy\r\n" * 1_000_000,
    "10 MB of escapes": HEAD + b"\r\nhello" + b"\x1b[31m" * 2_000_000,
    "10 MB of one line": HEAD + b"\r\nhello" + b"x" * 10_000_000,
    "10 MB of base64": HEAD
    + b"Content-Transfer-Encoding: base64\r\n\r\n"
    + b"aGVsbG8g\r\n" * 1_000_000,
    "open HTML tags": HEAD + b"Content-Type: text/html\r\n\r\nhello" + b"<div>" * 500_000,
    "500,000 status blocks": HEAD
    + b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
    + b"--x\r\nContent-Type: message/delivery-status\r\n\r\n"
    + b"Final-Recipient: rfc822; a@b.de\r\n\r\n" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_costs_seconds_at_most(name: str) -> None:
    start = time.process_time()
    understand(HOSTILE[name])
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("100,000 parts", "The mail has more than 1,000 parts; the rest was not read."),
        ("2,000 levels", "The mail is nested too deeply; its innermost parts were not read."),
        ("10 MB of one line", "The text is very long; only its beginning is shown."),
        ("open HTML tags", "The HTML is nested too deeply; only its beginning was read."),
    ],
)
def test_what_was_cut_is_said(name: str, warning: str) -> None:
    assert warning in understand(HOSTILE[name]).warnings

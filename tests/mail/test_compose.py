"""Outgoing bytes are exact, readable by every parser, and closed to injection."""

import email
import re
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.errors import BadInput
from agentdesk.domain.mail_identity import token_of
from agentdesk.domain.message import Address, ParsedMail
from agentdesk.domain.text import safe
from agentdesk.mail.compose import (
    File,
    Outgoing,
    attribution,
    build,
    new_message_id,
    quote_original,
    reply_recipients,
    reply_subject,
)
from agentdesk.mail.fields import wire_address
from agentdesk.mail.mime import attachment_bytes, understand

SUPPORT = Address("support@acme.example", "Acme Support")
MARA = Address("mara@example.com", "Mara Olsen")
DATE = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)


def outgoing(
    *,
    sender: Address = SUPPORT,
    to: tuple[Address, ...] = (MARA,),
    cc: tuple[Address, ...] = (),
    bcc: tuple[Address, ...] = (),
    reply_to: Address | None = None,
    subject: str = "Re: Order 5512",
    text: str = "Hello Mara,\n\nsorry to hear that.\n",
    in_reply_to: str = "",
    references: tuple[str, ...] = (),
    attachments: tuple[File, ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
    auto_submitted: str = "",
) -> Outgoing:
    return Outgoing(
        sender=sender,
        to=to,
        subject=subject,
        text=text,
        message_id="tok_1.0123456789abcdef@acme.example",
        date=DATE,
        cc=cc,
        bcc=bcc,
        reply_to=reply_to,
        in_reply_to=in_reply_to,
        references=references,
        attachments=attachments,
        headers=headers,
        auto_submitted=auto_submitted,
    )


def by_stdlib(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def field_names(raw: bytes) -> list[str]:
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return [line.partition(":")[0] for line in head.split("\r\n") if line[0] not in " \t"]


def test_a_simple_mail_is_exactly_these_bytes() -> None:
    assert build(outgoing(headers=(("X-Agentdesk-ID", "7"),))) == (
        b"From: Acme Support <support@acme.example>\r\n"
        b"To: Mara Olsen <mara@example.com>\r\n"
        b"Subject: Re: Order 5512\r\n"
        b"Date: Mon, 02 Mar 2026 09:41:00 +0000\r\n"
        b"Message-ID: <tok_1.0123456789abcdef@acme.example>\r\n"
        b"X-Agentdesk-ID: 7\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=us-ascii\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"Hello Mara,\r\n\r\nsorry to hear that.\r\n"
    )


def test_the_same_mail_gives_the_same_bytes() -> None:
    mail = outgoing(attachments=(File("a.txt", "text/plain", b"x"),), text="Grüße")
    assert build(mail) == build(mail)


def test_bcc_is_in_the_envelope_and_not_in_the_mail() -> None:
    mail = outgoing(cc=(Address("bob@example.com"),), bcc=(Address("boss@acme.example"), MARA))
    assert mail.recipients == ("mara@example.com", "bob@example.com", "boss@acme.example")
    assert b"boss" not in build(mail)


def test_a_mail_to_hidden_recipients_only_says_so() -> None:
    raw = build(outgoing(to=(), bcc=(MARA,)))
    assert b"To: undisclosed-recipients:;\r\n" in raw
    assert understand(raw).to == ()


def test_threading_fields_keep_every_id_whole() -> None:
    ids = tuple(f"{number}.{'x' * 90}@mail.example.com" for number in range(80))
    raw = build(outgoing(in_reply_to=ids[-1], references=ids))
    assert all(f"<{i}>".encode() in raw for i in (ids[0], *ids[-29:]))
    assert understand(raw).references == (ids[0], *ids[-29:])
    assert understand(raw).in_reply_to == (ids[-1],)


def test_automatic_mail_is_marked() -> None:
    assert b"Auto-Submitted: auto-replied\r\n" in build(outgoing(auto_submitted="auto-replied"))
    assert b"Auto-Submitted" not in build(outgoing())


def test_names_and_subjects_in_any_language_arrive() -> None:
    mail = outgoing(
        sender=Address("support@acme.example", 'Ümit "Ü" O\'Neil, Acme'),
        to=(Address("mara@example.com", "Olsen, Mara (home)"),),
        reply_to=Address("reply@acme.example", "返信"),
        subject="Größe und Farbe 👍🏽 " * 12,
    )
    raw = build(mail)
    for parsed in (understand(raw),):
        assert parsed.subject == mail.subject.strip()
        assert parsed.sender == mail.sender
        assert parsed.to == mail.to
        assert parsed.reply_to == (mail.reply_to,)
    stdlib = by_stdlib(raw)
    assert stdlib["subject"] == mail.subject.strip()
    assert stdlib["from"].addresses[0].display_name == mail.sender.name
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


def test_international_domains_are_sent_in_ascii() -> None:
    assert wire_address("bob@Bücher.example") == "bob@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "bob",
        "@example.com",
        "bob@",
        "bob@exa mple.com",
        "b ob@example.com",
        "bob..a@example.com",
        ".bob@example.com",
        "bob@-x.example",
        "bob@straße.example",
        "jörg@example.com",
        "bob@example.com\r\nBcc: x@y.de",
        "bob@example.com>",
        "a@b@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 300}.com",
    ],
)
def test_addresses_that_cannot_be_sent_to_are_refused(address: str) -> None:
    with pytest.raises(BadInput):
        build(outgoing(to=(Address(address),)))


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(BadInput, match="no recipient"):
        build(outgoing(to=()))
    with pytest.raises(BadInput, match="not a message id"):
        build(outgoing(in_reply_to="a b@c"))
    with pytest.raises(BadInput, match="not called X-"):
        build(outgoing(headers=(("Bcc", "x@y.de"),)))
    with pytest.raises(BadInput, match="not called X-"):
        build(outgoing(headers=(("X-A: b\r\nBcc", "x@y.de"),)))


ANY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from('\r\n:<>@,;"\\=?()\x00\x0b\x85\u2028 Bcc'),
    ),
    max_size=150,
)


@settings(deadline=None, max_examples=300)
@given(ANY, ANY, ANY, ANY)
def test_nothing_foreign_becomes_a_field_of_its_own(
    subject: str, name: str, value: str, file: str
) -> None:
    raw = build(
        outgoing(
            subject=subject,
            sender=Address("support@acme.example", name),
            to=(Address("mara@example.com", name),),
            headers=(("X-Agentdesk-Note", value),),
            attachments=(File(file, value, b"x"),),
        )
    )
    names = ["From", "To", "Subject", "Date", "Message-ID", "X-Agentdesk-Note", "MIME-Version"]
    assert field_names(raw) == [*names, "Content-Type"]
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|[^\x00-\x7f]", raw)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    mail = understand(raw)
    assert mail.sender.email == "support@acme.example"
    assert [a.email for a in mail.to] == ["mara@example.com"]
    assert mail.subject == safe(subject, multiline=False)
    assert len(mail.attachments) == 1


@settings(deadline=None, max_examples=300)
@given(ANY)
def test_the_text_arrives_as_it_was_written(text: str) -> None:
    raw = build(outgoing(text=text))
    head, _, body = raw.partition(b"\r\n\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|[^\x00-\x7f]", body)
    assert max(len(line) for line in body.split(b"\r\n")) <= 78
    arrived = by_stdlib(raw).get_payload(decode=True)
    assert isinstance(arrived, bytes)
    lines = re.split(r"\r\n|\r|\n", text)
    expected = "\n".join(lines).encode("utf-8", "replace").decode().rstrip("\n")
    assert arrived.decode().replace("\r\n", "\n").rstrip("\n") == expected
    assert b"Content-Transfer-Encoding: " in head


@settings(deadline=None)
@given(st.binary(max_size=500), ANY)
def test_attachments_arrive_byte_for_byte(content: bytes, name: str) -> None:
    raw = build(outgoing(attachments=(File(name, "application/pdf", content),)))
    (attachment,) = understand(raw).attachments
    assert attachment_bytes(raw, attachment.part) == content
    (part,) = by_stdlib(raw).iter_attachments()
    assert part.get_payload(decode=True) == content


@pytest.mark.parametrize(
    "name", ["invoice.pdf", "Größe 管理.pdf", "a" * 150 + ".pdf", "Rechnung ä" * 15 + ".pdf"]
)
def test_file_names_arrive_in_every_parser(name: str) -> None:
    raw = build(outgoing(attachments=(File(name, "application/pdf", b"%PDF"),)))
    assert understand(raw).attachments[0].name == name
    (part,) = by_stdlib(raw).iter_attachments()
    assert part.get_filename() == name


def test_a_file_with_the_boundary_in_it_does_not_end_the_mail() -> None:
    first = build(outgoing(attachments=(File("a", "text/plain", b"x"),)))
    boundary = re.search(rb'boundary="([^"]+)"', first)
    assert boundary
    raw = build(
        outgoing(text=f"--{boundary[1].decode()}--\n", attachments=(File("a", "text/plain", b"x"),))
    )
    assert understand(raw).text == f"--{boundary[1].decode()}--"


def test_message_ids_are_unique_and_carry_the_token() -> None:
    token = "abcdefghij234567klmnop"
    ids = {new_message_id(token, number, "Acme.example") for number in range(100)}
    assert len(ids) == 100
    assert {token_of(i) for i in ids} == {token}
    assert all(i.endswith("@acme.example") for i in ids)


def test_an_id_that_cannot_be_written_is_not_made() -> None:
    with pytest.raises(BadInput):
        new_message_id("abc", 1, "x y")


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("Order 5512", "Re: Order 5512"),
        ("Re: Order", "Re: Order"),
        ("AW: RE[2]: Re: Order", "Re: Order"),
        ("SV: VS: Order", "Re: Order"),
        ("Antw.: x", "Re: Antw.: x"),
        ("回复：订单", "Re: 订单"),
        ("re : Order", "Re: Order"),
        ("Re: Fwd: Order", "Re: Fwd: Order"),
        ("[EXT] Order", "Re: [EXT] Order"),
        ("Reference: 7", "Re: Reference: 7"),
        ("", "Re:"),
        ("a\r\nBcc: x", "Re: a Bcc: x"),
    ],
)
def test_a_reply_says_re_once(subject: str, reply: str) -> None:
    assert reply_subject(subject) == reply
    assert reply_subject(reply) == reply


def test_the_original_is_quoted_line_by_line() -> None:
    line = attribution(MARA, DATE)
    assert line == "On 2026-03-02 at 09:41 UTC, Mara Olsen <mara@example.com> wrote:"
    assert quote_original("Hello,\n\n> older\nBye\n\n", line) == (
        f"{line}\n> Hello,\n>\n>> older\n> Bye"
    )


def test_our_quotes_are_not_the_customers_words() -> None:
    text = "Thanks!\n\n" + quote_original("Hello,\nsorry.", attribution(SUPPORT, DATE))
    assert understand(build(outgoing(text=text))).latest_text == "Thanks!"


OWN = frozenset({"support@acme.example", "sales@acme.example"})


def received(
    sender: Address = MARA,
    to: tuple[Address, ...] = (SUPPORT,),
    cc: tuple[Address, ...] = (),
    reply_to: tuple[Address, ...] = (),
) -> ParsedMail:
    return ParsedMail("", sender, "", (), to=to, cc=cc, reply_to=reply_to)


BOB = Address("bob@example.com")
HOME = Address("mara.home@example.net")
SALES = Address("sales@acme.example")


@pytest.mark.parametrize(
    ("mail", "everyone", "to", "cc"),
    [
        (received(), False, (MARA,), ()),
        (received(reply_to=(HOME,)), False, (HOME,), ()),
        (received(reply_to=(SUPPORT,)), False, (MARA,), ()),
        (received(to=(SUPPORT, BOB), cc=(HOME,)), False, (MARA,), ()),
        (received(to=(SUPPORT, BOB), cc=(HOME, SALES, MARA)), True, (MARA,), (BOB, HOME)),
        (received(sender=SUPPORT, to=(MARA, BOB)), False, (MARA, BOB), ()),
        (received(sender=SUPPORT, to=(MARA,), cc=(BOB,)), True, (MARA,), (BOB,)),
        (received(sender=Address("", "nobody"), to=(SUPPORT,)), True, (), ()),
    ],
)
def test_replies_go_to_those_who_should_get_them(
    mail: ParsedMail, everyone: bool, to: tuple[Address, ...], cc: tuple[Address, ...]
) -> None:
    assert reply_recipients(mail, OWN, everyone=everyone) == (to, cc)

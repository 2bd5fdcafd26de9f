"""A person's mail is told from a program's, and a bounce says who was not reached."""

import pytest

from agentdesk.domain.message import MailKind, ParsedMail
from agentdesk.mail.kinds import may_answer_automatically
from agentdesk.mail.mime import understand

OWN = frozenset({"support@acme.example"})


def mail(*fields: str, body: str = "Hello, where is my parcel?", sender: str = "") -> bytes:
    head = [
        f"From: {sender or 'Mara Olsen <mara@example.com>'}",
        "To: support@acme.example",
        *fields,
    ]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def read(*fields: str, body: str = "Hello, where is my parcel?", sender: str = "") -> ParsedMail:
    return understand(mail(*fields, body=body, sender=sender), own_addresses=OWN)


@pytest.mark.parametrize(
    "fields",
    [
        ("Subject: Order 5512",),
        ("Auto-Submitted: no",),
        ("Return-Path: <mara@example.com>",),
        ("Subject: Out of paper",),
        ("X-Auto-Response-Suppress: OOF",),
        ("In-Reply-To: <x@acme.example>", "List-Unsubscribe: <https://crm.example/u>"),
        ("List-Id: <support.acme.example>", "List-Post: <mailto:support@acme.example>"),
        ("Precedence: list", "List-Id: <support.acme.example>"),
        ("Subject: Re: delivery failed", "In-Reply-To: <x@acme.example>"),
    ],
)
def test_a_persons_mail_is_normal(fields: tuple[str, ...]) -> None:
    assert read(*fields).kind is MailKind.NORMAL


@pytest.mark.parametrize(
    "fields",
    [
        ("Auto-Submitted: auto-replied (vacation)",),
        ("Auto-Submitted: auto-generated",),
        ("X-Autoreply: yes",),
        ("Precedence: auto_reply",),
        ("Return-Path: <>",),
        ("Subject: Automatic reply: Order 5512",),
        ("Subject: =?utf-8?q?R=C3=A9ponse_automatique_?= : commande",),
        ("Subject: Abwesenheitsnotiz: Bestellung",),
        ("Content-Type: multipart/report; report-type=disposition-notification",),
        ("Content-Type: multipart/report; report-type=feedback-report",),
    ],
)
def test_a_programs_answer_is_an_auto_reply(fields: tuple[str, ...]) -> None:
    assert read(*fields).kind is MailKind.AUTO_REPLY


@pytest.mark.parametrize(
    "fields",
    [
        ("List-Id: News <news.shop.example>",),
        ("List-Unsubscribe: <https://shop.example/u>",),
        ("Precedence: bulk",),
        ("Precedence: junk",),
    ],
)
def test_a_mass_mail_is_a_list(fields: tuple[str, ...]) -> None:
    assert read(*fields).kind is MailKind.LIST


def test_our_own_mail_coming_back_is_a_loop() -> None:
    assert read(sender="Support <support@acme.example>").kind is MailKind.LOOP
    assert read("X-Agentdesk-ID: 1").kind is MailKind.LOOP
    assert read("X-Loop: support@acme.example").kind is MailKind.LOOP


def test_more_than_25_hops_are_a_loop() -> None:
    assert read(*["Received: from a by b"] * 25).kind is MailKind.NORMAL
    assert read(*["Received: from a by b"] * 26).kind is MailKind.LOOP


REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example.org>
To: support@acme.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
References: <thread@example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; colleague@example.com
Action: relayed
Status: 2.0.0

Final-Recipient: rfc822; mara.forwarded@example.net
Original-Recipient: rfc822;Mara@example.com
Action: {action}
Status: {status} (no such user)
--b
Content-Type: message/rfc822

From: support@acme.example
To: mara@example.com
Message-ID: <tok_7.0123456789abcdef@acme.example>
X-Agentdesk-ID: 7

Sorry to hear that.
--b--
"""


def test_a_delivery_report_names_recipient_status_and_returned_mail() -> None:
    bounce = understand(REPORT.format(action="Failed", status="5.1.1").encode(), own_addresses=OWN)
    assert bounce.kind is MailKind.BOUNCE
    assert bounce.bounced_recipient == "mara@example.com"
    assert (bounce.bounce_action, bounce.bounce_status) == ("failed", "5.1.1")
    assert bounce.references == ("thread@example.com", "tok_7.0123456789abcdef@acme.example")


def test_a_delay_is_not_a_failure() -> None:
    bounce = understand(REPORT.format(action="delayed", status="4.4.1").encode())
    assert (bounce.kind, bounce.bounce_action) == (MailKind.BOUNCE, "delayed")


def test_a_confirmed_delivery_is_no_bounce() -> None:
    receipt = understand(REPORT.format(action="delivered", status="2.0.0").encode())
    assert (receipt.kind, receipt.bounce_action) == (MailKind.AUTO_REPLY, "relayed")


def test_a_report_in_prose_is_understood_too() -> None:
    bounce = read(
        "Subject: Undeliverable: your order",
        "Return-Path: <>",
        sender="System Administrator <postmaster@example.org>",
        body=(
            "Your message did not reach some or all of the intended recipients.\n\n"
            "      To: support@acme.example\n\n"
            "      mara@example.com on 2/3/26 9:41 AM\n"
            "      550 5.1.1 Recipient not found\n\n"
            "--- Original message follows ---\n\n"
            "Message-ID: <tok_7.0123456789abcdef@acme.example>\nTo: somebody.else@example.com\n"
        ),
    )
    assert bounce.kind is MailKind.BOUNCE
    assert bounce.bounced_recipient == "mara@example.com"
    assert (bounce.bounce_action, bounce.bounce_status) == ("failed", "5.1.1")
    assert bounce.references == ("tok_7.0123456789abcdef@acme.example",)


def test_a_report_within_a_report_is_found() -> None:
    inner = REPORT.format(action="failed", status="5.1.1")
    outer = (
        "From: MAILER-DAEMON@gate.example\nSubject: Returned mail\n"
        "Content-Type: multipart/mixed; boundary=o\n\n--o\n\nSee below.\n--o\n"
        f"Content-Type: message/rfc822\n\n{inner}\n--o--\n"
    )
    assert understand(outer.encode()).bounced_recipient == "mara@example.com"


def test_a_customer_who_writes_about_failures_has_not_bounced() -> None:
    question = read("Subject: delivery failed", body="My parcel: delivery has failed twice.")
    assert question.kind is MailKind.NORMAL
    reply = read(
        "Subject: Re: delivery failed",
        "In-Reply-To: <x@acme.example>",
        body="The shop says: address failed.",
    )
    assert reply.kind is MailKind.NORMAL


@pytest.mark.parametrize(
    "fields",
    [
        ("Return-Path: <>",),
        ("Auto-Submitted: auto-generated",),
        ("List-Id: <support.acme.example>",),
        ("Precedence: bulk",),
        ("X-Auto-Response-Suppress: All",),
        ("X-Agentdesk-ID: 1",),
        ("Content-Type: multipart/report; report-type=delivery-status",),
    ],
)
def test_a_program_never_answers_programs_lists_and_bounces(fields: tuple[str, ...]) -> None:
    assert not may_answer_automatically(mail(*fields), OWN)


@pytest.mark.parametrize(
    "sender",
    [
        "no-reply@shop.example",
        "DoNotReply@shop.example",
        "mailer-daemon@mx.example",
        "support@acme.example",
        "MAILER-DAEMON <>",
    ],
)
def test_a_program_never_answers_those_who_cannot_read_it(sender: str) -> None:
    assert not may_answer_automatically(mail(sender=sender), OWN)


def test_a_program_answers_only_mail_that_is_addressed_to_us() -> None:
    assert may_answer_automatically(mail("Subject: Order"), OWN)
    assert not may_answer_automatically(mail("Subject: Order"), frozenset({"sales@acme.example"}))

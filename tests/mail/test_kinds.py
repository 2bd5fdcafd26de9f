"""A person's mail is told from a program's, and a bounce says who was not reached."""

import pytest

from agentdesk.domain.message import Address, Bounced, MailKind, ParsedMail
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
        ("Subject: Lugano: where is my parcel?",),
        ("Subject: Reading lamp, automatic switch broken",),
        ("Subject: Please confirm my order",),
        ("Subject: Your request for payment", "X-Mailer: Microsoft Outlook 16.0"),
        ("Subject: Undeliverable parcel", "In-Reply-To: <x@acme.example>"),
        ("Precedence: first-class",),
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
        ("Auto-Submitted: auto-generated; owner=crm",),
        ("X-Auto-Reply-From: vacation@example.com",),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent",),
        ("Delivered-To: Autoresponder",),
        ("X-Mailer: Vacation/1.2.7.0",),
        ("Precedence: bulk", "Subject: Re: Order 5512", "In-Reply-To: <x@acme.example>"),
        ("Precedence: junk", "Subject: away from my mail"),
        ("Subject: Re: Out of office: Order 5512",),
        ("Subject: [EXTERN] Automatische Antwort: Order 5512",),
        ("Subject: Autosvar: Order 5512",),
        ("Subject: =?utf-8?b?6Ieq5YuV5b+c562U?=: Order 5512",),
        ("Subject: =?utf-8?q?Automatyczna_odpowied=C5=BA?=: Order 5512",),
        ("Subject: =?utf-8?b?0JDQstGC0L7QvtGC0LLQtdGC?=: Order 5512",),
        ("Subject: Request received: Order 5512 [#8812]",),
        ("Subject: Eingangsbest=C3=A4tigung".replace("=C3=A4", "\u00e4"),),
        ("Subject: Please confirm your message (verification needed)",),
        ("Subject: Gelesen: Order 5512",),
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
        ("Mailing-List: contact dev-help@shop.example; run by ezmlm",),
        ("X-BeenThere: dev@shop.example", "In-Reply-To: <x@acme.example>"),
        ("List-Id: <news.shop.example>", "Auto-Submitted: auto-generated"),
    ],
)
def test_a_mass_mail_is_a_list(fields: tuple[str, ...]) -> None:
    assert read(*fields).kind is MailKind.LIST


def test_our_own_mail_coming_back_is_a_loop() -> None:
    assert read(sender="Support <support@acme.example>").kind is MailKind.LOOP
    marked = "X-Agentdesk-ID: 1", "Message-ID: <ad.abcdefghijklmnopqrstuv.7@acme.example>"
    assert read(*marked).kind is MailKind.LOOP
    assert read("X-Loop: support@acme.example").kind is MailKind.LOOP


def test_what_people_write_with_another_companys_agentdesk_is_their_mail() -> None:
    fields = (
        "X-Agentdesk-ID: IMS0000009.4",
        "Message-ID: <ad.abcdefghijklmnopqrstuv.4@fjord.example>",
    )
    assert read(*fields).kind is MailKind.NORMAL
    assert not may_answer_automatically(mail(*fields), OWN)


@pytest.mark.parametrize("field", ["Reply-To", "X-Original-From", "X-Original-Sender"])
def test_a_form_that_writes_in_our_name_brings_a_customers_mail(field: str) -> None:
    ours = "Web form <support@acme.example>"
    passed_on = read(f"{field}: Mara <mara@example.com>", sender=ours)
    assert passed_on.kind is MailKind.NORMAL
    assert passed_on.sender == Address("mara@example.com", "Mara")
    assert passed_on.notices[0].startswith("Passed on by your own address support@acme.example")
    assert read(f"{field}: support@acme.example", sender=ours).kind is MailKind.LOOP
    token = "Message-ID: <ad.abcdefghijklmnopqrstuv.7@acme.example>"
    assert read(f"{field}: mara@example.com", token, sender=ours).kind is MailKind.LOOP
    assert not may_answer_automatically(mail(f"{field}: m@example.com", sender=ours), OWN)


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


def test_all_recipients_of_a_report_are_told_failures_first() -> None:
    bounce = understand(REPORT.format(action="failed", status="5.1.1").encode(), own_addresses=OWN)
    assert [(b.email, b.action, b.status) for b in bounce.bounced] == [
        ("mara@example.com", "failed", "5.1.1"),
        ("colleague@example.com", "relayed", "2.0.0"),
    ]


def test_a_report_tells_our_marks_and_the_servers_reason() -> None:
    report = REPORT.format(action="failed", status="5.1.1").replace(
        "Reporting-MTA:", "Original-Envelope-Id: IMS0000001.7\nReporting-MTA:"
    )
    report = report.replace(
        "Action: failed", "Action: failed\nDiagnostic-Code: smtp; 550 5.1.1 No such\n user here"
    )
    bounce = understand(report.encode(), own_addresses=OWN)
    assert bounce.desk_ids == ("IMS0000001.7", "7")
    assert bounce.bounced[0].reason == "550 5.1.1 No such user here"


def test_a_returned_mail_is_known_by_the_id_before_it_was_rewritten() -> None:
    report = REPORT.format(action="failed", status="5.1.1")
    rewritten = report.replace(
        "X-Agentdesk-ID: 7",
        "X-Microsoft-Original-Message-ID: <first@acme.example>\nReferences: <a@b.example>",
    )
    assert understand(rewritten.encode()).references == (
        "thread@example.com",
        "a@b.example",
        "first@acme.example",
        "tok_7.0123456789abcdef@acme.example",
    )


@pytest.mark.parametrize(
    ("action", "status", "hard"),
    [
        ("failed", "5.1.1", True),
        ("failed", "5.0.0", True),
        ("failed", "5.4.4", True),
        ("failed", "5.2.2", False),
        ("failed", "5.7.1", False),
        ("failed", "4.4.7", False),
        ("failed", "", False),
        ("delayed", "5.1.1", False),
    ],
)
def test_only_a_failure_for_good_speaks_against_an_address(
    action: str, status: str, hard: bool
) -> None:
    assert Bounced("mara@example.com", action, status).hard is hard


def test_words_of_servers_beside_the_standard_are_understood() -> None:
    for word, meant in (("failure", "failed"), ("error", "failed"), ("delay", "delayed")):
        bounce = understand(REPORT.format(action=word, status="5.1.1").encode())
        assert bounce.bounce_action == meant


PROSE = {
    "postfix": (
        "I'm sorry. For further assistance, please contact <postmaster@example.org>\n\n"
        "<mara@example.com>: host mx said: 550 5.1.1 <mara@example.com>... User unknown\n"
    ),
    "exchange": (
        "Your message\n\n  To:      list@example.net\n  Subject: x\n\n"
        "did not reach the following recipient(s):\n\nc=US;dda:SMTP=Mara@example.com; on Fri\n"
    ),
    "mdaemon": (
        "The following addresses did NOT receive a copy of your message: \n\n> mara@example.com\n"
    ),
    "advice": (
        "Unable to deliver message to <mara@example.com>.\n"
        "If you have questions write to help@example.org. Your mail came from desk@example.net.\n"
    ),
}


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE.keys())
def test_prose_names_whom_it_is_about(text: str) -> None:
    bounce = read("Subject: Returned mail", sender="MDaemon@mx.example.org", body=text)
    assert (bounce.kind, bounce.bounced_recipient) == (MailKind.BOUNCE, "mara@example.com")


def test_several_recipients_in_prose_are_all_told() -> None:
    text = (
        "Your message could not be delivered to the following recipients:\n\n"
        "  mara@example.com: 550 5.1.1 no such user\n\n  lee@example.com: 552 5.2.2 full\n"
    )
    bounce = read("Subject: Undeliverable", sender="MAILER-DAEMON@mx.example.org", body=text)
    assert [(b.email, b.status) for b in bounce.bounced] == [
        ("mara@example.com", "5.1.1"),
        ("lee@example.com", "5.2.2"),
    ]


def test_a_gateway_that_is_no_daemon_reports_too() -> None:
    said = "Your message with subject Re: x.\ncould not be delivered to the following: mara@example.com"
    gateway = "Antivirus_Gateway@example.org"
    assert read("Subject: Delivery failure", sender=gateway, body=said).kind is MailKind.BOUNCE
    asked = "My parcel could not be delivered. What now?"
    assert read("Subject: Delivery failure", body=asked).kind is MailKind.NORMAL
    answered = ("Subject: Re: Delivery failure", "In-Reply-To: <x@acme.example>")
    assert read(*answered, body=said).kind is MailKind.NORMAL


def test_a_mail_server_that_returns_a_mail_reports_in_any_language() -> None:
    raw = mail(
        "Subject: \u90f5\u4ef6\u50b3\u9001\u5831\u544a",
        "Content-Type: multipart/mixed; boundary=b",
        sender="MAILER-DAEMON@mx.example",
        body="--b\n\n\u627e\u4e0d\u5230 <mara@example.com>:\n--b\n"
        "Content-Type: message/rfc822\n\nSubject: x\n\ny\n--b--\n",
    )
    bounce = understand(raw)
    assert (bounce.kind, bounce.bounced_recipient) == (MailKind.BOUNCE, "mara@example.com")


def test_a_mail_that_a_receivers_filter_rejected_has_bounced() -> None:
    bounce = understand(
        b"From: Mail Delivery Subsystem <postmaster@example.com>\nSubject: Automatically rejected mail\n"
        b"Auto-Submitted: auto-replied (rejected)\n"
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        b"--b\n\nYour message to <mara@example.com> was automatically rejected:\nQuota exceeded\n--b--\n"
    )
    assert (bounce.kind, bounce.bounced_recipient) == (MailKind.BOUNCE, "mara@example.com")


def test_amazons_notification_of_a_bounce_is_one() -> None:
    told = (
        '{ "Type" : "Notification", "Message" : "{\\"notificationType\\":\\"Bounce\\",\\"bounce\\":'
        '{\\"bouncedRecipients\\":[{\\"emailAddress\\":\\"mara@example.com\\",'
        '\\"status\\":\\"5.1.1\\"}]}}" }'
    )
    bounce = read("Subject: AWS Notification Message", sender="no-reply@sns.example", body=told)
    assert (bounce.kind, bounce.bounced_recipient) == (MailKind.BOUNCE, "mara@example.com")
    assert bounce.bounce_status == "5.1.1"


HOSTILE_TEXTS = {
    "addresses": "a@b.cc " * 50_000,
    "markers": "message to recipients: delivered to " * 20_000,
    "one line": "user unknown " + "x" * 500_000,
    "json": '"notificationType" : ' * 20_000,
    "blocks": "Final-Recipient: rfc822; a@b.cc\n\n" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_hostile_reports_are_read_too(text: str) -> None:
    bounce = read("Subject: Undeliverable", sender="MAILER-DAEMON@mx.example", body=text)
    assert bounce.kind is MailKind.BOUNCE
    assert len(bounce.bounced) <= 200


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

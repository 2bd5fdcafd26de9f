"""Invitations, attached mails, signatures and ciphers are told in a sentence each."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.domain.message import MailKind
from agentdesk.domain.text import safe
from agentdesk.mail.mime import attachment_bytes, understand

HEAD = b"From: Mara <mara@example.com>\r\nSubject: Order 5512\r\nMIME-Version: 1.0\r\n"


def multipart(kind: str, *parts: str, boundary: str = "=_b1", more: str = "") -> bytes:
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{more}\r\n\r\n'
    return (head + body + f"--{boundary}--\r\n").encode()


PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\nMy parcel arrived broken."


def calendar(*lines: str, method: str = "REQUEST") -> str:
    event = ["BEGIN:VEVENT", *lines, "END:VEVENT"]
    whole = ["BEGIN:VCALENDAR", f"METHOD:{method}", *event, "END:VCALENDAR", ""]
    return "Content-Type: text/calendar; charset=utf-8\r\n\r\n" + "\r\n".join(whole)


def notices(*parts: str, kind: str = "mixed", more: str = "") -> tuple[str, ...]:
    return understand(HEAD + multipart(kind, *parts, more=more)).notices


REVIEW = (
    "SUMMARY:Project review",
    "DTSTART:20260303T100000Z",
    "DTEND:20260303T110000Z",
    "LOCATION:Room 4",
    "ORGANIZER;CN=Ana Ruiz:mailto:Ana@example.com",
)
PLACE = ", Room 4, from ana@example.com."


@pytest.mark.parametrize(
    ("lines", "method", "sentence"),
    [
        (REVIEW, "REQUEST", f"Invitation: Project review, 3 March 2026 10:00–11:00 UTC{PLACE}"),
        (REVIEW, "CANCEL", f"Cancelled: Project review, 3 March 2026 10:00–11:00 UTC{PLACE}"),
        (REVIEW, "PUBLISH", f"Event: Project review, 3 March 2026 10:00–11:00 UTC{PLACE}"),
        (
            (*REVIEW, "ATTENDEE;PARTSTAT=DECLINED;CN=Bob:MAILTO:bob@example.com"),
            "REPLY",
            "Declined by bob@example.com: Project review, 3 March 2026 10:00–11:00 UTC, Room 4.",
        ),
        (
            (*REVIEW[:3], "ATTENDEE;PARTSTAT=TENTATIVE:mailto:bob@example.com"),
            "REPLY",
            "Tentatively accepted by bob@example.com: Project review, 3 March 2026 10:00–11:00 UTC.",
        ),
        (
            (*REVIEW, "STATUS:CANCELLED"),
            "REQUEST",
            f"Cancelled: Project review, 3 March 2026 10:00–11:00 UTC{PLACE}",
        ),
        (
            ("SUMMARY:Fair", "DTSTART;VALUE=DATE:20260303", "DTEND;VALUE=DATE:20260306"),
            "REQUEST",
            "Invitation: Fair, 3 March 2026 – 5 March 2026, all day.",
        ),
        (
            ("SUMMARY:Fair", "DTSTART;VALUE=DATE:20260303"),
            "REQUEST",
            "Invitation: Fair, 3 March 2026, all day.",
        ),
        (
            (
                "SUMMARY:Stand-up",
                "DTSTART;TZID=Europe/Berlin:20260303T100000",
                "DURATION:PT15M",
                "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20260603T080000Z",
            ),
            "REQUEST",
            "Invitation: Stand-up, 3 March 2026 10:00–10:15 UTC+1, every 2 weeks until 3 June 2026.",
        ),
        (
            (
                "SUMMARY:Shift",
                "DTSTART;TZID=W. Europe Standard Time:20260703T220000",
                "DTEND;TZID=W. Europe Standard Time:20260704T060000",
                "RRULE:FREQ=DAILY;COUNT=5",
            ),
            "REQUEST",
            "Invitation: Shift, 3 July 2026 22:00 – 4 July 2026 06:00 UTC+2, every day, 5 times.",
        ),
        (
            ("DTSTART;TZID=Customized Time Zone:20260303T100000",),
            "REQUEST",
            "Invitation: (no title), 3 March 2026 10:00 (Customized Time Zone).",
        ),
        (
            ("SUMMARY:Lunch\\, with", "  a long li", " ne"),
            "REQUEST",
            "Invitation: Lunch, with a long line.",
        ),
    ],
)
def test_an_invitation_is_told(lines: tuple[str, ...], method: str, sentence: str) -> None:
    assert notices(PLAIN, calendar(*lines, method=method)) == (sentence,)


def test_an_invitation_stays_an_attachment_and_its_description_stands_in_for_text() -> None:
    part = calendar(*REVIEW, "DESCRIPTION:Please bring\\nthe lamp.")
    raw = HEAD + multipart("mixed", part)
    mail = understand(raw)
    assert mail.text == mail.latest_text == "Please bring\nthe lamp."
    (ics,) = mail.attachments
    assert ics.name == "invitation.ics"
    assert attachment_bytes(raw, ics.part).startswith(b"BEGIN:VCALENDAR")
    assert understand(HEAD + multipart("mixed", PLAIN, part)).text == "My parcel arrived broken."


def test_time_zones_that_the_mail_defines_are_not_computed() -> None:
    endless = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Evil\r\nBEGIN:STANDARD\r\n"
        "DTSTART:16010101T000000\r\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\n"
        "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
        "BEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART;TZID=Evil:20260303T100000\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    part = "Content-Type: text/calendar\r\n\r\n" + endless
    assert notices(PLAIN, part) == ("Invitation: x, 3 March 2026 10:00 (Evil).",)


@pytest.mark.parametrize(
    "hostile",
    [
        "BEGIN:VEVENT\r\n" * 300_000,
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + "ATTENDEE:mailto:a@b.c\r\n" * 300_000,
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY" + ";A=b" * 1_000_000 + ":x\r\nEND:VEVENT",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:" + "a\r\n " * 1_000_000,
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:" + "1" * 3_000_000 + "\r\nEND:VEVENT",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDURATION:P"
        + "9" * 4_000
        + "D\r\nDTSTART:20260101\r\nEND:VEVENT",
        ":" * 3_000_000,
    ],
    ids=lambda text: text[-12:],
)
def test_a_hostile_calendar_costs_less_than_two_seconds(hostile: str) -> None:
    raw = HEAD + multipart("mixed", PLAIN, "Content-Type: text/calendar\r\n\r\n" + hostile)
    understand(HEAD + multipart("mixed", PLAIN, calendar(*REVIEW)))  # the library is imported
    start = time.process_time()
    mail = understand(raw)
    assert time.process_time() - start < 2
    assert [a.type for a in mail.attachments] == ["text/calendar"]


CALENDAR_BITS = (
    *(
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "BEGIN:VTIMEZONE",
        "METHOD:REPLY",
    ),
    *(
        "DTSTART:20260303T100000Z",
        "DTSTART;VALUE=DATE:20260303",
        "DTSTART:99991231",
        "DTEND:00010101",
    ),
    *(
        "DTEND;TZID=Europe/Berlin:20260101T1",
        "DURATION:P9999999D",
        "DURATION:-PT1H",
        "RRULE:FREQ=WEEKLY",
    ),
    *(
        "RRULE:FREQ=YEARLY;UNTIL=x",
        "RRULE:COUNT=0",
        "SUMMARY:\\",
        "ORGANIZER:",
        "ATTENDEE;PARTSTAT=:x",
    ),
    *(
        "DTSTART;TZID=../../etc/passwd:20260101T000000",
        'SUMMARY;X="',
        " folded",
        "LOCATION:\x1b[2J",
        "::",
    ),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(CALENDAR_BITS), st.text(max_size=12)), max_size=20))
def test_any_calendar_is_told_safely_or_passed_over(lines: list[str]) -> None:
    for part in (calendar(*lines), "Content-Type: text/calendar\r\n\r\n" + "\r\n".join(lines)):
        mail = understand(HEAD + multipart("mixed", part))
        assert all(safe(n, multiline=False) == n and len(n) < 900 for n in mail.notices)
        assert safe(mail.text) == mail.text


SMIME = "Signed with S/MIME; the signature was not checked."
PGP = "Signed with OpenPGP; the signature was not checked."
CIPHER = "Encrypted with OpenPGP; the desk cannot read it."
SIGNATURE = "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMIIB"


@pytest.mark.parametrize(
    ("kind", "more", "parts", "expected"),
    [
        ("signed", '; protocol="application/pkcs7-signature"', (PLAIN, SIGNATURE), SMIME),
        ("signed", '; protocol="application/x-pkcs7-signature"', (PLAIN, SIGNATURE), SMIME),
        (
            "signed",
            "; protocol=application/pgp-signature; micalg=pgp-sha256",
            (PLAIN, SIGNATURE),
            PGP,
        ),
        (
            "encrypted",
            '; protocol="application/pgp-encrypted"',
            (
                "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
                'Content-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n-----BEGIN',
            ),
            CIPHER,
        ),
    ],
)
def test_signed_and_encrypted_mail_is_told(
    kind: str, more: str, parts: tuple[str, ...], expected: str
) -> None:
    assert notices(*parts, kind=kind, more=more) == (expected,)


def test_a_signed_mail_within_a_mailing_list_footer_is_told() -> None:
    signed = multipart(
        "signed", PLAIN, SIGNATURE, boundary="in", more='; protocol="application/pkcs7-signature"'
    )
    footer = "Content-Type: text/plain\r\n\r\nfooter"
    mail = understand(HEAD + multipart("mixed", signed.decode(), footer))
    assert mail.notices == (SMIME,)
    assert mail.text == "My parcel arrived broken.\n\nfooter"
    assert [a.name for a in mail.attachments] == ["smime.p7s"]


@pytest.mark.parametrize(
    ("smime_type", "content", "sentence"),
    [
        ("; smime-type=enveloped-data", "MIIB", "Encrypted with S/MIME; the desk cannot read it."),
        ("", "MIIBBgYJKoZIhvcNAQcDoIIB", "Encrypted with S/MIME; the desk cannot read it."),
        ("; smime-type=certs-only", "MIIB", None),
    ],
)
def test_opaque_smime_is_told(smime_type: str, content: str, sentence: str | None) -> None:
    raw = (
        HEAD
        + (
            f"Content-Type: application/pkcs7-mime{smime_type}; name=smime.p7m\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{content}"
        ).encode()
    )
    mail = understand(raw)
    assert mail.notices == ((sentence,) if sentence else ())
    assert [a.name for a in mail.attachments] == ["smime.p7m"]


ARMOURED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nMy parcel arrived broken.\n\n- -- \nMara\n"
    "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
)


def test_the_armour_of_a_signed_text_is_left_out_and_the_text_stays_whole() -> None:
    mail = understand(HEAD + b"\r\n" + ARMOURED.encode())
    assert mail.notices == (PGP,)
    assert mail.latest_text == "My parcel arrived broken."
    assert mail.text == ARMOURED.rstrip()


def test_an_encrypted_text_is_told() -> None:
    armour = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
    assert understand(HEAD + b"\r\n" + armour).notices == (CIPHER,)


INNER = (
    "From: Bob <bob@example.com>\r\nTo: mara@example.com\r\nSubject: Your order\r\n"
    "Date: Mon, 2 Mar 2026 09:41:00 +0100\r\nMessage-ID: <inner@example.com>\r\n"
    "In-Reply-To: <other@example.com>\r\nAuto-Submitted: auto-replied\r\n\r\nIt was sent on Monday.\r\n"
)
ATTACHED = f"Content-Type: message/rfc822\r\n\r\n{INNER}"
TOLD = "Attached mail: Your order, from Bob <bob@example.com>, 2 March 2026 08:41 UTC."


def test_an_attached_mail_is_told_and_decides_nothing() -> None:
    raw = HEAD + b"Message-ID: <outer@example.com>\r\n" + multipart("mixed", PLAIN, ATTACHED)
    mail = understand(raw)
    assert mail.notices == (TOLD,)
    assert mail.text == "My parcel arrived broken."
    assert mail.sender.email == "mara@example.com"
    assert (mail.message_id, mail.in_reply_to, mail.references) == ("outer@example.com", (), ())
    assert mail.kind is MailKind.NORMAL
    (file,) = mail.attachments
    assert file.name == "Your order.eml"
    assert attachment_bytes(raw, file.part).decode().startswith("From: Bob")


def test_the_attached_mail_can_be_read_where_the_carrying_mail_has_no_text() -> None:
    mail = understand(HEAD + multipart("mixed", ATTACHED))
    assert mail.text == mail.latest_text == f"{TOLD}\n\nIt was sent on Monday."
    assert mail.sender.email == "mara@example.com"
    assert mail.kind is MailKind.NORMAL


def test_a_failure_in_an_attached_mail_makes_no_bounce() -> None:
    inner = ATTACHED.replace("It was sent on Monday.", "550 user unknown: could not be delivered")
    raw = (HEAD + multipart("mixed", inner)).replace(b"Order 5512", b"Delivery failed")
    assert understand(raw.replace(b"Mara <mara@", b"Mail Delivery <mara@")).kind is MailKind.NORMAL


def test_many_attached_mails_are_counted() -> None:
    told = notices(*[ATTACHED.replace("Your order", f"Order {n}") for n in range(9)], kind="digest")
    assert len(told) == 6
    assert told[-1] == "4 more attached mails."


def test_a_mail_that_only_carries_a_mail_that_only_carries_one_is_read() -> None:
    middle = "From: Ana <ana@example.com>\r\nSubject: Fwd\r\n" + ATTACHED
    mail = understand(HEAD + multipart("mixed", "Content-Type: message/rfc822\r\n\r\n" + middle))
    assert mail.text.endswith(f"{TOLD}\n\nIt was sent on Monday.")

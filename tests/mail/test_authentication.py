"""Only the server that we trust says where a mail comes from; impostors are warned about."""

import pytest

from agentdesk.domain.message import Authentication, ParsedMail, Verdict
from agentdesk.mail.mime import understand

OURS = "mx.northwind.example"
OWN = frozenset({"support@northwind.example", "shop@gmail.com"})


def read(
    *fields: str, sender: str = "Mara Olsen <mara@fjord.example>", by: str = OURS
) -> ParsedMail:
    head = [*fields, f"From: {sender}", "To: support@northwind.example", "Subject: Order 5512"]
    raw = ("\r\n".join(head) + "\r\n\r\nHello").encode()
    return understand(raw, own_addresses=OWN, authserv_id=by)


def verdict(*results: str, **more: str) -> Verdict:
    return read(*[f"Authentication-Results: {r}" for r in results], **more).auth.verdict


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("dmarc=pass (p=REJECT) header.from=fjord.example", Verdict.PASS),
        ("dmarc=fail (p=NONE) header.from=fjord.example; spf=pass smtp.mailfrom=m@fjord.example", Verdict.FAIL),
        ("spf=pass smtp.mailfrom=mara@fjord.example", Verdict.PASS),
        ("spf=pass smtp.mailfrom=bounces.fjord.example", Verdict.PASS),
        ("dmarc=none; dkim=pass (2048-bit key) header.d=fjord.example header.s=a", Verdict.PASS),
        ("dkim=fail header.d=fjord.example; dkim=pass header.i=@mail.fjord.example", Verdict.PASS),
        ("DKIM=Pass header.d=FJORD.example", Verdict.PASS),
        ('spf = pass smtp . x=1 smtp.mailfrom = "mara@fjord.example"', Verdict.PASS),
        ("dkim=pass header.d=mailer.example; spf=pass smtp.mailfrom=b@mailer.example", Verdict.NONE),
        ("dkim=pass header.d=example; spf=softfail smtp.mailfrom=fjord.example", Verdict.NONE),
        ("dkim=pass header.d=evilfjord.example", Verdict.NONE),
        ("spf=pass smtp.mailfrom=<>", Verdict.NONE),
        ("dmarc=pass header.from=evil.example", Verdict.NONE),
        ("arc=pass (i=1 dmarc=pass fromdomain=fjord.example); spf=none", Verdict.NONE),
        ("none", Verdict.NONE),
        ("x=y (dmarc=pass; dmarc=pass", Verdict.NONE),
        ('reason="; dmarc=pass"', Verdict.NONE),
    ],
)  # fmt: skip
def test_the_trusted_servers_findings_make_the_verdict(results: str, expected: Verdict) -> None:
    assert verdict(f"{OURS}; {results}") is expected
    assert verdict(f"{OURS.upper()} 1; {results}") is expected


def test_the_servers_own_words_are_kept() -> None:
    mail = read(f"Authentication-Results: {OURS}; spf=softfail; dkim=pass; dmarc=fail")
    assert mail.auth == Authentication(Verdict.FAIL, "softfail", "pass", "fail")


def test_only_the_topmost_field_of_the_trusted_server_counts() -> None:
    good, bad = f"{OURS}; dmarc=pass", f"{OURS}; dmarc=fail"
    assert verdict(bad, good) is Verdict.FAIL
    assert verdict(f"{OURS}; spf=none", good) is Verdict.NONE
    assert verdict("mx.evil.example; dmarc=pass", bad) is Verdict.FAIL
    assert verdict("mx.evil.example; dmarc=pass") is Verdict.NONE
    assert verdict(f"{OURS}.evil.example; dmarc=pass") is Verdict.NONE


def test_nothing_is_trusted_unless_configured() -> None:
    assert verdict(f"{OURS}; dmarc=pass", by="") is Verdict.NONE
    assert read(f"ARC-Authentication-Results: i=1; {OURS}; dmarc=pass").auth.verdict is Verdict.NONE


def test_microsoft_365_writes_no_name() -> None:
    written = (
        "spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=fjord.example; dkim=none\r\n"
        " header.d=none;dmarc=bestguesspass action=none header.from=fjord.example;compauth=pass"
    )
    assert verdict(written, by="microsoft365") is Verdict.PASS
    assert verdict(written) is Verdict.NONE


@pytest.mark.parametrize(
    "value",
    ["(" * 60_000, OURS + "; spf=pass " + "(" * 9_000 + ")" * 9_000, OURS + ";" * 60_000,
     OURS + '; spf=pass reason="' + "\\a" * 30_000, OURS + "; " + "dkim=pass header.d=a.example; " * 2_000,
     "", ";;;", "=", OURS + "; dmarc", "\x00\x1b[31m; dmarc=pass", '"', "\\"],
    ids=range(12),
)  # fmt: skip
def test_hostile_fields_prove_nothing(value: str) -> None:
    assert verdict(value) is Verdict.NONE


CLAIMS = "It claims to come from your own domain northwind.example, but no check confirms it."
BOSS = "Ana Ruiz <ana@northwind.example>"


def test_a_spoofed_colleague_is_warned_about() -> None:
    outside = "Received: from mail.evil.example by mx.northwind.example with ESMTP"
    assert read(outside, sender=BOSS).warnings == (CLAIMS,)
    assert read(outside, sender=BOSS, by="").warnings == (CLAIMS,)
    failed = f"Authentication-Results: {OURS}; dmarc=fail"
    assert read(failed, outside, sender=BOSS).warnings == (CLAIMS,)
    unsure = f"Authentication-Results: {OURS}; dmarc=none; spf=softfail"
    signed = "DKIM-Signature: v=1; a=rsa-sha256; d=northwind.example; s=x; b=forged"
    assert read(unsure, outside, signed, sender=BOSS).warnings == (CLAIMS,)


def test_our_own_address_is_claimed_too() -> None:
    (said,) = read(sender="Support <support@northwind.example>").warnings
    assert said.startswith("It claims to come from your own address support@northwind.example")


@pytest.mark.parametrize(
    ("fields", "by"),
    [
        ([f"Authentication-Results: {OURS}; dmarc=pass header.from=northwind.example"], OURS),
        (["Received: from laptop by mx.northwind.example with ESMTPSA id 1"], OURS),
        (
            ["Received: by a with LMTP", "Received: from laptop (Authenticated sender: ana) by a"],
            "",
        ),
        (["Received: from a.outlook.com by b.outlook.com with mapi id 15.20"], ""),
        (["DKIM-Signature: v=1; a=rsa-sha256; d=northwind.example; s=x; b=abc"], ""),
    ],
)
def test_a_colleague_is_not_warned_about(fields: list[str], by: str) -> None:
    assert read(*fields, sender=BOSS, by=by).warnings == ()


def test_neighbours_at_a_public_mail_provider_are_no_impostors() -> None:
    assert read(sender="Lee <lee@gmail.com>").warnings == ()


def test_our_own_mail_server_reporting_a_bounce_is_no_impostor() -> None:
    failed = (
        "Subject: Undelivered Mail Returned to Sender",
        "X-Failed-Recipients: mara@fjord.example",
    )
    assert read(*failed, sender="MAILER-DAEMON@northwind.example").warnings == ()


@pytest.mark.parametrize(
    "name",
    ["support@northwind.example", "Mara (mara@fjord.example)", "=?utf-8?q?mara=40fjord.example?="],
)
def test_an_address_in_the_name_that_is_not_the_real_one_is_warned_about(name: str) -> None:
    (said,) = read(sender=f'"{name}" <eve@evil.example>').warnings
    assert said.startswith("The sender's name shows ")
    assert said.endswith("but the mail comes from eve@evil.example.")
    assert read(sender='"mara@fjord.example" <mara@fjord.example>').warnings == ()


def test_the_id_before_a_server_rewrote_it_is_an_alias() -> None:
    mail = read(
        "Message-ID: <new@outlook.example>", "X-Microsoft-Original-Message-ID: <old@fjord.example>"
    )
    assert (mail.message_id, mail.aliases) == ("new@outlook.example", ("old@fjord.example",))

"""What customers and other mail servers write to the desk, from plain to hostile."""

import random
from collections.abc import Sequence

from agentdesk.demo.postmaster import undeliverable
from agentdesk.domain.message import Address
from agentdesk.mail.headers import message_ids, read_headers
from tests.desks import mail

WRITERS = (
    Address("mara.olsen@fjord.example", "Mara Olsen"),
    Address("ken.ito@harbour.example", "Ken Ito"),
    Address("lea.roux@vignoble.example", "Léa Roux"),
)
BIG = 4 * 1024 * 1024 + 70_000
"""Larger than one batch, so that it is fetched in windows."""

KINDS = (
    *("plain",) * 6,
    *("blank_id", "repeated_id", "unreadable", "odd"),
    *("bounce", "auto_reply", "reply", "reply", "echo", "our_id"),
)
TWICE = ("same_place", "other_place", "later")
"""Where the same bytes lie once more."""


def write(kind: str, n: int, chance: random.Random, ours: Sequence[bytes], desk: str) -> bytes:
    """Mail number *n* to the address *desk*; *ours* is what the desk has sent so far."""
    sender = chance.choice(WRITERS)
    words = {"subject": f"Question {n}", "sender": sender, "to": (desk,)}
    text = f"Question {n}. " + "What now? " * chance.randint(1, 400)
    own_id = f"question-{n}-{chance.getrandbits(40):x}@{sender.email.partition('@')[2]}"
    if kind in ANSWERS and ours:
        return ANSWERS[kind](chance.choice(ours), text, {**words, "message_id": own_id})
    match kind:
        case "big":
            filler = chance.randbytes(1024).hex() * (BIG // 2048 + 1)
            return mail(text + "\n" + _wrapped(filler[:BIG]), message_id=own_id, **words)
        case "blank_id":
            return _without_id(mail(text, message_id=own_id, **words))
        case "repeated_id":
            return mail(text, message_id="the-only-id@broken-shop.example", **words)
        case "unreadable":
            return bytes(chance.choices(b"\0\1\2\3\4\5\6\x7f", k=chance.randint(40, 2000)))
        case "odd":
            return chance.choice(_ODD)(n, desk.encode())
    return mail(text, message_id=own_id, **words)


def _wrapped(text: str) -> str:
    return "\n".join(text[i : i + 72] for i in range(0, len(text), 72))


def _without_id(raw: bytes) -> bytes:
    head, blank, body = raw.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"message-id")]
    return b"\r\n".join(kept) + blank + body


def id_of(raw: bytes) -> str:
    """The Message-ID of a mail; empty where it has none."""
    return next(iter(message_ids(read_headers(raw)[0].get("message-id"))), "")


def _reply(ours: bytes, text: str, words: dict) -> bytes:
    return mail(text, in_reply_to=id_of(ours), **words)


def _auto_reply(ours: bytes, text: str, words: dict) -> bytes:
    raw = mail("I am away. " + text, in_reply_to=id_of(ours), **words)
    return b"Auto-Submitted: auto-replied\r\n" + raw


def _bounce(ours: bytes, text: str, words: dict) -> bytes:
    return undeliverable(words["to"][0], words["sender"].email, ours)


def _echo(ours: bytes, text: str, words: dict) -> bytes:
    """Our own mail coming back, as to one who writes a copy to himself."""
    return b"Received: from mail.northwind.example; Thu, 26 Nov 2026 08:00:00 +0000\r\n" + ours


def _our_id(ours: bytes, text: str, words: dict) -> bytes:
    """A customer's mail whose program took over the Message-ID of ours."""
    return mail(text, **{**words, "message_id": id_of(ours)})


ANSWERS = {
    "reply": _reply,
    "auto_reply": _auto_reply,
    "bounce": _bounce,
    "echo": _echo,
    "our_id": _our_id,
}


def _bare_newlines(n: int, desk: bytes) -> bytes:
    return b"From: a@b.example\nSubject: odd %d\n\nbare\rnew\nlines\r\r\n.\n" % n


def _endless_header(n: int, desk: bytes) -> bytes:
    return (
        b"From: a@b.example\r\nSubject: odd %d\r\nTo: " % n
        + b"x@y.example, " * 20_000
        + b"\r\n\r\n."
    )


def _matryoshka(n: int, desk: bytes) -> bytes:
    inside = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i)
        for i in range(200)
    )
    return b"From: a@b.example\r\nSubject: odd %d\r\n" % n + inside + b"\r\ncore\r\n"


def _lying_charset(n: int, desk: bytes) -> bytes:
    head = b"From: =?utf-8?q?=FF=FE?= <a@b.example>\r\nSubject: =?x-none?b?!!!!?= odd %d\r\n" % n
    return (
        head + b"Content-Type: text/plain; charset=utf-16-nope\r\n\r\n\xff\xfe\x00\xd8 \x1b[2J\r\n"
    )


def _no_sender(n: int, desk: bytes) -> bytes:
    return b"Subject: odd %d\r\nTo: %b\r\n\r\nNobody wrote this.\r\n" % (n, desk)


def _open_end(n: int, desk: bytes) -> bytes:
    head = b"From: a@b.example\r\nSubject: odd %d\r\nContent-Type: multipart/mixed; boundary=x" % n
    return head + b"\r\n\r\n--x\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD!!!!\xff"


_ODD = (_bare_newlines, _endless_header, _matryoshka, _lying_charset, _no_sender, _open_end)

"""Outgoing mail, built once into the exact bytes that are stored, sent and searched for.

The bytes are written here and not by `email.message`, because that folds long ids into encoded
words, which breaks threading, and because a field can then only be written through a function that
leaves no line end in it: header injection is impossible by construction.
"""

import hashlib
import re
from binascii import b2a_base64, b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from agentdesk.domain.addressing import without_tag
from agentdesk.domain.errors import BadInput
from agentdesk.domain.message import Address, ParsedMail
from agentdesk.domain.text import safe
from agentdesk.mail.fields import (
    address_field,
    extra_field,
    file_name_parameters,
    id_field,
    kept_references,
    text_field,
    wire_address,
    wire_domain,
)
from agentdesk.mail.flowed import flow, needs_flowing
from agentdesk.mail.names import media_type, safe_name
from agentdesk.mail.phrases import FORWARD_SUBJECT

MAX_LINE_CHARS: Final = 78
"""RFC 5322 §2.1.1: longer lines are sent as format=flowed, or as quoted-printable, which no server
re-wraps."""

_LONGEST_WORD: Final = 900
"""No server breaks lines below 998 (RFC 5321 §4.5.3.1.6): an address in a text may stay whole."""

_BASE64_CHARS: Final = 76
_LINE_END = re.compile(r"\r\n|\r|\n")
_REPLY_MARKS = re.compile(
    r"(?:(?:re|aw|antw|antwort|sv|vs|ref|rif|r|res|odp|ynt|απ|σχετ|отв|ответ|ha|回复|回覆|答复|答覆|返信)"
    r"(?:\s?[\[(^]\s?\d{1,3}\s?[\])]?|\d{1,2})?\s?[:：]\s?)+",
    re.IGNORECASE,
)
_DATE_FIELD = re.compile(rb"\r\nDate: [^\r\n]*\r\n")
_PLAIN_LINE = re.compile(r"[\t -~]*")


@dataclass(frozen=True, slots=True)
class File:
    """Something attached to an outgoing mail."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to be sent. Ids are bare; `date` is aware; `bcc` reaches the envelope only.

    `html` says the same as `text` for programs that show it; empty sends the text alone. `headers`
    may add fields named X-…; `auto_submitted` marks mail that no person wrote: auto-replied or
    auto-generated (RFC 3834 §5).
    """

    sender: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    message_id: str
    date: datetime
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[File, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    auto_submitted: str = ""
    html: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every envelope recipient once, in order, as the server must be told."""
        everyone = (*self.to, *self.cc, *self.bcc)
        return tuple(dict.fromkeys(wire_address(address.email) for address in everyone))


def build(outgoing: Outgoing) -> bytes:
    """The bytes of *outgoing*: CRLF, 7-bit, no Bcc; the same input gives the same bytes.

    Raises `BadInput` for an address, id or field name that cannot be written, and without any
    recipient.
    """
    if not outgoing.recipients:
        raise BadInput("The mail has no recipient.")
    if outgoing.date.tzinfo is None:
        raise BadInput("The date of the mail has no time zone.")
    fields = [
        address_field("From", (outgoing.sender,)),
        address_field("To", outgoing.to) if outgoing.to else "To: undisclosed-recipients:;",
        address_field("Cc", outgoing.cc),
        address_field("Reply-To", (outgoing.reply_to,) if outgoing.reply_to else ()),
        text_field("Subject", outgoing.subject),
        f"Date: {format_datetime(outgoing.date)}",
        id_field("Message-ID", (outgoing.message_id,)),
        id_field("In-Reply-To", (outgoing.in_reply_to,) if outgoing.in_reply_to else ()),
        id_field("References", kept_references(outgoing.references)),
        f"Auto-Submitted: {outgoing.auto_submitted}" if outgoing.auto_submitted else "",
        *(extra_field(name, value) for name, value in outgoing.headers),
        "MIME-Version: 1.0",
    ]
    head = "\r\n".join(field for field in fields if field).encode("ascii")
    return head + b"\r\n" + _body(outgoing)


def new_message_id(token: str, number: int, domain: str) -> str:
    """The bare Message-ID of mail *number*; `domain.mail_identity.token_of` reads *token* back from it.

    Raises `BadInput` when *domain* cannot stand in an id.
    """
    return f"ad.{token}.{number}@{wire_domain(domain)}"


def _body(outgoing: Outgoing) -> bytes:
    """Everything from the first Content- field on."""
    seed, body = outgoing.message_id, _text_part(outgoing.text)
    if outgoing.html:
        body = _multipart("alternative", seed, [body, _html_part(outgoing.html)])
    if outgoing.attachments:
        body = _multipart("mixed", seed, [body, *map(_file_part, outgoing.attachments)])
    return body


def _multipart(kind: str, seed: str, parts: list[bytes]) -> bytes:
    boundary = _boundary(seed, parts)
    out = f"Content-Type: multipart/{kind}".encode()
    out += b'; boundary="' + boundary + b'"\r\n\r\n'
    for part in parts:
        out += b"--" + boundary + b"\r\n" + part + b"\r\n"
    return out + b"--" + boundary + b"--\r\n"


def _boundary(message_id: str, parts: list[bytes]) -> bytes:
    """A delimiter that no line of the parts begins with; always the same for the same mail."""
    number = 0
    while True:
        seed = f"{message_id} {number}".encode()
        boundary = b"=_" + hashlib.sha256(seed).hexdigest()[:32].encode()
        if not any(boundary in part for part in parts):
            return boundary
        number += 1


def _text_part(text: str) -> bytes:
    """The text as it was written: 7-bit where that is possible, else quoted-printable.

    Where lines are long, it is format=flowed (RFC 3676), so that every screen breaks them anew.
    """
    lines = _LINE_END.split(text)
    while lines and not lines[-1]:
        lines.pop()
    written, kind = "\n".join(lines), "text/plain; charset={}"
    longest = MAX_LINE_CHARS
    if needs_flowing(written):
        written, kind = flow(written), "text/plain; charset={}; format=flowed; delsp=no"
        longest = _LONGEST_WORD
    return _encoded(kind, f"{written}\n" if lines else "", longest)


def _html_part(html: str) -> bytes:
    return _encoded("text/html; charset={}", html, MAX_LINE_CHARS)


def _encoded(kind: str, text: str, longest: int) -> bytes:
    """A text part; *longest* is the longest line that goes out as it is."""
    data = text.encode("utf-8", "replace")
    plain = all(_PLAIN_LINE.fullmatch(x) and len(x) <= longest for x in text.split("\n"))
    charset, encoding = ("us-ascii", "7bit") if plain else ("utf-8", "quoted-printable")
    body = data if plain else b2a_qp(data, istext=True)
    head = f"Content-Type: {kind.format(charset)}\r\nContent-Transfer-Encoding: {encoding}"
    return head.encode() + b"\r\n\r\n" + body.replace(b"\n", b"\r\n")


def _file_part(file: File) -> bytes:
    name = safe_name(file.name) or "attachment.bin"
    kind = media_type(file.type)
    if kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"  # RFC 2046 §5.2.1 forbids base64 for the others
    label, file_name = file_name_parameters(name)
    head = (
        f"Content-Type: {kind};\r\n {label}\r\n"
        f"Content-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment;\r\n {file_name}\r\n\r\n"
    )
    encoded = b2a_base64(file.content, newline=False)
    lines = [encoded[i : i + _BASE64_CHARS] for i in range(0, len(encoded), _BASE64_CHARS)]
    return head.encode("ascii") + b"\r\n".join(lines)


def reply_subject(subject: str) -> str:
    """*subject* with one `Re: ` before it, whatever stood for it (`AW:`, `SV:`, `RE[2]:`, `回复：`).

    A forwarding mark and bracketed tags stay.
    """
    line = safe(subject, multiline=False)
    return f"Re: {_REPLY_MARKS.sub('', line)}".rstrip()


def forward_subject(subject: str) -> str:
    """*subject* with one `Fwd: ` before it; an answer's mark goes, because this is none."""
    line = _REPLY_MARKS.sub("", safe(subject, multiline=False))
    marked = FORWARD_SUBJECT.match(line)
    return f"Fwd: {line[marked.end() :].strip() if marked else line}".rstrip()


def forward_block(sender: Address, date: datetime, subject: str, to: tuple[Address, ...]) -> str:
    """What stands above a mail that is passed on; `mail.quoting` recognises it."""
    fields = {
        "From": str(sender),
        "Date": f"{date:%Y-%m-%d %H:%M %Z}",
        "Subject": subject,
        "To": ", ".join(map(str, to)),
    }
    lines = (f"{name}: {safe(value, multiline=False)}".rstrip() for name, value in fields.items())
    return "\n".join(["---------- Forwarded message ---------", *lines])


def redated(raw: bytes, date: datetime) -> bytes:
    """A mail that `build` wrote, with another Date and nothing else changed."""
    line = f"\r\nDate: {format_datetime(date)}\r\n".encode()
    head, blank, body = raw.partition(b"\r\n\r\n")
    return _DATE_FIELD.sub(lambda _: line, head, count=1) + blank + body


def attribution(sender: Address, date: datetime | None) -> str:
    """The line before quoted text; `mail.quoting` recognises it in the answer."""
    who = str(sender) or "somebody"
    return f"On {date:%Y-%m-%d} at {date:%H:%M %Z}, {who} wrote:" if date else f"{who} wrote:"


def quote_original(text: str, attribution: str) -> str:
    """*text* under its attribution line, each line marked with `>`; ends without a line end."""
    lines = text.rstrip().split("\n")
    quoted = (f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines)
    return "\n".join([attribution, *quoted])


def reply_recipients(
    mail: ParsedMail, own_addresses: frozenset[str], *, everyone: bool = False
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """To and Cc of an answer to *mail*, without our own addresses (lower case) and repetitions.

    Reply-To comes before From (RFC 5322 §3.6.2); an answer to our own mail goes where that went.
    With `everyone`, the other receivers become Cc. Both may be empty: nobody is left to answer.
    """
    seen = set(own_addresses)
    to = _new(mail.reply_to or (mail.sender,), seen) or _new((mail.sender,), seen)
    to = to or _new(mail.to, seen)
    return to, _new((*mail.to, *mail.cc), seen) if everyone else ()


def _new(addresses: tuple[Address, ...], seen: set[str]) -> tuple[Address, ...]:
    """Those of *addresses* that are mailboxes and not in *seen* yet, with or without a tag; they are
    then."""
    kept = []
    for address in addresses:
        if "@" in address.email and seen.isdisjoint((address.email, without_tag(address.email))):
            seen.add(address.email)
            kept.append(address)
    return tuple(kept)

"""Whether a person wrote a mail, or a program; and whether a program may answer it.

Source: RFC 3834, RFC 2919, RFC 2369, RFC 8098 and research/mail.md §6, *Loops/bounces*.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from agentdesk.domain.mail_identity import token_of
from agentdesk.domain.message import Address, MailKind
from agentdesk.mail.addresses import parse_addresses, parse_sender
from agentdesk.mail.automatic import is_automatic, is_program_generated
from agentdesk.mail.bounce_prose import sounds_like_bounce
from agentdesk.mail.bounces import (
    OWN_HEADER,
    RETURNED_TYPES,
    Report,
    is_delivery_report,
    read_report,
)
from agentdesk.mail.headers import Headers, message_ids, parameters, read_headers
from agentdesk.mail.parts import Part

__all__ = [
    "OWN_HEADER",
    "Verdict",
    "classify",
    "may_answer_automatically",
    "takes_no_mail",
    "writer_behind",
]

MAX_RECEIVED: Final = 25
"""Postfix stops at 50 hops; half of that is a loop that nobody has noticed yet."""

_LIST_HEADERS = (
    "list-id", "list-post", "list-unsubscribe", "list-help", "list-subscribe", "list-owner",
    "list-archive",
)  # fmt: skip
_OTHER_LIST_HEADERS = (
    "mailing-list", "x-mailing-list", "x-beenthere", "x-mailman-version", "x-campaign",
    "x-campaignid", "x-mc-user", "x-list-id",
)  # fmt: skip
_NO_REPLY = re.compile(r"(?:do[-_.]?not|no)[-_.]?reply|mailer-daemon|postmaster|bounces?\b")
_REJECTED = re.compile(r"automatically rejected|\(rejected\)", re.IGNORECASE)
_ANSWER = re.compile(r"(?:re|aw|sv|antw|odp|vs|ynt|回复|答复)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of a mail, and for a bounce what it reports."""

    kind: MailKind
    report: Report = field(default_factory=Report)


def classify(
    headers: Headers,
    leaves: tuple[Part, ...],
    text: str,
    sender: Address,
    own_addresses: frozenset[str],
) -> Verdict:
    """What the mail is for the desk. `own_addresses` are lower case.

    A bounce is recognised first, because it is also an automatic mail and may carry our own marks.
    """
    kind, values = parameters(headers.get("content-type"))
    report_type = values.get("report-type", "").lower()
    if is_delivery_report(kind, report_type, leaves) or _is_rejection(headers, kind):
        return _reported(read_report(headers, leaves, text))
    if kind == "multipart/report" and report_type:  # read receipts (RFC 8098), abuse (RFC 5965)
        return Verdict(MailKind.AUTO_REPLY)
    if is_own_or_looping(headers, sender, own_addresses):
        return Verdict(MailKind.LOOP)
    returns = any(leaf.type in RETURNED_TYPES for leaf in leaves)
    if sounds_like_bounce(headers, sender, text, returns=returns):
        return _reported(read_report(headers, leaves, text))
    return Verdict(_of_programs(headers, kind, own_addresses))


def _of_programs(headers: Headers, content_type: str, own_addresses: frozenset[str]) -> MailKind:
    mass = is_list(headers, own_addresses)
    if mass and is_program_generated(headers) and _has_list_marks(headers):
        return MailKind.LIST
    if content_type == "multipart/report" or is_automatic(headers):
        return MailKind.AUTO_REPLY
    if not mass:
        return MailKind.NORMAL
    answers = "in-reply-to" in headers or _ANSWER.match(headers.text("subject"))
    if answers and not _has_list_marks(headers):  # vacation programs mark their answers as bulk
        return MailKind.AUTO_REPLY
    return MailKind.LIST


def _is_rejection(headers: Headers, content_type: str) -> bool:
    """A receiver's filter refused the mail after the server had taken it (RFC 5429 §2.1)."""
    said = f"{headers.text('subject')} {headers.get('auto-submitted')}"
    return content_type == "multipart/report" and bool(_REJECTED.search(said))


def _reported(report: Report) -> Verdict:
    """A bounce; or, where the report only confirms a delivery (RFC 3461 NOTIFY=SUCCESS), none."""
    confirms = report.first.action in {"delivered", "relayed", "expanded"}
    return Verdict(MailKind.AUTO_REPLY if confirms else MailKind.BOUNCE, report)


def is_own_or_looping(headers: Headers, sender: Address, own_addresses: frozenset[str]) -> bool:
    """Whether the mail left this desk, or has travelled in a circle."""
    if _bears_our_mark(headers, own_addresses) or len(headers.all("received")) > MAX_RECEIVED:
        return True
    looped = {value.strip().lower() for value in headers.all("x-loop")}
    if looped & own_addresses:
        return True
    return sender.email in own_addresses and writer_behind(headers, own_addresses) is None


def _bears_our_mark(headers: Headers, own_addresses: frozenset[str]) -> bool:
    """Whether this desk made the mail. The mark alone may be another company's agentdesk."""
    ids = message_ids(headers.get("message-id"))
    domain = ids[0].rpartition("@")[2].lower() if ids else ""
    return OWN_HEADER in headers and domain in {a.rpartition("@")[2] for a in own_addresses}


def writer_behind(headers: Headers, own_addresses: frozenset[str]) -> Address | None:
    """The customer whose words a program of ours passes on in the name of our own address.

    Forms on web sites do, and lists (support@ as a Google Group) for senders with strict DMARC.
    """
    if any(token_of(i) for i in message_ids(headers.get("message-id"))):
        return None
    names = ("reply-to", "x-original-from", "x-original-sender")
    writers = [a for name in names for a in parse_addresses(headers.get(name))]
    ours = any(writer.email in own_addresses for writer in writers)
    return None if ours else next(iter(writers), None)


def _has_list_marks(headers: Headers) -> bool:
    return any(name in headers for name in (*_LIST_HEADERS, *_OTHER_LIST_HEADERS))


def is_list(headers: Headers, own_addresses: frozenset[str]) -> bool:
    """Whether the mail came through a list or mass mailing.

    A list that is itself one of our addresses (support@ as a Google Group) does not count: what it
    brings are customers' own mails. Neither does an answer that only offers to unsubscribe: some
    companies' programs add that to what people write.
    """
    marks = " ".join(headers.get(name) for name in _LIST_HEADERS).lower()
    ours = any(a in marks or a.replace("@", ".") in marks for a in own_addresses)
    if ours:
        return False
    if headers.get("precedence").strip().lower() in {"bulk", "list", "junk"}:
        return True
    if any(name in headers for name in ("list-id", "list-post", *_OTHER_LIST_HEADERS)):
        return True
    return bool(marks.strip()) and "in-reply-to" not in headers


def takes_no_mail(email: str) -> bool:
    """Whether an address says by its name that nobody reads it."""
    return bool(_NO_REPLY.search(email))


def may_answer_automatically(raw: bytes, own_addresses: frozenset[str]) -> bool:
    """Whether a program may answer this mail without danger of a loop or of annoying a list.

    Stricter than the kind: it also refuses no-reply senders, mail that is not addressed to us and
    senders who ask for silence. `own_addresses` are lower case. Source: RFC 3834 §2.
    """
    headers, _ = read_headers(raw)
    sender = parse_sender(headers.get("from"))
    receivers = {
        address.email
        for name in ("to", "cc", "delivered-to", "x-original-to")
        for address in parse_addresses(", ".join(headers.all(name)))
    }
    return not (
        "@" not in sender.email
        or sender.email in own_addresses
        or takes_no_mail(sender.email)
        or not receivers & own_addresses
        or headers.get("return-path").strip() == "<>"
        or "x-auto-response-suppress" in headers
        or OWN_HEADER in headers  # two desks must not thank each other
        or headers.get("content-type").lower().startswith("multipart/report")
        or is_own_or_looping(headers, sender, own_addresses)
        or is_automatic(headers)
        or is_list(headers, frozenset())
    )

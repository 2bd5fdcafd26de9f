"""Whether a person wrote a mail, or a program; and whether a program may answer it.

Source: RFC 3834, RFC 2919, RFC 2369 and research/mail.md §6, *Loops/bounces*.
"""

import re
from dataclasses import dataclass
from typing import Final

from agentdesk.domain.message import Address, MailKind
from agentdesk.mail.addresses import parse_addresses, parse_sender
from agentdesk.mail.bounces import Report, is_delivery_report, read_report, sounds_like_bounce
from agentdesk.mail.headers import Headers, parameters, read_headers
from agentdesk.mail.parts import Part

OWN_HEADER: Final = "x-agentdesk-id"
MAX_RECEIVED: Final = 25
"""Postfix stops at 50 hops; half of that is a loop that nobody has noticed yet."""

_AUTO_HEADERS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply")
_LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe", "list-help")
_AUTO_SUBJECT = re.compile(
    r"(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|ooo:"
    r"|automatische antwort|abwesenheit|automatisch antwoord|afwezig|réponse automatique"
    r"|absence (?:du bureau|:)|respuesta automática|fuera de (?:la )?oficina|risposta automatica"
    r"|fuori sede|resposta automática|autosvar|automatiskt svar|automatisk svar"
    r"|automaattinen vastaus|odpowiedź automatyczna|автоответ|自動返信|自动回复)",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(r"(?:do[-_.]?not|no)[-_.]?reply|mailer-daemon|postmaster|bounces?\b")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of a mail, and for a bounce what it reports."""

    kind: MailKind
    recipient: str = ""
    status: str = ""
    action: str = ""
    returned_id: str = ""


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
    if is_delivery_report(kind, report_type, leaves):
        return _reported(read_report(headers, leaves, text))
    if kind == "multipart/report":  # read receipts (RFC 8098), abuse feedback (RFC 5965)
        return Verdict(MailKind.AUTO_REPLY)
    if is_own_or_looping(headers, sender, own_addresses):
        return Verdict(MailKind.LOOP)
    if sounds_like_bounce(headers, sender, text):
        return _reported(read_report(headers, leaves, text))
    if is_automatic(headers):
        return Verdict(MailKind.AUTO_REPLY)
    if is_list(headers, own_addresses):
        return Verdict(MailKind.LIST)
    return Verdict(MailKind.NORMAL)


def _reported(report: Report) -> Verdict:
    """A bounce; or, where the report only confirms a delivery (RFC 3461 NOTIFY=SUCCESS), none."""
    confirms = report.action in {"delivered", "relayed", "expanded"}
    kind = MailKind.AUTO_REPLY if confirms else MailKind.BOUNCE
    return Verdict(kind, report.recipient, report.status, report.action, report.returned_id)


def is_own_or_looping(headers: Headers, sender: Address, own_addresses: frozenset[str]) -> bool:
    """Whether the mail left this desk, or has travelled in a circle."""
    if OWN_HEADER in headers or sender.email in own_addresses:
        return True
    looped = {value.strip().lower() for value in headers.all("x-loop")}
    return bool(looped & own_addresses) or len(headers.all("received")) > MAX_RECEIVED


def is_automatic(headers: Headers) -> bool:
    """Whether a program wrote the mail in answer to another, or of its own accord."""
    submitted = headers.get("auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if any(name in headers for name in _AUTO_HEADERS):
        return True
    if headers.get("precedence").strip().lower() == "auto_reply":
        return True
    if _AUTO_SUBJECT.match(headers.text("subject")):
        return True
    return headers.get("return-path").strip() == "<>"


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
    if "list-id" in headers or "list-post" in headers:
        return True
    return bool(marks.strip()) and "in-reply-to" not in headers


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
        or _NO_REPLY.search(sender.email)
        or not receivers & own_addresses
        or headers.get("return-path").strip() == "<>"
        or "x-auto-response-suppress" in headers
        or headers.get("content-type").lower().startswith("multipart/report")
        or is_own_or_looping(headers, sender, own_addresses)
        or is_automatic(headers)
        or is_list(headers, frozenset())
    )

"""From the bytes of a mail to what the desk knows about it.

`understand` is pure computation and belongs in a thread: a mail of 10 KB takes below a millisecond,
a hostile one of 50 MB less than two seconds. It answers for any bytes; only bytes without a header and
without legible text are refused. Source: research/mail.md §4.
"""

from agentdesk.domain.errors import Unparseable
from agentdesk.domain.message import Address, MailKind, ParsedMail
from agentdesk.domain.text import safe
from agentdesk.mail.addresses import parse_addresses, parse_sender
from agentdesk.mail.attachments import attachment_bytes, list_attachments, open_containers
from agentdesk.mail.authentication import authentication
from agentdesk.mail.bodies import Body, body_of, read_body
from agentdesk.mail.enclosed import read_enclosed
from agentdesk.mail.headers import Headers, message_ids, utc_date
from agentdesk.mail.impostors import warnings_about
from agentdesk.mail.kinds import OWN_HEADER, Verdict, classify, writer_behind
from agentdesk.mail.parts import read_tree
from agentdesk.mail.quoting import is_forward, latest_spans

__all__ = ["attachment_bytes", "understand"]

_KNOWN_FIELDS = frozenset(
    {"from", "to", "subject", "date", "message-id", "received", "return-path", "mime-version"}
    | {"sender", "cc", "bcc", "content-type", "delivered-to", "reply-to", "x-mailer"}
)
_MAX_DELIVERIES = 25


def understand(
    raw: bytes, *, own_addresses: frozenset[str] = frozenset(), authserv_id: str = ""
) -> ParsedMail:
    """The mail in *raw*; `own_addresses` (lower case) tell our own mail coming back.

    `authserv_id` is the server whose Authentication-Results are trusted; empty trusts none.

    Raises `Unparseable` when there is neither a header field nor legible text. What was cut or
    guessed is in `warnings`, one plain sentence each.
    """
    root, warnings = read_tree(raw)
    headers, leaves = root.headers, tuple(root.leaves())
    containers = open_containers(leaves)
    own = read_body(root)
    if not own.text.strip() and containers.read:
        own = body_of(*containers.read[0].body(), instead_of=own)
    if not _is_mail(headers, own):
        raise Unparseable("This is not a mail: it has no header and no legible text.")
    sender = parse_sender(headers.get("from") or headers.get("sender"))
    verdict = classify(headers, leaves, own.text, sender, own_addresses)
    sender, passed_on = _writer(headers, verdict, sender, own_addresses)
    enclosed = read_enclosed(root, own.text, verdict.kind)
    body = enclosed.body or own
    subject = headers.text("subject")
    domain = sender.email.rpartition("@")[2]
    auth = authentication(headers, authserv_id, domain)
    suspicions = warnings_about(sender, headers, auth, own_addresses, authserv_id)
    if verdict.kind is MailKind.BOUNCE:  # our own server reports in the name of our own domain
        suspicions = iter(())
    return ParsedMail(
        subject=subject,
        sender=sender,
        text=body.text,
        latest=latest_spans(
            body.text, body.quoted, forwarded=body.passed_on or is_forward(subject)
        ),
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        reply_to=_addresses(headers, "reply-to"),
        date=utc_date(headers.get("date")),
        message_id=next(iter(message_ids(headers.get("message-id"))), ""),
        in_reply_to=message_ids(headers.get("in-reply-to")),
        references=_references(headers, verdict),
        html_present=own.html_present,
        attachments=tuple(list_attachments(leaves, own.read, containers)),
        kind=verdict.kind,
        bounced_recipient=verdict.report.first.email,
        bounce_status=verdict.report.first.status,
        bounce_action=verdict.report.first.action,
        warnings=tuple(
            dict.fromkeys([*suspicions, *warnings, *containers.warnings, *body.warnings])
        ),
        notices=(*passed_on, *enclosed.notices),
        auth=auth,
        aliases=_aliases(headers),
        original_to=_delivered(headers, "x-original-to", "envelope-to"),
        delivered_to=_delivered(headers, "delivered-to"),
        bounced=verdict.report.recipients,
        desk_ids=_desk_ids(headers, verdict),
    )


def _writer(
    headers: Headers, verdict: Verdict, sender: Address, own_addresses: frozenset[str]
) -> tuple[Address, tuple[str, ...]]:
    """Who wrote the mail, and a notice where a program of ours passed it on in our name."""
    if sender.email not in own_addresses or verdict.kind is not MailKind.NORMAL:
        return sender, ()
    notice = f"Passed on by your own address {sender.email}, as forms and groups do."
    return writer_behind(headers, own_addresses) or sender, (notice,)


def _is_mail(headers: Headers, body: Body) -> bool:
    """Whether there is anything to show: a field that mails have, or mostly legible text."""
    if any(name in _KNOWN_FIELDS for name in headers.names()):
        return True
    sample = body.text[:4096]
    legible = sum(char.isalnum() or char.isspace() for char in sample)
    return bool(sample.strip()) and legible * 2 > len(sample)


def _addresses(headers: Headers, name: str) -> tuple[Address, ...]:
    return parse_addresses(", ".join(headers.all(name)))


def _delivered(headers: Headers, *names: str) -> tuple[str, ...]:
    """Addresses that servers wrote at delivery, the last server's first."""
    fields = (value for name in names for value in headers.all(name)[:_MAX_DELIVERIES])
    return tuple(a.email for value in fields for a in parse_addresses(value)[:1])


def _references(headers: Headers, verdict: Verdict) -> tuple[str, ...]:
    """The References, and for a bounce what the mail that came back cites and is called, last."""
    ids = message_ids(" ".join(headers.all("references")))
    returned = (*verdict.report.references, *reversed(verdict.report.returned_ids))
    return (*(i for i in ids if i not in returned), *returned)


def _desk_ids(headers: Headers, verdict: Verdict) -> tuple[str, ...]:
    own = (safe(mark, multiline=False)[:80] for mark in headers.all(OWN_HEADER)[:1])
    return tuple(dict.fromkeys([*verdict.report.desk_ids, *own]))


def _aliases(headers: Headers) -> tuple[str, ...]:
    """Ids that the mail bore before a server gave it another (Outlook keeps the first one)."""
    first = message_ids(headers.get("x-microsoft-original-message-id"))
    return tuple(i for i in first if i not in message_ids(headers.get("message-id")))[:3]

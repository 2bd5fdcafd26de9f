"""What a delivery report says: who was not reached, why, and which mail came back.

Standard reports are read field by field (RFC 3464); for the many that are only prose, the address
is looked for in the part that the reporting server wrote. Source: research/mail.md §6.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from agentdesk.domain.message import Address
from agentdesk.domain.text import safe
from agentdesk.mail.headers import Headers, message_ids, read_headers
from agentdesk.mail.parts import Part, read_tree

_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED_TYPES = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"}
)
_SCANNED_CHARS: Final = 20_000
_MAX_BLOCKS: Final = 200

_ADDRESS = re.compile(r"[\w.+%=!#$&'*/?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")
_DELAY = re.compile(
    r"delayed|warning only|will (?:be|keep) (?:retried|trying)|still being retried|temporar",
    re.IGNORECASE,
)
_RETURNED = re.compile(
    r"^\W*(?:original|returned|unsent|undelivered) (?:message|mail)\b.{0,40}$|^received: "
    r"|below this line|copy of (?:the|your) (?:original )?message|^return-path:|^x-originating-ip:",
    re.IGNORECASE | re.MULTILINE,
)
_DAEMON = re.compile(
    r"\bmail(?:er)?[-_ ]?daemon\b|^post_?master@|mail delivery (?:sub)?system", re.IGNORECASE
)
_PRINTED_ID = re.compile(
    r"^\s{0,8}message-id:\s{0,8}(<[^<>\s]{1,300}>)", re.IGNORECASE | re.MULTILINE
)
_FAILURE_SUBJECT = re.compile(
    r"undeliver|undelivrable|unzustellbar|delivery (?:status|failure|failed|problem|report|has f"
    r"|delayed|error)|failure notice|mail delivery|returned (?:mail|to sender)|non remis"
    r"|nicht zugestellt|(?:mail|message) (?:not |could not be )delivered|no entregad"
    r"|mancato recapito|error sending your|mail failure|could ?n.t be delivered",
    re.IGNORECASE,
)
_FAILURE_TEXT = re.compile(
    r"could ?n[o']t be delivered|not (?:be )?delivered|unable to deliver|delivery (?:has )?failed"
    r"|delivery failure|user unknown|unknown user|no such user|invalid (?:user|recipient)"
    r"|did not reach|permanent (?:fatal )?error|mailbox (?:is )?(?:full|unavailable)"
    r"|undeliverable|address(?:es)? failed|recipient (?:not found|rejected)|hop count"
    r"|\b55[0-4][ -]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Report:
    """One failed or delayed recipient; empty strings for what the report does not say.

    `action` is a word of RFC 3464 §2.3.3 (failed, delayed, delivered, relayed, expanded); `status`
    an enhanced code such as 5.1.1; `returned_id` the bare Message-ID of the mail that came back.
    """

    recipient: str = ""
    status: str = ""
    action: str = ""
    returned_id: str = ""


def is_delivery_report(root_type: str, report_type: str, leaves: Iterable[Part]) -> bool:
    """Whether the mail says by its MIME types that it is a delivery report (RFC 3464)."""
    if root_type == "multipart/report" and report_type == "delivery-status":
        return True
    return any(leaf.type in _STATUS_TYPES for leaf in leaves)


def sounds_like_bounce(headers: Headers, sender: Address, text: str) -> bool:
    """Whether a mail without the MIME types of a report is one all the same."""
    if "x-failed-recipients" in headers:
        return True
    subject = headers.text("subject")
    by_daemon = bool(_DAEMON.search(sender.email) or _DAEMON.search(sender.name))
    no_return = headers.get("return-path").replace(" ", "") == "<>"
    subject_says = bool(_FAILURE_SUBJECT.search(subject))
    if not by_daemon and not (subject_says and no_return):
        return False  # customers, too, write that a delivery failed
    text_says = bool(_FAILURE_TEXT.search(text, 0, _SCANNED_CHARS))
    return text_says or (by_daemon and subject_says)


def read_report(headers: Headers, leaves: tuple[Part, ...], text: str) -> Report:
    """What the report says, from its fields where it has them, else from its prose."""
    leaves = _with_nested(leaves)
    fields = _recipient_fields(leaves, text)
    prose = _server_words(text)
    status = _STATUS.search(fields.get("status")) or _STATUS.search(prose)
    return Report(
        recipient=_recipient(fields, headers, leaves, prose),
        status=status[0] if status else "",
        action=_action(fields, prose, headers),
        returned_id=_returned_id(leaves, text),
    )


def _with_nested(leaves: tuple[Part, ...]) -> tuple[Part, ...]:
    """The leaves, and those of an attached report: gateways wrap bounces in bounces."""
    nested = [
        inner
        for leaf in leaves[:20]
        if leaf.type == "message/rfc822" and b"delivery-status" in leaf.content[:65536]
        for inner in read_tree(leaf.content)[0].leaves()
    ]
    return (*leaves, *nested)


def _recipient_fields(leaves: tuple[Part, ...], text: str) -> Headers:
    """The fields of the recipient that the report is about: the first failed, else the first delayed."""
    contents = [leaf.content for leaf in leaves if leaf.type in _STATUS_TYPES]
    if not contents and "Final-Recipient:" in text:
        contents = [text[:_SCANNED_CHARS].encode("utf-8", "replace")]
    found: list[Headers] = []
    for content in contents:
        for block in re.split(rb"\r?\n(?:\r?\n)+", content[:262_144])[:_MAX_BLOCKS]:
            fields = read_headers(block)[0]
            if "final-recipient" in fields or "original-recipient" in fields:
                found.append(fields)
    return min(found, key=_urgency, default=Headers({}))


def _urgency(fields: Headers) -> int:
    """Failures before delays before everything else."""
    action = fields.get("action").strip().lower()
    return next((i for i, word in enumerate(("failed", "delayed")) if action.startswith(word)), 2)


def _recipient(fields: Headers, headers: Headers, leaves: tuple[Part, ...], prose: str) -> str:
    """The address that was not reached, as our mail named it where the report says so."""
    candidates = [
        *(fields.get(name).partition(";")[2] for name in ("original-recipient", "final-recipient")),
        headers.get("x-failed-recipients"),
    ]
    for candidate in candidates:
        found = _ADDRESS.search(candidate[:1000])
        if found:
            return _clean(found[0])
    strangers = {a.lower() for name in ("to", "from") for a in _ADDRESS.findall(headers.get(name))}
    for found in _ADDRESS.finditer(prose):
        if _clean(found[0]) not in strangers and not prose[: found.start()].endswith("From: "):
            return _clean(found[0])
    returned = next((read_headers(p.content)[0] for p in leaves if p.type in _RETURNED_TYPES), None)
    found = _ADDRESS.search(returned.get("to")[:1000]) if returned else None
    found = found or _ADDRESS.search(prose)
    return _clean(found[0]) if found else ""


def _clean(address: str) -> str:
    return safe(address, multiline=False).strip("'.").lower()


def _server_words(text: str) -> str:
    """The beginning of *text*, up to where the returned mail starts."""
    head = text[:_SCANNED_CHARS]
    found = _RETURNED.search(head)
    return head[: found.start()] if found and found.start() > 40 else head


def _action(fields: Headers, prose: str, headers: Headers) -> str:
    word = re.match(r"[a-z]{1,20}", fields.get("action").strip().lower())
    if word:
        return word[0]
    delayed = _DELAY.search(headers.text("subject")) or _DELAY.search(prose[:2000])
    return "delayed" if delayed and not re.search(r"\b5[.\d]\d", prose) else "failed"


def _returned_id(leaves: tuple[Part, ...], text: str) -> str:
    """The Message-ID of the returned mail, from its part or from its text in the report."""
    for leaf in reversed(leaves):
        if leaf.type in _RETURNED_TYPES:
            ids = message_ids(read_headers(leaf.content)[0].get("message-id"))
            if ids:
                return ids[0]
    texts = [leaf.content[:65536].decode("latin-1") for leaf in leaves if leaf.type == "text/plain"]
    found = _PRINTED_ID.search("\n".join([text[:65536], *texts]))
    return message_ids(found[1])[0] if found else ""

"""What a delivery report says: who was not reached, why, and which mail came back.

Standard reports are read field by field (RFC 3464); for the many that are only prose, the addresses
are looked for in the part that the reporting server wrote. Source: research/mail.md §6.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from agentdesk.domain.message import Bounced
from agentdesk.domain.text import safe
from agentdesk.mail.bounce_prose import (
    ADDRESS,
    SCANNED_CHARS,
    clean,
    named_recipients,
    server_words,
)
from agentdesk.mail.headers import Headers, message_ids, read_headers
from agentdesk.mail.parts import Part, read_tree

OWN_HEADER: Final = "x-agentdesk-id"
_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
RETURNED_TYPES = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"}
)
_MAX_BLOCKS: Final = 200
_REASON_CHARS: Final = 200

_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")
_DELAY = re.compile(
    r"delayed|warning only|will (?:be|keep) (?:retried|trying)|still being retried|temporar"
    r"|not yet been delivered|continue (?:to (?:try|attempt)|for)|has been postponed",
    re.IGNORECASE,
)
_FATAL = re.compile(r"\b5[.\d]\d|could not be delivered", re.IGNORECASE)
_PRINTED_ID = re.compile(
    r"^\s{0,8}message-id:\s{0,8}(<[^<>\s]{1,300}>)", re.IGNORECASE | re.MULTILINE
)
_PRINTED_MARK = re.compile(r"^\s{0,8}x-agentdesk-id:[ \t]{0,8}(\S{1,80})", re.I | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """All recipients that the report is about, failures first, and what identifies the mail.

    `returned_ids` are the bare Message-IDs that the returned mail bore, `references` those that it
    cited, `desk_ids` our marks: its X-Agentdesk-ID and its envelope id (RFC 3461 ENVID).
    """

    recipients: tuple[Bounced, ...] = ()
    returned_ids: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    desk_ids: tuple[str, ...] = ()

    @property
    def first(self) -> Bounced:
        """The recipient that matters most."""
        return self.recipients[0] if self.recipients else Bounced("")


def is_delivery_report(root_type: str, report_type: str, leaves: Iterable[Part]) -> bool:
    """Whether the mail says by its MIME types that it is a delivery report (RFC 3464)."""
    if root_type == "multipart/report" and report_type == "delivery-status":
        return True
    return any(leaf.type in _STATUS_TYPES for leaf in leaves)


def read_report(headers: Headers, leaves: tuple[Part, ...], text: str) -> Report:
    """What the report says, from its fields where it has them, else from its prose."""
    leaves = _with_nested(leaves)
    blocks = _blocks(leaves, text)
    returned = _returned_headers(leaves)
    printed = "\n".join(
        [text[:65_536]]
        + [leaf.content[:65_536].decode("latin-1") for leaf in leaves if leaf.type == "text/plain"]
    )
    envelope = next(
        (b.get("original-envelope-id") for b in blocks if "original-envelope-id" in b), ""
    )
    return Report(
        recipients=tuple(_recipients(blocks, headers, returned, text)),
        returned_ids=_returned_ids(returned, printed),
        references=message_ids(returned.get("references")),
        desk_ids=tuple(_marks(envelope, returned, printed)),
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


def _blocks(leaves: tuple[Part, ...], text: str) -> list[Headers]:
    """The blocks of fields of the report: one about the message, one for each recipient."""
    contents = [leaf.content for leaf in leaves if leaf.type in _STATUS_TYPES]
    if not contents and "Final-Recipient:" in text:
        contents = [text[:SCANNED_CHARS].encode("utf-8", "replace")]
    return [
        read_headers(block)[0]
        for content in contents[:20]
        for block in re.split(rb"\r?\n(?:\r?\n)+", content[:262_144])[:_MAX_BLOCKS]
    ]


def _recipients(
    blocks: list[Headers], headers: Headers, returned: Headers, text: str
) -> Iterator[Bounced]:
    prose = server_words(text)
    about = [b for b in blocks if "final-recipient" in b or "original-recipient" in b]
    if about:
        made = [_from_fields(block, headers, prose) for block in about]
        if any(b.email for b in made):
            yield from sorted((b for b in made if b.email), key=_urgency)
            return
        yield _with_address(made[0], _first_named(headers, returned, prose))
        return
    action, status = _action("", prose, headers), _STATUS.search(prose)
    failed = [clean(a) for a in ADDRESS.findall(headers.get("x-failed-recipients")[:10_000])]
    named = [(a, prose.find(a) + len(a)) for a in failed if a in prose] or [(a, -1) for a in failed]
    named = named or named_recipients(prose, _strangers(headers))
    for email, end in named or [(_first_named(headers, returned, prose), -1)]:
        reason = "" if end < 0 else _one_line(prose[end : end + 2 * _REASON_CHARS])
        own = _STATUS.search(reason) or status
        yield Bounced(email, action, own[0] if own else "", reason)


def _from_fields(block: Headers, headers: Headers, prose: str) -> Bounced:
    """One recipient, as our mail named it where the report says so."""
    email = ""
    for name in ("original-recipient", "final-recipient"):
        found = ADDRESS.search(block.get(name).partition(";")[2][:1000])
        if found and not email:
            email = clean(found[0])
    status = _STATUS.search(block.get("status")) or _STATUS.search(prose)
    said = block.get("diagnostic-code")
    reason = _one_line(said.partition(";")[2] or said)
    action = _action(block.get("action"), prose, headers)
    return Bounced(email, action, status[0] if status else "", reason)


def _with_address(bounced: Bounced, email: str) -> Bounced:
    return Bounced(email, bounced.action, bounced.status, bounced.reason)


def _urgency(bounced: Bounced) -> int:
    """Failures before delays before everything else."""
    return {"failed": 0, "delayed": 1}.get(bounced.action, 2)


def _strangers(headers: Headers) -> frozenset[str]:
    return frozenset(clean(a) for n in ("to", "from") for a in ADDRESS.findall(headers.get(n)))


def _first_named(headers: Headers, returned: Headers, prose: str) -> str:
    """The best guess where the fields name nobody: the prose, else whom our mail was for."""
    named = named_recipients(prose, _strangers(headers))
    if named:
        return named[0][0]
    found = ADDRESS.search(returned.get("to")[:1000]) or ADDRESS.search(prose)
    return clean(found[0]) if found else ""


def _one_line(text: str) -> str:
    """A server's reason, up to the first empty line, as one safe line."""
    lines = re.split(r"\n\s*\n", text.strip(" \t>:\"')}]"), maxsplit=1)[0]
    return safe(lines, multiline=False)[:_REASON_CHARS].strip(" :<>\"'-")


def _action(word: str, prose: str, headers: Headers) -> str:
    """A word of RFC 3464; servers also write "failure", "error" and "delay"."""
    found = re.match(r"[a-z]{1,20}", word.strip().lower())
    if found:
        for start, action in (("fail", "failed"), ("err", "failed"), ("delay", "delayed")):
            if found[0].startswith(start):
                return action
        return found[0]
    delayed = _DELAY.search(headers.text("subject")) or _DELAY.search(prose[:2000])
    return "delayed" if delayed and not _FATAL.search(prose) else "failed"


def _returned_headers(leaves: tuple[Part, ...]) -> Headers:
    """The header of the innermost returned mail."""
    parts = (leaf for leaf in reversed(leaves) if leaf.type in RETURNED_TYPES)
    return next((read_headers(part.content)[0] for part in parts), Headers({}))


def _returned_ids(returned: Headers, printed: str) -> tuple[str, ...]:
    """The ids of the returned mail, the one that it bore before a server rewrote it included."""
    names = ("message-id", "x-microsoft-original-message-id")
    ids = [i for name in names for i in message_ids(returned.get(name))[:1]]
    if not ids:
        found = _PRINTED_ID.search(printed)
        ids = list(message_ids(found[1])) if found else []
    return tuple(dict.fromkeys(ids))


def _marks(envelope: str, returned: Headers, printed: str) -> Iterator[str]:
    """Our own marks of the mail that came back, the envelope's first."""
    found = _PRINTED_MARK.search(printed)
    for mark in (envelope, returned.get(OWN_HEADER), found[1] if found else ""):
        if mark.strip():
            yield safe(mark, multiline=False)[:80]

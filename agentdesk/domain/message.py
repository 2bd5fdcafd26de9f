"""A mail as the desk understands it: plain values, no bytes of MIME left in them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class MailKind(StrEnum):
    """What a mail is for the desk. Only `normal` counts as the customer's answer."""

    NORMAL = "normal"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LIST = "list"
    LOOP = "loop"


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox. `email` is lower case and without display name; `name` may be empty."""

    email: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part offered as a file. `name` is already safe to save under; `size` in bytes, decoded.

    `part` is its number in `mail.mime.attachment_bytes`, so content is read from the raw mail: the
    leaves of the mail from 0, then the files inside its `winmail.dat` parts.
    """

    name: str
    size: int
    type: str
    part: int
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of `ParsedMail.text`."""

    start: int
    end: int


class Verdict(StrEnum):
    """What a receiving server found when it checked where a mail comes from."""

    PASS = "pass"
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Authentication:
    """The Authentication-Results of the one server that we trust (RFC 8601); none without it.

    `verdict` sums up: pass for a DMARC pass (or, without DMARC, an aligned SPF or DKIM pass), fail
    for a DMARC fail. The methods keep the server's own words, such as "pass" or "softfail".
    """

    verdict: Verdict = Verdict.NONE
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""


UNCHECKED: Final = Authentication()


@dataclass(frozen=True, slots=True)
class Bounced:
    """One recipient in a delivery report; empty strings for what the report does not say.

    `action` is a word of RFC 3464 §2.3.3 (failed, delayed, delivered, relayed, expanded), `status` an
    enhanced code such as 5.1.1, `reason` the server's words on one line.
    """

    email: str
    action: str = ""
    status: str = ""
    reason: str = ""

    @property
    def hard(self) -> bool:
        """Whether it says that the address itself is of no use, now and later.

        A full mailbox, a refused content or size and a policy against the sender may pass.
        """
        passing = ("5.2.2", "5.2.3", "5.3.4", "5.6.", "5.7.")
        failed = self.action == "failed" and self.status.startswith("5.")
        return failed and not self.status.startswith(passing)


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """One mail, understood. All text is safe for the screen (domain.text.safe).

    `text` is the whole readable body; `latest` spans in it what the writer wrote now, without quotes
    and signature (a span, so that the stored body is never altered). `message_id`, `in_reply_to` and
    `references` are bare ids without angle brackets; an empty string or tuple where there is none.
    `aliases` are ids that the same mail bore before a server rewrote its own. `warnings` are sentences
    about what was cut, guessed or looks wrong, `notices` about what it brings: an invitation, a
    signature. `original_to` and `delivered_to` are addresses that servers wrote at delivery, before
    and after aliases.

    `bounced` are all recipients of a delivery report, failures first; `bounced_recipient`, `_status`
    and `_action` tell the first. `desk_ids` are X-Agentdesk-ID marks, in the mail or in the one that a
    report returns, its envelope id included: anybody can write them, so they prove nothing.
    """

    subject: str
    sender: Address
    text: str
    latest: tuple[Span, ...]
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    date: datetime | None = None
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    html_present: bool = False
    attachments: tuple[Attachment, ...] = ()
    kind: MailKind = MailKind.NORMAL
    bounced_recipient: str = ""
    bounce_status: str = ""
    bounce_action: str = ""
    warnings: tuple[str, ...] = field(default=())
    notices: tuple[str, ...] = ()
    auth: Authentication = UNCHECKED
    aliases: tuple[str, ...] = ()
    original_to: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    bounced: tuple[Bounced, ...] = ()
    desk_ids: tuple[str, ...] = ()

    @property
    def latest_text(self) -> str:
        """The writer's own words only."""
        return "\n".join(self.text[s.start : s.end] for s in self.latest).strip()

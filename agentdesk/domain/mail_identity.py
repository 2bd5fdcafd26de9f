"""What identifies a mail: its ids, our tokens and marks in them, numbers in its subject; pure.

Only headers count, never what stands in quoted text: the last watermark there belongs to the oldest
mail. Source: docs/linking.md, *What identifies a mail*.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from agentdesk.domain.ids import AccountId, CustomerId
from agentdesk.domain.message import MailKind, ParsedMail

_OURS = re.compile(r"<?(?:[^@<>]*\+)?ad\.([A-Za-z0-9_-]{22})\.([0-9]+)@", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"(?<![^\W_])(?:IMS|CS)(?:[0-9]{7}|[1-9][0-9]{7,})(?!\w)", re.IGNORECASE)
_MARK = re.compile(r"((?:IMS|CS)[0-9]{7,12})\.([0-9]{1,15})", re.IGNORECASE)
_LONGEST_NUMBER = 15


def token_of(message_id: str) -> str:
    """The reply token in one of our Message-IDs or Reply-To addresses; empty where there is none.

    `ad.<22 url-safe characters>.<n>@domain`, also after a `+`. Always lower case, because addresses
    lose their case on the way: store and look up what this returns.
    """
    found = _OURS.match(message_id)
    return found[1].lower() if found else ""


def extract_tokens(ids: Iterable[str]) -> tuple[str, ...]:
    """The reply tokens in message ids or addresses, in their order, each once."""
    return tuple(dict.fromkeys(filter(None, map(token_of, ids))))


def own_messages(ids: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Token and message of each of our ids among *ids*, in their order."""
    found = (_OURS.match(i) for i in ids)
    return tuple((f[1].lower(), int(f[2])) for f in found if f and len(f[2]) <= _LONGEST_NUMBER)


def extract_numbers(subject: str) -> tuple[str, ...]:
    """The record numbers in a subject, in their order, each once: `IMS0000123`, `CS0000007`."""
    return tuple(dict.fromkeys(found.upper() for found in _NUMBER.findall(subject)))


def extract_marks(marks: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Record number and message of each of our marks, `IMS0000123.7`, that is one."""
    found = (_MARK.fullmatch(mark.strip()) for mark in marks)
    return tuple((f[1].upper(), int(f[2])) for f in found if f)


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """All that may identify a mail.

    `in_reply_to` and `references` are bare ids, `references` oldest first as in the header. `sender`
    is lower case. `customer_id` and `account_id` are the sender's, as far as they are known.
    `automatic`: no person's mail. `answered_by_program`: a report or an automatic reply, written by
    whoever our mail reached: its token counts whoever sends it, because it moves nothing. `own`:
    token and number of each of our messages that it cites or is addressed to, the nearest first.
    """

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: str
    subject: str
    tokens: tuple[str, ...]
    numbers: tuple[str, ...]
    customer_id: CustomerId | None = None
    account_id: AccountId | None = None
    automatic: bool = False
    answered_by_program: bool = False
    own: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(
        cls,
        mail: ParsedMail,
        customer_id: CustomerId | None = None,
        account_id: AccountId | None = None,
    ) -> Self:
        """What identifies *mail*: the ids that it cites, its addressees, its subject and our marks.

        A mark (X-Agentdesk-ID) can be guessed, so it is worth as little as a number in the subject.
        """
        addressees = (address.email for address in (*mail.to, *mail.cc))
        reports = mail.kind is MailKind.BOUNCE  # its marks are checked against whom it names
        marks = () if reports else (number for number, _ in extract_marks(mail.desk_ids))
        ours = (*_newest_first(mail.in_reply_to, mail.references), *addressees)
        return cls(
            mail.message_id,
            mail.in_reply_to,
            mail.references,
            mail.sender.email,
            mail.subject,
            extract_tokens(ours),
            tuple(dict.fromkeys((*extract_numbers(mail.subject), *marks))),
            customer_id,
            account_id,
            mail.kind not in (MailKind.NORMAL, MailKind.LIST),
            mail.kind in (MailKind.BOUNCE, MailKind.AUTO_REPLY),
            own_messages(ours),
        )

    @property
    def cited(self) -> tuple[str, ...]:
        """The ids that it answers or refers to, the nearest first, each once."""
        return _newest_first(self.in_reply_to, self.references)


def _newest_first(in_reply_to: tuple[str, ...], references: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*in_reply_to, *reversed(references))))

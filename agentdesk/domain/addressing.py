"""Which queue a mail belongs to, by the address that it was sent to; pure.

What a server wrote at delivery comes first: `X-Original-To` (Postfix) and `Envelope-To` (Exim) name
the address before aliases, `Delivered-To` what is left of it after them. Then `To`, then `Cc`.
"""

from collections.abc import Iterable, Iterator, Mapping

from agentdesk.domain.message import ParsedMail


def addressed_queue(mail: ParsedMail, queues: Mapping[str, str], own: frozenset[str]) -> str:
    """The key of the queue that the addressee of *mail* has; empty where it has none of its own.

    *queues*: keys by address, for the addresses that have one; *own*: every address of ours; all in
    lower case. Of several addresses in one field, one with a queue counts.
    """
    for addresses, decides in _fields(mail):
        mine = [a for a in map(without_tag, addresses) if a in own]
        named = [queues[a] for a in mine if a in queues]
        if named or (mine and decides):
            return named[0] if named else ""
    return ""


def _fields(mail: ParsedMail) -> Iterator[tuple[Iterable[str], bool]]:
    """Addresses from the surest field on; whether one without a queue decides too.

    In `Delivered-To` it does not: aliases may have turned the address into the mailbox's own.
    """
    yield mail.original_to, True
    yield mail.delivered_to, False
    yield (a.email for a in mail.to), True
    yield (a.email for a in mail.cc), True


def without_tag(address: str) -> str:
    """`help+7@x.org` as `help@x.org`: what follows a + is the mailbox owner's business."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}" if local[:1] != "+" else address

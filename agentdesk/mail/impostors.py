"""Senders who are not what they seem: sentences that warn the reader, with few false alarms.

A colleague's mail must not be warned about every day, or nobody reads the warning that counts. So
where no server's checks are trusted, a mail from our own domain is only suspicious when nothing in
it speaks for a sender inside.
"""

import re
from collections.abc import Iterator
from typing import Final

from agentdesk.domain.message import Address, Authentication, Verdict
from agentdesk.mail.authentication import aligned, checked_by
from agentdesk.mail.headers import Headers

_SHARED: Final = """
    gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.fr
    hotmail.de live.com live.co.uk msn.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.co.jp
    ymail.com icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de
    freenet.de proton.me protonmail.com fastmail.com mailbox.org posteo.de zoho.com yandex.ru
    yandex.com mail.ru orange.fr free.fr laposte.net wanadoo.fr libero.it virgilio.it tin.it seznam.cz
    wp.pl o2.pl onet.pl interia.pl telia.com comcast.net verizon.net att.net btinternet.com qq.com
    163.com 126.com naver.com
"""
SHARED_DOMAINS: Final = frozenset(_SHARED.split())
"""Domains whose users are strangers to each other."""

_SHOWN_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SUBMITTED = re.compile(
    r"\bwith (?:utf8)?e?smtps?a\b|\bauthenticated sender\b|\bwith mapi\b|\bfrom userid \d",
    re.IGNORECASE,
)
_SIGNING_DOMAIN = re.compile(r"(?:^|;)\s*d\s*=\s*([\w.-]{1,253})", re.IGNORECASE)
_LOOKED_AT: Final = 50


def warnings_about(
    sender: Address,
    headers: Headers,
    auth: Authentication,
    own_addresses: frozenset[str],
    authserv_id: str,
) -> Iterator[str]:
    """One sentence for each thing about *sender* that may deceive. `own_addresses` are lower case."""
    ours = _claimed(sender, own_addresses)
    if ours and not _confirmed(sender, headers, auth, authserv_id):
        yield f"It claims to come from your own {ours}, but no check confirms it."
    shown = _other_address(sender)
    if shown:
        real = sender.email or "an unknown sender"
        yield f"The sender's name shows {shown}, but the mail comes from {real}."


def _claimed(sender: Address, own_addresses: frozenset[str]) -> str:
    """What of ours the sender claims, in words; empty for nothing."""
    if sender.email in own_addresses:
        return f"address {sender.email}"
    domain = sender.email.rpartition("@")[2]
    ours = {a.rpartition("@")[2] for a in own_addresses} - SHARED_DOMAINS
    return f"domain {domain}" if domain in ours else ""


def _confirmed(sender: Address, headers: Headers, auth: Authentication, authserv_id: str) -> bool:
    if auth.verdict is not Verdict.NONE or checked_by(headers, authserv_id):
        return auth.verdict is Verdict.PASS
    received = headers.all("received")
    if authserv_id:  # our server did not check it: then a user of ours must have handed it in there
        return any(_SUBMITTED.search(line) for line in received[:1])
    if any(_SUBMITTED.search(line) for line in received[:_LOOKED_AT]):
        return True
    domain = sender.email.rpartition("@")[2]
    signers = (_SIGNING_DOMAIN.search(s) for s in headers.all("dkim-signature")[:_LOOKED_AT])
    return any(found and aligned(found[1].lower(), domain) for found in signers)


def _other_address(sender: Address) -> str:
    """An address in the sender's name that is not where the mail comes from."""
    shown = (found[0].lower().strip(".") for found in _SHOWN_ADDRESS.finditer(sender.name[:500]))
    return next((address for address in shown if address != sender.email), "")

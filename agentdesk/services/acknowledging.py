"""The automatic acknowledgement: once for a new interaction that a person opened, never more.

Off unless the mail account has a text for it. It is written in the transaction that files the mail,
as a row of the outbox without an agent, so that it is sent exactly once like any mail; but it is
no answer: the interaction stays as it is, unanswered and new.

The mail goes to the sender's From, not to Return-Path: forwarders rewrite that one (SRS). Nothing is
ever answered whose own return path is null.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentdesk.domain.acknowledgement import acknowledgement_subject, acknowledgement_text
from agentdesk.domain.ids import MessageId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address, MailKind, ParsedMail, Verdict
from agentdesk.mail import compose
from agentdesk.mail.fields import kept_references
from agentdesk.mail.kinds import may_answer_automatically
from agentdesk.services import automatic
from agentdesk.services.automatic import DAY, HOUR
from agentdesk.services.desk import Desk
from agentdesk.storage import auto_answers, blobs, people
from agentdesk.storage.auto_answers import Kind
from agentdesk.storage.store import Transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """A mail that opened an interaction. `arrived` is when the server took it, None if unknown."""

    interaction: Interaction
    token: str
    mail: ParsedMail
    sha256: str
    arrived: datetime | None


async def acknowledge(
    desk: Desk, tx: Transaction, accounts: Mapping[int, Any], openings: Sequence[Opening]
) -> None:
    """Queue an acknowledgement for each of *openings* that may have one.

    *accounts* are the rows of the mail accounts by id. Interactions and mails must be written.
    """
    wanted = [o for o in openings if accounts[o.interaction.mail_account_id].acknowledgement]
    candidates = [o for o in wanted if _is_recent(desk, o) and _is_from_a_person(o.mail)]
    if not candidates:
        return
    keys = await automatic.keys(tx, len(candidates))
    chosen = await _within_caps(desk, tx, await _allowed(desk, tx, candidates))
    for key, o in zip(keys, chosen, strict=False):
        await _write(desk, tx, accounts[o.interaction.mail_account_id], key, o)


def _is_recent(desk: Desk, o: Opening) -> bool:
    longest = desk.rules.acknowledgement.newer_than
    return o.arrived is not None and desk.clock.now() - o.arrived <= longest


def _is_from_a_person(mail: ParsedMail) -> bool:
    """A normal mail whose sender is not known to be forged: others would get the answer."""
    return mail.kind is MailKind.NORMAL and mail.auth.verdict is not Verdict.FAIL


async def _allowed(desk: Desk, tx: Transaction, candidates: Iterable[Opening]) -> list[Opening]:
    """Those whose headers let a program answer and whose senders take mail."""
    there = list(candidates)
    raws = await blobs.get_many(tx, {o.sha256 for o in there})
    flagged = await people.bounced_among(tx, {o.mail.sender.email for o in there})
    refused = {row.email for row in flagged}
    own = desk.rules.own_addresses

    def checked() -> list[Opening]:
        return [
            o
            for o in there
            if o.mail.sender.email not in refused
            and may_answer_automatically(raws.get(o.sha256, b""), own)
        ]

    return await asyncio.to_thread(checked)


async def _within_caps(desk: Desk, tx: Transaction, allowed: Sequence[Opening]) -> list[Opening]:
    caps, now = desk.rules.acknowledgement, desk.clock.now()
    left = caps.per_hour - await auto_answers.count_since(tx, Kind.ACKNOWLEDGEMENT, now - HOUR)
    senders = {o.mail.sender.email for o in allowed}
    had = await auto_answers.to_addresses(tx, senders, now - DAY)
    chosen: list[Opening] = []
    for o in allowed:
        email = o.mail.sender.email
        if len(chosen) >= left:
            log.warning(
                "no acknowledgement for %s: the hourly cap is reached", o.interaction.number
            )
            break
        if had.get(email, 0) >= caps.per_sender_per_day:
            continue
        if (
            await auto_answers.in_thread(tx, Kind.ACKNOWLEDGEMENT, o.interaction.id)
            >= caps.per_thread
        ):
            continue
        had[email] = had.get(email, 0) + 1
        chosen.append(o)
    return chosen


async def _write(desk: Desk, tx: Transaction, account: Any, key: int, o: Opening) -> None:
    def letter(message: MessageId) -> compose.Outgoing:
        return _letter(desk, account, message, o)

    kind = Kind.ACKNOWLEDGEMENT
    await automatic.put_in_outbox(desk, tx, o.interaction, kind, [key], letter)


def _letter(desk: Desk, account: Any, message: MessageId, o: Opening) -> compose.Outgoing:
    i, mail = o.interaction, o.mail
    domain = account.address.rpartition("@")[2]
    text = acknowledgement_text(
        account.acknowledgement,
        number=i.number,
        subject=i.subject,
        name=mail.sender.name or mail.sender.email,
    )
    cited = kept_references((mail.message_id,) if mail.message_id else ())
    return compose.Outgoing(
        sender=Address(account.address, account.name),
        to=(mail.sender,),
        subject=acknowledgement_subject(i.subject),
        text=text,
        message_id=compose.new_message_id(o.token, message, domain),
        date=desk.clock.now(),
        in_reply_to=cited[0] if cited else "",
        references=kept_references((*mail.references, *cited)),
        headers=automatic.marks(i, message),
        auto_submitted="auto-replied",
    )


async def brake_sentence(desk: Desk, tx: Transaction) -> str:
    """One sentence for supervisors while the hourly cap holds acknowledgements back; else empty."""
    cap = desk.rules.acknowledgement.per_hour
    since = desk.clock.now() - HOUR
    count = await auto_answers.count_since(tx, Kind.ACKNOWLEDGEMENT, since)
    if not count or count < cap:
        return ""
    return (
        f"{count} acknowledgements went out within an hour, so no more are sent for now. "
        "Look for a mail loop."
    )

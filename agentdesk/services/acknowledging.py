"""The automatic acknowledgement: once for a new interaction that a person opened, never more.

Off unless the mail account has a text for it. It is written in the transaction that files the mail,
as a row of the outbox without an agent, so that it is sent exactly once like any mail; but it is
no answer: the interaction stays as it is, unanswered and new.

The mail goes to the sender's From, not to Return-Path: forwarders rewrite that one (SRS). It leaves
with the account's own envelope sender. RFC 3834 §3.3 also allows the null one, which many
submission servers refuse to signed-in clients (RFC 6409 §6.1); loops are prevented by
`Auto-Submitted`, `X-Auto-Response-Suppress` and the caps instead, and a bounce comes back to us and
flags the address. Nothing is ever answered whose own return path is null.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.acknowledgement import acknowledgement_subject, acknowledgement_text
from agentdesk.domain.draft import Recipients
from agentdesk.domain.errors import BadInput
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import MessageId, OutboxId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address, MailKind, ParsedMail, Verdict
from agentdesk.domain.text import safe
from agentdesk.domain.views import Delivery
from agentdesk.mail import compose
from agentdesk.mail.fields import kept_references
from agentdesk.mail.kinds import may_answer_automatically
from agentdesk.services.desk import Desk
from agentdesk.storage import auto_answers, blobs, messages, outbox, people
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import auto_answers as answer_table
from agentdesk.storage.tables import messages as message_table
from agentdesk.storage.tables import outbox as outbox_table

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
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
    # Reserved before anything is counted: on PostgreSQL this queues concurrent filers, so caps hold.
    keys = await tx.new_ids(answer_table, len(candidates))
    chosen = await _within_caps(desk, tx, await _allowed(desk, tx, candidates))
    written = [
        row
        for key, opening in zip(keys, chosen, strict=False)
        if (row := await _write(desk, tx, accounts, key, opening)) is not None
    ]
    await auto_answers.add(tx, written)


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
    left = caps.per_hour - await auto_answers.count_since(tx, now - HOUR)
    senders = {o.mail.sender.email for o in allowed}
    had = await auto_answers.to_senders(tx, senders, now - DAY)
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
        if await auto_answers.in_thread(tx, o.interaction.id) >= caps.per_thread:
            continue
        had[email] = had.get(email, 0) + 1
        chosen.append(o)
    return chosen


async def _write(
    desk: Desk, tx: Transaction, accounts: Mapping[int, Any], key: int, o: Opening
) -> dict[str, Any] | None:
    """The acknowledgement of *o* in the outbox, and its row for the caps; None if it cannot be said.

    A hostile address or id never keeps its mail from being filed.
    """
    i, account = o.interaction, accounts[o.interaction.mail_account_id]
    message = MessageId(await tx.new_id(message_table))
    letter = _letter(desk, account, message, o)
    try:
        raw = await asyncio.to_thread(compose.build, letter)
    except BadInput as error:
        log.info("no acknowledgement for %s: %s", i.number, error)
        return None
    now, box = desk.clock.now(), OutboxId(await tx.new_id(outbox_table))
    sha = await blobs.put_one(tx, raw)
    await messages.insert(tx, [_message_row(letter, message, sha, i, now)])
    await outbox.insert(tx, _outbox_row(letter, message, box, i, now))
    about = (Record.INTERACTION, i.id, Happened.MAIL_QUEUED)
    tx.record(Event(now, SYSTEM, *about, message_id=message, outbox_id=box))
    email = o.mail.sender.email
    return {
        "id": key,
        "mail_account_id": i.mail_account_id,
        "interaction_id": i.id,
        "email": email,
        "at": now,
    }


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
        headers=(
            ("X-Agentdesk-ID", f"{i.number}.{message}"),
            ("X-Auto-Response-Suppress", "All"),
        ),
        auto_submitted=True,
    )


def _message_row(
    letter: compose.Outgoing, message: MessageId, sha: str, i: Interaction, now: datetime
) -> dict[str, Any]:
    text = safe(letter.text)
    return {
        "id": message,
        "interaction_id": i.id,
        "case_id": None,
        "direction": "outbound",
        "kind": MailKind.AUTO_REPLY.value,
        "sha256": sha,
        "header_id": letter.message_id,
        "sender": letter.sender.email,
        "sender_name": letter.sender.name,
        "recipients": asdict(Recipients(letter.to)),
        "subject": letter.subject,
        "text": text,
        "latest": [[0, len(text)]],
        "attachments": [],
        "warnings": [],
        "notices": [],
        "auth": {},
        "refs": list(letter.references),
        "date": now,
        "at": now,
        "agent_id": None,
    }


def _outbox_row(
    letter: compose.Outgoing, message: MessageId, box: OutboxId, i: Interaction, now: datetime
) -> dict[str, Any]:
    return {
        "id": box,
        "mail_account_id": i.mail_account_id,
        "interaction_id": i.id,
        "message_id": message,
        "agent_id": None,
        "state": Delivery.QUEUED.value,
        "recipients": [a.email for a in letter.to],
        "draft": {},
        "header_id": letter.message_id,
        "created_at": now,
        "changed_at": now,
        "due_at": None,
    }


async def brake_sentence(desk: Desk, tx: Transaction) -> str:
    """One sentence for supervisors while the hourly cap holds acknowledgements back; else empty."""
    cap = desk.rules.acknowledgement.per_hour
    count = await auto_answers.count_since(tx, desk.clock.now() - HOUR)
    if not count or count < cap:
        return ""
    return (
        f"{count} acknowledgements went out within an hour, so no more are sent for now. "
        "Look for a mail loop."
    )

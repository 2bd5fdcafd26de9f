"""Mail that a program writes by itself: built, put into the outbox, and counted.

It leaves with the account's own envelope sender. RFC 3834 §3.3 also allows the null one, which many
submission servers refuse to signed-in clients (RFC 6409 §6.1); loops are prevented by
`Auto-Submitted`, `X-Auto-Response-Suppress` and caps instead, and a bounce comes back to us and flags
the address.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.draft import Recipients
from agentdesk.domain.errors import BadInput
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import MessageId, OutboxId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address, MailKind
from agentdesk.domain.text import safe
from agentdesk.domain.views import Delivery
from agentdesk.mail import compose
from agentdesk.services import threads
from agentdesk.services.desk import Desk
from agentdesk.services.threads import Thread
from agentdesk.storage import auto_answers, blobs, messages, outbox
from agentdesk.storage.auto_answers import Kind
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import auto_answers as answer_table
from agentdesk.storage.tables import messages as message_table
from agentdesk.storage.tables import outbox as outbox_table

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
Write = Callable[[MessageId], compose.Outgoing]
log = logging.getLogger(__name__)
NOWHERE = {"interaction_id": None, "case_id": None}


async def keys(tx: Transaction, count: int) -> list[int]:
    """Keys for what will be counted.

    Taken before anything is counted: on PostgreSQL this queues concurrent writers, so caps hold.
    """
    return await tx.new_ids(answer_table, count)


def marks(i: Interaction, message: MessageId) -> tuple[tuple[str, str], ...]:
    """The header fields that say whose mail it is, and that no program shall answer it."""
    return (("X-Agentdesk-ID", f"{i.number}.{message}"), ("X-Auto-Response-Suppress", "All"))


async def put_in_outbox(
    desk: Desk, tx: Transaction, i: Interaction, kind: Kind, keys: Sequence[int], write: Write
) -> bool:
    """A letter of *kind* to as many as there are *keys*; False where it cannot be written.

    A hostile address or id never keeps what happens beside it from happening.
    """
    message = MessageId(await tx.new_id(message_table))
    letter = write(message)
    try:
        raw = await asyncio.to_thread(compose.build, letter)
    except BadInput as error:
        log.info("no %s for %s: %s", kind.value, i.number, error)
        return False
    now, box = desk.clock.now(), OutboxId(await tx.new_id(outbox_table))
    sha = await blobs.put_one(tx, raw)
    await messages.insert(tx, [message_row(letter, message, sha, i, now)])
    await outbox.insert(tx, outbox_row(letter, message, box, i, now))
    about = (Record.INTERACTION, i.id, Happened.MAIL_QUEUED)
    tx.record(Event(now, SYSTEM, *about, message_id=message, outbox_id=box))
    counted = zip(keys, letter.to, strict=False)
    await auto_answers.add(tx, [_counted(k, kind, i, a, box, now) for k, a in counted])
    return True


def _counted(
    key: int, kind: Kind, i: Interaction, to: Address, box: OutboxId, now: datetime
) -> dict[str, Any]:
    return {
        "id": key,
        "mail_account_id": i.mail_account_id,
        "interaction_id": i.id,
        "email": to.email,
        "at": now,
        "kind": kind.value,
        "outbox_id": box,
    }


def message_row(
    letter: compose.Outgoing, message: MessageId, sha: str, thread: Thread | None, now: datetime
) -> dict[str, Any]:
    """The letter as a message of *thread*; of no conversation where that is None."""
    text = safe(letter.text)
    lies = threads.columns(thread) if thread is not None else NOWHERE
    return {
        "id": message,
        **lies,
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


def outbox_row(
    letter: compose.Outgoing, message: MessageId, box: OutboxId, thread: Thread, now: datetime
) -> dict[str, Any]:
    """The letter on its way, in the order of *thread*."""
    return {
        "id": box,
        "mail_account_id": thread.mail_account_id,
        "thread_id": thread.id,
        "record": threads.record_of(thread).value,
        "message_id": message,
        "agent_id": None,
        "state": Delivery.QUEUED.value,
        "recipients": list(letter.recipients),
        "draft": {},
        "header_id": letter.message_id,
        "created_at": now,
        "changed_at": now,
        "due_at": None,
    }

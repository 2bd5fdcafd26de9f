"""What is done in the mailbox for sent mail: copies are filed, unknown mails looked for.

Each task is a deadline on an outbox row. It is claimed by being postponed, and removed only when it
is done, so that a crash in between repeats it instead of losing it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Deadline, Due
from agentdesk.domain.delivery import LOOKS, Evidence, Fate, Look, fates, identity, still_open
from agentdesk.domain.errors import Conflict
from agentdesk.domain.event import SYSTEM, Record
from agentdesk.domain.ids import MessageId, OutboxId
from agentdesk.domain.message import MailKind, ParsedMail
from agentdesk.domain.text import safe
from agentdesk.domain.views import Delivery
from agentdesk.mail.sent import Mark, Noted
from agentdesk.services import sending, threads
from agentdesk.services.desk import Desk
from agentdesk.services.outgoing import touched
from agentdesk.storage import blobs, deadlines, events, messages, outbox
from agentdesk.storage.store import Transaction

KINDS = (Due.COPY, Due.LOOK)
CLAIM = timedelta(minutes=15)
AGAIN = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
MOST_TRIES = 15
"""About two days: then nobody goes on trying to reach the mailbox for sent mail."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, held until `deadline`."""

    deadline: Deadline
    outbox_id: OutboxId
    message_id: MessageId
    mark: Mark
    noted: Noted

    @property
    def copies(self) -> bool:
        """Whether a copy is to be filed; else the mail is to be looked for."""
        return self.deadline.kind is Due.COPY


async def next_due(desk: Desk, mail_account_id: int) -> datetime | None:
    """When the next task of this account is due."""
    async with desk.store.read() as tx:
        waiting = await deadlines.of_outbox(tx, KINDS, mail_account_id, 1)
    return waiting[0].due_at if waiting else None


async def claim(desk: Desk, mail_account_id: int) -> Task | None:
    """The next due task, kept from other engines for a while; None when nothing is due."""
    due = await next_due(desk, mail_account_id)
    if due is None or due > desk.clock.now():
        return None
    async with desk.store.write() as tx:
        now = desk.clock.now()
        for waiting in await deadlines.of_outbox(tx, KINDS, mail_account_id):
            if waiting.due_at > now:
                break
            task = await _take(tx, waiting, now)
            if task is not None:
                return task
    return None


async def _take(tx: Transaction, waiting: Deadline, now: datetime) -> Task | None:
    held = await deadlines.postpone(tx, waiting, now + CLAIM)
    if held is None:
        return None
    row = await outbox.get(tx, waiting.subject)
    if row.state != _STATE[held.kind].value:
        await deadlines.claim(tx, held)  # it has settled since
        return None
    number = await threads.number_of(tx, Record(row.record), row.thread_id)
    return Task(
        held,
        OutboxId(row.id),
        MessageId(row.message_id),
        Mark(row.header_id, identity(number, row.message_id)),
        Noted(row.sent_uidvalidity, row.sent_uidnext),
    )


_STATE = {Due.COPY: Delivery.SENT, Due.LOOK: Delivery.UNKNOWN}


async def content(desk: Desk, task: Task) -> bytes:
    """The exact bytes that went out."""
    async with desk.store.read() as tx:
        mail = await messages.get(tx, task.message_id)
        return await blobs.get(tx, mail.sha256)


async def finish(desk: Desk, task: Task) -> None:
    """The copy is there, or none is wanted."""
    async with desk.store.write() as tx:
        await deadlines.claim(tx, task.deadline)


async def put_off(desk: Desk, task: Task, why: str) -> None:
    """The mailbox could not be reached: again later, with longer and longer pauses."""
    now = desk.clock.now()
    tries = task.deadline.generation
    async with desk.store.write() as tx:
        if not await deadlines.postpone(tx, task.deadline, now + AGAIN[min(tries, len(AGAIN)) - 1]):
            return
        row = await outbox.get(tx, task.outbox_id)
        if tries >= MOST_TRIES:
            await deadlines.drop(tx, task.deadline.kind, task.outbox_id)
        if tries >= MOST_TRIES and task.copies:
            said = f"No copy of the mail could be filed among the sent mails. {why}"
            touched(desk, tx, row, SYSTEM, safe(said, multiline=False))
        elif not task.copies:
            _looked(desk, tx, row, f"The sent mails could not be looked at: {why}")


async def found(desk: Desk, task: Task, mailbox: str, header_id: str) -> None:
    """It lies among the sent mails: it was sent. Another *header_id* is remembered as its own."""
    async with desk.store.write() as tx:
        row = await outbox.get(tx, task.outbox_id)
        if header_id != task.mark.header_id:
            await messages.add_alias(tx, header_id, task.message_id)
        if row.state != Delivery.UNKNOWN.value:
            return
        why = f"Found in {mailbox}: the mail was sent."
        await sending.was_sent(desk, tx, row, SYSTEM, safe(why, multiline=False))


async def not_found(desk: Desk, task: Task, words: str, worth: str) -> None:
    """It is not there now. After the last look the question stays with a person."""
    async with desk.store.write() as tx:
        row = await outbox.get(tx, task.outbox_id)
        if row.state != Delivery.UNKNOWN.value or not await deadlines.claim(tx, task.deadline):
            return
        now, looks = desk.clock.now(), row.looks + 1
        await outbox.change(tx, row.id, now, looks=looks)
        last = looks >= len(LOOKS)
        if not last:
            due = now + LOOKS[looks] - LOOKS[looks - 1]
            await deadlines.put(tx, Due.LOOK, row.id, due)
        _looked(desk, tx, row, words, worth, last=last)


def _looked(
    desk: Desk, tx: Transaction, row: Any, words: str, worth: str = "", *, last: bool = False
) -> None:
    why = f"{words} Was the mail sent? Somebody has to decide." if last else ""
    data = {"look": safe(words, multiline=False), "worth": worth}
    touched(desk, tx, row, SYSTEM, safe(why, multiline=False), data=data)


def proved_by(mail: ParsedMail) -> tuple[str, ...]:
    """Message-IDs of mails that whoever wrote *mail* must have had.

    It is one of them itself, it answers one, or it reports on one. Other References prove nothing:
    every later mail of a thread names the earlier ones, also those that never went out.
    """
    returned = mail.references[-1:] if mail.kind is MailKind.BOUNCE else ()
    return (mail.message_id, *mail.in_reply_to, *returned)


async def prove_by_answers(desk: Desk, tx: Transaction, message_ids: set[int]) -> None:
    """Inbound mails cite these mails of ours: one of unknown outcome did arrive."""
    for row in await outbox.unknown_of(tx, message_ids):
        await sending.was_sent(
            desk, tx, row, SYSTEM, "Proved by what came back: the mail was sent."
        )


async def evidence(desk: Desk, actor: Actor, outbox_id: OutboxId) -> Evidence:
    """What is known of a mail of unknown outcome. Raises `Conflict` once it is settled."""
    async with desk.store.read() as tx:
        row = await outbox.get(tx, outbox_id)
        if row.state != Delivery.UNKNOWN.value:
            raise Conflict("This mail is not waiting for a decision any more.")
        mail = await messages.get(tx, row.message_id)
        said = await events.of_delivery(tx, row.record, row.thread_id, outbox_id)
        due = await deadlines.due_at(tx, Due.LOOK, outbox_id)
    known = outbox.outcomes_of(row)
    handed_in = [e.at for e in said if e.data["state"] == Delivery.MAYBE_SENT.value]
    looks = [e for e in said if "look" in e.data and (not handed_in or e.at >= handed_in[-1])]
    worths = [e.data["worth"] for e in looks if e.data.get("worth")]
    return Evidence(
        subject=mail.subject,
        recipients=tuple(r for r in still_open(row.recipients, known) if r not in known),
        others=tuple(o for f in (Fate.REFUSED, Fate.DEFERRED) for o in fates(known, f)),
        handed_in_at=handed_in[-1] if handed_in else row.changed_at,
        what=row.note,
        looks=tuple(Look(e.at, e.data["look"]) for e in looks),
        next_look=due,
        worth=worths[-1] if worths else "",
    )

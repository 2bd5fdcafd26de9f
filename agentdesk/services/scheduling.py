"""Mails that wait for a moment which their writer chose: moved, let go, or stopped by an answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agentdesk.domain.deadline import Due
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.views import Delivery
from agentdesk.mail.compose import redated
from agentdesk.services import answering, restoring, threads
from agentdesk.services.desk import Desk
from agentdesk.services.outgoing import move, touched
from agentdesk.storage import blobs, deadlines, messages, outbox
from agentdesk.storage.store import Transaction


async def move_to(desk: Desk, tx: Transaction, row: Any, by: By, send_at: datetime) -> None:
    """*row* goes out at *send_at*."""
    await _redate(tx, row, send_at)
    await outbox.change(tx, row.id, desk.clock.now(), due_at=send_at, scheduled_for=send_at)
    await deadlines.put(tx, Due.OUTBOX, row.id, send_at)
    touched(desk, tx, row, by, "")


async def let_go(desk: Desk, tx: Transaction, row: Any) -> None:
    """*row* goes out now."""
    now = desk.clock.now()
    await _redate(tx, row, now)
    await outbox.change(tx, row.id, now, scheduled_for=now)
    await deadlines.drop(tx, Due.OUTBOX, row.id)


async def _redate(tx: Transaction, row: Any, date: datetime) -> None:
    """The mail says when it went, not when it was written: else it is filed among old ones."""
    mail = await messages.get(tx, row.message_id)
    raw = redated(await blobs.get(tx, mail.sha256), date)
    await messages.redate(tx, mail.id, await blobs.put_one(tx, raw), date)


async def stop(desk: Desk, tx: Transaction, answered: Mapping[int, str]) -> None:
    """These threads were written to, by whom each value names, before their mails went out.

    The mails become their writers' drafts again, and the streams say so.
    """
    for row in await outbox.waiting_rows(tx, answered):
        if not row.draft:
            continue
        who = answered[row.thread_id]
        note = f"{who} wrote in between"
        await move(desk, tx, row, Delivery.CANCELED, SYSTEM, note=note)
        await deadlines.drop(tx, Due.OUTBOX, row.id)
        draft = await restoring.restored_unheld(desk, tx, row)
        now = desk.clock.now()
        thread = await threads.get(tx, Record(row.record), row.thread_id)
        await answering.does_not_go(desk, tx, thread, row, SYSTEM)
        data = {"at": row.scheduled_for.isoformat(), "who": who, "agent": draft.author_id}
        about = (*threads.about(thread), Happened.SCHEDULE_STOPPED)
        tx.record(Event(now, SYSTEM, *about, data))

"""The outbox: what goes out, exactly once, under a fencing epoch."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.delivery import Fate, Outcome, Outcomes
from agentdesk.domain.errors import FencedOff, NotFound
from agentdesk.domain.event import Record
from agentdesk.domain.ids import ThreadId, thread
from agentdesk.domain.views import Delivery
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import outbox

FLYING = (Delivery.SENDING.value, Delivery.MAYBE_SENT.value)


def outcomes_of(row: Any) -> dict[str, Outcome]:
    """What the server did with each recipient so far."""
    return {
        email: Outcome(email, Fate(kept["state"]), kept["code"], kept["words"])
        for email, kept in row.outcomes.items()
    }


def outcome_values(outcomes: Outcomes) -> dict[str, dict[str, Any]]:
    """The column `outcomes`."""
    return {
        email: {"state": o.fate.value, "code": o.code, "words": o.words}
        for email, o in outcomes.items()
    }


async def insert(tx: Transaction, row: dict[str, Any]) -> None:
    """A mail that shall go out."""
    await tx.insert(outbox, [row])


async def get(tx: Transaction, outbox_id: int) -> sa.Row[Any]:
    """One row, locked until the end of a write. Raises `NotFound`."""
    row = await tx.one(sa.select(outbox).where(outbox.c.id == outbox_id).with_for_update())
    if row is None:
        raise NotFound("This mail is not in the outbox.")
    return row


async def home_of(tx: Transaction, outbox_id: int) -> tuple[Record, ThreadId]:
    """The thread of a mail, not locked. Raises `NotFound`."""
    columns = (outbox.c.record, outbox.c.thread_id)
    row = await tx.one(sa.select(*columns).where(outbox.c.id == outbox_id))
    if row is None:
        raise NotFound("This mail is not in the outbox.")
    return Record(row.record), thread(row.record, row.thread_id)


async def get_many(tx: Transaction, ids: Collection[int]) -> dict[int, sa.Row[Any]]:
    """Rows by id."""
    rows = await tx.all(sa.select(outbox).where(outbox.c.id.in_(set(ids)))) if ids else []
    return {r.id: r for r in rows}


async def change(tx: Transaction, outbox_id: int, now: datetime, **values: Any) -> None:
    """Write some columns."""
    same = outbox.c.id == outbox_id
    await tx.execute(sa.update(outbox).where(same).values(changed_at=now, **values))


async def change_fenced(
    tx: Transaction, outbox_id: int, epoch: int, now: datetime, **values: Any
) -> None:
    """Write some columns if *epoch* still sends. Raises `FencedOff`."""
    mine = (outbox.c.id == outbox_id) & (outbox.c.epoch == epoch)
    done = await tx.execute(sa.update(outbox).where(mine).values(changed_at=now, **values))
    if done.rowcount != 1:
        raise FencedOff("Another agentdesk sends this mail now.")


async def waiting_rows(tx: Transaction, thread_ids: Collection[int]) -> list[sa.Row[Any]]:
    """Mails that wait for a moment which their writer chose, the soonest first, locked until the end of
    a write."""
    if not thread_ids:
        return []
    waits = (outbox.c.state == Delivery.DELAYED.value) & outbox.c.scheduled_for.is_not(None)
    mine = waits & outbox.c.thread_id.in_(set(thread_ids))
    query = sa.select(outbox).where(mine).order_by(outbox.c.scheduled_for, outbox.c.id)
    return await tx.all(query.with_for_update())


def _ready(accounts: Collection[int]) -> sa.ColumnElement[bool]:
    """Mails that may go out: no earlier one of the same thread waits or is on its way."""
    ahead = outbox.alias("ahead")
    flying = ahead.c.state.in_(FLYING)
    earlier = (ahead.c.state == Delivery.QUEUED.value) & (ahead.c.id < outbox.c.id)
    same = (ahead.c.thread_id == outbox.c.thread_id) & (ahead.c.id != outbox.c.id)
    blocked = sa.exists().where(same & (flying | earlier))
    queued = outbox.c.state == Delivery.QUEUED.value
    return queued & outbox.c.mail_account_id.in_(accounts) & ~blocked


async def claim(tx: Transaction, accounts: Collection[int], owner: str, now: datetime) -> Any:
    """Take the oldest ready mail of these accounts for sending; None when nothing waits."""
    query = sa.select(outbox).where(_ready(accounts)).order_by(outbox.c.id).limit(1)
    row = await tx.one(query.with_for_update(skip_locked=True, of=outbox))
    if row is None:
        return None
    values = {"state": Delivery.SENDING.value, "lease_owner": owner, "epoch": row.epoch + 1}
    await change(tx, row.id, now, **values, attempts=row.attempts + 1)
    return await get(tx, row.id)


async def in_flight(tx: Transaction) -> list[sa.Row[Any]]:
    """What some process was sending, locked until the end of a write."""
    return await tx.all(sa.select(outbox).where(outbox.c.state.in_(FLYING)).with_for_update())


async def waiting(tx: Transaction, accounts: Collection[int]) -> bool:
    """Whether a mail of these accounts is ready to be sent."""
    query = sa.select(outbox.c.id).where(_ready(accounts)).limit(1)
    return await tx.one(query) is not None


async def unknown_of(tx: Transaction, message_ids: Collection[int]) -> list[sa.Row[Any]]:
    """Mails of unknown outcome among these messages, locked until the end of a write."""
    if not message_ids:
        return []
    unknown = outbox.c.state == Delivery.UNKNOWN.value
    mine = unknown & outbox.c.message_id.in_(set(message_ids))
    return await tx.all(sa.select(outbox).where(mine).with_for_update())


async def scheduled_of(tx: Transaction, thread_ids: Collection[int]) -> dict[int, datetime]:
    """When the next mail goes out that waits for a chosen moment, of each that has one."""
    if not thread_ids:
        return {}
    waits = (outbox.c.state == Delivery.DELAYED.value) & outbox.c.scheduled_for.is_not(None)
    mine = waits & outbox.c.thread_id.in_(set(thread_ids))
    query = sa.select(outbox.c.thread_id, outbox.c.due_at).where(mine)
    rows = await tx.all(query.order_by(outbox.c.due_at.desc()))
    return {r.thread_id: r.due_at for r in rows}


async def delayed_of(tx: Transaction, thread_id: int) -> bool:
    """Whether a mail of the thread can still be taken back."""
    mine = (outbox.c.state == Delivery.DELAYED.value) & (outbox.c.thread_id == thread_id)
    return await tx.one(sa.select(outbox.c.id).where(mine).limit(1)) is not None


async def undelivered_of(
    tx: Transaction, thread_ids: Collection[int]
) -> dict[int, tuple[int, int]]:
    """How many mails of each thread failed or are unknown, and how many some refused."""
    if not thread_ids:
        return {}
    stuck = outbox.c.state.in_([Delivery.FAILED.value, Delivery.UNKNOWN.value])
    partly = (outbox.c.state == Delivery.SENT.value) & (outbox.c.note != "")
    mine = (stuck | partly) & outbox.c.thread_id.in_(set(thread_ids))
    query = sa.select(
        outbox.c.thread_id,
        sa.func.sum(sa.case((stuck, 1), else_=0)).label("stuck"),
        sa.func.sum(sa.case((partly, 1), else_=0)).label("partly"),
    )
    rows = await tx.all(query.where(mine).group_by(outbox.c.thread_id))
    return {r.thread_id: (int(r.stuck), int(r.partly)) for r in rows}

"""The outbox: what goes out, exactly once, under a fencing epoch."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import FencedOff, NotFound
from agentdesk.domain.views import Delivery
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import outbox


async def insert(tx: Transaction, row: dict[str, Any]) -> None:
    """A mail that shall go out."""
    await tx.insert(outbox, [row])


async def get(tx: Transaction, outbox_id: int) -> sa.Row[Any]:
    """One row, locked until the end of a write. Raises `NotFound`."""
    row = await tx.one(sa.select(outbox).where(outbox.c.id == outbox_id).with_for_update())
    if row is None:
        raise NotFound("This mail is not in the outbox.")
    return row


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


async def claim(tx: Transaction, accounts: Collection[int], owner: str, now: datetime) -> Any:
    """Take the oldest ready mail of these accounts for sending; None when nothing waits."""
    ready = outbox.c.state == Delivery.QUEUED.value
    mine = ready & outbox.c.mail_account_id.in_(accounts)
    query = sa.select(outbox).where(mine).order_by(outbox.c.id).limit(1)
    row = await tx.one(query.with_for_update(skip_locked=True))
    if row is None:
        return None
    values = {"state": Delivery.SENDING.value, "lease_owner": owner, "epoch": row.epoch + 1}
    await change(tx, row.id, now, **values, attempts=row.attempts + 1)
    return await get(tx, row.id)


async def in_flight(tx: Transaction) -> list[sa.Row[Any]]:
    """What some process was sending, locked until the end of a write."""
    flying = outbox.c.state.in_([Delivery.SENDING.value, Delivery.MAYBE_SENT.value])
    return await tx.all(sa.select(outbox).where(flying).with_for_update())


async def waiting(tx: Transaction, accounts: Collection[int]) -> bool:
    """Whether a mail of these accounts is ready to be sent."""
    ready = (outbox.c.state == Delivery.QUEUED.value) & outbox.c.mail_account_id.in_(accounts)
    return await tx.one(sa.select(outbox.c.id).where(ready).limit(1)) is not None

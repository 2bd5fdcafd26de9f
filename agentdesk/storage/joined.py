"""What a merge of two people moved, kept so that it can be given back."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import addresses, cases, customers, interactions, merges

AT_ONCE: Final = 500


async def move(tx: Transaction, source: int, target: int) -> dict[str, Any]:
    """Everything of *source* becomes *target*'s; returns what it was: addresses first, which holds
    back mail that is filed at this moment.
    """
    mine = addresses.c.customer_id == source
    query = sa.select(addresses.c.email).where(mine).order_by(addresses.c.email).with_for_update()
    emails = [r.email for r in await tx.all(query)]
    await tx.execute(sa.update(addresses).where(mine).values(customer_id=target))
    moved: dict[str, Any] = {"addresses": emails}
    for table in (interactions, cases):
        same = table.c.customer_id == source
        ids = [r.id for r in await tx.all(sa.select(table.c.id).where(same).order_by(table.c.id))]
        await tx.execute(sa.update(table).where(same).values(customer_id=target))
        moved[table.name] = ids
    return moved


async def remember(
    tx: Transaction, kept: int, merged: int, at: datetime, by: str, moved: Mapping[str, Any]
) -> int:
    """Keep a merge; returns its number."""
    key = await tx.new_id(merges)
    row = {"id": key, "kept_id": kept, "merged_id": merged, "at": at, "by": by}
    await tx.insert(merges, [{**row, "moved": dict(moved)}])
    return key


async def merge(tx: Transaction, merge_id: int) -> sa.Row[Any]:
    """A merge, locked. Raises `NotFound`."""
    row = await tx.one(sa.select(merges).where(merges.c.id == merge_id).with_for_update())
    if row is None:
        raise NotFound("This merge is not known.")
    return row


async def mark_undone(tx: Transaction, merge_id: int, at: datetime) -> None:
    """It holds no more."""
    await tx.execute(sa.update(merges).where(merges.c.id == merge_id).values(undone_at=at))


async def give_back(tx: Transaction, row: sa.Row[Any]) -> list[str]:
    """Return what a merge moved to the merged customer, if the kept one still has it; sentences say
    what somebody else has or nobody any more.
    """
    missing = []
    moved, kept, other = row.moved, row.kept_id, row.merged_id
    for some in _few(moved["addresses"]):
        same = addresses.c.email.in_(some) & (addresses.c.customer_id == kept)
        back = sa.update(addresses).where(same).values(customer_id=other)
        given = {r.email for r in await tx.all(back.returning(addresses.c.email))}
        missing += [f"The address {e} is not there any more." for e in some if e not in given]
    for table in (interactions, cases):
        given = {*moved.get("accounted", {}).get(table.name, ())}
        gone = 0
        for some in _few(moved[table.name]):
            same = table.c.id.in_(some) & (table.c.customer_id == kept)
            done = await tx.execute(sa.update(table).where(same).values(customer_id=other))
            gone += len(some) - done.rowcount
            same = table.c.id.in_([key for key in some if key in given])
            mine = table.c.customer_id == other
            await tx.execute(sa.update(table).where(same & mine).values(account_id=None))
        if gone:
            missing.append(f"{gone} {table.name} went to somebody else since.")
    return missing


def _few(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


async def merged_into(tx: Transaction, customer_id: int) -> list[int]:
    """Everybody who was merged into a customer, directly or through others."""
    c = customers.c
    start = sa.select(merges.c.merged_id.label("id")).where(
        (merges.c.kept_id == customer_id) & merges.c.undone_at.is_(None)
    )
    chain = start.cte("chain", recursive=True)
    further = sa.select(merges.c.merged_id).where(
        (merges.c.kept_id == chain.c.id) & merges.c.undone_at.is_(None)
    )
    found = sa.select(chain.union(further).c.id)
    return [r.id for r in await tx.all(sa.select(c.id).where(c.id.in_(found)).order_by(c.id))]


async def forget(tx: Transaction, everybody: Sequence[int]) -> None:
    """Which addresses and records merges of these customers moved; that they happened stays."""
    about = merges.c.kept_id.in_(everybody) | merges.c.merged_id.in_(everybody)
    await tx.execute(sa.update(merges).where(about).values(moved={}))

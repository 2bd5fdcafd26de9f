"""Deadline rows: set, dropped, claimed once."""

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from agentdesk.domain.deadline import Deadline, Due
from agentdesk.storage.rows import load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import deadlines, outbox


async def put(tx: Transaction, kind: Due, subject: int, due_at: datetime) -> None:
    """Set or move the deadline; a mover's generation differs, so an old claim on it fails."""
    same = (deadlines.c.kind == kind.value) & (deadlines.c.subject == subject)
    row = await tx.one(sa.select(deadlines.c.generation).where(same))
    generation = row.generation + 1 if row else 1
    values = {"kind": kind.value, "subject": subject, "due_at": due_at, "generation": generation}
    await tx.put(deadlines, values)


async def add(tx: Transaction, kind: Due, moments: Iterable[tuple[int, datetime]]) -> None:
    """First deadlines of new subjects, with one executemany."""
    same = {"kind": kind.value, "generation": 1}
    rows = [{**same, "subject": subject, "due_at": at} for subject, at in moments]
    await tx.insert(deadlines, rows)


async def drop(tx: Transaction, kind: Due, *subjects: int) -> None:
    """Remove deadlines, where they are."""
    if subjects:
        same = (deadlines.c.kind == kind.value) & deadlines.c.subject.in_(subjects)
        await tx.execute(sa.delete(deadlines).where(same))


async def due_at(tx: Transaction, kind: Due, subject: int) -> datetime | None:
    """When this deadline ends; None where there is none."""
    same = (deadlines.c.kind == kind.value) & (deadlines.c.subject == subject)
    row = await tx.one(sa.select(deadlines.c.due_at).where(same))
    return row.due_at if row else None


def _of(kinds: Collection[Due]) -> sa.ColumnElement[bool]:
    return deadlines.c.kind.in_([k.value for k in kinds])


async def passed(
    tx: Transaction, now: datetime, kinds: Collection[Due], limit: int = 100
) -> list[Deadline]:
    """Deadlines of these kinds that are over, oldest first."""
    query = sa.select(deadlines).where(_of(kinds) & (deadlines.c.due_at <= now))
    return [
        load(Deadline, r) for r in await tx.all(query.order_by(deadlines.c.due_at).limit(limit))
    ]


async def following(tx: Transaction, kinds: Collection[Due]) -> datetime | None:
    """When the next deadline of these kinds ends."""
    row = await tx.one(sa.select(sa.func.min(deadlines.c.due_at)).where(_of(kinds)))
    return row[0] if row else None


async def of_outbox(
    tx: Transaction, kinds: Collection[Due], mail_account_id: int, limit: int = 100
) -> list[Deadline]:
    """The next deadlines of these kinds on outgoing mails of an account, over or not."""
    joined = deadlines.join(outbox, outbox.c.id == deadlines.c.subject)
    query = sa.select(deadlines).select_from(joined)
    query = query.where(_of(kinds) & (outbox.c.mail_account_id == mail_account_id))
    return [
        load(Deadline, r) for r in await tx.all(query.order_by(deadlines.c.due_at).limit(limit))
    ]


async def postpone(tx: Transaction, deadline: Deadline, until: datetime) -> Deadline | None:
    """Move a deadline for a while, so that nobody else takes it; None when somebody was first.

    Its generation counts how often that was done.
    """
    same = (deadlines.c.kind == deadline.kind.value) & (deadlines.c.subject == deadline.subject)
    mine = same & (deadlines.c.generation == deadline.generation)
    made = Deadline(deadline.kind, deadline.subject, until, deadline.generation + 1)
    values = {"due_at": until, "generation": made.generation}
    done = await tx.execute(sa.update(deadlines).where(mine).values(values))
    return made if done.rowcount == 1 else None


async def claim(tx: Transaction, deadline: Deadline) -> bool:
    """Take the deadline out of the table; False when another engine was first or it was moved."""
    same = (deadlines.c.kind == deadline.kind.value) & (deadlines.c.subject == deadline.subject)
    mine = same & (deadlines.c.generation == deadline.generation)
    return (await tx.execute(sa.delete(deadlines).where(mine))).rowcount == 1

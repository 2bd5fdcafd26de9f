"""What figures are counted from, in groups: one quarter of an hour, queue and kind each.

Each statement is made once: a wallboard asks all of them every second, and making them took longer
than their answers.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.figures import EPOCH, QUARTER, Quarter, Tally, tally_of
from agentdesk.domain.ids import QueueId
from agentdesk.domain.interaction import State
from agentdesk.domain.work import Logged, WorkState
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import agents, interactions, work_items, work_log
from agentdesk.storage.tables.columns import MICROSECOND

log, i, w = work_log.c, interactions.c, work_items.c
HOUR = timedelta(hours=1)
SINCE = sa.bindparam("since", type_=log.at.type)


def _stretch(column: sa.ColumnElement[Any], length: timedelta) -> sa.ColumnElement[int]:
    """The number of the stretch of time in which a moment lies, since 1970."""
    return sa.type_coerce(column, sa.BigInteger) // (length // MICROSECOND)


async def quarters(tx: Transaction, since: datetime) -> dict[datetime, Quarter]:
    """Everything from *since* on, by quarter."""
    queues: dict[datetime, dict[QueueId, Tally]] = {}
    for r in await tx.all(_logged(), {"since": since}):
        of_quarter = queues.setdefault(EPOCH + r.quarter * QUARTER, {})
        more = tally_of(Logged(r.what), r.n, float(r.seconds or 0), int(r.within or 0))
        of_quarter[QueueId(r.queue_id)] = of_quarter.get(QueueId(r.queue_id), Tally()) + more
    opened: dict[datetime, int] = {}
    closed: dict[datetime, int] = {}
    for r in await tx.all(_moved(), {"since": since}):
        (closed if r.closed else opened)[EPOCH + r.quarter * QUARTER] = r.n
    return {
        at: Quarter(queues.get(at, {}), opened.get(at, 0), closed.get(at, 0))
        for at in queues.keys() | opened.keys() | closed.keys()
    }


@cache
def _logged() -> sa.Select[Any]:
    quarter = _stretch(log.at, QUARTER).label("quarter")
    within = sa.func.sum(sa.case((log.within_target, 1), else_=0)).label("within")
    columns = (quarter, log.queue_id, log.what, sa.func.count().label("n"))
    seconds = sa.func.sum(log.seconds).label("seconds")
    query = sa.select(*columns, seconds, within).where(log.at >= SINCE)
    return query.group_by(sa.text("quarter"), log.queue_id, log.what)


@cache
def _moved() -> sa.CompoundSelect[Any]:
    """Interactions opened and closed; both were changed since, too, and that has an index."""
    halves = [
        sa.select(
            sa.literal(closed).label("closed"),
            _stretch(column, QUARTER).label("quarter"),
            sa.func.count().label("n"),
        )
        .where(column >= SINCE, i.changed_at >= SINCE)
        .group_by(sa.text("quarter"))
        for closed, column in enumerate((i.opened_at, i.closed_at))
    ]
    return sa.union_all(*halves)


async def waits(tx: Transaction) -> list[sa.Row[Any]]:
    """What waits by queue, state and the hour since when: `n`, `oldest`, and `middle`, the average.

    All of it stands in the index of work items.
    """
    return await tx.all(_waits())


@cache
def _waits() -> sa.Select[Any]:
    live = w.state.in_([WorkState.QUEUED.value, WorkState.OFFERED.value])
    hour = _stretch(w.queued_at, HOUR).label("hour")
    middle = sa.func.avg(sa.type_coerce(w.queued_at, sa.BigInteger)).label("middle")
    figures = (sa.func.count().label("n"), sa.func.min(w.queued_at).label("oldest"), middle)
    query = sa.select(w.queue_id, w.state, *figures).where(live)
    return query.group_by(w.queue_id, w.state, hour)


async def queued(tx: Transaction) -> dict[QueueId, int]:
    """How many wait in each queue without an offer."""
    query = sa.select(w.queue_id, sa.func.count().label("n"))
    found = query.where(w.state == WorkState.QUEUED.value).group_by(w.queue_id)
    return {QueueId(r.queue_id): r.n for r in await tx.all(found)}


def moment(microseconds: Any) -> datetime:
    """A moment from an average."""
    return EPOCH + int(microseconds) * MICROSECOND


async def attention(tx: Transaction) -> dict[QueueId, int]:
    """How much waiting work a person should look at, by queue."""
    return {QueueId(r.queue_id): r.n for r in await tx.all(_attention())}


@cache
def _attention() -> sa.Select[Any]:
    query = sa.select(w.queue_id, sa.func.count().label("n")).where(w.needs_attention, _waiting())
    return query.group_by(w.queue_id)


def _waiting() -> sa.ColumnElement[bool]:
    return w.state.in_([WorkState.QUEUED.value, WorkState.OFFERED.value])


async def on_hold(tx: Transaction) -> dict[int, int]:
    """How much each agent has on hold: counted in the index of owners."""
    return {r.id: r.n for r in await tx.all(_on_hold())}


@cache
def _on_hold() -> sa.Select[Any]:
    count = sa.select(sa.func.count()).where(
        i.owner_id == agents.c.id, i.state == State.ON_HOLD.value
    )
    return sa.select(agents.c.id, count.scalar_subquery().label("n")).where(agents.c.active)

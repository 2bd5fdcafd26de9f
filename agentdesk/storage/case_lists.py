"""Cases as screens show them: heads, and the records around them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.case import CaseState
from agentdesk.domain.ids import AgentId
from agentdesk.storage.cases import NOT_CLOSED_STATES, WORKED_ON_STATES
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    agents,
    case_targets,
    case_watchers,
    cases,
    customers,
    interactions,
)

k, i, w, t = cases.c, interactions.c, case_watchers.c, case_targets.c
SHOWN_LIMIT = 200
NAMED = cases.join(customers, customers.c.id == k.customer_id).outerjoin(
    agents, agents.c.id == k.owner_id
)


async def head(tx: Transaction, case_id: int) -> sa.Row[Any] | None:
    """One case with the names that its tab shows: owner, merged_number."""
    taken_over = cases.alias("taken_over")
    joined = cases.outerjoin(agents, agents.c.id == k.owner_id)
    joined = joined.outerjoin(taken_over, taken_over.c.id == k.merged_into)
    columns = (
        *cases.c,
        agents.c.name.label("owner"),
        taken_over.c.number.label("merged_number"),
    )
    return await tx.one(sa.select(*columns).select_from(joined).where(k.id == case_id))


async def grown_from(tx: Transaction, case_ids: Collection[int], limit: int) -> list[sa.Row[Any]]:
    """The interactions that these cases grew out of, the newest first: id, number, subject, state."""
    columns = (i.id, i.number, i.subject, i.state)
    query = sa.select(*columns).where(i.case_id.in_(case_ids)).order_by(i.id.desc()).limit(limit)
    return await tx.all(query)


async def by_ids(tx: Transaction, ids: Collection[int]) -> list[sa.Row[Any]]:
    """Some cases, in order of their ids."""
    query = sa.select(cases).where(k.id.in_(ids)).order_by(k.id)
    return await tx.all(query) if ids else []


async def children(tx: Transaction, case_id: int, limit: int) -> list[sa.Row[Any]]:
    """The cases that are part of this one, the newest first."""
    query = sa.select(cases).where(k.parent_id == case_id).order_by(k.id.desc()).limit(limit)
    return await tx.all(query)


# Lists


async def page(
    tx: Transaction,
    where: Sequence[sa.ColumnElement[bool]],
    agent_id: AgentId,
    *,
    after: tuple[datetime, int] | None,
    before: tuple[datetime, int] | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Cases by latest change, newest first, from a keyset position on."""
    key = sa.tuple_(k.changed_at, k.id)
    query = _shown(agent_id).where(*where)
    if after is not None:
        query = query.where(key < _position(after))
    if before is not None:
        query = query.where(key > _position(before)).order_by(k.changed_at, k.id).limit(limit)
        return list(reversed(await tx.all(query)))
    return await tx.all(query.order_by(k.changed_at.desc(), k.id.desc()).limit(limit))


def _position(at: tuple[datetime, int]) -> Any:
    return sa.tuple_(sa.literal(at[0], k.changed_at.type), sa.literal(at[1]))


def _shown(agent_id: AgentId) -> sa.Select[Any]:
    """What a row tells; `unread` is that of this agent, as owner or as watcher."""
    mine = (w.case_id == k.id) & (w.agent_id == agent_id)
    unread = sa.case((k.owner_id == agent_id, k.unread), else_=sa.func.coalesce(w.unread, 0))
    columns = (
        k.id,
        k.number,
        k.subject,
        customers.c.name.label("customer"),
        k.state,
        k.owner_id,
        agents.c.name.label("owner"),
        k.group,
        k.category,
        k.priority,
        k.queue_id,
        k.changed_at,
        k.due_at,
        unread.label("unread"),
    )
    return sa.select(*columns).select_from(NAMED.outerjoin(case_watchers, mine))


def chosen(
    which: str, agent_id: AgentId, groups: Collection[str], now: datetime
) -> list[sa.ColumnElement[bool]]:
    """The condition behind the name of a list; none for `all`."""
    worked_on = k.state.in_(WORKED_ON_STATES)
    conditions: dict[str, list[sa.ColumnElement[bool]]] = {
        "mine": [k.owner_id == agent_id, worked_on],
        "open": [worked_on],
        "group": [k.group.in_(groups), worked_on],
        "watched": [k.id.in_(sa.select(w.case_id).where(w.agent_id == agent_id))],
        "overdue": [worked_on, _overdue(now)],
        "resolved": [k.state == CaseState.RESOLVED.value],
        "closed": [k.state == CaseState.CLOSED.value],
    }
    return conditions.get(which, [])


def _overdue(now: datetime) -> sa.ColumnElement[bool]:
    """A target is missed and not met, or the day that somebody promised is over."""
    late = t.breached_at.is_not(None) | (t.due_at <= now)
    missed = sa.select(t.case_id).where(late, t.met_at.is_(None))
    return (k.due_at <= now) | k.id.in_(missed)


def among(ids: Collection[int]) -> sa.ColumnElement[bool]:
    """Only these cases."""
    return k.id.in_(ids)


def mentions(words: str) -> sa.ColumnElement[bool]:
    """Number or customer's name begins with *words*, or the subject holds them."""
    said = _plain(words)
    start, inside = f"{said}%", f"%{said}%"
    name = customers.c.name
    return (
        k.number.ilike(start, escape="\\")
        | name.ilike(start, escape="\\")
        | k.subject.ilike(inside, escape="\\")
    )


def _plain(words: str) -> str:
    """*words* for LIKE, in which nothing means more than it says."""
    said = words.strip().replace("\\", "\\\\")
    return said.replace("%", "\\%").replace("_", "\\_")


async def to_choose_from(
    tx: Transaction, words: str, customer_id: int | None, agent_id: AgentId, limit: int
) -> list[sa.Row[Any]]:
    """Cases that are not closed and fit *words*, those of a customer first, the newest first."""
    wanted = mentions(words) if words.strip() else k.customer_id == customer_id
    query = _shown(agent_id).where(k.state.in_(NOT_CLOSED_STATES), wanted)
    theirs = sa.case((k.customer_id == customer_id, 0), else_=1)
    return await tx.all(query.order_by(theirs, k.changed_at.desc(), k.id.desc()).limit(limit))


async def on_the_desk(tx: Transaction, agent_id: AgentId) -> list[sa.Row[Any]]:
    """What an agent has and is worked on, and what they follow and have not seen."""
    mine = (k.owner_id == agent_id) & (
        k.state.in_(WORKED_ON_STATES) | ((k.unread > 0) & (k.state != CaseState.CLOSED.value))
    )
    unseen = sa.select(w.case_id).where(w.agent_id == agent_id, w.unread > 0)
    query = _shown(agent_id).where(mine | k.id.in_(unseen))
    return await tx.all(query.order_by(k.changed_at.desc()).limit(SHOWN_LIMIT))

"""Keyset views: rows that screens show, read in one query each and never by OFFSET."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.deadline import Due
from agentdesk.domain.ids import AgentId
from agentdesk.domain.interaction import State
from agentdesk.domain.work import WorkState
from agentdesk.storage.interactions import OPEN_STATES
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    accounts,
    agents,
    cases,
    customers,
    deadlines,
    drafts,
    interactions,
    mail_accounts,
    messages,
    queues,
    work_items,
    wrap_up_segments,
)

i, c, w = interactions.c, customers.c, work_items.c
SHOWN_LIMIT = 200
WHO = c.name.label("customer")
WITH_PEOPLE = interactions.join(customers, c.id == i.customer_id)
RUNNING = (
    sa.select(
        wrap_up_segments.c.interaction_id, wrap_up_segments.c.opened_at, wrap_up_segments.c.due_at
    )
    .where(wrap_up_segments.c.submitted_at.is_(None))
    .subquery()
)

WROTE_AT = (
    sa.select(sa.func.max(messages.c.at))
    .where(messages.c.interaction_id == i.id, messages.c.direction == "inbound")
    .scalar_subquery()
    .label("wrote_at")
)
"""The customer's last mail."""


async def offers(tx: Transaction, agent_id: AgentId) -> list[sa.Row[Any]]:
    """Pending offers of an agent, oldest first."""
    joined = work_items.join(WITH_PEOPLE, w.interaction_id == i.id)
    joined = joined.join(queues, queues.c.id == w.queue_id)
    joined = joined.outerjoin(accounts, accounts.c.id == i.account_id)
    columns = (
        w.id,
        w.interaction_id,
        w.queue_id,
        i.routing_source,
        i.number,
        i.subject,
        WHO,
        queues.c.name.label("queue"),
        w.priority,
        i.preview,
        w.offered_at,
        w.expires_at,
        accounts.c.name.label("account"),
        w.vip,
        w.queued_at,
        w.note,
        w.preferred,
        w.needs,
    )
    mine = (w.agent_id == agent_id) & (w.state == WorkState.OFFERED.value)
    return await tx.all(sa.select(*columns).select_from(joined).where(mine).order_by(w.offered_at))


async def held_by(tx: Transaction, agent_id: AgentId) -> list[sa.Row[Any]]:
    """Open interactions of an agent with running wrap-ups, the unread and newest first."""
    joined = WITH_PEOPLE.outerjoin(
        RUNNING, (RUNNING.c.interaction_id == i.id) & (i.state == State.WRAP_UP.value)
    )
    due = {k: deadlines.alias(k.value) for k in (Due.SILENCE, Due.NOTICE, Due.REMINDER)}
    for kind, its in due.items():
        joined = joined.outerjoin(its, (its.c.kind == kind.value) & (its.c.subject == i.id))
    joined = joined.join(mail_accounts, mail_accounts.c.id == i.mail_account_id)
    columns = (
        i.id,
        i.number,
        i.subject,
        WHO,
        i.state,
        i.unread,
        i.changed_at,
        i.held_at,
        RUNNING.c.opened_at.label("wrap_opened_at"),
        RUNNING.c.due_at.label("wrap_due_at"),
        i.opened_at,
        due[Due.SILENCE].c.due_at.label("closes_at"),
        due[Due.NOTICE].c.due_at.label("tells_at"),
        due[Due.REMINDER].c.due_at.label("reminds_at"),
        i.reminders,
        i.snoozed_until,
        i.until_reply,
        i.transferring_to,
        mail_accounts.c.key.label("mail_account"),
        WROTE_AT,
    )
    mine = (i.owner_id == agent_id) & i.state.in_(OPEN_STATES)
    query = sa.select(*columns).select_from(joined).where(mine)
    return await tx.all(query.order_by(i.changed_at.desc()).limit(SHOWN_LIMIT))


async def taken_by(tx: Transaction, ids: Sequence[int], agent_id: AgentId) -> dict[int, Any]:
    """The newest work item of each interaction that went to that agent."""
    columns = (w.interaction_id, w.queue_id, w.queued_at, w.accepted_at, w.offered_at, w.note)
    mine = w.interaction_id.in_(ids) & (w.agent_id == agent_id)
    query = sa.select(*columns).where(mine, w.state == WorkState.ACCEPTED.value)
    return {r.interaction_id: r for r in await tx.all(query.order_by(w.id))} if ids else {}


async def drafts_of(tx: Transaction, agent_id: AgentId) -> list[sa.Row[Any]]:
    """An agent's drafts, the newest first."""
    k = cases.c
    joined = drafts.outerjoin(interactions, i.id == drafts.c.thread_id)
    joined = joined.outerjoin(cases, k.id == drafts.c.thread_id)
    number = sa.func.coalesce(i.number, k.number).label("number")
    owner = sa.func.coalesce(i.owner_id, k.owner_id).label("owner_id")
    columns = (*drafts.c, number, owner)
    query = sa.select(*columns).select_from(joined)
    mine = drafts.c.author_id == agent_id
    return await tx.all(query.where(mine).order_by(drafts.c.updated_at.desc()).limit(SHOWN_LIMIT))


async def head(tx: Transaction, interaction_id: int) -> sa.Row[Any] | None:
    """One interaction with the names that its tab shows."""
    parent = interactions.alias("parent")
    joined = (
        interactions.outerjoin(agents, agents.c.id == i.owner_id)
        .outerjoin(queues, queues.c.id == i.queue_id)
        .outerjoin(parent, parent.c.id == i.parent_id)
        .outerjoin(cases, cases.c.id == i.case_id)
    )
    columns = (
        *interactions.c,
        agents.c.name.label("owner"),
        queues.c.name.label("queue"),
        parent.c.number.label("parent"),
        cases.c.number.label("number_of_case"),
    )
    return await tx.one(sa.select(*columns).select_from(joined).where(i.id == interaction_id))


async def related(tx: Transaction, customer_id: int, limit: int) -> list[sa.Row[Any]]:
    """The customer's newest interactions."""
    columns = (i.id, i.number, i.subject, i.state, i.changed_at)
    mine = i.customer_id == customer_id
    return await tx.all(sa.select(*columns).where(mine).order_by(i.id.desc()).limit(limit))


async def related_cases(tx: Transaction, customer_id: int, limit: int) -> list[sa.Row[Any]]:
    """The customer's newest cases."""
    mine = cases.c.customer_id == customer_id
    return await tx.all(sa.select(cases).where(mine).order_by(cases.c.id.desc()).limit(limit))


async def open_count(tx: Transaction, customer_id: int) -> int:
    """How many interactions of a customer are open: few, through the customer's index."""
    mine = (i.customer_id == customer_id) & i.state.in_(OPEN_STATES)
    row = await tx.one(sa.select(sa.func.count()).where(mine))
    return int(row[0]) if row else 0


async def page(
    tx: Transaction,
    where: Sequence[sa.ColumnElement[bool]],
    *,
    after: tuple[datetime, int] | None,
    before: tuple[datetime, int] | None,
    limit: int,
) -> list[sa.Row[Any]]:
    """Interactions by latest change, newest first, from a keyset position on."""
    joined = WITH_PEOPLE.outerjoin(agents, agents.c.id == i.owner_id)
    joined = joined.outerjoin(queues, queues.c.id == i.queue_id)
    columns = (
        i.id,
        i.number,
        i.subject,
        WHO,
        i.state,
        agents.c.name.label("owner"),
        queues.c.name.label("queue"),
        i.changed_at,
    )
    key = sa.tuple_(i.changed_at, i.id)
    query = sa.select(*columns).select_from(joined).where(*where)
    if after is not None:
        query = query.where(key < _position(after))
    if before is not None:
        query = query.where(key > _position(before)).order_by(i.changed_at, i.id).limit(limit)
        return list(reversed(await tx.all(query)))
    return await tx.all(query.order_by(i.changed_at.desc(), i.id.desc()).limit(limit))


def _position(at: tuple[datetime, int]) -> Any:
    return sa.tuple_(sa.literal(at[0], i.changed_at.type), sa.literal(at[1]))


def chosen(which: str, agent_id: AgentId) -> list[sa.ColumnElement[bool]]:
    """The condition behind the name of a list: all, open, mine, queued or closed."""
    conditions: dict[str, list[sa.ColumnElement[bool]]] = {
        "open": [i.state.in_(OPEN_STATES)],
        "mine": [i.owner_id == agent_id, i.state.in_(OPEN_STATES)],
        "queued": [i.state == State.NEW.value],
        "closed": [i.state.not_in(OPEN_STATES)],
    }
    return conditions.get(which, [])


def among(ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Only these interactions."""
    return i.id.in_(ids)


def mentions(words: str) -> sa.ColumnElement[bool]:
    """Number or customer's name begins with *words*."""
    start = f"{words.strip()}%"
    return i.number.ilike(start) | c.name.ilike(start)


async def accounts_by_name(tx: Transaction) -> dict[str, int]:
    """Customer accounts by name."""
    return {r.name: r.id for r in await tx.all(sa.select(accounts))}

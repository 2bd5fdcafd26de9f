"""Interactions: read for change, saved by compare-and-set."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.event import Record
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import OPEN, Interaction, State
from agentdesk.storage import efforts
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import interactions, participants

OPEN_STATES = sorted(s.value for s in OPEN)


async def get(tx: Transaction, interaction_id: int) -> Interaction:
    """One interaction, locked until the end of a write. Raises `NotFound`."""
    found = await get_many(tx, [interaction_id])
    if not found:
        raise NotFound("This interaction does not exist.")
    return found[0]


async def get_many(tx: Transaction, ids: Collection[int]) -> list[Interaction]:
    """Interactions by id, locked in a fixed order until the end of a write."""
    query = sa.select(interactions).where(interactions.c.id.in_(ids)).order_by(interactions.c.id)
    return [load(Interaction, r) for r in await tx.all(query.with_for_update())]


async def newest(tx: Transaction, limit: int) -> list[Interaction]:
    """The interactions that were opened last, newest first."""
    query = sa.select(interactions).order_by(interactions.c.id.desc()).limit(limit)
    return [load(Interaction, r) for r in await tx.all(query)]


async def owned_in(tx: Transaction, agent_id: int, state: State) -> list[Interaction]:
    """What an agent has in this state, locked in a fixed order until the end of a write."""
    mine = (interactions.c.owner_id == agent_id) & (interactions.c.state == state.value)
    query = sa.select(interactions).where(mine).order_by(interactions.c.id)
    return [load(Interaction, r) for r in await tx.all(query.with_for_update())]


async def save(tx: Transaction, i: Interaction, **extra: Any) -> Interaction:
    """Write a changed interaction, and what an agent's stretch of work on it took if that ended with
    it. Raises `Conflict` when somebody else was first.
    """
    if i.worked_since is None or i.worked_since == i.changed_at:
        await _keep_effort(tx, i)
    values = {**dump(replace(i, version=i.version + 1)), **extra}
    same = (interactions.c.id == i.id) & (interactions.c.version == i.version)
    done = await tx.execute(sa.update(interactions).where(same).values(values))
    if done.rowcount != 1:
        raise Conflict(f"{i.number} was changed at this moment by somebody else. Try again.")
    return replace(i, version=i.version + 1)


async def _keep_effort(tx: Transaction, i: Interaction) -> None:
    """Here every change passes by, and the row still tells who had it in hand until now."""
    c = interactions.c
    had = (c.id == i.id) & (c.version == i.version) & c.worked_since.is_not(None)
    row = await tx.one(sa.select(c.owner_id, c.queue_id, c.worked_since).where(had))
    if row is not None and row.worked_since != i.worked_since:
        seconds = (i.changed_at - row.worked_since).total_seconds()
        whose = {"case_id": i.case_id, "agent_id": row.owner_id, "queue_id": row.queue_id}
        await efforts.add(tx, i.changed_at, Record.INTERACTION, i.id, seconds, **whose)


async def insert(tx: Transaction, rows: Sequence[tuple[Interaction, str, str]]) -> None:
    """New interactions with their reply token and preview."""
    values = [{**dump(i), "token": token, "preview": text} for i, token, text in rows]
    await tx.insert(interactions, values)


async def token_of(tx: Transaction, interaction_id: int) -> str:
    """The unguessable part of every Message-ID that this interaction sends."""
    row = await tx.one(sa.select(interactions.c.token).where(interactions.c.id == interaction_id))
    return str(row.token) if row else ""


async def by_tokens(tx: Transaction, tokens: Collection[str]) -> dict[str, InteractionId]:
    """Which interaction each token belongs to."""
    columns = sa.select(interactions.c.token, interactions.c.id)
    rows = await tx.all(columns.where(interactions.c.token.in_(tokens))) if tokens else []
    return {r.token: InteractionId(r.id) for r in rows}


async def by_numbers(tx: Transaction, numbers: Collection[str]) -> dict[str, InteractionId]:
    """Which interaction each number names."""
    columns = sa.select(interactions.c.number, interactions.c.id)
    rows = await tx.all(columns.where(interactions.c.number.in_(numbers))) if numbers else []
    return {r.number: InteractionId(r.id) for r in rows}


async def open_of_customers(tx: Transaction, customers: Collection[int]) -> list[Interaction]:
    """Every open interaction of these customers."""
    if not customers:
        return []
    mine = interactions.c.customer_id.in_(customers) & interactions.c.state.in_(OPEN_STATES)
    return [load(Interaction, r) for r in await tx.all(sa.select(interactions).where(mine))]


async def participants_of(tx: Transaction, ids: Collection[int]) -> dict[int, frozenset[str]]:
    """Addresses that wrote to, or were written from, each interaction."""
    query = sa.select(participants).where(participants.c.thread_id.in_(ids))
    found: dict[int, set[str]] = {}
    for row in await tx.all(query) if ids else []:
        found.setdefault(row.thread_id, set()).add(row.email)
    return {k: frozenset(v) for k, v in found.items()}


async def third_parties_of(tx: Transaction, ids: Collection[int]) -> set[tuple[int, str]]:
    """Who takes part only because a mail was passed on to them: interaction and address."""
    query = sa.select(participants).where(participants.c.thread_id.in_(ids))
    rows = await tx.all(query.where(participants.c.third)) if ids else []
    return {(r.thread_id, r.email) for r in rows}


async def add_participants(
    tx: Transaction, pairs: Collection[tuple[int, str]], *, third: bool = False
) -> None:
    """Remember addresses, as *third* parties or not; known ones are left alone."""
    rows = [{"thread_id": i, "email": e, "third": third} for i, e in sorted(set(pairs))]
    await tx.insert_new(participants, rows)


async def set_unread(tx: Transaction, interaction_id: int, count: int) -> None:
    """The unread mark of its owner."""
    same = interactions.c.id == interaction_id
    await tx.execute(sa.update(interactions).where(same).values(unread=count))


async def add_unread(tx: Transaction, interaction_id: int) -> None:
    """One more thing that its owner should see; nothing changes where nobody owns it."""
    i = interactions.c
    same = (i.id == interaction_id) & i.owner_id.is_not(None) & i.state.in_(OPEN_STATES)
    await tx.execute(sa.update(interactions).where(same).values(unread=i.unread + 1))


async def relate_to_case(tx: Transaction, interaction_id: int, case_id: int) -> None:
    """A closed interaction belongs to a case; nothing else in it changes."""
    same = interactions.c.id == interaction_id
    await tx.execute(sa.update(interactions).where(same).values(case_id=case_id))


async def family(tx: Transaction, interaction_id: int) -> set[int]:
    """Everything that continues, or is continued by, an interaction, directly or through others, and
    itself.
    """
    i = interactions.c
    start = sa.select(i.id, i.parent_id).where(i.id == interaction_id)
    up = start.cte("up", recursive=True)
    up = up.union(sa.select(i.id, i.parent_id).where(i.id == up.c.parent_id))
    down = sa.select(up.c.id).cte("down", recursive=True)
    down = down.union(sa.select(i.id).where(i.parent_id == down.c.id))
    return {r.id for r in await tx.all(sa.select(down.c.id))}


async def any_there(tx: Transaction) -> bool:
    """Whether there is any interaction at all."""
    return await tx.one(sa.select(interactions.c.id).limit(1)) is not None

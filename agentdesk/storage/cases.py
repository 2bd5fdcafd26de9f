"""Cases: read for change, saved by compare-and-set. Their ids are of the series of interactions."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.case import NOT_CLOSED, WORKED_ON, Case
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import CaseId, case_number
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import cases, interactions

k = cases.c
NOT_CLOSED_STATES = sorted(s.value for s in NOT_CLOSED)
WORKED_ON_STATES = sorted(s.value for s in WORKED_ON)


async def new_identity(tx: Transaction) -> tuple[CaseId, str]:
    """Id and number of a case to come."""
    serial = await tx.new_id(cases)
    return CaseId(await tx.new_id(interactions)), case_number(serial)


async def insert(tx: Transaction, c: Case, token: str) -> None:
    """A new case with its reply token."""
    await tx.insert(cases, [{**dump(c), "token": token}])


async def get(tx: Transaction, case_id: int) -> Case:
    """One case, locked until the end of a write. Raises `NotFound`."""
    found = await get_many(tx, [case_id])
    if not found:
        raise NotFound("This case does not exist.")
    return found[0]


async def get_many(tx: Transaction, ids: Collection[int]) -> list[Case]:
    """Cases by id, locked in a fixed order until the end of a write."""
    query = sa.select(cases).where(k.id.in_(ids)).order_by(k.id).with_for_update()
    return [load(Case, r) for r in await tx.all(query)] if ids else []


async def save(tx: Transaction, c: Case, **extra: Any) -> Case:
    """Write a changed case. Raises `Conflict` when somebody else was first."""
    values = {**dump(replace(c, version=c.version + 1)), **extra}
    same = (k.id == c.id) & (k.version == c.version)
    done = await tx.execute(sa.update(cases).where(same).values(values))
    if done.rowcount != 1:
        raise Conflict(f"{c.number} was changed at this moment by somebody else. Try again.")
    return replace(c, version=c.version + 1)


async def number_of(tx: Transaction, case_id: int) -> str:
    """Its number, not locked. Raises `NotFound`."""
    row = await tx.one(sa.select(k.number).where(k.id == case_id))
    if row is None:
        raise NotFound("This case does not exist.")
    return str(row.number)


async def token_of(tx: Transaction, case_id: int) -> str:
    """The unguessable part of every Message-ID that this case sends."""
    row = await tx.one(sa.select(k.token).where(k.id == case_id))
    return str(row.token) if row and row.token else ""


async def by_tokens(tx: Transaction, tokens: Collection[str]) -> dict[str, CaseId]:
    """Which case each token belongs to."""
    columns = sa.select(k.token, k.id)
    rows = await tx.all(columns.where(k.token.in_(tokens))) if tokens else []
    return {r.token: CaseId(r.id) for r in rows}


async def by_numbers(tx: Transaction, numbers: Collection[str]) -> dict[str, CaseId]:
    """Which case each number names."""
    columns = sa.select(k.number, k.id)
    rows = await tx.all(columns.where(k.number.in_(numbers))) if numbers else []
    return {r.number: CaseId(r.id) for r in rows}


async def set_preview(tx: Transaction, case_id: int, preview: str) -> None:
    """The first words of the newest mail."""
    await tx.execute(sa.update(cases).where(k.id == case_id).values(preview=preview))


async def set_unread(tx: Transaction, case_id: int, count: int) -> None:
    """The unread mark of its owner."""
    await tx.execute(sa.update(cases).where(k.id == case_id).values(unread=count))


async def add_unread(tx: Transaction, case_id: int) -> None:
    """One more thing that its owner should see; nothing changes where nobody owns it."""
    same = (k.id == case_id) & k.owner_id.is_not(None) & k.state.in_(NOT_CLOSED_STATES)
    await tx.execute(sa.update(cases).where(same).values(unread=k.unread + 1))


async def family(tx: Transaction, case_id: int) -> list[CaseId]:
    """A case and every case that was merged into it, directly or through others."""
    start = sa.select(k.id).where(k.id == case_id)
    chain = start.cte("merged", recursive=True)
    onward = sa.select(k.id).where(k.merged_into == chain.c.id)
    return [CaseId(r.id) for r in await tx.all(sa.select(chain.union(onward)))]


async def survivor(tx: Transaction, case_id: int) -> CaseId:
    """The case that later mail of this one goes to: itself, or what it was merged into at the end."""
    seen: set[int] = set()
    while case_id not in seen:
        seen.add(case_id)
        row = await tx.one(sa.select(k.merged_into).where(k.id == case_id))
        if row is None or row.merged_into is None:
            break
        case_id = int(row.merged_into)
    return CaseId(case_id)


async def ancestors(tx: Transaction, case_id: int) -> list[CaseId]:
    """A case, the one that it is a part of, and so on."""
    found: list[CaseId] = []
    while case_id not in found:
        found.append(CaseId(case_id))
        row = await tx.one(sa.select(k.parent_id).where(k.id == case_id))
        if row is None or row.parent_id is None:
            break
        case_id = int(row.parent_id)
    return found


async def conversations_of(tx: Transaction, case_ids: Collection[int]) -> list[int]:
    """The interactions that these cases grew out of, oldest first."""
    mine = interactions.c.case_id.in_(case_ids)
    query = sa.select(interactions.c.id).where(mine).order_by(interactions.c.id)
    return [r.id for r in await tx.all(query)] if case_ids else []

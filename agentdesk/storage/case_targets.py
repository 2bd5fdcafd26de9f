"""Service levels of cases: how each target stands."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from agentdesk.domain.service_level import TargetState
from agentdesk.storage.rows import dump, load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import case_targets

t = case_targets.c


async def of(tx: Transaction, case_id: int) -> list[TargetState]:
    """The targets of a case, by kind."""
    return (await of_many(tx, [case_id])).get(case_id, [])


async def of_many(tx: Transaction, case_ids: Collection[int]) -> dict[int, list[TargetState]]:
    """The targets of these cases that have any."""
    query = sa.select(case_targets).where(t.case_id.in_(case_ids)).order_by(t.case_id, t.kind)
    found: dict[int, list[TargetState]] = {}
    for row in await tx.all(query) if case_ids else []:
        found.setdefault(row.case_id, []).append(load(TargetState, row))
    return found


async def put(tx: Transaction, case_id: int, targets: Sequence[TargetState]) -> None:
    """These are the targets of a case, and no others."""
    kinds = [x.kind.value for x in targets]
    gone = (t.case_id == case_id) & t.kind.not_in(kinds)
    await tx.execute(sa.delete(case_targets).where(gone))
    for x in targets:
        await tx.put(case_targets, {**dump(x), "case_id": case_id})

"""How cases stand against what was promised, counted."""

from datetime import datetime

import sqlalchemy as sa

from agentdesk.storage.cases import WORKED_ON_STATES
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import case_targets, cases

k, t = cases.c, case_targets.c


async def counts(tx: Transaction, now: datetime) -> tuple[int, int, int]:
    """Cases that are worked on: all, those with a warning and nothing missed, and those that missed a
    service level or their due date.
    """
    running = t.met_at.is_(None) & (t.case_id == k.id)
    late = (k.due_at.is_not(None) & (k.due_at <= now)) | sa.exists().where(
        running & t.breached_at.is_not(None)
    )
    warned = sa.exists().where(running & t.warned_at.is_not(None))
    columns = (
        sa.func.count().label("open"),
        sa.func.count().filter(warned & sa.not_(late)).label("near"),
        sa.func.count().filter(late).label("overdue"),
    )
    query = sa.select(*columns).select_from(cases).where(k.state.in_(WORKED_ON_STATES))
    row = await tx.one(query)
    return (int(row.open), int(row.near), int(row.overdue)) if row else (0, 0, 0)

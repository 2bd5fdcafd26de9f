"""Effort, told apart: intake is work on interactions, resolution work on cases.

A stretch of work ends when its interaction or case leaves its agent's hands; each stretch is one row,
so that nothing is counted twice. On Hold, Awaiting Info and Resolved are nobody's work. Interactions
are counted by the clock, as handling time is; cases while the schedule of their queue is open, since
they lie in somebody's hands for days. Source: docs/cases.md, *Effort*.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.case import Case
from agentdesk.domain.case_views import EffortReport, EffortRow, EffortView
from agentdesk.domain.errors import BadInput
from agentdesk.domain.event import Record
from agentdesk.domain.ids import QueueId
from agentdesk.domain.schedule import Calendar
from agentdesk.services.desk import Desk
from agentdesk.services.qualifying import calendar_of
from agentdesk.storage import efforts
from agentdesk.storage.store import Transaction


async def keep(desk: Desk, tx: Transaction, before: Case, after: Case) -> None:
    """Write down a stretch of work on a case that ended with this move."""
    if before.worked_since is None or after.worked_since == before.worked_since:
        return
    now = desk.clock.now()
    seconds = hours(desk, before.queue_id).between(before.worked_since, now)
    whose = {"case_id": before.id, "agent_id": before.owner_id, "queue_id": before.queue_id}
    await efforts.add(tx, now, Record.CASE, before.id, seconds, **whose)


def hours(desk: Desk, queue_id: QueueId | None) -> Calendar:
    """When cases from this queue are worked on."""
    return calendar_of(desk, desk.in_force.queues.get(queue_id) if queue_id else None)


async def of_case(desk: Desk, tx: Transaction, row: Any, family: Collection[int]) -> EffortView:
    """What was spent on a case, on what was merged into it and on the interactions that they grew out
    of; the stretch that runs counts until now. *row* is that of the case.
    """
    kept = await efforts.of_cases(tx, family)
    running = 0.0
    if row.worked_since is not None:
        running = hours(desk, row.queue_id).between(row.worked_since, desk.clock.now())
    return EffortView(
        kept.get(Record.INTERACTION.value, 0.0), kept.get(Record.CASE.value, 0.0) + running
    )


async def report(desk: Desk, actor: Actor, since: datetime, until: datetime) -> EffortReport:
    """What was worked between two moments, counted by the stretches that ended then.

    Raises `NotAllowed` for agents, `BadInput` where *until* is not later.
    """
    actor.must_supervise()
    if until <= since:
        raise BadInput("A period ends after it begins. Choose a later end.")
    async with desk.store.read() as tx:
        agents = _rows(await efforts.by_agent(tx, since, until))
        queues = _rows(await efforts.by_queue(tx, since, until))
    return EffortReport(since, until, agents, queues)


def _rows(found: list[Any]) -> tuple[EffortRow, ...]:
    """One row each, from one of each kind of record."""
    by_key: dict[Any, dict[str, Any]] = {}
    for r in found:
        by_key.setdefault(r[0], {})[r.record] = r
    return tuple(_row(kinds) for kinds in by_key.values())


def _row(kinds: dict[str, Any]) -> EffortRow:
    intake, solving = kinds.get(Record.INTERACTION.value), kinds.get(Record.CASE.value)
    some = intake if intake is not None else solving
    return EffortRow(
        some.name or "" if some is not None else "",
        intake.threads if intake is not None else 0,
        solving.threads if solving is not None else 0,
        EffortView(
            float(intake.seconds) if intake is not None else 0.0,
            float(solving.seconds) if solving is not None else 0.0,
        ),
    )

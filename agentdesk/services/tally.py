"""The log of work: one function per happening that figures are counted from."""

from datetime import datetime
from itertools import pairwise

from agentdesk.domain.event import Happened, Record
from agentdesk.domain.ids import AgentId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.work import LogEntry, Logged, WorkItem
from agentdesk.services.desk import Desk
from agentdesk.services.qualifying import calendar_of
from agentdesk.storage import events, work
from agentdesk.storage.store import Transaction

MOVES = (Happened.OWNER_CHANGED.value, Happened.STATE_CHANGED.value)


async def offered(desk: Desk, tx: Transaction, item: WorkItem, agent_id: AgentId) -> None:
    """Somebody was asked."""
    await _log(desk, tx, item, Logged.OFFERED, agent_id)


async def accepted(desk: Desk, tx: Transaction, item: WorkItem, agent_id: AgentId) -> None:
    """Somebody took it: asked, by themselves, or given without asking."""
    now = desk.clock.now()
    in_time = None if item.target_at is None else now <= item.target_at
    waited = _waited(desk, item, now)
    entry = LogEntry(now, item.queue_id, Logged.ACCEPTED, agent_id, waited, in_time)
    await work.log(tx, [entry])


async def rejected(desk: Desk, tx: Transaction, item: WorkItem, agent_id: AgentId) -> None:
    """Somebody said no."""
    await _log(desk, tx, item, Logged.REJECTED, agent_id)


async def timed_out(desk: Desk, tx: Transaction, item: WorkItem, agent_id: AgentId) -> None:
    """Somebody did not answer."""
    await _log(desk, tx, item, Logged.TIMED_OUT, agent_id)


async def abandoned(desk: Desk, tx: Transaction, item: WorkItem) -> None:
    """The search ended without an agent: canceled, or the conversation was closed."""
    now = desk.clock.now()
    waited = _waited(desk, item, now)
    await work.log(tx, [LogEntry(now, item.queue_id, Logged.ABANDONED, None, waited)])


async def moved(desk: Desk, tx: Transaction, before: WorkItem, after: WorkItem) -> None:
    """It left one queue and arrived in another."""
    now = desk.clock.now()
    left = LogEntry(now, before.queue_id, Logged.MOVED)
    await work.log(tx, [left, LogEntry(now, after.queue_id, Logged.ARRIVED)])


async def arrived(desk: Desk, tx: Transaction, item: WorkItem) -> None:
    """It waits in its queue, again: an agent gave it back, or the search goes on."""
    await _log(desk, tx, item, Logged.ARRIVED, None)


async def handled(desk: Desk, tx: Transaction, before: Interaction) -> None:
    """A handling ended: *before* is the interaction as its agent had it.

    Counted are the states that use capacity, so that days on hold are nobody's work.
    """
    if before.owner_id is None or before.queue_id is None:
        return
    now = desk.clock.now()
    uses = desk.policy.channel(before.channel).uses
    seconds = sum(
        (end - start).total_seconds()
        for (start, state), (end, _) in pairwise([*await _states(tx, before), (now, "")])
        if state in uses
    )
    agent = before.owner_id
    await work.log(tx, [LogEntry(now, before.queue_id, Logged.HANDLED, agent, seconds)])


async def _states(tx: Transaction, i: Interaction) -> list[tuple[datetime, str]]:
    """When each state began since its agent has it, from the events; opened by them if never given."""
    states = [(i.opened_at, State.WORK_IN_PROGRESS.value)]
    for row in await events.of_types(tx, Record.INTERACTION.value, i.id, MOVES):
        if row.type == Happened.OWNER_CHANGED.value:
            states.clear()
        states.append((row.at, row.data["to"]))
    return states


def _waited(desk: Desk, item: WorkItem, now: datetime) -> float:
    times = calendar_of(desk, desk.in_force.queues.get(item.queue_id))
    return times.between(item.queued_at, now)


async def _log(
    desk: Desk, tx: Transaction, item: WorkItem, what: Logged, agent_id: AgentId | None
) -> None:
    await work.log(tx, [LogEntry(desk.clock.now(), item.queue_id, what, agent_id)])

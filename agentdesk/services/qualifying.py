"""New work: what it is and needs, decided before anybody is asked.

Filing decides for whole batches; what goes back to a queue, is transferred or rerouted is decided by
the same rules (`requeued`). What stops being work of its channel: `services.rechecking`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agentdesk.domain.actor import Actor
from agentdesk.domain.condition import parse
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import AgentId, QueueId, WorkItemId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.policy import QueueSetup
from agentdesk.domain.qualification import Criteria, Qualified
from agentdesk.domain.schedule import Calendar, calendar
from agentdesk.domain.work import LogEntry, Logged, WorkItem, WorkState
from agentdesk.services import matters
from agentdesk.services.affinity import Wish, prefer
from agentdesk.services.desk import Desk
from agentdesk.services.matters import Matter
from agentdesk.storage import interactions, work
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import work_items

TRIED_OUT = 50


def criteria(desk: Desk) -> Criteria:
    """The conditions of the policy that holds; parsed texts are cached, so asking is cheap."""
    return Criteria(desk.policy)


def calendar_of(desk: Desk, queue: QueueSetup | None) -> Calendar:
    """The business time of a queue; always open without a schedule."""
    key = queue.schedule if queue else ""
    return calendar(next((s for s in desk.policy.schedules if s.key == key), None))


def new_work(desk: Desk, what: Criteria, matter: Matter, named: int) -> tuple[QueueId, Qualified]:
    """What a new record is; *named* is the queue that its mailbox, address or account names."""
    found = what.qualify(matter.facts(what.fields), desk.in_force.queues.get(QueueId(named)))
    return _queue_id(desk, found, named), found


def _queue_id(desk: Desk, found: Qualified, named: int) -> QueueId:
    return desk.in_force.queue_ids[found.queue.key] if found.queue else QueueId(named)


def queued(
    desk: Desk,
    key: int,
    i: Interaction,
    queue_id: QueueId,
    found: Qualified,
    *,
    vip: bool,
    since: datetime | None = None,
) -> WorkItem:
    """The work item of what was decided. The target counts from *since*, when the customer began to
    wait; patience from now.
    """
    now = desk.clock.now()
    times = calendar_of(desk, found.queue)
    q = found.queue
    return WorkItem(
        WorkItemId(key),
        i.id,
        queue_id,
        WorkState.QUEUED,
        since or now,
        found.priority,
        found.size,
        channel=found.channel.key,
        needs=found.needs,
        vip=vip,
        target_at=times.add(since or now, q.target_wait_s) if q else None,
        overdue_at=times.add(now, q.max_wait_s) if q and q.max_wait_s is not None else None,
    )


def as_queued(i: Interaction, item: WorkItem) -> Interaction:
    """The interaction with the queue, channel, size and priority that its work item was given."""
    given = {"queue_id": item.queue_id, "channel": item.channel}
    return replace(i, **given, size=item.size, priority=item.priority)  # type: ignore[arg-type]


def opened(desk: Desk, item: WorkItem, why: str = "") -> Event:
    """The event of a new work item; *why* says how it came to its queue."""
    said = {"interaction": item.interaction_id} | ({"why": why} if why else {})
    about = (Record.WORK_ITEM, item.id, Happened.OPENED)
    return Event(desk.clock.now(), SYSTEM, *about, said, shown=False)


async def log_arrivals(desk: Desk, tx: Transaction, items: Sequence[WorkItem]) -> None:
    """Count new work of queues in the log."""
    now = desk.clock.now()
    await work.log(tx, [LogEntry(now, w.queue_id, Logged.ARRIVED) for w in items])


async def requeued(
    desk: Desk,
    tx: Transaction,
    i: Interaction,
    queue_id: QueueId,
    *,
    matter: Matter | None = None,
    since: datetime | None = None,
    returns_from: AgentId | None = None,
    note: str = "",
) -> WorkItem:
    """A new work item, not yet written, for a stored interaction that goes to a queue.

    Its priority stays. *since*: when the customer began to wait, if not now. *returns_from*: who had
    it and would be preferred by a queue that looks for the last agent. *matter*: what conditions ask
    about, where it is not stored yet. `as_queued` gives the interaction what the work item was given.
    """
    what = criteria(desk)
    if matter is None:
        matter = (await matters.of_interactions(tx, [i], what.headers))[i.id]
    queue = desk.in_force.queues.get(queue_id)
    found = what.requalify(matter.facts(what.fields), queue, i.priority)
    key = await tx.new_id(work_items)
    item = queued(desk, key, i, queue_id, found, vip=matter.person.vip, since=since)
    (item,) = await prefer(desk, tx, [Wish(item, matter.person, returns_from)])
    return replace(item, note=note)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a condition would have meant: `numbers` are those of the `of` newest that meet it."""

    of: int
    numbers: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """As an administrator reads it while typing."""
        return f"matches {len(self.numbers)} of the last {self.of} interactions"


async def try_out(desk: Desk, actor: Actor, text: str, limit: int = TRIED_OUT) -> Tried:
    """Which of the newest interactions meet a condition; nothing changes.

    Raises `ConditionError`, or `NotAllowed` for an agent.
    """
    actor.must_supervise()
    condition = parse(text)
    async with desk.store.read() as tx:
        records = await interactions.newest(tx, limit)
        there = await matters.of_interactions(tx, records, condition.headers)
    met = [i.number for i in records if condition.matches(there[i.id].facts(condition.fields))]
    return Tried(len(records), tuple(met))

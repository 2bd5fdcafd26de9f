"""The supervisor's list of everything that waits for an agent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.board import WorkLine
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import InteractionId, QueueId, WorkItemId
from agentdesk.domain.schedule import Calendar, calendar
from agentdesk.domain.views import Page
from agentdesk.domain.work import WorkState
from agentdesk.services.board import hours_of
from agentdesk.services.ccaas import sides
from agentdesk.services.desk import Desk
from agentdesk.storage import lists, messages
from agentdesk.storage import work_list as rows

LISTS = ("open", "waiting", "offered", "attention")
FOUND = 500
"""So many interactions whose mails hold the words are looked for among the waiting ones."""

COUNTED = 10_000


async def page(
    desk: Desk,
    actor: Actor,
    *,
    which: str = "open",
    queue_id: QueueId | None = None,
    search: str = "",
    order: str = "waited",
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[WorkLine]:
    """Work items of one list: waiting, offered, attention or open, which is both.

    *order*: `waited`, `priority` or `target`, the most urgent first. *search*: words, a name or a
    number. Raises `NotAllowed` for agents.
    """
    actor.must_supervise()
    if which not in LISTS or order not in rows.ORDERS:
        raise BadInput("There is no such list of work items. Choose another one.")
    where = [] if queue_id is None else [rows.of_queue(queue_id)]
    async with desk.store.read() as tx:
        if search.strip():
            hits = await messages.found(tx, search, FOUND)
            where.append(lists.among(hits) | lists.mentions(search))
        found = await rows.page(
            tx,
            which=which,
            order=order,
            where=where,
            after=_place(after),
            before=_place(before),
            limit=limit + 1,
        )
    return _page(desk, found, order, limit, forward=before is None, started=after is not None)


async def counts(desk: Desk, actor: Actor, queue_id: QueueId | None = None) -> Mapping[str, int]:
    """How many each list holds, up to `COUNTED`."""
    actor.must_supervise()
    async with desk.store.read() as tx:
        found = await rows.counts(tx, queue_id, COUNTED)
    return {**found, "open": found["waiting"] + found["offered"]}


def _page(
    desk: Desk, found: Sequence[Any], order: str, limit: int, *, forward: bool, started: bool
) -> Page[WorkLine]:
    more = len(found) > limit
    kept = found[:limit] if forward else found[-limit:]
    if not kept:
        return Page(())
    hours = {key: hours_of(desk, queue) for key, queue in desk.in_force.queues.items()}
    now, always = desk.clock.now(), calendar(None)
    first, last = (_cursor(rows.key_of(row, order)) for row in (kept[0], kept[-1]))
    return Page(
        tuple(_line(desk, r, hours.get(QueueId(r.queue_id), always), now) for r in kept),
        before=first if (started if forward else more) else None,
        after=last if (more if forward else True) else None,
    )


def _line(desk: Desk, r: Any, hours: Calendar, now: datetime) -> WorkLine:
    return WorkLine(
        WorkItemId(r.id),
        InteractionId(r.interaction_id),
        r.number,
        r.subject,
        r.customer,
        r.vip,
        r.queue,
        WorkState(r.state),
        r.priority,
        r.size,
        r.queued_at,
        hours.between(r.queued_at, now),
        r.target_at,
        r.agent or "",
        r.needs_attention,
        r.offers,
        r.version,
        sides.name_of(desk, r.routing_source),
    )


def _cursor(key: rows.Key) -> str:
    return ".".join(map(str, key))


def _place(cursor: str | None) -> rows.Key | None:
    return None if cursor is None else tuple(int(part) for part in cursor.split("."))

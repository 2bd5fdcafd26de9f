"""What an agent may take from the queues by themselves. Taking it is `offers.assign_to_me`."""

from datetime import timedelta
from typing import Any

from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.ids import InteractionId, QueueId, WorkItemId
from agentdesk.domain.policy import SkillNeed
from agentdesk.domain.views import Page, WaitingRow
from agentdesk.services import pages
from agentdesk.services.desk import Desk
from agentdesk.services.desktop import skill_words
from agentdesk.services.offers import serves
from agentdesk.storage import picking
from agentdesk.storage.picking import Place
from agentdesk.storage.tables import EPOCH, MICROSECOND


async def page(
    desk: Desk,
    actor: Actor,
    *,
    search: str = "",
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[WaitingRow]:
    """A page of what waits, the most urgent first. *search*: words of the subject, a name, a number."""
    queues = open_to(desk, actor)
    places = {"after": _position(after), "before": _position(before)}
    async with desk.store.read() as tx:
        rows = await picking.page(tx, queues, search, **places, limit=limit + 1)
    here = pages.part(rows, limit, after, before)
    return pages.page(here, (_row(desk, r) for r in here.kept), _cursor)


def open_to(desk: Desk, actor: Actor) -> tuple[QueueId, ...]:
    """The queues that let this agent take work: those of their groups; for supervisors all."""
    return tuple(
        queue_id
        for queue_id, queue in desk.in_force.queues.items()
        if actor.role is not Role.AGENT or (queue.pick and serves(desk, actor.agent_id, queue))
    )


def _row(desk: Desk, r: Any) -> WaitingRow:
    return WaitingRow(
        WorkItemId(r.id),
        InteractionId(r.interaction_id),
        r.number,
        r.subject,
        r.customer,
        r.vip,
        r.queue,
        r.priority,
        r.queued_at,
        r.target_at,
        tuple(skill_words(desk, SkillNeed(*need)) for need in r.needs),
    )


def _cursor(row: Any) -> str:
    return f"{row.priority}.{(row.queued_at - EPOCH) // MICROSECOND}.{row.id}"


def _position(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    priority, moment, key = cursor.split(".")
    return int(priority), EPOCH + timedelta(microseconds=int(moment)), int(key)

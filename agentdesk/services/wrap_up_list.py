"""The wrap-ups of one agent: those that run, then what they handled before, newest first."""

from collections.abc import Mapping
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.ids import InteractionId, SegmentId
from agentdesk.domain.text import safe
from agentdesk.domain.views import Page, WrapUpRow
from agentdesk.domain.wrapup import Sync, WrapUpSource
from agentdesk.services import pages
from agentdesk.services.ccaas import sides
from agentdesk.services.desk import Desk
from agentdesk.storage import lists, wrapups
from agentdesk.storage.ccaas_reading import code_names

BY = {
    WrapUpSource.AGENT: "chosen",
    WrapUpSource.TIMEOUT: "timed out",
    WrapUpSource.CASE: "case",
    WrapUpSource.INACTIVITY: "silence",
    WrapUpSource.TRANSFER: "passed on",
}


async def page(
    desk: Desk,
    actor: Actor,
    *,
    search: str = "",
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[WrapUpRow]:
    """A page of the actor's wrap-ups. *search*: the beginning of a number or a customer's name.

    The running ones stand above all others, on the page that has the newest of them.
    """
    where = [lists.mentions(search)] if search.strip() else []
    places = {"after": pages.position(after), "before": pages.position(before)}
    async with desk.store.read() as tx:
        rows = await wrapups.finished_of(tx, actor.agent_id, where, **places, limit=limit + 1)
        at_top = after is None and (before is None or len(rows) <= limit)
        running = await wrapups.running_of(tx, actor.agent_id, where) if at_top else []
        theirs = await code_names(tx, {(r.routing_source, r.external_code) for r in rows})
    more = len(rows) > limit
    kept = rows[:limit] if before is None else rows[-limit:]
    below = more if before is None else bool(kept)
    return Page(
        tuple(_row(desk, r, theirs) for r in (*running, *kept)),
        before=None if at_top or not kept else _cursor(kept[0]),
        after=_cursor(kept[-1]) if kept and below else None,
    )


def _row(desk: Desk, r: Any, theirs: Mapping[tuple[str, str], str]) -> WrapUpRow:
    return WrapUpRow(
        SegmentId(r.id),
        InteractionId(r.interaction_id),
        r.number,
        r.subject,
        r.customer,
        r.opened_at,
        r.due_at,
        r.code or "",
        r.notes,
        BY[WrapUpSource(r.source)] if r.source else "",
        r.seconds,
        r.submitted_at,
        sides.name_of(desk, r.routing_source),
        Sync(r.sync),
        safe(theirs.get((r.routing_source, r.external_code)) or r.external_code, multiline=False),
        r.review and r.sync != Sync.ATTRIBUTE,
    )


def _cursor(row: Any) -> str:
    return pages.cursor(row.submitted_at, row.id)

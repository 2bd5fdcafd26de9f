"""What screens read of one case: its head and its stream."""

from collections.abc import Iterator
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseState
from agentdesk.domain.case_head import CaseView
from agentdesk.domain.case_views import RelatedThread, Watcher
from agentdesk.domain.errors import NotFound
from agentdesk.domain.event import By, Happened
from agentdesk.domain.ids import AgentId, CaseId, InteractionId, thread
from agentdesk.domain.interaction import State
from agentdesk.domain.text import safe
from agentdesk.domain.views import StreamPage
from agentdesk.services import case_levels, effort, views
from agentdesk.services import stream as streams
from agentdesk.services.cases_inside import say
from agentdesk.services.desk import Desk
from agentdesk.services.notes import record_seen
from agentdesk.services.threads import group_name
from agentdesk.storage import (
    case_links,
    case_lists,
    case_targets,
    cases,
    desk_states,
    drafts,
    events,
    mentions,
)
from agentdesk.storage.store import Transaction

MOST_AROUND = 50
"""Records of one kind that are shown around a case."""


async def view(desk: Desk, actor: Actor, case_id: CaseId) -> CaseView:
    """The head of a tab. Raises `NotFound`."""
    async with desk.store.read() as tx:
        row = await case_lists.head(tx, case_id)
        if row is None:
            raise NotFound("This case does not exist.")
        family = await cases.family(tx, case_id)
        customer = await views.customer_card(tx, row.customer_id, case_id)
        around = await _around(tx, row, family)
        follow = await case_links.watchers(tx, case_id)
        own = await drafts.of_thread(tx, case_id, actor.agent_id)
        spent = await effort.of_case(desk, tx, row, family)
        stand = await case_targets.of(tx, case_id)
    promised = case_levels.promise(desk, row.priority, row.category, row.queue_id)
    watchers = tuple(Watcher(AgentId(w.agent_id), w.name) for w in follow)
    rules = desk.rules.cases
    return CaseView(
        case_id=case_id,
        number=row.number,
        subject=row.subject,
        description=safe(row.description),
        state=CaseState(row.state),
        owner=row.owner or "",
        owner_id=row.owner_id,
        mine=row.owner_id == actor.agent_id,
        watched=actor.agent_id in {w.agent_id for w in watchers},
        group=group_name(desk, row.group),
        group_key=row.group,
        category=rules.category(row.category),
        category_key=row.category,
        priority=row.priority,
        opened_at=row.opened_at,
        due_at=row.due_at,
        code=rules.code(row.code),
        notes=safe(row.notes),
        merged_into=row.merged_number or "",
        customer=customer,
        targets=case_levels.shown(desk, stand, promised, CaseState(row.state)),
        related=tuple(around),
        watchers=watchers,
        effort=spent,
        draft_id=own[0].id if own else None,
        version=row.version,
    )


async def _around(tx: Transaction, row: Any, family: list[CaseId]) -> list[RelatedThread]:
    """The records around a case, what it grew out of first."""
    found = [
        RelatedThread(InteractionId(r.id), r.number, r.subject, State(r.state).label, "from")
        for r in await case_lists.grown_from(tx, family, MOST_AROUND)
    ]
    one = {"parent": row.parent_id, "merged_into": row.merged_into}
    for how, key in one.items():
        found += _cases(await case_lists.by_ids(tx, [key] if key else []), how)
    found += _cases(await case_lists.children(tx, row.id, MOST_AROUND), "child")
    merged = [key for key in family if key != row.id][:MOST_AROUND]
    found += _cases(await case_lists.by_ids(tx, merged), "merged")
    related = await case_links.related(tx, [row.id])
    found += _cases(await case_lists.by_ids(tx, related[:MOST_AROUND]), "related")
    return found


def _cases(rows: list[Any], how: str) -> Iterator[RelatedThread]:
    for r in rows:
        yield RelatedThread(CaseId(r.id), r.number, r.subject, CaseState(r.state).label, how)


async def stream(
    desk: Desk,
    actor: Actor,
    case_id: CaseId,
    *,
    before: int | None = None,
    limit: int = 100,
) -> StreamPage:
    """The newest *limit* activities below seq *before*, oldest first: of the case, of the interactions
    that it grew out of, and of what was merged into it. What the actor read in any of them is not new.
    """
    async with desk.store.read() as tx:
        places = await conversation(tx, case_id)
        rows = await events.newest_among(tx, places, before=before, limit=limit + 1)
        kept = list(reversed(rows[:limit]))
        entries = await streams.entries(desk, tx, actor, kept)
        seen = await desk_states.read_through(
            tx, actor.agent_id, *(key for ids in places.values() for key in ids)
        )
    return StreamPage(entries, seen, earlier=len(rows) > limit)


async def mark_read(desk: Desk, actor: Actor, case_id: CaseId, through_seq: int) -> None:
    """The actor has seen the stream up to this event: their unread mark goes, as owner and as watcher,
    and so do mentions in it.
    """
    async with desk.store.write() as tx:
        if through_seq <= await desk_states.read_through(tx, actor.agent_id, case_id):
            return
        case = await cases.get(tx, case_id)
        await desk_states.mark_read(tx, actor.agent_id, case_id, through_seq)
        if case.owner_id == actor.agent_id:
            await cases.set_unread(tx, case_id, 0)
        await case_links.see(tx, case_id, actor.agent_id)
        now = desk.clock.now()
        for record, keys in (await conversation(tx, case_id)).items():
            for key in keys:
                place = thread(record, key)
                await mentions.see_through(tx, actor.agent_id, place, through_seq, now)
        record_seen(desk, tx, actor)


async def watch(desk: Desk, actor: Actor, case_id: CaseId, on: bool) -> None:
    """The actor follows the case, or no more: what comes in it is unread for them, too."""
    async with desk.store.write() as tx:
        case = await cases.get(tx, case_id)
        changed = case_links.watch if on else case_links.unwatch
        if await changed(tx, case_id, actor.agent_id):
            said = {"on": on}
            say(desk, tx, case, Happened.WATCHED, By.actor(actor), said, shown=False)


async def conversation(tx: Transaction, case_id: CaseId) -> dict[str, list[int]]:
    """Every record whose stream a case shows: ids by kind of record."""
    family = await cases.family(tx, case_id)
    return {"case": [*family], "interaction": await cases.conversations_of(tx, family)}

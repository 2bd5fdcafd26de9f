"""Lists of cases: pages, pickers, and what stands on an agent's desk."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseState
from agentdesk.domain.case_views import CaseRow, TargetMood, TargetView
from agentdesk.domain.ids import CaseId, CustomerId
from agentdesk.domain.service_level import TargetState
from agentdesk.domain.views import Page
from agentdesk.services import case_levels, pages
from agentdesk.services.desk import Desk
from agentdesk.services.threads import group_name
from agentdesk.storage import case_lists, case_targets, messages
from agentdesk.storage.store import Transaction

HITS = 500
LAST = datetime.max.replace(tzinfo=UTC)


async def page(
    desk: Desk,
    actor: Actor,
    *,
    which: str = "open",
    search: str = "",
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[CaseRow]:
    """A page of a list, by latest change, newest first.

    *which*: `mine`, `open`, `group` (those of the actor's groups), `watched`, `overdue` (a target or
    the due date is missed), `resolved`, `closed` or `all`. *search*: words of mails or of the subject,
    the beginning of a number or of a customer's name.
    """
    me = desk.in_force.agents.get(actor.agent_id)
    async with desk.store.read() as tx:
        groups = me.groups if me is not None else frozenset()
        where = case_lists.chosen(which, actor.agent_id, groups, desk.clock.now())
        if search.strip():
            hits = await messages.found_in_cases(tx, search, HITS)
            where = [*where, case_lists.among(hits) | case_lists.mentions(search)]
        places = {"after": pages.position(after), "before": pages.position(before)}
        rows = await case_lists.page(tx, where, actor.agent_id, **places, limit=limit + 1)
        here = pages.part(rows, limit, after, before)
        made = await _rows(desk, tx, here.kept)
    return pages.page(here, made, _cursor)


async def find(
    desk: Desk,
    actor: Actor,
    words: str,
    customer_id: CustomerId | None = None,
    limit: int = 20,
) -> tuple[CaseRow, ...]:
    """Cases to choose from, none of them closed: those of a customer, if one is named, first.

    Without *words* only theirs. Words are looked for as `page` does, but not in mails.
    """
    async with desk.store.read() as tx:
        rows = await case_lists.to_choose_from(tx, words, customer_id, actor.agent_id, limit)
        return await _rows(desk, tx, rows)


async def on_the_desk(desk: Desk, tx: Transaction, actor: Actor) -> tuple[CaseRow, ...]:
    """What the actor has and works on, the target that ends first in front, then what they follow and
    have not seen.
    """
    found = await case_lists.on_the_desk(tx, actor.agent_id)
    mine = {r.id for r in found if r.owner_id == actor.agent_id}
    made = await _rows(desk, tx, found)
    return tuple(sorted(made, key=lambda row: (row.case_id not in mine, *_ends(row))))


def _ends(row: CaseRow) -> tuple[datetime, float]:
    """When somebody is let down: by a target, or by a promise."""
    moments = [row.due_at, row.next_target.due_at if row.next_target else None]
    return min((at for at in moments if at is not None), default=LAST), -row.changed_at.timestamp()


async def _rows(desk: Desk, tx: Transaction, rows: Sequence[Any]) -> tuple[CaseRow, ...]:
    targets = await case_targets.of_many(tx, [r.id for r in rows])
    return tuple(_row(desk, r, targets) for r in rows)


def _row(desk: Desk, r: Any, targets: Mapping[int, Sequence[TargetState]]) -> CaseRow:
    state = CaseState(r.state)
    return CaseRow(
        CaseId(r.id),
        r.number,
        r.subject,
        r.customer,
        state,
        r.owner or "",
        group_name(desk, r.group),
        r.priority,
        r.changed_at,
        r.unread,
        r.due_at,
        _next(desk, r, targets.get(r.id, ()), state),
    )


def _next(
    desk: Desk, r: Any, targets: Sequence[TargetState], state: CaseState
) -> TargetView | None:
    """The target that ends first of those that are not over."""
    if not targets or state.closed:
        return None
    promised = case_levels.promise(desk, r.priority, r.category, r.queue_id)
    running = [t for t in targets if not t.over]
    views = case_levels.shown(desk, running, promised, state)
    return min(views, key=lambda v: (v.mood is TargetMood.PAUSED, v.left_s), default=None)


def _cursor(row: Any) -> str:
    return pages.cursor(row.changed_at, row.id)

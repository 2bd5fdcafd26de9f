"""What administrators read of contact centres: how they are, what stands for what, what waits."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ccaas.views import CentreStatus, MappingRow, OrderRow, ReviewRow
from agentdesk.domain.ids import InteractionId, SegmentId
from agentdesk.domain.text import safe
from agentdesk.domain.views import Page
from agentdesk.domain.wrapup import Sync
from agentdesk.services import pages
from agentdesk.services.ccaas.sides import name_of
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_reading as rows
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction

FOUND = 200
"""So many records are offered to choose from; more words find the others."""

Names = Mapping[tuple[Kind, str], str]


async def centres(desk: Desk, actor: Actor) -> tuple[CentreStatus, ...]:
    """The centres of the settings, in their order. Raises `NotAllowed` but for admins."""
    actor.must_administer()
    now = desk.clock.now()
    async with desk.store.read() as tx:
        found = await rows.centres(tx, desk.rules.centres)
        waiting = await rows.waiting_counts(tx)
        agents = await rows.mapped_to(tx, Kind.AGENT.value)
    there: dict[str, list[str]] = {}
    for row in agents:
        there.setdefault(row.centre, []).append(row.external_id)
    return tuple(
        _status(desk, key, found.get(key), there.get(key, []), waiting.get(key, 0), now)
        for key in desk.rules.centres
    )


def _status(
    desk: Desk, key: str, row: Any, agents: Sequence[str], waiting: int, now: Any
) -> CentreStatus:
    centre = desk.centres.get(key)
    signed_in = sum(centre.acts_for(agent) for agent in agents) if centre is not None else 0
    known = CentreStatus(
        key, name_of(desk, key), agents=len(agents), signed_in=signed_in, waiting=waiting
    )
    if row is None:
        return known
    return replace(
        known,
        listening=bool(row.lease_owner) and row.lease_until is not None and row.lease_until > now,
        heard_at=row.heard_at,
        read_at=row.read_at,
        imported_at=row.imported_at,
        skew_ms=row.skew_ms,
        unknown_event=safe(row.unknown_event, multiline=False),
    )


# What stands for what


async def ours(
    desk: Desk,
    actor: Actor,
    kind: Kind | None = None,
    *,
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[MappingRow]:
    """What of ours has no name at a centre: queues that it routes, agents, presences and codes."""
    actor.must_administer()
    async with desk.store.read() as tx:
        names = await _names(desk, tx)
        said = {
            (row.centre, each, row.local)
            for each in _kinds(kind)
            for row in await rows.mapped_to(tx, each.value)
        }
    missing = [
        MappingRow(centre, name_of(desk, centre), each, local, label)
        for centre in desk.rules.centres
        for (each, local), label in _wanted(desk, centre, names)
        if (kind is None or each is kind) and (centre, each, local) not in said
    ]
    missing.sort(key=_place)
    return _cut(missing, after, before, limit)


def _kinds(kind: Kind | None) -> Iterable[Kind]:
    return Kind if kind is None else (kind,)


def _wanted(desk: Desk, centre: str, names: Names) -> Iterable[tuple[tuple[Kind, str], str]]:
    """Of our queues only those that the centre routes are to be found there."""
    routed = {q.key for q in desk.policy.queues if q.external == centre}
    return (
        (key, label) for key, label in names.items() if key[0] is not Kind.QUEUE or key[1] in routed
    )


async def _names(desk: Desk, tx: Transaction) -> Names:
    """What of ours may stand for something there, with what people call it."""
    found = {(Kind.QUEUE, q.key): q.name for q in desk.policy.queues}
    found |= {(Kind.AGENT, a.login): a.name for a in desk.policy.agents}
    found |= {(Kind.PRESENCE, p.key): p.label for p in desk.policy.presences}
    return found | {(Kind.CODE, c.key): c.label for c in await desk_rows.codes(tx)}


def _cut(found: list[MappingRow], after: str | None, before: str | None, limit: int) -> Page[Any]:
    start, end = 0, len(found)
    if after is not None:
        start = sum(_place(row) <= _named(after) for row in found)
        end = min(end, start + limit)
    elif before is not None:
        end = sum(_place(row) < _named(before) for row in found)
        start = max(0, end - limit)
    else:
        end = min(end, limit)
    kept = found[start:end]
    return Page(
        tuple(kept),
        _cursor(_place(kept[0])) if kept and start else None,
        _cursor(_place(kept[-1])) if kept and end < len(found) else None,
    )


def _place(row: MappingRow) -> tuple[str, ...]:
    return row.centre, row.kind.value, row.local_name.casefold(), row.local


async def theirs(
    desk: Desk,
    actor: Actor,
    kind: Kind | None = None,
    *,
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[MappingRow]:
    """What centres have and nothing here stands for."""
    actor.must_administer()
    places = {"after": _where(after), "before": _where(before)}
    async with desk.store.read() as tx:
        found = await rows.unmapped(tx, desk.rules.centres, kind or "", **places, limit=limit + 1)

    def made(r: Any) -> MappingRow:
        where = (r.centre, name_of(desk, r.centre), Kind(r.kind))
        return MappingRow(
            *where, external_id=r.external_id, external_name=_line(r.name), detail=_line(r.detail)
        )

    here = pages.part(found, limit, after, before)
    return pages.page(
        here, map(made, here.kept), lambda r: _cursor((r.centre, r.kind, r.name, r.external_id))
    )


async def mapped(
    desk: Desk,
    actor: Actor,
    kind: Kind | None = None,
    *,
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[MappingRow]:
    """What of ours is called how at which centre."""
    actor.must_administer()
    places = {"after": _where(after), "before": _where(before)}
    async with desk.store.read() as tx:
        names = await _names(desk, tx)
        found = await rows.mapped(tx, desk.rules.centres, kind or "", **places, limit=limit + 1)

    def made(r: Any) -> MappingRow:
        label = names.get((Kind(r.kind), r.local), r.local)
        return MappingRow(
            r.centre,
            name_of(desk, r.centre),
            Kind(r.kind),
            r.local,
            label,
            r.external_id,
            _line(r.name or r.external_id),
            _line(r.detail or ""),
            both_ways=r.means == r.local,
            gone=not r.active,
        )

    here = pages.part(found, limit, after, before)
    return pages.page(here, map(made, here.kept), lambda r: _cursor((r.centre, r.kind, r.local)))


async def choices_there(
    desk: Desk, actor: Actor, centre: str, kind: Kind, words: str
) -> tuple[MappingRow, ...]:
    """What a centre has of one kind, by name, at most `FOUND`; *words* are in its name or detail."""
    actor.must_administer()
    async with desk.store.read() as tx:
        found = await rows.records_of(tx, centre, kind.value, words, FOUND)
    where = (centre, name_of(desk, centre), kind)
    return tuple(
        MappingRow(*where, r.local, "", r.external_id, _line(r.name), _line(r.detail))
        for r in found
    )


async def choices_here(desk: Desk, actor: Actor, centre: str, kind: Kind) -> tuple[MappingRow, ...]:
    """What of ours may stand for something that this centre has of one kind, by name."""
    actor.must_administer()
    async with desk.store.read() as tx:
        names = await _names(desk, tx)
        said = {row.local: row.external_id for row in await rows.mapped_to(tx, kind.value, centre)}
    where = (centre, name_of(desk, centre), kind)
    found = [
        MappingRow(*where, local, label, said.get(local, ""))
        for (each, local), label in _wanted(desk, centre, names)
        if each is kind
    ]
    return tuple(sorted(found, key=_place))


# What waits


async def waiting(
    desk: Desk,
    actor: Actor,
    *,
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[OrderRow]:
    """Orders that wait for a person, the newest first."""
    actor.must_administer()
    places = {"after": _number(after), "before": _number(before)}
    async with desk.store.read() as tx:
        found = await rows.waiting(tx, desk.rules.centres, **places, limit=limit + 1)

    def made(r: Any) -> OrderRow:
        return OrderRow(
            r.id,
            name_of(desk, r.centre),
            Op(r.op),
            OrderState(r.state),
            InteractionId(r.interaction_id) if r.interaction_id is not None else None,
            r.number or "",
            r.subject or "",
            r.agent or "",
            _line(r.error),
            r.created_at,
            r.attempts,
        )

    here = pages.part(found, limit, after, before)
    return pages.page(here, map(made, here.kept), lambda r: str(r.id))


async def to_review(
    desk: Desk,
    actor: Actor,
    *,
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[ReviewRow]:
    """Wrap-ups about whose code a person should know, the newest first."""
    actor.must_administer()
    places = {"after": _number(after), "before": _number(before)}
    async with desk.store.read() as tx:
        found = await rows.to_review(tx, **places, limit=limit + 1)

    def made(r: Any) -> ReviewRow:
        return ReviewRow(
            SegmentId(r.id),
            InteractionId(r.interaction_id),
            r.number,
            r.subject,
            r.agent or "",
            name_of(desk, r.centre),
            r.ours or "",
            _line(r.theirs or r.external_code),
            Sync(r.sync),
            r.review and r.sync != Sync.ATTRIBUTE,
            r.submitted_at or r.opened_at,
        )

    here = pages.part(found, limit, after, before)
    return pages.page(here, map(made, here.kept), lambda r: str(r.id))


# Pages


def _line(text: str) -> str:
    return safe(text, multiline=False)


def _cursor(names: Sequence[str]) -> str:
    return json.dumps(names)


def _named(cursor: str) -> tuple[str, ...]:
    return tuple(json.loads(cursor))


def _where(cursor: str | None) -> tuple[str, ...] | None:
    return None if cursor is None else _named(cursor)


def _number(cursor: str | None) -> int | None:
    return None if cursor is None else int(cursor)

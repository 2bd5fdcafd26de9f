"""Why work goes to one agent and not to another: now, and as it was decided before."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.board import Explanation, Reason
from agentdesk.domain.eligibility import CHECKS, when
from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import AgentId, InteractionId, WorkItemId
from agentdesk.domain.routing import explain
from agentdesk.domain.snapshot import OUTSIDER, Candidate, Decision, Snapshot
from agentdesk.domain.text import safe
from agentdesk.domain.work import WorkItem, WorkState
from agentdesk.services import looking
from agentdesk.services.ccaas import sides
from agentdesk.services.desk import Desk
from agentdesk.services.looking import Seen
from agentdesk.storage import decisions, work
from agentdesk.storage.store import Transaction

PAST = 10
FIRST = 20
KINDS = tuple(CHECKS)
COULD = "could have taken it, too"


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was read to explain some items."""

    seen: Seen
    items: Sequence[WorkItem]
    about: Mapping[int, Any]
    refusals: Mapping[int, Sequence[Any]]
    names: Mapping[AgentId, str]


async def why(desk: Desk, actor: Actor, work_item_id: WorkItemId) -> Explanation:
    """Why an item waits, or is whose it is, and why each agent gets it or not. Raises `OfferGone`.

    `past` are the decisions that were made, newest first. Every agent of the desk may ask.
    """
    async with desk.store.read() as tx:
        item = await work.get(tx, work_item_id)
        rows = await _read(desk, tx, [item])
        made = await decisions.newest(tx, work_item_id, PAST)
    past = tuple(_past(rows, item, row) for row in made)
    centre = sides.name_of(desk, rows.about[item.id].routing_source)
    if item.state is WorkState.QUEUED and centre:
        return replace(_explained(rows, item, f"{centre} decides who gets it.", ()), past=past)
    if item.state is WorkState.QUEUED:
        return replace(await asyncio.to_thread(_now, desk, rows, item), past=past)
    return replace(_settled(desk, rows, item), reasons=past[0].reasons if past else (), past=past)


async def why_interaction(desk: Desk, actor: Actor, interaction_id: InteractionId) -> Explanation:
    """The same for the newest work item of an interaction. Raises `NotFound` where none ever was."""
    async with desk.store.read() as tx:
        newest = await work.newest_of(tx, interaction_id)
    if newest is None:
        raise NotFound("This came from no queue, so nobody was ever searched for it.")
    return await why(desk, actor, newest.id)


async def why_agent(desk: Desk, actor: Actor, agent_id: AgentId) -> tuple[Explanation, ...]:
    """Of each of the items that wait for the longest, why it does not go to this agent."""
    async with desk.store.read() as tx:
        items = [work.made(row) for row in await work.queued(tx, limit=FIRST)]
        rows = await _read(desk, tx, items)

    def told() -> tuple[Explanation, ...]:
        return tuple(_about(_now(desk, rows, item), rows, agent_id) for item in items)

    return await asyncio.to_thread(told)


async def candidates(desk: Desk, tx: Transaction, item: WorkItem) -> tuple[Candidate, ...]:
    """Who serves the queue of a waiting item, and why each could not take it at this moment.

    What a person's decision is kept with, as routing keeps its own.
    """
    rows = await _read(desk, tx, [item])
    if item.queue_id not in rows.seen.in_force.queues:
        return ()
    snapshot = _snapshot(desk, rows, item)
    found = await asyncio.to_thread(explain, snapshot, snapshot.items[0])
    return tuple(
        c if c.kind else replace(c, reason=COULD) for c in found.candidates if c.reason != OUTSIDER
    )


async def _read(desk: Desk, tx: Transaction, items: Sequence[WorkItem]) -> _Rows:
    ids = [item.id for item in items]
    refusals: dict[int, list[Any]] = {}
    for row in await decisions.refusals_of(tx, ids):
        refusals.setdefault(row.work_item_id, []).append(row)
    return _Rows(
        await looking.at_the_desk(desk, tx),
        items,
        await decisions.about(tx, ids),
        refusals,
        await decisions.names(tx),
    )


def _snapshot(desk: Desk, rows: _Rows, item: WorkItem) -> Snapshot:
    """The desk with this item alone, in sentences for this machine's time zone."""
    seen, refused = rows.seen, rows.refusals.get(item.id, ())
    queue = seen.in_force.queues.get(item.queue_id)
    reasons = {AgentId(row.agent_id): row.reason for row in refused}
    rests = looking.rests_of(refused, item)
    return Snapshot(
        seen.now,
        tuple(looking.seat_of(desk, row, seen) for row in seen.agents),
        (looking.rules_of(seen.in_force, item.queue_id, queue),) if queue else (),
        (looking.waiting(desk, item, seen, rests, reasons),),
        {skill.key: skill.name for skill in seen.in_force.policy.skills},
        seen.now.astimezone().tzinfo or UTC,
    )


def _now(desk: Desk, rows: _Rows, item: WorkItem) -> Explanation:
    """What routing would do with a waiting item at this moment."""
    snapshot = _snapshot(desk, rows, item)
    found = explain(snapshot, snapshot.items[0])
    queue = rows.seen.in_force.queues.get(item.queue_id)
    if queue is None:
        return _explained(rows, item, "Its queue is not in the settings any more.", ())
    opens = looking.opens(desk, queue, snapshot.now)
    if opens != snapshot.now:
        until = f" until {when(opens, snapshot)}" if opens else ""
        closed = f"the queue is closed{until}"
        found = replace(
            found,
            agent_id=None,
            candidates=tuple(c if c.kind else replace(c, reason=closed) for c in found.candidates),
        )
        return _explained(rows, item, f"{closed[0].upper()}{closed[1:]}.", _reasons(rows, found))
    if found.agent_id is not None:
        sentence = f"{rows.names[found.agent_id]} is {found.reason}."
    else:
        sentence = f"Nobody can take it now{_summary(found)}."
    if item.needs_attention:
        sentence += " It needs attention: nobody who was asked took it."
    return _explained(rows, item, sentence, _reasons(rows, found))


def _summary(found: Decision) -> str:
    """`: 3 not at work, 1 without room`, of those who serve the queue."""
    kinds = Counter(c.kind for c in found.candidates)
    serving = [f"{kinds[kind]} {kind}" for kind in KINDS[1:] if kinds[kind]]
    return f": {', '.join(serving)}" if serving else ": no agent is in a group of this queue"


def _reasons(rows: _Rows, found: Decision) -> tuple[Reason, ...]:
    """The chosen one first, then who was nearest to it; outsiders last."""

    def place(reason: tuple[str, Reason]) -> tuple[int, str]:
        kind, said = reason
        return (len(KINDS) - KINDS.index(kind) if kind else 0, said.agent)

    told = [
        (c.kind, Reason(c.agent_id, rows.names[c.agent_id], c.reason, c.agent_id == found.agent_id))
        for c in found.candidates
    ]
    ordered = [reason for _, reason in sorted(told, key=place)]
    return tuple(sorted(ordered, key=lambda reason: not reason.chosen))


def _settled(desk: Desk, rows: _Rows, item: WorkItem) -> Explanation:
    """Where an item is that does not wait."""
    snapshot = _snapshot(desk, rows, item)
    name = rows.names.get(item.agent_id or AgentId(0), "Somebody")
    if item.state is WorkState.CANCELED:
        return _explained(rows, item, f"The search ended: {item.cancel_reason}.", ())
    if item.state is WorkState.OFFERED and item.offered_at:
        until = f" until {when(item.expires_at, snapshot)}" if item.expires_at else ""
        since = when(item.offered_at, snapshot)
        return _explained(rows, item, f"Offered to {name} since {since}{until}.", ())
    at = f" at {when(item.accepted_at, snapshot)}" if item.accepted_at else ""
    return _explained(rows, item, f"{name} took it{at}.", ())


def _past(rows: _Rows, item: WorkItem, row: Any) -> Explanation:
    """A decision that was made: the words of its moment."""
    agent_id = AgentId(row.agent_id or 0)
    name = rows.names.get(agent_id, "Nobody")
    chosen = row.reason or "chosen"
    told = (
        f"{name} was {chosen}"
        if chosen.startswith("chosen")
        else f"{chosen[0].upper()}{chosen[1:]} to {name}"
    )
    kept = list(_kept(row.candidates))
    passed_over = [
        Reason(who, rows.names.get(who, "Somebody"), reason)
        for who, reason in kept
        if who != agent_id
    ]
    passed_over.sort(key=lambda reason: reason.agent)
    first = (Reason(agent_id, name, chosen, chosen=True),) if row.agent_id else ()
    return _explained(rows, item, f"{told}.", (*first, *passed_over), row.at)


def _kept(candidates: Any) -> Iterator[tuple[AgentId, str]]:
    """Who was passed over; older decisions keep one entry an agent."""
    if isinstance(candidates, dict):
        for reason, agents in candidates.items():
            yield from ((AgentId(agent), reason) for agent in agents)
    else:
        yield from ((AgentId(c["agent_id"]), c["reason"]) for c in candidates)


def _about(told: Explanation, rows: _Rows, agent_id: AgentId) -> Explanation:
    """The same with the words about one agent alone."""
    name = rows.names.get(agent_id, "This agent")
    mine = next((r for r in told.reasons if r.agent_id == agent_id), None)
    if mine is None:
        mine = Reason(agent_id, name, OUTSIDER)
    return replace(told, sentence=f"{name}: {mine.why}.", reasons=(mine,))


def _explained(
    rows: _Rows,
    item: WorkItem,
    sentence: str,
    reasons: tuple[Reason, ...],
    at: datetime | None = None,
) -> Explanation:
    row = rows.about[item.id]
    subject = safe(row.subject, multiline=False)
    return Explanation(row.number, subject, row.queue, sentence, at, reasons)

"""Who writes a draft: one session by a lease that it renews, and a token that grows with each writer.

Everything that a writer does carries the token, so that one who was taken over (paused, cut off, back
too late) changes nothing any more. Everybody locks the thread before the draft.
Source: docs/architecture.md, *Drafts*.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.draft import Draft
from agentdesk.domain.errors import FencedOff, NotAllowed
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, DraftId
from agentdesk.domain.interaction import Direction, Interaction
from agentdesk.services import draft_versions, threads
from agentdesk.services.desk import Desk
from agentdesk.services.threads import Thread
from agentdesk.storage import deadlines, drafts
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction


def name_of(desk: Desk, agent_id: AgentId | None) -> str:
    """An agent's name as the policy has it; `Somebody` who is not in it any more."""
    agent = desk.in_force.agents.get(agent_id) if agent_id is not None else None
    return agent.name if agent else "Somebody"


def writer_of(desk: Desk, draft: Draft | Any) -> str:
    """The name of who writes a draft, or its row, now; empty where nobody does, or too long ago."""
    running = draft.lease_until is not None and draft.lease_until > desk.clock.now()
    return name_of(desk, draft.holder_id) if running and draft.holder_session else ""


def must_be_allowed_to_write(desk: Desk, actor: Actor, thread: Thread, draft: Draft) -> None:
    """Raises `NotAllowed` unless *actor* may write and send this draft.

    What the desk wrote first is everybody's who shares it, and its author's; all else is written by
    who works on the thread.
    """
    if isinstance(thread, Interaction) and thread.direction is Direction.OUTBOUND:
        shared = thread.opened_on not in desk.rules.interaction_per_agent_for
        if shared or draft.author_id == actor.agent_id:
            return
    threads.must_work_on(desk, actor, thread)


async def with_thread(tx: Transaction, draft_id: DraftId) -> tuple[Thread, Draft]:
    """A draft and its thread, both locked, in the order that everybody keeps."""
    thread = await threads.get(tx, *await drafts.home_of(tx, draft_id))
    return thread, await drafts.get(tx, draft_id)


def must_hold(actor: Actor, draft: Draft, token: int) -> None:
    """Raises `FencedOff` unless this session writes the draft under *token*."""
    if draft.token != token or draft.holder_session != actor.session:
        raise FencedOff("This draft was opened elsewhere. Take it over to go on writing here.")


async def held(tx: Transaction, actor: Actor, draft_id: DraftId, token: int) -> Draft:
    """The draft, if this session writes it under *token*. Raises `FencedOff`."""
    draft = await drafts.get(tx, draft_id)
    must_hold(actor, draft, token)
    return draft


async def acquire(desk: Desk, tx: Transaction, actor: Actor, draft: Draft) -> Draft:
    """Become the writer, unless another living session holds a running lease: then read along."""
    others = draft.holder_session not in ("", actor.session)
    running = draft.lease_until is not None and draft.lease_until > desk.clock.now()
    if running and others and not await desk_rows.session_ended(tx, draft.holder_session):
        return draft
    return await lock(desk, tx, actor, draft)


async def lock(desk: Desk, tx: Transaction, actor: Actor, draft: Draft) -> Draft:
    """Become the writer. What another wrote is kept as a version of theirs; the draft's clock begins
    anew.
    """
    now = desk.clock.now()
    await draft_versions.keep_of_earlier_writer(desk, tx, actor, draft)
    held = replace(
        draft,
        holder_id=actor.agent_id,
        holder_session=actor.session,
        lease_until=now + desk.rules.lock_lease,
        token=draft.token + 1,
    )
    await deadlines.put(tx, Due.DRAFT, draft.id, now + desk.rules.draft_silence)
    happened(desk, tx, held, By.actor(actor), Happened.DRAFT_LOCKED, {"holder": actor.name})
    return await drafts.save(tx, held)


def happened(
    desk: Desk, tx: Transaction, d: Draft, by: By, what: Happened, data: dict[str, Any]
) -> None:
    """Record an event of the draft itself."""
    said = {d.record.value: d.thread_id, **data}
    tx.record(Event(desk.clock.now(), by, Record.DRAFT, d.id, what, said, shown=False))


async def open(desk: Desk, actor: Actor, draft_id: DraftId) -> Draft:  # noqa: A001
    """Write on in a draft, where nobody does and the actor may; else read along.

    Raises `NotFound` once it was sent or discarded, `IllegalTransition` where nothing may be written.
    """
    async with desk.store.write() as tx:
        thread, draft = await with_thread(tx, draft_id)
        threads.must_be_writable(thread)
        try:
            must_be_allowed_to_write(desk, actor, thread, draft)
        except NotAllowed:
            return draft
        return await acquire(desk, tx, actor, draft)


async def take_over(desk: Desk, actor: Actor, draft_id: DraftId) -> Draft:
    """Become the writer, whoever writes now; the old writer's token ends. Nothing typed is lost.

    Raises `NotAllowed`, and what `open` raises.
    """
    async with desk.store.write() as tx:
        thread, draft = await with_thread(tx, draft_id)
        threads.must_not_be_on_its_way(thread)
        must_be_allowed_to_write(desk, actor, thread, draft)
        return await lock(desk, tx, actor, draft)


async def heartbeat(desk: Desk, actor: Actor, draft_id: DraftId, token: int) -> None:
    """The composer is still open. Raises `FencedOff` when the draft was taken over."""
    async with desk.store.write() as tx:
        draft = await held(tx, actor, draft_id, token)
        lease = desk.clock.now() + desk.rules.lock_lease
        await drafts.save(tx, replace(draft, lease_until=lease))


async def release(desk: Desk, actor: Actor, draft_id: DraftId, token: int) -> None:
    """Stop writing; the draft stays. Nothing happens when it was taken over already."""
    async with desk.store.write() as tx:
        try:
            draft = await held(tx, actor, draft_id, token)
        except FencedOff:
            return
        await drafts.save(tx, replace(draft, holder_id=None, holder_session="", lease_until=None))
        happened(desk, tx, draft, By.actor(actor), Happened.DRAFT_LOCKED, {"holder": ""})


def read_along(desk: Desk, draft_id: DraftId) -> Callable[[], None]:
    """Hear of every save of a draft through the feed, until the answer is called.

    Saves are no events, which are kept for ever: the feed compares the versions of what is read along.
    """
    desk.store.watched[draft_id] += 1

    def stop() -> None:
        desk.store.watched[draft_id] -= 1
        if desk.store.watched[draft_id] <= 0:
            del desk.store.watched[draft_id]

    return stop

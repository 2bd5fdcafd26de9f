"""Notes for colleagues, and whom they mention. Nothing here, or called from here, can send a mail.

Source: docs/writing.md, *Notes and mentions*; tests/test_notes_are_never_mailed.py proves it.
"""

from dataclasses import dataclass

from agentdesk.domain import mention
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput, IllegalTransition
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, SummaryId, ThreadId
from agentdesk.domain.mention import Colleague, Mention, Mentions
from agentdesk.domain.text import safe
from agentdesk.services.desk import Desk
from agentdesk.services.threads import Thread, about, find, must_not_be_on_its_way, record_of
from agentdesk.storage import mentions as rows
from agentdesk.storage.store import Transaction

LONGEST_NOTE = 100_000


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of the names in a note: who was told, and a sentence for each that was not."""

    told: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


async def add(
    desk: Desk,
    actor: Actor,
    thread_id: ThreadId,
    text: str,
    *,
    summary: SummaryId | None = None,
) -> Noted:
    """An internal note by anybody: never mailed; colleagues that it mentions are told.

    With *summary* it is marked as that one and mentions nobody: its words are not the actor's.
    Raises `IllegalTransition` on what is closed or on its way to somebody else, `BadInput` for an empty
    or a huge note. A name that nobody has is told in the answer, and the note is kept.
    """
    words = safe(text).strip()
    if not words:
        raise BadInput("Write something first.")
    if len(words) > LONGEST_NOTE:
        raise BadInput("This note is too long. Attach a file instead.")
    people = _everybody(desk)
    said = mention.parse("" if summary else words, people)
    async with desk.store.write() as tx:
        thread = await find(tx, thread_id)
        if thread.state.closed:
            raise IllegalTransition(f"{thread.number} is closed. Nothing can be added to it.")
        must_not_be_on_its_way(thread)
        data = {"text": words, **_places(said), **({"summary": summary} if summary else {})}
        happened = (*about(thread), Happened.NOTE_ADDED)
        tx.record(Event(desk.clock.now(), By.actor(actor), *happened, data))
        told = await _tell(desk, tx, actor, thread, words, said)
    names = {c.agent_id: c.name for c in people}
    return Noted(tuple(names[agent_id] for agent_id in told), said.remarks)


def _everybody(desk: Desk) -> tuple[Colleague, ...]:
    held = desk.in_force
    return tuple(
        Colleague(held.agent_ids[a.login], a.login, a.name)
        for a in held.policy.agents
        if a.login in held.agent_ids
    )


def _places(said: Mentions) -> dict[str, list[list[int]]]:
    """Where colleagues stand in the text, for the stream."""
    if not said.found:
        return {}
    return {"mentions": [[m.span.start, m.span.end] for m in said.found]}


async def _tell(
    desk: Desk, tx: Transaction, actor: Actor, thread: Thread, words: str, said: Mentions
) -> list[AgentId]:
    """Everybody but the writer gets an unread mention."""
    first: dict[AgentId, Mention] = {}
    for each in said.found:
        first.setdefault(each.agent_id, each)
    first.pop(actor.agent_id, None)
    now, by = desk.clock.now(), By.actor(actor)
    told = [(agent_id, mention.excerpt(words, m.span)) for agent_id, m in first.items()]
    await rows.add(tx, told, thread.id, actor.name, now)
    for agent_id in first:
        data = {record_of(thread).value: thread.number}
        tx.record(Event(now, by, Record.AGENT, agent_id, Happened.MENTIONED, data, shown=False))
    return list(first)


async def colleagues(desk: Desk, actor: Actor) -> tuple[Colleague, ...]:
    """Whom the actor can mention."""
    return tuple(c for c in _everybody(desk) if c.agent_id != actor.agent_id)


async def see(desk: Desk, actor: Actor, mention_id: int) -> None:
    """The actor looks at the note in which they are mentioned: the mark goes."""
    async with desk.store.write() as tx:
        if await rows.see(tx, actor.agent_id, mention_id, desk.clock.now()):
            record_seen(desk, tx, actor)


def record_seen(desk: Desk, tx: Transaction, actor: Actor) -> None:
    """The actor's other windows hear of it."""
    now, by = desk.clock.now(), By.actor(actor)
    tx.record(Event(now, by, Record.AGENT, actor.agent_id, Happened.READ, shown=False))

"""Threads: interactions and cases, as far as writing in them is the same.

Which of the two a thread is, is asked here while it is read, and in `answering` when a mail moves it.
Everybody locks the thread before its drafts and its mails of the outbox.
"""

from typing import Any, TypeGuard

from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.case import WORKED_ON, Case, CaseState
from agentdesk.domain.errors import IllegalTransition, NotAllowed, NotFound
from agentdesk.domain.event import Record
from agentdesk.domain.ids import ThreadId, interaction_number
from agentdesk.domain.interaction import WRITABLE, Direction, Interaction, still_transferring
from agentdesk.services.desk import Desk
from agentdesk.storage import cases, conversations, interactions
from agentdesk.storage.conversations import Places
from agentdesk.storage.store import Transaction

Thread = Interaction | Case


async def get(tx: Transaction, record: Record, thread_id: ThreadId) -> Thread:
    """The thread of this kind of record, locked until the end of a write. Raises `NotFound`."""
    if record is Record.CASE:
        return await cases.get(tx, thread_id)
    return await interactions.get(tx, thread_id)


async def find(tx: Transaction, thread_id: ThreadId) -> Thread:
    """The interaction or case with this id, locked until the end of a write. Raises `NotFound`."""
    found: list[Thread] = [*await interactions.get_many(tx, [thread_id])]
    found = found or [*await cases.get_many(tx, [thread_id])]
    if not found:
        raise NotFound("This conversation does not exist.")
    return found[0]


def record_of(thread: Thread) -> Record:
    """What its drafts, mails and events are of."""
    return Record.CASE if isinstance(thread, Case) else Record.INTERACTION


def about(thread: Thread) -> tuple[Record, ThreadId]:
    """What events of it are about."""
    return record_of(thread), thread.id


def columns(thread: Thread) -> dict[str, ThreadId | None]:
    """Where a message of it lies, as columns of its row."""
    record = record_of(thread)
    return {
        "interaction_id": thread.id if record is Record.INTERACTION else None,
        "case_id": thread.id if record is Record.CASE else None,
    }


async def token_of(tx: Transaction, thread: Thread) -> str:
    """The unguessable part of every Message-ID that it sends."""
    if isinstance(thread, Case):
        return await cases.token_of(tx, thread.id)
    return await interactions.token_of(tx, thread.id)


async def number_of(tx: Transaction, record: Record, thread_id: ThreadId) -> str:
    """Its number, as marks and envelopes bear it; nothing is locked."""
    if record is Record.CASE:
        return await cases.number_of(tx, thread_id)
    return interaction_number(thread_id)


async def add_unread(tx: Transaction, record: Record, thread_id: ThreadId) -> None:
    """One more thing that its owner should see."""
    if record is Record.CASE:
        await cases.add_unread(tx, thread_id)
    else:
        await interactions.add_unread(tx, thread_id)


# The conversation


async def conversation(tx: Transaction, thread: Thread) -> Places:
    """Where the mails lie that were exchanged about it: in itself; of a case also in the interactions
    that it grew out of, and in what was merged into it.
    """
    return await conversations.places_of(tx, *about(thread))


async def talk_and_case(tx: Transaction, thread: Thread) -> tuple[Interaction | None, Case | None]:
    """An interaction and its case; a case and the newest interaction that it grew out of."""
    if isinstance(thread, Case):
        grown = (await conversation(tx, thread))[Record.INTERACTION.value]
        return next(iter(await interactions.get_many(tx, grown[-1:])), None), thread
    mine = [thread.case_id] if thread.case_id is not None else []
    return thread, next(iter(await cases.get_many(tx, mine)), None)


def lies_in(message: Any, places: Places) -> bool:
    """Whether the row of a message is part of a conversation."""
    return message.interaction_id in places.get(
        Record.INTERACTION.value, ()
    ) or message.case_id in places.get(Record.CASE.value, ())


async def third_parties(tx: Transaction, places: Places) -> frozenset[str]:
    """Who takes part only because a mail was passed on to them."""
    everywhere = [key for ids in places.values() for key in ids]
    found = await interactions.third_parties_of(tx, everywhere)
    return frozenset(email for _, email in found)


# Who may write


async def workable(desk: Desk, tx: Transaction, actor: Actor, thread_id: ThreadId) -> Thread:
    """The thread, locked, if the actor may work on it. Raises `NotAllowed`, `NotFound`."""
    thread = await find(tx, thread_id)
    must_work_on(desk, actor, thread)
    return thread


def must_work_on(desk: Desk, actor: Actor, thread: Thread) -> None:
    """Raises `NotAllowed` unless *actor* may work on it."""
    if isinstance(thread, Case):
        must_be_workable(desk, actor, thread)
    else:
        must_own(actor, thread)


def must_own(actor: Actor, i: Interaction) -> None:
    """Raises `NotAllowed` unless *actor* owns it or supervises."""
    if i.owner_id != actor.agent_id and actor.role is Role.AGENT:
        raise NotAllowed(f"{i.number} is not yours. Assign it to yourself first.")


def must_be_workable(desk: Desk, actor: Actor, case: Case) -> None:
    """Its owner, the members of its group and supervisors work on a case; anybody on one that nobody
    has and no group. Raises `NotAllowed`.
    """
    if actor.role is not Role.AGENT or case.owner_id == actor.agent_id:
        return
    me = desk.in_force.agents.get(actor.agent_id)
    if case.group and me is not None and case.group in me.groups:
        return
    if case.owner_id is None and not case.group:
        return
    whose = desk.in_force.agents.get(case.owner_id) if case.owner_id else None
    name = whose.name if whose else group_name(desk, case.group) or "somebody else"
    raise NotAllowed(f"{case.number} is with {name}. Ask them, or a supervisor.")


def group_name(desk: Desk, key: str) -> str:
    """As people call a group; the key of one that settings dropped."""
    return next((g.name for g in desk.policy.groups if g.key == key), key)


def must_be_writable(thread: Thread, so: str = "Mail cannot be written in it.") -> None:
    """Raises `IllegalTransition` where no mail may be written any more, with what that means."""
    must_not_be_on_its_way(thread)
    if not isinstance(thread, Case):
        if thread.state not in WRITABLE:
            raise IllegalTransition(f"{thread.number} is {thread.state.label}. {so}")
    elif thread.merged_into is not None:
        raise IllegalTransition(f"{thread.number} became part of another case. Write there.")
    elif thread.state is CaseState.RESOLVED:
        raise IllegalTransition(f"{thread.number} is Resolved. Reopen it first.")
    elif thread.state not in WORKED_ON:
        raise IllegalTransition(f"{thread.number} is {thread.state.label}. {so}")


def must_not_be_on_its_way(thread: Thread) -> None:
    """Raises `IllegalTransition` while a contact centre passes it on to somebody else."""
    if isinstance(thread, Interaction) and thread.transferring_to:
        raise IllegalTransition(still_transferring(thread))


def written_first(thread: Thread) -> TypeGuard[Interaction]:
    """Whether we wrote first, and nothing went out yet: there is nothing to reply to."""
    return (
        isinstance(thread, Interaction)
        and thread.direction is Direction.OUTBOUND
        and not thread.sent
    )

"""Cases: what agents do with them. Source of the rules: docs/cases.md."""

from agentdesk.domain import case as moves
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.case import Case, CaseChanges, NewCase
from agentdesk.domain.deadline import Due
from agentdesk.domain.errors import BadInput, IllegalTransition, NotAllowed
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, CaseId, InteractionId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.text import safe
from agentdesk.services import becoming, case_levels, cases_inside
from agentdesk.services.case_choices import agents, categories, codes, groups
from agentdesk.services.case_joining import merge, relate, set_parent, undo_merge
from agentdesk.services.case_pages import find, page
from agentdesk.services.case_reading import mark_read, stream, view, watch
from agentdesk.services.cases_inside import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    Opening,
    moved,
    say,
    workable,
)
from agentdesk.services.desk import Desk
from agentdesk.services.handling import owned
from agentdesk.storage import cases as rows
from agentdesk.storage import deadlines, efforts, interactions
from agentdesk.storage.store import Transaction

PRIORITIES = range(1, 6)

__all__ = [
    "agents",
    "categories",
    "codes",
    "find",
    "groups",
    "mark_read",
    "merge",
    "page",
    "relate",
    "set_parent",
    "stream",
    "undo_merge",
    "view",
    "watch",
]


async def create(desk: Desk, actor: Actor, interaction_id: InteractionId, new: NewCase) -> CaseId:
    """A case from an open interaction, which closes with *Task created*; its whole conversation stays
    readable in the case, and who took part in it takes part in the case.

    Raises `NotAllowed` unless the actor owns it or supervises, `IllegalTransition` for a closed one,
    `BadInput` for an unknown category, group or agent, or while a mail of it can be taken back.
    """
    _must_be_known(desk, new.priority, new.category)
    _must_be_there(desk, new.assign_to, new.group)
    by = By.actor(actor)
    async with desk.store.write() as tx:
        i = await owned(tx, actor, interaction_id)
        await becoming.must_be_free(tx, i)
        opening = Opening(
            new.subject.strip() or i.subject,
            i.customer_id,
            i.mail_account_id,
            f"Created from {i.number}",
            account_id=i.account_id,
            queue_id=i.queue_id,
            description=new.description,
            priority=new.priority,
            category=new.category,
            group=new.group,
            owner_id=new.assign_to,
            opened_by=actor.agent_id or None,
        )
        case = await cases_inside.open_case(desk, tx, by, opening)
        await becoming.become_part_of(desk, tx, i, case, by)
        return case.id


async def associate(
    desk: Desk, actor: Actor, interaction_id: InteractionId, case_id: CaseId
) -> None:
    """An open interaction becomes part of a case that is not closed; a complete one is related to it,
    and stays as it is.

    Raises `NotAllowed` for somebody else's interaction, or where the customers differ and the actor
    does not supervise; `IllegalTransition` for a closed case, or where the interaction belongs to one.
    """
    by = By.actor(actor)
    async with desk.store.write() as tx:
        i = await owned(tx, actor, interaction_id)
        case = await rows.get(tx, await rows.survivor(tx, case_id))
        _must_fit(actor, i, case)
        if i.state.closed:
            await interactions.relate_to_case(tx, i.id, case.id)
            await efforts.belong_to(tx, i.id, case.id)
            await becoming.copy_participants(tx, i.id, case)
            about = (Record.INTERACTION, i.id, Happened.ASSOCIATED)
            tx.record(Event(desk.clock.now(), by, *about, {"number": case.number}))
        else:
            await becoming.must_be_free(tx, i)
            await becoming.become_part_of(desk, tx, i, case, by)
        say(desk, tx, case, Happened.ASSOCIATED, by, {"number": i.number})


def _must_fit(actor: Actor, i: Interaction, case: Case) -> None:
    if i.case_id is not None and i.state.closed:  # an open one only continues a closed case
        raise IllegalTransition(f"{i.number} belongs to a case already.")
    if case.state.closed:
        raise IllegalTransition(f"{case.number} is closed. Choose another case or create one.")
    if i.state is State.CLOSED_ABANDONED:
        raise IllegalTransition(f"{i.number} was abandoned. There is nothing in it.")
    same = i.customer_id == case.customer_id or (
        i.account_id is not None and i.account_id == case.account_id
    )
    if not same and actor.role is Role.AGENT:
        raise NotAllowed(f"{case.number} is of another customer. Ask a supervisor.")


def _must_be_there(desk: Desk, agent_id: AgentId | None, group: str) -> None:
    if agent_id is not None and agent_id not in desk.in_force.agents:
        raise BadInput("This agent does not exist any more. Choose somebody else.")
    if group and group not in {g.key for g in desk.policy.groups}:
        raise BadInput("This group does not exist any more. Choose another one.")


def _must_be_known(desk: Desk, priority: int | None, category: str | None) -> None:
    if priority is not None and priority not in PRIORITIES:
        raise BadInput("A priority is a number from 1, the most urgent, to 5.")
    if category and category not in {c.key for c in desk.rules.cases.categories}:
        raise BadInput("This category does not exist any more. Choose another one.")


async def edit(desk: Desk, actor: Actor, case_id: CaseId, changes: CaseChanges) -> None:
    """Change what is said of a case. Another priority or category is another service level.

    Raises `BadInput` for a value that cannot be, `NotAllowed` where the case is somebody else's,
    `IllegalTransition` once it is closed.
    """
    _must_be_known(desk, changes.priority, changes.category)
    said = _made_safe(changes)
    async with desk.store.write() as tx:
        before = await workable(desk, tx, actor, case_id)
        after = moves.be_changed(before, said, desk.clock.now())
        data = _what_changed(desk, before, after)
        if not data:
            return
        after = await rows.save(tx, after)
        say(desk, tx, after, Happened.CASE_CHANGED, By.actor(actor), data)
        if {"priority", "category"} & data.keys():
            await case_levels.recalculate(desk, tx, after)


def _made_safe(c: CaseChanges) -> CaseChanges:
    subject = None if c.subject is None else safe(c.subject, multiline=False).strip()
    if subject == "":
        raise BadInput("A case needs a subject.")
    description = None if c.description is None else safe(c.description).strip()
    subject = subject and subject[:LONGEST_SUBJECT]
    description = description and description[:LONGEST_TEXT]
    return CaseChanges(subject, description, c.priority, c.category, c.due_at, c.drop_due)


def _what_changed(desk: Desk, before: Case, after: Case) -> dict[str, object]:
    """What the stream tells; empty where everything is as it was."""
    said: dict[str, object] = {}
    if after.subject != before.subject:
        said["subject"] = after.subject
    if after.description != before.description:
        said["description"] = True
    if after.priority != before.priority:
        said["priority"] = [before.priority, after.priority]
    if after.category != before.category:
        said["category"] = desk.rules.cases.category(after.category)
    if after.due_at != before.due_at:
        said["due"] = after.due_at.isoformat() if after.due_at else ""
    return said


async def assign(
    desk: Desk, actor: Actor, case_id: CaseId, agent_id: AgentId | None, group: str
) -> None:
    """Another agent and group have it, who is told; a new case that an agent gets is Open.

    Raises `BadInput` for somebody who is not there, `NotAllowed`, `IllegalTransition`.
    """
    _must_be_there(desk, agent_id, group)
    async with desk.store.write() as tx:
        before = await workable(desk, tx, actor, case_id)
        await _assign(desk, tx, actor, before, agent_id, group)


async def assign_to_me(desk: Desk, actor: Actor, case_id: CaseId) -> None:
    """The actor has it. Raises `NotAllowed` where it is somebody else's and of none of their groups."""
    async with desk.store.write() as tx:
        before = await workable(desk, tx, actor, case_id)
        await _assign(desk, tx, actor, before, actor.agent_id, before.group)


async def _assign(
    desk: Desk, tx: Transaction, actor: Actor, before: Case, agent_id: AgentId | None, group: str
) -> None:
    after = moves.be_assigned(before, agent_id, group, desk.clock.now())
    if (after.owner_id, after.group) != (before.owner_id, before.group):
        await moved(desk, tx, before, await rows.save(tx, after), By.actor(actor))


async def await_information(desk: Desk, actor: Actor, case_id: CaseId) -> None:
    """New or Open → Awaiting Info: the customer is to answer; service levels pause."""
    async with desk.store.write() as tx:
        before = await workable(desk, tx, actor, case_id)
        after = moves.await_information(before, desk.clock.now())
        await moved(desk, tx, before, await rows.save(tx, after), By.actor(actor))


async def go_on(desk: Desk, actor: Actor, case_id: CaseId) -> None:
    """Awaiting Info → Open without an answer."""
    async with desk.store.write() as tx:
        before = await workable(desk, tx, actor, case_id)
        after = moves.go_on(before, desk.clock.now())
        await moved(desk, tx, before, await rows.save(tx, after), By.actor(actor))


async def resolve(desk: Desk, actor: Actor, case_id: CaseId, code: str, notes: str) -> None:
    """→ Resolved with a code and notes; it is closed some days later, unless the customer writes.

    Raises `BadInput` without either, or for a code that settings do not have.
    """
    if code and code not in {c.key for c in desk.rules.cases.codes}:
        raise BadInput("This code does not exist any more. Choose another one.")
    async with desk.store.write() as tx:
        before = await workable(desk, tx, actor, case_id)
        words = safe(notes)[:LONGEST_TEXT]
        after = moves.be_resolved(before, code, words, desk.clock.now())
        await moved(desk, tx, before, await rows.save(tx, after), By.actor(actor))


async def reopen(desk: Desk, actor: Actor, case_id: CaseId) -> None:
    """Resolved → Open: it was not resolved after all."""
    async with desk.store.write() as tx:
        before = await workable(desk, tx, actor, case_id)
        after = moves.reopen(before, desk.clock.now())
        await moved(desk, tx, before, await rows.save(tx, after), By.actor(actor))


async def close(desk: Desk, actor: Actor, case_id: CaseId) -> None:
    """Resolved → Closed, for good. Raises `BadInput` while something in it is not sent."""
    async with desk.store.write() as tx:
        before = await workable(desk, tx, actor, case_id)
        await becoming.must_be_sent(tx, before)
        await _close(desk, tx, before, By.actor(actor))


async def close_by_time(desk: Desk, tx: Transaction, case_id: int) -> None:
    """It was resolved long enough. What somebody has not sent yet keeps it open for another period."""
    before = await rows.get(tx, case_id)
    if before.state is not moves.CaseState.RESOLVED:
        return
    try:
        await becoming.must_be_sent(tx, before)
    except BadInput:
        later = desk.clock.now() + desk.rules.cases.close_after
        await deadlines.put(tx, Due.CASE_CLOSE, before.id, later)
        return
    await _close(desk, tx, before, SYSTEM)


async def _close(desk: Desk, tx: Transaction, before: Case, by: By) -> None:
    after = moves.be_closed(before, desk.clock.now())
    await becoming.drop_prepared(tx, before.id)
    after = await rows.save(tx, after, unread=0)
    await moved(desk, tx, before, after, by)

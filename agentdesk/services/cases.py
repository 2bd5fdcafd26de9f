"""Cases: what agents do with them. Source of the rules: docs/cases.md."""

from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.case import Case, NewCase
from agentdesk.domain.errors import BadInput, IllegalTransition, NotAllowed
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import AgentId, CaseId, InteractionId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.services import becoming, cases_inside
from agentdesk.services.case_reading import stream, view
from agentdesk.services.cases_inside import Opening, say
from agentdesk.services.desk import Desk
from agentdesk.services.handling import owned
from agentdesk.storage import cases as rows
from agentdesk.storage import efforts, interactions

PRIORITIES = range(1, 6)

__all__ = ["stream", "view"]


async def create(desk: Desk, actor: Actor, interaction_id: InteractionId, new: NewCase) -> CaseId:
    """A case from an open interaction, which closes with *Task created*; its whole conversation stays
    readable in the case, and who took part in it takes part in the case.

    Raises `NotAllowed` unless the actor owns it or supervises, `IllegalTransition` for a closed one,
    `BadInput` for an unknown category, group or agent, or while a mail of it can be taken back.
    """
    _must_be_known(desk, new.priority, new.category, new.group)
    must_be_agent(desk, new.assign_to)
    by = By.actor(actor)
    async with desk.store.write() as tx:
        i = await owned(tx, actor, interaction_id)
        await becoming.must_be_free(tx, i)
        took_part = (await interactions.participants_of(tx, [i.id])).get(i.id, frozenset())
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
            participants=took_part,
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
        took_part = (await interactions.participants_of(tx, [i.id])).get(i.id, frozenset())
        if i.state.closed:
            await interactions.relate_to_case(tx, i.id, case.id)
            await efforts.belong_to(tx, i.id, case.id)
            about = (Record.INTERACTION, i.id, Happened.ASSOCIATED)
            tx.record(Event(desk.clock.now(), by, *about, {"number": case.number}))
        else:
            await becoming.must_be_free(tx, i)
            await becoming.become_part_of(desk, tx, i, case, by)
        await interactions.add_participants(tx, [(case.id, email) for email in took_part])
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


def must_be_agent(desk: Desk, agent_id: AgentId | None) -> None:
    """Raises `BadInput` for somebody who is no agent of this desk any more."""
    if agent_id is not None and agent_id not in desk.in_force.agents:
        raise BadInput("This agent does not exist any more. Choose somebody else.")


def _must_be_known(desk: Desk, priority: int | None, category: str | None, group: str) -> None:
    if priority is not None and priority not in PRIORITIES:
        raise BadInput("A priority is a number from 1, the most urgent, to 5.")
    if category and category not in {c.key for c in desk.rules.cases.categories}:
        raise BadInput("This category does not exist any more. Choose another one.")
    if group and group not in {g.key for g in desk.policy.groups}:
        raise BadInput("This group does not exist any more. Choose another one.")

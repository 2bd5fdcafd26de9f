"""Writing first: opening the composer on a customer or an account creates or joins the interaction.

One is shared by everybody who writes to the same customer (or account) and belongs to who opened or
sent last; `Rules.interaction_per_agent_for` names the kinds of record from which each agent has their
own. Only Work in Progress is joined: On Hold waits for an answer. Writing first takes capacity, but
no lack of it refuses. Routing never sees what was written first: there is no work item.
Source: docs/architecture.md, *Outbound*.
"""

from dataclasses import dataclass
from typing import Any

from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import Draft, DraftContent, DraftKind, blank_body
from agentdesk.domain.errors import BadInput
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import (
    AccountId,
    AgentId,
    CustomerId,
    DraftId,
    InteractionId,
    MailAccountId,
    QueueId,
    interaction_number,
)
from agentdesk.domain.interaction import Direction, Interaction, State
from agentdesk.domain.message import Address
from agentdesk.services import drafts as draft_service
from agentdesk.services import identities, letters, news
from agentdesk.services.desk import Desk
from agentdesk.services.handling import owner_changed
from agentdesk.services.tokens import new_token
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import drafts, interactions, outbound
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import drafts as draft_table
from agentdesk.storage.tables import interactions as interaction_table

ACCOUNT = "account"
MOST_MERGES = 20


@dataclass(frozen=True, slots=True)
class _Target:
    """To whom and on which kind of record the composer was opened."""

    customer: Any
    opened_on: str
    account_id: AccountId | None


async def open_for_customer(desk: Desk, actor: Actor, customer_id: CustomerId) -> Draft:
    """The actor's new mail to a customer, in the interaction that it creates or joins.

    A merged customer is the one that they were merged into. Raises `BadInput` for an erased one and
    where no mail account is set up, `NotFound`.
    """
    async with desk.store.write() as tx:
        who = await _customer(tx, customer_id)
        own = who.kind in desk.rules.interaction_per_agent_for
        found = await outbound.written_first(tx, actor.agent_id, customer_id=who.id, own=own)
        return await _open(desk, tx, actor, _Target(who, who.kind, who.account_id), found)


async def open_for_account(
    desk: Desk, actor: Actor, account_id: AccountId, customer_id: CustomerId
) -> Draft:
    """The same for an account, to one of its contacts; all of its contacts share the interaction.

    Raises `BadInput` for a customer who does not belong to the account, too.
    """
    async with desk.store.write() as tx:
        company = await outbound.account(tx, account_id)
        who = await _customer(tx, customer_id)
        if who.account_id != account_id:
            raise BadInput(f"{who.name} does not belong to {company.name}. Choose another contact.")
        own = ACCOUNT in desk.rules.interaction_per_agent_for
        found = await outbound.written_first_to_account(
            tx, actor.agent_id, account_id=account_id, own=own
        )
        return await _open(desk, tx, actor, _Target(who, ACCOUNT, account_id), found)


async def _customer(tx: Transaction, customer_id: CustomerId) -> Any:
    """The customer, or the one that they were merged into."""
    who = await outbound.customer(tx, customer_id)
    for _ in range(MOST_MERGES):
        if who.merged_into is None:
            break
        who = await outbound.customer(tx, who.merged_into)
    if who.erased_at is not None:
        raise BadInput("This person was erased at their wish. Nobody can write to them from here.")
    return who


async def _open(
    desk: Desk, tx: Transaction, actor: Actor, target: _Target, found: Interaction | None
) -> Draft:
    if found is None:
        i = await _new_interaction(desk, tx, actor, target)
    else:
        i = await _join(desk, tx, actor, found)
    for draft in await drafts.of_thread(tx, i.id, actor.agent_id):
        if draft.kind is DraftKind.NEW:
            return await draft_service.acquire(desk, tx, actor, draft)
    return await draft_service.acquire(
        desk, tx, actor, await _new_draft(desk, tx, actor, i, target)
    )


async def _join(desk: Desk, tx: Transaction, actor: Actor, before: Interaction) -> Interaction:
    """Who writes becomes the owner; the earlier one keeps their draft and is told."""
    if before.owner_id == actor.agent_id:
        return before
    after = moves.be_taken_over(before, actor.agent_id, desk.clock.now())
    after = await interactions.save(tx, after)
    owner_changed(desk, tx, before, after, actor)
    return after


async def _new_interaction(
    desk: Desk, tx: Transaction, actor: Actor, target: _Target
) -> Interaction:
    sender = await _mail_account(desk, tx, actor, target.customer.id)
    queue = desk.in_force.queues.get(QueueId(sender.queue_id))
    channel = desk.policy.channel(queue.channel if queue else "email")
    key, now = InteractionId(await tx.new_id(interaction_table)), desk.clock.now()
    made = Interaction(
        id=key,
        number=interaction_number(key),
        direction=Direction.OUTBOUND,
        state=State.WORK_IN_PROGRESS,
        customer_id=CustomerId(target.customer.id),
        subject=f"Mail to {target.customer.name}",
        mail_account_id=MailAccountId(sender.id),
        opened_at=now,
        changed_at=now,
        queue_id=QueueId(sender.queue_id),
        owner_id=actor.agent_id,
        account_id=target.account_id,
        channel=channel.key,
        size=channel.size,
        opened_on=target.opened_on,
        worked_since=now,
    )
    await interactions.insert(tx, [(made, new_token(), "")])
    by, why = By.actor(actor), f"Opened by {actor.name} to write to {target.customer.name}"
    tx.record(Event(now, by, Record.INTERACTION, key, Happened.OPENED, {"why": why}))
    owner_changed(desk, tx, None, made, actor)
    return made


async def _mail_account(desk: Desk, tx: Transaction, actor: Actor, customer_id: int) -> Any:
    """From where the agent wrote to this customer last, else that of a queue of theirs, else the first."""
    active = sorted(await desk_rows.all_accounts(tx), key=lambda a: int(a.id))
    if not active:
        raise BadInput("No mail account is set up. Add one under [[mail_accounts]] first.")
    last = await outbound.last_used_account(tx, actor.agent_id, customer_id)
    served = _queues_of(desk, actor.agent_id)
    chosen = next((a for a in active if a.id == last), None)
    return chosen or next((a for a in active if a.queue_id in served), active[0])


def _queues_of(desk: Desk, agent_id: AgentId) -> frozenset[QueueId]:
    agent = desk.in_force.agents.get(agent_id)
    staff = desk.staffing.of(desk.policy)
    login = agent.login if agent else ""
    return frozenset(k for k, q in desk.in_force.queues.items() if login in staff.get(q.key, ()))


async def _new_draft(
    desk: Desk, tx: Transaction, actor: Actor, i: Interaction, target: _Target
) -> Draft:
    email = await outbound.usable_address(tx, target.customer.id)
    who = await identities.usual(tx, actor, i)
    to = letters.as_typed(Address(email, target.customer.name)) if email else ""
    draft = Draft(
        id=DraftId(await tx.new_id(draft_table)),
        thread_id=i.id,
        author_id=actor.agent_id,
        content=DraftContent(to=to, body=blank_body(who.signature), sender=who.address),
        base_seq=await news.seen_through(tx, {Record.INTERACTION.value: [i.id]}),
        updated_at=desk.clock.now(),
        kind=DraftKind.NEW,
    )
    await drafts.insert(tx, draft)
    return draft

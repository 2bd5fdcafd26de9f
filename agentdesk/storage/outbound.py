"""What writing first needs to know: whom to, where, and from which of our addresses."""

from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import AccountId, AgentId, CustomerId, MailAccountId
from agentdesk.domain.interaction import Direction, Interaction, State
from agentdesk.storage.rows import load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    accounts,
    addresses,
    customers,
    interactions,
    mail_accounts,
    messages,
)

i = interactions.c


async def customer(tx: Transaction, customer_id: CustomerId) -> sa.Row[Any]:
    """A customer, locked until the end of a write, so that two who write first do so in turn.

    Rows that refer to it may be written meanwhile. Raises `NotFound`.
    """
    query = sa.select(customers).where(customers.c.id == customer_id)
    row = await tx.one(query.with_for_update(key_share=True))
    if row is None:
        raise NotFound("This customer does not exist any more.")
    return row


async def account(tx: Transaction, account_id: AccountId) -> sa.Row[Any]:
    """An account, locked as `customer` is. Raises `NotFound`."""
    query = sa.select(accounts).where(accounts.c.id == account_id)
    row = await tx.one(query.with_for_update(key_share=True))
    if row is None:
        raise NotFound("This account does not exist any more.")
    return row


async def written_first(
    tx: Transaction, agent_id: AgentId, *, customer_id: int, own: bool
) -> Interaction | None:
    """The interaction that somebody opened on this person and works on; *own*: only the agent's."""
    on_person = (i.customer_id == customer_id) & i.opened_on.not_in(("", "account"))
    return await _in_progress(tx, agent_id, on_person, own=own)


async def written_first_to_account(
    tx: Transaction, agent_id: AgentId, *, account_id: int, own: bool
) -> Interaction | None:
    """The same of an account, whoever of its contacts it is with."""
    on_account = (i.account_id == account_id) & (i.opened_on == "account")
    return await _in_progress(tx, agent_id, on_account, own=own)


async def _in_progress(
    tx: Transaction, agent_id: AgentId, where: sa.ColumnElement[bool], *, own: bool
) -> Interaction | None:
    """Locked until the end of a write. Of several the agent's own, then the newest."""
    working = (i.state == State.WORK_IN_PROGRESS.value) & (i.direction == Direction.OUTBOUND.value)
    query = sa.select(interactions).where(where, working)
    if own:
        query = query.where(i.owner_id == agent_id)
    order = (sa.case((i.owner_id == agent_id, 0), else_=1), i.id.desc())
    row = await tx.one(query.order_by(*order).limit(1).with_for_update())
    return load(Interaction, row) if row is not None else None


async def usable_address(tx: Transaction, customer_id: int) -> str:
    """The customer's first address that no server refused; empty where there is none."""
    usable = (addresses.c.customer_id == customer_id) & addresses.c.bounced_at.is_(None)
    row = await tx.one(sa.select(sa.func.min(addresses.c.email)).where(usable))
    return str(row[0] or "") if row else ""


async def last_used_account(
    tx: Transaction, agent_id: AgentId, customer_id: int
) -> MailAccountId | None:
    """From which of our mail accounts, active still, the agent wrote to this customer last."""
    joined = interactions.join(messages, messages.c.interaction_id == i.id)
    joined = joined.join(mail_accounts, mail_accounts.c.id == i.mail_account_id)
    sent = (messages.c.agent_id == agent_id) & (messages.c.direction == "outbound")
    query = sa.select(i.mail_account_id).select_from(joined)
    query = query.where(i.customer_id == customer_id, sent, mail_accounts.c.active)
    row = await tx.one(query.order_by(messages.c.id.desc()).limit(1))
    return MailAccountId(row[0]) if row else None

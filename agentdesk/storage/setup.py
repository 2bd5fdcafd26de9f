"""What depends on the queues and agents that a policy defines."""

import sqlalchemy as sa

from agentdesk.domain.interaction import State
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    agents,
    interactions,
    mail_accounts,
    mailboxes,
    queues,
    work_items,
)
from agentdesk.storage.work import WAITING

OPEN = (State.WORK_IN_PROGRESS.value, State.ON_HOLD.value, State.WRAP_UP.value)


async def queues_of_mail(tx: Transaction) -> list[tuple[str, str]]:
    """Each active mail account with the key of a queue that it or one of its mailboxes names."""
    columns = (mail_accounts.c.key.label("account"), queues.c.key.label("queue"))
    account = sa.select(*columns).select_from(
        mail_accounts.join(queues, queues.c.id == mail_accounts.c.queue_id)
    )
    box = sa.select(*columns).select_from(
        mailboxes.join(mail_accounts, mail_accounts.c.id == mailboxes.c.mail_account_id).join(
            queues, queues.c.id == mailboxes.c.queue_id
        )
    )
    named = account.where(mail_accounts.c.active).union(
        box.where(mail_accounts.c.active & mailboxes.c.active)
    )
    return [(row.account, row.queue) for row in await tx.all(named.order_by("account", "queue"))]


async def waiting_by_queue(tx: Transaction) -> dict[str, int]:
    """How much waits or is offered in each queue, by its key."""
    joined = work_items.join(queues, queues.c.id == work_items.c.queue_id)
    query = sa.select(queues.c.key, sa.func.count().label("items")).select_from(joined)
    waiting = query.where(work_items.c.state.in_(WAITING)).group_by(queues.c.key)
    return {row.key: row.items for row in await tx.all(waiting)}


async def held_by_agent(tx: Transaction) -> dict[str, int]:
    """How many open interactions each agent holds, by login."""
    joined = interactions.join(agents, agents.c.id == interactions.c.owner_id)
    query = sa.select(agents.c.login, sa.func.count().label("items")).select_from(joined)
    held = query.where(interactions.c.state.in_(OPEN)).group_by(agents.c.login)
    return {row.login: row.items for row in await tx.all(held)}

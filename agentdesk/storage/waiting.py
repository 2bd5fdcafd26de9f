"""What reminders ask about a conversation: what we wrote in it, and who is on the other side."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import MailKind
from agentdesk.domain.views import Delivery
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import addresses, messages, outbox

TAKEN_BACK = (Delivery.CANCELED.value, Delivery.SUPERSEDED.value)
LOOKED_AT = 20

m, box = messages.c, outbox.c
_written = outbox.join(messages, m.id == box.message_id)
_columns = (m.id, m.header_id, m.subject, m.recipients, m.refs, m.agent_id, box.state, box.draft)


async def written(tx: Transaction, interaction_id: int) -> list[sa.Row[Any]]:
    """Our newest mails in it, newest first, also a program's; without those that were taken back.

    Columns: id, header_id, subject, recipients, refs, agent_id, state, draft.
    """
    mine = (box.thread_id == interaction_id) & box.state.not_in(TAKEN_BACK)
    query = sa.select(*_columns).select_from(_written).where(mine)
    return await tx.all(query.order_by(box.id.desc()).limit(LOOKED_AT))


async def ours_is_the_last_word(tx: Transaction, interaction_id: int) -> bool:
    """Whether an agent wrote after whatever a person wrote to us."""
    ours = sa.select(sa.func.max(m.id)).select_from(_written)
    ours = ours.where(
        box.thread_id == interaction_id,
        box.agent_id.is_not(None),
        box.state.not_in(TAKEN_BACK),
    )
    theirs = sa.select(sa.func.max(m.id)).where(_persons(interaction_id))
    newest = sa.select(
        ours.scalar_subquery().label("ours"), theirs.scalar_subquery().label("theirs")
    )
    row = await tx.one(newest)
    return row is not None and row.ours is not None and row.ours > (row.theirs or 0)


def _persons(interaction_id: int) -> sa.ColumnElement[bool]:
    """What people, not programs, wrote to us."""
    kind = m.kind == MailKind.NORMAL.value
    return (m.interaction_id == interaction_id) & (m.direction == "inbound") & kind


async def scheduled_for(tx: Transaction, interaction_id: int) -> datetime | None:
    """When its last mail goes out that waits for its time; None without one."""
    waits = (box.state == Delivery.DELAYED.value) & (box.thread_id == interaction_id)
    row = await tx.one(sa.select(sa.func.max(box.scheduled_for)).where(waits))
    return row[0] if row else None


async def circle(tx: Transaction, i: Interaction) -> frozenset[str]:
    """The addresses of its customer, and those from which people wrote in it."""
    theirs = await tx.all(
        sa.select(addresses.c.email).where(addresses.c.customer_id == i.customer_id)
    )
    query = sa.select(m.sender, m.recipients).where(_persons(i.id))
    wrote = await tx.all(query.order_by(m.id.desc()).limit(LOOKED_AT))
    answers = {a["email"] for r in wrote for a in r.recipients.get("reply_to", ())}
    return frozenset({r.email for r in theirs} | {r.sender for r in wrote} | answers)

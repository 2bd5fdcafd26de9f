"""An agent hears by mail, where settings want it, that an answer came into something of theirs.

The notice belongs to no conversation and names nothing but the number, so that nothing of a customer
leaves the desk with it or has to be erased in it. One goes out until the agent has read what came; a
copy that comes back is known as our own mail.
"""

import asyncio
from datetime import timedelta
from typing import Final

from agentdesk.domain.delivery import identity
from agentdesk.domain.ids import AgentId, MessageId, OutboxId
from agentdesk.domain.ladder import Link, Rung
from agentdesk.domain.message import Address, MailKind, ParsedMail
from agentdesk.mail import compose
from agentdesk.services import automatic
from agentdesk.services.batch import Batch
from agentdesk.services.threads import Thread
from agentdesk.services.tokens import new_token
from agentdesk.storage import blobs, links, messages, outbox
from agentdesk.storage.tables import messages as message_table
from agentdesk.storage.tables import outbox as outbox_table

ANSWERS: Final = frozenset(
    {Rung.ITS_CASE, Rung.OPEN_INTERACTION, Rung.OPEN_CASE, Rung.BEST_SCORE, Rung.MOST_RECENT}
)
"""The rungs below a closed record: the agent may not expect this mail."""

PER_HOUR: Final = 100
"""At most so many notices of the whole desk within an hour."""

HOUR = timedelta(hours=1)


def expect(b: Batch, thread: Thread, mail: ParsedMail, link: Link) -> None:
    """Its owner shall hear of it, if settings say so."""
    unexpected = link.rung in ANSWERS and mail.kind is MailKind.NORMAL
    if unexpected and b.desk.rules.linking.notify_by_mail and thread.owner_id is not None:
        b.noticed[thread.id] = b.noticed.get(thread.id, 0) + 1


async def notify(b: Batch) -> None:
    """Put the notices of a batch into the outbox."""
    if not b.noticed:
        return
    left = PER_HOUR - await links.notices_since(b.tx, b.now - HOUR)
    unread = await links.unread_of(b.tx, b.noticed)
    for thread_id, count in b.noticed.items():
        thread = b.records.get(thread_id) or b.cases[thread_id]
        to = _address(b, thread.owner_id)
        if to is not None and left > 0 and unread.get(thread_id, 0) <= count:
            await _write(b, thread, to)
            left -= 1


def _address(b: Batch, agent_id: AgentId | None) -> Address | None:
    """An agent's own address; none where it is one that the desk reads itself."""
    agent = b.desk.in_force.agents.get(agent_id) if agent_id is not None else None
    email = agent.email.strip().lower() if agent is not None else ""
    if agent is None or not email or email in b.desk.rules.own_addresses:
        return None
    return Address(email, agent.name)


async def _write(b: Batch, thread: Thread, to: Address) -> None:
    account = b.accounts[thread.mail_account_id]
    message = MessageId(await b.tx.new_id(message_table))
    domain = account.address.rpartition("@")[2]
    letter = compose.Outgoing(
        sender=Address(account.address, account.name),
        to=(to,),
        subject=f"An answer came into {thread.number}",
        text=f"A customer's answer came into {thread.number}, which is yours.\n\n"
        "Open it in agentdesk to read and answer it. Answers to this mail reach nobody.\n",
        message_id=compose.new_message_id(new_token(), message, domain),
        date=b.now,
        headers=(
            ("X-Agentdesk-ID", identity(thread.number, message)),
            ("X-Auto-Response-Suppress", "All"),
        ),
        auto_submitted="auto-generated",
    )
    raw = await asyncio.to_thread(compose.build, letter)
    sha = await blobs.put_one(b.tx, raw)
    await messages.insert(b.tx, [automatic.message_row(letter, message, sha, None, b.now)])
    box = OutboxId(await b.tx.new_id(outbox_table))
    await outbox.insert(b.tx, automatic.outbox_row(letter, message, box, thread, b.now))

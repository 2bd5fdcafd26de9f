"""Whom a mail may go to while it is addressed: who takes part, and what is no address."""

from collections.abc import Iterable, Sequence

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.message import Address
from agentdesk.services import letters, threads
from agentdesk.services.desk import Desk
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import messages

MAILS_READ = 20
"""The newest mails of a conversation, whose senders and recipients are proposed."""


async def taking_part(desk: Desk, actor: Actor, thread_id: ThreadId) -> tuple[Address, ...]:
    """Who wrote or got the newest mails of a conversation, the last first; never ourselves."""
    async with desk.store.read() as tx:
        thread = await threads.find(tx, thread_id)
        account = await desk_rows.account(tx, thread.mail_account_id)
        places = await threads.conversation(tx, thread)
        rows = await messages.correspondents(tx, places, MAILS_READ)
    ours = {account.address, *account.aliases} | desk.rules.own_addresses
    found: dict[str, Address] = {}
    for row in rows:
        for address in _everybody(row.sender, row.sender_name, row.recipients):
            known = found.get(address.email)
            if address.email not in ours and (known is None or not known.name):
                found[address.email] = address
    return tuple(found.values())


def _everybody(
    sender: str, name: str, recipients: dict[str, list[dict[str, str]]]
) -> Iterable[Address]:
    yield Address(sender, name)
    for field in ("to", "cc"):
        yield from (Address(**each) for each in recipients.get(field, ()))


def typed_as(name: str, email: str) -> str:
    """A person as one recipient in a composer's field, the name quoted where it must be."""
    return letters.as_typed(Address(email, name))


def faults(typed: Sequence[str]) -> tuple[str, ...]:
    """For each field of *typed* the sentence that refuses it; empty where every address is one."""
    return tuple(map(_fault, typed))


def remark(typed: Sequence[str]) -> str:
    """What the writer should know of all recipients together, the first of it; empty for nothing."""
    return next(iter(letters.remarks(typed)), "")


def _fault(field: str) -> str:
    try:
        letters.typed_addresses(field)
    except BadInput as error:
        return str(error)
    return ""

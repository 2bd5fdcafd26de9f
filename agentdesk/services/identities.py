"""As whom a mail is written: our own addresses, their names, signatures and mail accounts.

An answer comes from the address that the customer wrote to, where mail may be written from it, else
from that of the mail account. It leaves through the account that the address belongs to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.addressing import without_tag
from agentdesk.domain.draft import Identity
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import ThreadId
from agentdesk.domain.text import safe
from agentdesk.services import threads
from agentdesk.services.desk import Desk
from agentdesk.services.threads import Thread
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import messages
from agentdesk.storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Sender:
    """An identity and the mail account that its mail leaves through."""

    identity: Identity
    mail_account_id: int


async def choices(desk: Desk, actor: Actor, thread_id: ThreadId) -> tuple[Identity, ...]:
    """Every address that the actor may write from here: the usual one, its account's, all others."""
    async with desk.store.read() as tx:
        thread = await threads.find(tx, thread_id)
        return tuple(sender.identity for sender in await senders(tx, actor, thread))


async def usual(tx: Transaction, actor: Actor, thread: Thread) -> Identity:
    """The identity that a mail of this thread takes by itself. Raises `BadInput` without any."""
    return (await _found(tx, actor, thread, "")).identity


async def chosen(tx: Transaction, actor: Actor, thread: Thread, address: str) -> Sender:
    """The identity with this address; empty: the usual one. Raises `BadInput` for any that is not ours."""
    return await _found(tx, actor, thread, address.strip().lower())


async def _found(tx: Transaction, actor: Actor, thread: Thread, address: str) -> Sender:
    known = await senders(tx, actor, thread)
    if not known:
        raise BadInput("No mail account is set up to send from. Add one to settings.toml.")
    if not address:
        return known[0]
    for sender in known:
        if sender.identity.address == address:
            return sender
    shown = safe(address, multiline=False)[:80]
    raise BadInput(f"{shown} is no address that mail can be sent from here. Choose another sender.")


async def senders(tx: Transaction, actor: Actor, thread: Thread) -> list[Sender]:
    """The same with their accounts, the usual one first and marked as the default."""
    agent = await desk_rows.agent_as_is(tx, actor.agent_id)
    own = agent.signature if agent is not None else ""
    accounts = await desk_rows.all_accounts(tx)
    here = sorted(accounts, key=lambda a: (a.id != thread.mail_account_id, a.id))
    known = [sender for account in here for sender in _of(account, own)]
    wrote_to = await _written_to(tx, thread)
    usual = next((s for s in known if s.identity.address in wrote_to), known[0] if known else None)
    if usual is None:
        return []
    first = Sender(_as_default(usual.identity), usual.mail_account_id)
    return [first, *(s for s in known if s is not usual)]


def _as_default(who: Identity) -> Identity:
    return Identity(who.address, who.name, who.signature, default=True)


def _of(account: Any, own: str) -> Iterator[Sender]:
    """The identities of one mail account, its own address first; *own* is the agent's signature."""
    named = ({"address": account.address}, *account.identities)
    for each in named:
        words = (each.get("signature") or account.signature, own)
        signature = "\n".join(w.strip() for w in words if w.strip())
        who = Identity(each["address"], each.get("name") or account.name, signature)
        yield Sender(who, account.id)


async def _written_to(tx: Transaction, thread: Thread) -> frozenset[str]:
    """Whom the customer's last mail was sent to, without tags."""
    places = await threads.conversation(tx, thread)
    last = await messages.last_of(tx, places, direction="inbound", kind="normal")
    last = last or await messages.last_of(tx, places, direction="inbound")
    if last is None:
        return frozenset()
    return frozenset(without_tag(email) for email in messages.receivers(last.recipients))

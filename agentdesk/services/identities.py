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
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.text import safe
from agentdesk.services.desk import Desk
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import interactions, messages
from agentdesk.storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Sender:
    """An identity and the mail account that its mail leaves through."""

    identity: Identity
    mail_account_id: int


async def choices(desk: Desk, actor: Actor, interaction_id: InteractionId) -> tuple[Identity, ...]:
    """Every address that the actor may write from here: the usual one, its account's, all others."""
    async with desk.store.read() as tx:
        i = await interactions.get(tx, interaction_id)
        return tuple(sender.identity for sender in await senders(tx, actor, i))


async def usual(tx: Transaction, actor: Actor, i: Interaction) -> Identity:
    """The identity that a mail of this interaction takes by itself. Raises `BadInput` without any."""
    return (await _found(tx, actor, i, "")).identity


async def chosen(tx: Transaction, actor: Actor, i: Interaction, address: str) -> Sender:
    """The identity with this address; empty: the usual one. Raises `BadInput` for any that is not ours."""
    return await _found(tx, actor, i, address.strip().lower())


async def _found(tx: Transaction, actor: Actor, i: Interaction, address: str) -> Sender:
    known = await senders(tx, actor, i)
    if not known:
        raise BadInput("No mail account is set up to send from. Add one to settings.toml.")
    if not address:
        return known[0]
    for sender in known:
        if sender.identity.address == address:
            return sender
    shown = safe(address, multiline=False)[:80]
    raise BadInput(f"{shown} is no address that mail can be sent from here. Choose another sender.")


async def senders(tx: Transaction, actor: Actor, i: Interaction) -> list[Sender]:
    """The same with their accounts, the usual one first and marked as the default."""
    agent = await desk_rows.agent_as_is(tx, actor.agent_id)
    own = agent.signature if agent is not None else ""
    accounts = await desk_rows.all_accounts(tx)
    here = sorted(accounts, key=lambda a: (a.id != i.mail_account_id, a.id))
    known = [sender for account in here for sender in _of(account, own)]
    wrote_to = await _written_to(tx, i)
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


async def _written_to(tx: Transaction, i: Interaction) -> frozenset[str]:
    """Whom the customer's last mail was sent to, without tags."""
    last = await messages.last_of(tx, i.id, direction="inbound", kind="normal")
    last = last or await messages.last_of(tx, i.id, direction="inbound")
    if last is None:
        return frozenset()
    return frozenset(without_tag(email) for email in messages.receivers(last.recipients))

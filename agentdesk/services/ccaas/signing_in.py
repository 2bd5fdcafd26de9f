"""Who an agent is at a contact centre, so that nobody else signs in for them there."""

from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.services.ccaas import ends
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_records
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction


async def identities(desk: Desk, actor: Actor) -> tuple[Identity, ...]:
    """Who *actor* is at each centre whose agents sign in."""
    centres = [key for key, c in desk.centres.items() if c.caps.agents_sign_in]
    if not centres or actor.agent_id is None:
        return ()
    async with desk.store.read() as tx:
        row = await desk_rows.agent_as_is(tx, actor.agent_id)
        return tuple([await _at(tx, centre, row) for centre in centres]) if row else ()


async def identity(desk: Desk, centre: str, login: str) -> Identity:
    """Who the agent *login* is at *centre*. Raises `NotFound`."""
    async with desk.store.read() as tx:
        return await _at(tx, centre, await desk_rows.agent_by_login(tx, login))


async def _at(tx: Transaction, centre: str, row: Any) -> Identity:
    there = await ccaas_records.external(tx, centre, Kind.AGENT, row.login)
    return Identity(centre, row.login, row.name, row.email, there or "")


async def signed_in(desk: Desk, actor: Actor, centre: str) -> None:
    """*actor* signed in at *centre*: what waited for it goes on at once, in every process."""
    async with desk.store.write() as tx:
        await ends.resume_all(desk, tx, centre, [actor.agent_id])
        _tell(desk, tx, actor, centre)


async def signed_out(desk: Desk, actor: Actor, centre: str) -> None:
    """*actor* signed out at *centre*: every screen hears of it."""
    async with desk.store.write() as tx:
        _tell(desk, tx, actor, centre)


def _tell(desk: Desk, tx: Transaction, actor: Actor, centre: str) -> None:
    about = (Record.CENTRE, 0, Happened.CENTRE_CHANGED)
    data = {"centre": centre, "what": "sign-in"}
    tx.record(Event(desk.clock.now(), By.actor(actor), *about, data, shown=False))

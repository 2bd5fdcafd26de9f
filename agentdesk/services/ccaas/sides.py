"""How interactions and agents stand at the contact centre that routes their work."""

from collections.abc import Iterable, Mapping
from typing import Any

from agentdesk.domain.ccaas.source import OWN_ROUTING
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ccaas.views import CentreSide, CentreUse, side_words
from agentdesk.domain.ids import AgentId, InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import QueueSetup
from agentdesk.domain.text import safe
from agentdesk.domain.wrapup import Sync
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_conversations, ccaas_orders
from agentdesk.storage import ccaas_reading as rows
from agentdesk.storage.store import Transaction


def name_of(desk: Desk, source: str) -> str:
    """The centre that routes work of *source* or of a queue, as people call it; empty: the desk does.

    One that is no longer in the settings goes by its key.
    """
    if source in ("", OWN_ROUTING):
        return ""
    rules = desk.rules.centres.get(source)
    return rules.name if rules is not None else source


def takes_no_other(desk: Desk, queue: QueueSetup) -> str:
    """Why work that the desk routes cannot go to *queue*, which a centre routes."""
    name = name_of(desk, queue.external)
    return f"{queue.name} is routed by {name} and takes only mail that comes in there."


async def side(desk: Desk, tx: Transaction, row: Any) -> CentreSide | None:
    """The centre's side of the interaction of this row; None where the desk routes it itself."""
    name = name_of(desk, row.routing_source)
    if not name:
        return None
    ix = InteractionId(row.id)
    found = (await ccaas_conversations.get_many(tx, [ix])).get(ix)
    ops = (await ccaas_orders.live_ops(tx, [ix])).get(ix, frozenset())
    sync = Sync(await rows.newest_sync(tx, ix))
    centre = desk.centres.get(row.routing_source)
    parks = centre is None or centre.caps.park
    there = found is not None and found.external_id is not None
    words = side_words(ops, State(row.state), sync, handed_over=there, parks=parks)
    said = (found.trouble if found is not None else "") or await rows.trouble_of(tx, ix)
    return CentreSide(name, words, safe(said, multiline=False), parks)


# Agents

Mapped = Mapping[tuple[str, str], str]
"""Ids at centres by centre and login."""


async def of_agent(desk: Desk, tx: Transaction, agent_id: AgentId) -> tuple[CentreUse, ...]:
    """How one agent stands at each centre that knows them."""
    if not desk.rules.centres:
        return ()
    read = {(r.agent_id, r.centre): r for r in await rows.agents_there(tx, agent_id)}
    return _uses(desk, agent_id, await _mapped(tx), read)


async def of_agents(
    desk: Desk, tx: Transaction, agent_ids: Iterable[AgentId]
) -> dict[AgentId, tuple[CentreUse, ...]]:
    """How several agents stand at the centres that know them."""
    if not desk.rules.centres:
        return {}
    read = {(r.agent_id, r.centre): r for r in await rows.agents_there(tx)}
    mapped = await _mapped(tx)
    return {agent_id: _uses(desk, agent_id, mapped, read) for agent_id in agent_ids}


async def _mapped(tx: Transaction) -> Mapped:
    found = await rows.mapped_to(tx, Kind.AGENT.value)
    return {(r.centre, r.local): r.external_id for r in found}


def _uses(
    desk: Desk, agent_id: AgentId, mapped: Mapped, read: Mapping[Any, Any]
) -> tuple[CentreUse, ...]:
    agent = desk.in_force.agents.get(agent_id)
    if agent is None:
        return ()
    return tuple(
        _use(desk, key, there, read.get((agent_id, key)))
        for key in desk.rules.centres
        if (there := mapped.get((key, agent.login)))
    )


def _use(desk: Desk, key: str, there: str, row: Any) -> CentreUse:
    centre = desk.centres.get(key)
    signs = centre is not None and centre.caps.agents_sign_in
    signed_in = centre is None or not signs or centre.acts_for(there)
    if row is None:
        return CentreUse(key, name_of(desk, key), signed_in=signed_in)
    return CentreUse(
        key,
        name_of(desk, key),
        safe(row.label or "", multiline=False),
        row.used,
        row.capacity,
        row.parked,
        on_queue=row.on_queue,
        responding=row.responding,
        known=True,
        signed_in=signed_in,
    )

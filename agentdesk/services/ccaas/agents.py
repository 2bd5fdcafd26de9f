"""Agents as contact centres have them: presence both ways, capacity as the centre counts it.

The newer presence wins. What an agent chose here goes there as an order; while one is on its way, or waits
for a person, nothing is taken over from there. Source: docs/ccaas.md, *Presence and capacity*.
"""

from collections.abc import Collection
from typing import Any

from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.values import AgentState, Kind
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import AgentId
from agentdesk.services import presence, sessions
from agentdesk.services.ccaas import orders
from agentdesk.services.desk import Desk
from agentdesk.storage import (
    ccaas_agents,
    ccaas_centres,
    ccaas_claims,
    ccaas_records,
)
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction


async def there(desk: Desk, centre: str) -> dict[AgentId, str]:
    """The agents that the centre knows, with what it calls them."""
    async with desk.store.read() as tx:
        return await ccaas_agents.mapped(tx, centre)


async def at_work(desk: Desk, centre: str) -> list[str]:
    """The agents who have a desk open now, by what the centre calls them."""
    async with desk.store.read() as tx:
        known = await ccaas_agents.mapped(tx, centre)
        live = await desk_rows.live_sessions(tx, desk.clock.now() - desk.rules.session_grace)
    return [known[key] for key in sorted({row.agent_id for row in live} & set(known))]


async def queues(desk: Desk, centre: str) -> list[str]:
    """The queues that the centre routes for the desk, by what it calls them."""
    routed = [q.key for q in desk.policy.queues if q.external == centre]
    async with desk.store.read() as tx:
        found = [await ccaas_records.external(tx, centre, Kind.QUEUE, key) for key in routed]
    return [there for there in found if there]


async def mirror(desk: Desk, centre: str, agent_id: AgentId, state: AgentState) -> None:
    """Take over how an agent stands at the centre."""
    async with desk.store.write() as tx:
        known = await ccaas_agents.get(tx, centre, agent_id)
        changed = known is None or _differs(known, state)
        if changed:
            version = known.version + 1 if known else 1
            await ccaas_agents.put(tx, centre, agent_id, state, desk.clock.now(), version)
            _told(desk, tx, centre, agent_id, known, state)
        if await sessions.live_of(desk, tx, agent_id):
            await _presence(desk, tx, centre, agent_id, known, state)


def _differs(known: Any, state: AgentState) -> bool:
    of = ("presence", "on_queue", "responding", "capacity", "used", "parked")
    return any(getattr(known, name) != getattr(state, name) for name in of)


def _told(
    desk: Desk, tx: Transaction, centre: str, agent_id: AgentId, known: Any, state: AgentState
) -> None:
    """Screens that show the agent read again; another capacity is told in their history."""
    now, about = desk.clock.now(), (Record.AGENT, agent_id)
    if known is not None and known.capacity != state.capacity:
        said = {"centre": desk.rules.centres[centre].name, "what": "capacity"}
        said |= {"from": str(known.capacity), "to": str(state.capacity)}
        tx.record(Event(now, SYSTEM, *about, Happened.CENTRE_DECIDED, said))
    tx.record(Event(now, SYSTEM, *about, Happened.CENTRE_CHANGED, {"centre": centre}, shown=False))


async def _presence(
    desk: Desk, tx: Transaction, centre: str, agent_id: AgentId, known: Any, state: AgentState
) -> None:
    if await ccaas_claims.presence_wanted(tx, centre, agent_id):
        return
    row = await desk_rows.agent_as_is(tx, agent_id)
    if row is None:
        return
    silent = state.on_queue and not state.responding
    if silent:
        if known is None or known.responding:
            await _stopped_answering(desk, tx, centre, agent_id)
        return
    if await ccaas_records.external(tx, centre, Kind.PRESENCE, row.presence) == state.presence:
        return
    if known is None or known.presence != state.presence:
        await _take_over(desk, tx, centre, agent_id, state.presence)
    else:  # it stands there as it did: the change was here, and is not there yet
        await _tell(desk, tx, centre, agent_id, row.presence)


async def _stopped_answering(desk: Desk, tx: Transaction, centre: str, agent_id: AgentId) -> None:
    """An offer ran out there: the agent is away here, and there as well once the order is through."""
    away, name = desk.policy.options.timeout_presence, desk.rules.centres[centre].name
    if away:
        why = f"did not answer at {name}"
        await presence.change(desk, tx, agent_id, away, SYSTEM, why=why)


async def _take_over(
    desk: Desk, tx: Transaction, centre: str, agent_id: AgentId, there: str
) -> None:
    here = await ccaas_records.local(tx, centre, Kind.PRESENCE, there)
    if not here or desk.policy.presence(here) is None:
        return
    why = f"at {desk.rules.centres[centre].name}"
    await presence.change(desk, tx, agent_id, here, SYSTEM, why=why, tell=False)


async def _tell(desk: Desk, tx: Transaction, centre: str, agent_id: AgentId, here: str) -> None:
    """Only what stands for something there: nobody waits for a person because of it."""
    if await ccaas_records.external(tx, centre, Kind.PRESENCE, here):
        payload = {"presence": here}
        await orders.place(desk, tx, centre, Op.PRESENCE, agent_id=agent_id, payload=payload)


async def holds(
    desk: Desk, centre: str, agent_id: AgentId, external_ids: Collection[str]
) -> set[str]:
    """What the centre says an agent has: what is another's here is read again. Returns what is unknown."""
    if not external_ids:
        return set()
    async with desk.store.write() as tx:
        return await ccaas_centres.mark_strayed(tx, centre, agent_id, external_ids)

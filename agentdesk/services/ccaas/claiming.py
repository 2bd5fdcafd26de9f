"""Taking an order to a contact centre in hand: one process at a time, with what it needs to carry it out."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from agentdesk.domain.ccaas.errors import NotMapped
from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.event import SYSTEM
from agentdesk.domain.ids import AgentId
from agentdesk.services.ccaas import ends, orders, wrapups
from agentdesk.services.desk import Desk
from agentdesk.storage import (
    ccaas_agents,
    ccaas_claims,
    ccaas_conversations,
    ccaas_records,
)
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.ccaas_claims import Hands
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction

LEASE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed order. `agent` is what the centre calls its agent, empty for the service's;
    `conversation` is None for a presence. `sent`: the code as the centre is told it. `alone`: the agent
    is gone, and the service does what it may.
    """

    order: Order
    agent: str
    conversation: Conversation | None
    sent: wrapups.Sent | None = None
    alone: bool = False

    @property
    def external_id(self) -> str:
        """The conversation by the centre's id; empty while it has none."""
        return (self.conversation.external_id if self.conversation else None) or ""

    @property
    def tried(self) -> bool:
        """Somebody may have said it to the centre before."""
        return self.order.attempts > 1

    def knows(self, **more: Any) -> "Job":
        """The same with more in its payload."""
        known = replace(self.order, payload={**self.order.payload, **more})
        return replace(self, order=known)


async def hands(desk: Desk, centre: str) -> tuple[Hands, frozenset[AgentId]]:
    """What this process can do at a centre now, and the agents whose sign-in it has."""
    async with desk.store.read() as tx:
        agents = await ccaas_agents.mapped(tx, centre)
    acts_for = desk.centres[centre].acts_for
    mine = frozenset(a for a, there in agents.items() if acts_for(there))
    return Hands(centre, frozenset(agents) - mine), mine


async def next_due(desk: Desk, able: Hands) -> datetime | None:
    """When the next order is due that this process can carry out."""
    async with desk.store.read() as tx:
        return await ccaas_claims.next_due(tx, able, desk.clock.now())


async def claim(desk: Desk, able: Hands) -> Job | None:
    """The next order for this process; None when there is none. What lacks a mapping is parked."""
    while True:
        async with desk.store.read() as tx:
            if not await ccaas_claims.waiting(tx, able, desk.clock.now()):
                return None
        async with desk.store.write() as tx:
            now = desk.clock.now()
            await _drop(desk, tx, await ccaas_claims.outlived(tx, able.centre))
            order = await ccaas_claims.claim(tx, able, desk.session, now, now + LEASE)
            if order is None:
                return None
            await _drop(desk, tx, await ccaas_claims.superseded(tx, order))
            orders.changed(desk, tx, order, SYSTEM)
            try:
                return await _prepared(desk, tx, order)
            except NotMapped as error:
                await ends.end(desk, tx, order, ends.waits_or_refused(order), str(error))


async def claim_left_alone(desk: Desk, able: Hands) -> Job | None:
    """The next automatic code whose agent is signed in nowhere; None when there is none."""
    now = desk.clock.now()
    async with desk.store.read() as tx:
        if not await ccaas_claims.any_unserved(tx, able, now):
            return None
    async with desk.store.write() as tx:
        for order in await ccaas_claims.unserved(tx, able, now):
            if order.op is Op.WRAP_UP and await wrapups.left_alone(desk, tx, order):
                taken = await ccaas_claims.take(tx, order, desk.session, now, now + LEASE)
                orders.changed(desk, tx, taken, SYSTEM)
                try:
                    return replace(await _prepared(desk, tx, taken), alone=True)
                except NotMapped as error:
                    await ends.end(desk, tx, taken, OrderState.PARKED, str(error))
    return None


async def _drop(desk: Desk, tx: Transaction, old: Collection[Order]) -> None:
    for order in old:
        await orders.withdraw(desk, tx, order, "A newer wish counts")


async def _prepared(desk: Desk, tx: Transaction, order: Order) -> Job:
    """What ours is called there is looked up at each try, so that a new mapping counts at once."""
    sent = await wrapups.resolve(desk, tx, order) if order.op is Op.WRAP_UP else None
    theirs = sent.code if sent else await _theirs(desk, tx, order)
    if theirs and order.payload.get("theirs") != theirs:
        order = replace(order, payload={**order.payload, "theirs": theirs})
        await ends.write(desk, tx, order, payload=dict(order.payload))
    found = None
    if order.interaction_id is not None:
        found = await ccaas_conversations.get(tx, order.interaction_id)
    return Job(order, await _agent(desk, tx, order), found, sent)


async def _theirs(desk: Desk, tx: Transaction, order: Order) -> str:
    match order.op:
        case Op.SUBMIT | Op.REPLY:
            return await _external(desk, tx, order, Kind.QUEUE, str(order.payload["queue"]))
        case Op.PRESENCE:
            return await _external(desk, tx, order, Kind.PRESENCE, str(order.payload["presence"]))
    return ""


async def _agent(desk: Desk, tx: Transaction, order: Order) -> str:
    if order.agent_id is None:
        return ""
    row = await desk_rows.agent_as_is(tx, order.agent_id)
    return await _external(desk, tx, order, Kind.AGENT, row.login if row else "")


async def _external(desk: Desk, tx: Transaction, order: Order, kind: Kind, ours: str) -> str:
    there = await ccaas_records.external(tx, order.centre, kind, ours)
    if there:
        return there
    name = desk.rules.centres[order.centre].name
    raise NotMapped(f"{name} has nothing that stands for the {kind.value} {ours!r}: map it.")


async def remember(desk: Desk, job: Job) -> None:
    """Keep what the job learned before something is said to the centre. Raises `FencedOff`."""
    async with desk.store.write() as tx:
        await ends.write(desk, tx, job.order, payload=dict(job.order.payload))


async def is_free(desk: Desk, job: Job, external_id: str) -> bool:
    """Whether no other interaction has this conversation."""
    async with desk.store.read() as tx:
        row = await ccaas_conversations.by_external(tx, job.order.centre, external_id)
    return row is None or row.interaction_id == job.order.interaction_id

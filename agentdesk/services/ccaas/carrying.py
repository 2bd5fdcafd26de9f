"""What the engine does with orders to contact centres: claim one, and say how it went, under an epoch.

Nothing here speaks to a centre. An order ends in the same transaction as the desk is brought to what was
read of it. Source: docs/ccaas.md, *Orders*.
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from agentdesk.domain.ccaas.errors import CentreProblem, NotMapped
from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.ccaas.values import Kind, Snapshot
from agentdesk.domain.ccaas.verdicts import Seen, Verdict, verdict
from agentdesk.domain.event import SYSTEM
from agentdesk.domain.ids import AgentId
from agentdesk.domain.text import safe
from agentdesk.domain.wrapup import Sync
from agentdesk.services.ccaas import orders, settling, wrapups
from agentdesk.services.desk import Desk
from agentdesk.storage import (
    ccaas_agents,
    ccaas_centres,
    ccaas_claims,
    ccaas_conversations,
    ccaas_orders,
    ccaas_records,
    interactions,
)
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.ccaas_claims import Hands
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.store import Transaction

LEASE: Final = timedelta(minutes=5)
OVERTAKEN_WITHIN: Final = timedelta(minutes=1)
GIVE_UP: Final = timedelta(hours=24)
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
FREE: Final[Mapping[str, Any]] = {"lease_owner": "", "lease_until": None}
LONGEST_LOOK_S: Final = 15.0
"""What is under way is looked at again after at most so long."""
UNHEARD_S: Final = 5.0
"""A SUBMIT of unknown outcome waits at least so long: the centre may tell of it meanwhile."""
MOMENTARY: Final = frozenset({Op.ACCEPT, Op.REJECT, Op.TRANSFER})
"""A person asked for it just now: what cannot be done is refused with its reason and never waits."""
PATIENCE: Final = {True: timedelta(seconds=20), False: timedelta(seconds=60)}
"""How long an order waits for a process that has the sign-in, by whether it is momentary."""


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


# Claiming


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
                await _end(desk, tx, order, _waits_or_refused(order), str(error))


async def _drop(desk: Desk, tx: Transaction, old: Collection[Order]) -> None:
    for order in old:
        await orders.withdraw(desk, tx, order, "A newer wish counts")


async def claim_left_alone(desk: Desk, able: Hands) -> Job | None:
    """The next automatic code whose agent is signed in nowhere; None when there is none."""
    async with desk.store.write() as tx:
        now = desk.clock.now()
        for order in await ccaas_claims.unserved(tx, able, now):
            if order.op is Op.WRAP_UP and await wrapups.left_alone(desk, tx, order):
                taken = await ccaas_claims.take(tx, order, desk.session, now, now + LEASE)
                orders.changed(desk, tx, taken, SYSTEM)
                try:
                    return replace(await _prepared(desk, tx, taken), alone=True)
                except NotMapped as error:
                    await _end(desk, tx, taken, OrderState.PARKED, str(error))
    return None


async def _prepared(desk: Desk, tx: Transaction, order: Order) -> Job:
    """What ours is called there is looked up at each try, so that a new mapping counts at once."""
    sent = await wrapups.resolve(desk, tx, order) if order.op is Op.WRAP_UP else None
    theirs = sent.code if sent else await _theirs(desk, tx, order)
    if theirs and order.payload.get("theirs") != theirs:
        order = replace(order, payload={**order.payload, "theirs": theirs})
        await _write(desk, tx, order, payload=dict(order.payload))
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
        await _write(desk, tx, job.order, payload=dict(job.order.payload))


# How it went


async def conclude(desk: Desk, job: Job, seen: Verdict, snapshot: Snapshot) -> bool:
    """Write what was seen of the order, and bring the desk to the same snapshot; False where it is of a
    second conversation, which nobody wants.

    Raises `FencedOff` when another process carries the order out now.
    """
    async with desk.store.write() as tx:
        i = await _interaction(tx, job)
        if job.order.op is Op.SUBMIT and not await _belongs(desk, tx, job, snapshot):
            return False
        await _judged(desk, tx, job.order, seen)
        await settle(desk, tx, i.id, snapshot)
        return True


async def attributed(desk: Desk, job: Job, snapshot: Snapshot) -> None:
    """The code stands beside the conversation: more cannot be had. Raises `FencedOff`."""
    async with desk.store.write() as tx:
        i = await _interaction(tx, job)
        await _end(desk, tx, job.order, OrderState.CONFIRMED, "")
        await wrapups.attributed(desk, tx, job.order)
        await settle(desk, tx, i.id, snapshot)


async def is_free(desk: Desk, job: Job, external_id: str) -> bool:
    """Whether no other interaction has this conversation."""
    async with desk.store.read() as tx:
        row = await ccaas_conversations.by_external(tx, job.order.centre, external_id)
    return row is None or row.interaction_id == job.order.interaction_id


async def conclude_presence(desk: Desk, job: Job, seen: Verdict) -> None:
    """Write what was seen of a presence order. Raises `FencedOff`."""
    async with desk.store.write() as tx:
        await _judged(desk, tx, job.order, seen)


async def refuse(desk: Desk, job: Job, error: CentreProblem, snapshot: Snapshot | None) -> None:
    """The centre will not: a person hears why, or the order waits for one. Raises `FencedOff`."""
    async with desk.store.write() as tx:
        i = await _interaction(tx, job) if job.order.interaction_id is not None else None
        await _end(desk, tx, job.order, _waits_or_refused(job.order), str(error))
        if i is not None and snapshot is not None:
            await settle(desk, tx, i.id, snapshot)
        elif i is not None:
            await ccaas_centres.mark_interaction(tx, i.id)


async def postpone(
    desk: Desk,
    job: Job,
    why: str,
    *,
    at_least_s: float = 0.0,
    patient: bool = False,
    snapshot: Snapshot | None = None,
) -> None:
    """Not known to have taken effect, and worth another try; after a day it is given up, unless *patient*.

    Raises `FencedOff`.
    """
    async with desk.store.write() as tx:
        if job.order.interaction_id is not None:
            await _interaction(tx, job)
        since = _since(job.order)
        if not patient and desk.clock.now() - since > GIVE_UP:
            await _end(desk, tx, job.order, OrderState.DEAD, f"Given up after a day. {why}")
        else:
            wait = max(at_least_s, _jittered(job.order.attempts))
            await _again(desk, tx, job.order, wait, why)
        if snapshot is not None and job.order.interaction_id is not None:
            await settle(desk, tx, job.order.interaction_id, snapshot)


def _jittered(attempts: int) -> float:
    """Full jitter between 1 s and 5 minutes, doubling with each try."""
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts, 10))
    return random.uniform(FIRST_WAIT_S, longest)


def _since(order: Order) -> datetime:
    """When its day began: with the wish, or when a person had it tried again."""
    again = order.payload.get("since")
    return datetime.fromisoformat(again) if again else order.created_at


async def _judged(desk: Desk, tx: Transaction, order: Order, seen: Verdict) -> None:
    match seen.seen:
        case Seen.DONE:
            await _end(desk, tx, order, OrderState.CONFIRMED, "")
        case Seen.OVERTAKEN:
            await _end(desk, tx, order, OrderState.WITHDRAWN, seen.words)
        case Seen.FAILED:
            state = _waits_or_refused(order) if order.op is Op.WRAP_UP else OrderState.REFUSED
            await _end(desk, tx, order, state, seen.words)
        case Seen.UNDER_WAY | Seen.NOT_YET:
            wait = min(LONGEST_LOOK_S, float(2 ** min(order.attempts - 1, 4)))
            await _again(desk, tx, order, wait, order.error)


async def _interaction(tx: Transaction, job: Job) -> Any:
    """Locked before its conversation and its orders, as everywhere."""
    assert job.order.interaction_id is not None
    return await interactions.get(tx, job.order.interaction_id)


async def _belongs(desk: Desk, tx: Transaction, job: Job, snapshot: Snapshot) -> bool:
    """The conversation becomes the interaction's; False where it has another one already."""
    row = await ccaas_conversations.get(tx, job.order.interaction_id or 0)
    assert row is not None
    if row.external_id is None:
        await ccaas_conversations.save(tx, row, external_id=snapshot.external_id, trouble="")
    elif row.external_id != snapshot.external_id:
        await _end(desk, tx, job.order, OrderState.CONFIRMED, "")
        return False
    return True


def _waits_or_refused(order: Order) -> OrderState:
    return OrderState.REFUSED if order.op in MOMENTARY else OrderState.PARKED


async def _end(desk: Desk, tx: Transaction, order: Order, state: OrderState, why: str) -> None:
    values = {"state": state.value, **FREE}
    error = safe(why, multiline=False)
    await _write(desk, tx, order, **values, error=error, payload=dict(order.payload))
    ended = replace(order, state=state, error=error)
    orders.changed(desk, tx, ended, SYSTEM)
    if order.op is Op.WRAP_UP:
        if state in (OrderState.PARKED, OrderState.DEAD):
            await wrapups.stands(desk, tx, ended, Sync.PARKED)
        elif order.interaction_id is not None:
            await _free_the_end(desk, tx, order.interaction_id)


async def _free_the_end(desk: Desk, tx: Transaction, interaction_id: int) -> None:
    """An END that the centre wanted a code for first."""
    waits = await ccaas_claims.of_interaction(tx, interaction_id, OrderState.PARKED)
    for order in waits:
        if order.op is Op.END:
            await _go_on(desk, tx, order)


async def _again(desk: Desk, tx: Transaction, order: Order, wait_s: float, why: str) -> None:
    due = desk.clock.now() + timedelta(seconds=wait_s)
    values: dict[str, Any] = {"state": OrderState.PENDING.value, **FREE}
    error = safe(why, multiline=False)
    values |= {"due_at": due, "error": error, "payload": dict(order.payload)}
    await _write(desk, tx, order, **values)
    orders.changed(desk, tx, replace(order, state=OrderState.PENDING, error=error), SYSTEM)


async def _write(desk: Desk, tx: Transaction, order: Order, **values: Any) -> None:
    """One that is carried out is fenced; others are locked by whoever read them."""
    now = desk.clock.now()
    if order.state is OrderState.IN_FLIGHT:
        await ccaas_orders.change_fenced(tx, order, now, **values)
    else:
        await ccaas_orders.change(tx, order.id, now, **values)


# What a snapshot says of orders that wait


async def settle(desk: Desk, tx: Transaction, interaction_id: int, snapshot: Snapshot) -> bool:
    """Bring the desk to a snapshot, the orders that wait first; False for one that is older than known.

    The interaction is locked.
    """
    row = await ccaas_conversations.get(tx, interaction_id)
    if row is None or _overtaken(row.seen_at, snapshot.at):
        return False
    for order in await ccaas_claims.of_interaction(tx, interaction_id, OrderState.PENDING):
        await _judge_waiting(desk, tx, order, snapshot)
    i = await interactions.get(tx, interaction_id)
    await settling.apply(desk, tx, i, row, snapshot)
    return True


def _overtaken(last: datetime | None, at: datetime) -> bool:
    """Older than the last by more than a little: their clock was set back, and it counts."""
    return last is not None and timedelta() < last - at < OVERTAKEN_WITHIN


async def _judge_waiting(desk: Desk, tx: Transaction, order: Order, snapshot: Snapshot) -> None:
    """Another request is saved where this snapshot shows already what became of an order."""
    if order.op is Op.SUBMIT or (order.op is Op.REPLY and not order.attempts):
        return
    seen = verdict(order, snapshot)
    if seen.final:
        await _judged(desk, tx, order, seen)


# What nobody carries out


async def recover(desk: Desk, centre: str) -> int:
    """After a crash: what processes had in hand that are gone is tried again, with a look first."""
    async with desk.store.write() as tx:
        alive = [row.id for row in await desk_rows.unended_sessions(tx)]
        left = await ccaas_claims.left_behind(tx, centre, alive, desk.clock.now())
        for order in left:
            await _put_back(desk, tx, order)
    return len(left)


async def give_back(desk: Desk, centre: str) -> int:
    """What this process had in hand when it was stopped."""
    async with desk.store.write() as tx:
        mine = await ccaas_claims.held_by(tx, centre, desk.session)
        for order in mine:
            await _put_back(desk, tx, order)
    return len(mine)


async def _put_back(desk: Desk, tx: Transaction, order: Order) -> None:
    wait = UNHEARD_S if order.op is Op.SUBMIT else 0.0
    due = desk.clock.now() + timedelta(seconds=wait)
    values = {"state": OrderState.PENDING.value, "due_at": due, "epoch": order.epoch + 1, **FREE}
    await ccaas_orders.change(tx, order.id, desk.clock.now(), **values)
    orders.changed(desk, tx, replace(order, state=OrderState.PENDING), SYSTEM)


async def park_unserved(desk: Desk, able: Hands) -> int:
    """What needs the sign-in of an agent and found nobody who has it: refused, or it waits for them."""
    now, count = desk.clock.now(), 0
    async with desk.store.write() as tx:
        for order in await ccaas_claims.unserved(tx, able, now - min(PATIENCE.values())):
            if order.due_at <= now - PATIENCE[order.op in MOMENTARY]:
                await _end(
                    desk, tx, order, _waits_or_refused(order), await _absent(desk, tx, order)
                )
                count += 1
    return count


async def _absent(desk: Desk, tx: Transaction, order: Order) -> str:
    row = await desk_rows.agent_as_is(tx, order.agent_id or 0)
    name, centre = row.name if row else "The agent", desk.rules.centres[order.centre].name
    return f"{name} is not signed in to {centre}. It goes on once they sign in there."


async def go_on(desk: Desk, centre: str, agents: Collection[int] | None = None) -> int:
    """What waits for a person is tried again, that of *agents* or all: something was mended."""
    async with desk.store.write() as tx:
        waits = await ccaas_claims.parked(tx, centre, agents)
        for order in waits:
            await _go_on(desk, tx, order)
    return len(waits)


async def _go_on(desk: Desk, tx: Transaction, order: Order) -> None:
    now = desk.clock.now()
    payload = {**order.payload, "since": now.isoformat()}
    values = {"state": OrderState.PENDING.value, "due_at": now, "payload": payload}
    await ccaas_orders.change(tx, order.id, now, **values)
    going = replace(order, state=OrderState.PENDING)
    orders.changed(desk, tx, going, SYSTEM)
    await wrapups.stands(desk, tx, going, Sync.AWAITING)

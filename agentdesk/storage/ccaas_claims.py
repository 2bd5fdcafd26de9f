"""Who carries out which order: one process at a time, under a lease and an epoch, as with the outbox.

Orders of an interaction have their turn by their ids. One that waits for a person lets the later ones pass,
except a SUBMIT: without it the centre knows nothing. A newer presence of an agent replaces an older one.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from agentdesk.domain.ccaas.orders import WAITS_FOR_A_PERSON, Op, Order, OrderState
from agentdesk.storage import ccaas_orders
from agentdesk.storage.rows import load
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import ccaas_orders as orders

PENDING, IN_FLIGHT = OrderState.PENDING.value, OrderState.IN_FLIGHT.value
_WAITS = sorted(state.value for state in WAITS_FOR_A_PERSON)
HOLDS = (Op.PARK.value, Op.UNPARK.value)
ENDS_A_HOLD = (*HOLDS, Op.WRAP_UP.value, Op.END.value)
"""What makes an older wish to park, or to take up again, pointless."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What a process can do at a centre: `others` are agents under whose sign-in it cannot act."""

    centre: str
    others: frozenset[int] = field(default_factory=frozenset)


def _mine(hands: Hands) -> sa.ColumnElement[bool]:
    """Everybody may do what the service does, and that is also to set a presence."""
    mine = orders.c.centre == hands.centre
    if not hands.others:
        return mine
    service = orders.c.agent_id.is_(None) | (orders.c.op == Op.PRESENCE.value)
    return mine & (service | orders.c.agent_id.not_in(hands.others))


def _ready(hands: Hands, now: datetime) -> sa.ColumnElement[bool]:
    """Whose turn it is: nothing earlier is on its way, nor anything that a crash may have left half done."""
    ahead, newer = orders.alias("ahead"), orders.alias("newer")
    flying = ahead.c.state == IN_FLIGHT
    earlier = (ahead.c.id < orders.c.id) & (ahead.c.state == PENDING)
    unknown_there = (ahead.c.id < orders.c.id) & (ahead.c.op == Op.SUBMIT.value)
    same = (ahead.c.interaction_id == orders.c.interaction_id) & (ahead.c.id != orders.c.id)
    blocked = same & (flying | earlier | (unknown_there & ahead.c.state.in_(_WAITS)))
    about = (newer.c.agent_id == orders.c.agent_id) & (newer.c.centre == orders.c.centre)
    presence = about & (newer.c.op == Op.PRESENCE.value) & (newer.c.id != orders.c.id)
    later = (newer.c.state == PENDING) & (newer.c.id > orders.c.id)
    replaced = (orders.c.op == Op.PRESENCE.value) & sa.exists().where(
        presence & (later | (newer.c.state == IN_FLIGHT))
    )
    due = (orders.c.state == PENDING) & (orders.c.due_at <= now)
    return due & _mine(hands) & ~sa.exists().where(blocked) & ~replaced


async def waiting(tx: Transaction, hands: Hands, now: datetime) -> bool:
    """Whether an order can be carried out now by this process."""
    return await tx.one(sa.select(orders.c.id).where(_ready(hands, now)).limit(1)) is not None


async def claim(
    tx: Transaction, hands: Hands, owner: str, now: datetime, until: datetime
) -> Order | None:
    """Take the oldest order whose turn it is; what agents want goes before what the service does."""
    first = (orders.c.agent_id.is_(None), orders.c.id)
    query = sa.select(orders).where(_ready(hands, now)).order_by(*first).limit(1)
    row = await tx.one(query.with_for_update(skip_locked=True, of=orders))
    return await take(tx, load(Order, row), owner, now, until) if row else None


async def take(tx: Transaction, order: Order, owner: str, now: datetime, until: datetime) -> Order:
    """Take an order that is locked, and whose turn it is."""
    lease = {"lease_owner": owner, "lease_until": until, "epoch": order.epoch + 1}
    values = {"state": IN_FLIGHT, "attempts": order.attempts + 1, **lease}
    await ccaas_orders.change(tx, order.id, now, **values)
    return await ccaas_orders.get(tx, order.id)


async def next_due(tx: Transaction, hands: Hands, now: datetime) -> datetime | None:
    """When the next order will be due that waits for its time rather than for its turn."""
    later = (orders.c.state == PENDING) & (orders.c.due_at > now)
    row = await tx.one(sa.select(sa.func.min(orders.c.due_at)).where(later & _mine(hands)))
    return row[0] if row else None


async def superseded(tx: Transaction, order: Order) -> list[Order]:
    """Older orders that nobody wants any more once *order* is carried out, locked."""
    older = (orders.c.id < order.id) & orders.c.state.in_([PENDING, *_WAITS])
    if order.op is Op.PRESENCE:
        same = (orders.c.agent_id == order.agent_id) & (orders.c.centre == order.centre)
        older &= same & (orders.c.op == Op.PRESENCE.value)
    else:
        older &= (orders.c.interaction_id == order.interaction_id) & orders.c.op.in_(HOLDS)
    return await _locked(tx, older)


async def outlived(tx: Transaction, centre: str) -> list[Order]:
    """Wishes to park, or to take up again, that a newer one has made pointless, and whatever waited for a
    person until the conversation had ended: a reply would open it again. Locked.
    """
    newer = orders.alias("newer")
    same = (newer.c.interaction_id == orders.c.interaction_id) & (newer.c.id > orders.c.id)
    wanted = same & newer.c.op.in_(ENDS_A_HOLD) & (newer.c.state == PENDING)
    ended = same & (newer.c.op == Op.END.value) & (newer.c.state == OrderState.CONFIRMED.value)
    held = orders.c.op.in_(HOLDS) & sa.exists().where(wanted)
    late = orders.c.op.in_((*HOLDS, Op.REPLY.value)) & sa.exists().where(ended)
    mine = (orders.c.centre == centre) & (orders.c.state == PENDING)
    return await _locked(tx, mine & (held | late))


async def in_hand(tx: Transaction, centre: str) -> bool:
    """Whether any process is carrying out an order; nothing is locked."""
    mine = (orders.c.centre == centre) & (orders.c.state == IN_FLIGHT)
    return await tx.one(sa.select(orders.c.id).where(mine).limit(1)) is not None


async def left_behind(
    tx: Transaction, centre: str, alive: Collection[str], now: datetime
) -> list[Order]:
    """What processes were carrying out that are gone, or that kept it for too long; locked."""
    gone = orders.c.lease_owner.not_in(alive) | (orders.c.lease_until < now)
    return await _locked(tx, (orders.c.centre == centre) & (orders.c.state == IN_FLIGHT) & gone)


async def held_by(tx: Transaction, centre: str, owner: str) -> list[Order]:
    """What a process is carrying out, locked."""
    mine = (orders.c.centre == centre) & (orders.c.lease_owner == owner)
    return await _locked(tx, mine & (orders.c.state == IN_FLIGHT))


async def unserved(tx: Transaction, hands: Hands, since: datetime) -> list[Order]:
    """What was due before *since* under a sign-in that this process does not have, locked."""
    return await _locked(tx, _unserved(hands, since)) if hands.others else []


async def any_unserved(tx: Transaction, hands: Hands, since: datetime) -> bool:
    """Whether there is any of these; nothing is locked."""
    query = sa.select(orders.c.id).where(_unserved(hands, since)).limit(1)
    return bool(hands.others) and await tx.one(query) is not None


def _unserved(hands: Hands, since: datetime) -> sa.ColumnElement[bool]:
    due = (orders.c.state == PENDING) & (orders.c.due_at <= since)
    theirs = orders.c.agent_id.in_(hands.others) & (orders.c.op != Op.PRESENCE.value)
    return (orders.c.centre == hands.centre) & due & theirs


async def parked(
    tx: Transaction, centre: str, agents: Collection[int] | None = None
) -> list[Order]:
    """What waits for a person, of these agents or of all, locked."""
    waits = (orders.c.centre == centre) & (orders.c.state == OrderState.PARKED.value)
    if agents is not None:
        waits &= orders.c.agent_id.in_(agents)
    return await _locked(tx, waits)


async def of_interaction(tx: Transaction, interaction_id: int, *states: OrderState) -> list[Order]:
    """The orders of an interaction in these states, in their turn, locked."""
    mine = orders.c.interaction_id == interaction_id
    return await _locked(tx, mine & orders.c.state.in_([s.value for s in states]))


async def presence_wanted(tx: Transaction, centre: str, agent_id: int) -> bool:
    """Whether a presence of the agent is on its way to the centre, or waits for a person."""
    mine = (orders.c.centre == centre) & (orders.c.agent_id == agent_id)
    waits = orders.c.state.in_([PENDING, IN_FLIGHT, *_WAITS])
    wanted = mine & (orders.c.op == Op.PRESENCE.value) & waits
    return await tx.one(sa.select(orders.c.id).where(wanted).limit(1)) is not None


async def anything_live(tx: Transaction, centre: str, agent_id: int) -> bool:
    """Whether anything that the agent wants is on its way."""
    mine = (orders.c.centre == centre) & (orders.c.agent_id == agent_id)
    live = mine & orders.c.state.in_([PENDING, IN_FLIGHT])
    return await tx.one(sa.select(orders.c.id).where(live).limit(1)) is not None


async def by_key(tx: Transaction, centre: str, key: str) -> Order | None:
    """The order with this key; not locked."""
    same = (orders.c.centre == centre) & (orders.c.key == key)
    row = await tx.one(sa.select(orders).where(same))
    return load(Order, row) if row else None


async def _locked(tx: Transaction, which: sa.ColumnElement[bool]) -> list[Order]:
    rows = await tx.all(sa.select(orders).where(which).order_by(orders.c.id).with_for_update())
    return [load(Order, row) for row in rows]

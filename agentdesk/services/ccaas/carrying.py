"""How carrying out an order to a contact centre went: written under its epoch, in the same transaction as
the desk is brought to what was read of it. Nothing here speaks to a centre.

Source: docs/ccaas.md, *Orders*.
"""

import random
from datetime import datetime, timedelta
from typing import Any, Final

from agentdesk.domain.ccaas.errors import CentreProblem
from agentdesk.domain.ccaas.orders import WAITS_FOR_A_PERSON, Op, Order, OrderState
from agentdesk.domain.ccaas.values import Snapshot
from agentdesk.domain.ccaas.verdicts import Seen, Verdict, verdict
from agentdesk.services.ccaas import ends, settling, wrapups
from agentdesk.services.ccaas.claiming import Job
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_centres, ccaas_claims, ccaas_conversations, interactions
from agentdesk.storage.store import Transaction

GIVE_UP: Final = timedelta(hours=24)
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
LONGEST_LOOK_S: Final = 15.0
"""What is under way is looked at again after at most so long."""


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
        await ends.end(desk, tx, job.order, OrderState.CONFIRMED, "")
        await wrapups.attributed(desk, tx, job.order)
        await settle(desk, tx, i.id, snapshot)


async def conclude_presence(desk: Desk, job: Job, seen: Verdict) -> None:
    """Write what was seen of a presence order. Raises `FencedOff`."""
    async with desk.store.write() as tx:
        await _judged(desk, tx, job.order, seen)


async def refuse(desk: Desk, job: Job, error: CentreProblem, snapshot: Snapshot | None) -> None:
    """The centre will not: a person hears why, or the order waits for one. Raises `FencedOff`."""
    async with desk.store.write() as tx:
        i = await _interaction(tx, job) if job.order.interaction_id is not None else None
        await ends.end(desk, tx, job.order, ends.waits_or_refused(job.order), str(error))
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
            await ends.end(desk, tx, job.order, OrderState.DEAD, f"Given up after a day. {why}")
        else:
            wait = max(at_least_s, _jittered(job.order.attempts))
            await ends.again(desk, tx, job.order, wait, why)
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
            await ends.end(desk, tx, order, OrderState.CONFIRMED, "")
        case Seen.OVERTAKEN:
            await ends.end(desk, tx, order, OrderState.WITHDRAWN, seen.words)
        case Seen.FAILED:
            state = ends.waits_or_refused(order) if order.op is Op.WRAP_UP else OrderState.REFUSED
            await ends.end(desk, tx, order, state, seen.words)
        case Seen.UNDER_WAY | Seen.NOT_YET:
            wait = min(LONGEST_LOOK_S, float(2 ** min(order.attempts - 1, 4)))
            await ends.again(desk, tx, order, wait, order.error)


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
        await ends.end(desk, tx, job.order, OrderState.CONFIRMED, "")
        return False
    return True


async def settle(desk: Desk, tx: Transaction, interaction_id: int, snapshot: Snapshot) -> bool:
    """Bring the desk to a snapshot, the orders that wait first; False for one that is older than known.

    The interaction is locked.
    """
    row = await ccaas_conversations.get(tx, interaction_id)
    if row is None or settling.overtaken(row, snapshot):
        return False
    waits = (OrderState.PENDING, *WAITS_FOR_A_PERSON)
    for order in await ccaas_claims.of_interaction(tx, interaction_id, *waits):
        await _judge_waiting(desk, tx, order, snapshot)
    i = await interactions.get(tx, interaction_id)
    await settling.apply(desk, tx, i, row, snapshot)
    return True


async def _judge_waiting(desk: Desk, tx: Transaction, order: Order, snapshot: Snapshot) -> None:
    """Another request is saved where this snapshot shows already what became of an order.

    A code that waits for a person is compared with theirs by `confirming`.
    """
    pending = order.state is OrderState.PENDING
    untold = order.op is Op.REPLY and not order.attempts
    if order.op is Op.SUBMIT or untold or (order.op is Op.WRAP_UP and not pending):
        return
    seen = verdict(order, snapshot)
    if seen.final:
        await _judged(desk, tx, order, seen)
    elif order.op is Op.END and not pending and _has_its_code(order, snapshot):
        await ends.resume(desk, tx, order)


def _has_its_code(order: Order, snapshot: Snapshot) -> bool:
    part = snapshot.segment(order.segment)
    return part is not None and part.code is not None

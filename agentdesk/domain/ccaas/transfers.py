"""What became of a transfer that a centre was asked for, and where it may go. Source: docs/ccaas.md,
*Transfer*.

Moments of two clocks are never compared: a transfer is known by who gave it, where to, and that it was
not there before the order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agentdesk.domain.ccaas.orders import Order
from agentdesk.domain.ccaas.values import (
    CentreTarget,
    Outcome,
    RemoteTransfer,
    Segment,
    Snapshot,
    TargetKind,
    Why,
)


class Became(StrEnum):
    """What a snapshot says of a transfer. `NOT_BEGUN`: our part goes on there, and nothing is known of
    it. `REFUSED`: it failed, and our part goes on; `FAILED`: it failed, and our part is over.
    `ELSEWHERE`: our part ended otherwise, so that the centre decided.
    """

    NOT_BEGUN = "not_begun"
    ON_ITS_WAY = "on_its_way"
    ARRIVED = "arrived"
    REFUSED = "refused"
    FAILED = "failed"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Choices:
    """Where *centre*, by its name, lets an agent transfer something to now. `unavailable` is why that is
    not known, as a sentence: it says nothing of where one may.
    """

    centre: str
    targets: tuple[CentreTarget, ...] = ()
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """How a transfer ended: it went *to* its target (`why` is empty), or why not, as a sentence. `back_to` is
    then the queue where it waits; empty: it did not leave its agent.
    """

    to: str
    why: str = ""
    back_to: str = ""


def wish(target: CentreTarget, queue: str, note: str, snapshot: Snapshot) -> Mapping[str, Any]:
    """The payload of an order to transfer: *queue* is the key of the target's queue here, empty for an
    agent. What the centre tells of earlier transfers is noted, so that none is taken for this one.
    """
    return {
        "kind": target.kind.value,
        "target": target.external_id,
        "name": target.name,
        "queue": queue,
        "note": note,
        "before": [t.id for t in snapshot.transfers],
    }


def target_of(order: Order) -> CentreTarget:
    """Where an order wants it to go."""
    said = order.payload
    return CentreTarget(TargetKind(said["kind"]), said["target"], said["name"], available=True)


def became(snapshot: Snapshot, order: Order) -> Became:
    """What *snapshot* says of the transfer that *order* asks for."""
    ours = snapshot.segment(order.segment)
    if ours is None:
        return Became.ELSEWHERE
    transfer = _transfer(snapshot, order, ours)
    if _is_there(snapshot, order, transfer):
        return Became.ARRIVED
    if transfer is None:
        return Became.NOT_BEGUN if ours.open else _without(snapshot, ours)
    if transfer.outcome is Outcome.PENDING:
        return Became.ON_ITS_WAY if not _is_with_another(snapshot, ours) else Became.ELSEWHERE
    return Became.REFUSED if ours.open else Became.FAILED


def why(snapshot: Snapshot, order: Order) -> str:
    """Why a transfer failed, as a sentence."""
    name = str(order.payload["name"])
    ours = snapshot.segment(order.segment)
    asked = [s.why for s in _later(snapshot, order) if s.agent == order.payload["target"]]
    if Why.NO_ANSWER in asked:
        return f"{name} did not answer."
    if Why.REJECTED in asked:
        return f"{name} declined it."
    transfer = _transfer(snapshot, order, ours) if ours is not None else None
    if transfer is not None and transfer.outcome is Outcome.TIMED_OUT:
        return f"It did not reach {name} in time."
    return f"{name} could not take it."


def _transfer(snapshot: Snapshot, order: Order, ours: Segment) -> RemoteTransfer | None:
    """The newest transfer of our part to this target that was not there before."""
    target, before = order.payload["target"], order.payload.get("before", ())
    mine = (
        t
        for t in reversed(snapshot.transfers)
        if t.id not in before and t.by == ours.agent and target in (t.to_queue, t.to_agent)
    )
    return next(mine, None)


def _is_there(snapshot: Snapshot, order: Order, transfer: RemoteTransfer | None) -> bool:
    """Whether the target has it, or is asked for it."""
    if transfer is not None and transfer.outcome is Outcome.COMPLETE:
        return True
    ours = snapshot.segment(order.segment)
    if ours is None or ours.open or ours.why not in (Why.TRANSFERRED, None):
        return False
    if order.payload["kind"] == TargetKind.QUEUE:
        begun = transfer is None or transfer.outcome is Outcome.PENDING
        return begun and snapshot.waiting and snapshot.queue == order.payload["target"]
    asked = [s for s in _later(snapshot, order) if s.agent == order.payload["target"]]
    return any(s.open or s.connected_at is not None for s in asked)


def _later(snapshot: Snapshot, order: Order) -> tuple[Segment, ...]:
    """The parts that began after ours."""
    ids = [s.id for s in snapshot.segments]
    return snapshot.segments[ids.index(order.segment) + 1 :] if order.segment in ids else ()


def _is_with_another(snapshot: Snapshot, ours: Segment) -> bool:
    """Whether somebody else has it, or it is over: then a transfer on its way is overtaken."""
    now = snapshot.current
    return snapshot.ended_at is not None or (now is not None and now.id != ours.id)


def _without(snapshot: Snapshot, ours: Segment) -> Became:
    """Our part ended, and the centre tells of no transfer (yet)."""
    lost = snapshot.waiting or _is_with_another(snapshot, ours)
    on_its_way = ours.why is Why.TRANSFERRED and not lost
    return Became.ON_ITS_WAY if on_its_way else Became.ELSEWHERE

"""What a centre's own account of a conversation or an agent says of an order to it. Pure.

An order is confirmed by nothing but this: no answer to a command says that it took effect. What carrying
one out has learned is kept in its payload: `theirs` (what ours is called there), `before` (transfers that
were there already), `taken` (the centre said yes at least once). Source: docs/ccaas.md, *Orders*.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from agentdesk.domain.ccaas import transfers
from agentdesk.domain.ccaas.orders import Op, Order
from agentdesk.domain.ccaas.transfers import Became
from agentdesk.domain.ccaas.values import (
    AgentState,
    Segment,
    SegmentState,
    Snapshot,
    Why,
)

KEY: Final = "agentdesk.key"
"""The attribute in which a conversation carries the key of the order that asked for it."""


class Seen(StrEnum):
    """How far an order is, by what was seen. `UNDER_WAY`: the centre is at it, do not say it again."""

    DONE = "done"
    NOT_YET = "not_yet"
    UNDER_WAY = "under_way"
    OVERTAKEN = "overtaken"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was seen of an order, and in words why it came to nothing."""

    seen: Seen
    words: str = ""

    @property
    def final(self) -> bool:
        """Nothing is left to be done."""
        return self.seen in (Seen.DONE, Seen.OVERTAKEN, Seen.FAILED)


DONE, NOT_YET, UNDER_WAY = Verdict(Seen.DONE), Verdict(Seen.NOT_YET), Verdict(Seen.UNDER_WAY)
ANOTHER = Verdict(Seen.FAILED, "The conversation there is another one")
GONE = Verdict(Seen.OVERTAKEN, "The contact centre does not have this part any more")
OFFER_GONE = Verdict(Seen.OVERTAKEN, "The offer was gone")
TAKEN = Verdict(Seen.OVERTAKEN, "An agent has it now")
ENDED = Verdict(Seen.OVERTAKEN, "It had ended there")


def verdict(order: Order, snapshot: Snapshot) -> Verdict:
    """What *snapshot* says of an order about a conversation."""
    return _VERDICTS[order.op](order, snapshot)


def presence_verdict(order: Order, state: AgentState) -> Verdict:
    """What an agent's state says of a PRESENCE order. Who does not respond is not where they want to be."""
    there = state.presence == order.payload.get("theirs")
    return DONE if there and (state.responding or not state.on_queue) else NOT_YET


def _submitted(order: Order, snapshot: Snapshot) -> Verdict:
    """One that was adopted carries no key of ours."""
    key = snapshot.attributes.get(KEY)
    return DONE if key in (None, order.key) else ANOTHER


def _replied(order: Order, snapshot: Snapshot) -> Verdict:
    """Whoever has it, or will be asked, sees the mail here; what is parked comes back once there is room."""
    current = snapshot.current
    parked = current is not None and current.state is SegmentState.PARKED
    if parked:
        return DONE if order.payload.get("taken") else NOT_YET
    return DONE if current is not None or snapshot.waiting else NOT_YET


def _part(order: Order, snapshot: Snapshot) -> Segment | None:
    return snapshot.segment(order.segment)


def _accepted(order: Order, snapshot: Snapshot) -> Verdict:
    part = _part(order, snapshot)
    if part is None or (part.state is SegmentState.ENDED and part.connected_at is None):
        return OFFER_GONE
    return NOT_YET if part.state is SegmentState.OFFERED else DONE


def _rejected(order: Order, snapshot: Snapshot) -> Verdict:
    part = _part(order, snapshot)
    if part is not None and part.state is SegmentState.OFFERED:
        return NOT_YET
    return DONE if part is not None and part.why is Why.REJECTED else OFFER_GONE


def _held(wanted: SegmentState, other: SegmentState) -> Callable[[Order, Snapshot], Verdict]:
    def judge(order: Order, snapshot: Snapshot) -> Verdict:
        part = _part(order, snapshot)
        if part is None:
            return GONE
        return {wanted: DONE, other: NOT_YET}.get(part.state, ENDED)

    return judge


def _wrapped_up(order: Order, snapshot: Snapshot) -> Verdict:
    """A person's code stands above one that nobody chose, on either side.

    Source: docs/ccaas.md, *Wrap-up codes*.
    """
    part = _part(order, snapshot)
    if part is None:
        return Verdict(Seen.FAILED, "The contact centre does not have this part any more")
    if part.code is None:
        return NOT_YET
    if part.code.code == order.payload.get("theirs"):
        return DONE
    weaker = part.code.automatic and not order.payload.get("automatic")
    if weaker or order.payload.get("insist"):
        return NOT_YET
    return Verdict(Seen.OVERTAKEN, "Another code was given there")


def _over(order: Order, snapshot: Snapshot) -> Verdict:
    """The agent's part; without one the conversation. An offer is waited for; who has taken it since
    has a part of their own to end.
    """
    if snapshot.ended_at is not None:
        return DONE
    if not order.segment:
        now = snapshot.current
        taken = now is not None and now.state is not SegmentState.OFFERED
        return TAKEN if taken else UNDER_WAY if now is not None else NOT_YET
    part = _part(order, snapshot)
    return DONE if part is None or part.state is SegmentState.ENDED else NOT_YET


def _transferred(order: Order, snapshot: Snapshot) -> Verdict:
    """Nothing is known of it while nobody looked what was there before."""
    if "before" not in order.payload:
        return NOT_YET
    became = transfers.became(snapshot, order)
    if became in (Became.REFUSED, Became.FAILED):
        return Verdict(Seen.FAILED, transfers.why(snapshot, order))
    return _BECAME[became]


_BECAME = {
    Became.NOT_BEGUN: NOT_YET,
    Became.ON_ITS_WAY: UNDER_WAY,
    Became.ARRIVED: DONE,
    Became.ELSEWHERE: ENDED,
}


_VERDICTS: Mapping[Op, Callable[[Order, Snapshot], Verdict]] = {
    Op.SUBMIT: _submitted,
    Op.REPLY: _replied,
    Op.ACCEPT: _accepted,
    Op.REJECT: _rejected,
    Op.PARK: _held(SegmentState.PARKED, SegmentState.CONNECTED),
    Op.UNPARK: _held(SegmentState.CONNECTED, SegmentState.PARKED),
    Op.WRAP_UP: _wrapped_up,
    Op.END: _over,
    Op.TRANSFER: _transferred,
}

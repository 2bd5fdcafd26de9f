"""What became of a transfer, read from the centre's own account of the conversation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agentdesk.domain.ccaas import transfers
from agentdesk.domain.ccaas.orders import Op, Order
from agentdesk.domain.ccaas.transfers import Became, became, why
from agentdesk.domain.ccaas.values import (
    CentreTarget,
    Outcome,
    RemoteTransfer,
    Segment,
    SegmentState,
    Snapshot,
    TargetKind,
    Why,
)

NOW = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
ANA, BEN, CLEO, CLAIMS, RETURNS = "a-ana", "a-ben", "a-cleo", "q-claims", "q-returns"
QUEUE = CentreTarget(TargetKind.QUEUE, RETURNS, "Returns", available=True)
AGENT = CentreTarget(TargetKind.AGENT, BEN, "Ben Okafor", available=True)
OLD = RemoteTransfer("t-0", Outcome.FAILED, NOW, ANA, to_queue=RETURNS)


def part(key: str, agent: str, state: SegmentState, **more: Any) -> Segment:
    return Segment(key, agent, CLAIMS, state, **more)


MINE = part("s-1", ANA, SegmentState.CONNECTED, connected_at=NOW)
GONE = part("s-1", ANA, SegmentState.ENDED, connected_at=NOW, why=Why.TRANSFERRED)


def there(*parts: Segment, **more: Any) -> Snapshot:
    usual: dict[str, Any] = {"queue": CLAIMS, "waiting": False, "segments": parts}
    return Snapshot("c-1", NOW, **(usual | more))


def asked(to: CentreTarget = QUEUE, before: Snapshot | None = None) -> Order:
    payload = transfers.wish(to, "", "Please", before or there(MINE))
    return Order(7, "genesys", Op.TRANSFER, "k", NOW, NOW, NOW, segment="s-1", payload=payload)


def moved(outcome: Outcome, to: CentreTarget = QUEUE, key: str = "t-1") -> RemoteTransfer:
    queue = to.external_id if to.kind is TargetKind.QUEUE else ""
    agent = "" if queue else to.external_id
    # Their clock is an hour behind: moments of two clocks say nothing.
    return RemoteTransfer(key, outcome, NOW - timedelta(hours=1), ANA, queue, agent)


BENS = part("s-2", BEN, SegmentState.OFFERED)
CLEOS = part("s-2", CLEO, SegmentState.CONNECTED, connected_at=NOW)

TO_A_QUEUE = {
    "nothing is known of it": (there(MINE), Became.NOT_BEGUN),
    "it is pending": (there(GONE, transfers=(moved(Outcome.PENDING),)), Became.ON_ITS_WAY),
    "our part was passed on, and no more is told": (there(GONE), Became.ON_ITS_WAY),
    "it is complete": (
        there(GONE, transfers=(moved(Outcome.COMPLETE),), waiting=True, queue=RETURNS),
        Became.ARRIVED,
    ),
    "it is complete, and somebody has it already": (
        there(GONE, CLEOS, transfers=(moved(Outcome.COMPLETE),)),
        Became.ARRIVED,
    ),
    "it waits there": (there(GONE, waiting=True, queue=RETURNS), Became.ARRIVED),
    "it failed with our part": (there(MINE, transfers=(moved(Outcome.FAILED),)), Became.REFUSED),
    "it failed on its way": (
        there(GONE, transfers=(moved(Outcome.TIMED_OUT),), waiting=True),
        Became.FAILED,
    ),
    "it waits where it was": (there(GONE, waiting=True), Became.ELSEWHERE),
    "somebody else got it": (
        there(GONE, CLEOS, transfers=(moved(Outcome.PENDING),)),
        Became.ELSEWHERE,
    ),
    "it ended": (there(GONE, ended_at=NOW, transfers=(moved(Outcome.PENDING),)), Became.ELSEWHERE),
    "our part is not known": (there(CLEOS), Became.ELSEWHERE),
}


@pytest.mark.parametrize("case", TO_A_QUEUE)
def test_of_a_transfer_to_a_queue(case: str) -> None:
    snapshot, expected = TO_A_QUEUE[case]
    assert became(snapshot, asked()) is expected


def test_an_agent_has_it_once_they_are_asked() -> None:
    pending, order = (moved(Outcome.PENDING, AGENT),), asked(AGENT)
    assert became(there(GONE, transfers=pending), order) is Became.ON_ITS_WAY
    assert became(there(GONE, BENS, transfers=pending), order) is Became.ARRIVED


def test_an_agent_who_did_not_answer_is_named() -> None:
    silent = part("s-2", BEN, SegmentState.ENDED, why=Why.NO_ANSWER)
    snapshot = there(GONE, silent, transfers=(moved(Outcome.TIMED_OUT, AGENT),), waiting=True)
    assert became(snapshot, asked(AGENT)) is Became.FAILED
    assert why(snapshot, asked(AGENT)) == "Ben Okafor did not answer."


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome.TIMED_OUT, "It did not reach Ben Okafor in time."),
        (Outcome.FAILED, "Ben Okafor could not take it."),
    ],
)
def test_what_failed_otherwise_has_its_sentence(outcome: Outcome, words: str) -> None:
    snapshot = there(GONE, transfers=(moved(outcome, AGENT),), waiting=True)
    assert why(snapshot, asked(AGENT)) == words


def test_an_earlier_transfer_is_not_taken_for_this_one() -> None:
    before = there(MINE, transfers=(OLD,))
    order = asked(before=before)
    assert became(before, order) is Became.NOT_BEGUN
    again = there(MINE, transfers=(OLD, moved(Outcome.FAILED, key="t-2")))
    assert became(again, order) is Became.REFUSED


def test_an_order_remembers_where_it_wants_it_to_go() -> None:
    target = transfers.target_of(asked(AGENT))
    assert (target.kind, target.external_id, target.name) == (TargetKind.AGENT, BEN, "Ben Okafor")

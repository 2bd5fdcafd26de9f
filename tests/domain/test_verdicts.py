"""What a snapshot must show for an order to count as done, not yet, under way, overtaken or failed."""

from datetime import UTC, datetime

import pytest

from agentdesk.domain.ccaas.orders import Op, Order
from agentdesk.domain.ccaas.values import (
    AgentState,
    Outcome,
    RemoteCode,
    RemoteTransfer,
    Segment,
    SegmentState,
    Snapshot,
    Why,
)
from agentdesk.domain.ccaas.verdicts import KEY, Seen, presence_verdict, verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFERED, CONNECTED, PARKED, ENDED = SegmentState


def order(op: Op, **payload: object) -> Order:
    segment = "" if op in (Op.SUBMIT, Op.REPLY, Op.PRESENCE) else "s1"
    return Order(1, "genesys", op, "k1", NOW, NOW, NOW, segment=segment, payload=payload)


def part(state: SegmentState, **more: object) -> Segment:
    connected = None if state is OFFERED else NOW
    return Segment(
        **{"id": "s1", "agent": "ana", "queue": "q1", "state": state}
        | {"connected_at": connected}
        | more
    )  # type: ignore[arg-type]


def there(*segments: Segment, **more: object) -> Snapshot:
    return Snapshot(
        **{"external_id": "c1", "at": NOW, "queue": "q1", "waiting": False, "segments": segments}
        | more
    )  # type: ignore[arg-type]


UNANSWERED = part(ENDED, connected_at=None, why=Why.NO_ANSWER)
REJECTED = part(ENDED, connected_at=None, why=Why.REJECTED)
PASSED_ON = part(ENDED, why=Why.TRANSFERRED)


@pytest.mark.parametrize(
    ("op", "snapshot", "seen"),
    [
        (Op.SUBMIT, there(attributes={KEY: "k1"}), Seen.DONE),
        (Op.SUBMIT, there(), Seen.DONE),  # adopted: the mail named it
        (Op.SUBMIT, there(attributes={KEY: "k2"}), Seen.FAILED),
        (Op.REPLY, there(part(PARKED)), Seen.NOT_YET),
        (Op.REPLY, there(part(CONNECTED)), Seen.DONE),
        (Op.REPLY, there(part(ENDED), waiting=True), Seen.DONE),
        (Op.REPLY, there(part(ENDED), ended_at=NOW), Seen.NOT_YET),
        (Op.ACCEPT, there(part(OFFERED)), Seen.NOT_YET),
        (Op.ACCEPT, there(part(CONNECTED)), Seen.DONE),
        (Op.ACCEPT, there(part(ENDED)), Seen.DONE),  # taken, and over since
        (Op.ACCEPT, there(UNANSWERED), Seen.OVERTAKEN),
        (Op.ACCEPT, there(), Seen.OVERTAKEN),
        (Op.REJECT, there(part(OFFERED)), Seen.NOT_YET),
        (Op.REJECT, there(REJECTED), Seen.DONE),
        (Op.REJECT, there(UNANSWERED), Seen.OVERTAKEN),
        (Op.REJECT, there(part(CONNECTED)), Seen.OVERTAKEN),
        (Op.PARK, there(part(CONNECTED)), Seen.NOT_YET),
        (Op.PARK, there(part(PARKED)), Seen.DONE),
        (Op.PARK, there(part(ENDED)), Seen.OVERTAKEN),
        (Op.UNPARK, there(part(PARKED)), Seen.NOT_YET),
        (Op.UNPARK, there(part(CONNECTED)), Seen.DONE),
        (Op.UNPARK, there(), Seen.OVERTAKEN),
        (Op.END, there(part(CONNECTED)), Seen.NOT_YET),
        (Op.END, there(part(PARKED)), Seen.NOT_YET),
        (Op.END, there(part(ENDED)), Seen.DONE),
        (Op.END, there(ended_at=NOW), Seen.DONE),
    ],
)
def test_what_is_there_says_how_far_an_order_is(op: Op, snapshot: Snapshot, seen: Seen) -> None:
    assert verdict(order(op), snapshot).seen is seen


def test_a_reply_to_what_is_parked_is_done_once_the_centre_took_it() -> None:
    """It comes back by itself when its agent has room."""
    assert verdict(order(Op.REPLY, taken=True), there(part(PARKED))).seen is Seen.DONE


@pytest.mark.parametrize(
    ("code", "payload", "seen"),
    [
        (None, {}, Seen.NOT_YET),
        (RemoteCode("resolved"), {}, Seen.DONE),
        (RemoteCode("timeout", automatic=True), {}, Seen.NOT_YET),
        (RemoteCode("timeout", automatic=True), {"automatic": True}, Seen.OVERTAKEN),
        (RemoteCode("complaint"), {}, Seen.OVERTAKEN),
        (RemoteCode("complaint"), {"insist": True}, Seen.NOT_YET),
    ],
)
def test_a_code_that_a_person_chose_replaces_one_that_nobody_did(
    code: RemoteCode | None, payload: dict[str, object], seen: Seen
) -> None:
    said = order(Op.WRAP_UP, theirs="resolved", **payload)
    assert verdict(said, there(part(ENDED, code=code))).seen is seen


def test_a_code_for_a_part_that_is_not_there_has_failed() -> None:
    assert verdict(order(Op.WRAP_UP, theirs="resolved"), there()).seen is Seen.FAILED


def test_the_service_ends_what_waits_and_not_what_an_agent_has() -> None:
    whole = Order(1, "genesys", Op.END, "k1", NOW, NOW, NOW)
    assert verdict(whole, there(waiting=True)).seen is Seen.NOT_YET
    assert verdict(whole, there(part(OFFERED))).seen is Seen.UNDER_WAY
    assert verdict(whole, there(ended_at=NOW)).seen is Seen.DONE


def test_a_transfer_is_known_by_not_having_been_there_before() -> None:
    old = RemoteTransfer("t1", Outcome.COMPLETE, NOW, "ana", to_queue="q2")
    wish = {"kind": "queue", "target": "q2", "name": "Returns", "before": ["t1"]}
    said = order(Op.TRANSFER, **wish)
    assert verdict(said, there(part(CONNECTED), transfers=(old,))).seen is Seen.NOT_YET
    for outcome, seen in [
        (Outcome.PENDING, Seen.UNDER_WAY),
        (Outcome.COMPLETE, Seen.DONE),
        (Outcome.FAILED, Seen.FAILED),
        (Outcome.TIMED_OUT, Seen.FAILED),
    ]:
        new = RemoteTransfer("t2", outcome, NOW, "ana", to_queue="q2")
        assert verdict(said, there(PASSED_ON, transfers=(old, new))).seen is seen
    assert verdict(said, there(PASSED_ON, transfers=(old,))).seen is Seen.UNDER_WAY
    assert verdict(said, there(part(ENDED, why=Why.FINISHED))).seen is Seen.OVERTAKEN
    unasked = order(Op.TRANSFER, kind="queue", target="q2", name="Returns")
    assert verdict(unasked, there(PASSED_ON, transfers=(old,))).seen is Seen.NOT_YET


def test_a_presence_counts_once_its_agent_answers_offers_again() -> None:
    said = order(Op.PRESENCE, theirs="on_queue")
    on_queue = AgentState("ana", "on_queue", on_queue=True, responding=True, capacity=2, used=0)
    silent = AgentState("ana", "on_queue", on_queue=True, responding=False, capacity=2, used=0)
    away = AgentState("ana", "away", on_queue=False, responding=True, capacity=2, used=0)
    assert [presence_verdict(said, s).seen for s in (on_queue, silent, away)] == [
        Seen.DONE,
        Seen.NOT_YET,
        Seen.NOT_YET,
    ]

"""Every state of an interaction against everything that its contact centre may show."""

from datetime import UTC, datetime, timedelta

import pytest

from agentdesk.domain.ccaas import settling as s
from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.settling import Here, settle
from agentdesk.domain.ccaas.values import Kind, Segment, SegmentState, Snapshot, Why
from agentdesk.domain.ids import AgentId, QueueId
from agentdesk.domain.interaction import State
from agentdesk.domain.work import WorkState

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
ANA, BEN = AgentId(1), AgentId(2)
HOME, OTHER = QueueId(7), QueueId(8)
SOON = timedelta(seconds=30)
KNOWN = {"ana": ANA, "ben": BEN}
QUEUES = {"home": HOME, "other": OTHER}


def here(state: State, **fields: object) -> Here:
    usual = {"queue": "home", "agents": KNOWN, "queues": QUEUES, "segment": "s1"}
    return Here(state, **(usual | fields))


NEW = here(State.NEW, work=WorkState.QUEUED, segment="")
LOST = here(State.NEW, segment="")
OFFERED = here(State.NEW, work=WorkState.OFFERED, asked=ANA)
WORKED_ON = here(State.WORK_IN_PROGRESS, owner=ANA)
HELD = here(State.ON_HOLD, owner=ANA)
WRAPPING_UP = here(State.WRAP_UP, owner=ANA)
CLOSED = here(State.CLOSED_COMPLETE, owner=ANA)


def part(agent: str, state: SegmentState, key: str = "s2", **fields: object) -> Segment:
    expires = SOON if state is SegmentState.OFFERED else None
    return Segment(key, agent, fields.pop("queue", "home"), state, expires_in=expires, **fields)


def shows(*parts: Segment, waiting: bool = False, ended: bool = False, queue: str = "home"):
    return Snapshot("c", NOW, queue, waiting, parts, ended_at=NOW if ended else None)


def was(why: Why, key: str = "s1") -> Segment:
    return part("ana", SegmentState.ENDED, key, why=why)


WAITS = shows(waiting=True)
WAITS_ELSEWHERE = shows(waiting=True, queue="other")
ASKS_ANA = shows(part("ana", SegmentState.OFFERED, "s1"))
ASKS_ANA_AGAIN = shows(was(Why.NO_ANSWER), part("ana", SegmentState.OFFERED))
ASKS_BEN = shows(was(Why.REJECTED), part("ben", SegmentState.OFFERED))
ASKS_A_STRANGER = shows(part("zoe", SegmentState.OFFERED))
ANA_HAS_IT = shows(part("ana", SegmentState.CONNECTED, "s1"))
BEN_HAS_IT = shows(was(Why.TRANSFERRED), part("ben", SegmentState.CONNECTED))
A_STRANGER_HAS_IT = shows(part("zoe", SegmentState.CONNECTED))
ANA_PARKED_IT = shows(part("ana", SegmentState.PARKED, "s1"))
BEN_PARKED_IT = shows(part("ben", SegmentState.PARKED))
ENDED = shows(was(Why.FINISHED), ended=True)
FINISHED = shows(was(Why.FINISHED))
ON_ITS_WAY = shows(was(Why.TRANSFERRED))
ANA_ELSEWHERE = shows(part("ana", SegmentState.CONNECTED, "s1", queue="other"))
STRANGE = s.Unknown(Kind.AGENT, "zoe")
AWAY = s.TakeAway()

TABLE = [
    ("new waits", NEW, WAITS, ()),
    ("new waits elsewhere", NEW, WAITS_ELSEWHERE, (s.ToQueue(OTHER),)),
    ("new is offered", NEW, ASKS_ANA, (s.Offer(ANA, SOON),)),
    ("new is offered to a stranger", NEW, ASKS_A_STRANGER, (STRANGE,)),
    ("new was taken unseen", NEW, ANA_HAS_IT, (s.Take(ANA),)),
    ("new was taken elsewhere", NEW, ANA_ELSEWHERE, (s.ToQueue(OTHER), s.Take(ANA))),
    ("new was parked unseen", NEW, ANA_PARKED_IT, (s.Take(ANA), s.Hold())),
    ("new is a stranger's", NEW, A_STRANGER_HAS_IT, (STRANGE,)),
    ("new ended there", NEW, ENDED, (s.HandOverAgain(),)),
    ("new is on its way", NEW, ON_ITS_WAY, ()),
    ("new without a search", LOST, WAITS, (s.Search(),)),
    ("new without a search is offered", LOST, ASKS_ANA, (s.Search(), s.Offer(ANA, SOON))),
    ("offer stands", OFFERED, ASKS_ANA, ()),
    (
        "offer ran out",
        OFFERED,
        shows(was(Why.NO_ANSWER), waiting=True),
        (s.EndOffer(Why.NO_ANSWER),),
    ),
    ("offer was withdrawn", OFFERED, WAITS, (s.EndOffer(),)),
    ("offer made again", OFFERED, ASKS_ANA_AGAIN, (s.EndOffer(Why.NO_ANSWER), s.Offer(ANA, SOON))),
    ("offer went on", OFFERED, ASKS_BEN, (s.EndOffer(Why.REJECTED), s.Offer(BEN, SOON))),
    ("offer was taken", OFFERED, ANA_HAS_IT, (s.Take(ANA),)),
    ("offer was taken and parked", OFFERED, ANA_PARKED_IT, (s.Take(ANA), s.Hold())),
    (
        "offer was another's",
        OFFERED,
        BEN_HAS_IT,
        (s.EndOffer(Why.TRANSFERRED), s.Take(BEN)),
    ),
    ("offer went to a stranger", OFFERED, A_STRANGER_HAS_IT, (STRANGE, s.EndOffer())),
    ("offer ended", OFFERED, ENDED, (s.EndOffer(Why.FINISHED), s.HandOverAgain())),
    ("offer on its way", OFFERED, ON_ITS_WAY, (s.EndOffer(Why.TRANSFERRED),)),
    ("work goes on", WORKED_ON, ANA_HAS_IT, ()),
    ("work was parked", WORKED_ON, ANA_PARKED_IT, (s.Hold(),)),
    ("work is in another queue", WORKED_ON, ANA_ELSEWHERE, (s.ToQueue(OTHER),)),
    ("work went back", WORKED_ON, WAITS, (AWAY,)),
    ("work went to another queue", WORKED_ON, WAITS_ELSEWHERE, (s.TakeAway(queue=OTHER),)),
    ("work is offered to another", WORKED_ON, ASKS_BEN, (AWAY, s.Offer(BEN, SOON))),
    ("work is another's", WORKED_ON, BEN_HAS_IT, (s.TakeAway(BEN), s.Take(BEN))),
    (
        "work is parked by another",
        WORKED_ON,
        BEN_PARKED_IT,
        (s.TakeAway(BEN), s.Take(BEN), s.Hold()),
    ),
    ("work is a stranger's", WORKED_ON, A_STRANGER_HAS_IT, (STRANGE, AWAY)),
    ("work ended there", WORKED_ON, ENDED, (s.WrapUp(),)),
    ("work was finished there", WORKED_ON, FINISHED, (s.WrapUp(),)),
    ("work is on its way", WORKED_ON, ON_ITS_WAY, ()),
    ("held is parked", HELD, ANA_PARKED_IT, ()),
    ("held was brought back", HELD, ANA_HAS_IT, (s.Resume(),)),
    ("held went back", HELD, WAITS, (AWAY,)),
    ("held is another's", HELD, BEN_HAS_IT, (s.TakeAway(BEN), s.Take(BEN))),
    ("held ended there", HELD, ENDED, (s.WrapUp(),)),
    ("held is on its way", HELD, ON_ITS_WAY, ()),
    ("wrap-up while connected", WRAPPING_UP, ANA_HAS_IT, ()),
    ("wrap-up while parked", WRAPPING_UP, ANA_PARKED_IT, ()),
    ("wrap-up of what ended", WRAPPING_UP, ENDED, ()),
    ("wrap-up was reopened there", WRAPPING_UP, ASKS_BEN, (AWAY, s.Offer(BEN, SOON))),
    ("wrap-up waits again", WRAPPING_UP, WAITS, (AWAY,)),
    ("wrap-up is another's", WRAPPING_UP, BEN_HAS_IT, (s.TakeAway(BEN), s.Take(BEN))),
    ("closed and connected", CLOSED, ANA_HAS_IT, (s.End(ANA, "s1"),)),
    ("closed and parked by another", CLOSED, BEN_PARKED_IT, (s.End(BEN, "s2"),)),
    ("closed and waiting", CLOSED, WAITS, (s.End(),)),
    ("closed and offered", CLOSED, ASKS_BEN, (s.End(),)),
    ("closed and a stranger's", CLOSED, A_STRANGER_HAS_IT, ()),
    ("closed and ended", CLOSED, ENDED, ()),
]


@pytest.mark.parametrize(("_", "state", "there", "steps"), TABLE, ids=[row[0] for row in TABLE])
def test_the_desk_goes_where_the_centre_is(
    _: str, state: Here, there: Snapshot, steps: tuple[s.Step, ...]
) -> None:
    assert settle(state, there, frozenset()) == steps


@pytest.mark.parametrize(
    ("state", "there", "op"),
    [
        (WORKED_ON, ANA_PARKED_IT, Op.UNPARK),
        (WORKED_ON, ANA_PARKED_IT, Op.REPLY),
        (HELD, ANA_HAS_IT, Op.PARK),
        (WORKED_ON, ENDED, Op.REPLY),
        (NEW, ENDED, Op.REPLY),
        (CLOSED, ANA_HAS_IT, Op.END),
        (CLOSED, WAITS, Op.END),
    ],
)
def test_what_an_order_is_about_is_left_alone_meanwhile(
    state: Here, there: Snapshot, op: Op
) -> None:
    assert settle(state, there, frozenset({op})) == ()
    assert settle(state, there, frozenset(Op) - {Op.REPLY, Op.UNPARK, Op.PARK, Op.END})


@pytest.mark.parametrize("there", [WAITS, ASKS_BEN, BEN_HAS_IT])
def test_no_order_keeps_an_owner_whom_the_centre_replaced(there: Snapshot) -> None:
    assert isinstance(settle(WORKED_ON, there, frozenset(Op))[0], s.TakeAway)


def test_a_centre_that_cannot_park_says_nothing_about_capacity() -> None:
    cannot = here(State.ON_HOLD, owner=ANA, parks=False)
    assert settle(cannot, ANA_HAS_IT, frozenset()) == ()


def test_two_queues_of_ours_may_be_one_of_theirs() -> None:
    """What they call our queue counts, not which of ours theirs would be."""
    ambiguous = here(State.NEW, work=WorkState.QUEUED, queues={"home": OTHER})
    assert settle(ambiguous, WAITS, frozenset()) == ()


def test_an_unknown_queue_is_told_and_moves_nothing() -> None:
    lost = shows(waiting=True, queue="nowhere")
    assert settle(NEW, lost, frozenset()) == (s.Unknown(Kind.QUEUE, "nowhere"),)

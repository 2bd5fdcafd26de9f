"""Which of two wrap-up codes holds: a test for each row of docs/ccaas.md, *Wrap-up codes*."""

from datetime import UTC, datetime, timedelta

from agentdesk.domain.ccaas.codes import OurCode, Ruling, rule
from agentdesk.domain.ccaas.values import RemoteCode

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)
BY_AGENT = OurCode("theirs-1", NOON, automatic=False)
BY_DESK = OurCode("theirs-1", NOON, automatic=True)


def theirs(
    code: str = "theirs-2", *, automatic: bool = False, at: datetime | None = LATER
) -> RemoteCode:
    return RemoteCode(code, at=at, automatic=automatic)


def test_where_one_side_has_none_the_other_side_gets_the_one_there_is() -> None:
    assert rule(BY_AGENT, None) is Ruling.SEND
    assert rule(BY_DESK, None) is Ruling.SEND
    assert rule(None, theirs()) is Ruling.TAKE
    assert rule(None, None) is Ruling.NEITHER


def test_the_same_code_on_both_sides_is_confirmed() -> None:
    assert rule(BY_AGENT, theirs("theirs-1")) is Ruling.CONFIRM
    assert rule(BY_DESK, theirs("theirs-1", automatic=True)) is Ruling.CONFIRM


def test_an_agents_code_stands_above_an_automatic_one_on_either_side() -> None:
    assert rule(BY_AGENT, theirs(automatic=True, at=EARLIER)) is Ruling.SEND
    assert rule(BY_DESK, theirs(at=LATER)) is Ruling.TAKE


def test_of_two_agents_codes_both_are_kept_and_a_person_looks() -> None:
    assert rule(BY_AGENT, theirs(at=EARLIER)) is Ruling.REVIEW
    assert rule(BY_AGENT, theirs(at=LATER)) is Ruling.REVIEW


def test_of_two_automatic_codes_the_earlier_one_holds() -> None:
    assert rule(BY_DESK, theirs(automatic=True, at=EARLIER)) is Ruling.TAKE
    assert rule(BY_DESK, theirs(automatic=True, at=LATER)) is Ruling.SEND
    assert rule(BY_DESK, theirs(automatic=True, at=None)) is Ruling.SEND


def test_a_code_that_stands_for_none_of_theirs_differs_from_every_one() -> None:
    assert rule(OurCode("", NOON, automatic=False), theirs()) is Ruling.REVIEW
    assert rule(OurCode("", NOON, automatic=False), theirs(automatic=True)) is Ruling.SEND
